"""A rig at rest is the photograph; what is asked of it, it does; what was never photographed, it does not show."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.face.action_units import expression
from thlab.face.mesh.topology import INNER_LOWER, INNER_UPPER, MOUTH_CORNERS, OVAL, POINTS
from thlab.face.portrait import Rig
from thlab.face.portrait.rig import IRIS_POINTS, freedom, glance_limits
from thlab.face.visemes import TARGETS

STILL, AHEAD = np.zeros(6, np.float32), np.zeros(2, np.float32)


def place(rig: Rig, pose=STILL, gaze=AHEAD, closed: float = 1.0, **face: float):
    return rig.place(expression(**face), np.asarray(pose, np.float32), np.asarray(gaze, np.float32), closed=closed)


def test_nothing_moves_a_closed_mouth_at_rest(closed_mouth):
    assert not closed_mouth.rest.open_mouth
    rig = closed_mouth.rig
    assert np.abs(place(rig).vertices - rig.rest_vertices)[:, :2].max() < 0.1


def test_an_open_smile_begins_as_photographed_and_closes_to_speak(open_smile):
    assert open_smile.rest.open_mouth
    rig = open_smile.rig
    assert np.abs(place(rig, closed=0.0).vertices - rig.rest_vertices).max() < 1e-3
    assert place(rig, closed=0.0).opening > 0.05
    assert abs(place(rig).opening) < 0.003


@pytest.mark.parametrize("name", ["closed_mouth", "open_smile", "turned"])
def test_lips_are_shut_for_m_b_p_and_open_for_vowels(name: str, request: pytest.FixtureRequest):
    rig = request.getfixturevalue(name).rig
    opening = {viseme: place(rig, **TARGETS[viseme]).opening for viseme in ("PP", "FF", "IY", "EH", "AA")}
    assert abs(opening["PP"]) <= 0.003
    assert list(opening.values()) == sorted(opening.values())
    assert 0.12 < opening["AA"] < 0.25


def test_rounding_narrows_the_mouth_and_stretching_widens_it(closed_mouth):
    def width(**face: float) -> float:
        return float(np.ptp(place(closed_mouth.rig, **face).mesh[list(MOUTH_CORNERS), 0]))

    assert width(pucker=1.0) < 0.75 * width()
    assert width(stretch=0.8) > 1.1 * width()


def test_the_edge_of_the_part_stays_when_the_head_turns(closed_mouth):
    rig, (height, width) = closed_mouth.rig, closed_mouth.part.shape[:2]
    moved = place(rig, pose=(0.1, 0.05, 0.1, 0.05, 0.05, 0), jaw_open=0.8)
    at_edge = (rig.rest_vertices[:, :2] <= 0).any(1) | (rig.rest_vertices[:, :2] >= [width, height]).any(1)
    assert np.array_equal(moved.vertices[at_edge, :2], rig.rest_vertices[at_edge, :2])


def test_the_nose_goes_to_the_left_of_the_subject_when_the_head_does(closed_mouth):
    """Which is the right of the picture; and down for a nod, and clockwise for a tilt."""
    rig = closed_mouth.rig
    nose, oval = 1, OVAL[0]
    rest = place(rig).mesh
    turned, nodded, tilted = (place(rig, pose=pose).mesh for pose in 0.1 * np.eye(6)[:3])
    assert turned[nose, 0] - rest[nose, 0] > 5
    assert nodded[nose, 1] - rest[nose, 1] > 2
    assert tilted[oval, 0] - rest[oval, 0] > 5


def test_a_head_seen_from_the_side_turns_less():
    assert freedom(0.0) == freedom(0.2) == 1.0
    assert freedom(0.4) == freedom(-0.4)
    assert freedom(0.4) < 0.8
    assert freedom(1.0) == pytest.approx(0.25)


def test_a_glance_moves_the_irises_and_nothing_else(closed_mouth):
    rig = closed_mouth.rig
    moved = place(rig, gaze=(0.3, 0.0)).vertices - place(rig).vertices
    moving = np.flatnonzero(np.abs(moved[:, :2]).max(1) > 1e-4)
    assert len(moving) == 2 * IRIS_POINTS
    assert moving.min() > POINTS
    assert (moved[moving, 0] > 0.5).all()


def test_a_glance_stays_within_the_white_of_the_eye(closed_mouth):
    for side in "RL":
        assert (glance_limits(closed_mouth.rest, side) <= (0.022, 0.008)).all()
    far = place(closed_mouth.rig, gaze=(3.0, 3.0)).vertices - place(closed_mouth.rig).vertices
    assert np.abs(far[:, :2]).max() < 0.03 * closed_mouth.rest.pose.scale


def test_the_teeth_follow_the_head_and_not_the_lips(closed_mouth):
    rig = closed_mouth.rig
    quiet, loud, turned = place(rig), place(rig, jaw_open=0.8), place(rig, pose=np.eye(6)[0] * 0.1)
    assert np.array_equal(quiet.mouth_origin, loud.mouth_origin)
    assert np.abs(quiet.mouth_origin - turned.mouth_origin).max() > 3
    assert quiet.mouth_axes[1, 1] > 0.9 * closed_mouth.rest.pose.scale
    lips = 0.5 * (quiet.mesh[INNER_UPPER[5], :2] + quiet.mesh[INNER_LOWER[5], :2])
    assert np.linalg.norm(quiet.mouth_origin - lips) < 0.05 * closed_mouth.rest.pose.scale


def test_a_turned_photograph_knows_that_it_is(turned):
    assert turned.rest.pose.angles[0] == pytest.approx(0.6, abs=0.15)
    assert turned.rig.freedom < 0.6
