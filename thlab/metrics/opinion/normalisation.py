"""Raters differ in mood and in how much of the scale they use; both can be taken out of a table of ratings."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

Table = Float[np.ndarray, "raters clips"]
"""Ratings; NaN where none was given."""


TURNS = 500
"""Most turns of a fit of raters and clips in turn."""


def without_bias(table: Table) -> Table:
    """Take out how much milder or stricter each rater is than the others on the clips that this rater saw.

    A rating is taken as worth of the clip + bias of the rater + noise, and both are fitted by least squares: the worth
    is the mean over raters less their bias, the bias the mean over clips less their worth, and so on in turn. Where
    everybody rated everything, one turn is enough; it gives all raters one mean and leaves every mean opinion as it
    was. Biases add up to 0 over all ratings.

    Source: the removal of subject bias of ITU-T P.913 is the first turn; Li et al. 2020 repeat it, and weigh raters.
    Chapter 16.
    """
    given = np.isfinite(table)
    bias = np.zeros((len(table), 1))
    for _ in range(TURNS):
        fitted = _mean(table - _mean(table - bias, 0), 1)
        settled = np.allclose(fitted, bias, rtol=0, atol=1e-12, equal_nan=True)
        bias = fitted
        if settled:
            break
    return table - bias + np.nanmean(np.where(given, bias, np.nan))


def z_scores(table: Table) -> Table:
    """Each rater's ratings less their mean, over their standard deviation.

    It undoes bias and use of the scale exactly: a + b x gives the same as x for every b above 0. A rater who always
    answers the same says nothing about the clips and gets 0 for each. Raters must have seen clips that are alike on
    the whole, for a rater who saw only the bad ones looks strict.

    Chapter 16.
    """
    centred = table - _mean(table, 1)
    spread = np.sqrt(_mean(centred**2, 1))
    still = spread <= 1e-9 * np.maximum(1.0, np.nan_to_num(np.abs(table)).max(1, keepdims=True))
    return np.where(still, 0.0 * centred, centred / np.where(still, 1.0, spread))


def ranks(table: Table) -> Table:
    """Each rater's ratings as places between 0 (the worst) and 1 (the best); equal ratings share the middle place.

    It undoes whatever a rater does to the scale, as long as better stays better. A rater who always answers the same
    gets ½ for each, as does one who rated a single clip.

    Chapter 16.
    """
    places = np.full(table.shape, np.nan)
    for row, place in zip(table, places, strict=True):
        given = np.isfinite(row)
        values = row[given]
        below = (values[:, None] > values).sum(1) + 0.5 * (values[:, None] == values).sum(1)
        place[given] = below / max(1, len(values))
    return places


def _as_they_are(table: Table) -> Table:
    return table


NORMALISATIONS: dict[str, Callable[[Table], Table]] = {
    "none": _as_they_are, "bias": without_bias, "z": z_scores, "rank": ranks,
}  # fmt: skip
"""By the name that ``thlab opinion read --normalise`` takes."""


def normalised(table: Table, how: str) -> Table:
    """The table after one of :data:`NORMALISATIONS`.

    Raises:
        ValueError: there is no such normalisation.
    """
    if how not in NORMALISATIONS:
        raise ValueError(f"expected a normalisation among {', '.join(NORMALISATIONS)}, got {how!r}")
    return NORMALISATIONS[how](table)


def _mean(table: Table, axis: int) -> Float[np.ndarray, "some others"]:
    """The mean of what is given, its axis kept; NaN where nothing is."""
    given = np.isfinite(table)
    count = given.sum(axis, keepdims=True)
    total = np.where(given, table, 0.0).sum(axis, keepdims=True)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
