"""Landmarks from the geometry of the head: as the camera sees them, in a shape model, and through a few clicks."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.course.shapes import face_model, many_speak, one_speaks, performances, points_from_clicks, points_of
from thlab.face.action_units import expression
from thlab.face.head import Avatar, Camera, Renderer, sample_person

SIZE = 200


def test_points_are_those_of_the_renderer():
    person, camera = sample_person(5), Camera()
    pose = np.array([0.4, -0.1, 0.2, 0.1, 0.05, -0.1], np.float32)
    face = expression(jaw_open=0.6, smile=0.3)
    truth = Renderer(SIZE).truth(Avatar(person), face, pose, np.zeros(2, np.float32)).landmarks
    scale = camera.focal(SIZE) / camera.distance
    np.testing.assert_allclose(scale * points_of(person.identity, face, pose) + SIZE / 2, truth, atol=0.02)


def test_without_a_pose_the_face_looks_ahead():
    identity = sample_person(5).identity
    still = points_of(identity, expression(), np.zeros(6, np.float32))
    np.testing.assert_allclose(points_of(identity, expression()), still, atol=1e-6)


def test_performances_have_a_pose_for_every_expression():
    expressions, poses = performances()
    assert len(expressions) == len(poses) > 1000
    assert expressions.shape[1:] + poses.shape[1:] == (30, 6)


def test_one_person_varies_less_than_many_and_a_still_head_less_than_one_that_turns():
    spreads = [faces.std(0).mean() for faces in (one_speaks(60, turns=False), many_speak(60, turns=False))]
    turning = many_speak(60, turns=True).std(0).mean()
    assert spreads[0] < spreads[1] < turning


def test_the_same_seed_gives_the_same_faces_and_another_gives_others():
    assert np.array_equal(many_speak(5, turns=True), many_speak(5, turns=True))
    assert not np.array_equal(many_speak(5, turns=True), many_speak(5, turns=True, seed=1))


def test_a_new_face_of_the_corpus_fits_the_model_better_with_more_numbers():
    model, face = face_model(), many_speak(1, turns=True, seed=9)[0]
    errors = []
    for count in (0, 6, 20, 40):
        numbers, back = model.encode(face, count)
        errors.append(np.linalg.norm(back(model.reconstruct(numbers)) - face))
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.15 * errors[0]


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    """A face of the corpus that the model was not fitted to, in pixels."""
    return 60 * many_speak(1, turns=False, seed=7)[0] + [160, 120]


def clicked(face: np.ndarray, points: list[int]) -> dict[int, tuple[float, float]]:
    return {point: (float(face[point, 0]), float(face[point, 1])) for point in points}


def test_all_points_clicked_are_all_points_found(face):
    found = points_from_clicks(clicked(face, list(range(68))), (240, 320))
    np.testing.assert_allclose(found, face, atol=0.3)


def test_more_clicks_come_closer_to_the_face(face):
    orders = ([36, 45], [36, 45, 30, 8, 48, 54], [36, 45, 30, 8, 48, 54, 51, 57, 39, 42, 19, 24, 4, 12])
    errors = [np.linalg.norm(points_from_clicks(clicked(face, order), (240, 320)) - face) for order in orders]
    assert errors[2] < errors[1] < errors[0]


def test_the_face_goes_through_its_clicks(face):
    order = [36, 45, 30, 8, 48, 54]
    found = points_from_clicks(clicked(face, order), (240, 320))
    assert np.linalg.norm((found - face)[order], axis=1).max() < 0.6


def test_turned_and_larger_clicks_give_a_turned_and_larger_face(face):
    turn = np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]])
    other, order = 1.8 * face @ turn.T + 5, [36, 45, 30, 8, 48, 54]
    found = [points_from_clicks(clicked(points, order), (240, 320)) for points in (face, other)]
    np.testing.assert_allclose(1.8 * found[0] @ turn.T + 5, found[1], atol=1e-3)


def test_no_click_gives_a_face_in_the_middle_and_one_click_shifts_it():
    nothing = points_from_clicks({}, (240, 320))
    np.testing.assert_allclose(nothing.mean(0), [160, 120], atol=1e-6)
    one = points_from_clicks({30: (10.0, 20.0)}, (240, 320))
    np.testing.assert_allclose(one[30], [10, 20])
    np.testing.assert_allclose(one - one[30], nothing - nothing[30])
