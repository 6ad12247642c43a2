from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from thlab.corpus.public import open_dataset
from thlab.corpus.public.avspeech import SHARE, AVSpeech, around, clip_name
from thlab.corpus.public.lists import Segment
from thlab.media import read_clip


def test_splits_are_the_two_lists(replicas: dict[str, Path], talk: str):
    dataset = open_dataset("avspeech", replicas["avspeech"])
    assert [entry.id for entry in dataset.entries("train")] == [f"train/{talk}_12.00_13.00"]
    assert [entry.labels["video"] for entry in dataset.entries("test")] == ["3vPdtajOJfw"]


@pytest.mark.parametrize(
    "row", ["0akiEFwtkyA,1,2,0.5", "0akiEFwtkyA,2,1,0.5,0.5", "0akiEFwtkyA,1,2,0.5,1.5", "0akiEFwtkyA,a,2,0.5,0.5",
            "0akiEFwtkyA,nan,2,0.5,0.5", "0akiEFwtkyA,1,inf,0.5,0.5", "0akiEFwtkyA,1,2,0.5,0.5,0.5"],
)  # fmt: skip
def test_odd_rows_are_named(row: str, replica: Callable[[str], Path]):
    root = replica("avspeech")
    (root / "avspeech_train.csv").write_text(f"0akiEFwtkyA,12.0,13.0,0.5,0.25\n{row}\n")
    with pytest.raises(ValueError, match=r"in line 2 of .*avspeech_train.csv"):
        len(open_dataset("avspeech", root))


def test_an_empty_list_is_refused(replica: Callable[[str], Path]):
    root = replica("avspeech")
    (root / "avspeech_test.csv").write_text("")
    with pytest.raises(ValueError, match="is empty"):
        len(open_dataset("avspeech", root))


@pytest.mark.parametrize("x", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("y", [0.0, 0.6, 1.0])
def test_the_square_around_a_face_lies_in_the_picture_and_holds_its_centre(x: float, y: float):
    left, top, width, height = around(Segment("v", 0.0, 1.0, x, y), 0, 100, 180)
    assert width == height == SHARE * 100
    assert 0 <= left <= x * 180 <= left + width <= 180
    assert 0 <= top <= y * 100 <= top + height <= 100


def test_a_centre_in_the_middle_stays_in_the_middle():
    box = around(Segment("v", 0.0, 1.0, 0.5, 0.5), 0, 100, 180)
    assert np.allclose(box[:2] + box[2:] / 2, (90, 50))


def test_segments_are_cut_where_they_begin_with_their_sound(tmp_path: Path, chased: Path, talk: str):
    """The click of the film is at 1.5 s; the segment begins at 1.2 s."""
    lists = tmp_path / "avspeech_test.csv"
    lists.write_text(f"{talk},1.2,2.2,0.5,0.5\n")
    (report,) = AVSpeech.cut(lists, chased, tmp_path / "out", size=32)
    assert report.written == [tmp_path / "out" / "test" / f"{clip_name(Segment(talk, 1.2, 2.2, 0.5, 0.5))}.mp4"]
    clip = read_clip(report.written[0])
    assert clip.frame_count == 25
    assert clip.audio is not None
    assert abs(int(clip.audio.abs().argmax()) - 0.3 * 16_000) < 160
    assert open_dataset("avspeech", tmp_path / "out").check().whole


def test_a_folder_without_lists_is_refused(tmp_path: Path, chased: Path):
    with pytest.raises(ValueError, match=r"expected avspeech_train.csv or avspeech_test.csv"):
        list(AVSpeech.cut(tmp_path, chased, tmp_path / "out"))
