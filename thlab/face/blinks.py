"""Blinks: when they come and how the lids move."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from thlab.timebase import frame_times, frames_to_seconds

FRAME = frames_to_seconds(1)
"""Seconds from one picture to the next."""

REFRACTORY_SECONDS = 0.9
"""Time constant in which the readiness to blink returns after a blink."""
IN_PAUSE = 3.5
"""How much likelier a blink begins in a pause than in speech (Nakano & Kitazawa 2010: blinks fall into pauses)."""
CLOSING_SECONDS = 0.045
"""Standard deviation of the closing half: a blink closes twice as fast as it opens (VanderWerf et al. 2003)."""
OPENING_SECONDS = 0.090
HALF_BLINKS = 0.12
"""Share of blinks in which the lids do not meet."""
OPEN_EYES = 0.2
"""Eyes count as open when a blink closes the lids less than this."""


def blink_times(
    rng: np.random.Generator, pause: Bool[np.ndarray, "frames"], *, per_minute: float
) -> Float[np.ndarray, "blinks"]:
    """Draw the moments of blinks, in seconds.

    A renewal process: its rate rises in pauses, and recovers after each blink.
    """
    base = per_minute / 60 * FRAME
    hazard = np.where(pause, IN_PAUSE, 1.0) * base
    draws, jitter = rng.random((2, len(pause)))
    last = -rng.exponential(60 / per_minute)
    moments = []
    for frame, time in enumerate(frame_times(len(pause))):
        ready = 1 - np.exp(-(((time - last) / REFRACTORY_SECONDS) ** 2))
        if draws[frame] < hazard[frame] * ready:
            last = float(time + (jitter[frame] - 0.5) * FRAME)
            moments.append(last)
    return np.array(moments)


def blink_track(
    rng: np.random.Generator, moments: Float[np.ndarray, "blinks"], frames: int
) -> Float[np.ndarray, "frames"]:
    """How far the lids are closed in each frame, 0 to 1; a few blinks stop halfway."""
    lids, times = np.zeros(frames), frame_times(frames)
    for moment in moments:
        depth = rng.uniform(0.45, 0.75) if rng.random() < HALF_BLINKS else 1.0
        after = times - moment
        width = np.where(after < 0, CLOSING_SECONDS, OPENING_SECONDS)
        shape = np.exp(-np.maximum(np.abs(after) - 0.5 * FRAME, 0) ** 2 / (2 * (0.7 * width) ** 2))
        lids = np.maximum(lids, depth * shape)
    return lids
