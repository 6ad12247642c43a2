"""The chapters without their solutions: as an nbgrader course for a class, and as plain notebooks for one reader."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.converters.generate_assignment import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log

from thlab.course import ROOT
from thlab.course.publish.folders import numbered
from thlab.course.publish.grading import course_settings, cut, mark_cells
from thlab.course.solutions import CHAPTERS
from thlab.media.atomic import atomic_folder, atomic_path

LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
CONFIG = '''"""nbgrader in this folder: the settings of thlab, and no solutions shown by the checks."""

import os

from thlab.course.publish.grading import course_settings

c = get_config()
c.merge(course_settings())
os.environ["THLAB_SOLUTIONS"] = "off"
'''
OURS = {"nbgrader_config.py", "gradebook.db", "source", "release", "notebooks"}
"""All that a build puts into its folder."""


def build_student(output: Path = ROOT / "build" / "student", *, chapters: Sequence[Path] | None = None) -> list[Path]:
    """Build an nbgrader course and plain student notebooks from the chapters; an older build is replaced as a whole.

    Args:
        output: the folder to make. It gets ``source/NN_topic/`` with solutions and marks, ``release/NN_topic/`` as
            nbgrader makes it of that, ``gradebook.db``, ``nbgrader_config.py``, and ``notebooks/NN_topic.ipynb`` for
            reading alone.
        chapters: notebooks, all committed chapters when None.

    Returns:
        Every file that was written.

    Raises:
        ValueError: the folder holds something else, such as submitted work; or a chapter is not fit to be cut.
    """
    paths = numbered(CHAPTERS) if chapters is None else list(chapters)
    _check_ours(output)
    with atomic_folder(output) as folder:
        (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
        for path in paths:
            _write(folder / "source" / path.stem / path.name, source_notebook(path, paths))
            _write(folder / "notebooks" / path.name, student_notebook(path))
        _release(folder, [path.stem for path in paths])
    return sorted(path for path in output.rglob("*") if path.is_file())


def copy_for_learning(output: Path = ROOT / "my_work", *, chapters: Sequence[Path] | None = None) -> list[Path]:
    """Put the student's notebooks into a folder to work in; what is there already is somebody's work, and stays.

    Returns:
        The notebooks that are new.
    """
    paths = numbered(CHAPTERS) if chapters is None else list(chapters)
    new = {output / path.name: path for path in paths if not (output / path.name).exists()}
    for target, path in new.items():
        _write(target, student_notebook(path))
    return list(new)


def student_notebook(path: Path) -> NotebookNode:
    """A chapter without solutions, for a folder beside ``chapters``; links between chapters stay as they are."""
    notebook = _read(path)
    cut(notebook)
    return notebook


def source_notebook(path: Path, chapters: Sequence[Path]) -> NotebookNode:
    """A chapter with its solutions, marked for nbgrader; links lead to folders beside its own.

    Args:
        path: the chapter.
        chapters: those that links can lead to. Other links within the repository lead nowhere in a class and become
            text.
    """
    notebook = _read(path)
    mark_cells(notebook)
    stems = {chapter.name: chapter.stem for chapter in chapters}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(lambda link: _led(link, stems), cell.source)
    return notebook


def _led(link: re.Match[str], stems: dict[str, str]) -> str:
    """A link of a chapter as it must be in a folder of its own."""
    text, target, anchor = link[1], link[2], link[3] or ""
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return link[0]
    if target in stems:
        return f"[{text}](../{stems[target]}/{target}{anchor})"
    return text


def _release(folder: Path, names: Sequence[str]) -> None:
    """Let nbgrader cut ``source`` into ``release``, and keep in its gradebook what is worth how many points."""
    settings = course_settings()
    settings.CourseDirectory.root = str(folder.resolve())
    with own_programs():
        for name in names:
            settings.CourseDirectory.assignment_id = name
            result = capture_log(GenerateAssignment(coursedir=CourseDirectory(config=settings), config=settings))
            if not result["success"]:
                reason = " ".join((result.get("error") or result.get("log") or "").split())[-300:]
                raise ValueError(f"expected nbgrader to cut the solutions out of {name}, but it failed: {reason}")


@contextmanager
def own_programs() -> Iterator[None]:
    """Programs of this environment come first: nbgrader calls ``alembic``, also where the environment is not active."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _check_ours(output: Path) -> None:
    """Refuse a file, and a folder that holds what no build has put there."""
    if output.exists() and not output.is_dir():
        raise ValueError(f"expected a folder to build into, but {output} is a file; name another place")
    others = sorted(path.name for path in output.glob("*") if path.name not in OURS)
    if others:
        raise ValueError(f"{output} holds {others[0]}, which no build put there; move it away, or build elsewhere")


def _read(path: Path) -> NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise ValueError(f"expected a chapter, but {path} does not exist; check the spelling") from None


def _write(path: Path, notebook: NotebookNode) -> None:
    with atomic_path(path) as part:
        nbformat.write(notebook, part)
