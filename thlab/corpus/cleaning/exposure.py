"""Whether a face is lit well enough: how much of it is clipped, and how bright the whites of its eyes are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, UInt8

from thlab.corpus.cleaning.sharpness import LUMA, face_box
from thlab.render import opencv as cv2

Picture = UInt8[np.ndarray, "height width 3"]
"""Red, green, blue from 0 to 255."""

CLIPPED = 250
"""A channel from here on holds no detail."""
EYES = (slice(36, 42), slice(42, 48))
"""The lids of both eyes among the 68 landmarks."""
WHITES = 0.95
"""The quantile of the brightness between the lids that is taken for the white of the eye: above iris, below glints."""


@dataclass(frozen=True)
class Exposure:
    """The light on a face.

    Mean and contrast are told, but no rule uses them: they depend on the colour of the skin as much as on the camera,
    so a threshold on them would drop people with dark skin. The white of the eye is nearly the same for everybody.
    """

    bright: float
    """Share of the pixels of the face in which a channel is clipped, 0 to 1."""
    whites: float
    """Brightness of the whites of the eyes, 0 to 255; NaN where the eyes are outside the picture."""
    mean: float
    """Brightness of the face, 0 to 255."""
    contrast: float
    """From the brightness below which 5 % of its pixels lie to that below which 95 % do, 0 to 255."""


def exposure(picture: Picture, landmarks: Float[np.ndarray, "68 2"]) -> Exposure | None:
    """Measure the light on the middle of a face, brows to mouth.

    Args:
        picture: the whole picture.
        landmarks: of the face, in pixels.

    Returns:
        None where the face lies outside the picture.

    Chapter 01.
    """
    rows, columns = face_box(landmarks)
    face = picture[rows, columns]
    if face.size == 0:
        return None
    grey = face.astype(np.float32) @ LUMA
    low, high = np.quantile(grey, (0.05, 0.95))
    whites = grey[_between_lids(landmarks, grey.shape, corner=(columns.start, rows.start))]
    return Exposure(
        bright=float((face.max(-1) >= CLIPPED).mean()),
        whites=float(np.quantile(whites, WHITES)) if len(whites) else float("nan"),
        mean=float(grey.mean()),
        contrast=float(high - low),
    )


def _between_lids(
    landmarks: Float[np.ndarray, "68 2"], size: tuple[int, ...], *, corner: tuple[int, int]
) -> Bool[np.ndarray, "rows columns"]:
    """The pixels of a box between the lids of both eyes."""
    mask = np.zeros(size, np.uint8)
    for eye in EYES:
        cv2.fillConvexPoly(mask, np.round(landmarks[eye] - corner - 0.5).astype(np.int32), 1)
    return mask > 0
