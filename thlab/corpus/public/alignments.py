"""Words with their times, from the text files that datasets put beside their clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from thlab.corpus.public.lists import bad_line, numbered_lines
from thlab.timebase import Interval, Transcript

GRID_RATE = 25_000
"""Units a second in GRID's alignments: a thousand a frame."""
HTK_RATE = 10_000_000
"""Units a second in label files of HTK: 100 ns each (HTK book, section 6.2.1)."""
SILENT = frozenset({"sil", "sp"})
"""Labels of silence and of a short pause."""
WORD_TABLE = ("WORD", "START", "END", "ASDSCORE")
"""Head of the word table in LRS2 and LRS3: seconds, then how surely the speaker is seen speaking."""


def label_file(path: Path, *, units_per_second: int) -> tuple[Interval, ...]:
    """Lines of ``start end label`` in whole units, silence left out: GRID's ``align`` and HTK's ``lab``.

    Returns:
        Words in the order of time, seconds.

    Raises:
        ValueError: the file is missing or empty, or a line is something else; its number is named.
    """
    words = []
    for number, line in numbered_lines(path):
        words.append(_interval(path, number, line.split(), units_per_second))
    return tuple(word for word in words if word.label.lower() not in SILENT)


def _interval(path: Path, number: int, fields: Sequence[str], units_per_second: int) -> Interval:
    try:
        start, end, label = int(fields[0]), int(fields[1]), " ".join(fields[2:])
    except (ValueError, IndexError):
        raise bad_line(path, number, "a start, an end (whole units) and a label", " ".join(fields)) from None
    if not label or not 0 <= start <= end:
        raise bad_line(path, number, "a label that ends after it begins", " ".join(fields))
    return Interval(start / units_per_second, end / units_per_second, label)


def spoken_text(path: Path) -> Transcript:
    """The text file of an LRS2 or LRS3 clip: ``Text:`` and, in the pretraining part, the table of words.

    Raises:
        ValueError: the file is missing or has no text, or a line of its table is damaged; its number is named.
    """
    text, words, in_table = "", [], False
    for number, line in numbered_lines(path):
        if line.startswith("Text:"):
            text = line.removeprefix("Text:").strip()
        elif tuple(line.split()) == WORD_TABLE:
            in_table = True
        elif in_table:
            words.append(_word(path, number, line.split()))
    if not text:
        raise ValueError(f"expected a line 'Text: …' in {path}, but it has none; fetch the file again")
    return Transcript(text, tuple(words))


def _word(path: Path, number: int, fields: Sequence[str]) -> Interval:
    try:
        start, end = float(fields[1]), float(fields[2])
    except (ValueError, IndexError):
        raise bad_line(path, number, "a word, its start and its end in seconds", " ".join(fields)) from None
    if not 0 <= start <= end:
        raise bad_line(path, number, "a word that ends after it begins", " ".join(fields))
    return Interval(start, end, fields[0])


def headed_values(path: Path) -> dict[str, str]:
    """Lines of ``Name: value`` as a mapping, up to the first table."""
    return dict(_headed(numbered_lines(path)))


def _headed(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[str, str]]:
    for _, line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            return
        yield name.strip(), value.strip()
