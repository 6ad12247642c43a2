"""Emotions are laid over speech without undoing it."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.face.action_units import (
    EMOTION_NAMES,
    EMOTIONS,
    EXPRESSION_INDEX,
    EXPRESSIONS,
    FACS_UNITS,
    OPENING,
    add_emotion,
    emotion_face,
    expression,
)
from thlab.face.visemes import TARGETS, articulate
from thlab.timebase import Interval, frame_times

FEELINGS = [name for name in EMOTION_NAMES if name != "neutral"]


def one(**amounts: float) -> np.ndarray:
    return expression(**amounts)[None]


def test_a_pair_sets_both_sides_and_an_unknown_mode_is_refused():
    face = expression(smile=0.5)
    assert face[EXPRESSION_INDEX["smile_L"]] == face[EXPRESSION_INDEX["smile_R"]] == 0.5
    with pytest.raises(ValueError, match="smirk"):
        expression(smirk=1.0)


def test_every_mode_has_its_action_unit():
    assert list(FACS_UNITS) == list(EXPRESSIONS)


def test_an_unknown_emotion_is_refused_with_those_that_exist():
    with pytest.raises(ValueError, match=r"bored.*happy"):
        add_emotion(one(), "bored")


def test_emotions_at_rest_show_whole_and_neutral_changes_nothing():
    for emotion in EMOTIONS:
        np.testing.assert_allclose(add_emotion(one(), emotion)[0], emotion_face(emotion), atol=1e-6)
    spoken = one(jaw_open=0.5, stretch=0.2)
    np.testing.assert_array_equal(add_emotion(spoken, "neutral"), spoken)


@pytest.mark.parametrize("emotion", FEELINGS)
def test_no_emotion_opens_lips_that_speech_closes(emotion: str):
    for viseme in ("PP", "FF"):
        closed = one(**TARGETS[viseme])
        felt = add_emotion(closed, emotion)
        for mode in OPENING:
            assert felt[0, EXPRESSION_INDEX[mode]] == pytest.approx(closed[0, EXPRESSION_INDEX[mode]], abs=1e-6)


@pytest.mark.parametrize("emotion", FEELINGS)
def test_no_emotion_unrounds_rounded_lips(emotion: str):
    rounded = one(**TARGETS["UW"])
    felt = add_emotion(rounded, emotion)
    for mode in ("pucker", "funnel"):
        assert felt[0, EXPRESSION_INDEX[mode]] >= rounded[0, EXPRESSION_INDEX[mode]]
    for mode in ("smile_L", "frown", "stretch"):
        assert felt[0, EXPRESSION_INDEX[mode]] <= 0.3 * emotion_face(emotion)[EXPRESSION_INDEX[mode]] + 1e-6


def test_anger_does_not_press_the_lips_of_an_open_mouth():
    assert add_emotion(one(jaw_open=0.6), "angry")[0, EXPRESSION_INDEX["press"]] == 0


def test_a_blink_closes_eyes_that_are_wide_with_fear():
    assert add_emotion(one(blink=1.0), "fear")[0, EXPRESSION_INDEX["eye_wide"]] == 0


def test_emotions_in_speech_leave_its_closures_and_grow_with_intensity():
    phones = [Interval(0.5 + 0.1 * i, 0.6 + 0.1 * i, phone) for i, phone in enumerate("mɑmubifæp")]
    spoken = articulate(phones, frame_times(50))
    jaw = EXPRESSION_INDEX["jaw_open"]
    shut = (spoken[:, EXPRESSION_INDEX["roll_in"]] > 0.45) | (spoken[:, EXPRESSION_INDEX["lip_tuck"]] > 0.9)
    assert shut.sum() >= 5
    for emotion in FEELINGS:
        faint, full = add_emotion(spoken, emotion, 0.3), add_emotion(spoken, emotion, 1.0)
        np.testing.assert_allclose(full[shut, jaw], spoken[shut, jaw], atol=1e-6)
        moved = [np.abs(felt - spoken).sum() for felt in (faint, full)]
        assert 0 < moved[0] < moved[1]
        rising = add_emotion(spoken, emotion, np.linspace(0, 1, 50, dtype=np.float32))
        np.testing.assert_allclose(rising[-1], full[-1], atol=1e-6)
        np.testing.assert_allclose(rising[0], spoken[0], atol=1e-6)


def test_any_two_emotions_are_told_apart_by_their_modes():
    faces = np.stack([emotion_face(name) for name in EMOTION_NAMES])
    distance = np.linalg.norm(faces[:, None] - faces[None], axis=-1) + 9 * np.eye(len(faces))
    assert distance.min() > 0.45


def test_fear_is_surprise_with_drawn_brows_and_stretched_lips():
    fear, surprise = emotion_face("fear"), emotion_face("surprise")
    for mode in ("brow_lower", "stretch"):
        assert fear[EXPRESSION_INDEX[mode]] > 0.3 > surprise[EXPRESSION_INDEX[mode]]
