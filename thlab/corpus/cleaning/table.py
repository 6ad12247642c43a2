"""What was dropped and why: a row a clip, as text and as CSV."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from thlab.corpus.cleaning.inspection import Inspection, inspect_file
from thlab.corpus.cleaning.people import face_finder
from thlab.corpus.cleaning.rules import RULES, Finding, judge
from thlab.media import atomic_path

VIDEOS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg")
"""Endings of the files that are taken for videos."""
HEAD = ("clip", "verdict", "reasons", "speaker", *(rule.name for rule in RULES))
"""Columns of the CSV."""


@dataclass(frozen=True)
class Row:
    """One clip."""

    path: Path
    findings: tuple[Finding, ...] = ()
    """The reasons to drop it."""
    values: dict[str, float] = field(default_factory=dict)
    """What was measured, by the name of the rule; NaN where nothing could be."""
    note: str = ""
    """Who speaks, where several faces are seen."""
    damage: str = ""
    """What is wrong with a file that cannot be read."""

    @property
    def verdict(self) -> str:
        """``kept``, ``dropped`` or ``damaged``."""
        return "damaged" if self.damage else "dropped" if self.findings else "kept"

    def __str__(self) -> str:
        why = self.damage or "; ".join([*map(str, self.findings), *filter(None, [self.note])])
        return f"{self.verdict:8}{self.path}" + (f": {why}" if why else "")


def videos_in(paths: Sequence[Path]) -> list[Path]:
    """The videos among files and in folders, those of a folder in the order of their names.

    Raises:
        ValueError: a path is not there, or there is no video.
    """
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise ValueError(f"there is no {missing[0]}; name videos, or folders that hold some")
    found = [video for path in paths for video in (_videos_of(path) if path.is_dir() else [path])]
    if not found:
        raise ValueError(f"no video in {', '.join(map(str, paths))}; expected files that end in {', '.join(VIDEOS)}")
    return list(dict.fromkeys(found))


def _videos_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in VIDEOS and path.is_file())


def clean(videos: Iterable[Path], *, skip_damaged: bool = False) -> Iterator[Row]:
    """Measure and judge videos, one after the other; nothing of them is changed.

    Args:
        videos: files.
        skip_damaged: go on after a file that cannot be read, and give a row that says so.

    Raises:
        ValueError: a file cannot be read and ``skip_damaged`` is False, or MediaPipe is not there.

    Chapter 01.
    """
    face_finder()  # where it is missing, that is no damage of the first file
    for path in videos:
        try:
            seen = inspect_file(path)
        except (ValueError, OSError) as problem:
            if not skip_damaged:
                raise ValueError(f"{problem} (with --skip-damaged it is reported, counted and left out)") from problem
            yield Row(path, damage=str(problem))
            continue
        values = {rule.name: rule.measure(seen) for rule in RULES}
        yield Row(path, tuple(judge(seen)), values, note=voice_of(seen))


def voice_of(seen: Inspection) -> str:
    """Whose voice it is, in words, where more than one face of some size is seen at a time; else nothing."""
    if seen.people.counts.max(initial=0) < 2 or not seen.has_sound:
        return ""
    if seen.speaker is None:
        return "none of the faces speaks"
    return f"face {seen.speaker} speaks, counted from 0 by size"


def write_table(rows: Sequence[Row], path: Path) -> None:
    """Write all rows as CSV; the file appears whole or not at all."""
    with atomic_path(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(HEAD)
        table.writerows(_cells(row) for row in rows)


def _cells(row: Row) -> list[str]:
    reasons = row.damage or "; ".join(map(str, row.findings))
    numbers = [row.values.get(rule.name, math.nan) for rule in RULES]
    return [str(row.path), row.verdict, reasons, row.note, *("" if math.isnan(n) else f"{n:.4g}" for n in numbers)]


def counted(rows: Sequence[Row]) -> list[str]:
    """How many clips were kept, dropped and damaged; and how many were dropped for each reason."""
    verdicts = Counter(row.verdict for row in rows)
    reasons = Counter(finding.reason for row in rows for finding in row.findings)
    totals = ", ".join(f"{verdicts[name]} {name}" for name in ("kept", "dropped", "damaged") if verdicts[name])
    return [f"{len(rows)} clips: {totals}", *(f"  {count} × {reason}" for reason, count in reasons.most_common())]
