"""Laplacian coordinates: each point seen from the middle of its neighbours, and back by least squares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse import csr_matrix, identity, vstack
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from thlab.face.landmarks.rasters import SEGMENTS

Edges = Sequence[tuple[int, int]]
ANCHORED = 10.0
"""How much more an anchor counts than a Laplacian coordinate, before squaring."""


def edges_of(triangles: Int[np.ndarray, "triangles 3"]) -> list[tuple[int, int]]:
    """The edges of a triangle mesh, each once."""
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return [(int(a), int(b)) for a, b in np.unique(np.sort(pairs, 1), axis=0)]


def ibug_edges() -> list[tuple[int, int]]:
    """A net of the 68 landmarks: their lines, and the struts that hold brows, eyes, nose, mouth and jaw together."""
    return [*SEGMENTS, *STRUTS]


STRUTS = (
    (0, 17), (16, 26), (21, 22), (21, 27), (22, 27), (30, 33), (39, 27), (42, 27), (36, 0), (45, 16),
    (17, 36), (21, 39), (22, 42), (26, 45), (19, 37), (24, 44), (31, 50), (35, 52), (33, 51), (48, 4), (54, 12),
    (57, 8), (48, 60), (54, 64), (51, 62), (57, 66),
)  # fmt: skip


def laplacian_matrix(edges: Iterable[tuple[int, int]], points: int) -> csr_matrix:
    """L = I − D⁻¹ A: a point less the mean of its neighbours, as a sparse matrix (points × points).

    Raises:
        ValueError: an edge names a point that there is not, or a point has no neighbour.
    """
    pairs = np.array(sorted({(min(edge), max(edge)) for edge in edges}), int).reshape(-1, 2)
    if len(pairs) and (pairs.min() < 0 or pairs.max() >= points):
        raise ValueError(f"edges must join points from 0 to {points - 1}, but they name {pairs.min()} to {pairs.max()}")
    rows, columns = np.concatenate([pairs, pairs[:, ::-1]]).T
    adjacency = csr_matrix((np.ones(len(rows)), (rows, columns)), (points, points))
    degree = np.asarray(adjacency.sum(1)).ravel()
    if (degree == 0).any():
        raise ValueError(f"point {int(np.argmin(degree))} has no neighbour; give every point an edge")
    return csr_matrix(identity(points) - csr_matrix((1 / degree[rows], (rows, columns)), (points, points)))


def laplacian_coordinates(
    points: Float[np.ndarray, "points axes"], edges: Iterable[tuple[int, int]]
) -> Float[np.ndarray, "points axes"]:
    """δ = L p: where each point lies, seen from the middle of its neighbours; shifts leave it as it is.

    Source: Sorkine et al. 2004, "Laplacian surface editing", Eq. 1 (uniform weights). Chapter 06.
    """
    return laplacian_matrix(edges, len(points)) @ points


def from_laplacian(
    coordinates: Float[np.ndarray, "points axes"],
    edges: Iterable[tuple[int, int]],
    anchors: Mapping[int, Float[np.ndarray, "axes"]],
    *,
    weight: float = ANCHORED,
) -> Float[np.ndarray, "points axes"]:
    """The points whose Laplacian coordinates are closest to those given, with some points held (nearly) in place.

    argmin_p |L p − δ|² + w² Σ_a |p_a − anchor_a|², by the normal equations, which are sparse. Move an anchor, and the
    others follow while they keep their detail: so a face of landmarks is edited, or another's motion laid on it.

    Args:
        coordinates: δ.
        edges: the same as made them.
        anchors: the number of a point, and where it should be. At least one in each connected part of the net.
        weight: w; large values hold the anchors exactly.

    Raises:
        ValueError: a connected part of the net has no anchor, so nothing says where it is.

    Source: Sorkine et al. 2004, "Laplacian surface editing", Eq. 3 (without its turn of the details). Chapter 06.
    """
    count = len(coordinates)
    matrix = laplacian_matrix(edges, count)
    held = np.array(sorted(anchors), int)
    _check_anchors(matrix, held)
    pins = csr_matrix((np.full(len(held), float(weight)), (np.arange(len(held)), held)), (len(held), count))
    left = vstack([matrix, pins])
    right = np.concatenate([coordinates, weight * np.stack([anchors[int(point)] for point in held])])
    return splu((left.T @ left).tocsc()).solve(left.T @ right)


def _check_anchors(matrix: csr_matrix, held: Int[np.ndarray, "anchors"]) -> None:
    parts, part_of = connected_components(matrix, directed=False)
    missing = set(range(parts)) - set(part_of[held].tolist())
    if missing:
        loose = int(np.flatnonzero(np.isin(part_of, list(missing)))[0])
        raise ValueError(f"nothing says where point {loose} is: give an anchor in its connected part of the net")
