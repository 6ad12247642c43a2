"""What a claim finds: statements with an effect, its interval, and whether it holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from thlab.media import atomic_path

DRAWS = 4000
"""Bootstrap samples behind an interval."""
LEVEL = 0.95
"""Share of the bootstrap samples within an interval."""

PerClip = Float[np.ndarray, "seeds clips"]
"""A number for every seed and every held-out clip."""


@dataclass(frozen=True)
class Finding:
    """One statement, tested."""

    statement: str
    effect: str
    """What ``mean`` is the mean of; the statement says that it is above 0."""
    mean: float
    low: float
    high: float
    """Ends of the 95 % interval."""

    @property
    def holds(self) -> bool:
        """Whether the whole interval is on the side of the statement."""
        return self.low > 0


@dataclass(frozen=True)
class Result:
    """A claim that was run."""

    system: str
    claim: str
    """What the paper says, in our words."""
    command: str
    revision: str
    minutes: float
    """Training and scoring, all arms and seeds."""
    arms: Mapping[str, Mapping[str, float]]
    """By arm: the mean of each score over seeds and clips."""
    spread: Mapping[str, Mapping[str, float]]
    """By arm: the standard deviation of each score's mean over seeds."""
    findings: Sequence[Finding]

    def save(self, folder: Path) -> Path:
        """Write it as JSON."""
        path = folder / f"{self.system}.json"
        plain = asdict(self) | {"findings": [asdict(f) | {"holds": f.holds} for f in self.findings]}
        with atomic_path(path) as part:
            part.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n")
        return path

    def lines(self) -> list[str]:
        """A table of the arms, and a line a finding."""
        names = list(next(iter(self.arms.values())))
        width = max(map(len, self.arms))
        rows = [" " * width + "".join(f"{name:>12}" for name in names)]
        rows += [f"{arm:{width}}" + "".join(f"{scores[n]:12.3f}" for n in names) for arm, scores in self.arms.items()]
        said = [
            f"{'holds' if f.holds else 'FAILS'}: {f.statement}; {f.effect} {f.mean:.3f} [{f.low:.3f}, {f.high:.3f}]"
            for f in self.findings
        ]
        return [self.claim, *rows, *said]


def found(statement: str, effect: str, differences: PerClip, *, seed: int = 0) -> Finding:
    """Test that a difference is above 0: its mean, and an interval that counts both seeds and clips as samples.

    Seeds and clips are drawn anew, with replacement, 4000 times; the interval holds 95 % of the means.

    Args:
        statement: what the difference speaks for.
        effect: what it is the difference of.
        differences: paired, so the same clip is under both arms.
        seed: of the bootstrap.

    Source: Efron & Tibshirani 1993, "An introduction to the bootstrap", ch. 13 (percentile interval); Davison & Hinkley
    1997, sec. 3.8 (two levels).
    """
    rng = np.random.default_rng(seed)
    seeds, clips = differences.shape
    rows = rng.integers(seeds, size=(DRAWS, seeds, 1))
    columns = rng.integers(clips, size=(DRAWS, 1, clips))
    means = differences[rows, columns].mean((1, 2))
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Finding(statement, effect, float(differences.mean()), float(low), float(high))


# -- tables of scores: a dataclass of numbers for every seed and clip -------------------------------------------------

Trials = Sequence[Sequence[Any]]
"""By seed: the scores of each held-out clip."""


def table(trials: Trials, name: str) -> PerClip:
    """One score of every seed and clip."""
    return np.array([[getattr(scores, name) for scores in trial] for trial in trials])


def over_all(trials: Trials, summary: Callable = np.mean) -> dict[str, float]:
    """A summary of each score over seeds and clips."""
    return {f.name: round(float(summary(table(trials, f.name))), 4) for f in fields(trials[0][0])}


def over_seeds(trials: Trials) -> dict[str, float]:
    """The standard deviation over seeds of each score's mean over clips."""
    return over_all(trials, lambda values: values.mean(1).std(ddof=1))
