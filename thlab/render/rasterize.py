"""Triangles to pixels without weights: which triangle covers which sample, how far away, and where inside it.

A picture is drawn in two steps, geometry first and colour after ("deferred shading"): :func:`rasterize` finds the
nearest triangle of every sample, :func:`interpolate` brings any corner attribute to the samples, :func:`resolve`
averages samples into pixels. Screen x points right and y down; the centre of the first sample lies at (0.5, 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int32, UInt8

from thlab.render import kernels

Screen = Float32[np.ndarray, "vertices 3"]
"""x, y in samples, and nearness: larger for what is nearer, and linear on the screen (1/distance, for a camera)."""
Triangles = Int32[np.ndarray, "triangles 3"]
NOTHING = -1
"""The triangle of a sample where there is none."""


@dataclass(frozen=True)
class Fragments:
    """What :func:`rasterize` found at every sample."""

    ids: Int32[np.ndarray, "height width"]
    """The triangle, or −1."""
    weights: Float32[np.ndarray, "height width 2"]
    """Weights of the second and third corner; the first has the rest. Undefined where nothing is."""
    depth: Float32[np.ndarray, "height width"]
    """The nearness of the surface; very negative where nothing is."""

    @classmethod
    def empty(cls, height: int, width: int) -> Fragments:
        """Buffers to be filled, and filled again for the next frame."""
        return cls(
            ids=np.full((height, width), NOTHING, np.int32),
            weights=np.zeros((height, width, 2), np.float32),
            depth=np.full((height, width), kernels.BEHIND, np.float32),
        )

    @property
    def covered(self) -> Bool[np.ndarray, "height width"]:
        return self.ids >= 0


def rasterize(
    screen: Screen,
    triangles: Triangles,
    height: int,
    width: int,
    *,
    perspective: bool = False,
    one_sided: Bool[np.ndarray, "triangles"] | None = None,
    frayed: Bool[np.ndarray, "triangles"] | None = None,
    strands: Float32[np.ndarray, "vertices 2"] | None = None,
    into: Fragments | None = None,
) -> Fragments:
    """Find the nearest triangle under every sample.

    Edges are decided in whole numbers with the top-left rule, so two triangles that share an edge neither leave a crack
    nor cover a sample twice.

    Args:
        perspective: the third coordinate of ``screen`` is 1/distance; weights are then those on the surface in space.
        one_sided: triangles that are left out when seen from behind. Seen from the front, corners run anticlockwise.
        frayed: triangles that consist of strands (hair, lashes): a sample between two strands is left out.
        strands: for those, a coordinate across that counts strands, and one along from 0 (closed) to 1 (every strand
            has tapered to nothing).
        into: buffers of an earlier frame to write into.

    Raises:
        ValueError: strands are missing, or the buffers have another size.

    Source: Pineda 1988, "A parallel algorithm for polygon rasterization".
    """
    if frayed is not None and strands is None:
        raise ValueError("frayed triangles need strand coordinates; pass strands=(vertices, 2)")
    fragments = Fragments.empty(height, width) if into is None else into
    if fragments.ids.shape != (height, width):
        raise ValueError(f"expected buffers of {height}×{width} samples, got {fragments.ids.shape}")
    no_triangle = np.zeros(len(triangles), bool)
    kernels.rasterize(
        screen,
        triangles,
        no_triangle if one_sided is None else one_sided,
        no_triangle if frayed is None else frayed,
        np.zeros((1, 2), np.float32) if strands is None else strands,
        perspective,
        np.empty((len(screen), 2), np.int64),
        fragments.depth,
        fragments.ids,
        fragments.weights,
    )
    return fragments


def depth_map(
    screen: Screen,
    triangles: Triangles,
    depth: Float32[np.ndarray, "height width"],
    *,
    one_sided: Bool[np.ndarray, "triangles"] | None = None,
) -> Float32[np.ndarray, "height width"]:
    """Fill ``depth`` with the largest nearness at every sample, and return it: a lamp's shadow map.

    Rows run up here: corners that run anticlockwise on the screen face the lamp, and ``one_sided`` triangles that do
    not are left out.
    """
    kernels.depth_map(screen, triangles, np.zeros(len(triangles), bool) if one_sided is None else one_sided, depth)
    return depth


def interpolate(
    fragments: Fragments, triangles: Triangles, attribute: Float[np.ndarray, "vertices channels"]
) -> Float32[np.ndarray, "height width channels"]:
    """Bring an attribute from the corners to the samples; zero where nothing is."""
    values = np.empty((*fragments.ids.shape, attribute.shape[1]), np.float32)
    kernels.interpolate(fragments.ids, fragments.weights, triangles, attribute.astype(np.float32, copy=False), values)
    return values


def vertex_normals(
    vertices: Float32[np.ndarray, "vertices 3"],
    triangles: Triangles,
    *,
    into: Float32[np.ndarray, "vertices 3"] | None = None,
) -> Float32[np.ndarray, "vertices 3"]:
    """Unit normals, the mean of the neighbouring triangles by area; zero for a vertex without triangles."""
    normals = np.empty_like(vertices) if into is None else into
    kernels.vertex_normals(vertices, triangles, normals)
    return normals


def resolve(
    samples: Float32[np.ndarray, "rows columns channels"],
    factor: int,
    *,
    limit: float,
    table: UInt8[np.ndarray, "codes"],
    into: UInt8[np.ndarray, "height width channels"] | None = None,
) -> UInt8[np.ndarray, "height width channels"]:
    """Average ``factor``² linear samples into a pixel and encode it.

    Args:
        limit: samples are clipped to [0, limit] first, so that one glint does not outshine its pixel.
        table: the byte for linear values evenly from 0 to ``limit``: exposure and gamma.
    """
    rows, columns, channels = samples.shape
    if rows % factor or columns % factor:
        raise ValueError(f"{rows}×{columns} samples do not divide into pixels of {factor}×{factor}; choose a multiple")
    pixels = np.empty((rows // factor, columns // factor, channels), np.uint8) if into is None else into
    kernels.resolve(samples, factor, np.float32(limit), table, pixels)
    return pixels
