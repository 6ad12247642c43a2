"""Grain is as strong, as fine and as coloured as the skin that it was learned from."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from thlab.render import grain


def noisy(spread: float, softness: float, *, size: int = 128) -> np.ndarray:
    """A grey ramp under noise of known strength and fineness."""
    rough = gaussian_filter(np.random.default_rng(3).standard_normal((size, size)), softness)
    ramp = np.linspace(110, 150, size)[:, None] + spread * rough / rough.std()
    return np.repeat(ramp[..., None], 3, 2).round().astype(np.uint8)


def likeness_of_neighbours(values: np.ndarray) -> float:
    return float((values[:, 1:] * values[:, :-1]).mean() / (values**2).mean())


ALL = np.ones((128, 128), bool)


@pytest.mark.parametrize("spread", [2.0, 4.0, 8.0])
def test_grain_is_as_strong_as_the_noise_of_the_picture(spread: float):
    learned = grain.learn(noisy(spread, 0.6), ALL, rng=np.random.default_rng(0))
    assert learned.tile.mean(2).std() == pytest.approx(spread, rel=0.2)


@pytest.mark.parametrize("softness", [0.01, 0.6, 1.0])
def test_grain_is_as_fine_as_the_noise_of_the_picture(softness: float):
    picture = noisy(5.0, softness)
    learned = grain.learn(picture, ALL, rng=np.random.default_rng(0))
    expected = likeness_of_neighbours(grain.residual(picture, ALL).mean(2))
    assert likeness_of_neighbours(learned.tile.mean(2)) == pytest.approx(expected, abs=0.12)


def test_a_clean_picture_has_no_grain():
    learned = grain.learn(np.full((64, 64, 3), 120, np.uint8), np.ones((64, 64), bool), rng=np.random.default_rng(0))
    assert np.abs(learned.tile).max() == 0


def test_a_few_moles_do_not_make_grain():
    picture = noisy(2.0, 0.6)
    picture[20:24, 30:34] = picture[80:83, 90:93] = 20
    learned = grain.learn(picture, ALL, rng=np.random.default_rng(0))
    assert learned.spread == pytest.approx(2.0, rel=0.2)


def test_grain_of_a_grey_picture_is_grey():
    learned = grain.learn(noisy(4.0, 0.6), ALL, rng=np.random.default_rng(0))
    assert np.ptp(learned.tile, axis=2).max() < 1e-3


def test_the_same_generator_makes_the_same_grain():
    first, second = (grain.learn(noisy(4.0, 0.6), ALL, rng=np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first.tile, second.tile)


def test_the_tile_repeats_without_a_seam():
    tile = grain.learn(noisy(4.0, 1.0), ALL, rng=np.random.default_rng(0)).tile.mean(2)
    inside, across = np.abs(np.diff(tile, axis=1)).mean(), np.abs(tile[:, 0] - tile[:, -1]).mean()
    assert across < 1.4 * inside


def test_a_window_moves_with_its_corner():
    learned = grain.learn(noisy(4.0, 0.6), ALL, rng=np.random.default_rng(0))
    assert np.array_equal(learned.window((-3, 120), (20, 30))[:, 5:], learned.window((2, 120), (20, 25)))


@pytest.mark.parametrize("blur", [0.8, 1.5, 2.5])
def test_the_blur_of_an_edge_is_found(blur: float):
    picture = np.zeros((64, 64))
    picture[:, 32:] = 200
    soft = gaussian_filter(picture, blur).round().astype(np.uint8)
    assert grain.edge_blur(np.repeat(soft[..., None], 3, 2)) == pytest.approx(blur, rel=0.2)


def test_too_little_skin_is_refused():
    with pytest.raises(ValueError, match="64 pixels of skin"):
        grain.learn(np.zeros((32, 32, 3), np.uint8), np.zeros((32, 32), bool), rng=np.random.default_rng(0))
