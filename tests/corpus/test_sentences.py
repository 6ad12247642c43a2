"""Enough to say, every mouth shape in it, and no sentence in two splits."""

from __future__ import annotations

from collections import Counter

import pytest

from thlab.audio.synthesis import Request, speak_many
from thlab.corpus.sentences import PARTS, SENTENCES, SPLITS, nth_of_split, sentence, split_of_person, split_of_sentence
from thlab.face.visemes import VISEMES, viseme_of


def test_sentences_differ_and_go_round():
    texts = [sentence(number) for number in range(20_000)]
    assert len(set(texts)) == len(texts)
    assert sentence(SENTENCES) == sentence(0)
    assert all(len(set(part)) == len(part) for part in PARTS)


@pytest.mark.parametrize("split", SPLITS)
def test_every_split_uses_nearly_all_words(split: str):
    texts = [sentence(nth_of_split(split, index)).lower() for index in range(200)]
    for part in PARTS:
        used = {word for word in part for text in texts if word.lower() in text}
        assert len(used) > 0.8 * len(part)


def test_every_mouth_shape_comes_often():
    spoken = speak_many([Request(sentence(number)) for number in range(40)])
    shapes = Counter(viseme_of(phone.label) for speech in spoken for phone in speech.transcript.phones)
    total = shapes.total()
    assert set(shapes) >= set(VISEMES) - {"sil"}
    assert min(shapes[name] for name in VISEMES if name != "sil") > 0.015 * total
    assert shapes["PP"] > 0.08 * total


@pytest.mark.parametrize("split_of", [split_of_person, split_of_sentence])
def test_splits_do_not_share_and_leave_nobody_out(split_of):
    members = {split: {nth_of_split(split, index) for index in range(200)} for split in SPLITS}
    for split, numbers in members.items():
        assert {split_of(number) for number in numbers} == {split}
        assert len(numbers) == 200
    assert set(range(200)) <= set.union(*members.values())


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="dev"):
        nth_of_split("dev", 0)
