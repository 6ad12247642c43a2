"""Does somebody blink as often, and as irregularly, as people do?"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.ndimage import median_filter
from scipy.signal import find_peaks
from scipy.stats import wasserstein_distance

from thlab.metrics.naturalness.tracks import BlinkTrack, BlinkTracks, check_track
from thlab.timebase import frame_at, frame_times, frames_to_seconds

DEEP = 0.35
"""How far the lids must close beyond where they are otherwise: half a blink counts, a look downwards does not."""
APART = 0.2
"""Seconds from one blink to the next, at least."""
OTHERWISE = 2.0
"""Seconds around a moment whose median says where the lids are otherwise."""


def blink_moments(blink: BlinkTrack) -> Float[np.ndarray, "blinks"]:
    """The moments, in seconds, at which the lids are closed furthest.

    A blink is a peak that stands out by 0.35 from the median of the two seconds around it, so that lids that hang or
    follow the eyes downwards are no blink.

    Raises:
        ValueError: no frame, NaN or infinity.
    """
    check_track(blink, "blinking", frames=1)
    track = np.asarray(blink, float)
    closed = track - median_filter(track, frame_at(OTHERWISE), mode="reflect")
    padded = np.pad(closed, 1, constant_values=min(0.0, closed.min()))  # a blink at the very end has two flanks, too
    peaks, _ = find_peaks(padded, height=DEEP, prominence=DEEP, distance=frame_at(APART))
    return frame_times(len(track))[peaks - 1]


def blink_rate(blink: BlinkTrack) -> float:
    """Blinks a minute; 0 without any. Good near that of real people: about 10 to 34 in the corpus, 26 in conversation.

    Clips shorter than 20 s say little: at 20 a minute, one of 3 s shows none in about every third case.

    Raises:
        ValueError: no frame, NaN or infinity.

    Source: Bentivoglio et al. 1997 for the rate in conversation. Chapter 16.
    """
    return 60 * len(blink_moments(blink)) / frames_to_seconds(len(blink))


def blink_intervals(blink: BlinkTrack) -> Float[np.ndarray, "intervals"]:
    """Seconds from one blink to the next; with fewer than two blinks one interval, the length of the clip.

    The latter is a lower bound, and the most that such a clip shows.

    Raises:
        ValueError: no frame, NaN or infinity.
    """
    moments = blink_moments(blink)
    return np.diff(moments) if len(moments) > 1 else np.array([frames_to_seconds(len(blink))])


def interval_distance(generated: BlinkTracks, real: BlinkTracks) -> float:
    """Wasserstein-1 distance between the intervals of generated and of real blinks, in seconds. Lower is better.

    So many seconds the intervals must be moved, on average, to be distributed as the real ones. The intervals of all
    clips of a side are pooled; use clips of equal length on both sides, since long intervals fit into long clips only.

    Raises:
        ValueError: no clip, no frame, NaN or infinity.

    Chapter 16.
    """
    sides = [_pooled(tracks) for tracks in (generated, real)]
    return float(wasserstein_distance(*sides))


def regularity(blink: BlinkTrack) -> float:
    """How much intervals vary: their standard deviation over their mean. 0 is a clock, 1 a Geiger counter.

    Nine of ten performers of the corpus score 0.42 to 0.88 in 30 s; below is worse. 0 is also returned for fewer than
    three blinks, where nothing varies, so that short clips say nothing.

    Raises:
        ValueError: no frame, NaN or infinity.

    Chapter 16.
    """
    intervals = blink_intervals(blink)
    return float(intervals.std() / intervals.mean())


def _pooled(tracks: BlinkTracks) -> Float[np.ndarray, "intervals"]:
    if not len(tracks):
        raise ValueError("intervals between blinks need at least one clip, but there is none; give a list of tracks")
    return np.concatenate([blink_intervals(track) for track in tracks])
