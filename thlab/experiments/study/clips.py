"""The clips of a study as bytes, all through one encoder at one quality, and clips that check attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from thlab.audio.synthesis import speak
from thlab.experiments.study.plan import SCALE
from thlab.media import Clip, read_clip, write_clip
from thlab.timebase import frame_at, frames_to_samples, video_frames

MOST_BYTES = 300_000
"""Of one clip."""
QUALITIES = (20, 24, 28, 32, 36, 40, 44)
"""Constant rate factors of x264, tried in turn until the largest clip is small enough."""
SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg")
"""Of videos that are taken from a folder."""
NOTE = "A clip of a rating study, packed by thlab. Clips in such a study may be synthetic."
CARD = 320
"""Pixels that a side of an attention check has at least, to be read."""
INK, PAPER = (18, 48, 90), (250, 248, 242)
BEGINNING, LASTING = 0.8, 3.2
"""Seconds of an attention check: like any other clip, and then the card."""
NUMBERS = {1: "one", 2: "two", 4: "four", 5: "five"}


def clips_of(paths: Sequence[Path]) -> dict[tuple[str, str], Path]:
    """Files by system and content: ``speech2vid/plumber.mp4`` is content *plumber* by system *speech2vid*.

    A folder stands for all videos in it.

    Raises:
        ValueError: there is no file, a folder holds no video, or a system has two files of one name.
    """
    found: dict[tuple[str, str], Path] = {}
    for path in paths:
        for file in _files(path):
            clip = (file.resolve().parent.name, file.stem)
            if clip in found and found[clip].resolve() != file.resolve():
                raise ValueError(f"{found[clip]} and {file} are both content {clip[1]} of {clip[0]}; rename one folder")
            found[clip] = file
    return dict(sorted(found.items()))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
    if not files:
        raise ValueError(f"{path} holds no video; expected a folder a system, with a clip of each content in it")
    return files


def read_videos(paths: Mapping[tuple[str, str], Path]) -> dict[tuple[str, str], Clip]:
    """Read the clips.

    Raises:
        ValueError: one cannot be read, or has no pictures.
    """
    clips = {name: read_clip(path) for name, path in paths.items()}
    for name, clip in clips.items():
        if clip.frames is None or not len(clip):
            raise ValueError(f"{paths[name]} has no pictures; a study shows videos")
    return clips


def packed(clips: Mapping[str, Clip]) -> dict[str, bytes]:
    """Clips as mp4 files, all at one quality, so that nobody is blamed for our encoder; at most 300 kB each.

    Raises:
        ValueError: one does not fit at any quality.
    """
    sizes: dict[str, int] = {}
    for quality in QUALITIES:
        files = {code: _encoded(clip, quality) for code, clip in clips.items()}
        sizes = {code: len(data) for code, data in files.items()}
        if max(sizes.values(), default=0) <= MOST_BYTES:
            return files
    largest = max(sizes, key=lambda code: sizes[code])
    raise ValueError(
        f"a clip of {clips[largest].duration:.1f} s takes {sizes[largest] // 1000} kB at the lowest quality, more than "
        f"{MOST_BYTES // 1000}; cut it shorter or make it smaller"
    )


def _encoded(clip: Clip, quality: int) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        write_clip(replace(clip, truth=None, transcript=None), path, note=NOTE, quality=quality)
        return path.read_bytes()


def attention_clip(clip: Clip, answer: int) -> Clip:
    """A clip that begins like another and then says, in letters and aloud, what to choose.

    Raises:
        ValueError: the clip has no pictures.
    """
    if clip.frames is None or not len(clip):
        raise ValueError("an attention check begins like a clip of the study, so it needs one with pictures")
    begin = min(len(clip), frame_at(BEGINNING))
    speech = speak(f"Please choose {NUMBERS[answer]}.")
    last = max(frame_at(LASTING), video_frames(len(speech.audio)))
    frames = _enlarged(clip.frames[:begin])
    card = card_of(answer, (frames.shape[1], frames.shape[2]))
    sound = torch.zeros(frames_to_samples(begin + last))
    if clip.audio is not None:
        sound[: frames_to_samples(begin)] = clip.audio[: frames_to_samples(begin)]
    sound[frames_to_samples(begin) :][: len(speech.audio)] = speech.audio
    return Clip(frames=torch.cat([frames, card.expand(last, -1, -1, -1)]), audio=sound)


def _enlarged(frames: UInt8[Tensor, "frames height width 3"]) -> UInt8[Tensor, "frames rows columns 3"]:
    """At least 320 pixels a side."""
    scale = max(1.0, CARD / min(frames.shape[1:3]))
    size = (round(frames.shape[2] * scale), round(frames.shape[1] * scale))
    pictures = [np.asarray(Image.fromarray(frame.numpy()).resize(size, Image.Resampling.BICUBIC)) for frame in frames]
    return torch.from_numpy(np.stack(pictures))


def card_of(answer: int, size: tuple[int, int]) -> UInt8[Tensor, "height width 3"]:
    """The card that says what to choose."""
    height, width = size
    card = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(card)
    said = ("Are you watching?", f"Please choose {answer}", f"({SCALE[answer]})")
    for text, down, high in zip(said, (0.36, 0.52, 0.66), (0.075, 0.115, 0.09), strict=True):
        font = ImageFont.load_default(round(high * min(size)))
        draw.text((width / 2, down * height), text, INK, font, anchor="mm")
    return torch.from_numpy(np.asarray(card).copy())
