"""From the mesh of 478 points to the 68 landmarks of iBUG."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

MESH_OF_IBUG = np.array([
    127, 234, 93, 132, 58, 172, 150, 176, 152, 400, 379, 397, 288, 361, 323, 454, 356,  # jaw
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,  # brows
    168, 197, 5, 4, 98, 97, 2, 326, 327,  # nose
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,  # eyes
    61, 39, 37, 0, 267, 269, 291, 321, 314, 17, 84, 91,  # outer lips
    78, 82, 13, 312, 308, 317, 14, 87,  # inner lips
])  # fmt: skip
"""The vertex of the mesh that lies nearest to each landmark's definition."""


def mesh_to_ibug(points: Float[np.ndarray, "mesh axes"]) -> Float[np.ndarray, "68 2"]:
    """The 68 landmarks of a mesh of 468 or 478 points, in its unit."""
    return points[MESH_OF_IBUG, :2]
