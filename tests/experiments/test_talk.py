"""The weights of the repository do what the README says: lips follow voices, and close where they must."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from thlab.audio.phonemes import BILABIALS, phone_class
from thlab.audio.synthesis import Speech, speak
from thlab.experiments.recipes.talker import rounding_of
from thlab.experiments.talk import TalkConfig, say_text, talk, trained_talker
from thlab.face.head import lip_gap_of
from thlab.face.visemes import articulate
from thlab.media import read_clip
from thlab.timebase import frame_times, video_frames

TEXT = "Papa bought my mother a purple umbrella before we moved to the old blue house above the harbour."


@pytest.fixture(scope="module")
def speech() -> Speech:
    return speak(TEXT, variant="f2")


@pytest.fixture(scope="module")
def wanted(speech: Speech) -> np.ndarray:
    return articulate(speech.transcript.phones, frame_times(video_frames(len(speech.audio))))


def r(given: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.corrcoef(given, wanted)[0, 1])


def test_lips_follow_known_phones_almost_exactly(speech: Speech, wanted: np.ndarray):
    face = trained_talker().act(speech.audio, speech.transcript).expression
    assert r(lip_gap_of(face), lip_gap_of(wanted)) > 0.95
    assert r(rounding_of(face), rounding_of(wanted)) > 0.95


def test_lips_follow_a_voice_whose_phones_are_not_known_and_no_other(speech: Speech, wanted: np.ndarray):
    gap = lip_gap_of(trained_talker().act(speech.audio).expression)
    shuffled = np.roll(lip_gap_of(wanted), len(gap) // 2)
    assert r(gap, lip_gap_of(wanted)) > 0.55
    assert abs(r(gap, shuffled)) < 0.35


def test_lips_and_voice_are_in_time(speech: Speech, wanted: np.ndarray):
    gap, true_gap = (lip_gap_of(face) for face in (trained_talker().act(speech.audio).expression, wanted))
    shifts = range(-5, 6)
    best = max(shifts, key=lambda shift: r(np.roll(gap, -shift)[5:-5], true_gap[5:-5]))
    assert abs(best) <= 1


def test_lips_close_on_every_p_b_and_m_of_a_known_text(speech: Speech):
    gap = lip_gap_of(trained_talker().act(speech.audio, speech.transcript).expression)
    times = frame_times(len(gap))
    closures = [phone for phone in speech.transcript.phones if phone_class(phone.label) in BILABIALS]
    smallest = [gap[(times > phone.start - 0.02) & (times < phone.end + 0.02)].min() for phone in closures]
    assert len(smallest) >= 9
    assert max(smallest) < 0.01


def test_heads_move_as_heads_do_and_stay_in_the_picture(speech: Speech):
    poses = np.concatenate([trained_talker().act(speech.audio, speech.transcript, seed=s).pose for s in range(8)])
    assert np.abs(poses[:, :3]).max() < 0.6
    assert np.abs(poses[:, 3:]).max() < 0.5
    assert poses[:, 0].std() > 0.02


def test_people_blink(speech: Speech):
    seconds, blinks = 0.0, 0
    for seed in range(12):
        lids = trained_talker().act(speech.audio, speech.transcript, seed=seed).expression[:, 21]
        blinks += int(((lids[1:] > 0.4) & (lids[:-1] <= 0.4)).sum())
        seconds += len(speech.audio) / 16_000
    assert 6 < 60 * blinks / seconds < 45


def test_the_voice_fits_the_actor_and_the_mood():
    calm, happy = (say_text("Good morning.", TalkConfig(emotion=mood)) for mood in ("neutral", "happy"))
    assert len(calm.audio) != len(happy.audio)
    fast = say_text("Good morning.", TalkConfig(), rate=280)
    assert len(fast.audio) < 0.8 * len(calm.audio)


def test_the_same_seed_makes_the_same_clip(tmp_path: Path):
    speech = say_text("Again.", TalkConfig())
    for name in ("a", "b"):
        talk(speech.audio, tmp_path / f"{name}.mp4", TalkConfig(size=64), transcript=speech.transcript)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_a_visible_mark_changes_the_picture(tmp_path: Path):
    speech = say_text("Mark.", TalkConfig())
    clips = []
    for mark in (False, True):
        path = tmp_path / f"{mark}.mp4"
        talk(speech.audio, path, TalkConfig(size=128, mark=mark), transcript=speech.transcript)
        clips.append(read_clip(path).frames)
    plain, marked = clips
    changed = (plain.int() - marked.int()).abs().float().mean((0, 3)) > 20
    assert 0.002 < changed.float().mean() < 0.1
