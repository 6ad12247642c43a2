"""Warps by a mesh: what does not move stays to the last bit, what moves goes where the mesh goes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy.spatial import Delaunay

from thlab.render.piecewise import PiecewiseWarp

HEIGHT, WIDTH = 60, 80


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """Smooth, so that interpolation hardly matters."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    waves = [np.sin(x / 9 + k) + np.cos(y / 7 - k) for k in range(3)]
    return np.clip(128 + 50 * np.stack(waves, -1), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def mesh() -> tuple[np.ndarray, np.ndarray]:
    """Scattered vertices with the corners of the picture, and their triangles."""
    rng = np.random.default_rng(0)
    corners = np.array([[0, 0], [WIDTH, 0], [0, HEIGHT], [WIDTH, HEIGHT]])
    points = np.concatenate([corners, rng.random((40, 2)) * [WIDTH, HEIGHT]]).astype(np.float32)
    return points, Delaunay(points).simplices.astype(np.int32)


def test_a_mesh_that_rests_changes_no_pixel(picture: np.ndarray, mesh: tuple[np.ndarray, np.ndarray]):
    assert np.array_equal(PiecewiseWarp(picture, *mesh)(mesh[0]), picture)


def test_every_pixel_of_a_whole_mesh_is_covered_once_it_moves(picture: np.ndarray, mesh: tuple[np.ndarray, np.ndarray]):
    """Scaled up, no pixel may keep the place it had: there are no cracks."""
    points, triangles = mesh
    middle = np.array([WIDTH / 2, HEIGHT / 2], np.float32)
    grown = middle + 2 * (points - middle)
    x, y = PiecewiseWarp(picture, points, triangles).sources(grown)
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    assert np.abs(x - ((columns + 0.5 - middle[0]) / 2 + middle[0] - 0.5)).max() < 1e-2
    assert np.abs(y - ((rows + 0.5 - middle[1]) / 2 + middle[1] - 0.5)).max() < 1e-2


def test_an_affine_motion_is_that_of_opencv(picture: np.ndarray, mesh: tuple[np.ndarray, np.ndarray]):
    points, triangles = mesh
    matrix = np.array([[0.9, 0.15, 3.0], [-0.1, 0.95, 4.0]])
    moved = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    x, y = PiecewiseWarp(picture, points, triangles).sources(moved)
    to_whole = matrix.copy()
    to_whole[:, 2] += matrix[:, :2] @ [0.5, 0.5] - 0.5  # OpenCV counts pixel centres at whole numbers
    expected = cv2.warpAffine(picture, to_whole, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
    warped = PiecewiseWarp(picture, points, triangles)(moved)
    inside = (x > 2) & (x < WIDTH - 3) & (y > 2) & (y < HEIGHT - 3)
    covered = np.hypot(x - np.arange(WIDTH), y - np.arange(HEIGHT)[:, None]) > 0.2
    assert np.abs(warped.astype(int) - expected)[inside & covered].mean() < 0.6


def test_what_no_triangle_covers_stays(picture: np.ndarray):
    corners = np.array([[10, 10], [30, 10], [10, 30]], np.float32)
    warp = PiecewiseWarp(picture, corners, np.array([[0, 1, 2]], np.int32))
    warped = warp(corners + 3)
    assert np.array_equal(warped[40:], picture[40:])
    assert not np.array_equal(warped[10:30, 10:30], picture[10:30, 10:30])


def test_later_triangles_lie_on_top(picture: np.ndarray):
    rest = np.array([[0, 0], [20, 0], [0, 20], [40, 0], [60, 0], [40, 20]], np.float32)
    moved = rest.copy()
    moved[3:] = rest[:3]
    for order, source in (([[0, 1, 2], [3, 4, 5]], 40), ([[3, 4, 5], [0, 1, 2]], 0)):
        x, _ = PiecewiseWarp(picture, rest, np.array(order, np.int32)).sources(moved)
        assert x[5, 5] == pytest.approx(5 + source, abs=1e-3)


def test_triangles_that_fell_flat_or_left_the_picture_do_no_harm(picture: np.ndarray):
    rest = np.array([[10, 10], [30, 10], [10, 30]], np.float32)
    warp = PiecewiseWarp(picture, rest, np.array([[0, 1, 2]], np.int32))
    assert np.array_equal(warp(np.array([[5, 5], [20, 20], [35, 35]], np.float32)), picture)
    assert np.array_equal(warp(rest + 1000), picture)
    assert np.array_equal(warp(rest - 1000), picture)
