"""The sound of a video, on the clock of its pictures, and whether it fits the lips."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from jaxtyping import Float32
from torch import Tensor

from thlab.corpus.cleaning.geometry import FaceTrack
from thlab.corpus.cleaning.sync import Sync, measure_sync
from thlab.corpus.prepare.report import SoundCheck
from thlab.corpus.prepare.watching import Watched
from thlab.face.landmarks.conversion import mesh_to_ibug
from thlab.media.audio_files import sound_track
from thlab.media.containers import opened, pictures_of, sound_of
from thlab.timebase import FPS, frames_to_samples

WHAT = "a video file (mp4, mov, mkv, webm, avi, mpg …)"
STRETCH = 15 * FPS
"""Frames over which an offset is measured at a time."""
STRETCHES = 3
"""How many of those are looked at, spread over the video."""
SURE = 3.0
"""Least confidence of an offset that is worth a warning."""


@dataclass(frozen=True)
class Starts:
    """When the streams of a video begin, on the clock of the file."""

    pictures: Fraction
    sound: Fraction
    """Seconds."""
    rate: float
    """Pictures a second."""

    @property
    def apart_ms(self) -> float:
        """How much later the sound begins than the pictures."""
        return round(float(1000 * (self.sound - self.pictures)), 1)


def stream_starts(video: Path) -> Starts:
    """When pictures and sound of a video begin.

    Raises:
        ValueError: it is no video, or has no pictures or no sound.
    """
    with opened(video, what=WHAT) as container:
        pictures, sound = pictures_of(container), sound_of(container)
        if pictures is None:
            raise ValueError(f"expected {WHAT}, but {video.name} has no pictures; choose another")
        if sound is None:
            raise ValueError(
                f"{video.name} has no sound, and lips are learned from what is said; choose a video with sound"
            )
        rate = float(pictures.average_rate or FPS)
        first: dict[str, Fraction] = {}
        for packet in container.demux(pictures, sound):
            for frame in packet.decode():
                pts, base = getattr(frame, "pts", None), getattr(frame, "time_base", None)
                if pts is not None and base is not None:
                    first.setdefault(packet.stream.type, pts * base)
            if len(first) == 2:
                break
    seen = first.get("video", Fraction(0))
    return Starts(seen, first.get("audio", seen), rate)


def sound_of_video(video: Path, starts: Starts) -> Float32[Tensor, "samples"]:
    """The sound as 16 kHz mono from the first picture on: silence before a late start, an early one cut off.

    Raises:
        ValueError: the sound is damaged, or holds nothing.
    """
    audio = sound_track(video, origin=starts.pictures)
    if audio is None:
        raise ValueError(f"the sound of {video.name} holds nothing; choose a video with sound")
    return audio


def check_sound(
    audio: Float32[Tensor, "samples"], watched: Watched, *, moved_ms: float = 0.0, starts_ms: float = 0.0
) -> SoundCheck:
    """Measure how late the sound is; in a long video, on three stretches, of which the surest counts.

    Args:
        audio: from the first frame on.
        watched: with the face.
        moved_ms, starts_ms: for the report.
    """
    measured = [measure(audio, watched, start) for start in stretches(len(watched))]
    known = [sync for sync in measured if sync is not None]
    if not known:
        return SoundCheck(None, moved_ms=moved_ms, starts_ms=starts_ms)
    best = max(known, key=lambda sync: sync.confidence)
    return SoundCheck(
        round(float(best.offset_ms), 1),
        round(float(best.confidence), 2),
        round(float(best.correlation), 3),
        sure=bool(best.confidence >= SURE),
        moved_ms=moved_ms,
        starts_ms=starts_ms,
    )


def measure(audio: Float32[Tensor, "samples"], watched: Watched, start: int) -> Sync | None:
    """The offset within one stretch."""
    frames = slice(start, min(start + STRETCH, len(watched)))
    landmarks = mesh_to_ibug(watched.mesh(frames).astype(float))
    return measure_sync(
        audio[frames_to_samples(frames.start) : frames_to_samples(frames.stop)],
        FaceTrack(landmarks, watched.found[frames]),
    )


def stretches(frames: int) -> list[int]:
    """First frames of stretches spread over a video; one where it is hardly longer than that."""
    if frames < 2 * STRETCH:
        return [0]
    return np.linspace(0, frames - STRETCH, STRETCHES).round().astype(int).tolist()
