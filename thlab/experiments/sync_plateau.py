"""Why so many trainings of SyncNet stand still at 0.69: three ways to train one network, and what each step brings.

Wav2Lip's loss asks of one pair "do they belong together?"; the loss of our coach asks "which of these 36?".
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from thlab.audio.features import log_mel
from thlab.experiments.recipes.syncnet import Disturbance, Mouths, Segments, disturbed_pictures
from thlab.experiments.sync_recovery import recorded, recover, shares
from thlab.experiments.train import Lone, TrainConfig, Training
from thlab.media import Clip
from thlab.nn.experts.syncnet import SyncNet, SyncNetConfig, contrast, pair_loss

STILL = Disturbance(
    shift=0.0, tremble=0.0, zoom=0.0, turn=0.0, colour=0.0, blur=0.0, noise=0.0, loudness=0.0, tilt=0.0, formants=0.0,
)  # fmt: skip
"""Nothing is disturbed here: what slows a training down shall be the loss alone."""


@dataclass(frozen=True)
class Way:
    """One way to train."""

    name: str
    loss: str
    """``pairs`` (Wav2Lip's) or ``contrast`` (ours)."""
    learning_rate: float
    batch: int
    """Pairs, or segments."""
    frames: int
    """Of each."""


WAYS = (
    Way("pairs, rate 1e-4", "pairs", 1e-4, 64, 5),
    Way("pairs, rate 1e-3", "pairs", 1e-3, 64, 5),
    Way("shifts, rate 1e-3", "contrast", 1e-3, 8, 40),
)
"""Wav2Lip's loss at its own learning rate and at ten times as much, and ours; all look at 320 pictures a step."""
SMALL = SyncNetConfig(channels=12, width=96, numbers=64)
"""A network that learns in a minute."""


@dataclass(frozen=True)
class Step:
    """What one step of a training brought."""

    step: int
    seconds: float
    """Of the processor, since the beginning: on an idle machine with one thread, what a clock says."""
    loss: float
    """Before the step."""
    accuracy: float
    """Share of pairs, or of windows, that were right before the step: chance is ½, or 1 in 36."""
    cosine: float
    """Mean cosine of the vectors that belong together, less that of those that do not."""
    found: float | None = None
    """Share of planted shifts found on held-out clips of 2 s; where it was looked for."""


def train_in(
    way: Way, clips: Sequence[Clip], held_out: Sequence[Clip], *, steps: int, every: int = 40, seed: int = 0
) -> list[Step]:
    """Train from nothing in one of the ways, and keep what each step brought.

    Args:
        way: how.
        clips: what is learned from.
        held_out: where shifts are looked for, each of at least 74 frames; may be empty.
        steps: how many.
        every: steps between two looks at the held-out clips.
        seed: of weights and batches.

    Chapters 11 and 15.
    """
    torch.manual_seed(seed)
    net = SyncNet(SMALL)
    album = Mouths(clips, 40)
    told: dict[str, float] = {}
    learner = Lone(net, lambda batch: _losses(way, net, batch, told))
    config = TrainConfig(steps, way.learning_rate, warm_up=0.02)
    training, record, began = Training(learner.train(), config, seed=seed), [], time.process_time()
    for step in range(steps):
        loss = training.advance(lambda rng: segments(album, way, rng))[way.loss]
        found = look(net, held_out) if held_out and (step + 1) % every == 0 else None
        record.append(Step(step, round(time.process_time() - began, 2), loss, told["right"], told["cosine"], found))
    return record


def segments(album: Mouths, way: Way, rng: torch.Generator) -> Segments:
    """Aligned mouths and sound: a batch of segments, or, for pairs, windows of which every second has other sound.

    The wrong sound of a pair is of the same clip, another moment, as Wav2Lip draws it.
    """
    if way.loss == "contrast":
        mouths, sounds = album.draw(way.batch, rng)
        return Segments(disturbed_pictures(mouths, STILL, rng), log_mel(sounds))
    mouths, sounds = album.draw(way.batch // 8, rng)
    mouths, mel = disturbed_pictures(mouths, STILL, rng), log_mel(sounds)
    starts = torch.stack([torch.randperm(36, generator=rng)[:8] for _ in mouths])  # eight windows of each segment
    heard = torch.cat([starts[:, :4], starts[:, 4:].roll(1, 1)], 1)
    clip = torch.arange(len(mouths))[:, None, None]
    pictures = mouths[clip, starts[..., None] + torch.arange(5)]  # segment window frames 3 rows columns
    sound = mel[clip, 4 * heard[..., None] + torch.arange(20)]
    return Segments(pictures.flatten(0, 1), sound.flatten(0, 1))


def _losses(way: Way, net: SyncNet, batch: Segments, told: dict[str, float]) -> Mapping[str, Tensor]:
    seen, heard = net.see(batch.mouths), net.hear(batch.mel)
    if way.loss == "contrast":
        cosines = (seen @ heard.transpose(1, 2)).detach()
        together = torch.eye(seen.shape[1], dtype=torch.bool).expand_as(cosines)
        best = cosines.argmax(2) == torch.arange(seen.shape[1])
        told |= {"right": best.float().mean().item(), "cosine": apart(cosines, together)}
        return {"contrast": contrast(seen, heard)}
    seen, heard = seen[:, 0], heard[:, 0]
    together = (torch.arange(len(seen)) % 8 < 4).float()
    cosines = torch.nn.functional.cosine_similarity(seen.relu(), heard.relu()).detach()
    right = (cosines > 0.5) == together.bool()
    told |= {"right": right.float().mean().item(), "cosine": apart(cosines, together.bool())}
    return {"pairs": pair_loss(seen, heard, together)}


def apart(cosines: Float[Tensor, "..."], together: Tensor) -> float:
    """The mean cosine of what belongs together, less that of what does not."""
    return (cosines[together].mean() - cosines[~together].mean()).item()


@torch.no_grad()
def look(net: SyncNet, clips: Sequence[Clip]) -> float:
    """The share of planted shifts that the network finds as it is."""
    net.eval()
    found = shares(recover([recorded(net, clip) for clip in clips])).mean().item()
    net.train()
    return round(found, 4)


def thinned(record: Sequence[Step], *, most: int = 120) -> list[dict[str, float | int | None]]:
    """A record as plain JSON: means over a few steps at a time, so that it stays small."""
    size = max(1, -(-len(record) // most))
    groups = [record[start : start + size] for start in range(0, len(record), size)]
    return [_mean(group) for group in groups]


def _mean(group: Sequence[Step]) -> dict[str, float | int | None]:
    told: dict[str, float | int | None] = {"step": group[-1].step + 1, "seconds": group[-1].seconds}
    for name in ("loss", "accuracy", "cosine"):
        told[name] = round(sum(asdict(step)[name] for step in group) / len(group), 4)
    told["found"] = next((step.found for step in group if step.found is not None), None)
    return told
