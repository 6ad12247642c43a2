"""Checks of chapter 16: raters' scores, intervals over raters and clips, agreement, how many raters, and patterns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from thlab.course.checks.base import exercise, expect, expect_any_layout, expect_close, expect_shape
from thlab.metrics.opinion import Components, alpha_of
from thlab.metrics.opinion import raters_needed as enough_raters
from thlab.metrics.opinion import z_scores as scores_of

NAN = float("nan")
Table = Float[np.ndarray, "raters clips"]
Means = Callable[[Table, int, np.random.Generator], Float[np.ndarray, "draws"]]


@exercise("z-scores")
def z_scores(answer: Callable[[Table], Table]) -> None:
    """Each rater's ratings less the rater's mean, over the rater's standard deviation; NaN stays, no spread gives 0."""
    rng = np.random.default_rng(0)
    worth = rng.normal(3, 1, 7)
    table = np.array([worth, 0.5 * worth + 1.2, 2 * worth - 3])
    kept = table.copy()
    got = answer(table)
    expect_shape(got, (3, 7), law="a table comes out, as large as the one that went in")
    expect_close(got.mean(1), np.zeros(3), law="every rater's scores have mean 0", hint="a mean for each rater: axis 1")
    expect_close(
        got.std(1),
        np.ones(3),
        law="every rater's scores have standard deviation 1",
        hint="divide by each rater's own spread, as np.std gives it, which divides by the number of ratings",
    )
    expect_close(got[1:], got[[0, 0]], law="a milder rater, and one who uses more of the scale, get the same scores")
    expect(np.array_equal(table, kept), law="the ratings that came in are left as they were")
    _expect_gaps(answer, table)
    dull = np.vstack([table, np.full((1, 7), 3.0)])
    with np.errstate(all="ignore"):
        got = answer(dull)
    expect_close(got[:3], answer(table), law="what others answered changes nobody's scores")
    expect_close(
        got[3], np.zeros(7), law="who always answers 3 gets 0 for everything", hint="no spread: do not divide by it"
    )
    expect_any_layout(answer, table)


def _expect_gaps(answer: Callable[[Table], Table], table: Table) -> None:
    """Missing ratings stay missing, and do not count."""
    holes = table.copy()
    holes[0, 2] = holes[2, 5] = NAN
    got, wanted = answer(holes), scores_of(holes)
    expect(
        np.array_equal(np.isnan(got), np.isnan(holes)),
        law="a missing rating stays missing, and makes no other one so",
        hint="np.nanmean and np.nanstd pass over NaN",
    )
    expect_close(got[~np.isnan(got)], wanted[~np.isnan(got)], law="missing ratings do not count, not even as 0")


@exercise("draw raters and clips")
def bootstrap_means(answer: Means) -> None:
    """The mean of the table, raters and clips drawn anew with replacement, so many times."""
    rng = np.random.default_rng
    crowd, films = rng(1).normal(0, 1, (24, 1)), rng(2).normal(0, 1, (1, 12))
    flat = np.full((4, 5), 3.0)
    expect_shape(answer(flat, 7, rng(0)), (7,), law="as many means come out as are asked for")
    expect_close(answer(flat, 7, rng(0)), np.full(7, 3.0), law="where all ratings are 3, so are all means")
    only_raters, only_clips = crowd + np.zeros((24, 12)), films + np.zeros((24, 12))
    _expect_spread(answer, only_raters, crowd.std() / 24**0.5, "where only raters differ, means spread as raters do")
    _expect_spread(answer, only_clips, films.std() / 12**0.5, "where only clips differ, means spread as clips do")
    both = (crowd.var() / 24 + films.var() / 12) ** 0.5
    _expect_spread(answer, crowd + films, both, "where both differ, both count")
    noise = rng(3).normal(0, 1, (24, 12))
    wanted = (noise.mean(1).var() / 24 + noise.mean(0).var() / 12 + noise.var() / 24 / 12) ** 0.5
    _expect_spread(answer, noise, wanted, "one draw has the same clips for all of its raters")
    expect(
        np.array_equal(answer(noise, 5, rng(4)), answer(noise, 5, rng(4))),
        law="one seed gives the same means twice",
        hint="draw from the rng that came in",
    )
    expect(
        abs(answer(noise + 4, 500, rng(5)).mean() - (noise + 4).mean()) < 0.05, law="drawn means lie around the mean"
    )


def _expect_spread(answer: Means, table: Table, wanted: float, law: str) -> None:
    """The drawn means spread as they should, to a seventh."""
    spread = float(np.std(answer(table, 3000, np.random.default_rng(0))))
    expect(
        abs(spread / wanted - 1) < 0.14,
        law=f"{law} (expected a spread near {wanted:.3f}, got {spread:.3f})",
        hint="draw rows with replacement, and columns as well: rng.integers(rows, size=rows)",
    )


@exercise("agreement")
def agreement(answer: Callable[[Table], float]) -> None:
    """Krippendorff's α of the interval level: 1 − disagreement within clips over that of any two ratings."""
    rng = np.random.default_rng(3)
    row = rng.integers(1, 6, 9).astype(float)
    same = np.repeat(row[None], 4, 0)
    expect_shape(answer(same), (), law="one number comes out")
    expect_close(answer(same), 1.0, law="raters who agree on everything have 1")
    table = np.clip(same + rng.integers(-1, 2, same.shape), 1, 5)
    expect_close(answer(10 * table + 7), answer(table), law="another unit, or another zero, changes nothing")
    crossed = np.array([[1.0, 5.0], [5.0, 1.0]])
    expect_close(
        answer(crossed), -0.5, law="two raters who contradict each other have −0.5", hint="var with ddof=1, both times"
    )
    expect_close(answer(table), alpha_of(table, level="interval"), law="without gaps it is Krippendorff's α")
    holes = np.where(rng.uniform(size=table.shape) < 0.3, NAN, table)
    expect_close(
        answer(holes),
        alpha_of(holes, level="interval"),
        law="with gaps a clip counts with as many ratings as it has",
        hint="within clips: weigh each clip's variance by the number of its ratings; over all: only ratings that count",
    )
    alone = np.full((4, 1), NAN)
    alone[1] = 5.0
    expect_close(
        answer(np.hstack([holes, alone])),
        alpha_of(holes, level="interval"),
        law="a clip with a single rating is left out",
        hint="it must not count among all ratings either",
    )


@exercise("how many raters?")
def raters_needed(answer: Callable[..., Any]) -> None:
    """The fewest raters that see a difference with a power of 0.8, from three spreads; infinite if none are enough."""
    got = answer(0.5, 20, 0.5, 0.0, 0.0)
    expect_shape(got, (), law="one number comes out")
    expect(
        got == 8,
        law=f"raters who differ by 0.5 and nothing else: (2.802 · 0.5 / 0.5)² = 7.85, so 8 (got {got})",
        hint="the standard error times 2.802 must not exceed the difference, and half a rater is no rater",
    )
    noisy = answer(0.5, 10, 0.0, 0.0, 2.0)
    expect(
        noisy == 13,
        law=f"noise is averaged over raters and clips: 31.4 · 4 / 10 = 12.6, so 13 (got {noisy})",
        hint="its share of the squared standard error is noise² / (raters · clips)",
    )
    expect(
        answer(0.25, 20, 0.5, 0.0, 0.0) == 32,
        law="half the difference takes four times as many raters",
        hint="solve the squared standard error for the number of raters",
    )
    wanted = enough_raters(0.3, clips=20, components=Components(0.5, 0.25, 1.1))
    got = answer(0.3, 20, 0.5, 0.25, 1.1)
    expect(
        got == wanted,
        law=f"with 20 clips a difference of 0.3 takes {wanted} raters (got {got})",
        hint="what clips add, clip² / clips, no rater takes away: subtract it first from what the error may be",
    )
    expect(
        answer(0.3, 4, 0.5, 0.25, 1.1) == np.inf,
        law="with 4 clips no number of raters is enough: infinity",
        hint="when clips alone exceed what the error may be, the formula turns negative",
    )


@exercise("patterns in use")
def patterns_in_use(answer: Callable[[Int[np.ndarray, "frames"]], float]) -> None:
    """The exponential of the entropy of how often each state is used."""
    expect_shape(answer(np.array([2, 2, 5])), (), law="one number comes out")
    expect_close(
        answer(np.zeros(9, int)), 1.0, law="who shows one expression uses 1", hint="the entropy is 0; and then?"
    )
    expect_close(
        answer(np.repeat(np.arange(6), 4)),
        6.0,
        law="six expressions in equal parts are 6",
        hint="logarithm and power must have the same base",
    )
    expect_close(
        answer(np.array([0, 0, 0, 1])),
        np.exp(-(0.75 * np.log(0.75) + 0.25 * np.log(0.25))),
        law="an expression that is hardly used counts less than one",
        hint="it is the entropy of the shares that is asked for, not how many states there are, nor 1 / Σ p²",
    )
    with np.errstate(all="ignore"):
        gaps = answer(np.array([3, 3, 3, 7]))
    expect_close(
        gaps,
        answer(np.array([0, 0, 0, 1])),
        law="which numbers states have does not matter",
        hint="0 · log 0 is NaN: count only states that occur",
    )
    states = np.random.default_rng(0).integers(0, 5, 60)
    expect_close(answer(np.tile(states, 2)), answer(states), law="the same again changes nothing: shares, not counts")
