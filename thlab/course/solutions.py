"""Where the solutions of exercises are: in the chapters, between two marks, right before the check of the answer."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import nbformat

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
MARKS = re.compile(rf"^[ ]*(?:{BEGIN}|{END})[^\n]*\n?", re.MULTILINE)


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
                return MARKS.sub("", latest).rstrip()
    return None
