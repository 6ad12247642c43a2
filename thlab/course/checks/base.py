"""What checks are made of: laws that an answer keeps or breaks, and messages that say which and hint why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from html import escape
from typing import Any

import numpy as np
import torch

from thlab.course.page import Page

_held: ContextVar[list[str]] = ContextVar("laws that held")


class WrongAnswer(AssertionError):
    """A law is broken, or nothing is written yet. A notebook shows it as one line."""

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of a traceback."""
        return [f"✗ {self}"]


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
            with counted(title) as held:
                check(guarded(answer))
            count = len(dict.fromkeys(held))
            text = f"✓ {title}: {'the law holds' if count == 1 else f'all {count} laws hold'}"
            Page(f'<div style="font-weight:bold">{escape(text)}</div>', text).display()

        return checked

    return decorate


@contextmanager
def counted(title: str) -> Iterator[list[str]]:
    """Collect the laws that hold; a broken one is named after the exercise."""
    held: list[str] = []
    token = _held.set(held)
    try:
        yield held
    except WrongAnswer as wrong:
        raise WrongAnswer(f"{title}: {wrong}") from None
    finally:
        _held.reset(token)
    assert held, f"the check of {title!r} expects nothing"


def guarded(answer: Any) -> Any:
    """The answer, which if it is a function says in one line what went wrong in it."""
    if answer is None or answer is ...:
        raise WrongAnswer("not written yet; replace the … by your answer")
    if not callable(answer) or isinstance(answer, type | torch.nn.Module):
        return answer

    @wraps(answer)
    def asked(*arguments: Any, **named: Any) -> Any:
        try:
            result = answer(*arguments, **named)
        except NotImplementedError:
            raise WrongAnswer("not written yet; replace the line that raises NotImplementedError") from None
        except Exception as error:
            where = ", ".join([*map(brief, arguments), *(f"{name}={brief(x)}" for name, x in named.items())])
            message = " ".join(str(error).split())
            raise WrongAnswer(f"it raised {type(error).__name__}: {message} – when called with ({where})") from None
        if result is None or result is ...:
            raise WrongAnswer("not written yet: it returns nothing; end it with return")
        return result

    return asked


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
        ours, theirs = np.asarray(_numbers(wanted), np.float64), np.asarray(_numbers(got), np.float64)
    except (TypeError, ValueError):
        expect(False, law=f"{law} (expected numbers, got {brief(got)})", hint=hint)
        return
    if ours.shape != theirs.shape:
        expect(False, law=f"{law} (expected the shape {ours.shape}, got {theirs.shape})", hint=hint)
    close = np.asarray(np.isclose(theirs, ours, rtol=rtol, atol=atol))
    expect(close.all(), law=law if close.all() else f"{law} ({_first_difference(theirs, ours, close)})", hint=hint)


def _first_difference(got: np.ndarray, wanted: np.ndarray, close: np.ndarray) -> str:
    if got.ndim == 0:
        return f"expected {float(wanted):.5g}, got {float(got):.5g}"
    place = tuple(int(i) for i in np.argwhere(~close)[0])
    where = ", ".join(map(str, place))
    return f"at [{where}] expected {wanted[place]:.5g}, got {got[place]:.5g}"
