"""A scorecard as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from thlab.experiments.scorecard.measures import MARKS, Measure
from thlab.experiments.scorecard.values import Value

if TYPE_CHECKING:
    from thlab.experiments.scorecard.card import Difference, Scorecard

WIDTH = 100
"""Columns of the terminal that a table may take."""
NOTHING = "–"
"""Where there is no number; the reason is under the table."""
CLEAR = 0.05
"""Corrected p below which a difference counts as one."""

OTHER_SOUND = ", other sound"
"""At the end of a subject's name: the control; a star in print."""

Cells = Mapping[str, Mapping[str, str]]
"""By subject, by measure: what is printed."""


def text_of(card: Scorecard, width: int = WIDTH) -> list[str]:
    """The table, no wider than that: whole intervals, or half their width where there are many columns."""
    cells = cells_of(card, whole_interval)
    if total_width(card, cells) > width:
        cells = cells_of(card, half_interval)
    tables = [line for part in parts(card, cells, width) for line in table(card, part)]
    return [card.title, "", *tables, *below(card, width), *compared(card.differences, shown(card), card.unit)]


def shown(card: Scorecard) -> list[Measure]:
    """Measures of which anything is known, or of which it is known why not."""
    return [measure for measure in card.measures if any(measure.name in row for row in card.subjects.values())]


# -- cells ------------------------------------------------------------------------------------------------------------


def cells_of(card: Scorecard, as_text: Callable[[Value, Measure], str]) -> Cells:
    """Every cell as text."""
    return {name: {m.name: as_text(card.value(name, m.name), m) for m in shown(card)} for name in card.subjects}


def whole_interval(value: Value, measure: Measure) -> str:
    """A number with the ends of its interval."""
    if value.mean is None:
        return NOTHING if value.why else ""
    if value.low is None or value.high is None:
        return measure.text(value.mean)
    return f"{measure.text(value.mean)} [{measure.text(value.low)} {measure.text(value.high)}]"


def half_interval(value: Value, measure: Measure) -> str:
    """A number with half the width of its interval."""
    if value.mean is None or value.low is None or value.high is None:
        return whole_interval(value, measure)
    return f"{measure.text(value.mean)} ±{measure.text((value.high - value.low) / 2)}"


# -- tables -----------------------------------------------------------------------------------------------------------


def widths(card: Scorecard, cells: Cells) -> tuple[int, dict[str, int], int]:
    """Characters of the labels, of each subject, and of the last column."""
    labels = max(len(measure.label) for measure in shown(card))
    columns = {name: max(len(starred(name)), *map(len, row.values())) for name, row in cells.items()}
    return labels, columns, len(f"n {card.unit}")


def starred(name: str) -> str:
    """A subject's name as it is printed."""
    return name.replace(OTHER_SOUND, "*")


def total_width(card: Scorecard, cells: Cells) -> int:
    """Characters of a line."""
    labels, columns, count = widths(card, cells)
    return labels + 6 + sum(2 + column for column in columns.values()) + 2 + count


def parts(card: Scorecard, cells: Cells, width: int) -> list[Cells]:
    """As many tables as are needed, each with as many subjects as fit."""
    found: list[dict[str, Mapping[str, str]]] = [{}]
    for name, row in cells.items():
        if found[-1] and total_width(card, {**found[-1], name: row}) > width:
            found.append({})
        found[-1][name] = row
    return list(found)


def table(card: Scorecard, cells: Cells) -> Iterator[str]:
    """Measures down, in groups; the last column counts seconds or clips."""
    labels, columns, last = widths(card, cells)
    heads = [f"{starred(name):>{columns[name]}}" for name in cells]
    yield "  ".join([" " * labels, "best", *heads, f"n {card.unit}"])
    for group, measures in groupby(shown(card), key=lambda measure: measure.group):
        yield group
        for m in measures:
            count = max(card.value(name, m.name).n for name in cells)
            numbers = [f"{cells[name][m.name]:>{columns[name]}}" for name in cells]
            cells_of_row = [f"{m.label:{labels}}", f"{MARKS[m.better]:^4}", *numbers, f"{count or '':>{last}}"]
            yield "  ".join(cells_of_row).rstrip()
    yield ""


def below(card: Scorecard, width: int) -> list[str]:
    """The reasons of what is missing, each once, and the notes."""
    reasons: dict[str, dict[str, None]] = {}
    for name in card.subjects:
        for measure in shown(card):
            value = card.value(name, measure.name)
            if value.why:
                reasons.setdefault(value.why, {})[measure.name.replace("_", " ")] = None
    missing = [f"{NOTHING} {', '.join(names)}: {why}" for why, names in reasons.items()]
    return [line for note in (*missing, *card.notes) for line in textwrap.wrap(note, width, subsequent_indent="  ")]


def compared(differences: Sequence[Difference], measures: Sequence[Measure], unit: str) -> list[str]:
    """A line a difference, the clearest first."""
    if not differences:
        return []
    known = {measure.name: measure for measure in measures}
    rows = []
    for d in sorted(differences, key=lambda d: d.corrected):
        number, verdict = difference_text(d, known[d.measure])
        name = d.measure.replace("_", " ")
        rows.append((name, starred(d.one), starred(d.other), number, f"p {d.corrected:.2g}", verdict))
    sizes = [max(map(len, column)) for column in zip(*rows, strict=True)]
    count = max(d.n for d in differences)
    lines = ["", f"one less the other, clip by clip over {count} {unit}; p by Holm over all {len(rows)} lines"]
    for row in rows:
        name, one, other, number, p, verdict = (cell.ljust(size) for cell, size in zip(row, sizes, strict=True))
        lines.append(f"{name}  {one} less {other}  {number}  {p}  {verdict}".rstrip())
    return lines


def difference_text(difference: Difference, measure: Measure) -> tuple[str, str]:
    """The difference with its interval, and who is better."""
    low, high = measure.text(difference.low), measure.text(difference.high)
    number = f"{measure.text(difference.mean)} [{low} {high}]"
    if difference.corrected >= CLEAR or difference.better is None:
        return number, "may be chance"
    return number, f"{starred(difference.better)} is better"
