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

Statistic = Callable[..., float]
"""From some rows of each track of a measure to its number."""


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
    statistic: Statistic = np.mean

    @property
    def number(self) -> float:
        """The measure over the whole clip."""
        return float(self.statistic(*self.rows))

    def blocks(self) -> list[Int[np.ndarray, "rows"]]:
        """The rows of each second."""
        seconds = self.frames // FPS
        return [np.flatnonzero(seconds == second) for second in np.unique(seconds)]


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
    blocks = measured.blocks()
    if len(blocks) < FEWEST or not math.isfinite(number):
        return Value(number, n=len(blocks))
    rng = np.random.default_rng(seed)
    drawn = [
        measured.statistic(*(row[kept] for row in measured.rows))
        for kept in (np.concatenate([blocks[i] for i in chosen]) for chosen in draws(len(blocks), rng))
    ]
    return Value(number, *interval(drawn), n=len(blocks))


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
    chosen = np.stack(draws(len(numbers), np.random.default_rng(seed)))
    return Value(mean, *interval(np.array(numbers)[chosen].mean(1)), n=len(numbers), why=why)


def has_number(measured: Track | Single | Missing) -> bool:
    """Whether a measure could be taken."""
    return not isinstance(measured, Missing) and not math.isnan(measured.number)


def draws(count: int, rng: np.random.Generator) -> list[Int[np.ndarray, "count"]]:
    """Bootstrap samples of so many things."""
    return list(rng.integers(count, size=(DRAWS, count)))


def interval(drawn: Sequence[float] | Float[np.ndarray, "draws"]) -> tuple[float, float]:
    """The ends that hold 95 % of what was drawn."""
    known = np.asarray(drawn, float)
    known = known[np.isfinite(known)]
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if len(known) else (math.nan, math.nan)
    return float(low), float(high)


# -- statistics -------------------------------------------------------------------------------------------------------


def correlation(one: Float[np.ndarray, "frames"], other: Float[np.ndarray, "frames"]) -> float:
    """Pearson's r; 0 where the first does not move, NaN where the second does not."""
    if other.std() <= 1e-6 * np.abs(other).max(initial=1e-12):
        return math.nan
    if one.std() <= 1e-6 * np.abs(one).max(initial=1e-12):
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def spread_over(one: Float[np.ndarray, "frames"], other: Float[np.ndarray, "frames"]) -> float:
    """Standard deviation over that of the other."""
    return float(one.std() / other.std()) if other.std() > 0 else math.nan


def mean_over(one: Float[np.ndarray, "frames"], other: Float[np.ndarray, "frames"]) -> float:
    """Mean over mean of the other."""
    return float(one.mean() / other.mean()) if other.mean() > 0 else math.nan
