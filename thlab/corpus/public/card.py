"""The card of a dataset: who made it, how large it is, what may be done with it, and how it lies on disk.

Every figure names its source. What could not be checked at a source says "not verified" instead of guessing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Environment = Literal["lab", "broadcast", "web"]
PublishedAs = Literal["files", "links"]

NOT_VERIFIED = "not verified"
"""Stands where no source could be read."""


@dataclass(frozen=True)
class Obtain:
    """How to come by a dataset."""

    how: str
    """In a sentence: download, sign an agreement, ask."""
    address: str
    """Of the page to begin at."""


@dataclass(frozen=True)
class Slip:
    """A cell of the survey's Table 1, or a sentence of its section 2, that a source corrects."""

    printed: str
    corrected: str
    source: str


@dataclass(frozen=True)
class DatasetCard:
    """A dataset's row in a table like the survey's Table 1, and everything to know before asking for it."""

    name: str
    """Stem of its file, and its name for ``open_dataset``."""
    title: str
    """As the field writes it."""
    authors: str
    venue: str
    year: int
    hours: float | None
    """Of video with one camera; None when no source gives it."""
    people: int | None
    """None when no source counts them."""
    clips: int | None
    environment: Environment
    head_motion: bool
    """Whether heads move noticeably."""
    emotion_labels: bool
    views: int
    """Cameras at once."""
    resolution: str
    fps: str
    licence: str
    allowed_use: str
    obtain: Obtain
    published_as: PublishedAs
    splits: tuple[str, ...]
    """Official ones, as ``Dataset.entries`` takes them; empty when none is official."""
    splits_note: str
    """Where the official splits come from, or that there are none."""
    layout: str
    """The folders and files that ``open_dataset`` expects, a line each."""
    labels: tuple[str, ...] = ()
    """What an entry knows beyond its speaker."""
    sources: tuple[str, ...] = ()
    """Where the figures above were read."""
    notes: tuple[str, ...] = ()
    survey_differs: Mapping[str, Slip] = field(default_factory=dict)
    """By field or topic: what the survey prints, what a source says, and which source."""
