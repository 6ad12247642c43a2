"""What checks are made of: laws that an answer keeps or breaks, messages that say which and hint why, and after the
third wrong answer the offer to show the solution."""

from __future__ import annotations

import os
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from html import escape
from typing import Any

import numpy as np
import torch

from thlab.course.page import Page
from thlab.course.solutions import solution_of

ATTEMPTS = 3
"""Wrong answers after which the solution is offered; a stub is no answer."""
SOLUTIONS = "THLAB_SOLUTIONS"
"""Environment variable: ``off`` where answers are graded."""
_wrong: Counter[tuple[str, str]] = Counter()
"""Wrong answers by chapter and check, since the kernel was started or the answer was right."""
_held: ContextVar[list[str]] = ContextVar("laws that held")


class WrongAnswer(AssertionError):
    """A law is broken, or nothing is written yet. A notebook shows it as one line."""

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of a traceback."""
        return [f"✗ {self}"]


class Unanswered(WrongAnswer):
    """Nothing is written yet."""


def exercise(title: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Make a check of an exercise.

    The check gets the student's answer, a function or a value, and calls ``expect`` and its kin. What the function
    raises, and results that are missing, become a ``WrongAnswer`` of one line.

    Args:
        title: what the student was asked to do, as in "frame the signal".
    """

    def decorate(check: Callable[[Any], None]) -> Callable[[Any], None]:
        @wraps(check)
        def checked(answer: Any) -> None:
            with attempted(check), counted(title) as held:
                check(guarded(answer))
            count = len(dict.fromkeys(held))
            text = f"✓ {title}: {'the law holds' if count == 1 else f'all {count} laws hold'}"
            Page(f'<div style="font-weight:bold">{escape(text)}</div>', text).display()

        return checked

    return decorate


@contextmanager
def attempted(check: Callable[..., None]) -> Iterator[None]:
    """Count wrong answers to a check, and offer the solution from the third on; a right one begins anew."""
    place = (check.__module__.rpartition(".")[2].removeprefix("ch"), check.__name__)
    try:
        yield
    except Unanswered:
        raise
    except WrongAnswer:
        _wrong[place] += 1
        if _wrong[place] >= ATTEMPTS and os.environ.get(SOLUTIONS) != "off":
            offer(solution_of(*place))
        raise
    del _wrong[place]


def offer(solution: str | None) -> None:
    """Show a line that opens when it is clicked, with the solution in it; nothing where there is none at hand."""
    if solution:
        summary = f"{ATTEMPTS} answers were wrong. Show the solution"
        style = "margin:6px 0;padding:8px 12px;border-left:4px solid #b35806"
        html = f'<details style="{style}"><summary>{summary}</summary><pre>{escape(solution)}</pre></details>'
        Page(html, f"[{summary.lower()}: open the line above it in a notebook]").display()


@contextmanager
def counted(title: str) -> Iterator[list[str]]:
    """Collect the laws that hold; a broken one is named after the exercise."""
    held: list[str] = []
    token = _held.set(held)
    try:
        yield held
    except WrongAnswer as wrong:
        raise type(wrong)(f"{title}: {wrong}") from None
    finally:
        _held.reset(token)
    assert held, f"the check of {title!r} expects nothing"


def guarded(answer: Any) -> Any:
    """The answer, which if it is a function says in one line what went wrong in it."""
    if answer is None or answer is ...:
        raise Unanswered("not written yet; replace the … by your answer")
    if not callable(answer) or isinstance(answer, type | torch.nn.Module):
        return answer

    @wraps(answer)
    def asked(*arguments: Any, **named: Any) -> Any:
        try:
            result = answer(*arguments, **named)
        except NotImplementedError as stub:
            raise Unanswered(_missing(answer, stub)) from None
        except Exception as error:
            where = ", ".join([*map(brief, arguments), *(f"{name}={brief(x)}" for name, x in named.items())])
            message = " ".join(str(error).split())
            raise WrongAnswer(f"it raised {type(error).__name__}: {message} – when called with ({where})") from None
        if result is None or result is ...:
            raise Unanswered("not written yet: it returns nothing; end it with return")
        return result

    return asked


def _missing(answer: Any, stub: NotImplementedError) -> str:
    """What to say of a stub: it may be the answer itself, or an earlier exercise that the answer calls."""
    *_, (frame, _) = traceback.walk_tb(stub.__traceback__)
    if frame.f_code is getattr(answer, "__code__", frame.f_code):
        return "not written yet; replace the line that raises NotImplementedError"
    return f"not written yet is {frame.f_code.co_name}, which it calls; do that first"


def brief(value: Any) -> str:
    """A value in a few words: a shape for arrays, else the beginning of its repr."""
    if isinstance(value, np.ndarray | torch.Tensor):
        kind = "array" if isinstance(value, np.ndarray) else "tensor"
        few = value.size if isinstance(value, np.ndarray) else value.numel()
        if few <= 6:
            return f"{kind} {np.array2string(_numbers(value), precision=4, separator=', ')}"
        return f"{kind} of shape {tuple(value.shape)}"
    if isinstance(value, float):
        return f"{value:.5g}"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _numbers(value: Any) -> np.ndarray:
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    return np.asarray(value)


def expect(condition: Any, *, law: str, hint: str = "") -> None:
    """A law holds, or the answer is wrong.

    Args:
        condition: whether it holds.
        law: what must be so, in words: "silence stays silence".
        hint: the usual mistake, never the answer.

    Raises:
        WrongAnswer: it does not hold.
    """
    if not bool(condition):
        raise WrongAnswer(f"broken law: {law}." + (f" Hint: {hint.rstrip('.')}." if hint else ""))
    _held.get([]).append(law)


def expect_shape(got: Any, shape: tuple[int, ...], *, law: str, hint: str = "") -> None:
    """The answer has a shape; see ``expect``. A plain number has the shape ()."""
    found = tuple(_numbers(got).shape)
    held = found == tuple(shape)
    expect(held, law=law if held else f"{law} (expected the shape {tuple(shape)}, got {found})", hint=hint)


def expect_close(got: Any, wanted: Any, *, law: str, hint: str = "", rtol: float = 1e-4, atol: float = 1e-6) -> None:
    """The answer is close to what is wanted, in shape and in every number; see ``expect``.

    Args:
        got: numbers, an array or a tensor.
        wanted: the same kind.
        rtol: largest difference, as a share of what is wanted …
        atol: … plus this.
    """
    try:
        ours, theirs = _precise(wanted), _precise(got)
    except (TypeError, ValueError):
        expect(False, law=f"{law} (expected numbers, got {brief(got)})", hint=hint)
        return
    if ours.shape != theirs.shape:
        expect(False, law=f"{law} (expected the shape {ours.shape}, got {theirs.shape})", hint=hint)
    close = np.asarray(np.isclose(theirs, ours, rtol=rtol, atol=atol))
    expect(close.all(), law=law if close.all() else f"{law} ({_first_difference(theirs, ours, close)})", hint=hint)


def _precise(value: Any) -> np.ndarray:
    numbers = _numbers(value)
    return np.asarray(numbers, np.complex128 if np.iscomplexobj(numbers) else np.float64)


def _first_difference(got: np.ndarray, wanted: np.ndarray, close: np.ndarray) -> str:
    if got.ndim == 0:
        return f"expected {wanted.item():.5g}, got {got.item():.5g}"
    place = tuple(int(i) for i in np.argwhere(~close)[0])
    where = ", ".join(map(str, place))
    return f"at [{where}] expected {wanted[place]:.5g}, got {got[place]:.5g}"


def expect_any_layout(answer: Callable[..., Any], *arguments: Any) -> None:
    """Arrays that do not lie side by side in memory, as slices of others do, get the same answer; see ``expect``."""
    plain, spread = answer(*arguments), answer(*map(_spread, arguments))
    for ours, theirs in zip(_parts(plain), _parts(spread), strict=True):
        expect_close(
            theirs,
            ours,
            law="a slice of a larger array gets the same answer as a copy of it",
            hint="do not rely on numbers lying side by side in memory: view and as_strided do",
        )


def expect_double(answer: Callable[..., Any], *arguments: Any) -> None:
    """Tensors of double precision give a tensor of double precision, with the same numbers; see ``expect``."""
    doubled = [x.double() if isinstance(x, torch.Tensor) and x.is_floating_point() else x for x in arguments]
    got, plain = answer(*doubled), answer(*arguments)
    found = getattr(got, "dtype", type(got).__name__)
    law = "float64 in, float64 out" if found == torch.float64 else f"float64 in, float64 out (got {found})"
    expect(found == torch.float64, law=law, hint="make new tensors with the dtype of the input")
    expect_close(got, plain, law="double precision changes no result by more than rounding", rtol=1e-3, atol=1e-4)


def _spread(value: Any) -> Any:
    """The same numbers in a larger array, a gap after each and after each row; what is no array is given back."""
    if not isinstance(value, torch.Tensor | np.ndarray) or not value.ndim:
        return value
    rows, last = value.shape[:-1], value.shape[-1]
    larger = [*(length + 1 for length in rows), 2 * last + 1]
    sevens: Any = torch.full if isinstance(value, torch.Tensor) else np.full
    full = sevens(larger, 7, dtype=value.dtype)
    places = (*map(slice, rows), slice(0, 2 * last, 2))
    full[places] = value
    return full[places]


def _parts(result: Any) -> tuple[Any, ...]:
    return tuple(result) if isinstance(result, tuple | list) else (result,)
