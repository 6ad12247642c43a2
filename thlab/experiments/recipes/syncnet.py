"""How coach and judge of lips are trained: mouths and sound of the same two seconds, both disturbed, told from shifts.

What systems paint is softer than what a camera sees, stands a little elsewhere and has another colour; sound comes
louder, through another microphone and with noise. All of that is shown here, so that none of it is taken for bad sync.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from thlab.audio.features import log_mel
from thlab.experiments.recipes.recipe import Recipe
from thlab.experiments.sync_recovery import SHIFTS, Recorded, recorded, recover, shares
from thlab.experiments.sync_scores import fitted, steadied
from thlab.experiments.train import Lone, TrainConfig
from thlab.face.steady import BOX, EYES, steady_mouths
from thlab.media import Clip
from thlab.nn.experts.syncnet import SyncNet, SyncNetConfig, contrast
from thlab.render.warp import transform
from thlab.timebase import frames_to_samples

ROOM = (10, 12)
"""Rows and columns kept around the box, into which it may be shifted."""


@dataclass(frozen=True)
class Budget:
    """How much is learned from how much."""

    people: int
    steps: int
    batch: int = 12
    frames: int = 44
    """Of a segment; four fewer windows."""
    held_out: int = 20
    """Clips of people of the test split."""
    average: float = 0.99


@dataclass(frozen=True)
class Disturbance:
    """How much pictures and sound are changed before they are shown."""

    shift: float = 2.5
    """Pixels at most, in the scale of the box, of a whole segment."""
    tremble: float = 0.3
    """Standard deviation of the shift of single frames, pixels: found landmarks are never quite still."""
    zoom: float = 0.12
    turn: float = 0.12
    """Radians at most."""
    colour: float = 0.15
    """Standard deviation of the logarithm of gains, of all colours and of each."""
    blur: float = 0.67
    """Largest share of itself that a pixel gives to its neighbours, in half of the segments."""
    noise: float = 0.03
    """Largest standard deviation of the noise of pixels."""
    loudness: float = 1.2
    """Standard deviation of the logarithm of the sound's gain."""
    tilt: float = 0.7
    """Standard deviation of each of three slow waves over the log-mel bands: microphones and rooms."""
    formants: float = 0.05
    """Largest stretch of the axis of bands: longer and shorter throats."""
    hiss: tuple[float, float] = (0.0, 40.0)
    """Decibels from the speech down to the noise."""


@dataclass(frozen=True)
class Segments:
    """A batch of aligned mouths and sound."""

    mouths: Float[Tensor, "batch frames 3 rows columns"]
    mel: Float[Tensor, "batch hops mels"]

    def to(self, device: torch.device | str) -> Segments:
        """The same on another device."""
        return Segments(self.mouths.to(device), self.mel.to(device))


class Mouths:
    """Mouths and sound of clips, held in memory with some room around the box.

    Args:
        clips: with pictures, sound and landmarks.
        frames: of a segment; shorter clips are left out.

    Raises:
        ValueError: a clip lacks something, or none is long enough.
    """

    def __init__(self, clips: Sequence[Clip], frames: int) -> None:
        for index, clip in enumerate(clips):
            if clip.frames is None or clip.audio is None or clip.truth is None or clip.truth.landmarks is None:
                raise ValueError(f"SyncNet learns from pictures, sound and landmarks, but clip {index} lacks one")
        chosen = [clip for clip in clips if len(clip) >= frames]
        if not chosen:
            raise ValueError(f"no clip is as long as a segment of {frames} frames; give longer ones")
        self.frames = frames
        self.pictures = [roomy(clip) for clip in chosen]
        self.sounds = [fitted(clip.audio, len(clip)) for clip in chosen if clip.audio is not None]

    def draw(self, batch: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Segments chosen at random: each clip as likely as another, then any start within it."""
        chosen = torch.randint(len(self.pictures), (batch,), generator=rng).tolist()
        starts = torch.rand(batch, generator=rng, dtype=torch.float64).tolist()
        mouths, sounds = [], []
        for clip, share in zip(chosen, starts, strict=True):
            start = int(share * (len(self.pictures[clip]) - self.frames + 1))
            mouths.append(self.pictures[clip][start : start + self.frames])
            sounds.append(self.sounds[clip][frames_to_samples(start) : frames_to_samples(start + self.frames)])
        return torch.stack(mouths).float() / 255, torch.stack(sounds)


def roomy(clip: Clip) -> UInt8[Tensor, "frames 3 rows columns"]:
    """The mouths of a clip, held still, with room around the box."""
    assert clip.frames is not None
    assert clip.truth is not None
    assert clip.truth.landmarks is not None
    pictures = clip.frames.movedim(-1, 1)[None].float() / 255
    box = (BOX[0] + ROOM[0], BOX[1] + ROOM[1])
    mouths = steady_mouths(pictures, steadied(clip.truth.landmarks.float())[None], box=box, eyes=EYES)[0]
    return (255 * mouths).round().to(torch.uint8)


def disturbed(
    mouths: Float[Tensor, "batch frames 3 rows columns"],
    sounds: Float[Tensor, "batch samples"],
    how: Disturbance,
    rng: torch.Generator,
) -> Segments:
    """Mouths cut to the box and sound as log-mel, both changed at random, each segment in its own way."""
    return Segments(disturbed_pictures(mouths, how, rng), disturbed_sound(sounds, how, rng))


def disturbed_pictures(
    mouths: Float[Tensor, "batch frames 3 rows columns"], how: Disturbance, rng: torch.Generator
) -> Float[Tensor, "batch frames 3 height width"]:
    """Shift, zoom, turn and mirror; soften some; change colours; add noise."""
    batch, frames = mouths.shape[:2]
    maps = wobble(batch, frames, (mouths.shape[-2], mouths.shape[-1]), how, rng)
    pictures = transform(mouths.flatten(0, 1), maps.flatten(0, 1), size=BOX).unflatten(0, (batch, frames))
    pictures = softened(pictures, how.blur * (2 * torch.rand(batch, generator=rng) - 1).clamp(min=0))
    gains = torch.randn(batch, 1, 1, 1, 1, generator=rng) + torch.randn(batch, 1, 3, 1, 1, generator=rng)
    grain = how.noise * torch.rand(batch, 1, 1, 1, 1, generator=rng)
    pictures = pictures * torch.exp(how.colour * gains) + grain * torch.randn(pictures.shape, generator=rng)
    return pictures.clamp(0, 1)


def softened(
    pictures: Float[Tensor, "batch frames 3 height width"], share: Float[Tensor, "batch"]
) -> Float[Tensor, "batch frames 3 height width"]:
    """Each pixel gives that share of itself to its neighbours, along rows and along columns, twice."""
    give = share.view(-1, 1, 1, 1, 1)
    for axis in (-1, -2, -1, -2):
        size = pictures.shape[axis]
        ends = pictures.narrow(axis, 0, 1), pictures.narrow(axis, size - 1, 1)
        before = torch.cat([ends[0], pictures.narrow(axis, 0, size - 1)], axis)
        after = torch.cat([pictures.narrow(axis, 1, size - 1), ends[1]], axis)
        pictures = torch.lerp(pictures, (before + after) / 2, give)
    return pictures


def wobble(
    batch: int, frames: int, size: tuple[int, int], how: Disturbance, rng: torch.Generator
) -> Float[Tensor, "batch frames 2 3"]:
    """Maps from the roomy picture to the box: one a segment, trembling a little from frame to frame."""
    turn, zoom, x, y, side = (2 * torch.rand(5, batch, generator=rng) - 1).unbind()
    scale = torch.exp(how.zoom * zoom)
    cos, sin = scale * torch.cos(how.turn * turn), scale * torch.sin(how.turn * turn)
    mirror = torch.where(side < 0, -1.0, 1.0)
    straight = torch.stack([torch.stack([mirror * cos, -sin], -1), torch.stack([mirror * sin, cos], -1)], 1)
    from_middle = torch.tensor([size[1] / 2, size[0] / 2]).expand(batch, 2)
    to_middle = torch.tensor([BOX[1] / 2, BOX[0] / 2]) + how.shift * torch.stack([x, y], -1)
    shift = to_middle - torch.einsum("bij,bj->bi", straight, from_middle)
    moves = shift[:, None] + how.tremble * torch.randn(batch, frames, 2, generator=rng)
    return torch.cat([straight[:, None].expand(-1, frames, -1, -1), moves[..., None]], -1)


def disturbed_sound(
    sounds: Float[Tensor, "batch samples"], how: Disturbance, rng: torch.Generator
) -> Float[Tensor, "batch hops mels"]:
    """Another loudness, noise, another throat and another microphone."""
    batch = len(sounds)
    ratio = torch.empty(batch, 1).uniform_(*how.hiss, generator=rng)
    strength = sounds.square().mean(1, keepdim=True).sqrt() * 10 ** (-ratio / 20)
    noisy = sounds + strength * torch.randn(sounds.shape, generator=rng)
    mel = log_mel(noisy * torch.exp(how.loudness * torch.randn(batch, 1, generator=rng)))
    return stretched(mel, how.formants, rng) + waves(batch, mel.shape[-1], how.tilt, rng)[:, None]


def stretched(
    mel: Float[Tensor, "batch hops mels"], most: float, rng: torch.Generator
) -> Float[Tensor, "batch hops mels"]:
    """Bands taken from a little higher or lower, in proportion."""
    factors = 1 + most * (2 * torch.rand(len(mel), generator=rng) - 1)
    bands = mel.shape[-1]
    places = (torch.arange(bands) * factors[:, None]).clamp(max=bands - 1)
    low = places.floor().long()
    high = (low + 1).clamp(max=bands - 1)
    share = (places - low)[:, None]
    below, above = (mel.gather(2, index[:, None].expand_as(mel)) for index in (low, high))
    return torch.lerp(below, above, share)


def waves(batch: int, bands: int, strength: float, rng: torch.Generator) -> Float[Tensor, "batch mels"]:
    """Three slow cosines over the bands, of random strength."""
    steps = torch.arange(1, 4)[:, None] * torch.linspace(0, torch.pi, bands)
    return strength * torch.randn(batch, 3, generator=rng) @ torch.cos(steps)


def losses(net: SyncNet, segments: Segments) -> Mapping[str, Tensor]:
    """What coach and judge minimise."""
    return {"contrast": contrast(net.see(segments.mouths), net.hear(segments.mel))}


def sync_recipe(
    clips: Sequence[Clip], amount: Budget, config: SyncNetConfig, *, seed: int, corpus: str,
    held_out: Callable[[], Sequence[Clip]], how: Disturbance | None = None,
) -> Recipe:  # fmt: skip
    """Everything that the training of a SyncNet needs.

    Args:
        clips: what it learns from.
        amount: how much.
        config: its sizes.
        seed: of its weights.
        corpus: what the card says about the clips.
        held_out: makes the clips that it is tried on.
        how: how strongly pictures and sound are disturbed.
    """
    how = how or Disturbance()
    album = Mouths(clips, amount.frames)
    torch.manual_seed(seed)
    net = SyncNet(config)
    return Recipe(
        learner=Lone(net, lambda segments: losses(net, segments)),
        network=net,
        draw=lambda rng: disturbed(*album.draw(amount.batch, rng), how, rng),
        config=TrainConfig(amount.steps, average=amount.average),
        settings=asdict(config),
        corpus=corpus,
        figures=lambda network: figures(network, held_out()),
    )


@torch.no_grad()
def figures(network: nn.Module, clips: Sequence[Clip]) -> dict[str, float]:
    """How often a known shift of −12 … +12 frames is found again within one frame, and with another clip's sound."""
    assert isinstance(network, SyncNet)
    records = [recorded(network, clip) for clip in clips]
    if not records:
        return {}
    return {
        "shift found, clips of 2 s": round(shares(recover(records, SHIFTS)).mean().item(), 4),
        "shift found, shuffled sound": round(shares(recover(shuffled(records), SHIFTS)).mean().item(), 4),
    }


def shuffled(records: Sequence[Recorded]) -> list[Recorded]:
    """The pictures of each with the sound of one half the list away, both cut to the shorter.

    Not with the next: neighbours in the corpus may be one sentence in two moods, spoken at the same moments.
    """
    half = len(records) // 2
    pairs = zip(records, [*records[half:], *records[:half]], strict=True)
    lengths = [(one, other, min(len(one.seen), len(other.heard))) for one, other in pairs]
    return [Recorded(one.seen[:length], other.heard[:length]) for one, other, length in lengths]
