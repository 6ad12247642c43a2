"""What checks are made of."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell

from thlab.course import checks
from thlab.course.checks import base
from thlab.course.checks.base import WrongAnswer, brief, exercise, expect, expect_close, expect_shape


@exercise("double it")
def double(answer):
    expect_close(answer(2.0), 4.0, law="twice two is four", hint="add it to itself.")
    expect(answer(np.zeros(3)).sum() == 0, law="twice nothing is nothing")


def test_a_right_answer_is_told_how_many_laws_hold(shown):
    double(lambda x: 2 * x)
    assert repr(shown[0]) == "✓ double it: all 2 laws hold"


def test_a_broken_law_is_named_with_expectation_result_and_hint(shown):
    with pytest.raises(WrongAnswer) as wrong:
        double(lambda x: x**3)
    message = "double it: broken law: twice two is four (expected 4, got 8). Hint: add it to itself."
    assert str(wrong.value) == message
    assert shown == []


def stub(x):
    raise NotImplementedError


@pytest.mark.parametrize("answer", [stub, lambda x: None, lambda x: ..., None, ...])
def test_what_is_not_written_yet_is_called_so(answer):
    with pytest.raises(WrongAnswer, match=r"^double it: not written yet"):
        double(answer)


def test_an_error_is_one_line_with_its_type_message_and_input():
    def broken(x):
        raise IndexError("list\nindex out of range")

    with pytest.raises(WrongAnswer) as wrong:
        double(broken)
    assert str(wrong.value) == "double it: it raised IndexError: list index out of range – when called with (2)"
    assert wrong.value.__cause__ is None
    assert wrong.value.__suppress_context__


def test_a_notebook_shows_one_line_and_no_traceback(capsys: pytest.CaptureFixture):
    shell = InteractiveShell()
    shell.user_ns["double"] = double
    shell.run_cell("double(lambda x: x)")
    out = capsys.readouterr().out.strip()
    assert out == "✗ double it: broken law: twice two is four (expected 4, got 2). Hint: add it to itself."


@pytest.mark.parametrize(
    ("got", "wanted", "message"),
    [
        (np.zeros((2, 3)), np.zeros((3, 2)), r"expected the shape \(3, 2\), got \(2, 3\)"),
        (np.array([1.0, 2.5, 3]), np.array([1.0, 2, 3]), r"at \[1\] expected 2, got 2.5"),
        (torch.tensor([float("nan")]), np.array([1.0]), r"expected 1, got nan"),
        ("four", 4.0, "expected numbers, got 'four'"),
        ([[1], [1, 2]], np.zeros(2), "expected numbers"),
    ],
)
def test_numbers_that_are_not_close_are_refused_with_the_first_that_differs(got, wanted, message):
    with pytest.raises(WrongAnswer, match=message):
        expect_close(got, wanted, law="it fits")


def test_close_numbers_pass_whatever_holds_them():
    expect_close(torch.tensor([1.0, 2.0], requires_grad=True), [1.0, 2.0 + 1e-7], law="it fits")
    expect_close(3, 3.0, law="it fits")
    with pytest.raises(WrongAnswer):  # the same numbers a little further apart, so that the calls above say something
        expect_close(torch.tensor([1.0, 2.0], requires_grad=True), [1.0, 2.01], law="it fits")


def test_shapes_are_compared():
    expect_shape(torch.zeros(2, 3), (2, 3), law="rows and columns")
    with pytest.raises(WrongAnswer, match=r"rows and columns \(expected the shape \(3,\), got \(2,\)\)"):
        expect_shape([1, 2], (3,), law="rows and columns")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros((2, 9)), "array of shape (2, 9)"),
        (torch.ones(2), "tensor [1., 1.]"),
        ("x" * 99, "'" + "x" * 56 + "…"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_inputs_are_told_in_a_few_words(value, words):
    assert brief(value) == words


def test_asking_for_one_chapter_imports_no_other():
    code = (
        "import sys, json; from thlab.course import checks; checks.ch00;"
        "print(json.dumps([m for m in sys.modules if m.startswith('thlab.course.checks.ch')]))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert json.loads(out) == ["thlab.course.checks.ch00"]


def test_checks_of_a_chapter_that_is_not_there_are_refused_in_words():
    with pytest.raises(AttributeError, match="no checks called 'ch99'"):
        _ = checks.ch99


def test_an_earlier_exercise_that_is_missing_is_named():
    with pytest.raises(base.Unanswered, match="double it: not written yet is stub, which it calls; do that first"):
        double(lambda x: stub(x) + x)


class Attempts:
    """A check whose solution is at hand, and what it shows."""

    def __init__(self, shown: list) -> None:
        self.shown = shown

    def wrong(self, answer=lambda x: x) -> None:
        with pytest.raises(WrongAnswer):
            double(answer)

    @property
    def offers(self) -> list[str]:
        return [piece.html for piece in self.shown if "<details" in piece.html]


@pytest.fixture
def attempts(shown, monkeypatch: pytest.MonkeyPatch) -> Attempts:
    solution = "def {}(x):\n    return x + x  # < ch{}"
    monkeypatch.setattr(base, "solution_of", lambda chapter, check: solution.format(check, chapter))
    monkeypatch.setattr(base, "_wrong", base.Counter())
    monkeypatch.delenv(base.SOLUTIONS, raising=False)
    return Attempts(shown)


def test_the_solution_is_offered_after_the_third_wrong_answer_and_not_before(attempts):
    attempts.wrong()
    attempts.wrong(lambda x: 1 / 0)
    assert attempts.offers == []
    attempts.wrong()
    assert len(attempts.offers) == 1
    assert "def double(x):\n    return x + x  # &lt; ch" in attempts.offers[0]
    attempts.wrong()
    assert len(attempts.offers) == 2


def test_a_stub_is_no_attempt(attempts):
    for _ in range(5):
        attempts.wrong(stub)
    assert attempts.offers == []


def test_a_right_answer_begins_anew(attempts):
    attempts.wrong()
    attempts.wrong()
    double(lambda x: 2 * x)
    attempts.wrong()
    assert attempts.offers == []


def test_where_answers_are_graded_no_solution_is_offered(attempts, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(base.SOLUTIONS, "off")
    for _ in range(4):
        attempts.wrong()
    assert attempts.offers == []


def test_without_the_chapters_nothing_is_offered(attempts, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(base, "solution_of", lambda chapter, check: None)
    for _ in range(4):
        attempts.wrong()
    assert attempts.offers == []


def test_complex_numbers_are_compared_whole():
    expect_close(1 + 2j, np.complex64(1 + 2j), law="it fits")
    with pytest.raises(WrongAnswer, match=r"expected 1\+2j, got 1-2j"):
        expect_close(1 - 2j, 1 + 2j, law="it fits")


def test_answers_that_depend_on_the_layout_in_memory_are_found():
    base.expect_any_layout(lambda x: x.sum(), np.arange(4.0))
    with pytest.raises(WrongAnswer, match="a slice of a larger array gets the same answer"):
        base.expect_any_layout(lambda x: x.base[:4].sum() if x.base is not None else x.sum(), np.arange(4.0))


def test_answers_that_lose_double_precision_are_found():
    base.expect_double(lambda x: 2 * x, torch.ones(3))
    with pytest.raises(WrongAnswer, match=r"float64 in, float64 out \(got torch.float32\)"):
        base.expect_double(lambda x: 2 * x.float(), torch.ones(3))
