"""The exercises of a chapter: what each asks, how long it may take, where it is answered and by what it is checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from nbformat import NotebookNode

from thlab.course.solutions import BEGIN, END

CHECK = re.compile(r"^checks\.ch\d\d\.(\w+)\(", re.MULTILINE)
HEADING = re.compile(r"^#{1,3} ", re.MULTILINE)
TITLE = re.compile(r"^### Exercise (\d+): *(.+?) *$", re.MULTILINE)
EFFORT = re.compile(r"Difficulty ([●○]{5}) · Importance ([●○]{5}) · at most (\d+) minutes?")


@dataclass(frozen=True)
class Exercise:
    """One exercise of a chapter."""

    number: int
    title: str
    difficulty: int
    """1 to 5."""
    importance: int
    """1 to 5."""
    minutes: int
    """At most."""
    answers: list[NotebookNode] = field(repr=False, compare=False)
    """Cells in which something is to be written."""
    checks: dict[str, NotebookNode] = field(repr=False, compare=False)
    """Cells that check it, by the name of the check."""


def exercises(notebook: NotebookNode) -> list[Exercise]:
    """The exercises of a chapter, in order; an exercise ends with the next heading of its level or above.

    Raises:
        ValueError: an exercise says no effort, has no check, or no solution that ends; or one stands outside of all.
    """
    found = [_exercise(text, cells) for text, cells in _sections(notebook)]
    inside = {id(cell) for exercise in found for cell in exercise.answers}
    if any(is_answer(cell) and id(cell) not in inside for cell in notebook.cells):
        raise ValueError("a solution stands outside of all exercises; put it under a heading '### Exercise N: …'")
    return found


def is_answer(cell: NotebookNode) -> bool:
    """Whether a part of the cell is a solution."""
    return cell.cell_type == "code" and BEGIN in cell.source


def _sections(notebook: NotebookNode) -> list[tuple[str, list[NotebookNode]]]:
    """The text of every exercise with its code cells."""
    sections: list[tuple[str, list[NotebookNode]]] = []
    inside = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and HEADING.search(cell.source):
            inside = TITLE.search(cell.source) is not None
            if inside:
                sections.append((cell.source, []))
        elif inside and cell.cell_type == "code":
            sections[-1][1].append(cell)
    return sections


def _exercise(text: str, cells: list[NotebookNode]) -> Exercise:
    title, effort = TITLE.search(text), EFFORT.search(text)
    assert title
    checks = {name: cell for cell in cells for name in CHECK.findall(cell.source)}
    answers = [cell for cell in cells if is_answer(cell)]
    parts = {"line 'Difficulty … · Importance … · at most N minutes'": effort, "check": checks, "solution": answers}
    missing = [what for what, found in parts.items() if not found]
    if missing or not effort:
        raise ValueError(f"exercise {title[1]} ({title[2]}) has no {missing[0]}; add it to the chapter")
    if any(cell.source.count(BEGIN) != cell.source.count(END) for cell in answers):
        raise ValueError(f"exercise {title[1]} ({title[2]}) has a solution that does not end; add '{END}' to it")
    difficulty, importance = (dots.count("●") for dots in effort.groups()[:2])
    return Exercise(int(title[1]), title[2], difficulty, importance, int(effort[3]), answers, checks)
