"""Sync of a clip as tracks: the distances of every window at every shift, from which seconds can be drawn anew."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from thlab.audio.features import log_mel
from thlab.experiments.scorecard.values import Measured, Missing, Statistic, Sums, Track
from thlab.experiments.sync_scores import fitted, judge
from thlab.metrics.sync import LEAST, REACH
from thlab.timebase import SYNC_FRAMES, frames_to_seconds

NAMES = ("sync_distance", "sync_confidence", "sync_offset", "sync_offset_ms")

Distances = Float[np.ndarray, "windows shifts"]
"""Of each window's picture to the sound of each shift; NaN beyond the ends of the clip."""


@torch.no_grad()
def sync_tracks(lips: Float[Tensor, "frames 3 rows columns"], audio: Float[Tensor, "samples"]) -> Measured:
    """What the judge says of a clip: distance, confidence and offset.

    Args:
        lips: mouths as ``steady_mouths`` cuts them.
        audio: as long as the pictures.
    """
    if len(lips) < SYNC_FRAMES:
        return no_sync(f"sync is judged from {SYNC_FRAMES} frames on, but there are {len(lips)}")
    net = judge()
    seen = torch.cat([net.see(part[None])[0] for part in overlapping(lips)])
    heard = net.hear(log_mel(fitted(audio, len(lips)))[None])[0]
    rows, frames = (shift_distances_each(seen, heard),), np.arange(len(seen))
    return {
        name: Track(rows, frames, Statistic(counted, number))
        for name, number in zip(NAMES, (least, confidence, offset, offset_ms), strict=True)
    }


def no_sync(why: str) -> Measured:
    """Sync that cannot be judged, and why."""
    return {name: Missing(why) for name in NAMES}


def overlapping(lips: Float[Tensor, "frames 3 rows columns"], *, length: int = 250) -> list[Tensor]:
    """A long clip in parts that together have the windows of the whole."""
    last = len(lips) - SYNC_FRAMES + 1
    return [lips[start : min(start + length, last) + SYNC_FRAMES - 1] for start in range(0, last, length)]


def shift_distances_each(
    seen: Float[Tensor, "windows numbers"], heard: Float[Tensor, "windows numbers"]
) -> Distances:
    """As ``thlab.metrics.sync.shift_distances``, without the mean over windows."""
    windows = np.arange(len(seen))
    answers = np.full((len(seen), 2 * REACH + 1), np.nan)
    for column, shift in enumerate(range(-REACH, REACH + 1)):
        met = (windows + shift >= 0) & (windows + shift < len(seen))
        answers[met, column] = (seen[met] - heard[windows[met] + shift]).norm(dim=-1).numpy()
    return answers


def counted(distances: Distances) -> Float[np.ndarray, "windows sums"]:
    """Distances that are known, and how many there are: what is summed over windows."""
    known = np.isfinite(distances)
    return np.concatenate([np.where(known, distances, 0), known], 1)


def curves(sums: Sums) -> Float[np.ndarray, "draws shifts"]:
    """The mean at each shift; NaN where fewer windows meet than ``thlab.metrics.sync`` asks for."""
    total, count = np.split(sums, 2, 1)
    enough = count >= np.minimum(LEAST, count.max(1, keepdims=True))
    return np.divide(total, count, out=np.full_like(total, np.nan), where=enough & (count > 0))


def least(sums: Sums) -> Float[np.ndarray, "draws"]:
    """The least distance over shifts, as in LSE-D."""
    return np.nanmin(curves(sums), 1)


def confidence(sums: Sums) -> Float[np.ndarray, "draws"]:
    """How far it lies below the median one (the lower of two), as in LSE-C."""
    values = np.sort(curves(sums), 1)  # NaN last
    middle = (np.isfinite(values).sum(1) - 1) // 2
    return values[np.arange(len(values)), middle] - values[:, 0]


def offset(sums: Sums) -> Float[np.ndarray, "draws"]:
    """Frames by which the sound comes later than the lips."""
    return np.nanargmin(curves(sums), 1).astype(float) - REACH


def offset_ms(sums: Sums) -> Float[np.ndarray, "draws"]:
    """The same in milliseconds."""
    return 1000 * frames_to_seconds(1) * offset(sums)
