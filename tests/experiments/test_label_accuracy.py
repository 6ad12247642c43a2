from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from thlab.corpus.cleaning.labels import LabelModel
from thlab.experiments.label_accuracy import Observed, by_person, f1, keep, learn, measure, read_accuracy, regress
from thlab.face.action_units import EMOTION_NAMES, EXPRESSIONS, emotion_face


def people(count: int, seed: int) -> list[Observed]:
    """Clips of people whose fits are what is true, and some noise."""
    rng = np.random.default_rng(seed)
    clips = []
    for actor in range(count):
        for emotion in EMOTION_NAMES:
            spoken = rng.uniform(0, 1, (8, 1)) * (np.arange(len(EXPRESSIONS)) == 0)
            true = (emotion_face(emotion) + spoken).astype(np.float32)
            noise = rng.normal(0, 0.05, true.shape)
            clips.append(Observed(actor, emotion, (true + noise).astype(np.float32), true))
    return clips


@pytest.fixture(scope="module")
def model() -> LabelModel:
    """Learned from six people."""
    return learn(people(6, seed=1), penalties=(1.0,))


def test_regression_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(200, 4))
    classes = (features @ rng.normal(size=(4, 3)) + rng.normal(size=(200, 3))).argmax(1)
    ours = regress(np.concatenate([features, np.ones((200, 1))], 1), np.eye(3)[classes], 2.0)
    theirs = LogisticRegression(C=0.5, tol=1e-8, max_iter=1000).fit(features, classes)
    np.testing.assert_allclose((ours[:-1] - ours[:-1].mean(1, keepdims=True)).T, theirs.coef_, atol=2e-3)


def test_f1_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    said, real = rng.uniform(size=300) > 0.6, rng.uniform(size=300) > 0.7
    assert f1(said, real) == pytest.approx(f1_score(real, said))
    assert np.isnan(f1(said[:0], real[:0]))


def test_intervals_draw_people_not_rows():
    person = np.repeat(np.arange(4), 100)
    value = np.repeat([0.0, 0.0, 1.0, 1.0], 100)
    score, low, high = by_person(lambda rows: float(value[rows].mean()), person)
    assert score == 0.5
    assert (low, high) == (0.0, 1.0)


def test_what_was_learned_holds_for_other_people(model: LabelModel, tmp_path: Path):
    answer = measure(model, people(4, seed=2), learned_people=6)
    assert answer.emotion["right"][0] > 0.9
    assert answer.units["smile_L"]["f1"] > 0.9
    assert answer.units["smile_L"]["low"] <= answer.units["smile_L"]["f1"] <= answer.units["smile_L"]["high"]
    assert np.array(answer.confusion).sum() == 4 * len(EMOTION_NAMES)
    answer.save(tmp_path / "a.json")
    assert read_accuracy(tmp_path / "a.json").lines() == answer.lines()


def test_what_is_kept_is_what_was_learned(model: LabelModel, tmp_path: Path):
    keep(model, tmp_path / "labels.npz")
    with np.load(tmp_path / "labels.npz") as kept:
        np.testing.assert_allclose(kept["emotion_weights"], model.emotion_weights, rtol=1e-5, atol=1e-6)
        assert kept["units"].tolist() == model.units.tolist()


def test_a_record_that_is_not_there_says_how_to_make_it(tmp_path: Path):
    with pytest.raises(ValueError, match="label_accuracy"):
        read_accuracy(tmp_path / "none.json")


def test_the_kept_record_is_of_people_who_were_not_learned_from():
    kept = read_accuracy()
    assert kept.learned_people >= 40
    assert kept.tested_people >= 30
    assert kept.emotion["right"][0] > 1 / len(EMOTION_NAMES)
