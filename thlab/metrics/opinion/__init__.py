"""Do people believe it? Mean opinion scores of a table of ratings, their intervals, tests, agreement and power.

A table has a row for every rater and a column for every clip; NaN is a rating that was not given. Chapter 16.
"""

from thlab.metrics.opinion.agreement import alpha_of, intraclass_correlation
from thlab.metrics.opinion.intervals import Interval, mean_opinion
from thlab.metrics.opinion.normalisation import NORMALISATIONS, normalised, ranks, without_bias, z_scores
from thlab.metrics.opinion.pairs import Comparison, compare, holm, signed_rank
from thlab.metrics.opinion.power import Components, clips_at_least, components_of, power, raters_needed, spread_of_mean

__all__ = [
    "NORMALISATIONS", "Comparison", "Components", "Interval", "alpha_of", "clips_at_least", "compare", "components_of",
    "holm", "intraclass_correlation", "mean_opinion", "normalised", "power", "ranks", "raters_needed", "signed_rank",
    "spread_of_mean", "without_bias", "z_scores",
]  # fmt: skip
