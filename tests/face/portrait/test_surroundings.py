"""The mesh around a face covers the picture, follows the face and rests at the edge."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.face.portrait.surroundings import inside, signed_distance, surroundings

SQUARE = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])


@pytest.mark.parametrize(
    ("place", "distance"), [((2, 2), -2), ((1, 2), -1), ((6, 2), 2), ((7, 8), 5), ((2, 0), 0), ((-3, -4), 5)]
)
def test_the_distance_to_a_square(place: tuple[float, float], distance: float):
    assert signed_distance(np.array([place], float), SQUARE)[0] == pytest.approx(distance)


def test_inside_a_polygon_with_a_notch():
    notched = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [2.0, 1.0], [0.0, 4.0]])
    places = np.array([[2.0, 0.5], [2.0, 3.0], [0.5, 2.0], [5.0, 0.5]])
    assert inside(places, notched).tolist() == [True, False, True, False]


def test_around_a_face_everything_is_covered_and_the_edge_stays(closed_mouth):
    height, width = closed_mouth.part.shape[:2]
    around = surroundings(closed_mouth.rest.points, closed_mouth.rest.pose, height=height, width=width)
    at_edge = (around.points[:, :2] <= 0).any(1) | (around.points[:, :2] >= [width, height]).any(1)
    assert at_edge.sum() > 60
    assert np.array_equal(around.follow_head[at_edge], np.zeros(at_edge.sum()))
    assert np.array_equal(around.follow_expression[at_edge], np.zeros(at_edge.sum()))
    assert np.allclose(around.oval_shares.sum(1), 1, atol=1e-5)
    assert around.follow_head.max() > 0.9
    for corner in ([0, 0], [width, 0], [0, height], [width, height]):
        assert np.abs(around.points[:, :2] - corner).sum(1).min() < 1e-9
