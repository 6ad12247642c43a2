"""Carry the expressions of the procedural head over to MediaPipe's mesh: film the head, find the mesh, read the skin.

This is done once, by ``python -m thlab.face.mesh.building``; the result lies in ``mesh_basis.npz``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial import cKDTree

from thlab.face.action_units import EXPRESSION_INDEX, EXPRESSIONS
from thlab.face.head import Avatar, Camera, Person, Renderer, head_model, mean_head, plain_background, sample_person
from thlab.face.head import kernels as head_kernels
from thlab.face.head.light import sample_light
from thlab.face.landmarks.face_mesh import FaceMesh
from thlab.face.mesh.topology import LOWER_LID, LOWER_LIP, POINTS, UPPER_LID, UPPER_LIP
from thlab.media.atomic import atomic_path
from thlab.render.rasterize import rasterize

FILE = Path(__file__).with_name("mesh_basis.npz")
FILMED = 24
"""People whose skin the mean head wears, so that no one skin decides where points are found."""
SIZE = 1024
"""Pixels a side of the pictures."""
CAMERA = Camera(zoom=1.3)
DARKEST = 0.45
"""Of the skins that are filmed: on darker ones, in this light, points scatter more."""
Fields = Float[np.ndarray, "modes points 3"]
Triangles = Int[np.ndarray, "triangles 3"]
MIRROR = np.array([-1.0, 1.0, 1.0])


def build_mesh_basis(*, filmed: int = FILMED) -> tuple[Float[np.ndarray, "468 3"], Fields, Triangles]:
    """The mesh on the mean head, the head's expressions at its points, and its triangles.

    Args:
        filmed: how many skins the mean head is filmed with.
    """
    found = np.median([find_mesh(seed) for seed in range(filmed)], 0)
    triangles = mesh_triangles()
    twin = mirror_map(triangles)
    points, fields = on_the_skin(found)
    points = 0.5 * (points + points[twin] * MIRROR)
    fields = along_rings(points, fields)
    return points, symmetric(fields, twin), facing_forward(points, triangles)


# -- filming ----------------------------------------------------------------------------------------------------------


def bald_mean(seed: int) -> Person:
    """The mean head in somebody's skin, without hair, beard or glasses."""
    person = sample_person(seed)
    tone = min(person.skin_tone, DARKEST)
    nobody = np.zeros_like(person.identity)
    return replace(person, identity=nobody, hair_style="bald", beard=0.0, moustache=0.0, glasses="none", skin_tone=tone)


def find_mesh(seed: int) -> Float[np.ndarray, "468 3"]:
    """The mesh in one picture of the mean head at rest, in pixels."""
    still, ahead = np.zeros(6, np.float32), np.zeros(2, np.float32)
    rest = np.zeros(len(EXPRESSIONS), np.float32)
    light = sample_light(np.random.default_rng(seed))
    avatar = Avatar(bald_mean(seed))
    picture = Renderer(SIZE, supersample=1, camera=CAMERA).render(
        avatar, rest, still, ahead, light, plain_background(SIZE, (0.4, 0.4, 0.4))
    )
    (face,) = FaceMesh().detect(picture)
    return face.points[:POINTS].astype(float)


# -- from the picture to the skin -------------------------------------------------------------------------------------


def on_the_skin(found: Float[np.ndarray, "468 3"]) -> tuple[Float[np.ndarray, "468 3"], Fields]:
    """Where each point lies on the mean head, and what the head's expressions do there.

    A point that falls beside the skin (on the white of the eye, say) takes the nearest pixel of skin.
    """
    head = mean_head()
    skin = head.triangles[(head.triangles < head.skin_count).all(1)]
    screen = np.empty_like(head.vertices)
    middle, level = CAMERA.centre(SIZE)
    head_kernels.project(head.vertices, CAMERA.distance, CAMERA.focal(SIZE), middle, SIZE / 2, level, screen)
    outside = np.ones(len(skin), bool)
    fragments = rasterize(screen, skin, SIZE, SIZE, perspective=True, one_sided=outside)
    rows, columns = np.nonzero(fragments.covered)
    _, nearest = cKDTree(np.column_stack([columns, rows]) + 0.5).query(found[:, :2])
    row, column = rows[nearest], columns[nearest]
    second, third = fragments.weights[row, column].T
    weights = np.stack([1 - second - third, second, third], 1)
    corners = skin[fragments.ids[row, column]]
    points = np.einsum("pc,pcx->px", weights, head.vertices[corners].astype(float))
    return points, np.einsum("pc,mpcx->mpx", weights, head_model().expression[:, corners].astype(float))


def along_rings(points: Float[np.ndarray, "468 3"], fields: Fields) -> Fields:
    """Give lips and rims of lids what the head's own rings do at the same place of the ring.

    Lips and lids part along these rings: the nearest skin in a picture could be that of the other side.
    """
    head, basis, carried = mean_head(), head_model().expression.astype(float), fields.copy()
    for ring in range(len(UPPER_LIP)):
        for row, side in ((UPPER_LIP[ring], 1), (LOWER_LIP[ring], -1)):
            carried[:, row] = at_angles(basis[:, head.loops[f"mouth_{ring}"]], side * lip_angles(points[row, 0]))
    for eye in "RL":
        for row, side in ((UPPER_LID[eye][0], 1), (LOWER_LID[eye][0], -1)):
            outwards = points[row, 0] * (1 if eye == "L" else -1)
            loop = basis[:, head.loops[f"eye_{eye}_0"]]
            carried[:, row] = at_angles(loop, side * lip_angles(outwards - outwards.mean()))
    return rounder_jaw(points, carried)


def lip_angles(x: Float[np.ndarray, "columns"]) -> Float[np.ndarray, "columns"]:
    """The angle on a ring from its left corner, of points that run from corner to corner: 0 to π."""
    middle, half = 0.5 * (x.max() + x.min()), 0.5 * np.ptp(x)
    return np.arccos(np.clip((x - middle) / half, -1, 1))


def at_angles(loop: Float[np.ndarray, "modes columns 3"], angles: Float[np.ndarray, "points"]) -> Fields:
    """Read a closed ring between its columns."""
    columns = loop.shape[1]
    place = (angles % (2 * np.pi)) * columns / (2 * np.pi)
    before = np.floor(place).astype(int)
    share = (place - before)[:, None]
    return loop[:, before % columns] * (1 - share) + loop[:, (before + 1) % columns] * share


def rounder_jaw(points: Float[np.ndarray, "468 3"], fields: Fields) -> Fields:
    """Reweigh the jaw on the lips, so that an open mouth is nearer to an ellipse.

    The head's own weights fall to the corners as sines to the power of 0.6, which in a flat picture is nearly a box.
    """
    jaw, reweighed = EXPRESSION_INDEX["jaw_open"], fields.copy()
    for upper, lower in zip(UPPER_LIP, LOWER_LIP, strict=True):
        above, below = (np.sin(lip_angles(points[row, 0]))[1:-1, None] for row in (upper, lower))
        reweighed[jaw, upper[1:-1]] *= (1 - above) / np.maximum(1 - above**0.6, 0.02)
        reweighed[jaw, lower[1:-1]] *= (0.40 + 0.60 * below**0.95) / (0.40 + 0.60 * below**0.65)
    return reweighed


# -- the mesh itself --------------------------------------------------------------------------------------------------


def mesh_triangles() -> Triangles:
    """Triangles of the mesh: three edges that close, of the edges that MediaPipe lists.

    Three that close around a smaller mesh are no face of it: all their edges then belong to three.
    """
    from mediapipe.python.solutions.face_mesh_connections import FACEMESH_TESSELATION

    beside: dict[int, set[int]] = {}
    for a, b in FACEMESH_TESSELATION:
        beside.setdefault(a, set()).add(b)
        beside.setdefault(b, set()).add(a)
    closed = sorted({tuple(sorted((a, b, c))) for a, b in FACEMESH_TESSELATION for c in beside[a] & beside[b]})
    faces = Counter(edge for triangle in closed for edge in combinations(triangle, 2))
    real = [triangle for triangle in closed if any(faces[edge] < 3 for edge in combinations(triangle, 2))]
    return np.array(real)


def mirror_map(triangles: Triangles) -> Int[np.ndarray, "468"]:
    """For every point the one across the face, found by walking the mesh from an edge on its middle line.

    Two triangles share an edge, and so do their twins across the face: what one walk meets on its left, the other
    meets on its right. Nearest points would do worse: where points lie close they are taken for one another.
    """
    apexes: dict[tuple[int, int], list[int]] = {}
    for triangle in triangles.tolist():
        for a, b in combinations(sorted(triangle), 2):
            apexes.setdefault((a, b), []).append(next(c for c in triangle if c not in (a, b)))
    start = (8, 9)
    first, second = apexes[start]
    twin = {8: 8, 9: 9, first: second, second: first}
    waiting, seen = [start, *edges(8, 9, first), *edges(8, 9, second)], set()
    while waiting:
        edge = waiting.pop(0)
        if edge in seen:
            continue
        seen.add(edge)
        across = apexes.get(ordered(twin[edge[0]], twin[edge[1]]), [])
        for apex in apexes[edge]:
            match(apex, apexes[edge], across, twin)
            if apex in twin:
                waiting += edges(*edge, apex)
    return np.array([twin[point] for point in range(POINTS)])


def match(apex: int, here: Sequence[int], across: Sequence[int], twin: dict[int, int]) -> None:
    """Pair the apex of a triangle with the one apex across that is not yet taken."""
    if apex in twin:
        return
    taken = {twin[other] for other in here if other in twin} | set(twin.values())
    free = [other for other in across if other not in taken]
    if len(free) == 1:
        twin[apex] = free[0]
        twin.setdefault(free[0], apex)


def edges(a: int, b: int, apex: int) -> Iterable[tuple[int, int]]:
    return ordered(a, apex), ordered(b, apex)


def ordered(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def symmetric(fields: Fields, twin: Int[np.ndarray, "468"]) -> Fields:
    """Make the left do what the right does: modes with a side mirror each other, those to a side their own negative."""
    even = np.empty_like(fields)
    for name, mode in EXPRESSION_INDEX.items():
        other = name[:-1] + {"L": "R", "R": "L"}[name[-1]] if name.endswith(("_L", "_R")) else name
        sign = -1 if name in ("jaw_side", "mouth_side") else 1
        even[mode] = 0.5 * (fields[mode] + sign * fields[EXPRESSION_INDEX[other]][twin] * MIRROR)
    return even


def facing_forward(points: Float[np.ndarray, "468 3"], triangles: Triangles) -> Triangles:
    """Order the corners anticlockwise as seen from the front."""
    a, b, c = (points[triangles[:, corner], :2] for corner in range(3))
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    return np.where((area < 0)[:, None], triangles[:, ::-1], triangles)


def main() -> None:
    points, fields, triangles = build_mesh_basis()
    with atomic_path(FILE) as part, part.open("wb") as file:
        np.savez_compressed(
            file,
            points=points.astype(np.float32),
            expression=np.where(np.abs(fields) < 2e-4, 0, fields).astype(np.float16),
            triangles=triangles.astype(np.int16),
        )


if __name__ == "__main__":
    main()
