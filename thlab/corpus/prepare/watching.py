"""First look at a video: one face is followed through it, cuts are noticed, and everything large goes to disk.

However long the video is, memory holds a few numbers a frame; the points of the mesh are kept in a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Float32, Int
from torch import Tensor

from thlab.corpus.cleaning.cuts import CutFinder
from thlab.face.landmarks.detection import Detection, Detector
from thlab.face.landmarks.face_mesh import FaceMesh

MESH_POINTS = 478
BESIDE = 1.0
"""A face that is farther than so many of its sizes from where it was a frame ago is another one."""
GROWN = 1.6
"""One whose size changed by this factor from one frame to the next, too."""
SIDE_FACE = 0.25
"""Faces with a smaller share of the followed one's area do not count: pictures on a wall, people far behind."""
AGAIN = 25
"""Every so many frames the picture is searched anew for a second face."""


@dataclass(frozen=True, eq=False)
class Watched:
    """What the first look at a video found; rows are frames."""

    size: tuple[int, int]
    """Height and width of the pictures, in pixels."""
    found: Bool[np.ndarray, "frames"]
    """Whether the face that is followed is seen."""
    anew: Bool[np.ndarray, "frames"]
    """Whether this is the first frame of a face: it had been lost, or is another than a frame before."""
    faces: Int[np.ndarray, "frames"]
    """How many faces of some size there are."""
    widths: Float[np.ndarray, "frames"]
    """Of the followed face, in pixels; 0 where there is none."""
    cuts: list[int]
    """First frames of new shots, by the pictures alone."""
    spool: Path
    """The file with the points of the mesh."""

    def __len__(self) -> int:
        return len(self.found)

    def mesh(self, frames: slice) -> Float32[np.ndarray, "frames points 3"]:
        """The points of the mesh in some frames, in pixels as in ``Detection``; where there is no face, zeros."""
        start, stop, _ = frames.indices(len(self))
        row = MESH_POINTS * 3
        numbers = np.fromfile(self.spool, np.float32, (stop - start) * row, offset=4 * start * row)
        return numbers.reshape(-1, MESH_POINTS, 3)

    def blocks(self, length: int = 1000) -> Iterator[slice]:
        """All frames, so many at a time."""
        yield from (slice(start, min(start + length, len(self))) for start in range(0, len(self), length))


def watch(
    pictures: Iterable[Tensor], spool: Path, *, face_index: int | None = None, detector: Detector | None = None
) -> Watched:
    """Follow one face through a video.

    Args:
        pictures: the frames in turn.
        spool: a file for the points of the mesh, about 5.7 kB a frame.
        face_index: which face to take where several are seen, counted from 0 by size; None is the largest. Once
            chosen it is followed, whoever comes nearer.
        detector: what finds faces; by default MediaPipe's mesh, which follows two.

    Raises:
        ValueError: MediaPipe is not there, or the video cannot be read.
    """
    follower = _Follower(detector or FaceMesh(still=False, most=max(2, 1 + (face_index or 0))), face_index)
    finder, size, rows = CutFinder(), (0, 0), []
    with spool.open("wb") as file:
        for picture in pictures:
            pixels = picture.numpy()
            size = (pixels.shape[0], pixels.shape[1])
            finder.see(pixels)
            points, *facts = follower.see(pixels)
            file.write(points.tobytes())
            rows.append(facts)
    found, anew, faces, widths = (np.array(column) for column in zip(*rows, strict=True))
    return Watched(size, found, anew, faces.astype(int), widths.astype(float), finder.cuts(), spool)


class _Follower:
    """Keeps to one face from frame to frame."""

    def __init__(self, detector: Detector, face_index: int | None) -> None:
        self._detector, self._index = detector, face_index or 0
        self._last: Detection | None = None

    def see(self, picture: np.ndarray) -> tuple[Float32[np.ndarray, "points 3"], bool, bool, int, float]:
        """Points, found, anew, faces, width."""
        seen = self._detector.detect(picture, most=max(2, 1 + self._index))
        face = self._same(seen)
        anew = face is None
        if face is None and len(seen) > self._index:
            face = seen[self._index]
        self._last = face
        if face is None:
            return np.zeros((MESH_POINTS, 3), np.float32), False, False, len(seen), 0.0
        others = sum(other.area >= SIDE_FACE * face.area for other in seen)
        left, _, right, _ = face.box
        return face.points.astype(np.float32), True, anew, others, right - left

    def _same(self, seen: list[Detection]) -> Detection | None:
        """The face of the frame before, if it is still there."""
        if self._last is None or not seen:
            return None
        middle, side = self._last.points[:, :2].mean(0), self._last.area**0.5
        away = [float(np.linalg.norm(face.points[:, :2].mean(0) - middle)) / side for face in seen]
        nearest = seen[int(np.argmin(away))]
        grown = max(nearest.area / self._last.area, self._last.area / nearest.area) ** 0.5
        return nearest if min(away) < BESIDE and grown < GROWN else None
