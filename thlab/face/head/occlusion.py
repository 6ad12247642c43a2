"""How much of the sky each vertex sees: depth maps from many sides, drawn once for a person."""

from __future__ import annotations

from functools import cache

import numpy as np
from jaxtyping import Bool, Float32, Int32

from thlab.face.head import kernels
from thlab.render.rasterize import depth_map

DIRECTIONS = 24
MAP_SIZE = 96
EXTENT = 3.8
"""Width of a depth map in head units."""
CENTRE = np.array([0.0, -0.35, 0.0])
SLACK, SOFTNESS = 0.06, 0.12


@cache
def parallel_views() -> Float32[np.ndarray, "views 3 4"]:
    """Matrices to look at the head from even directions; the third row is nearness."""
    i = np.arange(DIRECTIONS) + 0.5
    polar, around = np.arccos(1 - 2 * i / DIRECTIONS), np.pi * (1 + 5**0.5) * i
    towards = np.stack([np.cos(around) * np.sin(polar), np.cos(polar), np.sin(around) * np.sin(polar)], 1)
    return np.stack([parallel_view(direction, MAP_SIZE, EXTENT, CENTRE) for direction in towards])


def parallel_view(
    direction: np.ndarray, size: int, extent: float, centre: np.ndarray = CENTRE
) -> Float32[np.ndarray, "3 4"]:
    """Rows of the map from the room to a square depth map seen from ``direction``; the third is nearness."""
    aside = np.cross([0.31, 0.9, 0.2], direction)
    aside /= np.linalg.norm(aside)
    up = np.cross(direction, aside)
    scale = size / extent
    rows = np.stack([aside * scale, up * scale, direction])
    offsets = np.array([size / 2, size / 2, 0]) - np.array([rows[0] @ centre, rows[1] @ centre, 0])
    return np.column_stack([rows, offsets]).astype(np.float32)


def openness(
    vertices: Float32[np.ndarray, "vertices 3"],
    normals: Float32[np.ndarray, "vertices 3"],
    triangles: Int32[np.ndarray, "triangles 3"],
    one_sided: Bool[np.ndarray, "triangles"],
) -> Float32[np.ndarray, "vertices"]:
    """The share of the sky, weighted by the cosine, that nothing hides from a vertex: 0 to 1.

    Source: ambient occlusion after Zhukov et al. 1998.
    """
    seen = np.zeros(len(vertices), np.float32)
    possible = np.zeros(len(vertices), np.float32)
    depth = np.zeros((MAP_SIZE, MAP_SIZE), np.float32)
    screen = np.empty_like(vertices)
    for view in parallel_views():
        kernels.project_parallel(vertices, view, screen)
        depth_map(screen, triangles, depth, one_sided=one_sided)
        kernels.gather_openness(
            screen, normals, view[2, :3], depth, np.float32(SLACK), np.float32(SOFTNESS), seen, possible
        )
    return seen / (possible + np.float32(1e-6))
