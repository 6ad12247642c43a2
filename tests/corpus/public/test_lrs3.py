from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from thlab.corpus.public import open_dataset
from thlab.corpus.public.lrs3 import Lrs3
from thlab.media import read_clip


def test_texts_give_words_past_the_table_of_boxes(replicas: dict[str, Path]):
    lrs3 = open_dataset("lrs3", replicas["lrs3"])
    clip = lrs3.read(next(lrs3.entries("pretrain")))
    assert clip.transcript is not None
    assert clip.transcript.text == "HELLO"
    assert [(word.start, word.end) for word in clip.transcript.words] == [(0.2, 0.9)]


def test_speakers_are_the_talks(replicas: dict[str, Path], talk: str):
    assert {entry.speaker for entry in open_dataset("lrs3", replicas["lrs3"]).entries()} == {talk}


def test_clips_are_cut_from_talks_by_the_boxes_of_their_texts(
    tmp_path: Path, chased: Path, boxes: Callable[..., str], talk: str
):
    text = tmp_path / "lists" / "trainval" / talk / "00003.txt"
    text.parent.mkdir(parents=True)
    text.write_text(boxes(video=talk, first=10, count=20, box="0.0 0.0 1.0 1.0", text="Text:  HELLO\nConf:  5\n"))
    (report,) = Lrs3.cut(tmp_path / "lists", chased, tmp_path / "out", size=64)
    assert [path.relative_to(tmp_path / "out").as_posix() for path in report.written] == [f"trainval/{talk}/00003.mp4"]
    dataset = open_dataset("lrs3", tmp_path / "out")
    assert dataset.check().whole
    clip = dataset.read(next(dataset.entries("trainval")))
    assert clip.frames is not None
    assert tuple(clip.frames.shape) == (20, 64, 64, 3)
    assert read_clip(report.written[0]).frame_count == 20


def test_a_folder_without_texts_is_refused(tmp_path: Path, chased: Path):
    with pytest.raises(ValueError, match="expected texts such as"):
        list(Lrs3.cut(tmp_path, chased, tmp_path / "out"))
