from __future__ import annotations

import numpy as np
import pytest

from thlab.corpus.cleaning.labels import (
    UNKNOWN,
    LabelModel,
    emotion_features,
    label_emotion,
    label_model,
    label_units,
    unit_features,
)
from thlab.face.action_units import EMOTION_NAMES, EXPRESSIONS, emotion_face


def face(emotion: str, frames: int = 20) -> np.ndarray:
    """What would be fitted to somebody who feels and does not speak."""
    noise = np.random.default_rng(0).normal(0, 0.02, (frames, len(EXPRESSIONS)))
    return (emotion_face(emotion) + noise).astype(np.float32)


def test_probabilities_sum_to_one_and_the_likeliest_is_the_label():
    label = label_emotion(face("happy"))
    assert sum(label.probabilities.values()) == pytest.approx(1)
    assert label.confidence == max(label.probabilities.values())
    assert tuple(label.probabilities) == EMOTION_NAMES


def test_a_smile_is_likelier_in_a_happy_face_than_in_a_neutral_one():
    happy, neutral = label_emotion(face("happy")), label_emotion(face("neutral"))
    assert happy.probabilities["happy"] > 5 * neutral.probabilities["happy"]
    smiling, calm = label_units(face("happy")), label_units(face("neutral"))
    smile = smiling.names.index("smile_L")
    assert smiling.probability[:, smile].min() > calm.probability[:, smile].max()


def test_what_is_not_sure_is_unknown():
    know_nothing = LabelModel(np.array([0, 4]), np.zeros((61, 2)), np.zeros((91, 7)))
    label = label_emotion(face("sad"), model=know_nothing)
    assert label.name == UNKNOWN
    assert label.confidence == pytest.approx(1 / 7)
    units = label_units(face("sad"), model=know_nothing)
    assert units.names == ("jaw_open", "smile_L")
    assert units.unknown.all()
    assert not units.active.any()


def test_features_of_units_do_not_know_the_order_of_frames():
    coefficients, order = face("fear"), np.random.default_rng(1).permutation(20)
    np.testing.assert_allclose(unit_features(coefficients[order]), unit_features(coefficients)[order])
    np.testing.assert_allclose(emotion_features(coefficients[order]), emotion_features(coefficients))


def test_too_few_frames_are_refused():
    with pytest.raises(ValueError, match="got 4"):
        label_emotion(face("sad", 4))
    assert label_units(face("sad", 4)[:0]).probability.shape == (0, len(label_model().units))
