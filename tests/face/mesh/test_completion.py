"""Sixty-eight clicked points become a mesh, and what is no face is refused."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.face.head import rotation
from thlab.face.landmarks.conversion import mesh_to_ibug
from thlab.face.mesh import MeshPose, fit_pose, mesh_basis
from thlab.face.mesh.completion import complete_mesh, flat_pose
from thlab.face.mesh.topology import IRIS, LOWER_LID, UPPER_LID

POSE = MeshPose(90.0, rotation(0.25, 0.1, -0.2).astype(float), np.array([150.0, -160.0, 0.0]))


@pytest.fixture(scope="module")
def mesh() -> np.ndarray:
    return POSE.to_picture(mesh_basis().points.astype(float))


def test_the_mean_face_is_found_again_from_its_68_points(mesh: np.ndarray):
    completed = complete_mesh(mesh_to_ibug(mesh))
    assert completed.shape == (478, 3)
    assert np.abs(completed[:468, :2] - mesh[:, :2]).max() < 0.5
    assert fit_pose(completed).angles == pytest.approx(POSE.angles, abs=0.02)


def test_the_mesh_passes_through_landmarks_that_differ_from_the_mean(mesh: np.ndarray):
    landmarks = mesh_to_ibug(mesh) * [1.15, 0.9] + [5, 8]
    completed = complete_mesh(landmarks)
    assert np.abs(mesh_to_ibug(completed) - landmarks).max() < 1.0


def test_the_pose_of_a_plane_is_that_of_space(mesh: np.ndarray):
    pose = flat_pose(mesh_to_ibug(mesh))
    assert pose.scale == pytest.approx(POSE.scale, rel=1e-6)
    assert np.allclose(pose.rotation, POSE.rotation, atol=1e-6)


def test_irises_lie_within_the_eyes(mesh: np.ndarray):
    completed = complete_mesh(mesh)
    for side in "RL":
        rim = completed[np.concatenate([UPPER_LID[side][0], LOWER_LID[side][0]]), :2]
        centre = completed[IRIS[side][0], :2]
        assert (rim.min(0) < centre).all()
        assert (centre < rim.max(0)).all()


def test_a_whole_mesh_is_taken_as_it_is(mesh: np.ndarray):
    whole = complete_mesh(mesh)
    assert np.array_equal(complete_mesh(whole), whole)


@pytest.mark.parametrize(
    ("points", "told"),
    [
        (np.zeros((5, 2)), "expected 68 points"),
        (np.zeros((478, 2)), "with depth"),
        (np.stack([np.arange(68.0), np.zeros(68)], 1), "on a line"),
    ],
)
def test_what_is_no_face_is_refused(points: np.ndarray, told: str):
    with pytest.raises(ValueError, match=told):
        complete_mesh(points)


def test_a_mirrored_face_is_refused(mesh: np.ndarray):
    with pytest.raises(ValueError, match="mirrored or upside down"):
        complete_mesh(mesh_to_ibug(mesh) * [-1, 1])
