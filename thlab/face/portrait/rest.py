"""The face of a photograph at rest: its mesh with the lips where the picture has them, and its pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from thlab.face.mesh.basis import MeshPose, fit_pose
from thlab.face.mesh.topology import INNER_LOWER, INNER_UPPER, POINTS
from thlab.face.portrait.lips import unfolded
from thlab.face.portrait.seam import clear_of_teeth, snap_to_seam

Picture = UInt8[np.ndarray, "height width 3"]
OPEN_FROM = 0.035
"""Opening of the inner lips from which a mouth counts as open, head units."""
WITH_IRISES = 478


@dataclass(frozen=True, eq=False)
class RestFace:
    """What one photograph shows; pixels, x right, y down, z away, centres at .5."""

    points: Float[np.ndarray, "468 3"]
    irises: Float[np.ndarray, "10 3"]
    pose: MeshPose
    open_mouth: bool
    """Whether the lips are apart: in a smile, or in the middle of a word."""


def rest_face(picture: Picture, points: Float[np.ndarray, "points 3"]) -> RestFace:
    """Read the face that a detector found more closely.

    Args:
        picture: the photograph, or the part of it with the face.
        points: the mesh with irises, in its pixels.

    Raises:
        ValueError: there are not 478 points.
    """
    if len(points) != WITH_IRISES:
        raise ValueError(f"expected a mesh of {WITH_IRISES} points, got {len(points)}; complete it first")
    mesh, irises = points[:POINTS].astype(float), points[POINTS:].astype(float)
    pose = fit_pose(mesh)
    opening = np.linalg.norm(mesh[INNER_LOWER, :2] - mesh[INNER_UPPER, :2], axis=1).max() / pose.scale
    is_open = bool(opening > OPEN_FROM)
    mesh = clear_of_teeth(picture, mesh, pose) if is_open else snap_to_seam(picture, mesh, pose)
    return RestFace(pose.to_picture(unfolded(pose.to_head(mesh), pose)), irises, pose, is_open)
