"""Which raters do not count: those who did not watch. By what they *did*, never by what they *think*."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from thlab.experiments.study.answers import Sheet
from thlab.experiments.study.plan import Plan

FASTEST = 0.3
"""Seconds: who typically answers sooner after the end of a clip did not choose among five."""
FEWEST = 5
"""Ratings below which equal ones prove nothing."""


@dataclass(frozen=True)
class Rater:
    """One rater, as the report lists them."""

    name: str
    rated: int
    missing: int
    mean: float
    spread: float
    """Standard deviation of the ratings, in points; 0 of one who always answers the same."""
    seconds: float
    """Median from the end of a clip to the answer; NaN where it is not known."""
    checks: str
    """Attention checks passed, of those that were shown: ``2/2``."""
    repeat: float
    """Mean absolute difference between two ratings of one clip; NaN without repeats."""
    reasons: tuple[str, ...]
    """Why this rater is left out; empty if not."""


def screen(plan: Plan, sheets: Sequence[Sheet], *, fastest: float | int = FASTEST) -> list[Rater]:
    """Look at each rater, and say who is to be left out and why.

    Left out is who fails an attention check, who gives five or more clips one and the same rating, who typically
    answers sooner than ``fastest``, and who rated nothing. Nobody is left out for disagreeing with the others: that
    would make agreement look better than it is.

    Args:
        plan: the key.
        sheets: one a rater.
        fastest: seconds after the end of a clip.

    Chapter 16.
    """
    return [_rater(plan, sheet, fastest) for sheet in sheets]


def _rater(plan: Plan, sheet: Sheet, fastest: float | int) -> Rater:
    codes = [item.code for item in plan.of("rated")]
    given = np.array([value for value in map(sheet.rating, codes) if not math.isnan(value)])
    seconds = _median([sheet.rows[code].seconds for code in codes if code in sheet.rows])
    passed, shown = checks_passed(plan, sheet)
    same = len(given) >= FEWEST and bool((given == given[0]).all())
    reasons = {
        "rated nothing": not len(given),
        "failed an attention check": passed < shown,
        f"always answered {given[0]:g}" if same else "": same,
        f"answered within {seconds:.2f} s": seconds < fastest,
    }
    return Rater(
        name=sheet.rater,
        rated=len(given),
        missing=len(codes) - len(given),
        mean=float(given.mean()) if len(given) else math.nan,
        spread=float(given.std()) if len(given) else math.nan,
        seconds=seconds,
        checks=f"{passed}/{shown}",
        repeat=retest(plan, sheet),
        reasons=tuple(reason for reason, holds in reasons.items() if holds),
    )


def checks_passed(plan: Plan, sheet: Sheet) -> tuple[int, int]:
    """How many attention checks were answered as they asked, and how many were answered."""
    answered = [item for item in plan.of("check") if not math.isnan(sheet.rating(item.code))]
    return sum(sheet.rating(item.code) == item.answer for item in answered), len(answered)


def retest(plan: Plan, sheet: Sheet) -> float:
    """How far two ratings of one clip lie apart, on average; NaN where none was rated twice."""
    first = {(item.system, item.content): sheet.rating(item.code) for item in plan.of("rated")}
    twice = [abs(sheet.rating(item.code) - first[item.system, item.content]) for item in plan.of("repeat")]
    known = [apart for apart in twice if not math.isnan(apart)]
    return sum(known) / len(known) if known else math.nan


def _median(seconds: Sequence[float]) -> float:
    known = [value for value in seconds if not math.isnan(value)]
    return median(known) if known else math.nan
