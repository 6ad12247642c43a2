"""How the judge of faces is trained: single frames of people whom no system sees, blurred and shifted now and then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from thlab.corpus.plan import CORPUS_VERSION, CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.experiments.own_clips import OwnClips
from thlab.experiments.parallel import first_alone
from thlab.experiments.recipes.recipe import Recipe
from thlab.experiments.scores import gap_of
from thlab.experiments.train import Lone, TrainConfig
from thlab.media import Clip
from thlab.nn.experts.face_reader import FaceReader, FaceReaderConfig
from thlab.render.warp import transform

CORPUS_SEED = 1
"""The judge's people; systems learn from those of seed 0."""
CLIPS_EACH = 2
BLURRED = 0.5
"""Chance that a picture is blurred before it is shown: what systems paint is often soft."""
SHIFT = 0.06
"""Largest shift of a picture, in shares of its size."""
ZOOM = 0.08
TURN = 0.12
"""Radians."""


@dataclass(frozen=True)
class Budget:
    """How much is learned from how much."""

    people: int
    steps: int
    batch: int = 64
    held_out: int = 12


BUDGETS = {"smoke": Budget(2, 3, 8, 2), "laptop": Budget(60, 800), "gpu": Budget(150, 3000)}


@dataclass(frozen=True)
class Faces:
    """Pictures and what is to be read from them."""

    pictures: Float[Tensor, "batch 3 height width"]
    landmarks: Float[Tensor, "batch 68 2"]
    """In shares of the picture, 0 to 1."""
    lip_gap: Float[Tensor, "batch"]
    person: Int[Tensor, "batch"]
    """Number among the people of the training."""

    def to(self, device: torch.device | str) -> Faces:
        """The same on another device."""
        return Faces(*(tensor.to(device) for tensor in vars(self).values()))


class Album:
    """All frames of some clips, to be drawn from."""

    def __init__(self, clips: Sequence[Clip]) -> None:
        known = [(clip.frames, clip.truth) for clip in clips]
        self.pictures = torch.cat([frames for frames, _ in known if frames is not None])
        size = self.pictures.shape[1]
        self.landmarks = torch.cat([t.landmarks / size for _, t in known if t is not None and t.landmarks is not None])
        self.lip_gap = torch.cat([gap_of(t.expression) for _, t in known if t is not None and t.expression is not None])
        actors = [t.actor for _, t in known if t is not None]
        names = {actor: number for number, actor in enumerate(dict.fromkeys(actors))}
        numbers = [torch.full((len(clip),), names[actor]) for clip, actor in zip(clips, actors, strict=True)]
        self.person = torch.cat(numbers)

    def draw(self, batch: int, rng: torch.Generator) -> Faces:
        """Frames chosen at random."""
        rows = torch.randint(len(self.pictures), (batch,), generator=rng)
        pictures = self.pictures[rows].movedim(-1, 1).float() / 255
        return Faces(pictures, self.landmarks[rows].float(), self.lip_gap[rows], self.person[rows])


def disturbed(faces: Faces, rng: torch.Generator) -> Faces:
    """Shift, turn and scale the pictures with their landmarks; change brightness; blur some; add noise."""
    batch, size = len(faces.pictures), faces.pictures.shape[-1]
    matrix = wobble(batch, size, rng)
    pictures = soften(transform(faces.pictures, matrix), rng)
    bright = 1 + 0.15 * torch.randn(batch, 3, 1, 1, generator=rng)
    pictures = pictures * bright + 0.02 * torch.randn(pictures.shape, generator=rng)
    points = torch.einsum("bij,bpj->bpi", matrix[:, :, :2], faces.landmarks * size) + matrix[:, None, :, 2]
    return Faces(pictures, points / size, faces.lip_gap, faces.person)


def wobble(batch: int, size: int, rng: torch.Generator) -> Float[Tensor, "batch 2 3"]:
    """Small random maps of the plane, around the middle of the picture."""
    turn, zoom, x, y = (2 * torch.rand(4, batch, generator=rng) - 1).unbind()
    scale = 1 + ZOOM * zoom
    cos, sin = scale * torch.cos(TURN * turn), scale * torch.sin(TURN * turn)
    straight = torch.stack([torch.stack([cos, -sin], -1), torch.stack([sin, cos], -1)], 1)
    middle = torch.full((batch, 2), size / 2)
    shift = middle - torch.einsum("bij,bj->bi", straight, middle) + SHIFT * size * torch.stack([x, y], -1)
    return torch.cat([straight, shift[..., None]], -1)


def soften(pictures: Float[Tensor, "batch 3 size size"], rng: torch.Generator) -> Float[Tensor, "batch 3 size size"]:
    """Blur some of the pictures, each in its own measure."""
    blurred = functional.avg_pool2d(functional.pad(pictures, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    much = functional.avg_pool2d(functional.pad(blurred, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    chosen = torch.rand(len(pictures), generator=rng)
    share = (torch.rand(len(pictures), generator=rng) * (chosen < BLURRED))[:, None, None, None]
    return torch.lerp(pictures, torch.where(chosen[:, None, None, None] < BLURRED / 2, blurred, much), share)


def losses(reader: FaceReader, faces: Faces) -> Mapping[str, Tensor]:
    """What the judge minimises."""
    read = reader(faces.pictures)
    named = functional.cross_entropy(reader.tell_apart(read.identity), faces.person)
    return {
        "landmarks": 20 * (read.landmarks - faces.landmarks).abs().mean(),
        "lip gap": 20 * (read.lip_gap - faces.lip_gap).abs().mean(),
        "identity": 0.1 * named,
    }


def recipe(
    budget: str, seed: int, *, quiet: bool, own: OwnClips | None = None, start: Path | None = None
) -> Recipe:
    """Everything that the training of the judge needs.

    Raises:
        ValueError: own clips or a checkpoint to begin with are given.
    """
    if own is not None or start is not None:
        raise ValueError(
            "face_reader is the judge: it learns from synthetic people alone, whom no system sees, so that it never "
            "judges its own pupils; leave --clips and --from out"
        )
    amount = BUDGETS[budget]
    album = Album(clips_of(amount.people, quiet=quiet))
    config = FaceReaderConfig(people=amount.people)
    torch.manual_seed(seed)
    reader = FaceReader(config)
    return Recipe(
        learner=Lone(reader, lambda faces: losses(reader, faces)),
        network=reader,
        draw=lambda rng: disturbed(album.draw(amount.batch, rng), rng),
        config=TrainConfig(amount.steps),
        settings=asdict(config),
        corpus=f"{amount.people} people of the synthetic corpus, version {CORPUS_VERSION}, seed {CORPUS_SEED}",
        figures=lambda network: held_out_figures(network, people=amount.held_out, quiet=quiet),
    )


def clips_of(people: int, *, split: str = "train", quiet: bool) -> list[Clip]:
    """Two clips each of some people."""
    corpus = SyntheticCorpus(CorpusConfig(split=split, clips_an_actor=CLIPS_EACH, masks=False, seed=CORPUS_SEED))
    with first_alone():
        corpus.prepare(people * CLIPS_EACH, quiet=quiet)
    return corpus.clips(range(people * CLIPS_EACH))


@torch.no_grad()
def held_out_figures(reader: nn.Module, *, people: int, quiet: bool) -> dict[str, float]:
    """How well new people are read: lip gap, landmarks (in shares of the eye distance), and who is who."""
    album = Album(clips_of(people, split="validation", quiet=quiet))
    pictures = album.pictures.movedim(-1, 1).float() / 255
    parts = [reader(part) for part in pictures.split(256)]
    gap, points = torch.cat([part.lip_gap for part in parts]), torch.cat([part.landmarks for part in parts])
    identity = torch.cat([part.identity for part in parts])
    eyes = (album.landmarks[:, 36] - album.landmarks[:, 45]).norm(dim=-1)
    error = (points - album.landmarks).norm(dim=-1).mean(1) / eyes
    same = album.person[:, None] == album.person
    cosine = identity @ identity.T
    return {
        "lip gap r": round(torch.corrcoef(torch.stack([gap, album.lip_gap]))[0, 1].item(), 3),
        "landmark error / eye distance": round(error.mean().item(), 4),
        "identity cosine, one person": round(cosine[same].mean().item(), 3),
        "identity cosine, two people": round(cosine[~same].mean().item(), 3),
    }
