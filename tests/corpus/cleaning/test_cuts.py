from __future__ import annotations

import numpy as np
import pytest

from thlab.corpus.cleaning.cuts import CutFinder, Picture, colours, different, face_jumps, find_cuts, summits
from thlab.corpus.cleaning.geometry import FaceTrack


def shot(seed: int, frames: int, *, size: tuple[int, int] = (48, 64)) -> list[Picture]:
    """A room of coloured patches with a square that crosses it, and the noise of a camera."""
    rng = np.random.default_rng(seed)
    room = np.kron(rng.integers(0, 256, (6, 8, 3)), np.ones((size[0] // 6, size[1] // 8, 1)))
    pictures = []
    for frame in range(frames):
        picture = room + rng.normal(0, 3, room.shape)
        picture[10:20, 2 * frame : 2 * frame + 10] = (200, 150, 120)
        pictures.append(picture.clip(0, 255).astype(np.uint8))
    return pictures


@pytest.mark.parametrize("at", [3, 10, 17, 21])
def test_a_cut_is_found_at_its_first_frame(at: int):
    assert find_cuts([*shot(1, at), *shot(2, 24 - at)]) == [at]


def test_every_cut_of_several_is_found():
    assert find_cuts([*shot(1, 10), *shot(2, 7), *shot(3, 10)]) == [10, 17]


@pytest.mark.parametrize("frames", [1, 2])
def test_a_flash_is_no_cut(frames: int):
    pictures = shot(1, 24)
    for frame in range(10, 10 + frames):
        pictures[frame] = np.full_like(pictures[frame], 255)
    assert find_cuts(pictures) == []


def test_a_flash_does_not_hide_a_cut_that_follows():
    pictures = [*shot(1, 12), *shot(2, 12)]
    pictures[6] = np.full_like(pictures[6], 255)
    assert find_cuts(pictures) == [12]


def test_a_pan_is_no_cut():
    wide = np.concatenate(shot(1, 1, size=(48, 640)), 1)
    assert find_cuts([np.ascontiguousarray(wide[:, step * 4 : step * 4 + 64]) for step in range(30)]) == []


def test_a_picture_that_brightens_slowly_is_no_cut():
    first = shot(1, 1)[0].astype(np.float64)
    assert find_cuts([(first * factor).astype(np.uint8) for factor in np.linspace(0.3, 0.9, 40)]) == []


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_what_is_too_short_has_no_cut(frames: int):
    assert find_cuts(shot(1, frames)) == []
    finder = CutFinder()
    for picture in shot(1, frames):
        finder.see(picture)
    assert len(finder.changes()) == frames


def test_a_picture_differs_by_nothing_from_itself_and_by_one_from_its_opposite():
    black, white = np.zeros((40, 40, 3), np.uint8), np.full((40, 40, 3), 255, np.uint8)
    assert different(colours(black), colours(black)) == 0
    assert different(colours(black), colours(white)) == 1


def test_of_neighbouring_changes_only_the_highest_counts():
    assert summits(np.array([0, 0.4, 0.9, 0.5, 0, 0, 0, 0.6, 0.1]), 0.3) == [2, 7]


def test_a_face_that_jumps_by_its_eyes_distance_jumps_by_one():
    rng = np.random.default_rng(0)
    face = rng.uniform(0, 100, (68, 2))
    face[36], face[45], face[27], face[33] = (0, 50), (60, 50), (30, 50), (30, 70)
    landmarks = np.stack([face, face, face + np.array([60, 0]), face + np.array([60, 0])])
    jumps = face_jumps(FaceTrack(landmarks, np.ones(4, bool)))
    np.testing.assert_allclose(jumps, [0, 0, 1, 0], atol=1e-6)
    lost = face_jumps(FaceTrack(landmarks, np.array([True, True, False, True])))
    np.testing.assert_allclose(lost, [0, 0, 0, 1], atol=1e-6)


def test_a_face_that_was_lost_for_long_may_come_back_elsewhere():
    landmarks = np.random.default_rng(0).uniform(0, 100, (9, 68, 2))
    found = np.array([True, *[False] * 7, True])
    assert face_jumps(FaceTrack(landmarks, found)).max() == 0
    assert len(face_jumps(FaceTrack(landmarks[:0], found[:0]))) == 0
