from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from thlab.face.action_units import expression
from thlab.face.head import Stage, sample_person
from thlab.face.head.stage import in_order
from thlab.face.motion import Motion


@pytest.fixture(scope="module")
def motion() -> Motion:
    faces = np.stack([expression(jaw_open=0.1 * k) for k in range(7)])
    return Motion(faces, np.zeros((7, 6), np.float32), np.zeros((7, 2), np.float32))


def test_the_number_of_threads_changes_no_pixel(motion: Motion):
    one, three = (list(Stage(sample_person(3), size=48, threads=n).frames(motion)) for n in (1, 3))
    assert len(one) == len(three) == len(motion)
    assert all(np.array_equal(a, b) for a, b in zip(one, three, strict=True))
    assert not np.array_equal(one[0], one[6])


def test_the_seed_changes_light_and_background(motion: Motion):
    first, second = (next(iter(Stage(sample_person(3), size=48, seed=s).frames(motion))) for s in (0, 1))
    assert not np.array_equal(first, second)


def test_only_a_few_frames_are_drawn_before_they_are_asked_for():
    drawn = []

    def draw(index: int) -> np.ndarray:
        drawn.append(index)
        return np.full((1, 1, 3), index, np.uint8)

    with ThreadPoolExecutor(2) as pool:
        frames = in_order(pool, draw, 100, ahead=4)
        assert [int(next(frames)[0, 0, 0]) for _ in range(3)] == [0, 1, 2]
        frames.close()
    assert max(drawn) <= 3 + 4


def test_a_frame_that_fails_stops_the_film_with_its_error():
    stopped = threading.Event()

    def draw(index: int) -> np.ndarray:
        if index == 2:
            stopped.set()
            raise RuntimeError("no such face")
        return np.zeros((1, 1, 3), np.uint8)

    with ThreadPoolExecutor(2) as pool, pytest.raises(RuntimeError, match="no such face"):
        list(in_order(pool, draw, 10, ahead=2))
    assert stopped.is_set()
