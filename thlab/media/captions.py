"""Captions: the words of a transcript as WebVTT cues that can be read while the face speaks."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from thlab.media.atomic import atomic_path, check_suffix
from thlab.timebase import Transcript

LINE = 42
"""Columns a line; letters of Chinese, Japanese and Korean take two."""
LINES = 2
"""Lines a cue."""
SHORTEST, LONGEST = 0.7, 7.0
"""Seconds a cue stays, where its neighbours allow it."""
COMFORTABLE = 3.0
"""Seconds of a cue that is neither hasty nor slow."""
LINGER = 0.3
"""Seconds a cue stays after its last word, where the next does not come first."""
TITLES = frozenset({"dr.", "mr.", "mrs.", "ms.", "prof.", "st."})
"""Words whose full stop ends no sentence."""
SENTENCE_END, CLAUSE_END = ".!?…。！？", ",;:—，、；："


@dataclass(frozen=True)
class Cue:
    """What is shown from one moment to another."""

    start: float
    """Seconds."""
    end: float
    """Seconds, after ``start``."""
    lines: tuple[str, ...]


@dataclass(frozen=True)
class _Word:
    """A word with the punctuation around it and what separates it from the one before."""

    start: float
    end: float
    text: str
    gap: str
    columns: int


def write_captions(path: str | Path, transcript: Transcript) -> None:
    """Write what is said as WebVTT, with cues of at most two lines of 42 columns that change at word times.

    A transcript without text gives a file without cues. The file appears whole or not at all.

    Raises:
        ValueError: when the text has no word times, the words are not in order, the name does not end in .vtt, or the
            place cannot be written to.

    Source: W3C, WebVTT: The Web Video Text Tracks Format, 2019.
    """
    check_suffix(path, (".vtt",), what="a caption file")
    blocks = ["WEBVTT"]
    for cue in cues(transcript):
        blocks.append(f"{_clock(cue.start)} --> {_clock(cue.end)}\n" + "\n".join(map(_escaped, cue.lines)))
    with atomic_path(path) as part:
        part.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def cues(transcript: Transcript) -> tuple[Cue, ...]:
    """Cut a transcript into cues, preferably after sentences and clauses, or else in pauses.

    Raises:
        ValueError: when the text has no word times, or the words are not in order.
    """
    if transcript.text.strip() and not transcript.words:
        raise ValueError(
            "captions need the time of every word, but the transcript has text alone; align it with the sound"
        )
    for before, after in pairwise(transcript.words):
        if not before.start <= after.start or before.end < before.start:
            raise ValueError(f"captions need words in the order of time, but {before} comes before {after}; sort them")
    words = _with_punctuation(transcript)
    groups = [words[first:last] for first, last in pairwise(_cheapest_cuts(words))]
    starts = [group[0].start for group in groups] + [math.inf]
    return tuple(
        Cue(group[0].start, _end(group, until), _wrapped(group))
        for group, until in zip(groups, starts[1:], strict=True)
    )


def _end(group: Sequence[_Word], until: float) -> float:
    """Stay long enough to be read, but make way for the next cue."""
    spoken = max(word.end for word in group)
    wanted = min(max(spoken + LINGER, group[0].start + SHORTEST), until)
    return max(wanted, group[0].start + 0.001)  # WebVTT knows no cue of no length


def _with_punctuation(transcript: Transcript) -> list[_Word]:
    """Words as the text writes them, if each of their labels can be found in it in turn, or else the bare labels."""
    text, labels = " ".join(transcript.text.split()), [" ".join(word.label.split()) for word in transcript.words]
    places = _places(text.lower(), [label.lower() for label in labels])
    if places is None:
        return [
            _Word(word.start, word.end, label, " ", columns(label))
            for word, label in zip(transcript.words, labels, strict=True)
            if label
        ]
    bounds = [0, *(_break(text, end, start) for (_, end), (start, _) in pairwise(places)), len(text)]
    pieces = [text[first:last] for first, last in pairwise(bounds)]
    gaps = ["", *(" " if piece.endswith(" ") or after.startswith(" ") else "" for piece, after in pairwise(pieces))]
    timed = zip(transcript.words, pieces, gaps, strict=True)
    return [
        _Word(word.start, word.end, piece.strip(), gap, columns(piece.strip()))
        for word, piece, gap in timed
        if piece.strip()
    ]


def _places(text: str, labels: Sequence[str]) -> list[tuple[int, int]] | None:
    """Where each label lies in the text, or None when one is missing."""
    places, place = [], 0
    for label in labels:
        begin = text.find(label, place)
        if begin < 0:
            return None
        place = begin + len(label)
        places.append((begin, place))
    return places or None


def _break(text: str, end: int, start: int) -> int:
    """Where between two words to part them: commas stay with their word, brackets open the next."""
    space = text.find(" ", end, start)
    if space >= 0:
        return space + 1
    while end < start and unicodedata.category(text[end]) not in {"Ps", "Pi"}:
        end += 1
    return end


def _cheapest_cuts(words: Sequence[_Word]) -> list[int]:
    """The cuts with the least cost in all, by dynamic programming over where the last cue begins."""
    best, came_from = [0.0], [0]
    for last in range(1, len(words) + 1):
        best.append(math.inf)
        came_from.append(last - 1)
        for first in range(last - 1, -1, -1):
            if (cost := _cost(words, first, last)) == math.inf:
                break
            if best[first] + cost < best[last]:
                best[last], came_from[last] = best[first] + cost, first
    cuts = [len(words)]
    while cuts[-1] > 0:
        cuts.append(came_from[cuts[-1]])
    return cuts[::-1]


def _cost(words: Sequence[_Word], first: int, last: int) -> float:
    """How bad a cue of these words is; infinite if it is too long for the eye, unless it is a single word."""
    group = words[first:last]
    seconds = words[last].start - group[0].start if last < len(words) else group[-1].end - group[0].start
    if len(group) > 1 and (_lines(group) is None or group[-1].end - group[0].start > LONGEST):
        return math.inf
    haste = max(0.0, SHORTEST - seconds) * 20
    ease = ((min(seconds, LONGEST) - COMFORTABLE) / COMFORTABLE) ** 2
    inside = 1.5 * sum(_ends_with(word.text, SENTENCE_END) for word in group[:-1])
    return 1 + haste + ease + inside + _break_cost(words, last) + 2 * max(0.0, _longest_pause(group) - 0.5)


def _break_cost(words: Sequence[_Word], place: int) -> float:
    """How much it hurts to break before a word: little after a sentence, a clause or in a pause."""
    if place >= len(words):
        return 0.0
    word = words[place - 1]
    pause = max(0.0, words[place].start - word.end)
    grammar = 0.0 if _ends_with(word.text, SENTENCE_END) else 0.8 if _ends_with(word.text, CLAUSE_END) else 3.0
    return max(0.0, grammar - 4 * pause)


def _ends_with(text: str, signs: str) -> bool:
    """Whether a text ends with one of the signs, quotation marks and brackets aside."""
    bare = text.rstrip("\"'”’»)]」』")
    return bare.endswith(tuple(signs)) and bare.lower() not in TITLES


def _longest_pause(group: Sequence[_Word]) -> float:
    return max((after.start - before.end for before, after in pairwise(group)), default=0.0)


def _wrapped(group: Sequence[_Word]) -> tuple[str, ...]:
    """The words of a cue as its lines."""
    return tuple(_joined(line) for line in _lines(group) or ()) or _broken(group[0].text)


def _lines(group: Sequence[_Word]) -> tuple[Sequence[_Word], ...] | None:
    """One line, or two that part after a clause or are about equally long; None when the words do not fit."""
    whole = _width(group)
    if whole <= LINE:
        return (group,)
    if whole > LINES * LINE + 1:
        return None
    halves = [(group[:cut], group[cut:]) for cut in range(1, len(group))]
    fitting = [lines for lines in halves if max(map(_width, lines)) <= LINE]
    return min(fitting, key=_raggedness, default=None)


def _raggedness(lines: tuple[Sequence[_Word], ...]) -> int:
    """How unequal two lines are; the end of a clause makes up for 12 columns, that of a sentence for 24."""
    tail = lines[0][-1].text
    bonus = 24 if _ends_with(tail, SENTENCE_END) else 12 if _ends_with(tail, CLAUSE_END) else 0
    return abs(_width(lines[0]) - _width(lines[1])) - bonus


def _width(line: Sequence[_Word]) -> int:
    """Columns that words take, with the gaps between them."""
    return sum(word.columns + len(word.gap) for word in line) - len(line[0].gap)


def _joined(line: Sequence[_Word]) -> str:
    return "".join(word.gap * (number > 0) + word.text for number, word in enumerate(line))


def _broken(word: str) -> tuple[str, ...]:
    """A single word that is too long, cut into lines; what does not fit is left out with an ellipsis."""
    lines = [""]
    for letter in word:
        if columns(lines[-1] + letter) > LINE - 1:
            lines.append("")
        lines[-1] += letter
    return tuple(lines) if len(lines) <= LINES else (*lines[: LINES - 1], lines[LINES - 1] + "…")


def columns(text: str) -> int:
    """Width of a text on a screen: wide letters count twice, accents not at all."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


def _escaped(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(seconds: float) -> str:
    """Hours, minutes, seconds and milliseconds, as WebVTT writes them."""
    milliseconds = round(1000 * max(0.0, seconds))
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
