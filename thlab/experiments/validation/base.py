"""What a metric's own test found: a few lines to print, and the figures behind them as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from thlab.experiments.checkpoints import ROOT
from thlab.media import atomic_path

RECORDS = ROOT / "data_samples" / "validation"
"""Where the kept results lie, which chapters read."""


@dataclass(frozen=True)
class Validation:
    """A metric's own test, as it was run."""

    name: str
    """Of the module in this folder."""
    command: str
    """What to type to run it again."""
    revision: str
    """Of the code that ran it, as ``git_revision`` says it."""
    lines: Sequence[str]
    """What is printed: tables, and what they show."""
    figures: dict[str, Any]
    """The numbers behind the lines, as plain JSON."""

    def save(self, folder: Path = RECORDS) -> Path:
        """Write it as ``NAME.json`` and say where.

        Raises:
            ValueError: a figure is not plain JSON, such as an array, or NaN.
        """
        try:
            text = json.dumps(asdict(self), indent=1, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"the figures of {self.name!r} must be plain JSON, but {error}; convert them") from None
        path = folder / f"{self.name}.json"
        with atomic_path(path) as part:
            part.write_text(text + "\n")
        return path


def read_validation(name: str, folder: Path = RECORDS) -> Validation:
    """What was found last.

    Raises:
        ValueError: it was never run, or its file is damaged.
    """
    path = folder / f"{name}.json"
    if not path.is_file():
        raise ValueError(f"{path.name} is not in {folder}; run 'thlab validate {name} -o {folder}' to measure it")
    try:
        return Validation(**json.loads(path.read_text()))
    except (json.JSONDecodeError, UnicodeDecodeError, TypeError) as problem:
        raise ValueError(f"{path} is damaged ({problem}); run 'thlab validate {name}' again") from None
