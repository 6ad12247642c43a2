"""Lips close, round and keep their order, whatever the modes do."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.face.action_units import expression
from thlab.face.head import rotation
from thlab.face.mesh import MeshPose, mesh_basis
from thlab.face.mesh.topology import (
    INNER_LOWER,
    INNER_UPPER,
    LOWER_LIP,
    NOSE_AND_CHEEKS,
    OVAL,
    UPPER_LIP,
)
from thlab.face.portrait.lips import Lips, closed, neighbours, on_teeth, rounding, towards_ellipses, unfolded
from thlab.face.portrait.spreading import spreading
from thlab.face.visemes import TARGETS

FRONT = MeshPose(100.0, rotation(0.0, 0.0, 0.0).astype(float), np.zeros(3))
BELOW = MeshPose(100.0, rotation(0.1, -0.35, 0.2).astype(float), np.zeros(3))
REST = mesh_basis().points.astype(float)


def said(**face: float) -> tuple[np.ndarray, np.ndarray]:
    coefficients = expression(**face)
    return (REST + np.tensordot(coefficients, mesh_basis().expression, 1)).astype(np.float32), coefficients


@pytest.mark.parametrize("pose", [FRONT, BELOW])
@pytest.mark.parametrize("jaw", [0.0, 0.3, 0.8])
def test_a_seal_closes_every_column_however_open_the_jaw_is(pose: MeshPose, jaw: float):
    lips = Lips(REST, pose)
    settled = lips.settle(*said(roll_in=0.5, press=0.45, jaw_open=jaw))
    gap = (settled[INNER_UPPER] - settled[INNER_LOWER]) @ lips.up
    assert np.abs(gap).max() < 1e-4


@pytest.mark.parametrize("viseme", sorted(TARGETS))
def test_lips_never_cross_and_rings_never_fold(viseme: str):
    lips = Lips(unfolded(REST, BELOW), BELOW)
    settled = lips.settle(*said(**TARGETS[viseme]))
    assert ((settled[INNER_UPPER] - settled[INNER_LOWER]) @ lips.up).min() > -1e-4
    height, rest = settled @ lips.up, unfolded(REST, BELOW) @ lips.up
    for above, below in neighbours():
        for (inner, outer), sign in ((above, 1), (below, -1)):
            apart, at_rest = sign * (height[outer] - height[inner]), sign * (rest[outer] - rest[inner])
            assert (apart >= np.minimum(0.3 * at_rest, at_rest) - 1e-4).all()


def test_a_smile_drawn_together_is_an_ellipse_and_no_v():
    x = np.tile(np.linspace(-0.15, 0.15, 11), (4, 1))
    smile = 0.5 * x**2 * 10
    lower = towards_ellipses(x, smile - 0.05, 0.0, 1.0, border=0.6)[0]
    wanted = -0.05 * np.sqrt(1 - (x[0] / 0.15) ** 2)
    before, after = np.abs(smile[0] - 0.05 - wanted).max(), np.abs(lower - wanted).max()
    assert after < 0.15 * before


def test_rounding_is_what_pucker_and_funnel_ask_for():
    assert rounding(expression()) == 0
    assert rounding(expression(pucker=1.0)) == 1
    assert 0 < rounding(expression(funnel=0.4)) < rounding(expression(funnel=0.8)) < 1


def test_the_lower_lip_of_an_f_leaves_a_line_of_teeth():
    upper, lower = np.full(11, 0.03), np.full(11, -0.05)
    raised_upper, raised_lower = on_teeth(upper, lower, 1.0)
    assert 0.01 < raised_upper[5] - raised_lower[5] < 0.025
    assert raised_upper[0] > upper[0]
    assert raised_upper[5] == pytest.approx(upper[5])


def test_closing_halfway_halves_the_gap_and_keeps_the_middle():
    upper, lower = closed(np.full(11, 0.1), np.full(11, -0.02), 0.5)
    assert np.allclose(upper - lower, 0.06)
    assert np.allclose(upper + lower, 0.08)


def test_lips_that_cross_meet_halfway():
    upper, lower = closed(np.full(11, -0.02), np.full(11, 0.02), 0.0)
    assert np.allclose(upper, 0)
    assert np.allclose(lower, 0)


def test_a_mesh_laid_upon_itself_is_unfolded_and_one_in_order_is_left():
    folded = REST.copy()
    folded[LOWER_LIP[3], 1] += 0.2
    apart = unfolded(folded, FRONT)
    assert (apart[LOWER_LIP[2, 1:-1], 1] > apart[LOWER_LIP[3, 1:-1], 1]).all()
    assert np.allclose(unfolded(REST, FRONT)[UPPER_LIP], REST[UPPER_LIP], atol=2e-3)


def test_what_is_carried_fades_out_to_the_points_that_stay():
    moved = np.unique(np.concatenate([UPPER_LIP, LOWER_LIP]))
    matrix = spreading(REST, moved)
    raised = matrix @ np.ones(len(moved), np.float32)
    assert np.allclose(raised[moved], 1)
    assert np.allclose(raised[np.concatenate([OVAL, NOSE_AND_CHEEKS])], 0)
    assert raised.min() > -1e-5
    assert raised.max() < 1 + 1e-5
