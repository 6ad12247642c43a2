"""What a dataset lists: entries before anything of them is decoded, and the report on those that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DAMAGE = (ValueError, OSError)
"""What reading a missing or damaged file raises."""


@dataclass(frozen=True)
class Entry:
    """One clip of a dataset before anything of it is decoded."""

    id: str
    """Unique within the dataset; readable."""
    video: Path
    """Pictures, and sound unless ``audio`` is given."""
    audio: Path | None = None
    """Sound that lies in a file of its own."""
    alignment: Path | None = None
    """Text with the words, read when the clip is."""
    speaker: str | None = None
    splits: tuple[str, ...] = ()
    """Official splits that it belongs to."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """As the dataset names them: emotion, level, sentence, session …"""
    emotion: str | None = None
    """A name in ``action_units.EMOTIONS``; None when there is no label or no such name."""
    intensity: float | None = None
    """0 to 1."""
    view: str | None = None
    words: tuple[str, ...] = ()
    """What is said, where names or folders tell it without times."""

    @property
    def split(self) -> str | None:
        """The first of its official splits."""
        return self.splits[0] if self.splits else None

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files that the entry needs."""
        return tuple(path for path in (self.video, self.audio, self.alignment) if path is not None)

    def missing(self) -> tuple[Path, ...]:
        """The files that are not there."""
        return tuple(path for path in self.paths if not path.is_file())


@dataclass(frozen=True)
class Problem:
    """An entry that cannot be read, and why, in one line."""

    entry: Entry
    reason: str

    def __str__(self) -> str:
        return f"{self.entry.id}: {self.reason}"


@dataclass
class Report:
    """What was found in a folder. Chapter 01."""

    found: int = 0
    """Entries with all their files, readable as far as was checked."""
    missing: list[Problem] = field(default_factory=list)
    damaged: list[Problem] = field(default_factory=list)
    splits: dict[str, int] = field(default_factory=dict)
    """Entries by official split, where the dataset has any; "none" counts those outside."""
    speakers: int = 0

    @property
    def total(self) -> int:
        return self.found + len(self.missing) + len(self.damaged)

    @property
    def whole(self) -> bool:
        return not self.missing and not self.damaged

    def add(self, problem: Problem) -> None:
        """Count an entry that could not be read."""
        (self.missing if problem.entry.missing() else self.damaged).append(problem)

    def __str__(self) -> str:
        splits = ", ".join(f"{name} {count}" for name, count in self.splits.items())
        return (
            f"{self.total} entries, {self.speakers} known speakers: {self.found} found, {len(self.missing)} missing, "
            f"{len(self.damaged)} damaged" + (f" ({splits})" if splits else "")
        )


def one_line(error: BaseException) -> str:
    """The message of an error without line breaks."""
    return " ".join(str(error).split())
