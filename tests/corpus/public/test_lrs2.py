from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from thlab.corpus.public import open_dataset


def test_splits_are_the_lists_and_the_second_column_is_no_part_of_a_name(replicas: dict[str, Path]):
    lrs2 = open_dataset("lrs2", replicas["lrs2"])
    found = {split: [entry.id for entry in lrs2.entries(split)] for split in lrs2.card.splits}
    assert found == {
        "pretrain": ["pretrain/5535415699068794046/00001"],
        "train": ["main/5535415699068794046/00001"],
        "val": [],
        "test": ["main/5535415699068794046/00002"],
    }


def test_pretraining_texts_time_their_words_and_words_beyond_the_clip_are_cut(replicas: dict[str, Path]):
    lrs2 = open_dataset("lrs2", replicas["lrs2"])
    clip = lrs2.read(next(lrs2.entries("pretrain")))
    assert clip.transcript is not None
    assert clip.transcript.text == "WE MOVE ON"
    timed = [(word.start, word.end, word.label) for word in clip.transcript.words]
    assert timed == [(0.1, 0.3, "WE"), (0.3, 0.8, "MOVE")]


def test_other_texts_have_no_times(replicas: dict[str, Path]):
    lrs2 = open_dataset("lrs2", replicas["lrs2"])
    clip = lrs2.read(next(lrs2.entries("test")))
    assert clip.transcript is not None
    assert (clip.transcript.text, clip.transcript.words) == ("HELLO", ())


def test_a_clip_that_only_the_list_knows_is_missing(replica: Callable[[str], Path]):
    root = replica("lrs2")
    with (root / "train.txt").open("a") as file:
        file.write("6000000000000000000/00007\n")
    (problem,) = open_dataset("lrs2", root).check().missing
    assert problem.entry.id == "main/6000000000000000000/00007"


def test_a_clip_on_no_list_is_read_but_belongs_to_no_split(replica: Callable[[str], Path]):
    root = replica("lrs2")
    (root / "test.txt").unlink()
    report = open_dataset("lrs2", root).check()
    assert report.splits == {"pretrain": 1, "train": 1, "none": 1}


def test_an_empty_list_is_refused(replica: Callable[[str], Path]):
    root = replica("lrs2")
    (root / "train.txt").write_text("\n \n")
    with pytest.raises(ValueError, match=r"expected lines in .*train.txt, but it holds none"):
        len(open_dataset("lrs2", root))


def test_a_text_without_text_is_damage(replica: Callable[[str], Path]):
    root = replica("lrs2")
    (root / "mvlrs_v1/main/5535415699068794046/00002.txt").write_text("Conf:  3\n")
    (problem,) = open_dataset("lrs2", root).check().damaged
    assert "expected a line 'Text: …'" in problem.reason
