"""The mesh around the face: hair, ears, neck and background, which follow the head less and less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int
from scipy.spatial import Delaunay, cKDTree

from thlab.face.head.solid import smoothstep
from thlab.face.mesh.basis import MeshPose
from thlab.face.mesh.topology import CHIN, OVAL

Plane = Float[np.ndarray, "points 2"]
FACE_HEIGHT = 1.46
"""Head units from chin to hairline: the unit of the distances below."""
RINGS = (1.12, 1.28, 1.5)
"""The oval of the face, enlarged so much around its middle."""
CELLS = 22
"""Cells of the grid along the longer side of the part."""
BORDER = (0.03, 0.13)
"""Shares of the part's side between which movement fades to nothing towards its edge, where it joins the picture."""
EXPRESSION_REACH = 0.42
"""The skin around moves with the jaw up to this far from the oval."""
HEAD_REACH = (0.30, 0.95)
"""Hair follows the turning head wholly up to the first distance, not at all from the second."""
NECK_REACH = 0.55
"""Below the chin it follows less far."""
RECEDING, DEEPEST = 0.55, 0.5
"""How steeply the surroundings lie behind the oval, and up to which distance."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Vertices around the oval, and how they follow it."""

    points: Float[np.ndarray, "around 3"]
    """Pixels, x right, y down, z away."""
    triangles: Int[np.ndarray, "triangles 3"]
    """Numbered with the points of the oval first, in its order, then those around."""
    oval_shares: Float32[np.ndarray, "around 36"]
    """How much each point of the oval says about each around; rows add up to 1."""
    follow_expression: Float32[np.ndarray, "around"]
    follow_head: Float32[np.ndarray, "around"]


def surroundings(
    mesh: Float[np.ndarray, "468 3"], pose: MeshPose, *, height: int, width: int
) -> Surroundings:
    """Lay a mesh around a face.

    Args:
        mesh: the face, in pixels of the part.
        pose: of the face.
        height: of the part, in pixels.
        width: of the part.
    """
    oval, face = mesh[OVAL], FACE_HEIGHT * pose.scale
    points = scattered(oval[:, :2], height=height, width=width)
    everything = np.concatenate([oval[:, :2], points])
    triangles = Delaunay(everything).simplices
    triangles = triangles[signed_distance(everything[triangles].mean(1), oval[:, :2]) > 0]
    away = np.maximum(signed_distance(points, oval[:, :2]), 0) / face
    nearness = 1 / (np.linalg.norm(points[:, None] - oval[None, :, :2], axis=2) / face + 1e-3) ** 3
    shares = nearness / nearness.sum(1, keepdims=True)
    depth = shares @ oval[:, 2] + RECEDING * face * np.minimum(away, DEEPEST)
    to_edge = np.minimum(points, [width, height] - points).min(1) / max(height, width)
    pinned = smoothstep(*BORDER, to_edge)
    below = below_chin(points, mesh[CHIN, :2], pose)
    head = (1 - smoothstep(*HEAD_REACH, away)) * (1 - below) + below * (1 - smoothstep(0, NECK_REACH, away))
    expression = 1 - smoothstep(0, EXPRESSION_REACH, away)
    return Surroundings(
        points=np.column_stack([points, depth]),
        triangles=triangles,
        oval_shares=shares.astype(np.float32),
        follow_expression=(expression * pinned).astype(np.float32),
        follow_head=(head * pinned).astype(np.float32),
    )


def scattered(oval: Float[np.ndarray, "36 2"], *, height: int, width: int) -> Plane:
    """Places around the face: rings that keep to its shape, and a grid up to the corners of the part."""
    step = max(height, width) / CELLS
    middle = oval.mean(0)
    rings = np.concatenate([middle + (oval - middle) * share for share in RINGS])
    rings = rings[(rings > 2).all(1) & (rings < np.array([width, height]) - 2).all(1)]
    rings = rings[signed_distance(rings, oval) > 0.25 * step]
    columns, rows = (np.linspace(0, size, max(2, round(size / step)) + 1) for size in (width, height))
    grid = np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2)
    grid = grid[signed_distance(grid, oval) > 0.5 * step]
    apart, _ = cKDTree(np.concatenate([rings, oval])).query(grid)
    return np.concatenate([rings, grid[apart > 0.5 * step]])


def below_chin(points: Plane, chin: Float[np.ndarray, "2"], pose: MeshPose) -> Float[np.ndarray, "points"]:
    """How much a place belongs to the neck: 0 beside the face, 1 well under the chin."""
    down = np.array([-pose.rotation[0, 1], pose.rotation[1, 1]])
    return smoothstep(-0.10, 0.35, (points - chin) @ down / (FACE_HEIGHT * pose.scale) + 0.05)


def signed_distance(points: Plane, polygon: Float[np.ndarray, "corners 2"]) -> Float[np.ndarray, "points"]:
    """How far places lie outside a polygon; negative within."""
    start, edge = polygon, np.roll(polygon, -1, 0) - polygon
    from_start = points[:, None] - start
    along = np.clip((from_start * edge).sum(2) / np.maximum((edge**2).sum(1), 1e-12), 0, 1)
    distance = np.linalg.norm(from_start - along[..., None] * edge, axis=2).min(1)
    return np.where(inside(points, polygon), -distance, distance)


def inside(points: Plane, polygon: Float[np.ndarray, "corners 2"]) -> Bool[np.ndarray, "points"]:
    """Whether a ray to the right crosses the border an odd number of times."""
    x, y = points[:, None, 0], points[:, None, 1]
    (x0, y0), (x1, y1) = polygon.T, np.roll(polygon, -1, 0).T
    spans = (y0 > y) != (y1 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = x0 + (y - y0) / (y1 - y0) * (x1 - x0)
    return (spans & (x < crossing)).sum(1) % 2 == 1

