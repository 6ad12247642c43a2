"""Voices over lips that they do and do not belong to, early and late, and what cleaning makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from thlab.corpus.cleaning import defects
from thlab.corpus.cleaning.association import agreement, who_speaks
from thlab.corpus.cleaning.geometry import FaceTrack, Lips
from thlab.corpus.cleaning.people import follow_people
from thlab.corpus.cleaning.rules import CLEAR
from thlab.corpus.cleaning.sync import Sync, lips_heard, measure_sync
from thlab.experiments.cleaning_planted import Sample
from thlab.media import Clip
from thlab.timebase import seconds_to_frames

LENGTHS = (2.0, 3.0, 5.0, 8.0)
"""Seconds of a clip for which the error of the offset is told."""
LARGEST_OFFSET = 400.0
"""Milliseconds."""
RIGHT_WITHIN = 60.0
"""Milliseconds of error at which an offset still counts as found: a frame and a half."""


class Scene:
    """Three clips of one person as one, with the sound in its place and moved."""

    def __init__(self, person: int, clips: Sequence[Clip], *, offset_ms: float) -> None:
        self.person, self.offset_ms, self.clips = person, offset_ms, clips
        audio = torch.cat([clip.audio for clip in clips if clip.audio is not None])
        tracks = [follow_people(clip.frames.numpy()).tracks[0] for clip in clips if clip.frames is not None]
        self.track = FaceTrack(
            np.concatenate([track.landmarks for track in tracks]), np.concatenate([track.found for track in tracks])
        )
        moved = defects.late_sound(Clip(audio=audio), ms=offset_ms).audio
        assert moved is not None
        self.audio = audio
        self.heard, self.heard_late = (lips_heard(sound, len(self.track)) for sound in (audio, moved))

    def __len__(self) -> int:
        return len(self.track)

    def late_sync(self, frames: slice) -> Sync | None:
        """What is measured of a part whose sound was moved."""
        return measure_sync(self.audio, self.track[frames], heard=self.heard_late[frames])


def voices(scenes: Sequence[Scene], *, seconds: float = 5.0) -> Iterator[Sample]:
    """Own sound and another's over the same lips, in clips of five seconds."""
    frames = slice(0, seconds_to_frames(seconds))
    for scene, other in zip(scenes, [*scenes[2:], *scenes[:2]], strict=True):
        yield Sample("voice", "", scene.person, fit(scene, scene.heard, frames))
        yield Sample("voice", "another's voice", scene.person, fit(scene, other.heard, frames))


def fit(scene: Scene, heard: Lips, frames: slice) -> float:
    """How well a sound goes with the lips of a scene, in standard errors."""
    return agreement(measure_sync(scene.audio, scene.track[frames], heard=heard[frames]))


def offset_errors(scenes: Sequence[Scene]) -> dict[str, dict[str, float]]:
    """For each length: quantiles of the error, the share that is found, and how sure it says to be."""
    table = {}
    for length in LENGTHS:
        frames = seconds_to_frames(length)
        found = [
            (scene.late_sync(slice(start, start + frames)), scene.offset_ms)
            for scene in scenes
            for start in range(0, len(scene) - frames + 1, frames)
        ]
        known = [(sync, offset) for sync, offset in found if sync is not None]
        errors = np.array([abs(sync.offset_ms - offset) for sync, offset in known])
        sure = np.array([sync.confidence >= CLEAR for sync, _ in known])
        table[f"{length:g}"] = {
            "clips": float(len(errors)),
            "median": float(np.median(errors)),
            "p90": float(np.quantile(errors, 0.9)),
            "found": float((errors < RIGHT_WITHIN).mean()),
            "sure": float(sure.mean()),
            "found_of_sure": float((errors[sure] < RIGHT_WITHIN).mean()) if sure.any() else float("nan"),
        }
    return table


def speakers(scenes: Sequence[Scene], *, seconds: float = 5.0) -> dict[str, float]:
    """Two people in one picture: who is taken for the speaker when one of them, or a third, speaks."""
    frames = slice(0, seconds_to_frames(seconds))
    told: dict[str, list[bool]] = {"one of the two": [], "somebody else": []}
    count = len(scenes)
    for place, left in enumerate(scenes):
        right, third = scenes[(place + 3) % count], scenes[(place + 7) % count]
        tracks = [left.track[frames], right.track[frames]]
        for name, heard, wanted in (
            ("one of the two", left.heard, 0),
            ("one of the two", right.heard, 1),
            ("somebody else", third.heard, None),
        ):
            told[name].append(who_speaks(left.audio, tracks, heard=heard[frames]).index == wanted)
    return {name: float(np.mean(right)) for name, right in told.items()}
