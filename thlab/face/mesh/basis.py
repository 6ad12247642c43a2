"""MediaPipe's mesh as a morphable face: canonical points, the head's expressions at them, and how to fit both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32, Int32
from scipy.optimize import lsq_linear

from thlab.face.action_units import EXPRESSION_INDEX, EXPRESSIONS
from thlab.face.mesh.topology import POINTS, RIGID

FILE = Path(__file__).with_name("mesh_basis.npz")
TO_CAMERA = np.array([1.0, -1.0, -1.0])
"""From the axes of a picture (x right, y down, z away) to those of the head (x subject's left, y up, z forward) and
back: a half turn about x."""
STRONGEST = 1.2
"""Largest coefficient that a fit gives."""
TO_BOTH_SIDES = ("jaw_side", "mouth_side", "jaw_forward")
"""Modes that a fit may also use backwards."""
ROUNDS = 3
"""Pose and expression are fitted in turn: raised brows would else be taken for a nod."""
UNSEEN = ("tongue_up", "tongue_out")
"""Modes that move no point of the mesh."""


@dataclass(frozen=True, eq=False)
class MeshBasis:
    """The mesh on the mean head of this course, and the expressions of that head at its points.

    Units of 10 cm; x to the subject's left, y up, z forward.
    """

    points: Float32[np.ndarray, "468 3"]
    """The mesh at rest, mouth closed and eyes open."""
    expression: Float32[np.ndarray, "modes 468 3"]
    """What each mode of ``action_units.EXPRESSIONS`` does at a coefficient of 1."""
    triangles: Int32[np.ndarray, "triangles 3"]
    """Corners run anticlockwise as seen from the front; eyes and mouth are holes."""


@cache
def mesh_basis() -> MeshBasis:
    """The basis, read once.

    Found by filming the head and running the detector on the pictures, see ``thlab.face.mesh.building``.
    Notebook: 09, "The morphable face".
    """
    with np.load(FILE) as kept:
        return MeshBasis(
            points=kept["points"].astype(np.float32),
            expression=kept["expression"].astype(np.float32),
            triangles=kept["triangles"].astype(np.int32),
        )


@dataclass(frozen=True, eq=False)
class MeshPose:
    """How the canonical mesh lies in a picture: p = s R q + t, in the axes of the head, seen without perspective."""

    scale: float
    """Pixels per head unit of 10 cm."""
    rotation: Float[np.ndarray, "3 3"]
    """R, from the head to the camera, as ``thlab.face.head.camera.rotation`` gives it."""
    shift: Float[np.ndarray, "3"]
    """t, in pixels; its x and y are the place of the head's origin in the picture, y turned up."""

    def to_picture(self, places: Float[np.ndarray, "*points 3"]) -> Float[np.ndarray, "*points 3"]:
        """From head units to pixels: x right, y down, z away."""
        return (self.scale * places @ self.rotation.T + self.shift) * TO_CAMERA

    def to_head(self, points: Float[np.ndarray, "*points 3"]) -> Float[np.ndarray, "*points 3"]:
        """From pixels to head units, in the axes of the head."""
        return (points * TO_CAMERA - self.shift) @ self.rotation / self.scale

    def displacement(self, moved: Float[np.ndarray, "*points 3"]) -> Float[np.ndarray, "*points 3"]:
        """A movement in head units as one in pixels."""
        return (self.scale * moved @ self.rotation.T) * TO_CAMERA

    @property
    def angles(self) -> tuple[float, float, float]:
        """Yaw, pitch, roll in radians, signs as in ``thlab.face.motion``: R = R_y(yaw) R_x(pitch) R_z(−roll)."""
        r = self.rotation
        pitch = float(np.arcsin(np.clip(-r[1, 2], -1, 1)))
        return float(np.arctan2(r[0, 2], r[2, 2])), pitch, float(np.arctan2(-r[1, 0], r[1, 1]))


def fit_pose(points: Float[np.ndarray, "points 3"]) -> MeshPose:
    """Find scale, rotation and place of a face from its rigid points.

    Args:
        points: at least the 468 of the mesh, in pixels; x right, y down, z away.

    Source: Umeyama 1991, Eqs. 40 to 43 (the similarity of least squares).

    Raises:
        ValueError: fewer points, or all rigid ones in one place.
    """
    if len(points) < POINTS:
        raise ValueError(f"the mesh has {POINTS} points, but {len(points)} came; fit a mesh to them first")
    here, there = mesh_basis().points[RIGID].astype(float), points[RIGID] * TO_CAMERA
    from_mean, to_mean = here - here.mean(0), there - there.mean(0)
    if not np.abs(to_mean).max() > 0:
        raise ValueError("the points of the face all lie in one place; give those of a face")
    left, strengths, right = np.linalg.svd(to_mean.T @ from_mean)
    signs = np.array([1, 1, np.sign(np.linalg.det(left @ right))])
    rotation = left @ np.diag(signs) @ right
    scale = float((strengths * signs).sum() / np.square(from_mean).sum())
    return MeshPose(scale, rotation, there.mean(0) - scale * rotation @ here.mean(0))


def fit_expression(
    points: Float[np.ndarray, "points 3"],
    *,
    neutral: Float[np.ndarray, "points 3"] | None = None,
    restraint: float = 0.02,
) -> Float32[np.ndarray, "modes"]:
    """Find the coefficients of an expression: bounded least squares over the visible modes.

    Minimises |D c − d|² + λ |c|², with D the expression fields, d how the face differs from rest, both in head units.

    Args:
        points: the mesh in a picture, in pixels.
        neutral: the same person's mesh at rest. Without it the mean face stands for it, and what is personal about
            the face is taken for expression.
        restraint: λ, per point of the mesh.

    Returns:
        Coefficients in the order of ``EXPRESSIONS``, 0 to 1.2 (−1.2 to 1.2 for jaw and mouth to a side); 0 for what
        the mesh does not show: the tongue.

    Source: the fit of Bouaziz et al. 2013, "Online modeling for realtime facial animation", to one frame.
    """
    rest = mesh_basis().points if neutral is None else fit_pose(neutral).to_head(neutral[:POINTS])
    seen = [mode for name, mode in EXPRESSION_INDEX.items() if name not in UNSEEN]
    fields = mesh_basis().expression[seen].reshape(len(seen), -1).T.astype(float)
    ridge = np.sqrt(restraint) * np.eye(len(seen))
    lowest = np.array([-STRONGEST if EXPRESSIONS[mode] in TO_BOTH_SIDES else 0.0 for mode in seen])
    pose, found = fit_pose(points), np.zeros(len(seen))
    for _ in range(ROUNDS):
        apart = pose.to_head(points[:POINTS]) - rest
        wanted = np.concatenate([apart.ravel(), np.zeros(len(seen))])
        found = lsq_linear(np.concatenate([fields, ridge]), wanted, bounds=(lowest, STRONGEST)).x
        pose = fit_pose(points[:POINTS] - pose.displacement((fields @ found).reshape(-1, 3)))
    coefficients = np.zeros(len(EXPRESSIONS), np.float32)
    coefficients[seen] = found
    return coefficients
