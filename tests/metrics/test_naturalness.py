"""Metrics of naturalness: closed forms where there are any, laws where not, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from thlab.face.blinks import blink_track
from thlab.metrics.naturalness import (
    Codebook,
    beat_alignment,
    blink_intervals,
    blink_moments,
    blink_rate,
    dynamics_gap,
    frequencies,
    head_beats,
    interval_distance,
    loop_score,
    motion_features,
    motion_frechet,
    motion_spectrum,
    patterns_in_use,
    regularity,
    sound_beats,
    spectrum_distance,
)
from thlab.metrics.naturalness.loops import nearest_squared
from thlab.metrics.naturalness.tracks import velocity
from thlab.timebase import FPS, frame_times


def drift(frames: int, seed: int = 0) -> np.ndarray:
    """A head that sways without a plan."""
    noise = np.random.default_rng(seed).standard_normal((frames, 6))
    return 0.3 * gaussian_filter1d(noise, 10, axis=0)


# -- loops ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", [25, 60, 125, 250])
def test_a_loop_of_any_period_up_to_half_the_clip_is_a_copy_of_itself(period: int):
    pose = drift(500)
    assert loop_score(pose) < 0.35
    assert loop_score(pose[np.arange(500) % period]) > 0.8


@pytest.mark.parametrize("period", [40, 125, 250])
def test_motion_that_runs_to_and_fro_is_found_only_where_mirrored_copies_count(period: int):
    pose = drift(500)
    place = np.arange(500) % (2 * period - 2)
    mirrored = pose[np.minimum(place, 2 * period - 2 - place)]
    assert loop_score(mirrored) > 0.8
    if 2 * period > 400:  # it never comes again forwards
        assert loop_score(mirrored, mirrored=False) < 0.35


def test_a_head_that_does_not_move_repeats_itself_all_the_time():
    assert loop_score(np.ones((200, 6))) == 1


def test_where_a_clip_is_does_not_matter_to_its_loop_score_nor_does_time_played_backwards():
    pose = drift(300)
    assert loop_score(pose + 7) == pytest.approx(loop_score(pose))
    assert loop_score(pose[::-1]) == pytest.approx(loop_score(pose))


def test_the_nearest_window_is_that_of_comparing_all_with_all():
    rng = np.random.default_rng(3)
    windows, others = rng.standard_normal((2, 700, 5))  # more than one block
    squared = ((windows[:, None] - others) ** 2).sum(2)
    squared[np.abs(np.subtract.outer(np.arange(700), np.arange(700))) < 30] = np.inf
    assert nearest_squared(windows, others, apart=30) == pytest.approx(squared.min(1))


# -- expressions ------------------------------------------------------------------------------------------------------

CORNERS = Codebook(np.eye(8))


@pytest.mark.parametrize("used", [1, 2, 4, 8])
def test_so_many_expressions_in_equal_parts_are_so_many_patterns(used: int):
    face = np.repeat(np.eye(8)[:used], 25, axis=0)
    assert patterns_in_use(face, CORNERS) == pytest.approx(used)


def test_expressions_in_unequal_parts_count_by_their_entropy():
    face = np.eye(8)[[0] * 75 + [1] * 25]
    assert patterns_in_use(face, CORNERS) == pytest.approx(np.exp(-0.75 * np.log(0.75) - 0.25 * np.log(0.25)))


def test_the_correction_brings_short_clips_nearer_to_the_truth():
    rng = np.random.default_rng(0)
    book = Codebook(np.eye(16))
    faces = [np.eye(16)[rng.integers(16, size=40)] for _ in range(50)]
    plain, corrected = (np.mean([patterns_in_use(face, book, correct=c) for face in faces]) for c in (False, True))
    assert plain < 14
    assert abs(corrected - 16) < 0.5 * abs(plain - 16)


def test_a_codebook_finds_expressions_that_lie_apart_and_is_the_same_each_time():
    rng = np.random.default_rng(1)
    face = np.eye(4)[rng.integers(4, size=200)] + 0.01 * rng.standard_normal((200, 4))
    book = Codebook.fit([face[:100], face[100:]], states=4)
    assert np.sort(book.states.argmax(1)).tolist() == [0, 1, 2, 3]
    assert np.array_equal(book.states, Codebook.fit([face], states=4).states)


def test_a_stiller_face_has_a_gap_above_zero_and_a_livelier_one_below():
    face = drift(200)
    assert dynamics_gap([face], [face]) == 0
    assert dynamics_gap([0.5 * face], [face]) == pytest.approx(0.5 * face.std(0).mean())
    assert dynamics_gap([2 * face], [face]) < 0


# -- blinks -----------------------------------------------------------------------------------------------------------


def lids(*moments: float, seconds: int = 20) -> np.ndarray:
    return blink_track(np.random.default_rng(0), np.array(moments, float), seconds * FPS)


def test_blinks_are_found_where_they_were_planted():
    planted = np.array([1.0, 2.3, 7.0, 7.9, 15.5])
    assert blink_moments(lids(*planted)) == pytest.approx(planted, abs=1 / FPS)


def test_a_blink_at_either_end_counts():
    assert len(blink_moments(lids(0.02, 10, 19.98))) == 3


def test_lids_that_hang_or_follow_the_eyes_down_are_no_blink():
    look_down = 0.4 * np.clip(np.sin(np.linspace(0, 6, 500)), 0, 1)
    assert len(blink_moments(look_down)) == 0
    assert len(blink_moments(np.full(500, 0.3))) == 0
    assert len(blink_moments(np.maximum(look_down, lids(5.0)))) == 1


def test_blinks_are_counted_by_the_minute():
    assert blink_rate(lids(1, 4, 8, 9, 16)) == pytest.approx(15)
    assert blink_rate(np.zeros(500)) == 0


def test_without_two_blinks_the_interval_is_the_length_of_the_clip():
    assert blink_intervals(np.zeros(500)).tolist() == [20]
    assert blink_intervals(lids(3)).tolist() == [20]


def test_intervals_are_compared_by_how_far_they_must_be_moved():
    every_two, every_five = lids(2, 4, 6, 8, 10), lids(2, 7, 12, 17)
    assert interval_distance([every_two], [every_five]) == pytest.approx(3, abs=0.05)
    assert interval_distance([every_two], [every_two]) == 0
    assert interval_distance([np.zeros(500)], [every_five]) == pytest.approx(15, abs=0.05)


def test_a_clock_has_no_irregularity_and_a_geiger_counter_about_one():
    chance = np.cumsum(10 + np.random.default_rng(5).geometric(1 / 500, 300))  # frames; blinks last less than 10
    counter = np.zeros(chance[-1] + 10)
    counter[chance] = 1
    assert regularity(counter) == pytest.approx(np.diff(chance).std() / np.diff(chance).mean())
    assert regularity(counter) > 0.8
    assert regularity(lids(*np.arange(1.02, 60, 3.0), seconds=60)) < 0.02
    assert regularity(lids(3)) == 0


# -- spectrum ---------------------------------------------------------------------------------------------------------


def test_the_spectrum_holds_the_power_of_the_velocity():
    pose = np.cumsum(np.random.default_rng(0).standard_normal((4000, 2)), 0)
    total = motion_spectrum([pose]).sum(0) * frequencies()[0]
    assert total == pytest.approx(velocity(pose).var(0), rel=0.05)


def test_a_swing_stands_at_its_frequency():
    swing = np.sin(2 * np.pi * 3 * frame_times(500))[:, None]
    assert frequencies()[motion_spectrum([swing])[:, 0].argmax()] == pytest.approx(3, abs=0.2)


def test_half_the_movement_is_six_decibels_less():
    pose = 5 * np.random.default_rng(0).standard_normal((500, 6))
    assert spectrum_distance([0.5 * pose], [pose]) == pytest.approx(20 * np.log10(2), rel=1e-4)
    assert spectrum_distance([pose], [pose]) == 0


def test_what_nobody_can_see_makes_no_difference():
    still = np.zeros((200, 6))
    trembling = still + 1e-7 * np.random.default_rng(0).standard_normal(still.shape)
    assert spectrum_distance([still], [trembling]) < 0.01


def test_features_of_motion_keep_all_of_its_power():
    pose = drift(33)
    features = motion_features([pose])
    assert features.shape == (1, 54)
    assert float(features.square().sum()) == pytest.approx((velocity(pose) ** 2).sum())


def test_the_frechet_distance_on_motion_is_zero_for_the_same_and_grows_with_stillness():
    clips = [drift(250, seed) for seed in range(3)]
    assert motion_frechet(clips, clips) == pytest.approx(0, abs=1e-6)
    less, least = (motion_frechet([share * clip for clip in clips], clips) for share in (0.7, 0.3))
    assert 0 < less < least


# -- beats ------------------------------------------------------------------------------------------------------------


def test_beats_that_meet_score_one_and_those_a_width_away_as_a_gaussian():
    sound = np.array([1.0, 2.0, 5.0])
    assert beat_alignment(sound[1:], sound) == 1
    assert beat_alignment(sound + 0.12, sound) == pytest.approx(np.exp(-0.5))
    assert beat_alignment(np.array([1.0, 3.5]), sound, width=0.1) == pytest.approx(0.5)


def test_without_beats_the_alignment_is_zero():
    some, none = np.array([1.0]), np.zeros(0)
    assert beat_alignment(none, some) == beat_alignment(some, none) == 0


def test_a_head_beats_where_its_nod_is_lowest_and_stops_at_either_end_of_it():
    times = frame_times(250)
    pose = np.zeros((250, 6))
    pose[:, 1] = -np.cos(2 * np.pi * times)  # lowest, as pitch points down, half a second after each full one
    assert head_beats(pose) == pytest.approx(np.arange(10) + 0.5, abs=0.03)
    assert np.diff(head_beats(pose, kind="still")) == pytest.approx(0.5, abs=0.05)


def test_a_voice_beats_at_its_syllables():
    moments = np.array([0.5, 1.1, 1.6, 2.5])
    times = np.arange(3 * 16_000) / 16_000
    envelope = np.exp(-((times[:, None] - moments) ** 2) / (2 * 0.06**2)).sum(1)
    voice = (envelope + 0.01) * np.sin(2 * np.pi * 200 * times)
    assert sound_beats(voice) == pytest.approx(moments, abs=0.04)


def test_silence_and_a_click_have_no_beat():
    assert len(sound_beats(np.zeros(16_000))) == 0
    assert len(sound_beats(np.ones(100))) == 0


# -- what is refused --------------------------------------------------------------------------------------------------

HOLED = drift(200)
HOLED[7, 2] = np.nan
REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "a short clip for loops": (lambda: loop_score(drift(100)), "4.04 s on .101 frames., but there are 100"),
    "a hole in a pose": (lambda: loop_score(HOLED), "1 of 200 frames hold NaN"),
    "one frame for a spectrum": (lambda: motion_spectrum([drift(1)]), "there are 1 frames"),
    "no clip for a spectrum": (lambda: spectrum_distance([], [drift(100)]), "at least one clip"),
    "unlike clips": (lambda: spectrum_distance([drift(100)[:, :3]], [drift(100)]), "equally many numbers a frame"),
    "a short window": (lambda: motion_frechet([drift(32)], [drift(100)]), "33 frames"),
    "no frame of blinks": (lambda: blink_rate(np.zeros(0)), "there are 0 frames"),
    "a hole in blinks": (lambda: blink_rate(np.array([0.0, np.nan])), "1 of 2 frames"),
    "no clip of blinks": (lambda: interval_distance([], [np.zeros(50)]), "at least one clip"),
    "a face that never moves": (lambda: Codebook.fit([np.zeros((100, 3))]), "the clips hold 1;"),
    "few frames for a codebook": (lambda: Codebook.fit([drift(10)]), "32 frames"),
    "other coefficients": (lambda: patterns_in_use(drift(50), CORNERS), "knows 8 coefficients, but the track has 6"),
    "no width": (lambda: beat_alignment(np.ones(1), np.ones(1), width=0.0), "above 0 s"),
    "endless beats": (lambda: beat_alignment(np.array([np.inf]), np.ones(1)), "finite moments"),
    "no pitch": (lambda: head_beats(np.zeros((50, 2))), "yaw, pitch and roll"),
    "a spoilt sound": (lambda: sound_beats(np.array([np.nan] * 5000)), "NaN"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_measured_is_refused_in_a_line(case: str):
    call, said = REFUSED[case]
    with pytest.raises(ValueError, match=said) as refused:
        call()
    assert "\n" not in str(refused.value)
