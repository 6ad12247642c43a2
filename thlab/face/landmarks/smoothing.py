"""Noise taken out of tracks of points without making them late, and without taking what the face does fast."""

from __future__ import annotations

from collections import deque

import numpy as np
from jaxtyping import Float

REACH = 2
"""Frames before and after that a frame is smoothed with: it looks 80 ms ahead."""
PARABOLA = np.array([-3, 12, 17, 12, -3]) / 35
"""Weights of the least-squares parabola over five frames, at its middle (Savitzky & Golay 1964)."""


def steady(
    track: Float[np.ndarray, "frames points axes"], *, noise: float
) -> Float[np.ndarray, "frames points axes"]:
    """Smooth a track of points, every frame of which must be there.

    Each point is drawn to the parabola through its neighbours in time, s, but only as far as its distance from it can
    be noise: x̂ = s + max(0, 1 − n² / |x − s|²) (x − s) with n = ``noise``. What moves more than that in one frame, as
    closing lips and lids do, is let through nearly whole. There is no lag, since it looks ahead as far as back.

    Args:
        track: points by frames, in any unit.
        noise: distance from the parabola, in that unit, up to which all counts as noise.

    Source: the shrinkage is that of Lee 1980, "Digital image enhancement and noise filtering by use of local
    statistics", with time for space. Chapter 06.
    """
    steadier = Steadier()
    done = [points for fresh in track for points in steadier.push(fresh, noise=noise)] + steadier.flush()
    return np.stack(done) if done else track.copy()


class Steadier:
    """:func:`steady` one frame at a time: each comes out when two more have gone in, and memory stays flat."""

    def __init__(self) -> None:
        self._recent: deque[np.ndarray] = deque(maxlen=2 * REACH + 1)
        self._pushed = self._given = 0
        self._noise = 0.0

    def push(
        self, points: Float[np.ndarray, "points axes"], *, noise: float
    ) -> list[Float[np.ndarray, "points axes"]]:
        """Put a frame in; the frame from two before comes out, if there is one."""
        self._recent.append(points)
        self._pushed += 1
        self._noise = noise
        return [self._give()] if self._pushed - self._given > REACH else []

    def flush(self) -> list[Float[np.ndarray, "points axes"]]:
        """The frames that still wait, at the end of a run; the next frame begins another."""
        rest = [self._give() for _ in range(self._pushed - self._given)]
        self._recent.clear()
        self._pushed = self._given = 0
        return rest

    def _give(self) -> Float[np.ndarray, "points axes"]:
        window = np.stack([self._at(self._given + step) for step in range(-REACH, REACH + 1)])
        self._given += 1
        smooth = np.tensordot(PARABOLA, window, 1)
        away = window[REACH] - smooth
        power = np.maximum((away**2).sum(-1, keepdims=True), np.finfo(np.float32).tiny)
        return (smooth + np.maximum(0, 1 - self._noise**2 / power) * away).astype(window.dtype)

    def _at(self, frame: int) -> Float[np.ndarray, "points axes"]:
        """A frame; beyond both ends the run is turned around its end, so that straight motion stays straight."""
        last = self._pushed - 1
        if frame < 0:
            return 2 * self._at(0) - self._at(min(-frame, last))
        if frame > last:
            return 2 * self._at(last) - self._at(max(2 * last - frame, 0))
        return self._recent[frame - self._pushed]
