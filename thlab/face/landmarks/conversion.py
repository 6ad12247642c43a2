"""From the mesh of 478 points to the 68 landmarks of iBUG: a fixed linear map, the same for everybody.

Eyes, brows and lips are vertices of the mesh. The nose lies between vertices, in shares fitted to the true landmarks of
rendered heads. The jaw follows the border of the mesh in steps of equal length, as annotators space it, and a little
outside, since the mesh ends short of the outline: by how much was fitted to the chins of rendered heads. Lips and brows
were left alone because there the rendered heads and the annotators of photographs disagree on what the points mean.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32

MESH_OF_IBUG = np.array([
    127, 234, 93, 132, 58, 136, 150, 176, 152, 400, 379, 365, 288, 361, 323, 454, 356,  # jaw
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,  # brows
    168, 197, 5, 4, 98, 97, 2, 326, 327,  # nose
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,  # eyes
    61, 39, 37, 0, 267, 269, 291, 321, 314, 17, 84, 91,  # outer lips
    78, 82, 13, 312, 308, 317, 14, 87,  # inner lips
])  # fmt: skip
"""The vertex of the mesh nearest to each landmark, for what knows only vertices; :data:`IBUG_FROM_MESH` is closer."""
VERTICES = 468
"""Of the mesh, without irises."""

JAW = (
    ((127, 1.0),), ((234, 0.853), (93, 0.147)), ((93, 0.695), (132, 0.305)), ((132, 0.632), (58, 0.368)),
    ((58, 0.53), (172, 0.47)), ((172, 0.167), (136, 0.833)), ((150, 0.615), (149, 0.385)), ((176, 0.67), (148, 0.33)),
    ((152, 1.0),),
    ((400, 0.67), (377, 0.33)), ((379, 0.615), (378, 0.385)), ((397, 0.167), (365, 0.833)), ((288, 0.53), (397, 0.47)),
    ((361, 0.632), (288, 0.368)), ((323, 0.695), (361, 0.305)), ((454, 0.853), (323, 0.147)), ((356, 1.0),),
)  # fmt: skip
"""Vertices and shares of the 17 points of the jaw: equal steps, seen from the front, from ear to chin to ear."""
OUTSIDE, BRIDGE = 0.05, 168
"""The jaw lies so much further from the bridge of the nose than the border of the mesh does."""
NOSE = (
    ((8, 0.42), (6, 0.58)), ((168, 0.31), (197, 0.19), (195, 0.5)), ((195, 0.38), (5, 0.62)), ((4, 0.57), (1, 0.43)),
    ((60, 0.73), (129, 0.27)), ((2, 0.43), (98, 0.44), (164, 0.13)), ((2, 0.69), (164, 0.31)),
    ((2, 0.43), (327, 0.44), (164, 0.13)), ((290, 0.73), (358, 0.27)),
)  # fmt: skip
"""Vertices and shares of the 9 points of the nose."""


def _ibug_from_mesh() -> Float32[np.ndarray, "68 468"]:
    weights = np.zeros((68, VERTICES), np.float32)
    weights[np.arange(68), MESH_OF_IBUG] = 1
    for first, rows in ((0, JAW), (27, NOSE)):
        for row, shares in enumerate(rows, first):
            weights[row] = 0
            for vertex, share in shares:
                weights[row, vertex] = share
    weights[:17] *= 1 + OUTSIDE
    weights[:17, BRIDGE] -= OUTSIDE
    return weights


IBUG_FROM_MESH = _ibug_from_mesh()
"""The map: every row sums to one, so it does not depend on place, turn or size. It holds for x, y and z alike."""


def mesh_to_ibug(points: Float[np.ndarray, "*batch mesh axes"]) -> Float[np.ndarray, "*batch 68 2"]:
    """The 68 landmarks of meshes of 468 or 478 points, in their unit.

    Source: Sagonas et al. 2013, "300 faces in-the-wild challenge" (the scheme). Chapter 06.
    """
    return IBUG_FROM_MESH.astype(points.dtype) @ points[..., :VERTICES, :2]
