"""Does the head nod when the voice stresses? Beat alignment, as dance is judged by its music."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d
from scipy.signal import argrelextrema, find_peaks

from thlab.metrics.naturalness.tracks import Track, check_track, velocity
from thlab.timebase import SAMPLES_PER_FRAME, frame_at, frame_times, frames_to_samples, frames_to_seconds, whole_frames

Moments = Float[np.ndarray, "_"]
"""Seconds, rising."""
HeadBeat = Literal["low", "still"]

WIDTH = 0.12
"""Seconds by which a beat may miss, as a standard deviation: about a syllable."""
SMOOTH = 1.5
"""Standard deviation of the smoothing of the head's track, in frames."""
SYLLABLE = 2.0
"""Standard deviation of the smoothing of loudness, in frames."""
STANDS_OUT = 0.05
"""By how much a peak of loudness must stand out, as a share of the dynamic range."""
DYNAMIC_RANGE = 40.0
"""Decibels below the loudest frame at which the loudness is 0."""
BETWEEN_STOPS = 0.16
"""Seconds around a moment in which the head must not be slower, for it to count as a stop."""
PITCH = 1
"""Column of a pose in which nods are: radians, downwards."""


def beat_alignment(head: Moments, sound: Moments, *, width: float = WIDTH) -> float:
    """How well beats of the head fall on beats of the sound: mean of exp(−d² / 2 width²), d to the nearest. Higher.

    1 when each beat of the head meets one of the sound. Chance is not 0: half of the performers of the corpus score
    above 0.53 in 30 s, and above 0.41 with the sound some seconds off. So compare with shuffled sound, and report both.
    A head may come later than the voice: subtract a delay from its beats, for several delays, to see.

    Args:
        head: from :func:`head_beats`, seconds.
        sound: from :func:`sound_beats`, seconds.
        width: seconds.

    Returns:
        0 to 1; 0 where either side has no beat.

    Raises:
        ValueError: a moment is not finite, or the width is not above 0.

    Source: the beat alignment score of Li et al. 2021, in which each beat of the dance looks for one of the music, with
    a width of 3 frames of 1/60 s; others let the music look for the dance. Chapter 16.
    """
    if not width > 0:
        raise ValueError(f"the width of a beat must be above 0 s, but is {width}; take {WIDTH}")
    if not (np.isfinite(head).all() and np.isfinite(sound).all()):
        raise ValueError("beats must be finite moments in seconds; leave out NaN and infinity")
    if not len(head) or not len(sound):
        return 0.0
    away = np.abs(head[:, None] - sound).min(1)
    return float(np.exp(-(away**2) / (2 * width**2)).mean())


def head_beats(pose: Track, *, kind: HeadBeat = "low") -> Moments:
    """Beats of a head, in seconds.

    Args:
        pose: yaw, pitch, roll, and maybe x, y, z.
        kind: ``low``, where a nod is lowest: the peaks of pitch; ``still``, where the head stops: minima of the speed
            of its rotation, which is what dance is measured by. A head turns for many reasons, and in the corpus only
            ``low`` tells the right sound from another.

    Raises:
        ValueError: fewer than 9 frames, NaN, infinity, no pitch, or an unknown kind.
    """
    check_track(pose, "a beat of the head", frames=9)
    if pose.shape[1] < 3:
        raise ValueError(f"beats need yaw, pitch and roll, but the pose has {pose.shape[1]} numbers a frame")
    if kind == "low":
        return frame_times(len(pose))[find_peaks(gaussian_filter1d(np.asarray(pose[:, PITCH], float), SMOOTH))[0]]
    if kind != "still":
        raise ValueError(f"expected the kind of beat low or still, got {kind!r}")
    speed = np.linalg.norm(velocity(pose[:, :3], smooth=SMOOTH), axis=1)
    stops = argrelextrema(speed, np.less, order=frame_at(BETWEEN_STOPS))[0]
    return frame_times(len(pose))[stops] + frames_to_seconds(1) / 2


def sound_beats(audio: Float[np.ndarray, "samples"]) -> Moments:
    """Moments at which a voice is louder than around them, about a syllable each, in seconds.

    Returns:
        None for silence and for sounds shorter than three frames.

    Raises:
        ValueError: NaN or infinity.
    """
    if not np.isfinite(audio).all():
        raise ValueError("the sound holds NaN or infinity; repair the recording")
    frames = whole_frames(len(audio))
    if frames < 3:
        return np.zeros(0)
    power = (np.asarray(audio[: frames_to_samples(frames)], float).reshape(frames, SAMPLES_PER_FRAME) ** 2).mean(1)
    decibels = 10 * np.log10(power + 1e-10)
    loudness = np.clip((decibels - decibels.max() + DYNAMIC_RANGE) / DYNAMIC_RANGE, 0, 1)
    return frame_times(frames)[find_peaks(gaussian_filter1d(loudness, SYLLABLE), prominence=STANDS_OUT)[0]]
