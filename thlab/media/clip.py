"""A clip is what a camera and a microphone would have recorded, with what is known of it; a batch is for learning.

Every track is on the clock of ``thlab.timebase``: 25 frames and 16,000 samples a second, both beginning at zero.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from jaxtyping import Bool, Float, Float32, Int, UInt8
from torch import Tensor

from thlab.timebase import (
    FPS,
    SAMPLE_RATE,
    Transcript,
    cut,
    frames_to_samples,
    frames_to_seconds,
    samples_to_seconds,
    video_frames,
)

Frames = UInt8[Tensor, "frames height width 3"]
"""Pictures as red, green, blue from 0 to 255; row 0 is the top."""
Audio = Float32[Tensor, "samples"]
"""Mono sound at 16 kHz, about −1 to 1."""

NOT_PER_FRAME = frozenset({"identity", "emotion", "emotion_intensity", "actor"})
"""The fields of ``Truth`` that hold for a whole clip."""
WITHOUT_SPACES = frozenset({"zh", "cmn", "yue", "ja", "th", "lo", "km", "my"})
"""Languages written without spaces between words."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What is known of a clip beyond sound and pictures; each part may be missing. Tracks have one row a frame."""

    landmarks: Float[Tensor, "frames 68 2"] | None = None
    """The 68 points of iBUG; x right, y down, in pixels, pixel centres at .5."""
    visible: Bool[Tensor, "frames 68"] | None = None
    """Whether the camera sees the point."""
    expression: Float[Tensor, "frames modes"] | None = None
    """Coefficients of the expression basis (``thlab.face.action_units.EXPRESSIONS``)."""
    identity: Float[Tensor, "identity_modes"] | None = None
    """Coefficients of the identity basis, one set a clip."""
    pose: Float[Tensor, "frames 6"] | None = None
    """Yaw, pitch, roll in radians, x, y, z in head units; the signs are those of ``thlab.face.motion``."""
    gaze: Float[Tensor, "frames 2"] | None = None
    """Yaw and pitch of the eyes relative to the head, radians."""
    blink: Float[Tensor, "frames"] | None = None
    """How far the lids are closed, 0 to 1."""
    viseme: Int[Tensor, "frames"] | None = None
    """Index of the mouth shape."""
    emotion: str | None = None
    emotion_intensity: float | None = None
    """0 to 1."""
    actor: int | None = None
    """Seed of the person."""
    masks: UInt8[Tensor, "frames height width"] | None = None
    """Which part of the picture each pixel belongs to."""
    depth: Float[Tensor, "frames height width"] | None = None
    """Distance from the camera, in head units."""
    normals: Float[Tensor, "frames height width 3"] | None = None
    """Unit normals in camera axes."""
    uv: Float[Tensor, "frames height width 2"] | None = None
    """Texture coordinates, 0 to 1."""

    def __post_init__(self) -> None:
        lengths = {name: len(track) for name, track in self.tracks().items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"the tracks of a truth must have one length, but they have {lengths} frames")

    def tracks(self) -> dict[str, Tensor]:
        """The tensors that have one row a frame, by name."""
        named = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in NOT_PER_FRAME}
        return {name: track for name, track in named.items() if track is not None}

    def frame_count(self) -> int | None:
        """How many frames the tracks have; None when there is no track."""
        return next((len(track) for track in self.tracks().values()), None)

    def __getitem__(self, frames: slice) -> Truth:
        cut_tracks: dict[str, Any] = {name: track[frames] for name, track in self.tracks().items()}
        return replace(self, **cut_tracks)


@dataclass(frozen=True, eq=False, repr=False)
class Clip:
    """Pictures, sound, words and truth of one stretch of time; each may be missing. Chapter 01.

    The moment zero is the beginning of the first frame and of the first sample.

    Raises:
        ValueError: when a track has another type or shape, when truth and pictures differ in length, or when the sound
            differs from them by more than one frame.
    """

    frames: UInt8[Tensor, "frames height width 3"] | None = None
    """25 a second; red, green, blue from 0 to 255."""
    audio: Float32[Tensor, "samples"] | None = None
    """16 kHz, mono, about −1 to 1."""
    transcript: Transcript | None = None
    """What is said, with times in seconds from the beginning of this clip."""
    truth: Truth | None = None
    """What is known about every frame."""

    def __post_init__(self) -> None:
        _check_frames(self.frames)
        _check_audio(self.audio)
        known = None if self.truth is None else self.truth.frame_count()
        counts = {count for count in (None if self.frames is None else len(self.frames), known) if count is not None}
        if len(counts) > 1:
            raise ValueError(
                f"frames and truth must have one length, but have {sorted(counts)} frames; slice the clip as a whole"
            )
        if counts and self.audio is not None:
            _check_lengths(counts.pop(), len(self.audio))

    @property
    def frame_count(self) -> int:
        """Frames in the clip; without pictures and truth, the frames that cover its sound."""
        if self.frames is not None:
            return len(self.frames)
        known = self.truth.frame_count() if self.truth is not None else None
        if known is not None:
            return known
        return video_frames(len(self.audio)) if self.audio is not None else 0

    @property
    def duration(self) -> float:
        """Seconds: of the pictures, or else of the truth, or else of the sound."""
        if self.frames is None and self.audio is not None and (self.truth is None or not self.truth.tracks()):
            return samples_to_seconds(len(self.audio))
        return frames_to_seconds(self.frame_count)

    def __len__(self) -> int:
        return self.frame_count

    def __getitem__(self, frames: slice) -> Clip:
        """The part of the clip from one frame to another, all tracks cut alike.

        A transcript keeps the words that overlap the part, their times counted from its beginning and cut to its ends.
        Text without word times cannot be cut, so a part has none of it.
        """
        start, stop, step = frames.indices(self.frame_count)
        if step != 1:
            raise ValueError(f"a clip is cut in steps of 1 frame, not {step}; for other rates pick frames yourself")
        stop = max(start, stop)
        audio_stop = None if stop == self.frame_count else frames_to_samples(stop)
        return Clip(
            frames=None if self.frames is None else self.frames[start:stop],
            audio=None if self.audio is None else self.audio[frames_to_samples(start) : audio_stop],
            transcript=_cut_transcript(self.transcript, start, stop, whole=(stop - start == self.frame_count)),
            truth=None if self.truth is None else self.truth[start:stop],
        )

    def __repr__(self) -> str:
        parts = []
        if self.frames is not None:
            count, height, width, _ = self.frames.shape
            parts.append(f"{count} frames of {height}×{width}")
        if self.audio is not None:
            parts.append(f"{samples_to_seconds(len(self.audio)):.2f} s of sound")
        if self.transcript is not None:
            parts.append(repr(self.transcript.text))
        if self.truth is not None:
            known = [field.name for field in fields(self.truth) if getattr(self.truth, field.name) is not None]
            parts.append("truth: " + (", ".join(known) or "nothing"))
        return f"Clip({'; '.join(parts) or 'empty'})"


def _check_frames(frames: Tensor | None) -> None:
    if frames is not None and (frames.dtype != torch.uint8 or frames.ndim != 4 or frames.shape[-1] != 3):
        raise ValueError(
            f"frames must be uint8 of shape (frames, height, width, 3), but are {frames.dtype} of "
            f"{tuple(frames.shape)}; scale floats by 255, round and permute"
        )


def _check_audio(audio: Tensor | None) -> None:
    if audio is not None and (audio.dtype != torch.float32 or audio.ndim != 1):
        raise ValueError(
            f"audio must be float32 of shape (samples,), mono at {SAMPLE_RATE} Hz, but is {audio.dtype} of "
            f"{tuple(audio.shape)}; read files with read_audio"
        )


def _check_lengths(frames: int, samples: int) -> None:
    """Sound and pictures may differ by one frame, which is what rounding leaves."""
    if abs(samples - frames_to_samples(frames)) > frames_to_samples(1):
        raise ValueError(
            f"sound and pictures must last equally long to within one frame (1/{FPS} s), but the sound lasts "
            f"{samples_to_seconds(samples):.2f} s and the pictures {frames_to_seconds(frames):.2f} s; "
            "cut or pad one of them"
        )


def _cut_transcript(transcript: Transcript | None, start: int, stop: int, *, whole: bool) -> Transcript | None:
    if transcript is None or whole:
        return transcript
    if not transcript.words:
        return None
    begin, end = frames_to_seconds(start), frames_to_seconds(stop)
    words = cut(transcript.words, begin, end)
    gap = "" if transcript.language.split("-")[0] in WITHOUT_SPACES else " "
    return replace(
        transcript,
        text=gap.join(word.label for word in words),
        words=words,
        phones=cut(transcript.phones, begin, end),
    )


@dataclass(frozen=True, eq=False, repr=False)
class Batch:
    """Aligned windows for training: row ``b`` of every tensor is the same person at the same time."""

    frames: Float[Tensor, "batch frames 3 height width"]
    """What should come out; red, green, blue in [0, 1]."""
    reference: Float[Tensor, "batch stills 3 height width"]
    """Pictures of the same person from other moments, in [0, 1]."""
    mel: Float[Tensor, "batch hops mels"]
    """Log-mel features of the sound of the window, four hops a frame."""
    audio: Float[Tensor, "batch samples"] | None = None
    """The sound of the window at 16 kHz."""
    landmarks: Float[Tensor, "batch frames 68 2"] | None = None
    """As in ``Truth``, in pixels."""
    visible: Bool[Tensor, "batch frames 68"] | None = None
    expression: Float[Tensor, "batch frames modes"] | None = None
    identity: Float[Tensor, "batch identity_modes"] | None = None
    pose: Float[Tensor, "batch frames 6"] | None = None
    gaze: Float[Tensor, "batch frames 2"] | None = None
    blink: Float[Tensor, "batch frames"] | None = None
    viseme: Int[Tensor, "batch frames"] | None = None
    masks: UInt8[Tensor, "batch frames height width"] | None = None
    reference_landmarks: Float[Tensor, "batch stills 68 2"] | None = None
    reference_expression: Float[Tensor, "batch stills modes"] | None = None
    reference_pose: Float[Tensor, "batch stills 6"] | None = None
    emotion: Int[Tensor, "batch"] | None = None
    """Index of the emotion."""
    actor: Int[Tensor, "batch"] | None = None
    """Seed of the person."""

    def __len__(self) -> int:
        return len(self.frames)

    def tensors(self) -> dict[str, Tensor]:
        """Those that are there, by name."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: tensor for name, tensor in named.items() if tensor is not None}

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on another device."""
        return replace(self, **{name: tensor.to(device) for name, tensor in self.tensors().items()})

    def __repr__(self) -> str:
        return f"Batch({', '.join(f'{name} {tuple(tensor.shape)}' for name, tensor in self.tensors().items())})"
