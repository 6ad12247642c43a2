"""One row of numbers for a clip, from its truth or its pictures; and the test that these numbers pass."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from thlab.corpus.performance import EMPHASIS_DELAY
from thlab.corpus.samples import read_sample
from thlab.experiments.naturalness_scores import METRICS, Naturalness, books_of, naturalness_of, sample_books
from thlab.experiments.planted_motion import DEFECTS
from thlab.experiments.takes import take_of
from thlab.experiments.validation import naturalness as validation
from thlab.experiments.validation.base import read_validation
from thlab.media import Clip, Truth
from thlab.metrics.naturalness import blink_moments

SAMPLES = Path(__file__).parents[2] / "data_samples"


@pytest.fixture(scope="module")
def sample() -> Clip:
    return read_sample(SAMPLES, "03-neutral")


def tracks(frames: int) -> Clip:
    """Somebody who does nothing, without a sound."""
    truth = Truth(pose=torch.zeros(frames, 6), expression=torch.zeros(frames, 30), blink=torch.zeros(frames))
    return Clip(truth=truth)


def test_every_number_has_its_metric_in_the_same_order():
    assert [field.name for field in fields(Naturalness)] == list(METRICS)


def test_alone_a_clip_gets_what_needs_no_comparison(sample: Clip):
    found = naturalness_of(sample)
    assert found.patterns is not None
    assert 1 < found.patterns <= 32
    assert found.beats is not None
    assert 0 < found.beats <= 1
    assert [found.intervals, found.spectrum, found.frechet, found.upper_face] == [None] * 4


def test_beside_itself_a_clip_is_at_no_distance(sample: Clip):
    found = naturalness_of(sample, sample)
    assert [found.intervals, found.spectrum, found.upper_face] == [0, 0, 0]
    assert found.frechet == pytest.approx(0, abs=1e-6)


def test_clips_that_are_too_short_lack_what_cannot_be_said_of_them():
    one = naturalness_of(tracks(1), tracks(1))
    assert (one.loop, one.beats, one.spectrum, one.frechet) == (None,) * 4
    assert (one.patterns, one.blinks_a_minute, one.upper_face) == (1, 0, 0)


def test_somebody_who_does_nothing_repeats_himself_and_uses_one_expression():
    still = naturalness_of(tracks(200), tracks(200), books=sample_books())
    assert (still.loop, still.patterns, still.upper_patterns, still.blink_regularity) == (1, 1, 1, 0)
    assert (still.intervals, still.spectrum) == (0, 0)


def test_a_clip_without_tracks_and_pictures_is_refused_in_a_line():
    with pytest.raises(ValueError, match="pose, expression and blinks in the truth, or pictures") as refused:
        naturalness_of(Clip(audio=torch.zeros(16_000)))
    assert "\n" not in str(refused.value)


def test_holes_in_a_track_are_refused_in_a_line(sample: Clip):
    assert sample.truth is not None
    assert sample.truth.pose is not None
    holed = replace(sample.truth, pose=torch.where(torch.rand(len(sample.truth.pose), 6) < 0.1, torch.nan, 0.0))
    with pytest.raises(ValueError, match="hold NaN or infinity"):
        naturalness_of(replace(sample, truth=holed))


def test_pictures_without_a_face_are_refused_in_a_line():
    pytest.importorskip("mediapipe")
    grey = Clip(torch.full((5, 64, 64, 3), 128, dtype=torch.uint8))
    with pytest.raises(ValueError, match="a face is found in 0 of 5 pictures"):
        naturalness_of(grey)


def test_what_the_pictures_show_follows_the_truth(sample: Clip):
    pytest.importorskip("mediapipe")
    seen, true = take_of(replace(sample, truth=None)), take_of(sample)
    assert blink_moments(seen.blink) == pytest.approx(blink_moments(true.blink), abs=0.1)
    for one, other in ((seen.pose[:, 2], true.pose[:, 2]), (seen.expression[:, 0], true.expression[:, 0])):
        assert np.corrcoef(one, other)[0, 1] > 0.85  # roll, and the jaw


def test_few_real_frames_leave_the_codebook_to_the_samples(sample: Clip):
    assert books_of([]) is sample_books()
    assert books_of([take_of(sample)]) is sample_books()
    assert books_of([take_of(sample)] * 6) is not sample_books()


# -- the metrics' own test --------------------------------------------------------------------------------------------


def test_the_validation_finds_what_it_planted_in_a_few_pairs():
    found = validation.run(quiet=True, pairs=2, lengths=(12.0,), main=12.0, books=sample_books())
    share = found.figures["share"]["12"]
    assert set(share) == {"healthy", *DEFECTS}
    assert share["looped"]["loop"] == share["frozen"]["spectrum"] == share["four_faces"]["patterns"] == 1
    assert share["looped"]["patterns"] == share["no_blinks"]["loop"] == 0.5  # what is not spoilt is a tie
    assert any("*100" in line for line in found.lines)


def test_values_that_are_taken_over_are_those_that_would_be_measured():
    speech = next(validation.speeches([1_000_001], 6.0))
    takes, books = validation.takes_of(speech, 1_000_001)[:3], sample_books()
    spoilt = DEFECTS["no_blinks"](takes[0], np.random.default_rng(0))
    known = validation.values_of(takes[0], takes[2:], books)
    quick = validation.values_of(spoilt, takes[2:], books, before=takes[0], known=known)
    assert quick == validation.values_of(spoilt, takes[2:], books)


def test_the_kept_result_passes():
    figures = read_validation("naturalness").figures
    share = figures["share"][f"{figures['seconds']:g}"]
    assert figures["pairs"] >= 100
    assert all(share[defect][metric] >= 0.95 for defect, metric in figures["aimed"].items())
    assert all(0.3 < value < 0.7 for value in share["healthy"].values())  # two healthy takes: a coin


def test_in_the_kept_result_nods_meet_the_voice_when_they_were_planted_to_and_stops_never_do():
    beats = read_validation("naturalness").figures["beats"]
    assert abs(beats["delays"][int(np.argmax(beats["low"]))] - EMPHASIS_DELAY) <= 0.08
    assert max(beats["low"]) - min(beats["low"]) > 5 * (max(beats["still"]) - min(beats["still"]))
