from __future__ import annotations

import numpy as np
import pytest

from thlab.face.action_units import expression
from thlab.face.head.contact import settle
from thlab.face.head.geometry import mean_head
from thlab.face.head.identity_basis import eyes_of, sample_identity
from thlab.face.head.landmarks import GROUPS, MIRRORED, landmark_ids
from thlab.face.head.model import head_model


@pytest.fixture(scope="module")
def places() -> np.ndarray:
    return mean_head().vertices[landmark_ids()].astype(float)


def test_there_are_68_different_vertices():
    assert len(np.unique(landmark_ids())) == 68
    assert landmark_ids().max() < mean_head().skin_count


def test_they_are_mirror_images(places: np.ndarray):
    np.testing.assert_allclose(places[MIRRORED] * [-1, 1, 1], places, atol=1e-6)
    np.testing.assert_array_equal(mean_head().mirror[landmark_ids()], landmark_ids()[MIRRORED])


@pytest.mark.parametrize("group", ["jaw", "brow_R", "brow_L"])
def test_jaw_and_brows_run_from_the_subjects_right_to_the_left(places: np.ndarray, group: str):
    assert (np.diff(places[GROUPS[group], 0]) > 0).all()


def test_groups_lie_below_one_another(places: np.ndarray):
    height = {name: places[group, 1] for name, group in GROUPS.items()}
    assert height["brow_R"].min() > height["eye_R"].max()
    assert height["eye_R"].min() > places[33, 1]
    assert places[33, 1] > height["lips_outer"].max()
    assert height["lips_outer"].min() > places[8, 1]


def test_eyes_run_clockwise_in_the_picture_from_the_corner_on_the_subjects_right(places: np.ndarray):
    for name in ("eye_R", "eye_L"):
        x, y, _ = places[GROUPS[name]].T
        assert x[0] == x.min()
        assert x[3] == x.max()
        assert (y[[1, 2]] > y[[0, 3]].max()).all()
        assert (y[[4, 5]] < y[[0, 3]].min() + 0.01).all()
    assert places[36:42, 0].max() < 0 < places[42:48, 0].min()


def test_the_bridge_of_the_nose_lies_in_the_middle_and_comes_forward(places: np.ndarray):
    np.testing.assert_allclose(places[27:31, 0], 0, atol=1e-6)
    assert (np.diff(places[27:31, 1]) < 0).all()
    assert (np.diff(places[27:31, 2]) > 0).all()


def test_outer_lips_surround_inner_lips(places: np.ndarray):
    outer, inner = places[GROUPS["lips_outer"]], places[GROUPS["lips_inner"]]
    assert outer[:, 0].min() < inner[:, 0].min()
    assert outer[:, 1].max() > inner[:, 1].max() > inner[:, 1].min() > outer[:, 1].min()
    assert outer[0, 0] == outer[:, 0].min()
    assert outer[3, 1] > outer[9, 1]


def test_the_jaw_is_convex_and_near_the_outline_of_the_face(places: np.ndarray):
    x, y = places[GROUPS["jaw"], :2].T
    turns = np.diff(x)[:-1] * np.diff(y)[1:] - np.diff(y)[:-1] * np.diff(x)[1:]
    assert (turns > 0).all()
    skin = mean_head().vertices[: mean_head().skin_count]
    front = skin[skin[:, 2] > 0]
    assert y.min() < front[:, 1].min() + 0.12
    for index in (2, 4, 14, 12):
        level = front[np.abs(front[:, 1] - y[index]) < 0.04]
        assert abs(x[index]) > np.abs(level[:, 0]).max() - 0.12


def test_inner_lips_meet_when_the_mouth_is_shut_and_part_when_it_opens():
    ids, identity = landmark_ids(), sample_identity(np.random.default_rng(0), female=True)
    for jaw, parted in ((0.0, False), (0.4, True)):
        expressed = expression(jaw_open=jaw)
        vertices = settle(head_model().vertices(identity, expressed), eyes_of(identity), expressed)
        gap = vertices[ids[62], 1] - vertices[ids[66], 1]
        assert (gap > 0.05) if parted else (gap == 0)
