"""In which order clips are shown, so that fatigue, and the clip before, favour no system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

TRIES = 200
"""Orders that are drawn before a content is allowed to follow itself."""

Place = tuple[int, int]
"""System and content."""


def williams_square(systems: int) -> list[list[int]]:
    """Orders in which every system stands at every place equally often, and follows every other equally often.

    As many rows as systems if their number is even, else twice as many, the second half being the first read backwards.

    Source: Williams 1949, "Experimental designs balanced for the estimation of residual effects of treatments".
    """
    zigzag = [(step + 1) // 2 if step % 2 else -(step // 2) for step in range(systems)]
    rows = [[(row + step) % systems for step in zigzag] for row in range(systems)]
    return rows if systems % 2 == 0 else rows + [row[::-1] for row in rows]


def balanced_order(systems: int, contents: int, *, rater: int, rng: np.random.Generator) -> list[Place]:
    """All clips for one rater, in blocks in which every system appears once, its order a row of a Williams square.

    Block b of rater r takes row r + b, so that over raters and blocks all rows are used equally often. Which content a
    system shows in a block is a Latin square with shuffled contents; no content follows itself if that can be had.
    """
    square = williams_square(systems)
    best: list[Place] = []
    for _ in range(TRIES):
        named, shifts = rng.permutation(contents), rng.permutation(max(systems, contents))[:systems]
        order = [
            (system, int(named[(block + shifts[system]) % contents]))
            for block in range(contents)
            for system in square[(rater + block) % len(square)]
        ]
        if not best or _stammers(order) < _stammers(best):
            best = order
        if _stammers(best) == 0:
            break
    return best


def random_order(systems: int, contents: int, *, rater: int, rng: np.random.Generator) -> list[Place]:
    """All clips in any order; the rater's number plays no role."""
    del rater
    places = [(system, content) for system in range(systems) for content in range(contents)]
    return [places[place] for place in rng.permutation(len(places))]


def _stammers(order: Sequence[Place]) -> int:
    """How often a content follows itself."""
    return sum(first[1] == second[1] for first, second in pairwise(order))


def with_repeats(
    codes: Sequence[str], twice: Mapping[str, str], checks: Sequence[str], *, rng: np.random.Generator
) -> list[str]:
    """Put repeats half of the study away from what they repeat, and spread checks over it, each within its share.

    Args:
        codes: what is rated, in order.
        twice: by the code that is repeated, the code of its repeat.
        checks: codes of the attention checks.
        rng: where within its share a check stands.
    """
    order = list(codes)
    for original, repeat in twice.items():
        place = order.index(original) + (len(order) + 1) // 2
        order.insert(place if place <= len(order) else place - len(order) - 1, repeat)
    for number, check in enumerate(rng.permutation(list(checks))):
        share = len(order) / max(1, len(checks))
        order.insert(int(share * (number + rng.uniform(0.3, 0.9))), str(check))
    return order
