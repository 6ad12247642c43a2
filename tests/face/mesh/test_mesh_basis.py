"""The mesh as a morphable face: the kept basis is what its builder makes, and fits find what was put in."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from thlab.face.action_units import EXPRESSION_INDEX, EXPRESSIONS, expression
from thlab.face.head import Stage, rotation, sample_person
from thlab.face.landmarks import FaceMesh
from thlab.face.mesh import MeshPose, fit_expression, fit_pose, mesh_basis
from thlab.face.mesh.building import build_mesh_basis
from thlab.face.mesh.topology import INNER_LOWER, INNER_UPPER, LOWER_LIP, MIDDLE, RIGID, UPPER_LID, UPPER_LIP
from thlab.face.motion import Motion

POSE = MeshPose(120.0, rotation(0.4, -0.2, 0.15).astype(float), np.array([200.0, -180.0, 30.0]))


def mode(name: str) -> np.ndarray:
    return mesh_basis().expression[EXPRESSION_INDEX[name]]


@pytest.mark.slow
def test_a_rebuild_from_fewer_people_agrees_with_the_kept_basis():
    points, fields, triangles = build_mesh_basis(filmed=5)
    kept = mesh_basis()
    assert np.array_equal(np.sort(triangles, 1), np.sort(kept.triangles, 1))
    assert np.linalg.norm(points - kept.points, axis=1).mean() < 0.012
    assert np.abs(fields - kept.expression).mean() < 0.001
    for name in ("jaw_open", "pucker", "smile_L", "brow_inner"):
        given, wanted = fields[EXPRESSION_INDEX[name]].ravel(), mode(name).ravel()
        assert np.corrcoef(given, wanted)[0, 1] > 0.98


def test_the_mesh_is_a_face_with_three_holes():
    """Euler: a disc with eyes and mouth cut out, V − E + F = 1 − 3."""
    triangles = mesh_basis().triangles
    edges = Counter(edge for triangle in triangles.tolist() for edge in combinations(sorted(triangle), 2))
    assert max(edges.values()) == 2
    assert len(np.unique(triangles)) - len(edges) + len(triangles) == 1 - 3


def test_triangles_face_forward():
    a, b, c = (mesh_basis().points[mesh_basis().triangles[:, corner], :2] for corner in range(3))
    (ux, uy), (vx, vy) = (b - a).T, (c - a).T
    assert (ux * vy - uy * vx > 0).mean() > 0.97


def test_left_and_right_mirror_each_other():
    for left, right in (("smile_L", "smile_R"), ("brow_outer_L", "brow_outer_R")):
        flipped = mode(right)[..., 0].sum(), mode(left)[..., 0].sum()
        assert flipped[0] == pytest.approx(-flipped[1], abs=0.02)
        assert mode(left)[..., 1].sum() == pytest.approx(mode(right)[..., 1].sum(), abs=0.02)


def test_the_jaw_opens_the_lower_lip_and_leaves_the_eyes():
    opened = mode("jaw_open")[..., 1]
    assert opened[LOWER_LIP[0, MIDDLE]] < -0.15
    assert abs(opened[UPPER_LIP[0, MIDDLE]]) < 0.02
    assert np.abs(opened[UPPER_LID["R"]]).max() < 0.01


def test_a_pose_is_found_again():
    fitted = fit_pose(POSE.to_picture(mesh_basis().points.astype(float)))
    assert fitted.scale == pytest.approx(POSE.scale, rel=1e-6)
    assert np.allclose(fitted.rotation, POSE.rotation, atol=1e-6)
    assert np.allclose(fitted.shift, POSE.shift, atol=1e-4)
    assert fitted.angles == pytest.approx((0.4, -0.2, 0.15), abs=1e-6)


def test_a_pose_goes_to_the_picture_and_back():
    places = np.random.default_rng(0).normal(size=(7, 3))
    assert np.allclose(POSE.to_head(POSE.to_picture(places)), places)


def test_expression_does_not_disturb_the_pose():
    """What a fit of the pose goes by does not move when people speak."""
    said = expression(jaw_open=0.8, stretch=0.5, smile=0.5)
    moved = np.tensordot(said, mesh_basis().expression, 1)[RIGID]
    assert np.linalg.norm(moved, axis=1).mean() < 0.02


def test_coefficients_are_found_again_on_another_face():
    rng = np.random.default_rng(1)
    face = mesh_basis().points + rng.normal(0, 0.01, (468, 3))
    wanted = expression(jaw_open=0.6, smile=0.4, brow_inner=0.7)
    moved = face + np.tensordot(wanted, mesh_basis().expression, 1)
    found = fit_expression(POSE.to_picture(moved), neutral=POSE.to_picture(face), restraint=1e-4)
    assert np.abs(found - wanted).max() < 0.12


def test_what_a_mesh_does_not_show_is_not_guessed():
    found = fit_expression(POSE.to_picture(mesh_basis().points.astype(float)))
    assert np.abs(found).max() < 0.02
    assert found[EXPRESSION_INDEX["tongue_up"]] == 0


def test_fewer_points_and_points_in_one_place_are_refused():
    with pytest.raises(ValueError, match="468 points, but 68"):
        fit_pose(np.zeros((68, 3)))
    with pytest.raises(ValueError, match="one place"):
        fit_pose(np.ones((468, 3)))


def test_yaw_and_opening_are_read_off_pictures_of_synthetic_people():
    poses = np.zeros((3, 6), np.float32)
    poses[:, 0] = (-0.3, 0.0, 0.3)
    faces = np.stack([expression(), expression(), expression(jaw_open=0.7)])
    motion = Motion(faces.astype(np.float32), poses, np.zeros((3, 2), np.float32))
    finder = FaceMesh()
    found = [finder.detect(picture)[0].points for picture in Stage(sample_person(18), size=256).frames(motion)]
    yaws = [fit_pose(points).angles[0] for points in found]
    assert np.abs(np.array(yaws) - poses[:, 0]).max() < 0.15
    gaps = [np.linalg.norm(points[INNER_UPPER[MIDDLE]] - points[INNER_LOWER[MIDDLE]]) for points in found]
    assert gaps[2] > 4 * gaps[1]
    opened = fit_expression(found[2].astype(float), neutral=found[1].astype(float))
    shut = fit_expression(found[0].astype(float), neutral=found[1].astype(float))
    jaw = EXPRESSIONS.index("jaw_open")
    assert opened[jaw] > 0.2 > 4 * shut[jaw]
