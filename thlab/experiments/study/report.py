"""The result of a study: mean opinions with intervals, comparisons, agreement, and who was left out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from thlab.experiments.study.answers import Sheet, by_system, table_of, unlike
from thlab.experiments.study.plan import Plan
from thlab.experiments.study.screening import FASTEST, Rater, screen
from thlab.media import atomic_path
from thlab.metrics.opinion import (
    Comparison,
    Components,
    Interval,
    alpha_of,
    compare,
    components_of,
    intraclass_correlation,
    mean_opinion,
    normalised,
)

UNITS = {
    "none": "MOS", "bias": "MOS, raters' bias taken out", "z": "mean z-score", "rank": "mean rank (0 worst, 1 best)",
}  # fmt: skip


@dataclass(frozen=True)
class Report:
    """What a study found."""

    study: str
    title: str
    question: str
    unit: str
    """What the means are means of."""
    systems: Mapping[str, Interval]
    """Best first."""
    comparisons: Sequence[Comparison]
    alpha: float
    """Krippendorff's, ordinal, of the ratings as they were given."""
    icc: float
    """ICC(2, k) of the raters who rated everything; NaN where fewer than two did."""
    components: Components | None
    """Of the differences of two systems, averaged over pairs, to plan the next study; None where too few rated all."""
    raters: Sequence[Rater]
    notes: Sequence[str]

    def lines(self) -> list[str]:
        """The tables."""
        counted = sum(not rater.reasons for rater in self.raters)
        first = f"{self.title}: study {self.study}, {counted} of {len(self.raters)} raters counted"
        blocks = [[first, self.question], self._means(), self._pairs(), self._agreement(), self._left_out()]
        return [*(line for block in blocks if block for line in (*block, "")), *self.notes]

    def _means(self) -> list[str]:
        width = max(map(len, (*self.systems, "system")))
        head = f"{'system':{width}}   mean  95 % interval   raters × clips   ({self.unit})"
        rows = [
            f"{name:{width}}  {found.mean:5.2f}  {_ends(found)}  {found.raters} × {found.clips}"
            + (f" ({found.ratings} ratings)" if found.ratings < found.raters * found.clips else "")
            for name, found in self.systems.items()
        ]
        return [head, *rows]

    def _pairs(self) -> list[str]:
        if not self.comparisons:
            return []
        names = [f"{pair.first} − {pair.second}" for pair in self.comparisons]
        width = max(map(len, names))
        head = f"{'difference':{width}}  mean   95 % interval   p raters  p clips  p (Holm)"
        rows = [
            f"{name:{width}}  {pair.difference.mean:+5.2f}  {_ends(pair.difference, '+')}  {_chance(pair.p_raters)} "
            f"{_chance(pair.p_clips)}  {_chance(pair.p)}  {'differ' if pair.differs else '–'}"
            for name, pair in zip(names, self.comparisons, strict=True)
        ]
        return [head, *rows]

    def _agreement(self) -> list[str]:
        icc = f"; means over these raters, ICC(2, k) {self.icc:.2f}" if math.isfinite(self.icc) else ""
        alpha = f"{self.alpha:.2f}" if math.isfinite(self.alpha) else "not defined for one rater"
        found = [f"agreement of single raters, Krippendorff's α (ordinal) {alpha}{icc}"]
        if self.components:
            c = self.components
            found.append(f"spread of differences: raters {c.rater:.2f}, clips {c.clip:.2f}, noise {c.noise:.2f}")
        return found

    def _left_out(self) -> list[str]:
        out = [rater for rater in self.raters if rater.reasons]
        rows = [f"left out: rater {rater.name}, who {' and '.join(rater.reasons)}" for rater in out]
        few = [f"rater {rater.name} ({rater.missing})" for rater in self.raters if rater.missing and not rater.reasons]
        return [*rows, *([f"ratings missing: {', '.join(few)}"] if few else [])]

    def plain(self) -> dict[str, Any]:
        """For JSON: what is not known is null."""
        found = asdict(self)
        found["comparisons"] = [asdict(pair) | {"differs": pair.differs} for pair in self.comparisons]
        return _without_nan(found)

    def save(self, path: Path) -> Path:
        """Write it as JSON."""
        with atomic_path(path) as part:
            part.write_text(json.dumps(self.plain(), indent=1, ensure_ascii=False) + "\n", "utf-8")
        return path


def report(
    plan: Plan,
    sheets: Sequence[Sheet],
    *,
    normalise: str = "none",
    screened: bool = True,
    fastest: float | int = FASTEST,
    seed: int = 0,
) -> Report:
    """Evaluate a study.

    Args:
        plan: the key.
        sheets: one a rater.
        normalise: ``none``, ``bias``, ``z`` or ``rank``, see ``thlab.metrics.opinion.NORMALISATIONS``.
        screened: leave out raters who did not watch, see :func:`screen`.
        fastest: for screening.
        seed: of the intervals.

    Raises:
        ValueError: a rater comes twice, or nobody is left.

    Chapter 16.
    """
    raters = screen(plan, unlike(sheets), fastest=fastest)
    if not screened:
        raters = [Rater(**{**vars(rater), "reasons": ()}) for rater in raters]
    kept = [sheet for sheet, rater in zip(sheets, raters, strict=True) if not rater.reasons]
    if not kept:
        why = "; ".join(f"rater {rater.name} {' and '.join(rater.reasons)}" for rater in raters)
        raise ValueError(f"no rater is left to count: {why}" if raters else "expected answers of raters, got none")
    table = table_of(plan, kept)
    if not np.isfinite(table).any():
        raise ValueError("nobody rated a clip; expected CSV files with ratings")
    systems = by_system(plan, normalised(table, normalise))
    lacking = [name for name, part in systems.items() if not np.isfinite(part).any()]
    if lacking:
        raise ValueError(f"nobody rated a clip of {lacking[0]}; ask more raters, or raters who finish")
    means = {name: mean_opinion(part, seed=seed) for name, part in systems.items()}
    return Report(
        study=plan.study, title=plan.title, question=plan.question, unit=UNITS[normalise],
        systems=dict(sorted(means.items(), key=lambda item: -item[1].mean)),
        comparisons=compare(_ordered(systems, means), seed=seed) if len(systems) > 1 else [],
        alpha=alpha_of(table), icc=_icc(table), components=pooled_components(by_system(plan, table)),
        raters=raters, notes=_notes(plan, kept),
    )  # fmt: skip


def _ordered(systems: Mapping[str, Any], means: Mapping[str, Interval]) -> dict[str, Any]:
    """Best first, so that differences are positive."""
    return {name: systems[name] for name in sorted(systems, key=lambda name: -means[name].mean)}


def _icc(table: Float[np.ndarray, "raters clips"]) -> float:
    whole = table[np.isfinite(table).all(1)]
    return intraclass_correlation(whole) if min(whole.shape) >= 2 else math.nan


def pooled_components(systems: Mapping[str, Float[np.ndarray, "raters contents"]]) -> Components | None:
    """The components of differences, their variances averaged over pairs; None where they cannot be estimated."""
    found = []
    for a, b in combinations(systems.values(), 2):
        differences = a - b
        whole = differences[np.isfinite(differences).all(1)]
        if min(whole.shape) >= 2:
            found.append(components_of(whole))
    if not found:
        return None
    pooled = {name: math.sqrt(np.mean([getattr(c, name) ** 2 for c in found])) for name in ("rater", "clip", "noise")}
    return Components(**pooled)


def _notes(plan: Plan, kept: Sequence[Sheet]) -> list[str]:
    notes = []
    if len(kept) == 1:
        notes.append("One rater: the intervals say nothing about what others would think.")
    if len(plan.contents) == 1:
        notes.append("One content: the intervals say nothing about other clips.")
    if len(plan.systems) > 1 and min(len(kept), len(plan.contents)) < 6:
        notes.append("Below 6 raters or 6 contents no difference can reach p < 0.05, however large it is.")
    return notes


def _chance(p: float) -> str:
    return f"{p:8.4f}" if p >= 1e-4 else " < .0001"


def _ends(found: Interval, sign: str = "") -> str:
    if math.isnan(found.low):
        return "[    –,     –]"
    return f"[{found.low:{sign}5.2f}, {found.high:{sign}5.2f}]"


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
