from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from thlab.corpus.public.lists import Segment, names, numbered_lines, segment_frames, segments, table, track, video_ids


def text(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "list.txt"
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../../b"])
def test_names_of_clips_that_lead_outside_are_refused(name: str, tmp_path: Path):
    with pytest.raises(ValueError, match="inside the dataset in line 2"):
        list(names(text(tmp_path, f"5535415699068794046/00001\n{name}\n")))


def test_a_track_of_a_video_that_is_a_path_is_refused(tmp_path: Path, boxes: Callable[..., str]):
    with pytest.raises(ValueError, match="expected the name of a video"):
        track(text(tmp_path, boxes(video="../../etc/x")), video="v")


def test_blank_lines_are_skipped_and_counted(tmp_path: Path):
    assert list(numbered_lines(text(tmp_path, "\ufeffa\n\n  b \r\n"))) == [(1, "a"), (3, "b")]


@pytest.mark.parametrize("content", ["", "\n\n", " \n"])
def test_an_empty_list_is_refused(content: str, tmp_path: Path):
    with pytest.raises(ValueError, match=r"is empty|holds none"):
        list(numbered_lines(text(tmp_path, content)))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path):
    (tmp_path / "list.txt").write_bytes(b"a\n\xff\xfe\x80\n")
    with pytest.raises(ValueError, match="holds other bytes"):
        list(numbered_lines(tmp_path / "list.txt"))


def test_a_missing_list_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="does not exist"):
        list(names(tmp_path / "gone.txt"))


@pytest.mark.parametrize(
    "line",
    ["-3vPdtajOJ_", "https://www.youtube.com/watch?v=-3vPdtajOJ_", "https://youtu.be/-3vPdtajOJ_",
     "http://www.youtube.com/watch?v=-3vPdtajOJ_&t=5"],
)  # fmt: skip
def test_videos_are_named_plainly_or_by_address(line: str, tmp_path: Path):
    assert list(video_ids(text(tmp_path, line))) == ["-3vPdtajOJ_"]


@pytest.mark.parametrize("line", ["3vPdtajOJf", "3vPdtajOJfww", "../../../ab", "3vPdta OJfw"])
def test_other_names_of_videos_are_refused(line: str, tmp_path: Path):
    with pytest.raises(ValueError, match="in line 2"):
        list(video_ids(text(tmp_path, f"3vPdtajOJfw\n{line}\n")))


def test_a_segment_with_a_path_for_a_name_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="in line 1"):
        list(segments(text(tmp_path, "../../etc/x,0,1,0.5,0.5\n")))


@pytest.mark.parametrize(
    ("start", "end", "frames"), [(0.0, 1.0, (0, 25)), (0.04, 0.08, (1, 2)), (1.2, 2.2, (30, 55)), (0.5, 0.51, (12, 13))]
)
def test_segments_cover_whole_frames(start: float, end: float, frames: tuple[int, int]):
    assert segment_frames(Segment("v", start, end, 0.5, 0.5)) == frames


def test_tables_strip_their_heads(tmp_path: Path):
    assert list(table(text(tmp_path, "Id ,Set \nid1 ,dev \n"), delimiter=",")) == [{"Id": "id1", "Set": "dev"}]


def test_a_track_knows_its_video_frames_and_boxes(tmp_path: Path, boxes: Callable[..., str]):
    found = track(text(tmp_path, boxes(video="0akiEFwtkyA", first=250, count=50)), video="other")
    assert found.video == "0akiEFwtkyA"
    assert (found.first, found.boxes.shape) == (250, (50, 4))
    assert found.seconds == (10.0, 12.0)
    assert found.boxes[7].tolist() == pytest.approx([0.1, 0.2, 0.5, 0.6])
    assert found.head["Identity"] == "id00001"
    assert found.head["Offset"] == "1"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("000003 \t0.1 \t0.2 \t0.5", "a frame and four numbers in line 10"),
        ("000003 \t0.1 \t0.2 \tx \t0.6", "a frame and four numbers in line 10"),
        ("000005 \t0.1 \t0.2 \t0.5 \t0.6", "frame 3, next to the line before in line 10"),
        ("000003 \t0.1 \t0.2 \t0 \t0.6", "a width and a height above 0 in line 10"),
        ("000003 \tnan \t0.2 \t0.5 \t0.6", "a width and a height above 0 in line 10"),
    ],
)
def test_an_odd_row_of_boxes_is_named(row: str, told: str, tmp_path: Path, boxes: Callable[..., str]):
    with pytest.raises(ValueError, match=told):
        track(text(tmp_path, boxes(video="0akiEFwtkyA") + row + "\n"), video="v")


def test_a_file_without_boxes_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="expected a table of boxes"):
        track(text(tmp_path, "Identity : id1\n"), video="v")
