"""Movements that are known at some points of the mesh, carried smoothly to all others."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32, Int
from scipy.sparse import coo_matrix, csc_matrix, diags
from scipy.sparse.linalg import splu

from thlab.face.mesh.basis import mesh_basis
from thlab.face.mesh.topology import LOWER_LID, NOSE_AND_CHEEKS, OVAL, POINTS

SOFTEST = 0.02
"""Head units added to the length of an edge, so that points which lie together are not welded."""
STILL = np.unique(np.concatenate([OVAL, NOSE_AND_CHEEKS, *(LOWER_LID[side].ravel() for side in "RL")]))
"""Points that a correction of the lips leaves where they are."""


def mesh_laplacian(places: Float[np.ndarray, "468 3"]) -> csc_matrix:
    """D − A with A the inverse lengths of the mesh's edges; ``places`` in head units."""
    triangles = mesh_basis().triangles
    ends = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    pull = 1 / (np.linalg.norm(places[ends[:, 0]] - places[ends[:, 1]], axis=1) + SOFTEST)
    both = np.concatenate([ends, ends[:, ::-1]])
    adjacency = coo_matrix((np.concatenate([pull, pull]), both.T), (POINTS, POINTS)).tocsr()
    return csc_matrix(diags(np.asarray(adjacency.sum(1)).ravel()) - adjacency)


def spreading(
    places: Float[np.ndarray, "468 3"], moved: Int[np.ndarray, "moved"], still: Int[np.ndarray, "still"] = STILL
) -> Float32[np.ndarray, "468 moved"]:
    """The matrix that carries movements of some points to all: harmonic between them and the points that stay.

    Args:
        places: the mesh at rest, in head units.
        moved: points whose movement will be known.
        still: points that do not move.

    Source: the membrane of Botsch & Sorkine 2008, "On linear variational surface deformation methods", Eq. 4.
    """
    still = np.setdiff1d(still, moved)
    free = np.setdiff1d(np.arange(POINTS), np.concatenate([moved, still]))
    laplacian = mesh_laplacian(places)
    matrix = np.zeros((POINTS, len(moved)))
    matrix[moved, np.arange(len(moved))] = 1
    matrix[free] = splu(laplacian[free][:, free].tocsc()).solve(-laplacian[free][:, moved].toarray())
    return matrix.astype(np.float32)
