"""Every deck is executed, described, short enough for 45 minutes, and asks its audience."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from course import decks
from course.decks import Notebook
from course.notebooks import CHAPTERS
from course.test_chapters import FIGURE, html, swapped
from nbformat import NotebookNode, read
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

NAMES = sorted(path.name for path in decks.SLIDES.glob("[0-9]*.ipynb"))
OWN = [rule for rule in decks.RULES if rule.__module__ == decks.__name__]
"""The others are shown to reject something in ``test_chapters``."""


def test_every_chapter_has_a_deck_of_its_name():
    assert sorted(path.name for path in CHAPTERS.glob("[0-9]*.ipynb")) == NAMES


@pytest.mark.parametrize("rule", decks.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_a_deck_keeps_the_rule(name: str, rule: Callable[[Notebook], list[str]]):
    assert rule(read(decks.SLIDES / name, as_version=4)) == []


def cell(source: str, kind: str, **metadata) -> NotebookNode:
    make = new_code_cell if metadata.pop("code", False) else new_markdown_cell
    return make(source, metadata={"slideshow": {"slide_type": kind}, **metadata})


def code(source: str, *outputs: NotebookNode) -> NotebookNode:
    hidden = cell(source, "-", code=True, jupyter={"source_hidden": True})
    hidden.outputs = list(outputs)
    return hidden


def good() -> Notebook:
    """The smallest deck that keeps every rule."""
    deck = [cell("# 99 · A deck\n\nTo [chapter 00](../chapters/00_your_first_talking_head.ipynb)", "slide")]
    titles = ["## You will be able to", *(f"## Claim {n}" for n in range(9)), "## What to take home", "## Next"]
    for number, title in enumerate(titles):
        title = "## Question: why?" if number in (3, 7) else title
        deck += [cell(title, "slide"), cell("**Because.**", "fragment"), cell("*3.5 min.* Say it.", "notes")]
    clip = html('<video src="data:,x" title="talks"></video>')
    deck[4:4] = [code("EXPLORER.on_slide('x')", *[FIGURE] * 5), code("course.player()", clip)]
    notebook = new_notebook(cells=deck)
    for count, found in enumerate(decks.code_cells(notebook), 1):
        found.execution_count = count
    return notebook


@pytest.mark.parametrize("rule", decks.RULES, ids=lambda rule: rule.__name__)
def test_a_good_deck_keeps_the_rule(rule: Callable[[Notebook], list[str]]):
    assert rule(good()) == []


def without(text: str) -> Callable[[Notebook], None]:
    def drop(deck: Notebook) -> None:
        kept = [found for found in deck.cells if text not in found.source]
        assert len(kept) < len(deck.cells)
        deck.cells = kept

    return drop


def no_kind(deck: Notebook) -> None:
    del deck.cells[3].metadata["slideshow"]


def show_code(deck: Notebook) -> None:
    del decks.code_cells(deck)[0].metadata["jupyter"]


def no_pictures(deck: Notebook) -> None:
    decks.code_cells(deck)[0].outputs = []


def silence(deck: Notebook) -> None:
    decks.code_cells(deck)[1].outputs = []


SPOILED = {
    "a cell of no kind": (decks.says_what_each_cell_is, no_kind),
    "too few slides": (decks.has_the_length_of_a_lecture, without("## Claim")),
    "too long": (decks.has_the_length_of_a_lecture, swapped("*3.5 min.*", "*5 min.*")),
    "no title": (decks.begins_and_ends_as_a_lecture, swapped("# 99 · A deck", "# A deck")),
    "no way to the chapter": (decks.begins_and_ends_as_a_lecture, swapped("../chapters/", "../docs/")),
    "no aims": (decks.begins_and_ends_as_a_lecture, swapped("You will be able to", "Aims")),
    "nothing to take home": (decks.begins_and_ends_as_a_lecture, swapped("What to take home", "Summary")),
    "no next": (decks.begins_and_ends_as_a_lecture, swapped("## Next", "## End")),
    "no notes": (decks.has_notes_for_the_speaker, without("Say it.")),
    "notes without minutes": (decks.has_notes_for_the_speaker, swapped("*3.5 min.*", "Some minutes.")),
    "no questions": (decks.asks_the_audience, swapped("## Question", "## Claim")),
    "questions without answers": (decks.asks_the_audience, without("Because")),
    "code in sight": (decks.shows_code_on_purpose_only, show_code),
    "too many words": (decks.has_few_words, swapped("Because", "because " * 80)),
    "no pictures": (decks.has_pictures_and_something_that_moves_or_sounds, no_pictures),
    "no clip": (decks.has_pictures_and_something_that_moves_or_sounds, silence),
    "no explorer": (decks.has_pictures_and_something_that_moves_or_sounds, swapped("on_slide(", "static(")),
    "a dead link": (decks.links_to_what_is_there, swapped("00_your_first", "98_your_last")),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_deck_is_rejected(how: str):
    rule, spoil = SPOILED[how]
    deck = good()
    spoil(deck)
    assert rule(deck) != []


def test_every_rule_of_decks_is_shown_to_reject_something():
    assert {rule for rule, _ in SPOILED.values()} == set(OWN)
