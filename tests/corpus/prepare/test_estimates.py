"""Estimates from meshes whose truth is known: the mesh basis, moved by coefficients that we choose."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.corpus.prepare import estimates
from thlab.corpus.prepare.identity import LARGEST, error_mm, fit_identity, identity_fields
from thlab.corpus.prepare.poses import fit_poses
from thlab.face.action_units import EXPRESSION_INDEX, expression
from thlab.face.head.camera import rotation
from thlab.face.mesh.basis import MeshPose, fit_expression, mesh_basis
from thlab.face.mesh.topology import POINTS

REST = mesh_basis().points.astype(float)
FACES = [
    expression(),
    expression(jaw_open=0.6),
    expression(smile=0.7, brow_inner=0.4),
    expression(pucker=0.8, blink=1.0),
]


def moved(coefficients: np.ndarray) -> np.ndarray:
    """The mesh of the mean face with an expression, in head units."""
    return REST + np.tensordot(coefficients.astype(float), mesh_basis().expression, 1)


def in_pictures() -> np.ndarray:
    """The faces, seen from the front."""
    pose = MeshPose(80.0, np.eye(3), np.array([100.0, -90.0, 0.0]))
    return np.stack([pose.to_picture(moved(face)) for face in FACES])


def test_coefficients_are_those_of_the_slow_solver():
    pose = MeshPose(80.0, rotation(0.2, -0.1, 0.05).astype(float), np.array([100.0, -90.0, 0.0]))
    rng = np.random.default_rng(3)
    meshes = np.stack([pose.to_picture(moved(face) + 0.01 * rng.standard_normal(REST.shape)) for face in FACES])
    fast, _ = estimates.fit_expressions(meshes, REST)
    for mesh, found in zip(meshes, fast, strict=True):
        np.testing.assert_allclose(found, fit_expression(mesh), atol=0.02)


def test_the_expression_that_was_planted_is_found():
    found, _ = estimates.fit_expressions(in_pictures(), REST)
    for face, fit in zip(FACES, found, strict=True):
        strong = face > 0.3
        assert (fit[strong] > 0.5 * face[strong]).all()  # the restraint takes some
        assert fit[~strong].max() < 0.25


def test_lids_are_open_at_rest_and_closed_in_a_blink():
    track = np.stack([moved(expression(blink=amount)) for amount in (0.0, 0.5, 1.0)])
    open_eye = float(estimates.lid_gaps(track[:1]).mean())
    blink = estimates.blinks(track, open_eye)
    assert blink[0] == pytest.approx(0.0, abs=0.02)
    assert blink[0] < blink[1] < blink[2]
    assert blink[2] > 0.8


def looking(yaw: float) -> np.ndarray:
    """A mesh with irises that are moved aside."""
    head = np.concatenate([REST, np.zeros((10, 3))])
    for side in "RL":
        corners = REST[estimates.UPPER_LID[side][0][[0, -1]]].mean(0)
        head[estimates.IRIS[side]] = corners + np.array([0.12 * np.sin(yaw), 0, 0])
    return head


def test_gaze_has_the_sign_of_the_irises_and_is_counted_from_what_is_usual():
    track = np.stack([looking(yaw) for yaw in (-0.2, 0.0, 0.3)])
    raw = estimates.raw_gaze(track)
    assert raw[0, 0] < raw[1, 0] < raw[2, 0]
    np.testing.assert_allclose(estimates.gaze(track, raw[1])[1], 0, atol=1e-6)


def test_what_is_turned_away_is_not_seen():
    pose = MeshPose(80.0, rotation(1.2, 0.0, 0.0).astype(float), np.array([100.0, -100.0, 0.0]))
    poses = fit_poses(pose.to_picture(REST)[None])
    landmarks = np.full((1, 68, 2), 50.0)
    seen = estimates.visible(landmarks, poses, 100)[0]
    assert seen[:6].all()  # turned to their left, they show their right cheek
    assert not seen[11:15].any()
    assert not estimates.visible(landmarks + 60, poses, 100).any()


# -- identity ---------------------------------------------------------------------------------------------------------


def test_the_mean_face_is_nobody():
    fit = fit_identity(REST)
    assert fit.residual_mm == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(fit.coefficients, 0, atol=1e-6)


def test_a_face_of_the_basis_is_explained_though_it_is_shifted_and_larger():
    rng = np.random.default_rng(0)
    planted = rng.uniform(-1, 1, len(identity_fields()))
    face = 1.03 * (REST + np.tensordot(planted, identity_fields().astype(float), 1)) + [0.02, -0.03, 0.0]
    fit = fit_identity(face)
    assert fit.residual_mm < 0.35 * fit.before_mm
    assert np.abs(fit.coefficients).max() <= LARGEST + 1e-6
    assert fit.fits


def test_a_face_that_is_no_head_does_not_fit():
    strange = REST * [1.6, 0.6, 1.0] + 0.1 * np.random.default_rng(1).standard_normal(REST.shape)
    assert not fit_identity(strange).fits


def test_millimetres_are_hundredths_of_a_head_unit():
    assert error_mm(np.full((POINTS, 3), [0.03, 0.04, 5.0])) == pytest.approx(5.0)


def test_a_person_without_a_frame_is_refused():
    with pytest.raises(ValueError, match="none"):
        estimates.know(np.zeros((0, 478, 3)))


def test_modes_that_nobody_sees_stay_zero():
    found, _ = estimates.fit_expressions(in_pictures(), REST)
    assert (found[:, EXPRESSION_INDEX["tongue_out"]] == 0).all()
