"""Every exercise of every chapter: its check passes the solution, refuses the stub, and tells wrong answers apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module

import pytest
from course.notebooks import CHAPTERS, solutions, stubs

from thlab.course import checks
from thlab.course.checks.base import Unanswered, WrongAnswer
from thlab.course.solutions import solution_of

ASKED = re.compile(r"\bchecks\.ch(\d\d)\.(\w+)\(")


def asked() -> list[tuple[str, str, str]]:
    """Notebook, number and exercise, for every check that a chapter calls."""
    chapters = sorted(CHAPTERS.glob("[0-9]*.ipynb"))
    return [(path.name, *found) for path in chapters for found in ASKED.findall(path.read_text(encoding="utf-8"))]


def check(number: str, name: str) -> Callable:
    return getattr(getattr(checks, f"ch{number}"), name)


def wrong_answers(number: str, name: str) -> list[Callable]:
    return import_module(f"course.test_ch{number}_checks").WRONG[name]


def complaint(number: str, name: str, answer: Callable) -> str:
    with pytest.raises(WrongAnswer) as wrong:
        check(number, name)(answer)
    return str(wrong.value)


CASES = asked()
NAMES = [f"{number}-{name}" for _, number, name in CASES]
each_exercise = pytest.mark.parametrize(("notebook", "number", "name"), CASES, ids=NAMES)


def test_chapters_call_all_their_checks_and_no_others():
    for number in sorted({number for _, number, _ in CASES}):
        module = getattr(checks, f"ch{number}")
        public = {name: x for name, x in vars(module).items() if not name.startswith("_") and hasattr(x, "__wrapped__")}
        made = {name for name, x in public.items() if x.__module__ == module.__name__}
        assert made == {name for _, n, name in CASES if n == number}


@each_exercise
def test_the_solution_passes(shown, notebook: str, number: str, name: str):
    check(number, name)(getattr(solutions(notebook), name))
    assert "hold" in repr(shown[0])


@each_exercise
def test_the_stub_is_no_answer(notebook: str, number: str, name: str):
    with pytest.raises(Unanswered, match="not written yet"):
        check(number, name)(getattr(stubs(notebook), name))


@each_exercise
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_three_wrong_answers_or_more_have_messages_of_their_own(notebook: str, number: str, name: str):
    answers = wrong_answers(number, name)
    messages = [complaint(number, name, answer) for answer in answers]
    assert len(answers) >= 3
    assert len({re.sub(r"\(.*?\)", "", message) for message in messages}) >= 3
    assert not any("\n" in message for message in messages)


@each_exercise
def test_no_message_gives_the_answer_away(notebook: str, number: str, name: str):
    solution = solution_of(number, name)
    assert solution is not None
    lines = [line.strip() for line in solution.splitlines() if len(line.strip()) > 12 and "def " not in line]
    told = " ".join(complaint(number, name, answer) for answer in wrong_answers(number, name))
    assert not any(line in told for line in lines)


@each_exercise
def test_the_solution_that_is_offered_is_the_one_that_passes(shown, notebook: str, number: str, name: str):
    offered = solution_of(number, name)
    assert offered is not None
    assert "SOLUTION" not in offered
    assert f"def {name}(" in offered
    assert compile(offered, name, "exec").co_names
