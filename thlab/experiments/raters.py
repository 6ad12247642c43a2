"""Raters who do not exist: seeded people with a mood, a taste and a tired hand, to plan and to test studies with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from thlab.experiments.study.answers import Given, Sheet
from thlab.experiments.study.plan import Plan

LOWEST, HIGHEST, MIDDLE = 1, 5, 3

Quality = Float[np.ndarray, "systems contents"]
"""What the clips are worth, on the scale from 1 to 5."""
Ratings = Float[np.ndarray, "raters systems contents"]


@dataclass(frozen=True)
class Crowd:
    """How simulated raters are drawn; all spreads are standard deviations in points of the scale.

    A rating is ``middle + use × (quality − middle) + bias + taste + noise``, rounded and kept within 1 to 5. The
    defaults are assumed, not measured; the noise is of the size that Janowski & Pinson 2015 report: what one subject
    answers to one clip spreads over about half of the scale.
    """

    raters: int = 24
    bias: float = 0.4
    """How much milder or stricter than others a rater is, for everything."""
    use: float = 0.2
    """Spread of the logarithm of how much of the scale a rater uses."""
    taste: float = 0.35
    """How much a rater likes a system more or less than others do."""
    content: float = 0.18
    """How much a system is better or worse on a content than on the whole; the same for all raters."""
    noise: float = 0.7
    """How much a rater differs from himself."""
    lazy: int = 0
    """How many of them, the first ones, always answer 3."""
    clickers: int = 0
    """How many of them, the next ones, click anywhere."""

    def __post_init__(self) -> None:
        if self.raters < 1 or not 0 <= self.lazy + self.clickers <= self.raters or min(self.lazy, self.clickers) < 0:
            raise ValueError(f"expected at least one rater, and at most as many lazy ones and clickers, got {self}")
        if min(self.bias, self.use, self.taste, self.content, self.noise) < 0:
            raise ValueError(f"expected spreads of 0 or more, got {self}")


def rate(quality: Quality, crowd: Crowd, *, seed: int) -> Ratings:
    """What a crowd answers.

    Args:
        quality: of every system on every content, before ``crowd.content`` is added.
        crowd: who rates.
        seed: of people, contents and noise.

    Chapter 16.
    """
    rng = np.random.default_rng(seed)
    shape = (crowd.raters, *quality.shape)
    worth = quality + crowd.content * rng.standard_normal(quality.shape)
    use = np.exp(crowd.use * rng.standard_normal((crowd.raters, 1, 1)))
    bias = crowd.bias * rng.standard_normal((crowd.raters, 1, 1))
    taste = crowd.taste * rng.standard_normal((*shape[:2], 1))
    felt = MIDDLE + use * (worth - MIDDLE) + bias + taste + crowd.noise * rng.standard_normal(shape)
    ratings = np.clip(np.round(felt), LOWEST, HIGHEST)
    ratings[: crowd.lazy] = MIDDLE
    clicked = slice(crowd.lazy, crowd.lazy + crowd.clickers)
    ratings[clicked] = rng.integers(LOWEST, HIGHEST + 1, ratings[clicked].shape)
    return ratings


def attend(plan: Plan, quality: Mapping[str, float], crowd: Crowd, *, seed: int) -> list[Sheet]:
    """Let a crowd take part in a study: the sheets that its page would have saved.

    Careful raters pass the checks, and answer repeated clips within their noise; lazy ones and clickers do not listen
    to checks, and answer in a quarter of a second.

    Args:
        plan: the study.
        quality: by system, what it is worth.
        crowd: who takes part; as many of the planned orders are used, from the first.
        seed: of everything that is random.

    Raises:
        ValueError: a system of the plan has no quality.
    """
    missing = sorted(set(plan.systems) - quality.keys())
    if missing:
        raise ValueError(f"expected a quality for every system, but there is none for {', '.join(missing)}")
    worth = np.array([[float(quality[system])] * len(plan.contents) for system in plan.systems])
    ratings = rate(worth, crowd, seed=seed)
    rng = np.random.default_rng((seed, 1))
    return [_sheet(plan, number, ratings[number], crowd, rng) for number in range(crowd.raters)]


def _sheet(
    plan: Plan, number: int, ratings: Float[np.ndarray, "systems contents"], crowd: Crowd, rng: np.random.Generator
) -> Sheet:
    """What one rater saves."""
    careful = number >= crowd.lazy + crowd.clickers
    rows = {}
    for place, code in enumerate(plan.order(number + 1), 1):
        shown = plan.by_code[code]
        if shown.kind == "check":
            rating = float(shown.answer or MIDDLE) if careful else _careless(number, crowd, rng)
        else:
            rating = float(ratings[plan.systems.index(shown.system), plan.contents.index(shown.content)])
            again = shown.kind == "repeat" and careful
            rating = float(np.clip(rating + (rng.integers(-1, 2) if again else 0), LOWEST, HIGHEST))
        seconds = float(rng.gamma(4.0, 0.5)) if careful else float(rng.uniform(0.1, 0.25))
        rows[code] = Given(place, rating, round(seconds, 2), 1)
    return Sheet(str(number + 1), f"simulated-{number + 1}", rows)


def _careless(number: int, crowd: Crowd, rng: np.random.Generator) -> float:
    return float(MIDDLE if number < crowd.lazy else rng.integers(LOWEST, HIGHEST + 1))
