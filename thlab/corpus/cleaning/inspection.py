"""Everything that can be measured of a clip, in one pass over its pictures, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32, UInt8
from torch import Tensor

from thlab.corpus.cleaning.association import SPEAKS, agreement
from thlab.corpus.cleaning.cuts import CutFinder, face_jumps
from thlab.corpus.cleaning.exposure import exposure
from thlab.corpus.cleaning.geometry import FaceTrack, inter_ocular
from thlab.corpus.cleaning.people import People, PeopleFollower, face_finder
from thlab.corpus.cleaning.sharpness import blur_radius
from thlab.corpus.cleaning.sync import Sync, lips_heard, measure_sync
from thlab.face.landmarks.detection import Detector, Picture
from thlab.media import Clip, first_moment, stream_frames
from thlab.media.audio_files import sound_track
from thlab.timebase import FPS, frames_to_samples

EVERY = 5
"""Blur and light are measured in every fifth frame."""
LISTENED = 60 * FPS
"""Frames in the middle of a clip whose sound is compared with lips: to recognise an hour of speech takes long."""
LARGE = 0.25
"""A face counts for the sound when it is at least so large, relative to the largest."""


@dataclass(frozen=True, eq=False)
class Inspection:
    """What was measured of one clip."""

    frames: int
    people: People
    cuts: Float[np.ndarray, "frames"]
    """How much the colours change for good at each frame, 0 to 1 (:meth:`CutFinder.changes`)."""
    blur: float
    """Median over frames of :func:`blur_radius`, percent of the inter-ocular distance; NaN without a face."""
    bright: float
    """Median share of the face that is clipped; NaN without a face."""
    whites: float
    """Median brightness of the whites of the eyes, 0 to 255; NaN without a face."""
    syncs: tuple[Sync | None, ...]
    """Of each track; empty where there is no sound."""
    has_sound: bool

    @property
    def face(self) -> FaceTrack | None:
        """The face of the clip: the speaker's, or the largest; None when there is none."""
        return self.people.tracks[self.speaker or 0] if self.people.tracks else None

    @property
    def size(self) -> float:
        """Median pixels between the eyes of the face; 0 without one."""
        face = self.face
        return float(np.median(inter_ocular(face.landmarks[face.found]))) if face is not None else 0.0

    @property
    def jump(self) -> float:
        """The largest jump of the face where there is just one, in inter-ocular distances."""
        return float(face_jumps(self.people.lone_face).max(initial=0.0))

    @property
    def scores(self) -> tuple[float, ...]:
        """How well the sound goes with each face, in standard errors."""
        return tuple(agreement(sync) for sync in self.syncs)

    @property
    def speaker(self) -> int | None:
        """The face that speaks; None: nobody who is seen, or no sound."""
        best = int(np.argmax(self.scores)) if self.scores else None
        return best if best is not None and self.scores[best] >= SPEAKS else None

    @property
    def sync(self) -> Sync | None:
        """Of the face of the clip."""
        return self.syncs[self.speaker or 0] if self.syncs else None


def inspect_clip(clip: Clip, *, detector: Detector | None = None) -> Inspection:
    """Measure a clip that is in memory.

    Raises:
        ValueError: it has no pictures, or MediaPipe is needed and not there.

    Chapter 01.
    """
    if clip.frames is None:
        raise ValueError("cleaning looks at pictures, but this clip has none; take a clip with frames")
    return inspect(clip.frames, clip.audio, detector=detector)


def inspect_file(path: str | Path, *, detector: Detector | None = None) -> Inspection:
    """Measure a video on disk, a picture at a time.

    Raises:
        ValueError: it is no video, has no pictures, or is damaged, or MediaPipe is needed and not there.
    """
    return inspect(stream_frames(path), sound_from_first_picture(Path(path)), detector=detector)


def inspect(
    pictures: Iterable[UInt8[Tensor, "height width 3"]],
    audio: Float32[Tensor, "samples"] | None,
    *,
    detector: Detector | None = None,
) -> Inspection:
    """Measure pictures as they come, then the sound.

    Args:
        pictures: 25 a second.
        audio: 16 kHz, beginning with the first picture; None where there is none.
        detector: what finds faces; MediaPipe's mesh when None.

    Raises:
        ValueError: as :func:`inspect_file`.
    """
    cuts, follower, light = CutFinder(), PeopleFollower(detector or face_finder()), _Light()
    for frame, tensor in enumerate(pictures):
        picture: Picture = tensor.numpy()
        cuts.see(picture)
        faces = follower.see(picture)
        if faces and frame % EVERY == 0:
            light.see(picture, faces[0].ibug().astype(np.float64))
    people, changes = follower.people(), cuts.changes()
    syncs = () if audio is None else synchrony(audio, people)
    return Inspection(len(changes), people, changes, *light.medians(), syncs, audio is not None)


def synchrony(audio: Float32[Tensor, "samples"], people: People) -> tuple[Sync | None, ...]:
    """How the sound goes with each face of some size, in the middle of the clip; None for the others."""
    start = max(0, (len(people.counts) - LISTENED) // 2)
    stop = min(len(people.counts), start + LISTENED)
    part = audio[frames_to_samples(start) : frames_to_samples(stop)]
    if not people.tracks or len(part) == 0:
        return tuple(None for _ in people.tracks)
    heard = lips_heard(part, stop - start)
    largest = _weight(people.tracks[0])
    return tuple(
        measure_sync(part, track[start:stop], heard=heard) if _weight(track) >= LARGE * largest else None
        for track in people.tracks
    )


def sound_from_first_picture(path: Path) -> Float32[Tensor, "samples"] | None:
    """The sound of a video on the clock of its pictures; None where it has none.

    Raises:
        ValueError: it is no video, or damaged.
    """
    return sound_track(path, origin=first_moment(path))


def _weight(track: FaceTrack) -> float:
    """Size of a face, summed over the frames in which it is there."""
    return float(inter_ocular(track.landmarks[track.found]).sum())


class _Light:
    """Blur and exposure of the largest face, gathered."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, float, float]] = []

    def see(self, picture: Picture, landmarks: Float[np.ndarray, "68 2"]) -> None:
        light = exposure(picture, landmarks)
        if light is not None:
            self._rows.append((blur_radius(picture, landmarks), light.bright, light.whites))

    def medians(self) -> tuple[float, float, float]:
        table = np.array(self._rows).reshape(-1, 3)
        known = [column[np.isfinite(column)] for column in table.T]
        blur, bright, whites = (float(np.median(column)) if len(column) else float("nan") for column in known)
        return blur, bright, whites
