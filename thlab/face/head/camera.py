"""The camera and the framing: where the head stands in the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

PIVOT = np.array([0.0, -0.70, -0.15], np.float32)
"""The head turns around the top of the neck."""
TORSO_SHARE = np.float32(0.25)
"""The shoulders share so much of the head's translation."""


@dataclass(frozen=True)
class Camera:
    """A pinhole on the z axis; head units of 10 cm."""

    distance: float = 9.5
    """From the origin, behind the bridge of the nose."""
    zoom: float = 1.0
    """1 shows head and shoulders, 1.6 the face."""
    shift: tuple[float, float] = (0.0, 0.0)
    """Moves the picture's middle, in head units, to the subject's left and up."""

    FRAME_HEIGHT = 2.95
    """Head units from top to bottom of the picture at zoom 1, in the plane z = 0."""
    MIDDLE = -0.13
    """The height at the middle of the picture."""

    def focal(self, size: int) -> float:
        """Focal length in pixels of a picture of this size."""
        return size * self.distance / self.FRAME_HEIGHT * self.zoom

    def centre(self, size: int) -> tuple[float, float]:
        """The column of the picture at x = 0, and the height at its middle row."""
        scale = self.focal(size) / self.distance
        return size / 2 - self.shift[0] * scale, self.MIDDLE + self.shift[1]


FACE_CROP = Camera(zoom=1.55, shift=(0.0, -0.14))
"""Framing for training on small pictures: the face from forehead to chin, with some hair."""


def rotation(yaw: float, pitch: float, roll: float) -> Float32[np.ndarray, "3 3"]:
    """The head's rotation, with the signs of ``thlab.face.motion``: to the subject's left, down, to the left shoulder.

    Roll first, then pitch, then yaw: R = R_y(yaw) R_x(pitch) R_z(−roll).
    """
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    return (about_y @ about_x @ about_z).astype(np.float32)


def gaze_rotation(gaze: Float[np.ndarray, "2"]) -> Float32[np.ndarray, "3 3"]:
    """The rotation of both eyes in the head, from yaw and pitch."""
    return rotation(float(gaze[0]), float(gaze[1]), 0.0)
