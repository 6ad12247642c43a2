"""From what was seen to the pieces that are kept: shots without cuts, cut into clips, the end set aside as the test."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Bool

from thlab.timebase import FPS, frames_to_seconds

Split = Literal["train", "test"]
GAP = 5
"""Frames at most in which the face may be lost before the shot counts as ended."""
LONGEST = 10 * FPS
"""Frames of a clip at most."""
SHORTEST = FPS
"""Frames of a clip at least; what is shorter is dropped."""
NEAR_A_CUT = 2
"""Frames that are left out on both sides of a cut: codecs and fades smear it."""


@dataclass(frozen=True)
class Piece:
    """A stretch of frames that becomes a clip."""

    start: int
    stop: int
    split: Split
    shot: int
    """Number of the shot that it comes from."""

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def name(self) -> str:
        """Of its files: the shot, and the moment at which it begins in the video."""
        return f"{self.shot:02d}-{frames_to_seconds(self.start):07.2f}s"


def bridged(found: Bool[np.ndarray, "frames"], gap: int = GAP) -> Bool[np.ndarray, "frames"]:
    """The same with short gaps closed; only between frames that are found."""
    edges = np.flatnonzero(np.diff(found.astype(int), prepend=0, append=0))
    starts, stops = edges[::2], edges[1::2]
    closed = found.copy()
    for before, after in zip(stops[:-1], starts[1:], strict=True):
        closed[before:after] |= after - before <= gap
    return closed


def find_shots(
    found: Bool[np.ndarray, "frames"], cuts: list[int], anew: Bool[np.ndarray, "frames"], *, gap: int = GAP
) -> list[tuple[int, int]]:
    """Stretches in which one face is seen without a cut, as first frame and the one after the last.

    Args:
        found: where the face is seen.
        cuts: first frames of new shots.
        anew: where a face is the first of its kind: after a jump, or after it had been lost.
        gap: so many frames without a face are bridged, if the face is still there afterwards.
    """
    seen, changes = bridged(found, gap), set(cuts)
    jumps = [int(frame) for frame in np.flatnonzero(anew) if frame and found[frame - 1]]
    starts = np.flatnonzero(np.diff(seen.astype(int), prepend=0) == 1)
    stops = np.flatnonzero(np.diff(seen.astype(int), append=0) == -1) + 1
    shots = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        inside = sorted({change for change in [*changes, *jumps] if start < change < stop})
        edges = [start, *inside, stop]
        for index, (first, last) in enumerate(pairwise(edges)):
            first += NEAR_A_CUT * (index > 0)
            last -= NEAR_A_CUT * (index < len(inside))
            if last > first:
                shots.append((first, last))
    return shots


def cut_into_pieces(shots: list[tuple[int, int]], *, test_from: int) -> list[Piece]:
    """Clips of at most ten seconds, none of which reaches over the moment at which the test begins.

    Args:
        shots: first frame and the one after the last.
        test_from: first frame of the test.
    """
    pieces = []
    for number, (start, stop) in enumerate(shots):
        middle = int(np.clip(test_from, start, stop))
        parts: tuple[tuple[int, int, Split], ...] = ((start, middle, "train"), (middle, stop, "test"))
        for first, last, split in parts:
            if last - first < SHORTEST:
                continue
            edges = np.linspace(first, last, -(-(last - first) // LONGEST) + 1).round().astype(int).tolist()
            pieces += [Piece(a, b, split, number) for a, b in pairwise(edges)]
    return pieces
