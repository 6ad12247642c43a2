"""Is one subject better than another, clip by clip? Signed-rank tests with Holm's correction over all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from jaxtyping import Float

from thlab.experiments.scorecard.card import Difference
from thlab.experiments.scorecard.measures import Measure, by_name
from thlab.experiments.scorecard.text import OTHER_SOUND
from thlab.experiments.scorecard.values import Measured, Missing, draws, interval
from thlab.metrics.opinion import holm, signed_rank

AMONG_SYSTEMS = ("psnr_mouth", "ssim_mouth", "lip_r", "lip_spread", "lmd", "sync_distance", "sync_confidence",
                 "identity", "detail", "jitter")  # fmt: skip
"""What is tested between systems."""
AGAINST_CONTROL = ("lip_r", "sync_distance", "sync_confidence")
"""What is tested against the same system driven by other sound."""
AGAINST_COPY = ("psnr_mouth", "lmd", "sync_distance")
"""What is tested against the copy of the reference that was compared with the same pictures."""
FEWEST = 2


def differences(
    names: Sequence[str], measured: Mapping[str, Sequence[Measured]], *, copies: Sequence[str]
) -> list[Difference]:
    """Systems against each other, against themselves with other sound, and against copies.

    Args:
        names: of the systems.
        measured: by subject, clip by clip; the order of subjects puts each copy before the systems that it belongs to.
        copies: labels of the copies.
    """
    planned = [(key, one, other) for one, other in combinations(names, 2) for key in AMONG_SYSTEMS]
    copy = ""
    for label in measured:
        copy = label if label in copies else copy
        if label in names:
            planned += [(key, label, label + OTHER_SOUND) for key in AGAINST_CONTROL]
            planned += [(key, label, copy) for key in AGAINST_COPY if copy]
    tested = [difference(by_name()[key], (one, measured[one]), (other, measured[other])) for key, one, other in planned]
    found = [one for one in tested if one is not None]
    corrected = holm([one.p for one in found]).tolist()
    return [replace(one, corrected=p) for one, p in zip(found, corrected, strict=True)]


def difference(
    measure: Measure, one: tuple[str, Sequence[Measured]], other: tuple[str, Sequence[Measured]]
) -> Difference | None:
    """Two subjects on one measure; None where fewer than two clips have both numbers.

    What is tested is the distance from the best, so that a spread of 0.8 and one of 1.2 are equally good.
    """
    pairs = np.array([[number(a, measure), number(b, measure)] for a, b in zip(one[1], other[1], strict=True)])
    pairs = pairs[np.isfinite(pairs).all(1)]
    if len(pairs) < FEWEST:
        return None
    faults = np.array([[measure.fault(float(value)) for value in pair] for pair in pairs], float)
    apart, worse = pairs[:, 0] - pairs[:, 1], faults[:, 0] - faults[:, 1]
    low, high = over_draws(apart)
    better = None if worse.mean() == 0 else (one[0] if worse.mean() < 0 else other[0])
    p = signed_rank(worse)
    return Difference(measure.name, one[0], other[0], float(apart.mean()), low, high, p, p, better, len(pairs))


def over_draws(differences: Float[np.ndarray, "clips"]) -> tuple[float, float]:
    """The 95 % interval of the mean, clips drawn anew."""
    chosen = draws(len(differences), np.random.default_rng(0))
    return interval(differences[chosen].mean(1))


def number(clip: Measured, measure: Measure) -> float:
    """A clip's number; NaN where it has none."""
    found = clip.get(measure.name)
    return math.nan if found is None or isinstance(found, Missing) else found.number
