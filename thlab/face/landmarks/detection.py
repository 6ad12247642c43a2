"""What every finder of faces gives: points in a picture, and the scheme that numbers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, UInt8

from thlab.face.landmarks.conversion import mesh_to_ibug
from thlab.face.landmarks.visibility import visible_ibug

Picture = UInt8[np.ndarray, "height width 3"]
"""Red, green, blue from 0 to 255; row 0 is the top."""
Scheme = Literal["mesh478", "ibug68"]
"""How points are numbered: MediaPipe's mesh of 468 points with 10 of the irises, or the 68 of iBUG."""


@dataclass(frozen=True, eq=False)
class Detection:
    """One face that was found."""

    points: Float[np.ndarray, "points 3"]
    """Pixels, x right, y down, centres at .5; z away from the camera in the same unit, 0 where it is not known."""
    scheme: Scheme
    score: float = 1.0
    """How sure the finder is, 0 to 1; 1 where it does not say."""

    def ibug(self) -> Float[np.ndarray, "68 2"]:
        """The 68 landmarks of iBUG, in pixels."""
        return self.points[:, :2] if self.scheme == "ibug68" else mesh_to_ibug(self.points)

    def ibug_visible(self) -> Bool[np.ndarray, "68"]:
        """Whether the camera can see each of the 68; all count as seen where nothing is known of depth."""
        return np.ones(68, bool) if self.scheme == "ibug68" else visible_ibug(self.points)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the points, in pixels."""
        (left, top), (right, bottom) = self.points[:, :2].min(0), self.points[:, :2].max(0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def area(self) -> float:
        """Square pixels of the box."""
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


@runtime_checkable
class Detector(Protocol):
    """Finds faces in one picture. Chapter 06."""

    name: str

    def detect(self, picture: Picture, *, most: int = 1) -> list[Detection]:
        """The faces of a picture, the largest first; an empty list when there is none."""
        ...


def chosen_face(faces: list[Detection], index: int | None, *, where: str) -> Detection:
    """One of the faces that were found: the largest, or the one of an index, counted from 0 by size.

    Args:
        faces: the largest first.
        index: which; None takes the largest.
        where: names the picture in the error.

    Raises:
        ValueError: there is no face, or none of this index.
    """
    if not faces:
        raise ValueError(
            f"no face was found in {where}: the detector knows human faces, seen from the front or half from the side, "
            "larger than about 40 pixels; crop or enlarge the picture, or give the points with --landmarks FILE"
        )
    if index is not None and not 0 <= index < len(faces):
        raise ValueError(f"{where} has {len(faces)} faces, numbered from 0 by size; there is no face {index}")
    return faces[index or 0]
