"""From 68 landmarks, as people click them, to the mesh of 478 points: for drawings in which no detector sees a face."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.interpolate import RBFInterpolator

from thlab.face.landmarks.conversion import IBUG_FROM_MESH, mesh_to_ibug
from thlab.face.mesh.basis import TO_CAMERA, MeshPose, mesh_basis
from thlab.face.mesh.topology import LOWER_LID, POINTS, UPPER_LID
from thlab.face.points import STABLE

IRIS_SHARE = 0.19
"""Radius of an iris, as a share of its eye's length (11.7 mm of about 30)."""
IBUG, WITH_IRISES = 68, 478
BEND = 1e-4
"""How much the spline may pass beside a landmark rather than bend: clicks scatter."""


def complete_mesh(points: Float[np.ndarray, "points axes"]) -> Float[np.ndarray, "478 3"]:
    """A mesh with irises through the points of a face.

    478 points are taken as they are; 468 get irises in the middle of their eyes. Through 68 landmarks of iBUG the
    canonical mesh is bent: first laid over them as a whole, then drawn onto them by a thin-plate spline.

    Args:
        points: pixels; x right, y down, and depth where it is known.

    Raises:
        ValueError: another number of points, or 68 that are no face.

    Source: Bookstein 1989, "Principal warps: thin-plate splines and the decomposition of deformations".
    """
    if len(points) == IBUG:
        return with_irises(bent(points[:, :2].astype(float)))
    if points.shape[1] == 3 and len(points) == WITH_IRISES:
        return points.astype(float)
    if points.shape[1] == 3 and len(points) == POINTS:
        return with_irises(points.astype(float))
    raise ValueError(
        f"expected 68 points of iBUG, or 468 or 478 of MediaPipe's mesh with depth, got {len(points)} of "
        f"{points.shape[1]} numbers each"
    )


def bent(landmarks: Float[np.ndarray, "68 2"]) -> Float[np.ndarray, "468 3"]:
    """The canonical mesh through 68 landmarks; depth is that of the mean face, turned and scaled as this one."""
    pose = flat_pose(landmarks)
    laid = pose.to_picture(mesh_basis().points.astype(float))
    here = mesh_to_ibug(laid)
    spline = RBFInterpolator(here, landmarks - here, kernel="thin_plate_spline", smoothing=BEND * len(here))
    laid[:, :2] += spline(laid[:, :2])
    return laid


def flat_pose(landmarks: Float[np.ndarray, "68 2"]) -> MeshPose:
    """The pose of a face of which only the plane is known, from its nose and the corners of its eyes.

    The best affine map from the head to the plane has two rows; the nearest two of a scaled rotation are the pose.

    Raises:
        ValueError: the landmarks lie on a line or in one place, or the face is mirrored.

    Source: scaled orthography as in DeMenthon & Davis 1995, "Model-based object pose in 25 lines of code".
    """
    rows = list(STABLE)
    places = (IBUG_FROM_MESH @ mesh_basis().points)[rows].astype(float)
    plane = landmarks[rows] * TO_CAMERA[:2]
    from_mean, to_mean = places - places.mean(0), plane - plane.mean(0)
    affine = np.linalg.lstsq(from_mean, to_mean, rcond=None)[0].T
    left, strengths, right = np.linalg.svd(affine, full_matrices=False)
    if strengths[1] < 0.05 * strengths[0] or not strengths[0] > 0:
        raise ValueError("the 68 points lie on a line; expected those of a face in the order of iBUG")
    rows_of_turn = left @ right
    rotation = np.vstack([rows_of_turn, np.cross(*rows_of_turn)])
    if rotation[0, 0] < 0 or rotation[1, 1] < 0:
        raise ValueError("the 68 points show a face mirrored or upside down; check their order: iBUG's, from 1 to 68")
    scale = float(strengths.mean())
    shift = np.append(plane.mean(0), 0.0) - scale * rotation @ places.mean(0)
    return MeshPose(scale, rotation, shift)


def with_irises(mesh: Float[np.ndarray, "468 3"]) -> Float[np.ndarray, "478 3"]:
    """Add an iris in the middle of each eye: centre, then right, top, left and bottom of its border."""
    around = np.array([[0, 0], [1, 0], [0, -1], [-1, 0], [0, 1]], float)
    irises = []
    for side in "RL":
        rim = mesh[np.concatenate([UPPER_LID[side][0], LOWER_LID[side][0]])]
        length = np.linalg.norm(mesh[UPPER_LID[side][0][0], :2] - mesh[UPPER_LID[side][0][-1], :2])
        iris = rim.mean(0) + np.column_stack([IRIS_SHARE * length * around, np.zeros(5)])
        irises.append(iris)
    return np.concatenate([mesh, *irises])
