"""The skin of the head: points that follow eyes and mouth, joined on the sphere, then laid on the face."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.spatial import ConvexHull, cKDTree

from thlab.face.head import face_surface as face
from thlab.face.head.mesh import NOT_ON_RING
from thlab.face.head.solid import bump, cast, distance, front_depth, front_start, smoothstep

Plane = Float[np.ndarray, "points 2"]
Space = Float[np.ndarray, "points 3"]

CENTRE = np.array([0.0, -0.15, 0.0])
"""The head is star-shaped as seen from here, so a hull of directions joins its points."""
SCALP_POINTS = 1900


@dataclass(frozen=True)
class Rings:
    """Points of the eye and mouth rings in the frontal plane, and where each lies on its ring."""

    points: Plane
    loops: dict[str, np.ndarray]
    lip_ring: Float[np.ndarray, "points"]
    lip_angle: Float[np.ndarray, "points"]
    lid_ring: Float[np.ndarray, "points"]
    lid_angle: Float[np.ndarray, "points"]
    eye_side: Int[np.ndarray, "points"]


@dataclass(frozen=True)
class Skin:
    """Vertices and triangles of the skin, its rings first."""

    vertices: Space
    triangles: Int[np.ndarray, "triangles 3"]
    rings: Rings
    anchors: dict[str, np.ndarray]


def rings() -> Rings:
    """All rings, the left eye's first, then the right eye's, then the mouth's."""
    points, loops, columns, count = [], {}, [], 0
    named = [(f"eye_{name}_{j}", q, side) for name, side in (("L", 1), ("R", 2)) for j, q in enumerate(face.EYE_RINGS)]
    named += [(f"mouth_{ring}", float(ring), 0) for ring in range(face.MOUTH_RINGS)]
    for name, ring, side in named:
        x, y = face.eye_ring(ring, 1 if side == 1 else -1) if side else face.mouth_ring(int(ring))
        loops[name] = np.arange(count, count + len(x))
        count += len(x)
        points.append(np.stack([x, y], 1))
        angles = face.ring_angles(len(x))
        off, none = np.full(len(x), NOT_ON_RING), np.zeros(len(x))
        lip, lid = (off, np.full(len(x), ring)) if side else (np.full(len(x), ring), off)
        columns.append(np.stack([lip, none if side else angles, lid, angles if side else none, none + side], 1))
    table = np.concatenate(columns)
    lip, lip_angle, lid, lid_angle, eye_side = table.T
    return Rings(np.concatenate(points), loops, lip, lip_angle, lid, lid_angle, eye_side.astype(int))


def hexagons(width: float, bottom: float, top: float, spacing: float) -> Float[np.ndarray, "lattice 2"]:
    """A mirror-symmetric hexagonal lattice."""
    rows = []
    for number, y in enumerate(np.arange(bottom, top, spacing * 0.866)):
        x = np.arange(0 if number % 2 == 0 else spacing / 2, width, spacing)
        x = np.concatenate([x, -x[x > 0]])
        rows.append(np.stack([x, np.full(len(x), y)], 1))
    return np.concatenate(rows)


def inside(
    polygon: Float[np.ndarray, "corners 2"], points: Float[np.ndarray, "queries 2"]
) -> Bool[np.ndarray, "queries"]:
    """Which points a polygon contains: an odd number of its edges cross the ray to their right."""
    start, end = polygon, np.roll(polygon, -1, 0)
    x, y = points[:, :1], points[:, 1:]
    spans = (start[:, 1] > y) != (end[:, 1] > y)
    rise = np.where(end[:, 1] == start[:, 1], 1, end[:, 1] - start[:, 1])
    crossing = start[:, 0] + (y - start[:, 1]) * (end[:, 0] - start[:, 0]) / rise
    return (spans & (x < crossing)).sum(1) % 2 == 1


def beside_edges(
    polygon: Float[np.ndarray, "corners 2"], points: Float[np.ndarray, "queries 2"]
) -> Bool[np.ndarray, "queries"]:
    """Which points lie in a circle around an edge: a Delaunay triangulation would not keep that edge."""
    start, end = polygon, np.roll(polygon, -1, 0)
    gaps = np.linalg.norm(points[:, None] - (start + end) / 2, axis=2)
    return (gaps < 0.6 * np.linalg.norm(end - start, axis=1)).any(1)


def apart(points: Plane, others: Float[np.ndarray, "others 2"], least: float) -> Float[np.ndarray, "kept 2"]:
    """The points that keep their distance from others."""
    return points[cKDTree(others).query(points)[0] > least]


@dataclass(frozen=True)
class Front:
    """Points of the front of the head: rings and anchors first, then lattices."""

    points: Space
    """On the bare head."""
    anchors: dict[str, np.ndarray]
    """Names of vertices that landmarks need."""


def front_points(ring: Rings) -> Front:
    """The rings, the anchors, and lattices: fine on the nose, middling around the mouth, coarse elsewhere."""
    jaw, planes = face.jaw(), face.anchors()
    fixed = np.concatenate([ring.points, *planes.values(), jaw[:, :2]])
    starts = np.cumsum([len(ring.points), *(len(plane) for plane in planes.values()), len(jaw)])
    names = {name: np.arange(a, b) for name, a, b in zip([*planes, "jaw"], starts[:-1], starts[1:], strict=True)}
    plane = np.concatenate([fixed, lattices(ring, fixed)])
    depth = front_depth(plane[:, 0], plane[:, 1])
    depth[names["jaw"]] = jaw[:, 2]
    return Front(np.column_stack([plane, depth]), names)


def lattices(ring: Rings, taken: Float[np.ndarray, "taken 2"]) -> Float[np.ndarray, "added 2"]:
    """Fill the front between the points that are taken."""
    outlines = [ring.points[ring.loops[name]] for name in ("eye_L_4", "eye_R_4", "mouth_6")]

    def free(points: Plane, *others: np.ndarray, least: float) -> np.ndarray:
        hidden = np.any([inside(outline, points) | beside_edges(outline, points) for outline in outlines], 0)
        return apart(points[~hidden], np.concatenate([taken, *others]), least)

    nose = hexagons(0.22, -0.52, 0.16, 0.028)
    nose = free(nose[np.abs(nose[:, 0]) < 0.12 + 0.10 * (nose[:, 1] < -0.22)], least=0.020)
    folds = hexagons(0.55, -1.06, -0.26, 0.040)
    folds = free(folds[(folds[:, 0] / 0.52) ** 2 + ((folds[:, 1] + 0.62) / 0.36) ** 2 < 1], nose, least=0.028)
    rest = hexagons(0.62, -1.06, 0.80, 0.052)
    rest = free(rest[(rest[:, 0] / 0.60) ** 2 + ((rest[:, 1] + 0.12) / 0.92) ** 2 < 1], nose, folds, least=0.036)
    filled = np.concatenate([nose, folds, rest])
    return filled[distance(np.insert(filled, 2, front_start(filled[:, 1]), 1)) < 0]


def scalp_directions() -> Space:
    """An even, mirror-symmetric cover of the sphere: half a Fibonacci lattice and its mirror image."""
    half = SCALP_POINTS // 2
    number = np.arange(half) + 0.5
    polar, azimuth = np.arccos(1 - 2 * number / half), np.pi * (1 + 5**0.5) * number
    d = np.stack([np.abs(np.cos(azimuth) * np.sin(polar)), np.cos(polar), np.sin(azimuth) * np.sin(polar)], 1)
    d = d[d[:, 0] > 0.03]
    return np.concatenate([d, d * [-1, 1, 1]])


def joined(directions: Space) -> Int[np.ndarray, "triangles 3"]:
    """Triangles between points on the unit sphere, wound outwards: their convex hull."""
    triangles = ConvexHull(directions).simplices.copy()
    a, b, c = (directions[triangles[:, corner]] for corner in range(3))
    inwards = np.einsum("ij,ij->i", np.cross(b - a, c - a), a) < 0
    triangles[inwards] = triangles[inwards][:, ::-1]
    return triangles


def with_ring_strips(directions: Space, ring: Rings) -> Int[np.ndarray, "triangles 3"]:
    """Join the points outside the eyes and the mouth by their hull, and those inside by tidy strips between the rings.

    The innermost rings stay open; the outermost are edges of the hull because no point lies near them.
    """
    eyes = [[ring.loops[f"eye_{side}_{j}"] for j in range(len(face.EYE_RINGS))] for side in "LR"]
    mouth = [ring.loops[f"mouth_{j}"] for j in range(face.MOUTH_RINGS)]
    enclosed = np.concatenate([loop for loops in (*eyes, mouth) for loop in loops[:-1]])
    outside = np.setdiff1d(np.arange(len(directions)), enclosed)
    hull = outside[joined(directions[outside])]
    lids = np.any([np.isin(hull, loops[-1]).all(1) for loops in (*eyes, mouth)], 0)
    left, right, around_mouth = (
        np.concatenate([mirrored_strip(outer, inner) for inner, outer in pairwise(loops)]) for loops in (*eyes, mouth)
    )
    return np.concatenate([hull[~lids], left, right[:, ::-1], around_mouth])


def mirrored_strip(
    outer: Int[np.ndarray, "columns"], inner: Int[np.ndarray, "columns"]
) -> Int[np.ndarray, "triangles 3"]:
    """A closed strip between two rings whose diagonals are mirror images left and right."""
    quads = np.stack([outer, np.roll(outer, -1), np.roll(inner, -1), inner], 1)
    quarter = (np.arange(len(outer)) * 4) // len(outer)
    turned = ((quarter == 1) | (quarter == 2))[:, None, None]
    one, other = quads[:, [[0, 1, 2], [0, 2, 3]]], quads[:, [[0, 1, 3], [1, 2, 3]]]
    return np.where(turned, one, other).reshape(-1, 3)


def build_skin(centre: Float[np.ndarray, "3"]) -> Skin:
    """The skin of the head around eyeballs at ±``centre``, mouth just closed, eyes open."""
    ring = rings()
    front = front_points(ring)
    front_directions = front.points - CENTRE
    front_directions /= np.linalg.norm(front_directions, axis=1, keepdims=True)
    directions = scalp_directions()
    scalp = CENTRE + directions * cast(CENTRE, directions)[:, None]
    on_face = (scalp[:, 2] > 0) & ((scalp[:, 0] / 0.62) ** 2 + ((scalp[:, 1] + 0.12) / 0.94) ** 2 < 1)
    kept = (cKDTree(front_directions).query(directions)[0] > 0.055) & ~on_face
    triangles = with_ring_strips(np.concatenate([front_directions, directions[kept]]), ring)
    vertices = np.concatenate([lay_face(front.points, centre), lay_scalp(scalp[kept])])
    shape_nose_tip(vertices)
    place_lips(vertices, ring)
    place_lids(vertices, ring, centre)
    return Skin(vertices, triangles, ring, front.anchors)


def lay_face(front: Space, centre: Float[np.ndarray, "3"]) -> Space:
    """Points of the front, brought forward onto the face and over the eyeballs."""
    x, y, z = front.T
    edge = np.where(np.hypot(x / 0.62, (y + 0.12) / 0.94) < 1, 1, smoothstep(0.25, 0.45, z))
    return np.column_stack([x, y, face.lift_over_eyeballs(x, y, z + edge * face.relief(x, y), centre)])


def lay_scalp(scalp: Space) -> Space:
    """Points of the bare head, with the relief of the face where they reach its edge."""
    x, y, z = scalp.T
    edge = smoothstep(0.25, 0.45, z)
    return np.column_stack([x, y, z + edge * np.where(z > 0.25, face.relief(x, y), 0)])


def shape_nose_tip(vertices: Space) -> None:
    """Let the tip hang over and the wings flare, which a height field cannot."""
    x, y, z = vertices.T
    hang = bump(x, y, (0, -0.385), (0.12, 0.06)) * smoothstep(0.88, 1.05, z)
    flare = bump(np.abs(x), y, (0.105, -0.375), (0.05, 0.05)) * (z > 0.7)
    vertices[:, 1] -= 0.022 * hang
    vertices[:, 0] += np.sign(np.round(x, 6)) * 0.012 * flare


def place_lips(vertices: Space, ring: Rings) -> None:
    """Give the lips their fullness and close them: the two halves of ring 0 coincide."""
    ids = np.flatnonzero(ring.lip_ring < NOT_ON_RING)
    number, sine = ring.lip_ring[ids].astype(int), np.sin(ring.lip_angle[ids])
    taper = np.where(np.abs(sine) < 1e-9, 0, np.abs(sine)) ** 0.7
    fullness = np.where(sine >= 0, np.array(face.LIP_DEPTH_UPPER)[number], np.array(face.LIP_DEPTH_LOWER)[number])
    vertices[ids, 2] += fullness * np.where(number > 0, taper, 1) - np.where(number < 4, 0.016 * (1 - taper), 0)
    inner = ring.loops["mouth_0"]
    vertices[inner, 1] = face.lip_line(vertices[inner, 0])
    vertices[inner] = (vertices[inner] + vertices[across(inner)]) / 2


def across(loop: Int[np.ndarray, "columns"]) -> Int[np.ndarray, "columns"]:
    """For each vertex of a ring, the one opposite: below it if it is above, and the corners themselves."""
    return loop[-np.arange(len(loop)) % len(loop)]


def over_eyeball(flat: Plane, middle: float | np.floating) -> Float[np.ndarray, "points"]:
    """The z of a lid that lies on an eyeball, from the offset in x and y and the z of the eyeball's middle."""
    squared = (face.EYE_RADIUS + face.LID_CLEARANCE) ** 2 - (flat**2).sum(1)
    return middle + np.sqrt(np.maximum(squared, 0.0004))


def place_lids(vertices: Space, ring: Rings, centre: Float[np.ndarray, "3"]) -> None:
    """Lay the lid margins on the eyeballs and press in the crease above them."""
    for side, sign in ((1, 1), (2, -1)):
        middle = centre * [sign, 1, 1]
        margin = ring.loops["eye_L_0" if side == 1 else "eye_R_0"]
        vertices[margin, 2] = over_eyeball(vertices[margin, :2] - middle[:2], middle[2])
        crease = ring.loops["eye_L_2" if side == 1 else "eye_R_2"]
        pressed = vertices[crease, 2] - 0.014 * np.maximum(np.sin(ring.lid_angle[crease]), 0)
        vertices[crease, 2] = np.maximum(pressed, over_eyeball(vertices[crease, :2] - middle[:2], middle[2]))
