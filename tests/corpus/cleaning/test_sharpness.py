from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from thlab.corpus.cleaning.sharpness import blur_radius, blurred_by


def face_of_edges(size: int) -> tuple[np.ndarray, np.ndarray]:
    """A picture of dark bars on grey, far enough apart to be edges, and landmarks whose eyes are 0.4 of it apart."""
    picture = np.full((size, size, 3), 160, np.uint8)
    for left in (0.2, 0.5, 0.8):
        picture[:, round(left * size) : round((left + 0.15) * size)] = 70
    landmarks = np.full((68, 2), size / 2)
    landmarks[17], landmarks[57] = (0.1 * size, 0.1 * size), (0.9 * size, 0.9 * size)
    landmarks[36], landmarks[45] = (0.3 * size, 0.4 * size), (0.7 * size, 0.4 * size)
    return picture, landmarks


@pytest.mark.parametrize("percent", [2.0, 4.0, 6.0])
def test_the_blur_of_an_edge_is_what_was_planted(percent: float):
    picture, landmarks = face_of_edges(300)
    spread = percent / 100 * 120
    assert blur_radius(blurred_by(picture, spread), landmarks) == pytest.approx(percent, rel=0.15)


def test_blur_does_not_depend_on_contrast():
    picture, landmarks = face_of_edges(300)
    soft = gaussian_filter(picture.astype(float), (5, 5, 0))
    faint = (100 + 0.4 * (soft - 100)).round().astype(np.uint8)
    strong = soft.round().astype(np.uint8)
    assert blur_radius(faint, landmarks) == pytest.approx(blur_radius(strong, landmarks), rel=0.1)


def test_blur_is_relative_to_the_size_of_the_face():
    small, large = face_of_edges(200), face_of_edges(400)
    few = blur_radius(blurred_by(small[0], 3.2), small[1])
    many = blur_radius(blurred_by(large[0], 6.4), large[1])
    assert few == pytest.approx(many, rel=0.1)


def test_nothing_can_be_said_of_a_face_outside_or_without_an_edge():
    picture, landmarks = face_of_edges(200)
    assert np.isnan(blur_radius(picture, landmarks + 1000))
    assert np.isnan(blur_radius(np.full_like(picture, 90), landmarks))


def test_no_blur_is_no_change():
    picture, _ = face_of_edges(64)
    assert blurred_by(picture, 0.0) is picture
