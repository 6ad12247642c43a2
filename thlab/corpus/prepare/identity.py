"""Fit the identity of the procedural head to a person's mesh at rest, and say how well that went."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float, Float32
from scipy.optimize import lsq_linear
from scipy.spatial import cKDTree

from thlab.face.head import head_model, mean_head
from thlab.face.mesh.basis import mesh_basis

LARGEST = 1.6
"""Bounds of the coefficients, those of the people of the corpus."""
SPREAD = 0.75
"""Standard deviation of the coefficients among the people of the corpus."""
NOISE = 0.05
"""Standard deviation, in head units, that a point of the mesh is off by for other reasons than identity."""
DEPTH_NOISE = 0.15
"""The same along the depth, which one camera guesses."""
MILLIMETRES = 100.0
"""In a head unit."""
FITS_MM = 4.0
"""Largest residual, root of the mean square over the mesh, up to which a fit is taken for the person."""


@dataclass(frozen=True, eq=False)
class IdentityFit:
    """Coefficients of the head's identity basis, and what they leave unexplained."""

    coefficients: Float32[np.ndarray, "identities"]
    residual_mm: float
    """Root of the mean square distance of the mesh from the fitted face, seen from the front, in millimetres."""
    before_mm: float
    """The same of the mean face."""

    @property
    def fits(self) -> bool:
        """Whether the head can be this person, as far as the mesh tells."""
        return self.residual_mm <= FITS_MM


def fit_identity(rest: Float[np.ndarray, "468 3"]) -> IdentityFit:
    """Find the identity whose head comes nearest to a mesh at rest: ridge regression within bounds.

    Minimises Σ_p |W (B c + S(p) − d)_p|² + σ² |c|², with B the basis at the points, d how the mesh differs from that
    of the mean head, W what each axis is trusted, and S a small shift, turn and scale, since both were laid over the
    mean head by points that identity moves too.

    Args:
        rest: the mesh in head units, mouth closed, eyes open.

    Source: the shape part of Blanz & Vetter 1999, Eq. 10, to 3D points in place of pixels.
    Notebook: 09, "The morphable face".
    """
    there, apart = mesh_basis().points.astype(float), rest - mesh_basis().points
    basis, slack = identity_fields().astype(float), similarity_fields(there)
    trust = np.tile([1 / NOISE, 1 / NOISE, 1 / DEPTH_NOISE], len(there))
    columns = np.concatenate([basis, slack]).reshape(len(basis) + len(slack), -1).T * trust[:, None]
    # points beside each other err alike: about one in ten counts
    ridge = np.diag([np.sqrt(10) / SPREAD] * len(basis) + [1e-3] * len(slack))
    system = np.concatenate([columns, ridge]), np.concatenate([apart.ravel() * trust, np.zeros(len(ridge))])
    limits = np.array([LARGEST] * len(basis) + [1.0] * len(slack))
    found = lsq_linear(*system, bounds=(-limits, limits)).x
    told = np.tensordot(found, np.concatenate([basis, slack]), 1)
    return IdentityFit(found[: len(basis)].astype(np.float32), error_mm(apart - told), error_mm(apart))


def error_mm(apart: Float[np.ndarray, "points 3"]) -> float:
    """Root of the mean square distance in the plane of the picture, in millimetres."""
    return float(MILLIMETRES * np.sqrt(np.square(apart[:, :2]).sum(1).mean()))


@cache
def identity_fields() -> Float32[np.ndarray, "identities 468 3"]:
    """The identity basis at the points of the mesh: that of the nearest vertex of the head's skin."""
    head = mean_head()
    _, nearest = cKDTree(head.vertices[: head.skin_count]).query(mesh_basis().points)
    return head_model().identity[:, nearest]


def similarity_fields(points: Float[np.ndarray, "468 3"]) -> Float[np.ndarray, "7 468 3"]:
    """Small shifts, turns and a scale, as movements of points."""
    shifts = np.broadcast_to(np.eye(3)[:, None], (3, len(points), 3))
    turns = np.stack([np.cross(axis, points) for axis in np.eye(3)])
    return np.concatenate([shifts, turns, points[None]])
