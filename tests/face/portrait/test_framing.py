"""Which part of a picture moves, and how large it is made."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.face.portrait import frame_face
from thlab.face.portrait.framing import MARGIN


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def square_face(left: float, top: float, side: float) -> np.ndarray:
    corners = np.array([[left, top, 0.0], [left + side, top + side, 10.0]])
    return np.concatenate([corners] * 239)


def test_a_small_picture_keeps_its_size_and_its_pixels():
    picture = noise(300, 400)
    framing = frame_face(picture, square_face(150, 100, 80))
    assert np.array_equal(framing.picture, picture)
    assert framing.scale == 1
    assert framing.part.shape == (135, 135, 3)
    assert np.array_equal(framing.paste(framing.part), picture)


@pytest.mark.parametrize(("height", "width"), [(301, 401), (16, 17), (2000, 3511), (1433, 1433)])
def test_sides_are_even_and_not_too_long(height: int, width: int):
    framing = frame_face(noise(height, width), square_face(2, 2, 10))
    rows, columns = framing.picture.shape[:2]
    assert rows % 2 == columns % 2 == 0
    assert max(rows, columns) <= 1080


def test_a_large_face_is_scaled_to_the_largest_part():
    framing = frame_face(noise(1000, 1000), square_face(200, 200, 600))
    assert max(framing.part.shape) == 512
    assert framing.scale == pytest.approx(512 / 1000, rel=0.01)


def test_points_lie_in_the_part_where_they_lay_in_the_picture():
    picture = np.zeros((1200, 900, 3), np.uint8)
    points = square_face(300, 400, 300)
    picture[695:705, 595:605] = 255  # around the lower right corner of the face
    framing = frame_face(picture, points)
    x, y = framing.points[1, :2]
    rows, columns = np.nonzero(framing.part[..., 0] > 100)
    assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx((x, y), abs=0.3)


def test_a_face_at_the_edge_has_a_part_that_stays_in_the_picture():
    framing = frame_face(noise(200, 200), square_face(150, 150, 49))
    rows, columns = framing.part.shape[:2]
    assert framing.left + columns <= 200
    assert framing.top + rows <= 200
    assert columns < MARGIN * 49


def test_pasting_changes_the_part_alone():
    picture = noise(300, 300)
    framing = frame_face(picture, square_face(100, 100, 60))
    pasted = framing.paste(255 - framing.part)
    changed = (pasted != picture).any(2)
    assert not changed[: framing.top].any()
    assert not changed[:, : framing.left].any()
    assert changed.sum() > 0.9 * framing.part.shape[0] * framing.part.shape[1]
