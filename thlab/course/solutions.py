"""Where the solutions of exercises are: in the chapters, between two marks, right before the check of the answer."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import nbformat

from thlab.course import ROOT

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
CHAPTERS = ROOT / "chapters"
SOLUTION = re.compile(rf"^([ ]*){BEGIN}[^\n]*\n(.*?)\n?^[ ]*{END}[^\n]*", re.DOTALL | re.MULTILINE)


@lru_cache(maxsize=64)
def solution_of(chapter: str, check: str, folder: Path = CHAPTERS) -> str | None:
    """The code of a solution, without its marks; None where the chapter is not at hand.

    Args:
        chapter: two digits.
        check: name of the function that checks the answer.
        folder: where the chapters are.
    """
    for path in sorted(folder.glob(f"{chapter}_*.ipynb")):
        latest = None
        for cell in nbformat.read(path, as_version=4).cells:
            latest = cell.source if BEGIN in cell.source else latest
            if latest and re.search(rf"\bchecks\.ch{chapter}\.{check}\(", cell.source):
                return without_marks(latest)
    return None


def without_marks(source: str) -> str:
    """A cell with its solution, as one would write it."""
    return SOLUTION.sub(lambda found: found[2], source)


def with_stub(source: str, stub: str) -> str:
    """A cell whose solution, marks included, is one line in its place."""
    return SOLUTION.sub(lambda found: f"{found[1]}{stub}", source)
