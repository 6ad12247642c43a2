"""Conversions on the one clock are exact, return, and refuse what does not fit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from thlab import timebase
from thlab.timebase import FPS, HOP, HOP_RATE, HOPS_PER_FRAME, SAMPLE_RATE, SAMPLES_PER_FRAME, Interval

MANY = [0, 1, 2, 3, 7, 25, 29, 57, 101, 1_234, 90_001]
"""Counts of frames, among them some whose seconds have no exact float."""


def test_the_rates_of_the_course_fit_into_each_other():
    assert (SAMPLES_PER_FRAME, HOPS_PER_FRAME, HOP_RATE) == (640, 4, 100)
    assert (timebase.SYNC_FRAMES, timebase.SYNC_HOPS) == (5, 20)
    assert HOPS_PER_FRAME * HOP == SAMPLES_PER_FRAME
    assert SAMPLES_PER_FRAME * FPS == SAMPLE_RATE == HOP_RATE * HOP


@pytest.mark.parametrize(("amount", "unit"), [(44_100, 24), (16_000, 30), (1, 640), (-1, 2)])
def test_a_rate_that_does_not_divide_is_refused_with_what_would_fit(amount: int, unit: int):
    with pytest.raises(ValueError, match=f"multiple of {unit}; cut to {amount // unit * unit} "):
        timebase.exact_div(amount, unit)


@pytest.mark.parametrize("unit", [0, -4])
def test_a_unit_that_is_nothing_is_refused(unit: int):
    with pytest.raises(ValueError, match="above 0"):
        timebase.exact_div(8, unit)


@pytest.mark.parametrize("count", MANY)
@pytest.mark.parametrize(
    ("there", "back"),
    [
        (timebase.frames_to_samples, timebase.samples_to_frames),
        (timebase.frames_to_hops, timebase.hops_to_frames),
        (timebase.hops_to_samples, timebase.samples_to_hops),
        (timebase.frames_to_seconds, timebase.seconds_to_frames),
        (timebase.hops_to_seconds, timebase.seconds_to_hops),
        (timebase.samples_to_seconds, timebase.seconds_to_samples),
        (timebase.samples_to_seconds, timebase.nearest_sample),
        (timebase.frames_to_seconds, timebase.frame_at),
        (timebase.hops_to_seconds, timebase.hop_at),
        (timebase.frames_to_samples, timebase.video_frames),
        (timebase.frames_to_samples, timebase.whole_frames),
        (timebase.hops_to_samples, timebase.covering_hops),
    ],
)
def test_there_and_back_is_the_same_count(there, back, count: int):
    assert back(there(count)) == count


@pytest.mark.parametrize("frames", MANY)
def test_all_ways_from_frames_to_seconds_agree(frames: int):
    samples, hops = timebase.frames_to_samples(frames), timebase.frames_to_hops(frames)
    assert timebase.hops_to_samples(hops) == samples
    assert timebase.samples_to_seconds(samples) == timebase.frames_to_seconds(frames) == timebase.hops_to_seconds(hops)


@pytest.mark.parametrize("convert", [timebase.samples_to_frames, timebase.samples_to_hops, timebase.hops_to_frames])
def test_a_count_that_does_not_fit_is_refused(convert):
    with pytest.raises(ValueError, match="no multiple"):
        convert(641)


@pytest.mark.parametrize(
    ("convert", "seconds"),
    [(timebase.seconds_to_frames, 0.05), (timebase.seconds_to_hops, 0.005), (timebase.seconds_to_samples, 1 / 44_100)],
)
def test_a_time_between_two_counts_is_refused(convert, seconds: float):
    with pytest.raises(ValueError, match="no whole number"):
        convert(seconds)


@pytest.mark.parametrize("seconds", [math.nan, math.inf])
@pytest.mark.parametrize("convert", [timebase.seconds_to_samples, timebase.nearest_sample, timebase.frame_at])
def test_a_time_that_is_no_number_is_refused(convert, seconds: float):
    with pytest.raises(ValueError, match="finite"):
        convert(seconds)


@pytest.mark.parametrize("samples", [0, 1, 159, 160, 161, 639, 640, 641, 16_000, 16_001])
def test_rounding_up_covers_the_sound_and_rounding_down_fits_in_it(samples: int):
    covering, fitting = timebase.video_frames(samples), timebase.whole_frames(samples)
    assert fitting * SAMPLES_PER_FRAME <= samples <= covering * SAMPLES_PER_FRAME < samples + SAMPLES_PER_FRAME
    assert covering - fitting == (samples % SAMPLES_PER_FRAME != 0)
    assert samples <= timebase.covering_hops(samples) * HOP < samples + HOP


def test_a_frame_shows_the_moment_at_its_middle():
    times = timebase.frame_times(1_000)
    assert times[0] == pytest.approx(0.02, abs=1e-15)
    assert [timebase.frame_at(time) for time in times] == list(range(1_000))
    np.testing.assert_allclose(times * SAMPLE_RATE, np.arange(1_000) * SAMPLES_PER_FRAME + SAMPLES_PER_FRAME / 2)


def test_the_middle_of_a_frame_is_the_middle_of_its_four_hops():
    hops = timebase.hop_times(timebase.frames_to_hops(50)).reshape(50, HOPS_PER_FRAME)
    np.testing.assert_allclose(hops.mean(1), timebase.frame_times(50), rtol=0, atol=1e-14)


def test_the_sample_before_a_frame_belongs_to_the_frame_before():
    for frame in MANY:
        assert timebase.frame_at(timebase.samples_to_seconds(timebase.frames_to_samples(frame) - 1)) == frame - 1


WORDS = (Interval(0.1, 0.5, "one"), Interval(0.5, 0.6, "two"), Interval(0.8, 1.0, "three"))


def test_labels_hold_from_their_start_until_just_before_their_end():
    times = [0.0, 0.1, 0.3, 0.5, 0.59, 0.6, 0.8, 1.0]
    assert timebase.labels_at(WORDS, times, gap="-") == ["-", "one", "one", "two", "two", "-", "three", "-"]
    assert timebase.labels_at(WORDS, np.array(times)) == timebase.labels_at(WORDS, times)
    assert timebase.labels_at((), [0.5]) == [""]


@pytest.mark.parametrize("intervals", [WORDS[::-1], (Interval(0.0, 0.6, "one"), Interval(0.5, 0.7, "two"))])
def test_overlapping_or_unsorted_labels_are_refused(intervals: tuple[Interval, ...]):
    with pytest.raises(ValueError, match="in turn"):
        timebase.labels_at(intervals, [0.5])


def test_a_cut_keeps_what_lies_inside_and_counts_from_its_own_beginning():
    assert timebase.cut(WORDS, 0.25, 0.5) == (Interval(0.0, 0.25, "one"),)
    assert timebase.cut(WORDS, 0, 2) == WORDS
    assert timebase.cut(WORDS, 0.6, 0.8) == ()


def test_labels_of_a_cut_are_the_labels_of_the_whole():
    start, times = 0.375, np.linspace(0, 0.5, 33)
    whole = timebase.labels_at(WORDS, times + start)
    assert timebase.labels_at(timebase.cut(WORDS, start, 0.875), times[:-1]) == whole[:-1]
