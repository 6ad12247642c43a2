"""A scorecard: measures of some subjects with their intervals, and what must be said beneath them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from thlab.experiments.checkpoints import ROOT
from thlab.experiments.scorecard.measures import ALL, Measure
from thlab.experiments.scorecard.text import WIDTH, text_of
from thlab.experiments.scorecard.values import Value
from thlab.media import atomic_path

RECORD = ROOT / "data_samples" / "scorecard.json"
"""The scorecard of the systems of the repository, which chapters read."""
INFINITE = "infinite: the pictures are equal"


@dataclass(frozen=True)
class Difference:
    """Two subjects, clip by clip."""

    measure: str
    one: str
    other: str
    mean: float
    """The one's number less the other's."""
    low: float
    high: float
    """Ends of the 95 % interval, clips drawn anew."""
    p: float
    """Chance of so large a mean fault if neither were better."""
    corrected: float
    """The same after Holm's correction over all differences of the scorecard."""
    better: str | None
    """Who is nearer to the best; None where they are equal."""
    n: int


@dataclass(frozen=True)
class Scorecard:
    """Everything that was measured of some subjects."""

    title: str
    command: str
    revision: str
    unit: str
    """What ``n`` counts: seconds (``s``), or ``clips``."""
    subjects: Mapping[str, Mapping[str, Value]]
    """By subject (a clip, a system …), by measure."""
    notes: Sequence[str] = ()
    """What must be known to read the numbers."""
    differences: Sequence[Difference] = ()
    measures: Sequence[Measure] = field(default=ALL)

    def value(self, subject: str, measure: str) -> Value:
        """One cell; empty where nothing was asked."""
        return self.subjects[subject].get(measure, Value(None))

    def lines(self, width: int = WIDTH) -> list[str]:
        """The table as text."""
        return text_of(self, width)

    def plain(self) -> dict[str, Any]:
        """As JSON: an infinite number becomes null, with the reason beside it."""
        known = {name: {key: _plain(value) for key, value in row.items()} for name, row in self.subjects.items()}
        return asdict(self) | {"subjects": known}

    def save(self, path: Path) -> Path:
        """Write it as JSON; the whole file or none."""
        with atomic_path(path) as part:
            part.write_text(json.dumps(self.plain(), indent=1, ensure_ascii=False, allow_nan=False) + "\n")
        return path


def read_scorecard(path: Path = RECORD) -> Scorecard:
    """A scorecard that was kept.

    Raises:
        ValueError: it is not there, or is damaged.
    """
    if not path.is_file():
        raise ValueError(f"expected a scorecard at {path}, found none; make it with thlab scorecard --json {path}")
    try:
        known = json.loads(path.read_text())
        subjects = {
            name: {key: _value(cell) for key, cell in row.items()} for name, row in known.pop("subjects").items()
        }
        measures = [Measure(**row) for row in known.pop("measures")]
        differences = [Difference(**row) for row in known.pop("differences")]
        return Scorecard(**known, subjects=subjects, measures=measures, differences=differences)
    except (json.JSONDecodeError, UnicodeDecodeError, TypeError, KeyError, AttributeError) as problem:
        raise ValueError(f"{path} is no scorecard of thlab ({problem}); make it again with --json") from None


def _plain(value: Value) -> dict[str, Any]:
    """A cell without numbers that JSON does not know."""
    cell = asdict(value)
    unknown = [key for key, part in cell.items() if isinstance(part, float) and not math.isfinite(part)]
    return cell | dict.fromkeys(unknown) | ({"why": INFINITE} if value.mean == math.inf else {})


def _value(cell: Mapping[str, Any]) -> Value:
    return Value(**cell) if cell["why"] != INFINITE else Value(**(dict(cell) | {"mean": math.inf, "why": ""}))
