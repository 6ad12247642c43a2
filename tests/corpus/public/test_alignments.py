from __future__ import annotations

from pathlib import Path

import pytest

from thlab.corpus.public.alignments import GRID_RATE, HTK_RATE, headed_values, label_file, spoken_text
from thlab.timebase import Interval, seconds_to_frames


def text(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "words.align"
    path.write_text(content)
    return path


def test_a_thousand_units_of_grid_are_one_frame(tmp_path: Path):
    (word,) = label_file(text(tmp_path, "23000 29000 bin\n"), units_per_second=GRID_RATE)
    assert (seconds_to_frames(word.start), seconds_to_frames(word.end)) == (23, 29)


def test_htk_counts_a_hundred_nanoseconds(tmp_path: Path):
    """The example of the HTK book: ice cream, 0 to 0.36 s and to 0.82 s."""
    words = label_file(text(tmp_path, "0000000 3600000 ice\n3600000 8200000 cream\n"), units_per_second=HTK_RATE)
    assert words == (Interval(0.0, 0.36, "ice"), Interval(0.36, 0.82, "cream"))


def test_silences_are_left_out(tmp_path: Path):
    words = label_file(text(tmp_path, "0 10 sil\n10 20 a\n20 30 sp\n30 40 SIL\n"), units_per_second=10)
    assert [word.label for word in words] == ["a"]


@pytest.mark.parametrize("line", ["5 bin", "a b bin", "5 4 bin", "-1 4 bin", "4 5", "0.5 1 bin"])
def test_odd_lines_are_named(line: str, tmp_path: Path):
    with pytest.raises(ValueError, match=r"in line 2 of .*words.align"):
        label_file(text(tmp_path, f"0 1 sil\n{line}\n"), units_per_second=10)


@pytest.mark.parametrize("row", ["HELLO 0.5", "HELLO a b 3.0", "HELLO 0.5 0.4 3.0"])
def test_odd_words_of_a_table_are_named(row: str, tmp_path: Path):
    with pytest.raises(ValueError, match="in line 4"):
        spoken_text(text(tmp_path, f"Text:  HELLO\nConf:  5\nWORD START END ASDSCORE\n{row}\n"))


def test_boxes_between_text_and_words_are_passed_over(tmp_path: Path):
    boxes = "FRAME \tX \tY \tW \tH \n000001 \t0.1 \t0.1 \t0.5 \t0.5 \n\n"
    found = spoken_text(text(tmp_path, f"Text:  HELLO YOU\n{boxes}WORD START END ASDSCORE\nHELLO 0 1 2\n"))
    assert found.text == "HELLO YOU"
    assert found.words == (Interval(0.0, 1.0, "HELLO"),)


def test_headed_values_end_with_the_first_other_line(tmp_path: Path):
    assert headed_values(text(tmp_path, "Channel: BBC1 HD\nDuration: 0.36 seconds\nx\nEnd: 1\n")) == {
        "Channel": "BBC1 HD",
        "Duration": "0.36 seconds",
    }
