"""Windows of clips, stacked into batches: pictures, sound and truth of the same few frames, and stills of that person.

A frame has exactly four hops of log-mel and 640 samples of audio; nothing is resampled or rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from thlab.audio.features import log_mel
from thlab.face.action_units import EMOTION_NAMES
from thlab.face.blinks import OPEN_EYES
from thlab.face.points import MOUTH
from thlab.media import Batch, Clip
from thlab.timebase import frames_to_hops, frames_to_samples

PER_FRAME = ("landmarks", "visible", "expression", "pose", "gaze", "blink", "viseme", "masks")
"""Tracks of ``Truth`` that ``Batch`` has too."""
OF_STILLS = ("landmarks", "expression", "pose")


@dataclass(frozen=True)
class WindowConfig:
    """What a window holds."""

    frames: int = 5
    """Frames a window; 5 is SyncNet's."""
    stills: int = 1
    """Pictures of the same person from other moments."""
    apart: int = 5
    """Frames at least between a still and the window, where the clip is long enough."""
    open_eyes: bool = True
    """Whether stills are taken where eyes are open, as far as blinks are known: a still mid-blink keeps them shut."""
    audio: bool = False
    """Whether the batch holds the sound itself beside its log-mel."""
    masks: bool = False
    """Whether the batch holds the masks."""


@dataclass(frozen=True, eq=False)
class Places:
    """Which windows to take: one a row."""

    clip: Int[Tensor, "batch"]
    """Index into the clips."""
    start: Int[Tensor, "batch"]
    """First frame of the pictures."""
    sound: Int[Tensor, "batch"]
    """First frame of the sound: where it differs from ``start``, sound and pictures are out of step."""
    stills: Int[Tensor, "batch stills"]
    """Frames of the same clip."""


class Windows:
    """Windows out of clips that are held in memory.

    Args:
        clips: clips with pictures and sound, of one size.
        config: what a window holds.

    Raises:
        ValueError: a clip has no pictures or no sound, sizes differ, or none is long enough.

    Chapter 01.
    """

    def __init__(self, clips: Sequence[Clip], config: WindowConfig | None = None) -> None:
        self.config = WindowConfig() if config is None else config
        self.clips = tuple(clips)
        _check(self.clips, self.config)
        self._audio = [_fitted(clip) for clip in self.clips]
        self._mel = [log_mel(audio) for audio in self._audio]
        long_enough = [len(clip) >= self.config.frames for clip in self.clips]
        self._usable = torch.tensor([index for index, good in enumerate(long_enough) if good])

    def __len__(self) -> int:
        """How many different windows there are."""
        return sum(max(len(clip) - self.config.frames + 1, 0) for clip in self.clips)

    def draw(self, batch: int, *, rng: torch.Generator) -> Places:
        """Choose windows: each clip as likely as another, then any start within it."""
        clip = self._usable[torch.randint(len(self._usable), (batch,), generator=rng)]
        rooms = torch.tensor([len(self.clips[index]) - self.config.frames + 1 for index in clip.tolist()])
        start = (torch.rand(batch, generator=rng, dtype=torch.float64) * rooms).long()
        chances = torch.rand(batch, self.config.stills, generator=rng, dtype=torch.float64)
        stills = [self._stills(c, s, row) for c, s, row in zip(clip.tolist(), start.tolist(), chances, strict=True)]
        return Places(clip, start, start.clone(), torch.stack(stills))

    def sample(self, batch: int, *, rng: torch.Generator) -> Batch:
        """A batch of windows chosen at random; the same generator state gives the same batch."""
        return self.at(self.draw(batch, rng=rng))

    def at(self, places: Places) -> Batch:
        """The windows at given places.

        Raises:
            ValueError: a window reaches beyond its clip.
        """
        rows = list(zip(places.clip.tolist(), places.start.tolist(), places.sound.tolist(), strict=True))
        for clip, *starts in rows:
            if min(starts) < 0 or max(starts) + self.config.frames > len(self.clips[clip]):
                raise ValueError(f"a window at {starts} reaches beyond clip {clip} of {len(self.clips[clip])} frames")
        pictures = torch.stack([_frames(self.clips[c], torch.arange(s, s + self.config.frames)) for c, s, _ in rows])
        reference = torch.stack([_frames(self.clips[c], f) for (c, _, _), f in zip(rows, places.stills, strict=True)])
        return Batch(pictures, reference, self._mels(rows), **self._known(rows, places.stills))

    def _mels(self, rows: list[tuple[int, int, int]]) -> Float[Tensor, "batch hops mels"]:
        length = frames_to_hops(self.config.frames)
        return torch.stack([self._mel[c][frames_to_hops(s) :][:length] for c, _, s in rows])

    def _sounds(self, rows: list[tuple[int, int, int]]) -> Float[Tensor, "batch samples"]:
        length = frames_to_samples(self.config.frames)
        return torch.stack([self._audio[c][frames_to_samples(s) :][:length] for c, _, s in rows])

    def _known(self, rows: list[tuple[int, int, int]], stills: Int[Tensor, "batch stills"]) -> dict[str, Tensor]:
        """Truth, as far as every clip of the batch has it."""
        clips = [self.clips[c] for c, _, _ in rows]
        windows = [torch.arange(s, s + self.config.frames) for _, s, _ in rows]
        tracks = tuple(name for name in PER_FRAME if name != "masks" or self.config.masks)
        known = {name: _stacked(clips, name, windows) for name in tracks}
        known |= {f"reference_{name}": _stacked(clips, name, list(stills)) for name in OF_STILLS}
        known |= {"identity": _constant(clips, "identity"), "actor": _constant(clips, "actor")}
        known["emotion"] = _constant(clips, "emotion")
        if self.config.audio:
            known["audio"] = self._sounds(rows)
        return {name: tensor for name, tensor in known.items() if tensor is not None}

    def _stills(self, clip: int, start: int, chances: Float[Tensor, "stills"]) -> Int[Tensor, "stills"]:
        """Frames away from the window and with open eyes; where there is none such, any frame."""
        frames, config = torch.arange(len(self.clips[clip])), self.config
        away = (frames < start - config.apart) | (frames >= start + config.frames + config.apart)
        truth = self.clips[clip].truth
        if config.open_eyes and truth is not None and truth.blink is not None:
            away &= truth.blink < OPEN_EYES
        choice = frames[away] if away.any() else frames
        return choice[(chances * len(choice)).long()]


def lower_half(pictures: Float[Tensor, "batch frames 3 height width"]) -> Float[Tensor, "batch frames 3 rows width"]:
    """The lower half of pictures: all that a judge of lips needs of a face crop."""
    return pictures[..., pictures.shape[-2] // 2 :, :]


def mouth_crop(
    pictures: Float[Tensor, "batch frames 3 height width"],
    landmarks: Float[Tensor, "batch frames 68 2"],
    *,
    size: tuple[int, int] = (28, 40),
) -> Float[Tensor, "batch frames 3 rows columns"]:
    """Cut the mouth out: one box a window, around the middle of its lips, so that the mouth moves within it.

    Args:
        landmarks: in pixels of the pictures, as in ``Batch``.
        size: rows and columns of the box, in pixels; 28×40 suits a face of 64 px.
    """
    rows, columns = size
    height, width = pictures.shape[-2:]
    if rows > height or columns > width:
        raise ValueError(f"a box of {rows}×{columns} pixels does not fit into {height}×{width}; choose a smaller one")
    middle = landmarks[:, :, MOUTH].mean((1, 2))
    left = (middle[:, 0] - columns / 2).round().long().clamp(0, width - columns)
    top = (middle[:, 1] - rows / 2).round().long().clamp(0, height - rows)
    boxes = zip(pictures, top.tolist(), left.tolist(), strict=True)
    return torch.stack([picture[..., y : y + rows, x : x + columns] for picture, y, x in boxes])


def _check(clips: Sequence[Clip], config: WindowConfig) -> None:
    if not clips:
        raise ValueError("windows need at least one clip, but there is none")
    for index, clip in enumerate(clips):
        if clip.frames is None or clip.audio is None:
            raise ValueError(f"windows need pictures and sound, but clip {index} is {clip!r}")
    sizes = {tuple(clip.frames.shape[1:3]) for clip in clips if clip.frames is not None}
    if len(sizes) > 1:
        raise ValueError(f"the clips of a batch must have one size, but have {sorted(sizes)}; resize them first")
    if max(map(len, clips)) < config.frames:
        raise ValueError(f"no clip is as long as a window of {config.frames} frames; choose shorter windows")


def _fitted(clip: Clip) -> Float[Tensor, "samples"]:
    """The sound, cut or padded to the length of the pictures, from which it may differ by less than a frame."""
    assert clip.audio is not None
    return functional.pad(clip.audio, (0, frames_to_samples(len(clip)) - len(clip.audio)))


def _frames(clip: Clip, which: Int[Tensor, "chosen"]) -> Float[Tensor, "chosen 3 height width"]:
    assert clip.frames is not None
    return clip.frames[which].permute(0, 3, 1, 2).float() / 255


def _of_all(clips: list[Clip], name: str) -> list[Any] | None:
    """A field of each clip's truth; None when a clip lacks it."""
    values = [None if clip.truth is None else getattr(clip.truth, name) for clip in clips]
    return None if any(value is None for value in values) else values


def _stacked(clips: list[Clip], name: str, which: list[Tensor]) -> Tensor | None:
    """Chosen rows of a track of each clip; None when a clip lacks it."""
    tracks = _of_all(clips, name)
    if tracks is None:
        return None
    return torch.stack([track[rows] for track, rows in zip(tracks, which, strict=True)])


def _constant(clips: list[Clip], name: str) -> Tensor | None:
    """What holds for whole clips: coefficients, or a number a clip; None when a clip lacks it."""
    values = _of_all(clips, name)
    if values is None:
        return None
    if name == "emotion":
        return torch.tensor([EMOTION_NAMES.index(value) for value in values])
    return torch.stack(values) if isinstance(values[0], Tensor) else torch.tensor(values)
