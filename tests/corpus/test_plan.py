"""A number decides a clip, and splits share neither people nor sentences."""

from __future__ import annotations

import pytest

from thlab.corpus.plan import CorpusConfig, plan
from thlab.corpus.sentences import SPLITS, sentence


def test_splits_share_neither_people_nor_sentences():
    plans = {split: [plan(CorpusConfig(split=split), i) for i in range(600)] for split in SPLITS}
    for name in ("actor", "sentence"):
        seen = {split: {getattr(item, name) for item in items} for split, items in plans.items()}
        assert not seen["train"] & seen["validation"]
        assert not seen["train"] & seen["test"]
        assert not seen["validation"] & seen["test"]
    texts = {split: {sentence(item.sentence) for item in items} for split, items in plans.items()}
    assert not texts["train"] & (texts["validation"] | texts["test"])


def test_a_scene_is_one_sentence_neutral_then_in_two_emotions_of_which_the_first_keeps_its_time():
    for first in range(0, 60, 3):
        scene = [plan(CorpusConfig(), first + k) for k in range(3)]
        assert len({item.sentence for item in scene}) == len({item.actor for item in scene}) == 1
        assert scene[0].emotion == "neutral"
        assert len({item.emotion for item in scene}) == 3
        assert [item.keep_time for item in scene] == [True, True, False]
        assert all(0.6 <= item.intensity <= 1 for item in scene[1:])


def test_every_emotion_occurs():
    assert {plan(CorpusConfig(), i).emotion for i in range(60)} == set(CorpusConfig().emotions)


def test_a_neutral_corpus_says_something_else_each_time():
    config = CorpusConfig(emotions=("neutral",))
    plans = [plan(config, i) for i in range(60)]
    assert {item.emotion for item in plans} == {"neutral"}
    assert len({item.sentence for item in plans}) == 60


def test_people_come_back_with_other_sentences_when_their_number_is_given():
    config = CorpusConfig(actors=4, clips_an_actor=3)
    plans = [plan(config, i) for i in range(24)]
    assert [item.actor for item in plans[:12]] == [item.actor for item in plans[12:]]
    assert not {item.sentence for item in plans[:12]} & {item.sentence for item in plans[12:]}


def test_another_seed_is_another_corpus():
    a, b = ({plan(CorpusConfig(seed=seed), i).actor for i in range(300)} for seed in (0, 1))
    assert not a & b


@pytest.mark.parametrize(
    "wrong",
    [{"split": "dev"}, {"framing": "feet"}, {"emotions": ("bored",)}, {"emotions": ()}, {"size": 4}, {"actors": 0}],
)
def test_a_wrong_setting_is_refused(wrong: dict):
    with pytest.raises(ValueError, match=r"but|choose|needs"):
        CorpusConfig(**wrong)


def test_a_negative_number_is_refused():
    with pytest.raises(ValueError, match="-1"):
        plan(CorpusConfig(), -1)
