"""Sync of a clip as tracks: the distances of every window at every shift, from which seconds can be drawn anew."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from thlab.audio.features import log_mel
from thlab.experiments.scorecard.values import Measured, Missing, Track
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
        "sync_distance": Track(rows, frames, least),
        "sync_confidence": Track(rows, frames, confidence),
        "sync_offset": Track(rows, frames, offset),
        "sync_offset_ms": Track(rows, frames, lambda distances: 1000 * frames_to_seconds(1) * offset(distances)),
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


def curve(distances: Distances) -> Float[np.ndarray, "shifts"]:
    """The mean at each shift; NaN where fewer windows meet than ``thlab.metrics.sync`` asks for."""
    known = np.isfinite(distances)
    count = known.sum(0)
    mean = np.where(known, distances, 0).sum(0) / np.maximum(count, 1)
    return np.where(count >= min(LEAST, len(distances)), mean, np.nan)


def least(distances: Distances) -> float:
    """The least distance over shifts, as in LSE-D."""
    return float(np.nanmin(curve(distances)))


def confidence(distances: Distances) -> float:
    """How far it lies below the median one, as in LSE-C."""
    values = np.sort(curve(distances)[np.isfinite(curve(distances))])
    return float(values[(len(values) - 1) // 2] - values[0])


def offset(distances: Distances) -> float:
    """Frames by which the sound comes later than the lips."""
    return float(np.nanargmin(curve(distances)) - REACH)
