"""Tables of the public datasets from their cards: the survey's Table 1 mended, how to obtain each, what differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from thlab.corpus.public import DatasetCard, cards
from thlab.course.page import Page, figure

CELL = "text-align:left;vertical-align:top;padding:3px 10px 3px 0"
WHERE = {"lab": "laboratory", "broadcast": "television", "web": "web"}
MENDED = "✎"
"""Stands behind a cell in which the survey prints something else."""
UNKNOWN = "not counted"


def survey_table(datasets: Iterable[DatasetCard] | None = None) -> None:
    """Show a table like the survey's Table 1, from the cards; what a source tells otherwise carries a ✎."""
    head = ("dataset", "hours", "people", "clips", "head moves", "emotion labels", "cameras", "from")
    legend = f"{MENDED} more about it under <i>What the survey prints</i>; “{UNKNOWN}”: in no source that we read"
    table(head, [_survey_row(card) for card in _all(datasets)], name="datasets", caption=legend)


def obtain_table(datasets: Iterable[DatasetCard] | None = None) -> None:
    """Show how each dataset is obtained, its licence, and what it may be used for."""
    rows = [(card.title, _cite(card), card.obtain.how, card.licence, card.allowed_use) for card in _all(datasets)]
    table(("dataset", "by", "how to obtain it", "licence", "may be used for"), rows, name="how to obtain the datasets")


def differences_table(datasets: Iterable[DatasetCard] | None = None) -> None:
    """Show what the survey prints of each dataset, what a source says instead, and which source."""
    slips = [(card.title, slip.printed, slip.corrected, slip.source)
             for card in _all(datasets) for slip in card.survey_differs.values()]  # fmt: skip
    table(("dataset", "the survey prints", "a source says", "source"), slips, name="what the survey prints otherwise")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, name: str, caption: str = "") -> None:
    """Show a table of texts; where only text is shown, its rows stand one beneath the other.

    Args:
        head: names of the columns.
        rows: as many texts each.
        name: what it is a table of.
        caption: what stands beneath.

    Raises:
        ValueError: a row is longer or shorter than the head.
    """
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"expected rows of {len(head)} cells, got one of {len(row)}: {row}; mend it")
    lines = "".join(_line(row, "td") for row in rows)
    html = f'<table style="border-collapse:collapse;font-size:0.95em">{_line(head, "th")}{lines}</table>'
    text = "\n".join(" | ".join(row) for row in [head, *rows])
    Page(figure(html, caption), f"[table: {name}]\n{text}").display()


def _line(cells: Sequence[str], tag: str) -> str:
    found = [f'<{tag} style="{CELL}">{escape(cell)}</{tag}>' for cell in cells]
    return f"<tr>{''.join(found)}</tr>"


def _all(datasets: Iterable[DatasetCard] | None) -> list[DatasetCard]:
    return cards() if datasets is None else list(datasets)


def _cite(card: DatasetCard) -> str:
    first, _, others = card.authors.partition(", ")
    return f"{first} et al. {card.year}" if "," in others else f"{card.authors.replace(', ', ' & ')} {card.year}"


def _survey_row(card: DatasetCard) -> tuple[str, ...]:
    numbers = {"hours": card.hours, "people": card.people, "clips": card.clips}
    cells = {name: _number(value) for name, value in numbers.items()}
    marked = {name: _mark(text, name, card) for name, text in cells.items()}
    return (
        _mark(card.title, "title", card), *marked.values(), "√" if card.head_motion else "–",
        "√" if card.emotion_labels else "–", str(card.views), WHERE[card.environment],
    )  # fmt: skip


def _mark(text: str, name: str, card: DatasetCard) -> str:
    return f"{text} {MENDED}" if name in card.survey_differs else text


def _number(value: float | int | None) -> str:
    """With a thin space between thousands."""
    return UNKNOWN if value is None else f"{value:,.10g}".replace(",", "\u202f")
