"""How many raters, and how many clips, does it take to see a difference of two systems?"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, isfinite, sqrt
from statistics import NormalDist

import numpy as np
from jaxtyping import Float

from thlab.metrics.opinion.agreement import mean_squares

Table = Float[np.ndarray, "raters clips"]
"""Differences of ratings of two systems on the same contents."""

ALPHA = 0.05
"""Chance of a false alarm, two-sided."""
POWER = 0.8
"""Chance to see a difference that is there, which is commonly asked for."""
MOST_RATERS = 1_000_000


@dataclass(frozen=True)
class Components:
    """Why the difference of two systems differs from rating to rating: three standard deviations, in points of the
    scale. What a rater adds to *all* ratings, and a content to all systems, cancels in a difference and is not here.

    The defaults are an assumption for a first plan, near what :class:`thlab.experiments.raters.Crowd` gives by its
    defaults; estimate yours from a pilot (:func:`components_of`).
    """

    rater: float = 0.5
    """Taste: how much raters differ in how large the difference is."""
    clip: float = 0.25
    """Content: how much clips differ in it."""
    noise: float = 1.1
    """What is left: how much one rater differs from himself. A difference has the noise of two ratings."""

    def __post_init__(self) -> None:
        if not all(0 <= value < inf for value in (self.rater, self.clip, self.noise)):
            raise ValueError(f"expected standard deviations of 0 or more, got {self}")


def components_of(differences: Table) -> Components:
    """Estimate the components from a pilot: differences of two systems, rater by rater and content by content.

    Mean squares of a two-way table are set to what they should be, σ² + clips · σ_rater² and so on; a negative
    variance counts as 0.

    Raises:
        ValueError: a difference is missing, or there are not two raters and two clips.

    Chapter 16.
    """
    raters, clips = differences.shape
    if not np.isfinite(differences).all() or min(raters, clips) < 2:
        raise ValueError(
            f"a pilot needs two raters and two clips, each rated by all, got {raters} × {clips} with "
            f"{int((~np.isfinite(differences)).sum())} missing; leave out who did not finish"
        )
    of_clips, of_raters, rest = mean_squares(differences)
    return Components(
        rater=sqrt(max(0.0, (of_raters - rest) / clips)),
        clip=sqrt(max(0.0, (of_clips - rest) / raters)),
        noise=sqrt(rest),
    )


def spread_of_mean(raters: int, clips: int, components: Components) -> float:
    """The standard error of a mean difference: √(σ_rater² / R + σ_clip² / C + σ² / (R C)).

    Raises:
        ValueError: there is not at least one rater and one clip.
    """
    if min(raters, clips) < 1:
        raise ValueError(f"expected at least one rater and one clip, got {raters} and {clips}")
    c = components
    return sqrt(c.rater**2 / raters + c.clip**2 / clips + c.noise**2 / (raters * clips))


def power(
    difference: float | int, *, raters: int, clips: int, components: Components | None = None, comparisons: int = 1
) -> float:
    """The chance that a study sees a difference that is there: Φ(|δ| / SE − z) + Φ(−|δ| / SE − z).

    Args:
        difference: of two mean opinions, in points of the scale.
        raters: who each rate both systems on all clips.
        clips: contents that are shown of each system.
        components: what makes differences differ; assumed ones where None.
        comparisons: among how many tests this is one; the level is divided by it (Bonferroni, which is stricter than
            Holm's correction).

    Raises:
        ValueError: there is no rater, no clip or no comparison.

    The formula takes ratings as continuous and the components as known. Of simulated studies of 24 raters and 20 clips,
    a difference of 0.3 is seen by 0.73 if p alone decides, and by 0.59 if the interval must exclude 0, too; the formula
    says 0.66 (tests/experiments/test_raters.py). Chapter 16.
    """
    spread = spread_of_mean(raters, clips, components or Components())
    limit = _limit(comparisons)
    away = inf if spread == 0 and difference else abs(difference) / (spread or 1.0)
    normal = NormalDist()
    return 1.0 if away == inf else normal.cdf(away - limit) + normal.cdf(-away - limit)


def raters_needed(
    difference: float | int, *, clips: int, components: Components | None = None, comparisons: int = 1,
    wanted: float = POWER,
) -> int:  # fmt: skip
    """How many raters see a difference with the wanted chance.

    Raises:
        ValueError: so few clips cannot show it, however many people look; or the difference is 0.

    Chapter 16.
    """
    components = components or Components()
    target = _target(difference, comparisons, wanted)
    room = target - components.clip**2 / max(1, clips)
    need = (components.rater**2 + components.noise**2 / max(1, clips)) / room if room > 0 else inf
    if need > MOST_RATERS:
        raise ValueError(
            f"with {clips} clips no number of raters shows a difference of {difference:g}, since clips differ by "
            f"{components.clip:g}; show at least {clips_at_least(difference, components=components, wanted=wanted)}"
        )
    raters = max(2, ceil(need - 1e-9))
    while power(difference, raters=raters, clips=clips, components=components, comparisons=comparisons) < wanted:
        raters += 1
    return raters


def clips_at_least(
    difference: float | int, *, components: Components | None = None, comparisons: int = 1, wanted: float = POWER
) -> int:
    """The fewest clips with which some number of raters can see a difference.

    Raises:
        ValueError: the difference is 0, or the power that is wanted is not from 0.5 to below 1.
    """
    target = _target(difference, comparisons, wanted)
    return int((components or Components()).clip ** 2 / target) + 1


def _target(difference: float | int, comparisons: int, wanted: float) -> float:
    """The variance of the mean that gives the wanted power, without the far tail."""
    if not difference or not isfinite(difference):
        raise ValueError(f"a difference of {difference:g} cannot be seen; say how small a difference still matters")
    limit = _limit(comparisons)
    if not 0.5 <= wanted < 1:
        raise ValueError(f"expected a power from 0.5 to below 1, got {wanted:g}; 0.8 is usual")
    return (difference / (limit + NormalDist().inv_cdf(wanted))) ** 2


def _limit(comparisons: int) -> float:
    if comparisons < 1:
        raise ValueError(f"expected at least one comparison, got {comparisons}")
    return NormalDist().inv_cdf(1 - ALPHA / comparisons / 2)
