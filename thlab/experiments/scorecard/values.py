"""A number with its interval, or the reason why there is none; and the tracks from which intervals are drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from thlab.timebase import FPS

DRAWS = 1000
"""Bootstrap samples behind an interval."""
LEVEL = 0.95
FEWEST = 3
"""Blocks or clips below which an interval says nothing."""

Sums = Float[np.ndarray, "draws sums"]
"""What a number is computed from, summed over frames; a row a bootstrap sample."""


@dataclass(frozen=True)
class Statistic:
    """How tracks become a number by way of sums over frames, so that a thousand samples of seconds cost little."""

    parts: Callable[..., Float[np.ndarray, "frames sums"]]
    """From the tracks to what is summed."""
    number: Callable[[Sums], Float[np.ndarray, "draws"]]
    """From the sums to the number; NaN where it is not defined."""


@dataclass(frozen=True)
class Value:
    """One cell of a table."""

    mean: float | None
    """None where there is no number."""
    low: float | None = None
    high: float | None = None
    """Ends of the 95 % interval, where there is one."""
    n: int = 0
    """How many seconds, or clips, it rests on."""
    why: str = ""
    """Why there is no number, or no interval."""


@dataclass(frozen=True, eq=False)
class Track:
    """A measure of one clip, frame by frame, so that an interval can be drawn from its seconds."""

    rows: tuple[Float[np.ndarray, "frames *numbers"], ...]
    """What the number is computed from; all of one length."""
    frames: Int[np.ndarray, "frames"]
    """Which frame of the clip each row is of."""
    statistic: Statistic

    @property
    def number(self) -> float:
        """The measure over the whole clip."""
        return float(self.statistic.number(self.statistic.parts(*self.rows).sum(0, keepdims=True))[0])

    def seconds(self) -> Sums:
        """What is summed, second by second."""
        parts, seconds = self.statistic.parts(*self.rows), self.frames // FPS
        return np.stack([parts[seconds == second].sum(0) for second in np.unique(seconds)])


@dataclass(frozen=True)
class Single:
    """A measure of a whole clip, of which no part can be taken."""

    number: float


@dataclass(frozen=True)
class Missing:
    """A measure that could not be taken."""

    why: str


NOT_DEFINED = "it is not defined here: the real clip shows none of what is compared"

Measured = Mapping[str, Track | Single | Missing]
"""Measures of one clip, by name."""


def over_seconds(measured: Track | Single | Missing, *, seed: int = 0) -> Value:
    """The number of one clip; its interval by drawing seconds anew, with replacement.

    Neighbouring frames are alike, so whole seconds are drawn and not frames, which would make intervals too narrow.

    Source: Davison & Hinkley 1997, Sec. 8.2.3 (blocks of a series).
    """
    if isinstance(measured, Missing):
        return Value(None, why=measured.why)
    number = measured.number
    if math.isnan(number):
        return Value(None, why=NOT_DEFINED)
    if isinstance(measured, Single):
        return Value(number, n=1)
    seconds = measured.seconds()
    if len(seconds) < FEWEST or not math.isfinite(number):
        return Value(number, n=len(seconds))
    drawn = seconds[draws(len(seconds), np.random.default_rng(seed))].sum(1)
    return Value(number, *interval(measured.statistic.number(drawn)), n=len(seconds))


def over_clips(measured: Sequence[Track | Single | Missing], *, seed: int = 0) -> Value:
    """The mean over clips; its interval by drawing clips anew, with replacement. Clips without the number are left out.

    Source: Efron & Tibshirani 1993, ch. 13.
    """
    numbers = [one.number for one in measured if not isinstance(one, Missing) and has_number(one)]
    reasons = [one.why if isinstance(one, Missing) else NOT_DEFINED for one in measured if not has_number(one)]
    why = reasons[0] if reasons else ""
    if not numbers:
        return Value(None, why=why)
    mean = float(np.mean(numbers))
    if len(numbers) < FEWEST or not math.isfinite(mean):
        return Value(mean, n=len(numbers), why=why)
    chosen = draws(len(numbers), np.random.default_rng(seed))
    return Value(mean, *interval(np.array(numbers)[chosen].mean(1)), n=len(numbers), why=why)


def has_number(measured: Track | Single | Missing) -> bool:
    """Whether a measure could be taken."""
    return not isinstance(measured, Missing) and not math.isnan(measured.number)


def draws(count: int, rng: np.random.Generator) -> Int[np.ndarray, "draws count"]:
    """Bootstrap samples of so many things."""
    return rng.integers(count, size=(DRAWS, count))


def interval(drawn: Float[np.ndarray, "draws"]) -> tuple[float, float]:
    """The ends that hold 95 % of what was drawn."""
    known = drawn[np.isfinite(drawn)]
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if len(known) else (math.nan, math.nan)
    return float(low), float(high)


# -- statistics -------------------------------------------------------------------------------------------------------

LITTLE = 1e-12
"""Of the squared values: a variance below this share of them is none."""


def _once(*rows: Float[np.ndarray, "frames"]) -> Float[np.ndarray, "frames sums"]:
    """Each track, and a one for each frame."""
    return np.column_stack([*rows, np.ones(len(rows[0]))])


def _twice(one: Float[np.ndarray, "frames"], other: Float[np.ndarray, "frames"]) -> Float[np.ndarray, "frames sums"]:
    """Both tracks around their means, their squares and their product: all that variances and r need."""
    a, b = (row.astype(float) - row.mean() for row in (one, other))
    still = [np.square(row).mean() <= LITTLE * np.square(raw).mean() for row, raw in ((a, one), (b, other))]
    a, b = (0 * row if none else row for row, none in zip((a, b), still, strict=True))
    return np.column_stack([a, b, a * a, b * b, a * b, np.ones(len(a))])


def _variances(sums: Sums) -> tuple[Float[np.ndarray, "draws"], Float[np.ndarray, "draws"], Float[np.ndarray, "draws"]]:
    """Of both tracks, and their covariance."""
    mean_a, mean_b, square_a, square_b, product, _ = (sums / sums[:, -1:]).T
    return np.maximum(square_a - mean_a**2, 0), np.maximum(square_b - mean_b**2, 0), product - mean_a * mean_b


def _r(sums: Sums) -> Float[np.ndarray, "draws"]:
    one, other, both = _variances(sums)
    r = np.divide(both, np.sqrt(one * other), out=np.zeros_like(both), where=(one > 0) & (other > 0))
    return np.where(other > 0, r, np.nan)


def _spread(sums: Sums) -> Float[np.ndarray, "draws"]:
    one, other, _ = _variances(sums)
    return np.sqrt(np.divide(one, other, out=np.full_like(one, np.nan), where=other > 0))


def _share(sums: Sums) -> Float[np.ndarray, "draws"]:
    return np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0)


MEAN = Statistic(_once, _share)
"""Of one track."""
MEAN_OVER = Statistic(_once, _share)
"""Mean over mean of another; NaN where that is 0."""
CORRELATION = Statistic(_twice, _r)
"""Pearson's r; 0 where the first does not move, NaN where the second does not."""
SPREAD_OVER = Statistic(_twice, _spread)
"""Standard deviation over that of the other; NaN where that does not move."""
