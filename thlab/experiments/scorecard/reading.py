"""What one video shows: its face, frame by frame, and its sound; from its truth where it has one, else by FaceMesh."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor
from tqdm import tqdm

from thlab.corpus.cache import DAMAGED, read_archive
from thlab.experiments.takes import Take
from thlab.media import Truth, first_moment, stream_frames
from thlab.media.audio_files import fit, sound_track
from thlab.timebase import frames_to_samples

SMALL = 256
"""Pixels: smaller pictures are enlarged before the mesh looks at them."""
PATIENCE = 0.5
"""Seconds before a progress bar appears, so that a mistake is still one line."""
SILENT = 1e-4
"""Peak of a sound, of 1, below which it counts as silence."""
NO_SOUND, NO_VOICE = "{name} has no sound", "the sound of {name} is silent"
NO_FACE = "no face was found in any frame of {name}"
NO_TRUTH = "the truth of {name} has no landmarks, so its face is not known"


@dataclass(frozen=True, eq=False)
class Seen:
    """One video; rows of tracks are frames."""

    path: Path
    size: tuple[int, int]
    """Height and width, in pixels."""
    count: int
    """Frames, at 25 a second."""
    audio: Float[Tensor, "samples"] | None
    """As long as the pictures."""
    landmarks: Float[Tensor, "frames 68 2"] | None = None
    """In pixels; on a straight way where the face was lost."""
    found: Bool[np.ndarray, "frames"] | None = None
    """Where it was not lost; None where there are no landmarks."""
    motion: Truth | None = None
    """Pose, blinks and expression, as far as they are known."""
    why: str = ""
    """Why there are no landmarks."""

    @property
    def name(self) -> str:
        """Of the file."""
        return self.path.name

    @property
    def mute(self) -> str:
        """Why nothing can be heard; empty where something can."""
        if self.audio is None or len(self.audio) == 0:
            return NO_SOUND.format(name=self.name)
        return "" if float(self.audio.abs().max()) > SILENT else NO_VOICE.format(name=self.name)

    @property
    def take(self) -> Take | None:
        """How the head, the lids and the face move; None where that is not known."""
        known = self.motion
        if known is None or known.pose is None or known.expression is None or known.blink is None:
            return None
        pose, expression, blink = (track.numpy().astype(float) for track in (known.pose, known.expression, known.blink))
        return Take(pose, expression, blink, None if self.mute or self.audio is None else self.audio.numpy())

    def cut(self, count: int) -> Seen:
        """The first frames, with their sound."""
        return replace(
            self,
            count=count,
            audio=None if self.audio is None else self.audio[: frames_to_samples(count)],
            landmarks=None if self.landmarks is None else self.landmarks[:count],
            found=None if self.found is None else self.found[:count],
            motion=None if self.motion is None else self.motion[:count],
        )


def truth_of(video: Path) -> Truth | None:
    """The truth beside a prepared clip, ``NAME.npz`` beside ``NAME.mp4``; None where there is none.

    Raises:
        ValueError: it is damaged.
    """
    path = video.with_suffix(".npz")
    if not path.is_file():
        return None
    try:
        return read_archive(path).truth
    except DAMAGED as problem:
        raise ValueError(
            f"{path} is damaged ({problem}); make it again, or move it away to have the face read"
        ) from None


def see(video: Path, *, truth: Truth | None, quiet: bool = True) -> Seen:
    """Look at a video.

    Args:
        video: the file.
        truth: what is known of it; None has MediaPipe's mesh read the face.
        quiet: no progress bar.

    Raises:
        ValueError: it is no video, is damaged, has no pictures, or differs in length from its truth.
    """
    frames = _shown(stream_frames(video), f"looking at {video.name}", quiet=quiet)
    if truth is None:
        size, count, landmarks, found, motion, why = _read(frames, video.name)
    else:
        size, count = _counted(frames)
        landmarks = truth.landmarks
        found = None if landmarks is None else np.ones(len(landmarks), bool)
        motion, why = truth, "" if landmarks is not None else NO_TRUTH.format(name=video.name)
        if truth.frame_count() not in (None, count):
            raise ValueError(
                f"{video.name} has {count} frames, but its truth {video.stem}.npz has {truth.frame_count()}; "
                "they do not belong together"
            )
    audio = sound_track(video, origin=first_moment(video))
    audio = None if audio is None else fit(audio, frames_to_samples(count))
    points = None if landmarks is None else landmarks.float()
    return Seen(video, size, count, audio, points, found, motion, why)


def _shown(frames: Iterator[Tensor], doing: str, *, quiet: bool) -> Iterator[Tensor]:
    yield from tqdm(frames, doing, unit=" frames", disable=quiet, delay=PATIENCE, leave=False)


def _counted(frames: Iterable[Tensor]) -> tuple[tuple[int, int], int]:
    size, count = (0, 0), 0
    for frame in frames:
        size, count = (frame.shape[0], frame.shape[1]), count + 1
    return size, count


def _read(
    frames: Iterator[Tensor], name: str
) -> tuple[tuple[int, int], int, Tensor | None, np.ndarray | None, Truth | None, str]:
    """Size, count, landmarks, where they were found, motion, and why they are missing."""
    from thlab.face.landmarks import follow
    from thlab.face.landmarks.tracking import Follower, gathered

    seen: list[tuple[int, int]] = []
    try:
        finder = Follower()
    except ValueError as missing:  # MediaPipe is not installed; what needs no face can still be measured
        size, count = _counted(frames)
        return size, count, None, None, None, str(missing)
    scale = 1.0

    def large() -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        nonlocal scale
        for frame in frames:
            seen.append((frame.shape[0], frame.shape[1]))
            scale = max(1.0, SMALL / max(frame.shape[:2]))
            yield enlarged(frame.numpy(), scale)

    faces = list(follow(large(), finder))
    if not any(face is not None for face in faces):
        return seen[0], len(seen), None, None, None, NO_FACE.format(name=name)
    track = gathered(faces)
    found, mesh = track.found.numpy(), track.mesh.numpy() / scale
    return seen[0], len(seen), track.landmarks / scale, found, motion_of(mesh, found, seen[0]), ""


def enlarged(picture: UInt8[np.ndarray, "height width 3"], scale: float) -> UInt8[np.ndarray, "rows columns 3"]:
    """A picture in a larger size."""
    if scale <= 1:
        return picture
    from PIL import Image

    height, width = picture.shape[:2]
    size = (round(width * scale), round(height * scale))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))


def motion_of(
    mesh: Float[np.ndarray, "frames 478 3"], found: Bool[np.ndarray, "frames"], size: tuple[int, int]
) -> Truth | None:
    """Pose, expression and blinks from the points of the mesh, as ``thlab.experiments.takes`` estimates them."""
    from thlab.corpus.prepare import estimates
    from thlab.corpus.prepare.poses import Crops, pose_track

    if found.sum() < 2:
        return None
    mesh, (height, width) = mesh.astype(float), size
    person = estimates.know(mesh[found])
    expression, poses = estimates.fit_expressions(mesh, person.rest)
    whole = Crops(np.tile([width / 2, height / 2], (len(mesh), 1)), np.full(len(mesh), float(width)))
    pose, blink = pose_track(poses, whole, width), estimates.blinks(poses.to_head(mesh), person.open_eye)
    return Truth(
        pose=torch.from_numpy(pose).float(), expression=torch.from_numpy(expression), blink=torch.from_numpy(blink)
    )
