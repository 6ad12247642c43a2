"""The clips that ``thlab prepare`` made of somebody's video, as training takes them: for learning, and for the test."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor
from torch.nn import functional

from thlab.corpus.cache import DAMAGED
from thlab.corpus.samples import read_sample
from thlab.media import Clip
from thlab.timebase import FPS, frames_to_seconds

MOST_SECONDS = 900.0
"""Clips are held in memory, so of a longer recording some are taken, spread over all of it."""
BLOCK = 64
"""Pictures that are resized at a time."""
TEST_SHARE = 0.2
"""Of the end, where no test was set aside."""


@dataclass(frozen=True, eq=False)
class OwnClips:
    """What is learned from, and what it is tried on."""

    name: str
    """Of the folder."""
    train: list[Clip]
    test: list[Clip]
    digest: str
    """Of the files, so that no training goes on with other clips."""

    @property
    def told(self) -> str:
        """For the card."""
        clips = f"{len(self.train)} clip{'s' * (len(self.train) != 1)}"
        return f"{clips} ({seconds_of(self.train):.0f} s) of {self.name}, {self.digest}"


def read_own_clips(folder: Path) -> OwnClips:
    """Read a folder of ``thlab prepare``, or its ``train``; the test is the ``test`` beside that.

    A folder without a test lends the end of its last clips.

    Raises:
        ValueError: there are no clips, or they cannot be read.
    """
    home = folder.parent if folder.name == "train" else folder
    place = home / "train" if (home / "train").is_dir() else folder
    names = spread([path.stem for path in sorted(place.glob("*.npz"))], MOST_SECONDS)
    if not names:
        raise ValueError(f"expected clips (NAME.mp4 and NAME.npz) in {folder}, found none; run thlab prepare VIDEO")
    train = [read_whole(place, name) for name in names]
    test = [read_whole(home / "test", path.stem) for path in sorted((home / "test").glob("*.npz"))]
    if not test:
        train, test = set_aside(train)
    return OwnClips(home.name, train, test, digest_of(place, names))


def read_whole(folder: Path, name: str) -> Clip:
    """A clip with pictures, sound and the truth that every system needs.

    Raises:
        ValueError: something of it is missing or damaged.
    """
    try:
        clip = read_sample(folder, name)
    except DAMAGED as problem:
        raise ValueError(f"{folder / name} is damaged ({problem}); run thlab prepare again") from None
    if clip.frames is None or clip.audio is None or clip.truth is None or clip.truth.landmarks is None:
        raise ValueError(f"{folder / name} lacks pictures, sound or landmarks; make it again with thlab prepare")
    return clip


def spread(names: list[str], seconds: float) -> list[str]:
    """As many names as make up so many seconds in clips of ten, spread over all of them."""
    most = max(1, int(seconds / 10))
    chosen = np.linspace(0, len(names) - 1, min(most, len(names))).round().astype(int)
    return [names[index] for index in chosen]


def set_aside(clips: list[Clip]) -> tuple[list[Clip], list[Clip]]:
    """The last clip for the test, or the end of the only one."""
    if len(clips) > 1:
        return clips[:-1], clips[-1:]
    (clip,) = clips
    first = round((1 - TEST_SHARE) * len(clip))
    if len(clip) - first < FPS:
        raise ValueError(
            f"a single clip of {frames_to_seconds(len(clip)):.1f} s is too short to set a second aside for the test; "
            "prepare a longer video"
        )
    return [clip[:first]], [clip[first:]]


def digest_of(folder: Path, names: Sequence[str]) -> str:
    """A fingerprint of the truth of some clips."""
    total = hashlib.sha256()
    for name in names:
        total.update(name.encode() + (folder / f"{name}.npz").read_bytes())
    return total.hexdigest()[:8]


def fingerprint(path: Path) -> str:
    """The beginning of the hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def seconds_of(clips: Sequence[Clip]) -> float:
    """How long clips are together."""
    return sum(clip.duration for clip in clips)


def in_size(clip: Clip, size: int) -> Clip:
    """A clip with square pictures in another size, its landmarks with them.

    Raises:
        ValueError: its pictures are not square.
    """
    assert clip.frames is not None
    height, width = clip.frames.shape[1:3]
    if height != width:
        raise ValueError(f"expected clips with square pictures, got {height}×{width}; make them with thlab prepare")
    if height == size:
        return clip
    frames = torch.cat([resized(part, size) for part in clip.frames.split(BLOCK)])
    truth = clip.truth
    if truth is not None and truth.landmarks is not None:
        truth = replace(truth, landmarks=truth.landmarks * (size / height), masks=None)
    return replace(clip, frames=frames, truth=truth)


def resized(
    frames: UInt8[Tensor, "frames height width 3"], size: int
) -> UInt8[Tensor, "frames size size 3"]:
    """Square pictures in another size; where they shrink, areas are averaged."""
    planes = frames.movedim(-1, 1).float()
    drawn = functional.interpolate(planes, (size, size), mode="bicubic", antialias=True)
    return drawn.round().clamp(0, 255).byte().movedim(1, -1).contiguous()
