"""How much faster our Fréchet distance of 2048 features is than the way through SciPy's square root of a matrix.

``python tests/benchmarks/bench_frechet.py`` prints both times and fails when the ratio is below what it must be, or
when the values differ. The best of several rounds of ours counts against one of SciPy's, which takes long.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import torch
from scipy.linalg import sqrtm

from thlab.metrics.frechet import Moments, frechet_distance

WANTED = 4
"""Times SciPy's speed."""
FEATURES, EXAMPLES = 2048, 3000
ROUNDS = 3


def sets() -> tuple[Moments, Moments]:
    """Moments of two correlated Gaussians, gathered from drawn examples."""
    rng = torch.Generator().manual_seed(0)
    mix = torch.eye(FEATURES) + 0.1 * torch.randn(FEATURES, FEATURES, generator=rng) / FEATURES**0.5
    one, other = (torch.randn(EXAMPLES, FEATURES, generator=rng) for _ in range(2))
    return Moments.of(one), Moments.of(other @ mix + 0.1)


def by_scipy(one: Moments, other: Moments) -> float:
    """The formula as it is written."""
    first, second = (found.covariance.numpy() for found in (one, other))
    root = np.trace(sqrtm(first @ second)).real
    apart = float((one.mean - other.mean).square().sum())
    return apart + np.trace(first) + np.trace(second) - 2 * root


def main() -> int:
    pair, took = sets(), []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        ours = frechet_distance(*pair)
        took.append(time.perf_counter() - start)
    start = time.perf_counter()
    theirs = by_scipy(*pair)
    slow, fast = time.perf_counter() - start, min(took)
    apart = abs(ours / theirs - 1)
    print(f"Fréchet distance of {FEATURES} features: ours {fast:.2f} s, SciPy's sqrtm {slow:.2f} s: {slow / fast:.1f} "
          f"times (at least {WANTED}); values differ by {apart:.0e}")  # fmt: skip
    return int(slow < WANTED * fast or apart > 1e-6)


if __name__ == "__main__":
    sys.exit(main())
