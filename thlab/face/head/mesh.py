"""What a head mesh is made of: materials, parts, and the assembly that numbers their vertices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from jaxtyping import Float, Float32, Int, Int32

NOT_ON_RING = 9.0
"""The ring number of a vertex that lies on no ring."""


class Material(IntEnum):
    """How a triangle is shaded."""

    SKIN = 0
    MOUTH = 1
    TEETH = 2
    TONGUE = 3
    BUST = 4
    EYE = 5
    LASH = 6
    WET_RIM = 7
    HAIR = 8
    GLASSES = 9


class Part(IntEnum):
    """Which piece a vertex belongs to."""

    SKIN = 0
    MOUTH_BAG = 1
    TEETH_UPPER = 2
    TEETH_LOWER = 3
    TONGUE = 4
    EAR = 5
    BUST = 6
    EYEBALL_L = 7
    EYEBALL_R = 8
    LID_RIM_L = 9
    LID_RIM_R = 10
    LASH_L = 11
    LASH_R = 12


@dataclass(frozen=True)
class HeadMesh:
    """The mean head at rest: mouth closed, eyes open.

    Units of 10 cm; x to the subject's left, y up, z forward. Triangles are wound outwards (anticlockwise as seen from
    outside; the mouth's bag as seen from inside the mouth).
    """

    vertices: Float32[np.ndarray, "vertices 3"]
    triangles: Int32[np.ndarray, "triangles 3"]
    material: Int32[np.ndarray, "triangles"]
    """A :class:`Material` a triangle."""
    part: Int32[np.ndarray, "vertices"]
    """A :class:`Part` a vertex."""
    loops: Mapping[str, np.ndarray]
    """Vertex numbers by name, each also with R for L.

    ``eye_L_0`` (lid margin) to ``eye_L_4``; ``mouth_0`` (where lips meet) to ``mouth_3`` (border of the red) to
    ``mouth_6``; ``lid_rim_L``, ``bag_0`` to ``bag_4``, ``teeth_upper``, ``teeth_lower``, ``tongue``, ``ear_L``,
    ``bust``, ``eyeball_L``, ``lash_L``; ``brow_L``, ``nose_bridge``, ``nose_base`` and ``jaw`` are vertices of
    landmarks. Rings start at the corner on the subject's left (an eye's: at its outer corner) and run over the top.
    """
    skin_count: int
    """The first so many vertices are the skin of the head, without ears and neck."""
    lip_ring: Float32[np.ndarray, "vertices"]
    """0 to 6 on a mouth ring, else 9."""
    lip_angle: Float32[np.ndarray, "vertices"]
    """Place on the mouth ring, radians from the subject's left corner over the top; 0 elsewhere."""
    lid_ring: Float32[np.ndarray, "vertices"]
    """1 (lid margin) to 1.9 on an eye ring, in multiples of the fissure, else 9."""
    lid_angle: Float32[np.ndarray, "vertices"]
    """Place on the eye ring, radians from the outer corner over the top; 0 elsewhere."""
    eye_side: Int32[np.ndarray, "vertices"]
    """1 on a ring of the subject's left eye, 2 of the right, else 0."""
    mirror: Int32[np.ndarray, "vertices"]
    """The vertex on the other side of the face."""


def strip(
    first: Int[np.ndarray, "columns"], second: Int[np.ndarray, "columns"], *, closed: bool
) -> Int[np.ndarray, "triangles 3"]:
    """Two triangles between each pair of neighbours on two rows of vertices."""
    a, b = first, second
    if not closed:
        a, b, a_next, b_next = a[:-1], b[:-1], a[1:], b[1:]
    else:
        a_next, b_next = np.roll(a, -1), np.roll(b, -1)
    return np.stack([np.stack([a, a_next, b], 1), np.stack([b, a_next, b_next], 1)], 1).reshape(-1, 3)


class Assembly:
    """Collects pieces, numbering their vertices one after another."""

    def __init__(self) -> None:
        self.vertices: list[np.ndarray] = []
        self.parts: list[np.ndarray] = []
        self.triangles: list[np.ndarray] = []
        self.materials: list[np.ndarray] = []
        self.loops: dict[str, np.ndarray] = {}
        self.count = 0

    def add(self, name: str, vertices: Float[np.ndarray, "vertices 3"], part: Part) -> Int[np.ndarray, "vertices"]:
        """Append vertices under a name (if not empty) and return their numbers."""
        ids = np.arange(self.count, self.count + len(vertices))
        self.count += len(vertices)
        self.vertices.append(vertices)
        self.parts.append(np.full(len(vertices), part))
        if name:
            self.loops[name] = ids
        return ids

    def fill(self, triangles: Int[np.ndarray, "triangles 3"], material: Material) -> None:
        """Append triangles between vertices already there."""
        self.triangles.append(triangles)
        self.materials.append(np.full(len(triangles), material))

    def grid(
        self,
        name: str,
        rows: Float[np.ndarray, "rows columns 3"],
        part: Part,
        material: Material,
        *,
        closed: bool,
        flipped: bool = False,
    ) -> None:
        """Append a sheet of rows; ``closed`` joins the last column to the first, ``flipped`` turns it inside out."""
        ids = self.add(name, rows.reshape(-1, 3), part).reshape(rows.shape[:2])
        triangles = np.concatenate([strip(ids[r], ids[r + 1], closed=closed) for r in range(len(ids) - 1)])
        solid = spans_area(rows.reshape(-1, 3), triangles - ids[0, 0])
        self.fill(triangles[solid][:, ::-1] if flipped else triangles[solid], material)


def spans_area(
    vertices: Float[np.ndarray, "vertices 3"], triangles: Int[np.ndarray, "triangles 3"], *, least: float = 1e-9
) -> np.ndarray:
    """Which triangles are more than a line or a point (the poles of a grid make such)."""
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) > least
