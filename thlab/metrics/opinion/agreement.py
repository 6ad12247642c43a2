"""Do raters agree? Krippendorff's alpha, which takes missing ratings, and the intraclass correlation of mean scores."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float

Table = Float[np.ndarray, "raters clips"]
"""Ratings; NaN where none was given."""
Level = Literal["nominal", "ordinal", "interval"]


def alpha_of(table: Table, *, level: Level = "ordinal") -> float:
    """Krippendorff's α: 1 − observed over expected disagreement of two ratings.

    1 is perfect agreement; 0 what shuffled ratings have; below 0 raters contradict each other. Observed are pairs of
    ratings of one clip, each clip counting with the ratings it has; expected are pairs of any two ratings. A clip with
    one rating says nothing about agreement and is left out.

    Args:
        table: ratings; NaN where none was given.
        level: how far apart two ratings are. ``nominal``: 1 if they differ; ``ordinal``: by how many ratings lie
            between them; ``interval``: by the square of their difference.

    Returns:
        α; NaN where no clip has two ratings. 1 where all ratings are equal, which shows agreement and nothing else.

    Raises:
        ValueError: the level is unknown.

    Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability". Chapter 16.
    """
    given = np.isfinite(table)
    pairable = table[:, given.sum(0) >= 2]
    if pairable.size == 0:
        return float("nan")
    values = np.unique(pairable[np.isfinite(pairable)])
    coincidences = coincidences_of(pairable, values)
    margins = coincidences.sum(1)
    apart = distances(values, margins, level)
    expected = (np.outer(margins, margins) * apart).sum()
    if expected == 0:
        return 1.0
    return float(1 - (margins.sum() - 1) * (coincidences * apart).sum() / expected)


def coincidences_of(table: Table, values: Float[np.ndarray, "values"]) -> Float[np.ndarray, "values values"]:
    """How often each two values meet as ratings of one clip; a clip with m ratings has weight m."""
    counts = (table[..., None] == values).sum(0).astype(float)
    ratings = counts.sum(1)
    met = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(len(values))
    return (met / (ratings - 1)[:, None, None]).sum(0)


def distances(
    values: Float[np.ndarray, "values"], margins: Float[np.ndarray, "values"], level: str
) -> Float[np.ndarray, "values values"]:
    """The squared distance of each two values, at one level of measurement.

    Raises:
        ValueError: the level is unknown.
    """
    if level == "nominal":
        return 1.0 - np.eye(len(values))
    if level == "interval":
        return (values[:, None] - values) ** 2
    if level == "ordinal":
        middle = np.cumsum(margins) - margins / 2
        return (middle[:, None] - middle) ** 2
    raise ValueError(f"expected the level nominal, ordinal or interval, got {level!r}")


def intraclass_correlation(table: Table, *, mean_of_all: bool = True) -> float:
    """ICC(2, k), how well the *means* over these raters would agree with those over as many others; or ICC(2, 1).

    A high value of the first says that mean opinions can be trusted, even where single raters hardly agree. Raters
    count as drawn from many, and a rater who is mild throughout counts as disagreement.

    Args:
        table: without missing ratings.
        mean_of_all: ICC(2, k), of means over all raters; else ICC(2, 1), of a single rater.

    Returns:
        The share of variance that is of the clips; NaN where nothing varies.

    Raises:
        ValueError: a rating is missing, or there are not two raters and two clips.

    Source: Shrout & Fleiss 1979, "Intraclass correlations: uses in assessing rater reliability". Chapter 16.
    """
    raters, clips = table.shape
    if not np.isfinite(table).all() or min(raters, clips) < 2:
        raise ValueError(
            f"expected two raters, two clips and no missing rating, got {raters} × {clips} with "
            f"{int((~np.isfinite(table)).sum())} missing; Krippendorff's alpha takes missing ones"
        )
    of_clips, of_raters, rest = mean_squares(table)
    unlike = (of_raters - rest) / clips
    whole = of_clips + unlike if mean_of_all else of_clips + (raters - 1) * rest + raters * unlike
    return float((of_clips - rest) / whole) if whole else float("nan")


def mean_squares(table: Table) -> tuple[float, float, float]:
    """Mean squares between clips, between raters, and of what is left, of a whole table."""
    raters, clips = table.shape
    middle = table.mean()
    of_clips, of_raters = table.mean(0) - middle, table.mean(1) - middle
    rest = table - middle - of_clips - of_raters[:, None]
    return (
        float(raters * (of_clips**2).sum() / (clips - 1)),
        float(clips * (of_raters**2).sum() / (raters - 1)),
        float((rest**2).sum() / ((raters - 1) * (clips - 1))),
    )
