"""The rasteriser against a slow one that shares nothing with it, and against the laws it must keep."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from thlab.render.rasterize import Fragments, depth_map, interpolate, rasterize, resolve, vertex_normals

SIZE = 24


def scene(seed: int, count: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Random triangles, partly off the screen."""
    rng = np.random.default_rng(seed)
    screen = rng.uniform([-8, -8, 0.2], [SIZE + 8, SIZE + 8, 2.0], (3 * count, 3)).astype(np.float32)
    return screen, np.arange(3 * count, dtype=np.int32).reshape(-1, 3)


def slowly(screen: np.ndarray, triangles: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Solve for the weights of every triangle at every sample, in double precision, and keep the nearest."""
    y, x = np.mgrid[0:size, 0:size] + 0.5
    best, ids, weights = np.full((size, size), -np.inf), np.full((size, size), -1), np.zeros((size, size, 3))
    for number, corners in enumerate(screen[triangles].astype(float)):
        system = np.vstack([corners[:, :2].T, np.ones(3)])
        w = np.stack([x, y, np.ones_like(x)], -1) @ np.linalg.inv(system).T
        z = w @ corners[:, 2]
        nearer = (w >= 0).all(-1) & (z > best)
        best, ids = np.where(nearer, z, best), np.where(nearer, number, ids)
        weights = np.where(nearer[..., None], w, weights)
    return ids, best, weights


@pytest.mark.parametrize("seed", range(6))
def test_coverage_order_and_weights_agree_with_a_slow_solution(seed: int):
    screen, triangles = scene(seed)
    fragments = rasterize(screen, triangles, SIZE, SIZE)
    ids, depth, weights = slowly(screen, triangles, SIZE)
    same = fragments.ids == ids  # samples within 1/256 of an edge may fall either way
    assert same.mean() > 0.985
    inside = same & (ids >= 0)
    np.testing.assert_allclose(fragments.depth[inside], depth[inside], atol=6e-3)
    np.testing.assert_allclose(fragments.weights[inside], weights[inside][:, 1:], atol=6e-3)


def fan(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A disc cut into thin triangles around a point, with corners that lie exactly on sample centres among them."""
    rng = np.random.default_rng(seed)
    angles = (np.arange(17) + rng.uniform(0, 0.5, 17)) * 2 * np.pi / 17
    rim = 12 + 9 * np.stack([np.cos(angles), np.sin(angles)], 1)
    rim[::3] = np.floor(rim[::3]) + 0.5
    points = np.vstack([[12.5, 12.5], rim])
    ring = np.arange(1, 18)
    triangles = np.stack([np.zeros(17), ring, np.roll(ring, -1)], 1).astype(np.int32)
    return np.column_stack([points, np.ones(18)]).astype(np.float32), triangles


@pytest.mark.parametrize("seed", range(5))
def test_neighbours_share_an_edge_without_crack_or_overlap(seed: int):
    screen, triangles = fan(seed)
    alone = [rasterize(screen, triangles[k : k + 1], SIZE, SIZE).covered for k in range(len(triangles))]
    times = np.sum(alone, axis=0)
    assert times.max() == 1
    np.testing.assert_array_equal(times == 1, rasterize(screen, triangles, SIZE, SIZE).covered)
    y, x = np.mgrid[0:SIZE, 0:SIZE] + 0.5
    assert times[(np.hypot(x - 12.5, y - 12.5) < 4)].all()


def test_the_nearer_triangle_wins_whatever_the_order():
    square = np.array([[2, 2], [20, 2], [2, 20]], np.float32)
    screen = np.vstack([np.column_stack([square, np.full(3, z)]) for z in (1.0, 2.0)]).astype(np.float32)
    for order, winner in (([[0, 1, 2], [3, 4, 5]], 1), ([[3, 4, 5], [0, 1, 2]], 0)):
        ids = rasterize(screen, np.array(order, np.int32), SIZE, SIZE).ids
        assert set(np.unique(ids)) == {-1, winner}


def test_perspective_weights_are_those_in_space():
    """A plane z = z(x, y) seen by a pinhole: interpolated positions must project back onto their samples."""
    space = np.array([[-1, -1, 1.0], [1.2, -0.8, 3.0], [-0.2, 1.5, 2.0]])
    nearness = 1 / space[:, 2]
    screen = np.column_stack([12 + 10 * space[:, 0] * nearness, 12 + 10 * space[:, 1] * nearness, nearness])
    triangles = np.array([[0, 1, 2]], np.int32)
    fragments = rasterize(screen.astype(np.float32), triangles, SIZE, SIZE, perspective=True)
    position = interpolate(fragments, triangles, space)[fragments.covered]
    y, x = (np.mgrid[0:SIZE, 0:SIZE] + 0.5)[:, fragments.covered]
    np.testing.assert_allclose(12 + 10 * position[:, 0] / position[:, 2], x, atol=0.02)
    np.testing.assert_allclose(12 + 10 * position[:, 1] / position[:, 2], y, atol=0.02)
    np.testing.assert_allclose(1 / position[:, 2], fragments.depth[fragments.covered], atol=2e-3)


def test_one_sided_triangles_vanish_from_behind():
    screen = np.array([[2, 20, 1], [20, 20, 1], [2, 2, 1]], np.float32)  # anticlockwise as seen
    one_sided = np.array([True])
    assert rasterize(screen, np.array([[0, 1, 2]], np.int32), SIZE, SIZE, one_sided=one_sided).covered.any()
    assert not rasterize(screen, np.array([[0, 2, 1]], np.int32), SIZE, SIZE, one_sided=one_sided).covered.any()


def test_frayed_ribbons_cover_less_the_further_their_strands_have_parted():
    screen = np.array([[2, 2, 1], [22, 2, 1], [2, 22, 1], [22, 22, 1]], np.float32)
    triangles = np.array([[0, 1, 2], [2, 1, 3]], np.int32)
    strands = np.array([[0, 0], [5, 0], [0, 1], [5, 1]], np.float32)
    covered = rasterize(screen, triangles, SIZE, SIZE, frayed=np.ones(2, bool), strands=strands).covered[2:22, 2:22]
    rows = covered.mean(1)
    assert rows[0] > 0.9
    assert rows[-1] < 0.2
    assert 0.4 < rows[10] < 0.6


def test_frayed_triangles_without_strands_are_refused():
    screen, triangles = scene(0, 1)
    with pytest.raises(ValueError, match="strand coordinates"):
        rasterize(screen, triangles, SIZE, SIZE, frayed=np.ones(1, bool))


def test_buffers_are_reused_and_must_fit():
    screen, triangles = scene(1)
    buffers = Fragments.empty(SIZE, SIZE)
    rasterize(*scene(2), SIZE, SIZE, into=buffers)
    again = rasterize(screen, triangles, SIZE, SIZE, into=buffers)
    assert again is buffers
    np.testing.assert_array_equal(again.ids, rasterize(screen, triangles, SIZE, SIZE).ids)
    with pytest.raises(ValueError, match="24×25"):
        rasterize(screen, triangles, SIZE, SIZE + 1, into=buffers)


def test_a_depth_map_sees_the_same_surface():
    screen, triangles = scene(3)
    depth = depth_map(screen, triangles, np.empty((SIZE, SIZE), np.float32))
    fragments = rasterize(screen, triangles, SIZE, SIZE)
    both = fragments.covered & (depth > 0)
    assert (fragments.covered == (depth > 0)).mean() > 0.985
    assert np.quantile(np.abs(depth[both] - fragments.depth[both]), 0.97) < 6e-3


def test_normals_of_a_sphere_point_outwards():
    rng = np.random.default_rng(0)
    points = rng.standard_normal((400, 3))
    points = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    triangles = ConvexHull(points).simplices
    a, b, c = (points[triangles[:, k]] for k in range(3))
    inwards = np.einsum("tk,tk->t", np.cross(b - a, c - a), a) < 0
    triangles[inwards] = triangles[inwards][:, ::-1]
    normals = vertex_normals(points, triangles.astype(np.int32))
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)
    assert np.einsum("pk,pk->p", normals, points).min() > 0.97


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_resolving_averages_and_encodes(factor: int):
    rng = np.random.default_rng(factor)
    samples = rng.uniform(0, 1, (6 * factor, 4 * factor, 3)).astype(np.float32)
    identity = np.arange(256, dtype=np.uint8)
    pixels = resolve(samples, factor, limit=1.0, table=identity)
    mean = samples.reshape(6, factor, 4, factor, 3).mean((1, 3))
    assert np.abs(pixels - 255 * mean).max() <= 0.51


def test_a_glint_does_not_outshine_its_pixel():
    samples = np.zeros((2, 2, 3), np.float32)
    samples[0, 0] = 1e6
    pixels = resolve(samples, 2, limit=1.0, table=np.arange(256, dtype=np.uint8))
    assert (pixels == 64).all()


def test_samples_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="multiple"):
        resolve(np.zeros((5, 4, 3), np.float32), 2, limit=1.0, table=np.zeros(2, np.uint8))
