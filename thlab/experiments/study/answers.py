"""What raters saved: CSV files of the page, read and checked against the key of the study."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
from jaxtyping import Float

from thlab.experiments.study.plan import SCALE, Plan
from thlab.media import atomic_path

COLUMNS = ("study", "rater", "session", "place", "code", "rating", "seconds", "plays")
"""Of the CSV: study and rater, a random word for each sitting, where in the order, the clip's code, the rating (empty:
missing), seconds from the end of the clip to the rating, and how often it was played."""


@dataclass(frozen=True)
class Given:
    """One answer."""

    place: int
    """In the order in which this rater saw the clips, from 1."""
    rating: float
    """1 to 5; NaN where it is missing."""
    seconds: float
    """From the end of the clip to the answer; NaN where it is not known."""
    plays: int


@dataclass(frozen=True)
class Sheet:
    """All answers of one rater."""

    rater: str
    session: str
    rows: Mapping[str, Given]
    """By code."""

    def rating(self, code: str) -> float:
        """Of a clip; NaN where it is missing."""
        return self.rows[code].rating if code in self.rows else math.nan


def read_sheets(plan: Plan, paths: Sequence[Path]) -> list[Sheet]:
    """Read the CSV files of a study, one a rater.

    Raises:
        ValueError: a file is empty, damaged or of another study, a rating is not a whole number from 1 to 5, or a
            rater comes twice.
    """
    if not paths:
        raise ValueError("expected CSV files that raters saved, got none")
    return unlike([parse_sheet(plan, _text(path), name=path.name) for path in paths])


def unlike(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets, if no two are of one rater.

    Raises:
        ValueError: a rater comes twice.
    """
    seen: dict[str, Sheet] = {}
    for sheet in sheets:
        if sheet.rater in seen:
            same = "the same file twice" if seen[sheet.rater].session == sheet.session else "two sittings"
            raise ValueError(f"rater {sheet.rater} comes twice ({same}); keep one file of each rater")
        seen[sheet.rater] = sheet
    return list(sheets)


def parse_sheet(plan: Plan, text: str, *, name: str = "the CSV") -> Sheet:
    """Read what one rater saved.

    A rating that is empty, or a clip that is not there, counts as missing.

    Args:
        plan: the key.
        text: of the CSV file.
        name: of the file, for messages.

    Raises:
        ValueError: see :func:`read_sheets`.
    """
    lines = list(csv.DictReader(StringIO(text.lstrip("\ufeff"))))
    if not lines:
        raise ValueError(f"{name} holds no ratings; expected the CSV that the page saved")
    lacking = [column for column in COLUMNS if lines[0].get(column) is None]
    if lacking:
        raise ValueError(f"{name} has no column {lacking[0]}; expected the CSV that the page saved")
    for column in ("study", "rater"):
        if len({line[column] for line in lines}) > 1:
            raise ValueError(f"{name} mixes several of {column}; give one file a rater, as the page saved it")
    if lines[0]["study"] != plan.study:
        raise ValueError(f"{name} is of study {lines[0]['study']}, but the key is of {plan.study}; take its own key")
    rows: dict[str, Given] = {}
    for line in lines:
        if line["code"] not in plan.by_code or line["code"] in rows:
            problem = "twice" if line["code"] in rows else "which the key does not know"
            raise ValueError(f"{name} rates the clip {line['code']} {problem}; expected the CSV that the page saved")
        rows[line["code"]] = _given(line, name)
    return Sheet(lines[0]["rater"], lines[0]["session"], rows)


def _given(line: Mapping[str, str], name: str) -> Given:
    """One line of the CSV."""
    text = (line["rating"] or "").strip()
    if text and text not in {str(point) for point in SCALE}:
        raise ValueError(f"{name} rates the clip {line['code']} {text!r}; a rating is a whole number from 1 to 5")
    try:
        seconds = float(line["seconds"]) if line["seconds"] else math.nan
        return Given(int(line["place"]), float(text) if text else math.nan, seconds, int(line["plays"] or 0))
    except ValueError:
        raise ValueError(
            f"{name} has no numbers under place, seconds or plays at the clip {line['code']}; "
            "expected the CSV that the page saved"
        ) from None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is no text; expected the CSV that the page saved") from None


def write_sheet(plan: Plan, sheet: Sheet, path: Path) -> Path:
    """Write a sheet as the page would, for simulated raters."""
    lines = [",".join(COLUMNS)]
    for code, given in sorted(sheet.rows.items(), key=lambda row: row[1].place):
        rating, seconds = (_plain(number) for number in (given.rating, given.seconds))
        fields = (plan.study, sheet.rater, sheet.session, given.place, code, rating, seconds, given.plays)
        lines.append(",".join(map(str, fields)))
    with atomic_path(path) as part:
        part.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def _plain(number: float) -> str:
    return "" if math.isnan(number) else f"{number:g}"


def table_of(plan: Plan, sheets: Sequence[Sheet]) -> Float[np.ndarray, "raters clips"]:
    """All ratings of the clips that are rated; columns go system by system, contents within."""
    codes = columns_of(plan)
    return np.array([[sheet.rating(code) for code in codes] for sheet in sheets]).reshape(len(sheets), len(codes))


def columns_of(plan: Plan) -> list[str]:
    """The codes of the columns of :func:`table_of`."""
    codes = {(item.system, item.content): item.code for item in plan.of("rated")}
    return [codes[system, content] for system in plan.systems for content in plan.contents]


def by_system(
    plan: Plan, table: Float[np.ndarray, "raters clips"]
) -> dict[str, Float[np.ndarray, "raters contents"]]:
    """The columns of each system."""
    count = len(plan.contents)
    return {system: table[:, i * count : (i + 1) * count] for i, system in enumerate(plan.systems)}
