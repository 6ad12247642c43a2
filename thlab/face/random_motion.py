"""The part of a head's movement that no sound explains: smooth noise, preferred directions, gestures, saccades."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.ndimage import gaussian_filter1d

from thlab.timebase import frames_to_seconds

FRAME = frames_to_seconds(1)
"""Seconds from one picture to the next."""
TURN_SECONDS = 0.16
"""Standard deviation of the step from one preferred direction to the next: a turn takes about half a second."""
TURNS_A_SECOND = 0.25
"""How often the head changes its preferred direction while it speaks."""
TURN_IN_PAUSE = 3.0
"""How much likelier a turn is in a pause (Kendon 1967: speakers look elsewhere between phrases)."""

GESTURES = ("still", "nod", "shake", "tilt")
"""The regimes of the head; the number of each is its place here."""
GESTURE_ODDS = (0.46, 0.24, 0.12, 0.18)
GESTURE_SECONDS = (0.6, 1.3)
"""Shortest and longest duration of a regime."""
GESTURE_HERTZ = {"nod": 1.7, "shake": 1.4, "tilt": 0.0}
GESTURE_SIZE = {"nod": 0.075, "shake": 0.085, "tilt": 0.10}
"""Amplitude in radians, of pitch, yaw and roll in turn."""
GESTURE_AXIS = {"shake": 0, "nod": 1, "tilt": 2}

BROW_FLASHES_A_MINUTE = 14.0
"""Brow raises that nothing explains, and which outweigh those that emphasis does."""
BROW_FLASH = 0.45


def smooth_noise(
    rng: np.random.Generator, frames: int, tracks: int, *, seconds: float
) -> Float[np.ndarray, "frames tracks"]:
    """Gaussian noise with spread 1 that changes over about ``seconds``: a Gaussian process, squared-exponential."""
    width = seconds / FRAME
    margin = int(4 * width) + 1
    white = rng.standard_normal((frames + 2 * margin, tracks))
    kernel_power = 1 / (2 * np.sqrt(np.pi) * width)  # Σ of the squared kernel: what smoothing leaves of the variance
    return gaussian_filter1d(white, width, axis=0, mode="constant")[margin : margin + frames] / np.sqrt(kernel_power)


def turns(
    rng: np.random.Generator, pause: Bool[np.ndarray, "frames"], directions: Float[np.ndarray, "directions 3"]
) -> tuple[Float[np.ndarray, "frames 3"], Int[np.ndarray, "frames"]]:
    """Look in one of a few preferred directions, turn to another now and then, rather in pauses.

    Returns:
        Yaw, pitch, roll; and the number of the direction aimed at.
    """
    chance = TURNS_A_SECOND * FRAME * np.where(pause, TURN_IN_PAUSE, 1.0)
    turning = rng.random(len(pause)) < chance
    fresh = rng.integers(len(directions), size=len(pause))
    turning[:1] = True
    last = np.maximum.accumulate(np.where(turning, np.arange(len(pause)), 0))
    aim = fresh[last]
    return gaussian_filter1d(directions[aim], TURN_SECONDS / FRAME, axis=0, mode="nearest"), aim


def gestures(
    rng: np.random.Generator, frames: int, *, odds: tuple[float, ...] = GESTURE_ODDS
) -> tuple[Float[np.ndarray, "frames 3"], Int[np.ndarray, "frames"]]:
    """Nod, shake and tilt for about a second each, in an order that nothing predicts.

    Returns:
        Yaw, pitch, roll; and the number of the regime in ``GESTURES``.
    """
    angles, regime = np.zeros((frames, 3)), np.zeros(frames, np.int64)
    start = -int(rng.integers(int(GESTURE_SECONDS[1] / FRAME)))
    while start < frames:
        length = int(rng.uniform(*GESTURE_SECONDS) / FRAME)
        kind = int(rng.choice(len(GESTURES), p=odds))
        span = slice(max(start, 0), min(max(start + length, 0), frames))
        regime[span] = kind
        if kind and span.stop > span.start:
            moved = _gesture(rng, GESTURES[kind], length)
            angles[span, GESTURE_AXIS[GESTURES[kind]]] += moved[span.start - start : span.stop - start]
        start += length
    return angles, regime


def _gesture(rng: np.random.Generator, kind: str, length: int) -> Float[np.ndarray, "frames"]:
    """One nod, shake or tilt that fades in and out."""
    seconds = FRAME * np.arange(length)
    hertz = GESTURE_HERTZ[kind] * rng.uniform(0.8, 1.2)
    swing = np.sin(2 * np.pi * hertz * seconds) if hertz else np.full(length, rng.choice([-1.0, 1.0]))
    return GESTURE_SIZE[kind] * rng.uniform(0.6, 1.3) * np.sin(np.pi * (np.arange(length) + 0.5) / length) ** 2 * swing


def saccades(
    rng: np.random.Generator, frames: int, *, spread: tuple[float, float] = (0.11, 0.05), at_camera: float = 0.7
) -> Float[np.ndarray, "frames 2"]:
    """Where the eyes point in the world: mostly at the camera, with jumps aside that last a third of a second or more.

    Fixations of 0.2 to 2 s and jumps within one or two frames (Kowler 2011).
    """
    gaze = np.zeros((frames, 2))
    start = 0
    while start < frames:
        stay = int((0.2 + rng.gamma(2.0, 0.35)) / FRAME)
        aside = rng.normal(0, spread) if rng.random() > at_camera else rng.normal(0, 0.015, 2)
        gaze[start : start + stay] = aside
        start += stay
    return gaze


def brow_flashes(rng: np.random.Generator, frames: int) -> Float[np.ndarray, "frames"]:
    """Brow raises at random moments, about half a second long."""
    impulses = (rng.random(frames) < BROW_FLASHES_A_MINUTE / 60 * FRAME) * rng.uniform(0.5, 1.2, frames)
    width = 0.14 / FRAME
    flashes = BROW_FLASH * width * np.sqrt(2 * np.pi) * gaussian_filter1d(impulses, width)
    return flashes + 0.05 * smooth_noise(rng, frames, 1, seconds=0.6)[:, 0]
