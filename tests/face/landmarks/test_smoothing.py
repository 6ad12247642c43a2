"""Noise goes, what the face does fast stays, and nothing is late."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.face.landmarks.smoothing import Steadier, steady

RNG = np.random.default_rng(3)


def test_noise_below_the_threshold_is_halved():
    noisy = RNG.normal(0, 0.5, (300, 10, 2))
    left = steady(noisy, noise=3.0)
    assert left.std() < 0.75 * noisy.std()
    assert np.diff(left, axis=0).std() < 0.5 * np.diff(noisy, axis=0).std()


def test_a_parabola_and_a_straight_way_pass_unchanged():
    time = np.arange(40.0)
    straight = np.stack([3 * time, -time], 1)[:, None]
    assert np.allclose(steady(straight, noise=5.0), straight)
    curved = np.stack([time**2, 0 * time], 1)[:, None]
    assert np.allclose(steady(curved, noise=1e-9)[2:-2], curved[2:-2])


def test_a_closure_of_one_frame_is_kept_and_not_moved_in_time():
    gap = np.full((30, 1, 2), 10.0)
    gap[15] = 0.0
    after = steady(gap, noise=1.0)
    assert after[:, 0, 1].argmin() == 15
    assert after[15, 0, 1] < 0.5


def test_a_frame_at_a_time_gives_the_same_two_frames_later():
    track = RNG.normal(size=(20, 4, 2))
    steadier = Steadier()
    came = [len(steadier.push(frame, noise=0.7)) for frame in track]
    assert came == [0, 0] + [1] * 18
    again = Steadier()
    parts = [points for frame in track for points in again.push(frame, noise=0.7)] + again.flush()
    assert np.array_equal(np.stack(parts), steady(track, noise=0.7))


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4])
def test_short_tracks_keep_their_length(length: int):
    assert steady(np.ones((length, 3, 2)), noise=1.0).shape == (length, 3, 2)
