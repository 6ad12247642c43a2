"""Where hair grows on a head."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from thlab.face.head.person import Person

ANGLES = (0, 18, 35, 50, 62, 74, 84, 92, 104, 120, 140, 180)
"""Degrees around the head from the nose to the back."""
HEIGHTS = (0.64, 0.65, 0.61, 0.46, 0.22, 0.00, -0.08, 0.14, 0.14, -0.28, -0.48, -0.55)
"""Height of the hairline there: forehead, temple, sideburn, over the ear, nape."""
RECEDING = (1.0, 1.1, 1.6, 1.4, 0.5, 0, 0, 0, 0, 0, 0, 0)


def hairline(
    person: Person, x: Float[np.ndarray, "*many"], z: Float[np.ndarray, "*many"]
) -> Float[np.ndarray, "*many"]:
    """The height above which hair grows, around the head; higher at the front of older men."""
    degrees = np.degrees(np.abs(np.arctan2(x, z + 0.1)))
    back = 0.0 if person.female else 0.03 + 0.10 * float(np.clip((person.age - 25) / 50, 0, 1))
    return np.interp(degrees, ANGLES, np.array(HEIGHTS) + back * np.array(RECEDING))
