"""Captions can be read: short, in order, broken where one would pause; and they say what was said."""

from __future__ import annotations

import html
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from thlab.media import write_captions
from thlab.media.captions import LINE, LINES, LONGEST, SHORTEST, columns, cues
from thlab.timebase import Interval, Transcript

STORY = (
    "The north wind and the sun were disputing which was the stronger, when a traveller came along wrapped in a warm "
    "cloak. They agreed that the one who first succeeded in making the traveller take his cloak off should be "
    "considered stronger than the other. Then the north wind blew as hard as he could; but the more he blew, the more "
    "closely did the traveller fold his cloak around him, and at last the north wind gave up the attempt."
)


def spoken(text: str, *, language: str = "en", units: list[str] | None = None, seed: int = 0) -> Transcript:
    """Words without punctuation, as an aligner gives them, with pauses after commas and stops."""
    rng = np.random.default_rng(seed)
    now, words = 0.1, []
    for token in units or text.split():
        label = token.strip('.,;:!?()“”"。，')
        end = now + 0.08 + 0.05 * len(label) * rng.uniform(0.7, 1.3)
        words.append(Interval(now, end, label))
        now = end + {",": 0.15, ";": 0.25, ".": 0.45}.get(token[-1], 0.0)
    return Transcript(text, tuple(words), language=language)


def seconds(clock: str) -> float:
    hours, minutes, rest = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def parsed(path: Path) -> list[tuple[float, float, list[str]]]:
    """An independent reader of the part of WebVTT that we write."""
    head, *blocks = path.read_text(encoding="utf-8").rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    found = []
    for block in blocks:
        timing, *lines = block.split("\n")
        match = re.fullmatch(r"(\d\d+:[0-5]\d:[0-5]\d\.\d{3}) --> (\d\d+:[0-5]\d:[0-5]\d\.\d{3})", timing)
        assert match, timing
        assert not any(re.search("[<>]|&(?!amp;|lt;|gt;)", line) for line in lines)
        found.append((seconds(match[1]), seconds(match[2]), [html.unescape(line) for line in lines]))
    return found


def test_cues_are_in_order_short_and_complete(tmp_path: Path):
    transcript = spoken(STORY)
    write_captions(tmp_path / "a.vtt", transcript)
    found = parsed(tmp_path / "a.vtt")
    assert " ".join(" ".join(lines) for _, _, lines in found) == STORY
    assert all(len(lines) <= LINES and max(map(len, lines)) <= LINE for _, _, lines in found)
    assert all(SHORTEST <= end - start <= LONGEST + 1 for start, end, _ in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
    starts = {round(word.start, 3) for word in transcript.words}
    assert all(start in starts for start, _, _ in found)


def test_cues_end_at_punctuation_where_there_is_some():
    ends = [cue.lines[-1][-1] for cue in cues(spoken(STORY))]
    assert sum(letter in ".,;" for letter in ends) / len(ends) > 0.6


def test_two_sentences_are_two_cues_although_they_would_fit_into_one():
    text = "It is rather late by now, I think. We should go home again."
    found = cues(spoken(text))
    assert [cue.lines for cue in found] == [("It is rather late by now, I think.",), ("We should go home again.",)]


def test_a_title_ends_no_sentence():
    text = "I am told that the well-known Dr. Smith of this town is rather late by now again."
    assert not any(cue.lines[-1].endswith("Dr.") for cue in cues(spoken(text)))


def test_words_that_are_all_too_quick_stay_in_one_cue():
    words = tuple(Interval(0.1 * i, 0.1 * i + 0.1, word) for i, word in enumerate(["No.", "Yes.", "No.", "Go."]))
    assert [cue.lines for cue in cues(Transcript("No. Yes. No. Go.", words))] == [("No. Yes. No. Go.",)]


def test_a_word_that_is_over_at_once_does_not_get_a_cue_of_its_own():
    rest = "the one who came along with his warm cloak was not as strong as he had said he was"
    assert LINES * LINE - len("Yes. ") < len(rest) <= LINES * LINE
    tokens = ["Yes.", *rest.split()]
    words = tuple(Interval(0.3 * i, 0.3 * i + 0.3, token.strip(".")) for i, token in enumerate(tokens))
    found = cues(Transcript(" ".join(tokens), words))
    assert len(found) > 1
    assert min(cue.end - cue.start for cue in found) >= SHORTEST


def test_a_long_pause_parts_two_cues():
    words = (
        Interval(0.0, 0.5, "wait"),
        Interval(0.5, 1.0, "here"),
        Interval(4.0, 4.5, "now"),
        Interval(4.5, 5.5, "come"),
    )
    found = cues(Transcript("wait here now come", words))
    assert [cue.lines for cue in found] == [("wait here",), ("now come",)]
    assert found[0].end < 2.0


def test_brackets_and_quotes_stay_with_their_words():
    text = "He said: “wait” (and left)."
    assert cues(spoken(text))[0].lines == (text,)


def test_brackets_without_spaces_open_the_next_cue():
    words = (Interval(0.0, 0.5, "他说"), Interval(4.0, 4.5, "你好"))
    assert [cue.lines for cue in cues(Transcript("他说，（你好）。", words, language="zh"))] == [
        ("他说，",),
        ("（你好）。",),
    ]


def test_chinese_is_joined_without_spaces_and_counted_twice_as_wide():
    text = "你好世界，" * 12 + "再见。"
    transcript = spoken(text, language="zh", units=re.findall("你好|世界，|再见。", text))
    found = cues(transcript)
    assert "".join("".join(cue.lines) for cue in found) == text
    assert all(columns(line) <= LINE for cue in found for line in cue.lines)
    assert len(found) > 1


def test_labels_that_are_not_in_the_text_are_shown_themselves():
    words = (Interval(0.0, 0.5, "forty"), Interval(0.5, 1.0, "two"))
    assert cues(Transcript("42", words))[0].lines == ("forty two",)


def test_signs_that_mean_something_in_webvtt_are_escaped(tmp_path: Path):
    write_captions(tmp_path / "a.vtt", spoken("a <b> & c --> d"))
    assert parsed(tmp_path / "a.vtt")[0][2] == ["a <b> & c --> d"]


def test_a_word_without_end_is_broken():
    found = cues(Transcript("x" * 200, (Interval(0.0, 2.0, "x" * 200),)))
    assert len(found[0].lines) == LINES
    assert max(map(len, found[0].lines)) <= LINE
    assert found[0].lines[-1].endswith("…")


def test_an_hour_is_written_in_full(tmp_path: Path):
    write_captions(tmp_path / "a.vtt", Transcript("late", (Interval(3725.5, 3726.0, "late"),)))
    assert "01:02:05.500 --> 01:02:06.300" in (tmp_path / "a.vtt").read_text()


def test_words_at_one_moment_still_make_cues_of_some_length(tmp_path: Path):
    words = tuple(Interval(1.0, 1.0, f"word{number}") for number in range(40))
    write_captions(tmp_path / "a.vtt", Transcript(" ".join(word.label for word in words), words))
    found = parsed(tmp_path / "a.vtt")
    assert all(end > start for start, end, _ in found)
    assert sum(len(" ".join(lines).split()) for _, _, lines in found) == 40


def test_nothing_said_is_a_file_without_cues(tmp_path: Path):
    write_captions(tmp_path / "a.vtt", Transcript(""))
    assert parsed(tmp_path / "a.vtt") == []


@pytest.mark.parametrize(
    ("transcript", "name", "message"),
    [
        (Transcript("only text"), "a.vtt", "has text alone; align"),
        (Transcript("b a", (Interval(1.0, 2.0, "b"), Interval(0.0, 0.5, "a"))), "a.vtt", "order of time"),
        (Transcript("a", (Interval(0.0, 0.5, "a"),)), "a.srt", r"written as \.vtt"),
    ],
)
def test_what_cannot_be_captioned_leaves_nothing(tmp_path: Path, transcript: Transcript, name: str, message: str):
    with pytest.raises(ValueError, match=message):
        write_captions(tmp_path / name, transcript)
    assert list(tmp_path.iterdir()) == []
