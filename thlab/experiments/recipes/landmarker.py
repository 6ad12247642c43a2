"""How our own finder of landmarks is trained: on rendered people, treated as photographs are, and on nobody real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from thlab.corpus.photographic import PhotoConfig, photographs, recoloured, textures
from thlab.corpus.snapshots import EACH, SNAPSHOT_VERSION, Snapshots, snapshots
from thlab.experiments.own_clips import OwnClips
from thlab.experiments.parallel import first_alone
from thlab.experiments.recipes.recipe import Recipe
from thlab.experiments.train import Lone, TrainConfig
from thlab.face.landmarks.heatmaps import expected_place, gaussian_heatmaps
from thlab.nn.heatmap_network import HeatmapNetwork, HeatmapNetworkConfig

SIGMA = 1.0
"""Width of the bumps that the maps should look like, in their pixels."""
MISSES = 0.15
"""Share of a batch that shows no face, or not where it should be."""
FAR_OFF = PhotoConfig(shift=1.2, zoom=2.5, turn=3.1)
"""Crops of which most show a part of a face, a tiny one or one upside down."""
GENTLE = PhotoConfig(
    shift=0.0, zoom=0.0, turn=0.0, squeeze=0.0, mirror=0.0, textured=0.0, occluded=0.0, blurred=0.0, grey=0.0,
    noise=0.0, jpeg=0.0,
)  # fmt: skip
"""Crops in which only colours and light are disturbed."""
UPRIGHT, FRAMED, LARGE = 0.25, 0.9, 0.4
"""A far-off crop is still a face when the chin lies so far below the bridge of the nose, in sides; so many points lie
inside; and they span so much of it."""
CORNER = 0.05
"""Width of the curve of the wing loss, in sides of the crop; beyond it the loss is straight."""
CURVE = 0.02
"""How sharp the wing's middle is, in sides."""


@dataclass(frozen=True)
class Budget:
    """How much is learned from how much."""

    people: int
    steps: int
    batch: int = 32
    held_out: int = 24


BUDGETS = {"smoke": Budget(2, 3, 8, 1), "laptop": Budget(120, 400), "gpu": Budget(400, 1600)}


@dataclass(frozen=True)
class Lesson:
    """Crops, where the points are in them, and whether there is a face."""

    pictures: Float[Tensor, "batch 3 size size"]
    points: Float[Tensor, "batch 68 2"]
    """In shares of the crop."""
    face: Float[Tensor, "batch"]
    """1 where there is one; 0 for a miss, whose points mean nothing."""

    def to(self, device: torch.device | str) -> Lesson:
        """The same on another device."""
        return Lesson(*(tensor.to(device) for tensor in vars(self).values()))


def draw_lesson(album: Snapshots, batch: int, size: int, rng: torch.Generator) -> Lesson:
    """Faces chosen at random as a camera might have taken them, and some misses."""
    rows = torch.randint(len(album), (batch,), generator=rng)
    chosen = (album.pictures[rows], album.landmarks[rows], album.background[rows])
    pictures, points = photographs(*chosen, size=size, rng=rng)
    face = torch.ones(batch)
    misses = round(MISSES * batch)
    if misses:
        few = tuple(part[:misses] for part in chosen)
        pictures[:misses], off = missed(*few, size=size, rng=rng)
        face[:misses] = (~off).float()
    return Lesson(pictures, points / size, face)


def missed(
    pictures: Tensor, landmarks: Tensor, background: Tensor, *, size: int, rng: torch.Generator
) -> tuple[Float[Tensor, "batch 3 size size"], Tensor]:
    """Crops far from where they should be, every third of them texture alone; and which of them are misses for sure."""
    seen, points = photographs(pictures, landmarks, background, size=size, rng=rng, config=FAR_OFF)
    inside = ((points > 0) & (points < size)).all(-1).float().mean(1)
    bare = torch.arange(len(seen)) % 3 == 0
    seen[bare] = recoloured(textures(int(bare.sum()), size, rng), 0.3, rng)
    span = (points.amax(1) - points.amin(1)).amax(1) / size
    upright = points[:, 8, 1] - points[:, 27, 1] > UPRIGHT * size
    framed = (inside > FRAMED) & (span > LARGE) & upright
    return seen, bare | ~framed


def losses(network: HeatmapNetwork, lesson: Lesson) -> Mapping[str, Tensor]:
    """What it minimises: places by the wing loss, the shape of the maps, and whether there is a face.

    Source: Feng et al. 2018, "Wing loss for robust facial landmark localisation with convolutional neural networks";
    Nibali et al. 2018, "Numerical coordinate regression with convolutional neural networks" (maps that are shaped).
    """
    said = network(lesson.pictures)
    side = said.logits.shape[-1]
    away = (expected_place(said.logits) / side - lesson.points).norm(dim=-1)
    wanted = gaussian_heatmaps(lesson.points * side, size=(side, side), sigma=SIGMA).flatten(-2)
    mass = wanted.sum(-1, keepdim=True)
    surprise = -(wanted / mass.clamp_min(1e-3) * functional.log_softmax(said.logits.flatten(-2), -1)).sum(-1)
    inside = (mass[..., 0] > 1) * lesson.face[:, None]
    count = inside.sum().clamp_min(1)
    return {
        "places": 20 * (wing(away) * inside).sum() / count,
        "maps": 0.2 * (surprise * inside).sum() / count,
        "face": 0.2 * functional.binary_cross_entropy_with_logits(said.face, lesson.face),
    }


def wing(away: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """w ln(1 + |x|/ε) below w, |x| − c above: small errors count for more than under |x|."""
    straight = away - CORNER + CORNER * torch.log1p(torch.tensor(CORNER / CURVE)).item()
    return torch.where(away < CORNER, CORNER * torch.log1p(away / CURVE), straight)


def recipe(
    budget: str, seed: int, *, quiet: bool, own: OwnClips | None = None, start: Path | None = None
) -> Recipe:
    """Everything that the training needs; makes the pictures first, where they are not kept from another time.

    Raises:
        ValueError: own clips or a checkpoint to begin with are given.
    """
    if own is not None or start is not None:
        raise ValueError(
            "landmarker learns from rendered people alone, whose points are known exactly; leave --clips and --from out"
        )
    amount, config = BUDGETS[budget], HeatmapNetworkConfig()
    with first_alone():
        album = snapshots(amount.people, quiet=quiet)
    torch.manual_seed(seed)
    network = HeatmapNetwork(config)
    return Recipe(
        learner=Lone(network, lambda lesson: losses(network, lesson)),
        network=network,
        draw=lambda rng: draw_lesson(album, amount.batch, config.size, rng),
        config=TrainConfig(amount.steps),
        settings=asdict(config),
        corpus=f"{amount.people * EACH} snapshots, version {SNAPSHOT_VERSION}, of {amount.people} invented people",
        figures=lambda network: held_out_figures(network, people=amount.held_out, quiet=quiet),
    )


@torch.no_grad()
def held_out_figures(network: nn.Module, *, people: int, quiet: bool) -> dict[str, float]:
    """How well new people are read, as rendered and as photographed: see :func:`mean_error`."""
    assert isinstance(network, HeatmapNetwork)
    album = snapshots(people, split="validation", quiet=quiet)
    figures = {}
    for name, config in (("as rendered", GENTLE), ("as photographed", PhotoConfig())):
        rng = torch.Generator().manual_seed(0)
        pictures, points = photographs(
            album.pictures, album.landmarks, album.background, size=network.config.size, rng=rng, config=config
        )
        figures[f"landmark error / eye distance, {name}"] = round(mean_error(network, pictures, points), 4)
    return figures


@torch.no_grad()
def mean_error(
    network: HeatmapNetwork, pictures: Float[Tensor, "batch 3 size size"], points: Float[Tensor, "batch 68 2"]
) -> float:
    """Distance of the points found from those wanted, in distances of the outer corners of the eyes.

    Faces turned so far that the corners nearly coincide count by 0.4 diagonals of the box of their points instead.
    """
    said = torch.cat([network(part).logits for part in pictures.split(128)])
    found = expected_place(said) / said.shape[-1] * pictures.shape[-1]
    eyes = (points[:, 36] - points[:, 45]).norm(dim=-1)
    diagonal = (points.amax(1) - points.amin(1)).norm(dim=-1)
    return float(((found - points).norm(dim=-1).mean(1) / torch.maximum(eyes, 0.4 * diagonal)).mean())
