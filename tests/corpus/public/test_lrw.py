from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from thlab.corpus.public import open_dataset


def test_the_word_stands_in_the_middle_for_as_long_as_stated(replicas: dict[str, Path]):
    lrw = open_dataset("lrw", replicas["lrw"])
    clip = lrw.read(next(lrw.entries("test")))
    assert clip.frame_count == 29
    assert clip.transcript is not None
    (word,) = clip.transcript.words
    assert word.label == "ABOUT"
    assert (word.start, word.end) == pytest.approx((0.40, 0.76))
    assert (word.start + word.end) / 2 == pytest.approx(29 / 25 / 2)


def test_splits_are_the_folders(replicas: dict[str, Path]):
    lrw = open_dataset("lrw", replicas["lrw"])
    assert [entry.id for entry in lrw.entries("test")] == ["ABOUT/test/ABOUT_00002"]
    assert [entry.split for entry in lrw.entries()] == ["train", "val", "test"]


def test_the_inner_folder_may_be_opened_too(replicas: dict[str, Path]):
    assert len(open_dataset("lrw", replicas["lrw"] / "lipread_mp4")) == 3


@pytest.mark.parametrize("text", ["Channel: BBC1\n", "Duration: long\n", "nothing at all\n"])
def test_metadata_without_a_duration_is_refused(text: str, replica: Callable[[str], Path]):
    root = replica("lrw")
    lrw = open_dataset("lrw", root)
    entry = next(lrw.entries())
    assert entry.alignment is not None
    entry.alignment.write_text(text)
    with pytest.raises(ValueError, match=r"Duration: 0.53 seconds"):
        lrw.read(entry)
