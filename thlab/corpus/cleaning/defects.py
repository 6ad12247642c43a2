"""Planted defects: what goes wrong with recordings, done on purpose and by a known amount, to clips that are right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from thlab.corpus.cleaning.sharpness import blurred_by
from thlab.media import Clip
from thlab.render import opencv as cv2
from thlab.timebase import frames_to_samples, nearest_sample

GAMMA = 2.2
"""Of the camera: light to the power of 1/GAMMA is what is stored."""
GREY = 96
"""Of what surrounds a picture that was made smaller."""


def blurred(clip: Clip, *, spread: float) -> Clip:
    """Out of focus: every picture blurred by a Gaussian of so many pixels."""
    return _pictures(clip, [blurred_by(picture, spread) for picture in _of(clip)])


def exposed(clip: Clip, *, stops: float) -> Clip:
    """Too little (negative) or too much light, by powers of two; what is brighter than white is cut off."""
    light = (np.arange(256) / 255) ** GAMMA * 2.0**stops
    stored = (255 * light.clip(0, 1) ** (1 / GAMMA)).round().astype(np.uint8)
    return _pictures(clip, [stored[picture] for picture in _of(clip)])


def smaller(clip: Clip, *, factor: float) -> Clip:
    """Far away: every picture shrunk, in the middle of a grey one of the old size."""
    shrunk = []
    for picture in _of(clip):
        height, width = (max(1, round(side * factor)) for side in picture.shape[:2])
        canvas = np.full_like(picture, GREY)
        top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
        canvas[top : top + height, left : left + width] = cv2.resize(
            picture, (width, height), interpolation=cv2.INTER_AREA
        )
        shrunk.append(canvas)
    return _pictures(clip, shrunk)


def flashed(clip: Clip, *, at: int, frames: int = 2) -> Clip:
    """Not a defect, but taken for a cut by careless finders: a photographer's flash for a frame or two."""
    bright = exposed(clip, stops=2.0)
    pictures = [
        flash if at <= frame < at + frames else picture
        for frame, (picture, flash) in enumerate(zip(_of(clip), _of(bright), strict=True))
    ]
    return _pictures(clip, pictures)


def cut_to(clip: Clip, other: Clip, *, at: int) -> Clip:
    """A cut: from a frame on the pictures of another clip are shown, while the sound goes on."""
    stop = min(clip.frame_count, other.frame_count)
    pictures = [*_of(clip)[:at], *_of(other)[at:stop]]
    return replace(_pictures(clip[:stop], pictures), truth=None)


def jump_cut(clip: Clip, *, at: int, shift: float) -> Clip:
    """A cut within one scene: from a frame on the picture is moved to the right by a share of its width."""
    wide = round(shift * _of(clip)[0].shape[1])
    moved = [np.roll(picture, wide, axis=1) if frame >= at else picture for frame, picture in enumerate(_of(clip))]
    return replace(_pictures(clip, moved), truth=None)


def late_sound(clip: Clip, *, ms: float) -> Clip:
    """Out of sync: the sound comes so many milliseconds later than it should, or earlier (negative)."""
    assert clip.audio is not None
    shift = nearest_sample(ms / 1000)
    silence = torch.zeros(min(abs(shift), len(clip.audio)))
    rest = clip.audio[: len(clip.audio) - shift] if shift >= 0 else clip.audio[-shift:]
    return replace(clip, audio=torch.cat([silence, rest] if shift >= 0 else [rest, silence]), transcript=None)


def with_sound_of(clip: Clip, other: Clip) -> Clip:
    """A voice from off the screen: another's words over these pictures, both cut to the shorter."""
    assert other.audio is not None
    stop = min(clip.frame_count, other.frame_count)
    return replace(clip[:stop], audio=other.audio[: frames_to_samples(stop)], transcript=other[:stop].transcript)


def side_by_side(left: Clip, right: Clip, *, sound: Clip) -> Clip:
    """Two people in one picture, and the sound of a clip: one of theirs, or a third's."""
    stop = min(left.frame_count, right.frame_count, sound.frame_count)
    assert sound.audio is not None
    pictures = [np.concatenate(pair, 1) for pair in zip(_of(left)[:stop], _of(right)[:stop], strict=True)]
    return Clip(_stacked(pictures), sound.audio[: frames_to_samples(stop)])


def _of(clip: Clip) -> list[np.ndarray]:
    """The pictures one by one."""
    if clip.frames is None:
        raise ValueError("this defect is one of pictures, but the clip has none; take a clip with frames")
    return list(clip.frames.numpy())


def _pictures(clip: Clip, pictures: list[np.ndarray]) -> Clip:
    return replace(clip, frames=_stacked(pictures))


def _stacked(pictures: list[np.ndarray]) -> Tensor:
    return torch.from_numpy(np.stack(pictures))
