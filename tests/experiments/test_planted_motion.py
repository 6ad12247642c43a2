"""Planted defects spoil what they should, and nothing else; takes are the same each time."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest

from thlab.audio.synthesis import Speech
from thlab.experiments.naturalness_scores import UPPER_COLUMNS
from thlab.experiments.planted_motion import DEFECTS, LIDS, OTHERS, act, first, speeches
from thlab.experiments.takes import Take
from thlab.metrics.naturalness import blink_intervals, blink_moments
from thlab.timebase import FPS

PERSON = 1_000_001
SPOILT = {
    "looped": {"pose"}, "to_and_fro": {"pose"}, "frozen": {"pose"}, "shaking": {"pose"}, "timid": {"pose"},
    "out_of_time": {"audio"}, "four_faces": {"expression"}, "four_brows": {"expression"},
    "no_blinks": {"expression", "blink"}, "clockwork": {"expression", "blink"},
}  # fmt: skip


@pytest.fixture(scope="module")
def speech() -> Speech:
    return next(speeches([PERSON], 12.0))


@pytest.fixture(scope="module")
def take(speech: Speech) -> Take:
    return act(speech, PERSON, seed=0)


def planted(name: str, take: Take) -> Take:
    return DEFECTS[name](take, np.random.default_rng(7))


def test_a_speech_lasts_as_long_as_it_should_and_its_phones_come_in_turn(speech: Speech):
    phones = speech.transcript.phones
    assert len(speech.audio) == 12 * 16_000
    assert all(a.end <= b.start + 1e-6 for a, b in pairwise(phones))
    assert 10 < phones[-1].end <= 12


def test_the_same_seed_is_the_same_take_and_another_seed_another(speech: Speech, take: Take):
    assert np.array_equal(act(speech, PERSON, seed=0).pose, take.pose)
    assert not np.array_equal(act(speech, PERSON, seed=1).pose, take.pose)


def test_every_defect_is_known_here():
    assert set(SPOILT) == set(DEFECTS)


@pytest.mark.parametrize("name", SPOILT)
def test_a_defect_spoils_its_tracks_and_leaves_the_others_and_the_take_as_they_were(name: str, take: Take):
    before = {field.name: getattr(take, field.name).copy() for field in fields(take)}
    after = planted(name, take)
    changed = {field for field, track in before.items() if not np.array_equal(getattr(after, field), track)}
    assert changed == SPOILT[name]
    assert all(np.array_equal(getattr(take, field), track) for field, track in before.items())
    assert len(after) == len(take)


def test_the_beginning_of_a_take_has_sound_as_long_as_its_pictures(take: Take):
    short = first(take, 5.0)
    assert len(short) == 5 * FPS
    assert short.audio is not None
    assert len(short.audio) == 5 * 16_000


def test_a_loop_comes_again_and_has_no_jump_at_its_seam(take: Take):
    pose = planted("looped", take).pose
    periods = [p for p in range(FPS, 151) if np.array_equal(pose[p:], pose[:-p])]
    assert periods
    assert np.abs(np.diff(pose, axis=0)).max() < 2 * np.abs(np.diff(take.pose, axis=0)).max()


def test_to_and_fro_is_the_same_backwards_around_its_turn(take: Take):
    pose = planted("to_and_fro", take).pose
    turns = [t for t in range(FPS - 1, 150) if np.array_equal(pose[t : 2 * t], pose[t:0:-1])]
    assert turns


def test_a_frozen_head_stays_and_a_timid_one_moves_a_third(take: Take):
    assert np.ptp(planted("frozen", take).pose, 0).max() == 0
    assert planted("timid", take).pose.std(0) == pytest.approx(0.35 * take.pose.std(0))


@pytest.mark.parametrize(("name", "columns"), [("four_faces", OTHERS), ("four_brows", UPPER_COLUMNS)])
def test_a_canned_face_is_mostly_one_of_four_and_keeps_the_rest(name: str, columns: list[int], take: Take):
    face = planted(name, take).expression
    held = face[:, columns].round(3)
    assert len(np.unique(held[np.abs(np.diff(face[:, columns], axis=0)).max(1).argsort()[:50]], axis=0)) <= 4
    others = [column for column in range(face.shape[1]) if column not in columns]
    assert np.array_equal(face[:, others], take.expression[:, others])


def test_eyes_that_never_blink_stay_open(take: Take):
    after = planted("no_blinks", take)
    assert len(blink_moments(take.blink)) > 1
    assert after.blink.max() == 0
    assert after.expression[:, LIDS].max() <= 0.4  # lids may follow the eyes down


def test_a_clock_blinks_at_equal_distances(take: Take):
    intervals = blink_intervals(planted("clockwork", take).blink)
    assert len(intervals) >= 2
    assert np.ptp(intervals) <= 2 / FPS
