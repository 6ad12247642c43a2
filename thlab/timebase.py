"""One clock for sound, features and pictures.

16 kHz samples · one hop of 160 samples (10 ms) · 25 frames a second · 4 hops a frame · the SyncNet window is 5 frames.
Frame ``i`` covers the samples ``[640 i, 640 (i + 1))`` and shows the moment at its middle, ``(i + ½)/25`` s.
"""

from __future__ import annotations

from dataclasses import dataclass

SAMPLE_RATE = 16_000
"""Samples a second of every audio track inside thlab."""
HOP = 160
"""Samples from one column of features to the next (10 ms)."""
FPS = 25
"""Frames a second of every video track inside thlab."""


@dataclass(frozen=True)
class Interval:
    """A label with its time: a phone, a word, an emotion."""

    start: float
    """Seconds from the beginning of the clip."""
    end: float
    """Seconds; never before ``start``."""
    label: str


@dataclass(frozen=True)
class Transcript:
    """What is said, and when."""

    text: str
    words: tuple[Interval, ...] = ()
    """Words with their times; empty when only the text is known."""
    phones: tuple[Interval, ...] = ()
    """IPA phones without stress marks, gaps being silence; empty when not known."""
    language: str = "en"
    """BCP-47 code of the language."""
