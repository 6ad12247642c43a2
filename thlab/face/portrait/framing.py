"""Which part of a picture moves when its face speaks, and at what size it is worked on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

Picture = UInt8[np.ndarray, "height width 3"]
Part = UInt8[np.ndarray, "rows columns 3"]
"""A rectangle of a picture."""
MARGIN = 1.69
"""Side of the moving part, in multiples of the larger side of the face: with hair, ears and neck."""
RAISED = 0.05
"""The part lies so far above the middle of the face, in shares of its side: hair needs more room than the neck."""
LARGEST_PART = 512
"""Pixels that the moving part has at most a side; a larger picture is scaled down."""
LONGEST = 1080
"""Pixels that the longer side of the output has at most, unless said otherwise."""


@dataclass(frozen=True, eq=False)
class Framing:
    """A picture at the size of the output, and the rectangle of it that moves."""

    picture: Picture
    """The whole, both sides even."""
    left: int
    top: int
    part: Part
    """The rectangle from ``left`` and ``top``."""
    points: Float[np.ndarray, "points 3"]
    """The mesh in pixels of the part."""
    scale: float
    """Pixels of the output per pixel of the picture that was given."""

    def paste(self, part: Part) -> Picture:
        """The whole picture with another part."""
        whole = self.picture.copy()
        height, width = part.shape[:2]
        whole[self.top : self.top + height, self.left : self.left + width] = part
        return whole


def frame_face(
    picture: Picture,
    points: Float[np.ndarray, "points 3"],
    *,
    largest_part: int = LARGEST_PART,
    longest: int = LONGEST,
) -> Framing:
    """Scale a picture so that neither it nor its face is too large, and choose the part that moves.

    Pictures are never enlarged; an odd side loses its last row or column, since H.264 wants even ones.

    Args:
        picture: the whole photograph.
        points: the mesh of its face, in its pixels.
        largest_part: pixels a side of the moving part at most.
        longest: pixels of the longer side of the output at most.
    """
    height, width = picture.shape[:2]
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    side = MARGIN * float((high - low).max())
    scale = min(1.0, largest_part / min(side, float(max(height, width))), longest / max(height, width))
    scaled = resized(picture, scale)
    factors = np.array([scaled.shape[1] / width, scaled.shape[0] / height, scale])
    middle = 0.5 * (low + high) * factors[:2] - [0, RAISED * side * scale]
    rows, columns = scaled.shape[0] // 2 * 2, scaled.shape[1] // 2 * 2
    scaled = np.ascontiguousarray(scaled[:rows, :columns])
    length = min(round(side * scale), largest_part)
    left, top = (max(0, round(centre - 0.5 * length)) for centre in middle)
    right, bottom = min(columns, left + length), min(rows, top + length)
    part = np.ascontiguousarray(scaled[top:bottom, left:right])
    return Framing(scaled, left, top, part, points * factors - [left, top, 0], scale)


def resized(picture: Picture, scale: float) -> Part:
    """A smaller picture, without aliases; the same one at a scale of 1."""
    if scale == 1:
        return picture
    height, width = picture.shape[:2]
    size = max(2, round(width * scale)), max(2, round(height * scale))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
