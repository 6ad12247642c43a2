"""What every deck must be: each rule takes a notebook and gives complaints, none when all is well."""

from __future__ import annotations

import re
from itertools import pairwise

from course import hygiene
from course.hygiene import Notebook
from course.notebooks import ROOT, code_cells
from nbformat import NotebookNode

SLIDES = ROOT / "slides"
FEWEST, MOST = 12, 25
LONGEST = 4
"""Slides from one question to the audience to the next."""
LECTURE = (38, 47)
"""Minutes."""
MOST_WORDS = 75
"""On a slide, its answer included."""
KINDS = {"slide", "fragment", "notes", "skip", "-"}
MINUTES = re.compile(r"^\*(\d+(?:\.\d)?) min\.\*")


def kind(cell: NotebookNode) -> str:
    return cell.metadata.get("slideshow", {}).get("slide_type", "none")


def slides(deck: Notebook) -> list[list[NotebookNode]]:
    """The cells of each slide, without those that are skipped."""
    found: list[list[NotebookNode]] = []
    for cell in deck.cells:
        if kind(cell) == "slide":
            found.append([])
        if kind(cell) != "skip" and found:
            found[-1].append(cell)
    return found


def heading(slide: list[NotebookNode]) -> str:
    return slide[0].source.splitlines()[0] if slide[0].source else ""


def notes(slide: list[NotebookNode]) -> list[str]:
    return [cell.source for cell in slide if kind(cell) == "notes"]


def says_what_each_cell_is(deck: Notebook) -> list[str]:
    return [f"slide_type {kind(cell)!r}: {cell.source[:60]}" for cell in deck.cells if kind(cell) not in KINDS]


def has_the_length_of_a_lecture(deck: Notebook) -> list[str]:
    count = len(slides(deck))
    bad = [] if FEWEST <= count <= MOST else [f"{count} slides, expected {FEWEST} to {MOST}"]
    minutes = sum(float(m[1]) for slide in slides(deck) for text in notes(slide) if (m := MINUTES.match(text)))
    return bad if LECTURE[0] <= minutes <= LECTURE[1] else [*bad, f"the notes take {minutes:g} minutes, not {LECTURE}"]


def begins_and_ends_as_a_lecture(deck: Notebook) -> list[str]:
    found = [heading(slide) for slide in slides(deck)]
    bad = [] if re.match(r"# \d\d · \S", found[0]) else ["the first slide has no title '# NN · Title'"]
    bad += [] if "](../chapters/" in slides(deck)[0][0].source else ["the first slide does not lead to its chapter"]
    bad += [] if "You will be able to" in found[1] else ["the second slide does not say what one will be able to do"]
    ends = found[-3:]
    return bad + [f"no slide '{name}' at the end" for name in ("What to take home", "Next") if not _among(name, ends)]


def _among(name: str, headings: list[str]) -> bool:
    return any(heading.startswith(f"## {name}") for heading in headings)


def has_notes_for_the_speaker(deck: Notebook) -> list[str]:
    bare = [heading(slide) for slide in slides(deck)[1:] if not any(MINUTES.match(text) for text in notes(slide))]
    return [f"no notes with minutes: {name}" for name in bare]


def asks_the_audience(deck: Notebook) -> list[str]:
    asked = [number for number, slide in enumerate(slides(deck)) if heading(slide).startswith("## Question")]
    ends = [1, *asked, len(slides(deck)) - 2]
    gaps = [f"no question from slide {a + 1} to {b + 1}" for a, b in pairwise(ends) if b - a > LONGEST + 1]
    silent = [slides(deck)[n] for n in asked if not any(kind(cell) == "fragment" for cell in slides(deck)[n])]
    return gaps + [f"no answer in a fragment: {heading(slide)}" for slide in silent]


def shows_code_on_purpose_only(deck: Notebook) -> list[str]:
    cells = [cell for cell in code_cells(deck) if "show-code" not in cell.metadata.get("tags", [])]
    return [f"code is neither hidden nor tagged: {cell.source[:60]}" for cell in cells
            if not cell.metadata.get("jupyter", {}).get("source_hidden")]  # fmt: skip


def has_few_words(deck: Notebook) -> list[str]:
    bad = []
    for slide in slides(deck):
        shown = " ".join(cell.source for cell in slide if cell.cell_type == "markdown" and kind(cell) != "notes")
        count = len(re.sub(r"\$.*?\$|[#*|_-]", " ", shown, flags=re.DOTALL).split())
        bad += [f"{count} words, more than {MOST_WORDS}: {heading(slide)}"] * (count > MOST_WORDS)
    return bad


def has_pictures_and_something_that_moves_or_sounds(deck: Notebook) -> list[str]:
    shown = hygiene.shown(deck)
    bad = [] if shown.count("<img") >= 5 else [f"{shown.count('<img')} figures, fewer than 5"]
    bad += [] if re.search("<video|<audio", shown) else ["no clip and no sound"]
    return bad + ([] if any("on_slide(" in cell.source for cell in code_cells(deck)) else ["no explorer"])


def links_to_what_is_there(deck: Notebook) -> list[str]:
    return hygiene.links_to_what_is_there(deck, folder=SLIDES)


RULES = (
    hygiene.was_executed_in_order, hygiene.shows_no_errors, hygiene.shows_nothing_remote, hygiene.needs_no_trust,
    hygiene.is_small, hygiene.has_small_media, hygiene.describes_every_figure, hygiene.names_no_machine,
    hygiene.has_short_cells, links_to_what_is_there, says_what_each_cell_is, has_the_length_of_a_lecture,
    begins_and_ends_as_a_lecture, has_notes_for_the_speaker, asks_the_audience, shows_code_on_purpose_only,
    has_few_words, has_pictures_and_something_that_moves_or_sounds,
)  # fmt: skip
