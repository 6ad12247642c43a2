"""The warp explorer: points that rest move nothing, points that move take their pixels along, by either warp."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.course.photographs import ASTRONAUT, INVENTED, portrait
from thlab.course.widgets.warp_explorer import (
    ALONE,
    EXPLORER,
    HELD,
    MOTIONS,
    SMOOTH,
    TOGETHER,
    TRIANGLES,
    backward_places,
    expressed,
    pulled,
    warped,
)
from thlab.face.landmarks.laplacian import ibug_edges, laplacian_coordinates

WARPS = (TRIANGLES, SMOOTH)


@pytest.fixture(scope="module")
def shown():
    return portrait(ASTRONAUT)


def grid(size: int) -> np.ndarray:
    return np.stack(np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5), -1)


@pytest.mark.parametrize("how", WARPS)
def test_points_that_rest_leave_the_picture_as_it_is(shown, how: str):
    same = warped(shown.pixels, shown.points, shown.points, how)
    assert np.abs(same.astype(int) - shown.pixels).max() <= 1


@pytest.mark.parametrize("how", WARPS)
def test_a_moved_point_shows_what_lay_where_it_was(how: str):
    """Both warps carry each point exactly: at its new place they fetch from its old one."""
    corners = np.array([[0, 0], [40, 0], [0, 40], [40, 40]], float)
    before = np.concatenate([corners, [[20.5, 20.5]]])
    after = np.concatenate([corners, [[24.5, 18.5]]])
    places = backward_places((40, 40), before, after, how)
    np.testing.assert_allclose(places[18, 24], [20.5, 20.5], atol=0.35)


@pytest.mark.parametrize("how", WARPS)
def test_an_affine_map_of_all_points_is_one_of_all_pixels(how: str):
    before = np.array([[0, 0], [30, 0], [0, 30], [30, 30], [11, 19]], float)
    matrix = np.array([[1.1, 0.2], [-0.1, 0.9]])
    places = backward_places((30, 30), before, before @ matrix.T, how)
    inside = (slice(8, 20), slice(8, 20))
    np.testing.assert_allclose(places[inside], (grid(30) @ np.linalg.inv(matrix).T)[inside], atol=1e-6)


def test_the_border_stays(shown):
    moved = warped(shown.pixels, shown.points, expressed(shown, "open the jaw", 1.0), TRIANGLES)
    assert np.abs(moved[:3].astype(int) - shown.pixels[:3]).mean() < 3
    assert (moved != shown.pixels).any()


def test_an_opening_jaw_parts_the_lips_and_lowers_the_chin():
    shown = portrait(INVENTED)
    after = expressed(shown, "open the jaw", 1.0)
    assert after[66, 1] - after[62, 1] > shown.points[66, 1] - shown.points[62, 1] + 5
    assert after[8, 1] > shown.points[8, 1] + 5


def test_rest_moves_nothing_and_twice_as_much_moves_twice_as_far(shown):
    assert np.array_equal(expressed(shown, "rest", 1.0), shown.points)
    for motion in MOTIONS:
        once, twice = (expressed(shown, motion, amount) - shown.points for amount in (0.5, 1.0))
        np.testing.assert_allclose(2 * once, twice, atol=1e-4)


def test_a_point_that_is_pulled_alone_leaves_all_others(shown):
    moved = pulled(shown.points, 57, np.array([3.0, 8.0]), ALONE)
    assert np.flatnonzero((moved != shown.points).any(1)).tolist() == [57]


def test_a_point_that_is_pulled_takes_its_neighbours_along_and_spares_those_that_are_held(shown):
    moved = pulled(shown.points, 57, np.array([0.0, 12.0]), TOGETHER)
    away = np.linalg.norm(moved - shown.points, axis=1)
    assert away[57] == pytest.approx(12, abs=0.5)
    assert away[list(HELD)].max() < 1
    assert away[[56, 58]].min() > 3


def test_the_net_keeps_its_shape_better_than_a_point_alone(shown):
    by, edges = np.array([0.0, 12.0]), ibug_edges()
    before = laplacian_coordinates(shown.points, edges)
    changes = [
        np.linalg.norm(laplacian_coordinates(pulled(shown.points, 57, by, follow), edges) - before)
        for follow in (TOGETHER, ALONE)
    ]
    assert changes[0] < 0.5 * changes[1]


def test_the_alt_text_says_what_moves_and_how():
    alt = EXPLORER.alt(motion="smile", point=48, right=-0.1, how=SMOOTH, follow=ALONE)
    for words in ("smile", "point 48", "-0.10 to the right", SMOOTH, ALONE):
        assert words in alt
