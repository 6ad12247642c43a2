"""The mean head: skin with its rings, mouth parts, eyes, ears and bust in one mesh."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

import numpy as np
from jaxtyping import Float, Int, Int32
from scipy.spatial import cKDTree

from thlab.face.head.bust import add_bust, add_ears
from thlab.face.head.eyes import add_eye
from thlab.face.head.face_surface import EYE_RADIUS, MOUTH_HALF_WIDTH, MOUTH_Y, eye_centre
from thlab.face.head.mesh import NOT_ON_RING, Assembly, HeadMesh, Material, Part
from thlab.face.head.mouth_parts import add_mouth
from thlab.face.head.skin import Skin, build_skin

__all__ = ["EYE_RADIUS", "MOUTH_HALF_WIDTH", "MOUTH_Y", "HeadMesh", "Material", "Part", "eye_centres", "mean_head"]


@cache
def mean_head() -> HeadMesh:
    """The mean head, built on the first call and kept.

    Source: ours; blended ellipsoids, painted relief, rings around eyes and mouth.
    Notebook: 09, "The morphable face".
    """
    centre = eye_centre()
    skin = build_skin(centre)
    assembly = Assembly()
    assembly.add("", skin.vertices, Part.SKIN)
    assembly.fill(skin.triangles, Material.SKIN)
    assembly.loops.update(skin.rings.loops | skin.anchors)
    for side, sign in (("L", 1), ("R", -1)):
        margin = skin.rings.loops[f"eye_{side}_0"]
        add_eye(assembly, side, margin, skin.vertices[margin], centre * [sign, 1, 1])
    inner = skin.rings.loops["mouth_0"]
    add_mouth(assembly, inner, skin.vertices[inner])
    add_ears(assembly)
    add_bust(assembly)
    return finished(assembly, skin)


@cache
def eye_centres() -> Float[np.ndarray, "2 3"]:
    """Centres of the mean head's eyeballs, the subject's left first; read only, because it is kept."""
    centres = eye_centre() * np.array([[1.0, 1, 1], [-1, 1, 1]])
    centres.flags.writeable = False
    return centres


def finished(assembly: Assembly, skin: Skin) -> HeadMesh:
    vertices = np.concatenate(assembly.vertices)

    def extended(values: np.ndarray, filler: float | int, dtype: type) -> np.ndarray:
        return np.concatenate([values, np.full(len(vertices) - len(values), filler)]).astype(dtype)

    rings = skin.rings
    return HeadMesh(
        vertices=np.ascontiguousarray(vertices, np.float32),
        triangles=np.ascontiguousarray(np.concatenate(assembly.triangles), np.int32),
        material=np.concatenate(assembly.materials).astype(np.int32),
        part=np.concatenate(assembly.parts).astype(np.int32),
        loops=MappingProxyType(assembly.loops),
        skin_count=len(skin.vertices),
        lip_ring=extended(rings.lip_ring, NOT_ON_RING, np.float32),
        lip_angle=extended(rings.lip_angle, 0, np.float32),
        lid_ring=extended(rings.lid_ring, NOT_ON_RING, np.float32),
        lid_angle=extended(rings.lid_angle, 0, np.float32),
        eye_side=extended(rings.eye_side, 0, np.int32),
        mirror=mirrored(vertices, np.concatenate(assembly.parts), extended(np.sin(rings.lip_angle), 0, np.float64)),
    )


def mirrored(
    vertices: Float[np.ndarray, "vertices 3"], parts: Int[np.ndarray, "vertices"], lip: Float[np.ndarray, "vertices"]
) -> Int32[np.ndarray, "vertices"]:
    """For every vertex the one across the middle of the face, of the same part (or its twin) and the same lip."""
    twins = {Part.EYEBALL_L: Part.EYEBALL_R, Part.LID_RIM_L: Part.LID_RIM_R, Part.LASH_L: Part.LASH_R}
    twins |= {right: left for left, right in twins.items()}
    other = np.array([twins.get(part, part) for part in Part])[parts]
    tree = cKDTree(np.column_stack([vertices, 10.0 * parts, lip]))
    return tree.query(np.column_stack([vertices * [-1, 1, 1], 10.0 * other, lip]))[1].astype(np.int32)
