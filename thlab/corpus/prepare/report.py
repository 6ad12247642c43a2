"""What preparing a video found: a few lines for people, and JSON beside the clips."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

NAME = "prepare.json"
"""The file of the report, in the folder of the clips."""


@dataclass(frozen=True)
class SoundCheck:
    """How sound and lips go together."""

    offset_ms: float | None
    """How much later the sound comes than the lips it belongs to; None where it cannot be said."""
    confidence: float = 0.0
    """How clearly, in the unit of ``thlab.corpus.cleaning.sync``."""
    correlation: float = 0.0
    sure: bool = False
    """Whether the offset is to be trusted."""
    moved_ms: float = 0.0
    """How much later the sound was put by request, before the offset was measured."""
    starts_ms: float = 0.0
    """How much later the sound's stream starts than the pictures' in the file; this is already made good."""


@dataclass(frozen=True)
class Report:
    """What was found in a video and what was made of it."""

    video: str
    seconds: float
    size: tuple[int, int]
    """Height and width of the pictures of the video."""
    rate: float
    """Frames a second of the video."""
    face_share: float
    """Share of the frames in which the face is seen."""
    face_width: float
    """Median, in pixels of the video."""
    crop: int
    """Pixels a side of the clips."""
    crop_side: float
    """Median side of the square that became a clip, in pixels of the video."""
    outside: float
    """Share of the frames whose square reaches beyond the picture."""
    several: float
    """Share of the frames with more than one face."""
    cuts: tuple[float, ...]
    """Seconds at which new shots begin."""
    shots: int
    dropped: float
    """Seconds that are in no clip."""
    sound: SoundCheck
    identity_mm: float
    """What the head leaves unexplained of the face at rest."""
    identity_fits: bool
    mouth: tuple[float, float]
    """Gap between the lips that is exceeded in 95 and in 5 of 100 frames, in distances of the outer eye corners."""
    train: dict[str, float]
    """Clips by name, with their seconds."""
    test: dict[str, float]
    warnings: tuple[str, ...] = field(default=())

    def lines(self) -> list[str]:
        """One line each, in the order in which one asks."""
        told = [
            ("video", f"{self.video}: {self.seconds:.1f} s, {self.size[1]}×{self.size[0]}, {self.rate:.4g} frames/s"),
            ("face", f"in {100 * self.face_share:.1f} % of the frames, {self.face_width:.0f} px wide"),
            ("crop", f"{self.crop_side:.0f} px → {self.crop} px"),
            ("cuts", ", ".join(f"{moment:.2f} s" for moment in self.cuts) or "none"),
            ("sound", sound_line(self.sound)),
            ("mouth", f"lips {self.mouth[0]:.3f} to {self.mouth[1]:.3f} eye distances apart"),
            ("identity", identity_line(self)),
            ("train", clips_line(self.train)),
            ("test", clips_line(self.test)),
            ("dropped", f"{self.dropped:.1f} s"),
        ]
        return [f"{name:9} {text}" for name, text in told] + [f"warning: {text}" for text in self.warnings]

    def write(self, folder: Path) -> None:
        """As JSON, beside the clips."""
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False)
        (folder / NAME).write_text(text + "\n", encoding="utf-8")


def sound_line(sound: SoundCheck) -> str:
    """In words; positive is late."""
    moved = f"; moved by {sound.moved_ms:+.0f} ms" if sound.moved_ms else ""
    apart = f"; its stream starts {sound.starts_ms:+.0f} ms from the pictures', made good" if sound.starts_ms else ""
    if sound.offset_ms is None:
        return f"offset unknown: lips or sound hardly move{moved}{apart}"
    sure = "" if sound.sure else ", too little to rely on"
    return f"{sound.offset_ms:+.0f} ms (+ is late), confidence {sound.confidence:.1f}{sure}{moved}{apart}"


def identity_line(report: Report) -> str:
    """Whether the coefficients were kept."""
    left = f"the head comes within {report.identity_mm:.1f} mm of the face at rest"
    return left if report.identity_fits else f"{left}, too far: left out"


def clips_line(clips: dict[str, float]) -> str:
    return f"{len(clips)} clip{'s' * (len(clips) != 1)}, {sum(clips.values()):.1f} s"
