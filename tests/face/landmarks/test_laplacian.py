"""Laplacian coordinates forget where a shape is, and with an anchor it comes back."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.face.landmarks.laplacian import (
    edges_of,
    from_laplacian,
    ibug_edges,
    laplacian_coordinates,
    laplacian_matrix,
)

RNG = np.random.default_rng(2)
FACE = RNG.normal(0, 30, (68, 2)) + 100
EDGES = ibug_edges()


def test_the_net_of_the_face_is_in_one_piece():
    matrix = laplacian_matrix(EDGES, 68).toarray()
    assert np.allclose(matrix.sum(1), 0)
    assert np.linalg.matrix_rank(matrix) == 67


def test_a_point_in_the_middle_of_its_neighbours_has_no_coordinate():
    points = np.array([[0.0, 0], [2, 0], [0, 2], [2, 2], [1, 1]])
    edges = [(4, corner) for corner in range(4)]
    assert np.allclose(laplacian_coordinates(points, edges)[4], 0)


def test_shifts_change_nothing_and_scale_is_kept():
    here = laplacian_coordinates(FACE, EDGES)
    assert np.allclose(laplacian_coordinates(FACE + np.array([30, -7]), EDGES), here)
    assert np.allclose(laplacian_coordinates(2 * FACE, EDGES), 2 * here)


def test_one_anchor_brings_every_point_back():
    again = from_laplacian(laplacian_coordinates(FACE, EDGES), EDGES, {30: FACE[30]})
    assert np.allclose(again, FACE, atol=1e-6)


def test_an_anchor_that_moves_takes_its_surroundings_along_and_leaves_what_is_held():
    held = {index: FACE[index] for index in range(17)}
    moved = from_laplacian(laplacian_coordinates(FACE, EDGES), EDGES, held | {57: FACE[57] + [0, 12]})
    away = np.linalg.norm(moved - FACE, axis=1)
    assert away[57] == pytest.approx(12, abs=1)
    assert away[58] > 2
    assert away[:17].max() < 1


def test_it_is_the_least_squares_solution():
    edges, target = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)], RNG.normal(size=(4, 2))
    anchors = {0: np.array([1.0, 2.0]), 2: np.array([-1.0, 0.5])}
    left = np.concatenate([laplacian_matrix(edges, 4).toarray(), 3 * np.eye(4)[[0, 2]]])
    right = np.concatenate([target, 3 * np.stack([anchors[0], anchors[2]])])
    wanted = np.linalg.lstsq(left, right, rcond=None)[0]
    assert np.allclose(from_laplacian(target, edges, anchors, weight=3.0), wanted)


def test_the_edges_of_triangles_come_once():
    assert edges_of(np.array([[0, 1, 2], [2, 1, 3]])) == [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]


def test_nets_that_do_not_hold_are_refused():
    with pytest.raises(ValueError, match="no neighbour"):
        laplacian_matrix([(0, 1)], 3)
    with pytest.raises(ValueError, match="from 0 to 2"):
        laplacian_matrix([(0, 3)], 3)
    with pytest.raises(ValueError, match="nothing says where point 2"):
        from_laplacian(np.zeros((4, 2)), [(0, 1), (2, 3)], {0: np.zeros(2)})
