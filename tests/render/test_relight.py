"""Relighting changes nothing at rest, little in motion, and in the direction of the light."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.render import relight
from thlab.render.relight import shading

SIZE, SIDE = 96, 13
UNIT = 80.0


def bump(height: float = 20.0) -> tuple[np.ndarray, np.ndarray]:
    """A rounded hill in front of the picture's plane (z below 0 is nearer), and its triangles."""
    x, y = np.meshgrid(*[np.linspace(8, SIZE - 8, SIDE)] * 2)
    z = -height * np.exp(-(((x - 48) / 22) ** 2) - ((y - 48) / 22) ** 2)
    corner = (np.arange(SIDE - 1)[:, None] * SIDE + np.arange(SIDE - 1)).ravel()
    triangles = np.concatenate([
        np.stack([corner, corner + 1, corner + SIDE], 1), np.stack([corner + 1, corner + SIDE + 1, corner + SIDE], 1)
    ])  # fmt: skip
    return np.stack([x, y, z], -1).reshape(-1, 3).astype(np.float32), triangles.astype(np.int32)


POINTS, TRIANGLES = bump()
WEIGHTS = (np.abs(POINTS[:, :2] - 48) < 38).all(1).astype(np.float32)
PICTURE = np.full((SIZE, SIZE, 3), 128, np.uint8)
LOOK = relight.learn(PICTURE, POINTS, TRIANGLES, WEIGHTS, unit=UNIT)


def folded() -> np.ndarray:
    """The hill with the skin around its middle squeezed to two thirds."""
    moved = POINTS.copy()
    moved[:, 0] = 48 + (POINTS[:, 0] - 48) * (1 - 0.33 * np.exp(-(((POINTS[:, 0] - 48) / 18) ** 2)))
    return moved


def test_a_face_at_rest_keeps_its_very_pixels():
    assert relight.apply(PICTURE, LOOK, POINTS.copy()) is PICTURE
    assert np.array_equal(shading.vertex_changes(LOOK, POINTS.copy()), np.zeros(len(POINTS), np.float32))


def test_a_shift_of_the_whole_face_changes_nothing_visible():
    moved = POINTS + np.array([3, -2, 0], np.float32)
    assert np.abs(relight.apply(PICTURE, LOOK, moved).astype(int) - 128).max() <= 1


def test_squeezed_skin_darkens():
    lit = relight.apply(PICTURE, LOOK, folded())
    assert lit[44:52, 44:52].mean() < 126


def test_the_side_that_turns_to_the_light_brightens_and_the_other_darkens():
    """A higher hill under light from above: its upper slope faces the light more, its lower slope less."""
    higher, _ = bump(32.0)
    lit = relight.apply(PICTURE, LOOK, higher).astype(float)
    assert lit[26:38, 40:56].mean() > lit[58:70, 40:56].mean() + 2


def test_changes_stay_small():
    wild = POINTS * np.array([1, 1, 6], np.float32)
    lit = relight.apply(PICTURE, LOOK, wild).astype(float) / 128
    assert np.abs(lit - 1).max() <= shading.LARGEST + 0.01


def test_changes_are_smooth():
    lit = relight.apply(PICTURE, LOOK, folded()).astype(float)
    assert max(np.abs(np.diff(lit, axis=axis)).max() for axis in (0, 1)) <= 3


def test_colours_keep_their_proportions():
    coloured = np.broadcast_to(np.array([200, 100, 50], np.uint8), (SIZE, SIZE, 3)).copy()
    lit = relight.apply(coloured, LOOK, folded()).astype(float)
    assert lit / lit[..., :1] == pytest.approx(np.broadcast_to([1, 0.5, 0.25], lit.shape), abs=0.02)


def test_vertices_of_no_weight_are_not_lit():
    changes = shading.vertex_changes(LOOK, folded())
    assert np.array_equal(changes[WEIGHTS == 0], np.zeros((WEIGHTS == 0).sum(), np.float32))


def test_without_strength_nothing_happens():
    flat = relight.learn(PICTURE, POINTS, TRIANGLES, WEIGHTS, unit=UNIT, strength=0.0)
    assert relight.apply(PICTURE, flat, folded()) is PICTURE


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_light_from_the_side_is_found(side: float):
    true = np.array([0.7 * side, -0.2, -0.7]) / np.linalg.norm([0.7, 0.2, 0.7])
    normals = shading.vertex_normals(POINTS, TRIANGLES)
    picture = np.zeros((SIZE, SIZE, 3), np.uint8)
    y, x = (np.clip(np.mgrid[:SIZE, :SIZE] + 0.5 - 8, 0, SIZE - 16) / (SIZE - 16) * (SIDE - 1)).round().astype(int)
    picture[:] = (60 + 120 * np.clip(normals.reshape(SIDE, SIDE, 3)[y, x] @ true, 0, 1))[..., None]
    found = relight.learn(picture, POINTS, TRIANGLES, WEIGHTS, unit=UNIT).light
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
    assert found[0] * side > 0.2


def test_normals_of_a_slope_agree_with_its_gradient():
    """On z = 0.5 x the normal towards the viewer is (0.5, 0, −1), made a unit vector."""
    slope = POINTS.copy()
    slope[:, 2] = 0.5 * slope[:, 0]
    normals = shading.vertex_normals(slope, TRIANGLES)
    expected = np.array([0.5, 0, -1]) / np.sqrt(1.25)
    assert normals == pytest.approx(np.broadcast_to(expected, normals.shape), abs=1e-4)


def test_the_winding_of_the_triangles_does_not_matter():
    flipped = np.ascontiguousarray(TRIANGLES[:, ::-1])
    assert shading.vertex_normals(POINTS, flipped) == pytest.approx(shading.vertex_normals(POINTS, TRIANGLES), abs=1e-5)


def test_areas_of_all_vertices_sum_to_three_times_the_surface():
    flat = POINTS * np.array([1, 1, 0], np.float32)
    assert shading.vertex_areas(flat, TRIANGLES).sum() == pytest.approx(3 * (SIZE - 16) ** 2, rel=1e-4)


def test_it_is_the_same_every_time():
    assert np.array_equal(relight.apply(PICTURE, LOOK, folded()), relight.apply(PICTURE, LOOK, folded()))
