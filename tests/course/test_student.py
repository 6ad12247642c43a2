"""The student's release: nothing of a solution is in it, all else is, and nbgrader gives it the points it earned."""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
from html import unescape
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from course.hygiene import links_to_what_is_there
from course.notebooks import CHAPTERS, read_notebook, solutions, stubs
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from thlab.course import ROOT
from thlab.course.checks import ch00
from thlab.course.checks.base import WrongAnswer
from thlab.course.publish import student
from thlab.course.publish.exercises import exercises
from thlab.course.publish.grading import ClearAnswers, course_settings, cut, mark_cells
from thlab.course.solutions import BEGIN, END

NAMES = sorted(path.stem for path in CHAPTERS.glob("[0-9]*.ipynb"))
NOT_YET = "raise NotImplementedError"
HALF, WHOLE = "00_your_first_talking_head", "02_from_sound_to_mfcc"
"""The quick chapters to run: one with an even number of points, and the quickest."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("student") / "course"
    student.build_student(folder)
    return folder


def read(course: Path, kind: str, name: str) -> NotebookNode:
    place = course / kind / f"{name}.ipynb" if kind == "notebooks" else course / kind / name / f"{name}.ipynb"
    return nbformat.read(place, as_version=4)


def marks(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The cells that nbgrader knows, by their ids."""
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}


def solution_lines(name: str) -> set[str]:
    """Lines that stand in solutions, and nowhere in the rest of the chapter."""
    inside: set[str] = set()
    outside: set[str] = set()
    for cell in read_notebook(f"{name}.ipynb").cells:
        within = False
        for line in (line.strip() for line in cell.source.splitlines()):
            within = (within or BEGIN in line) and END not in line
            (inside if within and BEGIN not in line else outside).add(line)
    return inside - outside


@pytest.mark.parametrize("kind", ["release", "notebooks"])
@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_a_solution_is_left(course: Path, name: str, kind: str):
    lines = solution_lines(name)
    assert len(lines) >= 10
    left = read(course, kind, name)
    assert lines.isdisjoint(line.strip() for cell in left.cells for line in cell.source.splitlines())
    text = json.dumps(left, ensure_ascii=False)  # outputs, too
    assert [line for line in lines if len(line) > 25 and json.dumps(line, ensure_ascii=False)[1:-1] in text] == []


@pytest.mark.parametrize("kind", ["release", "notebooks"])
@pytest.mark.parametrize("name", NAMES)
def test_every_answer_is_a_stub_that_invites(course: Path, name: str, kind: str):
    whole, release = read_notebook(f"{name}.ipynb"), read(course, kind, name)
    answers = [cell for exercise in exercises(whole) for cell in exercise.answers]
    stubs = [cell for cell in release.cells if NOT_YET in cell.source]
    assert len(stubs) == len(answers) > 0
    for stub, answer in zip(stubs, answers, strict=True):
        head, _, _ = answer.source.partition(f"    {BEGIN}")
        assert stub.source == f"{head}    # Your turn: write the answer here, in place of the next line.\n    {NOT_YET}"


@pytest.mark.parametrize("kind", ["release", "notebooks"])
@pytest.mark.parametrize("name", NAMES)
def test_only_answers_and_checks_lose_their_outputs(course: Path, name: str, kind: str):
    for whole, left in zip(read_notebook(f"{name}.ipynb").cells, read(course, kind, name).cells, strict=True):
        if whole.cell_type != "code":
            continue
        if BEGIN in whole.source or re.match(r"checks\.", whole.source):
            assert (left.outputs, left.execution_count) == ([], None)
        else:
            assert (left.source, left.outputs) == (whole.source, whole.outputs)


@pytest.mark.parametrize("name", NAMES)
def test_a_release_is_hardly_smaller_than_its_chapter(course: Path, name: str):
    before = (CHAPTERS / f"{name}.ipynb").stat().st_size
    for kind in ("source", "release", "notebooks"):
        assert 0.9 * before < len(nbformat.writes(read(course, kind, name)).encode()) < 1.02 * before


@pytest.mark.parametrize("name", NAMES)
def test_checks_are_locked_and_worth_a_point_an_exercise(course: Path, name: str):
    known = marks(read(course, "release", name))
    asked = exercises(read_notebook(f"{name}.ipynb"))
    checks = {f"check-{check}" for exercise in asked for check in exercise.checks}
    assert set(known) == checks | {f"answer-{check.removeprefix('check-')}" for check in checks}
    assert sum(known[check].metadata.nbgrader.points for check in checks) == len(asked)
    for grade_id, cell in known.items():
        assert cell.metadata.get("editable", True) == (grade_id not in checks)
        assert cell.metadata.nbgrader.locked == (grade_id in checks)
        assert cell.metadata.deletable is False


@pytest.mark.parametrize("name", NAMES)
def test_links_of_a_release_lead_to_its_neighbours(course: Path, name: str):
    release = read(course, "release", name)
    assert links_to_what_is_there(release, course / "release" / name) == []
    assert f"](../{NAMES[(NAMES.index(name) or 2) - 1]}/" in "".join(cell.source for cell in release.cells)


@pytest.mark.parametrize("name", NAMES)
def test_links_of_the_plain_notebooks_lead_to_each_other(course: Path, name: str):
    assert links_to_what_is_there(read(course, "notebooks", name), course / "notebooks") == []


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ("[a](01_b.ipynb)", "[a](../01_b/01_b.ipynb)"),
        ("[a](01_b.ipynb#There)", "[a](../01_b/01_b.ipynb#There)"),
        ("[a](#Here)", "[a](#Here)"),
        ("[a](https://x.org/01_b.ipynb)", "[a](https://x.org/01_b.ipynb)"),
        ("see [the deck](../slides/01_b.ipynb).", "see the deck."),
        ("[later](07_c.ipynb)", "later"),
        ("![a face](../docs/talk.jpg)", "a face"),
    ],
)
def test_a_link_becomes_what_a_folder_of_its_own_needs(tmp_path: Path, link: str, becomes: str):
    path = tmp_path / "00_a.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell(link), *exercise()]), path)
    assert student.source_notebook(path, [Path("01_b.ipynb")]).cells[0].source == becomes


def exercise(number: int = 1, check: str = "one") -> list[NotebookNode]:
    effort = "Difficulty ●●○○○ · Importance ●●●○○ · at most 7 minutes"
    answer = f"def one():\n    {BEGIN}\n    return 1\n    {END}"
    ask = new_markdown_cell(f"### Exercise {number}: one\n\n{effort}")
    return [ask, new_code_cell(answer), new_code_cell(f"checks.ch00.{check}(one)")]


def test_an_exercise_says_what_it_asks():
    (found,) = exercises(new_notebook(cells=exercise()))
    assert (found.title, found.difficulty, found.importance, found.minutes) == ("one", 2, 3, 7)
    assert list(found.checks) == ["one"]


def test_two_checks_of_one_exercise_share_its_point():
    notebook = new_notebook(cells=[*exercise(), new_code_cell("checks.ch00.two(one)")])
    mark_cells(notebook)
    assert [marks(notebook)[f"check-{name}"].metadata.nbgrader.points for name in ("one", "two")] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (exercise()[:2], "has no check"),
        (exercise()[::2], "has no solution"),
        ([new_markdown_cell("### Exercise 1: one"), *exercise()[1:]], "has no line 'Difficulty"),
        ([exercise()[0], new_code_cell(f"def one():\n    {BEGIN}\n    return 1"), exercise()[2]], "does not end"),
        ([*exercise(), new_markdown_cell("## Break it"), exercise()[1]], "outside of all exercises"),
        ([*exercise(1), *exercise(2)], "names are used once"),
    ],
)
def test_a_chapter_that_cannot_be_graded_is_refused(cells: list[NotebookNode], message: str):
    with pytest.raises(ValueError, match=message):
        mark_cells(new_notebook(cells=cells))


def test_the_same_cut_by_nbgrader_and_by_ours(course: Path):
    for name in NAMES:
        ours = [cell.source for cell in read(course, "notebooks", name).cells if cell.cell_type == "code"]
        assert ours == [cell.source for cell in read(course, "release", name).cells if cell.cell_type == "code"]
        assert not any({"nbgrader", "deletable"} & set(cell.metadata) for cell in read(course, "notebooks", name).cells)


def test_when_a_cell_ran_is_nobodys_business():
    cell = new_code_cell("1", metadata={"execution": {"iopub.execute_input": "2026"}})
    assert ClearAnswers().preprocess_cell(cell, {}, 0)[0].metadata == {}


def test_a_build_takes_the_place_of_an_older_one_as_a_whole(course: Path):
    (course / "release" / "old").mkdir()
    written = student.build_student(course, chapters=[CHAPTERS / f"{name}.ipynb" for name in NAMES])
    assert not (course / "release" / "old").exists()
    assert sorted(path for path in course.rglob("*") if path.is_file()) == written
    assert [path.name for path in course.parent.iterdir()] == ["course"]


@pytest.mark.parametrize("theirs", ["submitted", "autograded", "thesis.txt"])
def test_a_folder_with_somebodys_work_is_never_replaced(tmp_path: Path, theirs: str):
    (tmp_path / theirs).mkdir()
    with pytest.raises(ValueError, match=theirs):
        student.build_student(tmp_path, chapters=[])
    assert [path.name for path in tmp_path.iterdir()] == [theirs]


def test_a_failed_build_leaves_the_older_one(course: Path, tmp_path: Path):
    before = {path: path.stat().st_mtime_ns for path in course.rglob("*")}
    broken = tmp_path / "00_broken.ipynb"
    nbformat.write(new_notebook(cells=exercise()[:2]), broken)
    with pytest.raises(ValueError, match="has no check"):
        student.build_student(course, chapters=[broken])
    assert {path: path.stat().st_mtime_ns for path in course.rglob("*")} == before
    assert [path.name for path in course.parent.iterdir()] == ["course"]


def test_what_nbgrader_refuses_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "00_a.ipynb"
    nbformat.write(new_notebook(cells=exercise()), path)
    monkeypatch.setattr(student, "source_notebook", lambda path, chapters: new_notebook(cells=exercise()))  # no marks
    with pytest.raises(ValueError, match="out of 00_a, but it failed: ") as refused:
        student.build_student(tmp_path / "course", chapters=[path])
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "course").exists()


def test_a_chapter_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match="77_nothing"):
        student.build_student(tmp_path / "course", chapters=[tmp_path / "77_nothing.ipynb"])


def test_learners_get_what_they_have_not_and_keep_what_they_have(tmp_path: Path):
    mine = tmp_path / f"{HALF}.ipynb"
    mine.write_text("my work")
    new = student.copy_for_learning(tmp_path)
    assert [path.stem for path in new] == [name for name in NAMES if name != HALF]
    assert mine.read_text() == "my work"
    assert student.copy_for_learning(tmp_path) == []
    assert sorted(path.stem for path in tmp_path.iterdir()) == NAMES


def test_no_notebook_needs_the_folder_it_lies_in():
    """A file named by a relative path is found from one folder only; chapters go through ROOT or a temporary folder."""
    for name in NAMES:
        code = "\n".join(cell.source for cell in read_notebook(f"{name}.ipynb").cells if cell.cell_type == "code")
        assert not re.search(r"""(?<!/ )\b(?:open|Path|read_\w+)\(\s*["']|getcwd|chdir|["']\.\.?/""", code)


def filled(course: Path, name: str, answers: dict[str, str]) -> NotebookNode:
    """A release with answers pasted in, whole cells by their ids."""
    notebook = read(course, "release", name)
    for grade_id, source in answers.items():
        marks(notebook)[grade_id].source = source
    return notebook


def solved(course: Path, name: str) -> dict[str, str]:
    """Every answer of the instructor's."""
    known = marks(read(course, "source", name))
    return {grade_id: cell.source for grade_id, cell in known.items() if grade_id.startswith("answer-")}


@pytest.mark.parametrize("name", NAMES)
def test_with_its_solutions_pasted_back_a_release_is_the_chapter(course: Path, name: str):
    whole = filled(course, name, solved(course, name))
    assert [cell.source for cell in whole.cells] == [cell.source for cell in read(course, "source", name).cells]
    chapter = read_notebook(f"{name}.ipynb").cells
    assert [cell.source for cell in whole.cells if cell.cell_type == "code"] == [
        cell.source for cell in chapter if cell.cell_type == "code"
    ]


@pytest.fixture
def course_copy(course: Path, tmp_path: Path) -> Path:
    """A course folder for submissions, as an instructor makes one."""
    return Path(shutil.copytree(course, tmp_path / "course"))


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a class: no solutions offered; one thread, for others work too."""
    monkeypatch.setenv("THLAB_SOLUTIONS", "off")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def graded(course: Path, name: str, who: str, notebook: NotebookNode) -> SimpleNamespace:
    """What nbgrader makes of a submission: points by check, the total, the notebook as it ran, the feedback page."""
    place = course / "submitted" / who / name
    place.mkdir(parents=True)
    nbformat.write(notebook, place / f"{name}.ipynb")
    settings = course_settings()
    settings.CourseDirectory.root = str(course)
    settings.Exchange.root = str(course.parent)
    with student.own_programs():
        grader = NbGraderAPI(CourseDirectory(config=settings), config=settings)
        for step in (grader.autograde, grader.generate_feedback):
            result = step(name, who)
            assert result["success"], result
        with grader.gradebook as book:
            submission = book.find_submission(name, who)
            points = {grade.name: grade.score for part in submission.notebooks for grade in part.grades}
            score, most = submission.score, submission.max_score
    ran = nbformat.read(course / "autograded" / who / name / f"{name}.ipynb", as_version=4)
    page = (course / "feedback" / who / name / f"{name}.html").read_text(encoding="utf-8")
    return SimpleNamespace(points=points, score=score, most=most, notebook=ran, page=unescape(page))


def late_by_mirror(given, wanted, most: int = 6) -> int:
    """The usual mistake: which of the two is late is mixed up."""

    def agreement(shift: int) -> float:
        first, second = given[max(0, -shift) :], wanted[max(0, shift) :]
        frames = len(wanted) - abs(shift)
        return np.corrcoef(first[:frames], second[:frames])[0, 1]

    return max(range(-most, most + 1), key=agreement)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
@pytest.mark.usefixtures("alone")
def test_a_submission_that_is_partly_right_gets_points_for_that_part_and_is_told_why(course_copy: Path):
    answers = solved(course_copy, HALF)
    del answers["answer-loudness_mouth"]
    answers["answer-lag"] = inspect.getsource(late_by_mirror).replace("late_by_mirror", "lag")
    submission = filled(course_copy, HALF, answers)
    marks(submission)["check-loudness_mouth"].source = "print('all laws hold')"  # a cheat that nbgrader undoes
    half = graded(course_copy, HALF, "half", submission)
    points = {"check-belongs": 1, "check-retarget": 1, "check-lag": 0, "check-loudness_mouth": 0, "check-verdict": 1}
    assert half.points == points
    assert (half.score, half.most) == (3, 5)
    with pytest.raises(WrongAnswer) as wrong:
        ch00.lag(late_by_mirror)
    assert "broken law" in str(wrong.value)
    assert str(wrong.value) in half.page
    assert "a mouth of loudness: not written yet" in half.page
    assert all("/mathjax/" in address for address in re.findall(r'(?:src|href)="((?:https?:)?//[^"]+)"', half.page))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
@pytest.mark.usefixtures("alone")
def test_a_whole_submission_gets_all_points_and_runs_as_the_chapter_does(course_copy: Path):
    whole = graded(course_copy, WHOLE, "whole", filled(course_copy, WHOLE, solved(course_copy, WHOLE)))
    assert (whole.score, whole.most) == (5, 5)
    outputs = [output for cell in whole.notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert quoted(whole.notebook) == quoted(read_notebook(f"{WHOLE}.ipynb")) != {}


def quoted(notebook: NotebookNode) -> dict[str, str]:
    """The printed outputs that the prose quotes."""
    cells = [cell for cell in notebook.cells if "# NBVAL_CHECK_OUTPUT" in cell.source]
    return {cell.source: "".join(output.get("text", "") for output in cell.outputs) for cell in cells}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
@pytest.mark.usefixtures("alone")
def test_an_untouched_submission_gets_nothing(course_copy: Path):
    empty = graded(course_copy, WHOLE, "empty", read(course_copy, "release", WHOLE))
    assert (empty.score, empty.most) == (0, 5)
    assert empty.page.count("not written yet") >= 5


NEEDS = {"mel_triangles": "mel_to_hz"}
"""Answers that call another answer. The instructor's page says so."""


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_needs_no_other_exercise(shown, name: str):
    checks = import_module(f"thlab.course.checks.ch{name[:2]}")
    names = [check for exercise in exercises(read_notebook(f"{name}.ipynb")) for check in exercise.checks]
    left_open = stubs(f"{name}.ipynb")
    for check in names:
        answer = getattr(solutions(f"{name}.ipynb"), check)
        others = {other: getattr(left_open, other) for other in names if other not in (check, NEEDS.get(check))}
        answer.__globals__.update(others)
        getattr(checks, check)(answer)
    assert len(shown) == len(names)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_for_instructors_says_what_the_chapters_say(name: str):
    page = (ROOT / "book" / "instructors.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\|[^|\n]*chapters/{name}\.ipynb\).*$", page, re.MULTILINE)
    reading, count, most = re.findall(r"\| (\d+)(?: min)? (?=\|)", row.partition("45 min")[2])[:3]
    chapter = read_notebook(f"{name}.ipynb")
    asked = exercises(chapter)
    assert (int(count), int(most)) == (len(asked), sum(exercise.minutes for exercise in asked))
    says = re.search(r"[Rr]eading[^\n]*?(\d+) min", chapter.cells[0].source)
    assert says
    assert reading == says[1]


def test_nbgrader_is_found_where_the_environment_is_not_active(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with student.own_programs():
        assert os.environ["PATH"].endswith(f"bin{os.pathsep}/nowhere")
    assert os.environ["PATH"] == "/nowhere"


def test_cutting_leaves_the_chapter_on_disk_alone():
    path = CHAPTERS / f"{HALF}.ipynb"
    before = path.read_bytes()
    student.student_notebook(path)
    assert path.read_bytes() == before


def test_cutting_an_uncut_notebook_cuts_it():
    notebook = new_notebook(cells=exercise())
    cut(notebook)
    assert BEGIN not in notebook.cells[1].source
