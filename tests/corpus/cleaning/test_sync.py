from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter1d

from thlab.corpus.cleaning.association import agreement, who_speaks
from thlab.corpus.cleaning.defects import late_sound
from thlab.corpus.cleaning.geometry import FaceTrack, Lips, inter_ocular, lip_opening, lips_seen
from thlab.corpus.cleaning.rules import CLEAR
from thlab.corpus.cleaning.sync import correlations, filled, lips_heard, loudness, measure_sync, standard_error
from thlab.corpus.samples import read_sample
from thlab.media import Clip
from thlab.timebase import frames_to_samples

SAMPLES = Path(__file__).parents[3] / "data_samples"
SILENCE = torch.zeros(16_000)


def babble(frames: int, seed: int) -> np.ndarray:
    """A track as smooth as lips are."""
    return gaussian_filter1d(np.random.default_rng(seed).normal(size=frames + 100), 1.5)[50:-50]


def face_that_says(gap: np.ndarray) -> FaceTrack:
    """A face of 100 px between the eyes whose lips part by a track."""
    landmarks = np.zeros((len(gap), 68, 2))
    landmarks[:, 45, 0] = 100.0
    landmarks[:, 54, 0] = 50.0
    landmarks[:, [67, 66, 65], 1] = (20 + 10 * gap)[:, None]
    return FaceTrack(landmarks, np.ones(len(gap), bool))


def lips(gap: np.ndarray) -> Lips:
    return Lips(gap, np.zeros(len(gap)))


@pytest.mark.parametrize("frames", [-12, -3, 0, 5, 14])
def test_sound_that_comes_later_has_a_positive_offset(frames: int):
    said = babble(200, 1)
    sync = measure_sync(SILENCE, face_that_says(said[25:175]), heard=lips(said[25 - frames : 175 - frames]))
    assert sync is not None
    assert sync.offset_ms == pytest.approx(40 * frames, abs=3)
    assert sync.correlation > 0.5
    assert sync.confidence > CLEAR


def test_offsets_are_told_between_frames():
    fine = gaussian_filter1d(np.random.default_rng(2).normal(size=4000), 15)
    sync = measure_sync(SILENCE, face_that_says(fine[100:2100:10]), heard=lips(fine[75:2075:10]))
    assert sync is not None
    assert sync.offset_ms == pytest.approx(100, abs=6)


def test_a_still_mouth_and_a_short_one_have_no_offset():
    assert measure_sync(SILENCE, face_that_says(np.zeros(100)), heard=lips(babble(100, 1))) is None
    assert measure_sync(SILENCE, face_that_says(babble(20, 1)), heard=lips(babble(20, 1))) is None
    assert measure_sync(SILENCE, face_that_says(babble(100, 1)), heard=lips(np.zeros(100))) is None


def test_lost_frames_do_not_count():
    gap = babble(150, 1)
    face = face_that_says(gap)
    found = np.random.default_rng(0).uniform(size=150) > 0.3
    wild = face.landmarks.copy()
    wild[~found] = 1e6
    whole, partly = (
        measure_sync(SILENCE, track, heard=lips(gap)) for track in (face, FaceTrack(wild, found))
    )
    assert whole is not None
    assert partly is not None
    assert abs(partly.offset_ms - whole.offset_ms) < 10


def test_a_filled_track_keeps_what_was_found():
    face = face_that_says(babble(50, 1))
    found = np.arange(50) % 2 == 0
    points = filled(FaceTrack(face.landmarks, found))
    np.testing.assert_array_equal(points[found], face.landmarks[found])
    np.testing.assert_allclose(points[1], (face.landmarks[0] + face.landmarks[2]) / 2)


def test_the_standard_error_is_the_spread_of_correlations_by_chance():
    pairs = [(babble(120, 2 * k), babble(120, 2 * k + 1)) for k in range(400)]
    found = np.ones(120, bool)
    spread = np.std([correlations(a, b, found)[15] for a, b in pairs])
    assert np.mean([standard_error(a, b, 120) for a, b in pairs[:100]]) == pytest.approx(spread, rel=0.12)


def test_of_two_faces_the_one_whose_lips_go_with_the_sound_speaks():
    voice = babble(150, 1)
    listener = face_that_says(babble(150, 2))
    assert who_speaks(SILENCE, [listener, face_that_says(voice)], heard=lips(voice)).index == 1
    assert who_speaks(SILENCE, [face_that_says(voice), listener], heard=lips(voice)).index == 0


def test_a_voice_from_off_the_screen_belongs_to_nobody():
    faces = [face_that_says(babble(150, seed)) for seed in (2, 3)]
    answer = who_speaks(SILENCE, faces, heard=lips(babble(150, 1)))
    assert answer.index is None
    assert len(answer.scores) == 2
    assert who_speaks(SILENCE, []).index is None
    assert agreement(None) == 0


def test_lengths_grow_with_the_face():
    landmarks = np.random.default_rng(0).uniform(0, 100, (5, 68, 2))
    np.testing.assert_allclose(inter_ocular(3 * landmarks), 3 * inter_ocular(landmarks))
    np.testing.assert_allclose(lip_opening(3 * landmarks), lip_opening(landmarks))
    np.testing.assert_allclose(lips_seen(landmarks).gap, lip_opening(landmarks))


@pytest.mark.parametrize("frames", [0, 1, 30])
def test_silence_asks_for_lips_that_do_not_move(frames: int):
    heard = lips_heard(torch.zeros(frames_to_samples(frames)), frames)
    assert len(heard) == frames
    assert np.all(heard.gap == 0)
    assert np.all(heard.width == 0)


def test_loudness_covers_every_frame_of_a_sound_that_is_too_short():
    rising = torch.linspace(0, 1, 6400) * torch.sin(torch.arange(6400) * 0.4)
    track = loudness(rising, 12)
    assert len(track) == 12
    assert np.all(np.diff(track[:9]) > 0)


@pytest.mark.slow
def test_the_offset_of_a_voice_moves_as_far_as_the_sound_is_moved():
    clip = read_sample(SAMPLES, "03-neutral")
    assert clip.truth is not None
    assert clip.truth.landmarks is not None
    face = FaceTrack(clip.truth.landmarks.double().numpy(), np.ones(len(clip), bool))
    told = []
    for ms in (0.0, 170.0):
        moved = late_sound(Clip(audio=clip.audio), ms=ms).audio
        assert moved is not None
        sync = measure_sync(moved, face)
        assert sync is not None
        told.append(sync.offset_ms)
    assert abs(told[0]) < 60
    assert told[1] - told[0] == pytest.approx(170, abs=40)
