"""Where one shot ends and the next begins: the colours of the picture change and stay changed, or the face jumps."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np
from jaxtyping import Float, UInt8

from thlab.corpus.cleaning.geometry import FaceTrack, inter_ocular

Picture = UInt8[np.ndarray, "height width 3"]
"""Red, green, blue from 0 to 255."""

CELLS = 4
"""Parts along each side of a picture: what moves within a part leaves its colours as they are."""
SIDE = 24
"""Pixels along each side of a part after shrinking, which averages the noise of the camera."""
LEVELS = 4
"""Steps of each of the three colours, so that a histogram has 64 bins."""
REACH = 3
"""Frames before and after a moment that are compared: all must differ, so a flash of at most two frames is no cut."""
CUT = 0.30
"""Share of the colours that must change."""
JUMP = 0.4
"""Inter-ocular distances that a face must jump between two frames; heads of people who talk do not."""


def find_cuts(pictures: Iterable[Picture], *, threshold: float = CUT) -> list[int]:
    """The first frame of each shot after the first one; an hour of pictures takes no more memory than a minute's.

    Hard cuts are found. Fades and dissolves, whose neighbours differ little, are not, nor shots of one or two frames.

    Args:
        pictures: one after the other, of any size.
        threshold: least lasting change of colours, 0 to 1.

    Source: colour histograms of blocks after Boreczky & Rowe 1996, "Comparison of video shot boundary detection
    techniques"; that the change must last is ours.
    Chapter 01.
    """
    finder = CutFinder()
    for picture in pictures:
        finder.see(picture)
    return finder.cuts(threshold=threshold)


class CutFinder:
    """Looks at pictures one after the other; keeps the colours of the last five and five numbers a frame."""

    def __init__(self) -> None:
        self._recent: deque[Float[np.ndarray, "cells bins"]] = deque(maxlen=2 * REACH - 1)
        self._distances: list[list[float]] = []

    def see(self, picture: Picture) -> None:
        """Look at the next picture."""
        seen = colours(picture)
        self._distances.append([different(seen, before) for before in self._recent])
        self._recent.appendleft(seen)

    def changes(self) -> Float[np.ndarray, "frames"]:
        """How much the colours change for good from before each frame to after it, 0 to 1; 0 at the first."""
        return np.array([self._lasting(frame) for frame in range(len(self._distances))], np.float64)

    def cuts(self, *, threshold: float = CUT) -> list[int]:
        """The frames at which new shots begin, among the pictures seen so far."""
        return summits(self.changes(), threshold)

    def _lasting(self, frame: int) -> float:
        """The least difference of any frame shortly before from any shortly after."""
        pairs = [(after, after - frame + before) for after in range(frame, frame + REACH) for before in range(REACH)]
        known = [self._distances[j][k] for j, k in pairs if j < len(self._distances) and k < len(self._distances[j])]
        return min(known, default=0.0)


def colours(picture: Picture) -> Float[np.ndarray, "cells bins"]:
    """How often each colour occurs in each part of a picture; every row sums to 1."""
    height, width = picture.shape[:2]
    rows, columns = (((np.arange(CELLS * SIDE) + 0.5) * n / (CELLS * SIDE)).astype(int) for n in (height, width))
    small = picture[rows[:, None], columns[None]].astype(np.int64) * LEVELS // 256
    bins = (small[..., 0] * LEVELS + small[..., 1]) * LEVELS + small[..., 2]
    cells = bins.reshape(CELLS, SIDE, CELLS, SIDE).swapaxes(1, 2).reshape(CELLS**2, -1)
    counts = np.stack([np.bincount(cell, minlength=LEVELS**3) for cell in cells])
    return counts / SIDE**2


def different(some: Float[np.ndarray, "cells bins"], others: Float[np.ndarray, "cells bins"]) -> float:
    """The share of colours that two pictures do not have in common, the mean over their parts: 0 to 1."""
    return float(1 - np.minimum(some, others).sum(1).mean())


def face_jumps(track: FaceTrack) -> Float[np.ndarray, "frames"]:
    """How far a face moves or grows since it was last seen, in inter-ocular distances.

    A cut from one take to another of the same room keeps the colours, but not the place of the face. A finder of faces
    may need a frame or two to find it again: so many may lie between.

    Returns:
        0 where the face is not found, or was not found in the three frames before.
    """
    jumps, seen = np.zeros(len(track)), np.flatnonzero(track.found)
    scale, centre = np.maximum(inter_ocular(track.landmarks[seen]), 1.0), track.landmarks[seen].mean(1)
    moved = np.linalg.norm(np.diff(centre, axis=0), axis=1) / np.minimum(scale[1:], scale[:-1])
    grown = 2 * np.abs(np.diff(np.log(scale)))  # a face is about two of its inter-ocular distances wide
    jumps[seen[1:]] = np.where(np.diff(seen) <= REACH, np.maximum(moved, grown), 0.0)
    return jumps


def summits(track: Float[np.ndarray, "frames"], threshold: float) -> list[int]:
    """Frames at which a track is above a threshold and highest among its neighbours within reach."""
    chosen: list[int] = []
    for frame in np.argsort(-track, kind="stable"):
        if track[frame] < threshold:
            break
        if all(abs(int(frame) - other) >= REACH for other in chosen):
            chosen.append(int(frame))
    return sorted(chosen)
