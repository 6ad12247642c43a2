"""One clock for sound, features and pictures.

16 kHz samples · one hop of 160 samples (10 ms) · 25 frames a second · 4 hops a frame · the SyncNet window is 5 frames.
Frame ``i`` covers the samples ``[640 i, 640 (i + 1))`` and shows the moment at its middle, ``(i + ½)/25`` s.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Float64


def exact_div(amount: int, unit: int) -> int:
    """How many units make the amount.

    Raises:
        ValueError: when units do not fill the amount exactly, or the unit is not above 0.
    """
    if unit <= 0:
        raise ValueError(f"expected a unit above 0, got {unit}")
    if amount % unit:
        down = amount // unit * unit
        raise ValueError(f"{amount} is no multiple of {unit}; cut to {down} or pad to {down + unit}")
    return amount // unit


SAMPLE_RATE = 16_000
"""Samples a second of every audio track inside thlab."""
HOP = 160
"""Samples from one column of features to the next (10 ms)."""
FPS = 25
"""Frames a second of every video track inside thlab."""
SAMPLES_PER_FRAME = exact_div(SAMPLE_RATE, FPS)
"""Samples while one frame is shown: 640."""
HOPS_PER_FRAME = exact_div(SAMPLES_PER_FRAME, HOP)
"""Columns of features while one frame is shown: 4."""
HOP_RATE = exact_div(SAMPLE_RATE, HOP)
"""Columns of features a second: 100."""
SYNC_FRAMES = 5
"""Frames that SyncNet compares with sound (Chung and Zisserman 2016b)."""
SYNC_HOPS = SYNC_FRAMES * HOPS_PER_FRAME
"""Columns of features that SyncNet compares with pictures: 20."""
_SLACK = 1e-6
"""Share of a sample, hop or frame that is taken for rounding of floats: 0.29 s is hop 29, though 0.29 · 100 < 29."""


@dataclass(frozen=True)
class Interval:
    """A label with its time: a phone, a word, an emotion."""

    start: float
    """Seconds from the beginning of the clip."""
    end: float
    """Seconds; never before ``start``."""
    label: str


@dataclass(frozen=True)
class Transcript:
    """What is said, and when."""

    text: str
    words: tuple[Interval, ...] = ()
    """Words with their times; empty when only the text is known."""
    phones: tuple[Interval, ...] = ()
    """IPA phones without stress marks, gaps being silence; empty when not known."""
    language: str = "en"
    """BCP-47 code of the language."""


def frames_to_samples(frames: int) -> int:
    """Samples that last as long as so many frames."""
    return frames * SAMPLES_PER_FRAME


def frames_to_hops(frames: int) -> int:
    """Columns of features that last as long as so many frames."""
    return frames * HOPS_PER_FRAME


def hops_to_samples(hops: int) -> int:
    """Samples that last as long as so many columns of features."""
    return hops * HOP


def samples_to_frames(samples: int) -> int:
    """Frames that last exactly as long; ``ValueError`` if none do (``video_frames`` and ``whole_frames`` round)."""
    return exact_div(samples, SAMPLES_PER_FRAME)


def samples_to_hops(samples: int) -> int:
    """Columns of features that last exactly as long; ``ValueError`` when they do not fit (see ``covering_hops``)."""
    return exact_div(samples, HOP)


def hops_to_frames(hops: int) -> int:
    """Frames that last exactly as long; ``ValueError`` when they do not fit."""
    return exact_div(hops, HOPS_PER_FRAME)


def frames_to_seconds(frames: int) -> float:
    """How long so many frames last; also when frame ``frames`` begins."""
    return frames / FPS


def hops_to_seconds(hops: int) -> float:
    """How long so many columns of features last."""
    return hops / HOP_RATE


def samples_to_seconds(samples: int) -> float:
    """How long so many samples last; also when sample ``samples`` is."""
    return samples / SAMPLE_RATE


def seconds_to_frames(seconds: float | int) -> int:
    """Frames that last exactly as long; ``ValueError`` when they do not fit (see ``frame_at``)."""
    return _whole(seconds, FPS)


def seconds_to_hops(seconds: float | int) -> int:
    """Columns of features that last exactly as long; ``ValueError`` when they do not fit (see ``hop_at``)."""
    return _whole(seconds, HOP_RATE)


def seconds_to_samples(seconds: float | int) -> int:
    """Samples that last exactly as long; ``ValueError`` when they do not fit (see ``nearest_sample``)."""
    return _whole(seconds, SAMPLE_RATE)


def _whole(seconds: float | int, rate: int) -> int:
    count = round(_finite(seconds) * rate)
    if abs(seconds * rate - count) > _SLACK:
        raise ValueError(f"{seconds} s is no whole number at {rate} a second; take {count / rate} s, or round")
    return count


def _finite(seconds: float | int) -> float | int:
    if not math.isfinite(seconds):
        raise ValueError(f"expected a finite time in seconds, got {seconds}")
    return seconds


def video_frames(samples: int) -> int:
    """How many frames cover a sound: the last one may outlast it by less than a frame; none for no samples."""
    return -(-samples // SAMPLES_PER_FRAME)


def whole_frames(samples: int) -> int:
    """How many frames a sound fills; a rest shorter than a frame is left out."""
    return samples // SAMPLES_PER_FRAME


def covering_hops(samples: int) -> int:
    """How many columns of features cover a sound: the last one may outlast it by less than a hop."""
    return -(-samples // HOP)


def nearest_sample(seconds: float | int) -> int:
    """The number of the sample nearest to a moment."""
    return math.floor(_finite(seconds) * SAMPLE_RATE + 0.5)


def frame_at(seconds: float | int) -> int:
    """The frame that is shown at a moment; it begins at or before it. −1 is the frame before the clip."""
    return math.floor(_finite(seconds) * FPS + _SLACK)


def hop_at(seconds: float | int) -> int:
    """The column of features whose hop holds a moment."""
    return math.floor(_finite(seconds) * HOP_RATE + _SLACK)


def frame_times(frames: int) -> Float64[np.ndarray, "frames"]:
    """The moments that frames show, in seconds: their middles, (i + ½)/25."""
    return (np.arange(frames) + 0.5) / FPS


def hop_times(hops: int) -> Float64[np.ndarray, "hops"]:
    """The moments that columns of features are centred on, in seconds: (h + ½)/100."""
    return (np.arange(hops) + 0.5) / HOP_RATE


def labels_at(
    intervals: Sequence[Interval], times: Sequence[float] | Float[np.ndarray, "points"], *, gap: str = ""
) -> list[str]:
    """The label that holds at each moment; an interval holds from its start until just before its end.

    Args:
        intervals: in the order of time, none reaching into the next.
        times: seconds.
        gap: the answer where no interval holds.

    Raises:
        ValueError: when the intervals overlap or are out of order.
    """
    for before, after in pairwise(intervals):
        if after.start < before.end - _SLACK:
            raise ValueError(f"expected intervals in turn, but {after} begins inside {before}; sort or cut them")
    starts = [interval.start for interval in intervals]
    last_begun = [intervals[i - 1] if (i := bisect_right(starts, time)) else None for time in times]
    return [x.label if x is not None and time < x.end else gap for x, time in zip(last_begun, times, strict=True)]


def cut(intervals: Iterable[Interval], start: float | int, end: float | int) -> tuple[Interval, ...]:
    """What is left of intervals between ``start`` and ``end`` (seconds), timed from ``start``."""
    pieces = (
        Interval(max(interval.start, start) - start, min(interval.end, end) - start, interval.label)
        for interval in intervals
    )
    return tuple(piece for piece in pieces if piece.end > piece.start)
