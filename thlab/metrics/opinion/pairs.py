"""Is one system better than another? Differences of paired ratings, the signed-rank test, and Holm's correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Float

from thlab.metrics.opinion.intervals import Interval, mean_opinion

Table = Float[np.ndarray, "raters clips"]
"""Ratings of one system; NaN where none was given."""
Numbers = Float[np.ndarray, "pairs"]

LEVEL = 0.05
"""A chance below this speaks against equality."""


@dataclass(frozen=True)
class Comparison:
    """One system against another, rated by the same people on the same contents."""

    first: str
    second: str
    difference: Interval
    """Mean rating of the first less that of the second, where a rater rated both."""
    p_raters: float
    """Signed-rank test over raters: would other raters see it?"""
    p_clips: float
    """Signed-rank test over contents: would it show on other clips?"""
    p: float
    """The larger of both, after Holm's correction for the number of comparisons."""

    @property
    def differs(self) -> bool:
        """Whether it holds for other raters and on other clips: p below 0.05, and an interval without 0.

        Each test by itself takes the clips, or the raters, as given, so that p alone is too quick: in simulated studies
        without a difference it is below 0.05 in 7 of 100. The interval counts both at once; with it, it is 3 of 100.
        """
        return self.p < LEVEL and self.difference.excludes(0)


def compare(systems: Mapping[str, Table], *, seed: int = 0) -> list[Comparison]:
    """Compare every system with every other one.

    Two tests stand for two questions, as in psycholinguistics since Clark 1973: over raters (each gives one mean
    difference) and over clips (likewise). Only what holds for both holds for more than these people or these clips,
    so Holm's correction takes the larger chance. Below 6 clips (or raters) no difference, however large, can be told
    from chance: of 5 pairs all agree with chance 2 / 2⁵ = 0.06.

    Args:
        systems: by name a table; rows are the same raters and columns the same contents in all of them.
        seed: of the intervals.

    Raises:
        ValueError: there are fewer than two systems, their tables differ in shape, or two were never rated by the same
            rater on the same content.

    Chapter 16.
    """
    shapes = {table.shape for table in systems.values()}
    if len(systems) < 2 or len(shapes) != 1:
        raise ValueError(f"expected two systems or more, with tables of one shape, got {len(systems)} of {shapes}")
    found = [_pair((a, systems[a]), (b, systems[b]), seed) for a, b in combinations(systems, 2)]
    corrected = holm([max(pair.p_raters, pair.p_clips) for pair in found])
    return [replace(pair, p=float(p)) for pair, p in zip(found, corrected, strict=True)]


def _pair(first: tuple[str, Table], second: tuple[str, Table], seed: int) -> Comparison:
    differences = first[1] - second[1]
    if not np.isfinite(differences).any():
        raise ValueError(
            f"nobody rated both {first[0]} and {second[0]} on one content, so they cannot be compared; "
            "show each rater all systems"
        )
    by_raters, by_clips = (signed_rank(_means(differences, axis)) for axis in (1, 0))
    return Comparison(first[0], second[0], mean_opinion(differences, seed=seed), by_raters, by_clips, float("nan"))


def _means(differences: Table, axis: int) -> Numbers:
    """Along an axis the mean of what is given, where anything is."""
    given = np.isfinite(differences)
    some = given.any(axis)
    return np.where(given, differences, 0.0).sum(axis)[some] / given.sum(axis)[some]


def signed_rank(differences: Numbers) -> float:
    """Wilcoxon's signed-rank test: how often chance alone would give differences as lopsided, on either side.

    Differences of 0 are left out; the others are ranked by size, equal ones share their rank; the statistic is the sum
    of the ranks of those above 0. If the sign of each were tossed by a coin, what would that sum be? All 2ⁿ tosses are
    counted, by adding one difference after the other to a table of sums, so that the chance is exact, with ties too.

    Args:
        differences: one a rater, or one a clip; NaN is not allowed.

    Returns:
        The chance, two-sided; 1 where no difference is left.

    Raises:
        ValueError: a difference is not finite.

    Source: Wilcoxon 1945, "Individual comparisons by ranking methods". Chapter 16.
    """
    if not np.isfinite(differences).all():
        raise ValueError("expected differences that are finite; leave out pairs of which one rating is missing")
    kept = differences[~np.isclose(differences, 0.0, atol=1e-12)]
    twice = _twice_the_ranks(np.round(np.abs(kept), 12))
    total = int(twice.sum())
    chances = np.zeros(total + 1)
    chances[0] = 1.0
    for rank in twice:
        chances[rank:] = (chances[rank:] + chances[: total + 1 - rank]) / 2
        chances[:rank] /= 2
    seen = int(twice[kept > 0].sum())
    one_sided = min(chances[: seen + 1].sum(), chances[seen:].sum())
    return float(min(1.0, 2 * one_sided))


def _twice_the_ranks(sizes: Numbers) -> np.ndarray:
    """Twice each rank, a whole number even where ranks are shared."""
    smaller: Bool[np.ndarray, "pairs pairs"] = sizes[:, None] > sizes
    equal = sizes[:, None] == sizes
    return 2 * smaller.sum(1) + equal.sum(1) + 1


def holm(chances: Sequence[float]) -> Numbers:
    """Correct the chances of several tests, so that one false alarm among all of them stays below the level.

    The smallest of m is multiplied by m, the next by m − 1, and so on; none falls below one before it, or above 1.

    Raises:
        ValueError: a chance is not between 0 and 1.

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure". Chapter 16.
    """
    values = np.asarray(chances, np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"expected chances between 0 and 1, got {list(chances)}")
    order = values.argsort(kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected
