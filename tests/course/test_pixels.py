"""Pictures become few bytes, and look the same."""

from __future__ import annotations

import numpy as np
import pytest
from course.media import pixels

from thlab.course.pixels import INVISIBLE, MOST_BYTES, packed


def noise(size: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)


def test_few_colours_are_kept_exactly():
    flat = np.repeat(np.repeat(np.random.default_rng(1).integers(0, 256, (10, 10, 3), np.uint8), 20, 0), 20, 1)
    data, kind = packed(flat)
    assert kind == "image/png"
    assert np.array_equal(pixels(data), flat)


def test_a_palette_is_taken_only_where_nobody_sees_it():
    ramp = np.linspace(0, 255, 256, dtype=np.uint8)
    smooth = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None], ramp[::-1, None]), -1).copy()
    data, kind = packed(smooth)
    assert kind == "image/jpeg"
    error = np.sqrt(((pixels(data).astype(float) - smooth) ** 2).mean())
    assert error < 2 * INVISIBLE


@pytest.mark.parametrize("most", [MOST_BYTES, 20_000])
def test_the_worst_picture_still_fits(most: int):
    data, _ = packed(noise(700), most=most)
    assert len(data) <= most
