"""One face followed through a clip, and the few lengths of it that cleaning measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from thlab.face.points import LEFT_CORNER, RIGHT_CORNER

BRIDGE, NOSE_BASE = 27, 33
MOUTH_RIGHT, MOUTH_LEFT = 48, 54
UPPER_LIP, LOWER_LIP = [61, 62, 63], [67, 66, 65]
"""Points of the inner contour that face each other."""
EYES_TO_NOSE = 1.5
"""Outer corners of the eyes apart, in lengths of the nose; about what a face from the front has."""


@dataclass(frozen=True, eq=False)
class FaceTrack:
    """The landmarks of one face, a row a frame."""

    landmarks: Float[np.ndarray, "frames 68 2"]
    """Pixels, x right, y down, centres at .5; where the face was not found, anything finite."""
    found: Bool[np.ndarray, "frames"]
    """Whether the face was found in the frame."""

    def __post_init__(self) -> None:
        if len(self.landmarks) != len(self.found):
            raise ValueError(
                f"a track needs landmarks and found for each frame, but has {len(self.landmarks)} rows and "
                f"{len(self.found)} of them; cut both alike"
            )

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, frames: slice) -> FaceTrack:
        return FaceTrack(self.landmarks[frames], self.found[frames])

    @property
    def presence(self) -> float:
        """The share of frames in which the face was found."""
        return float(self.found.mean()) if len(self.found) else 0.0


@dataclass(frozen=True, eq=False)
class Lips:
    """The two movements of a mouth that sound explains, a number a frame; each in a unit of its own."""

    gap: Float[np.ndarray, "frames"]
    """Between the inner lips."""
    width: Float[np.ndarray, "frames"]
    """Between the corners."""

    def __len__(self) -> int:
        return len(self.gap)

    def __getitem__(self, frames: slice) -> Lips:
        return Lips(self.gap[frames], self.width[frames])


def inter_ocular(landmarks: Float[np.ndarray, "frames 68 2"]) -> Float[np.ndarray, "frames"]:
    """Pixels between the outer corners of the eyes; in a face that is turned, what the length of its nose says."""
    eyes = _apart(landmarks, RIGHT_CORNER, LEFT_CORNER)
    return np.maximum(eyes, EYES_TO_NOSE * _apart(landmarks, BRIDGE, NOSE_BASE)).astype(np.float64)


def lips_seen(landmarks: Float[np.ndarray, "frames 68 2"]) -> Lips:
    """Gap and width of a mouth in pictures, in inter-ocular distances."""
    scale = np.maximum(inter_ocular(landmarks), 1.0)
    return Lips(lip_opening(landmarks), _apart(landmarks, MOUTH_RIGHT, MOUTH_LEFT) / scale)


def lip_opening(landmarks: Float[np.ndarray, "frames 68 2"]) -> Float[np.ndarray, "frames"]:
    """The gap between the inner lips, in inter-ocular distances."""
    gap = np.linalg.norm(landmarks[:, LOWER_LIP] - landmarks[:, UPPER_LIP], axis=-1).mean(-1)
    return gap / np.maximum(inter_ocular(landmarks), 1.0)


def _apart(landmarks: Float[np.ndarray, "frames 68 2"], one: int, other: int) -> Float[np.ndarray, "frames"]:
    return np.linalg.norm(landmarks[..., one, :] - landmarks[..., other, :], axis=-1)
