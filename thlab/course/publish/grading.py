"""What nbgrader needs to know of a chapter: which cells are answered, which are graded, and how answers are cut out."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.converters.generate_assignment import GenerateAssignment
from nbgrader.preprocessors import ClearOutput, ClearSolutions, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets.config import Config

from thlab.course.publish.exercises import exercises
from thlab.course.solutions import BEGIN, END

COURSE = "thlab"
"""nbgrader's name of the course, in its exchange and its gradebook."""
STUB = "# Your turn: write the answer here, in place of the next line.\nraise NotImplementedError"
POINTS = 1.0
"""Of one exercise."""
SECONDS_PER_CELL = 300
"""The longest that a cell of a submission may run; nbgrader's own 30 s are short for a slow or a busy machine."""


class ClearAnswers(NbGraderPreprocessor):
    """Clears the outputs of answers and of checks, and keeps all others: the page still reads without a kernel."""

    def preprocess_cell(self, cell: NotebookNode, resources: Any, cell_index: int) -> tuple[NotebookNode, Any]:
        """nbgrader's door, called for every cell."""
        cell.metadata.pop("execution", None)  # when it ran, to the microsecond, on the author's machine
        if is_solution(cell) or is_grade(cell):
            cell.outputs, cell.execution_count = [], None
        return cell, resources


def mark_cells(notebook: NotebookNode) -> None:
    """Tell nbgrader what is what, in place: cells with a solution are answers, checks are locked and graded.

    Ids come from the name of the check: ``answer-mel_to_hz`` and ``check-mel_to_hz``. An exercise is worth one point,
    shared evenly by its checks if there are several. A check passes or fails, so half of an answer earns nothing.

    Raises:
        ValueError: a chapter is not as ``exercises`` wants it, or one check is called twice.
    """
    used: set[str] = set()
    for exercise in exercises(notebook):
        names = list(exercise.checks)
        if not used.isdisjoint(names):
            raise ValueError(f"exercise {exercise.number} is checked by {names}, but names are used once; rename it")
        used.update(names)
        for number, cell in enumerate(exercise.answers, 1):
            cell.metadata["nbgrader"] = _about(f"answer-{names[0]}" + (f"-{number}" if number > 1 else ""), answer=True)
        for name, cell in exercise.checks.items():
            cell.metadata["nbgrader"] = _about(f"check-{name}") | {"points": POINTS / len(names)}


def _about(grade_id: str, *, answer: bool = False) -> dict[str, Any]:
    """What nbgrader keeps with a cell, by its schema 3."""
    return {
        "cell_type": "code",
        "grade": not answer,
        "grade_id": grade_id,
        "locked": not answer,
        "schema_version": 3,
        "solution": answer,
        "task": False,
    }


def course_settings() -> Config:
    """How nbgrader makes, runs and grades this course: what a ``nbgrader_config.py`` merges into its own settings."""
    settings = Config()
    settings.CourseDirectory.course_id = COURSE
    steps = GenerateAssignment().preprocessors
    settings.GenerateAssignment.preprocessors = [ClearAnswers if step is ClearOutput else step for step in steps]
    settings.ClearSolutions.code_stub = {"python": STUB}
    settings.ClearSolutions.begin_solution_delimeter = BEGIN
    settings.ClearSolutions.end_solution_delimeter = END
    settings.Execute.timeout = SECONDS_PER_CELL
    return settings


def cut(notebook: NotebookNode) -> None:
    """Cut the solutions out and clear what they made, in place, as nbgrader does it for a release; leaves no marks."""
    mark_cells(notebook)
    for step in (ClearSolutions(config=course_settings()), ClearAnswers()):
        step.preprocess(notebook, {})
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
