"""Videos of any frame rate to clips of 25 frames a second, with the sound where it was relative to the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import torch
from av.video.stream import VideoStream
from jaxtyping import UInt8
from torch import Tensor

from thlab.media.audio_files import fit, read_audio, sound_track
from thlab.media.clip import Clip, Frames
from thlab.media.containers import check_whole, opened, pictures_of, sound_of
from thlab.timebase import FPS, frames_to_samples, frames_to_seconds

Picture = UInt8[Tensor, "height width 3"]
"""One frame; red, green, blue from 0 to 255, row 0 at the top."""

WHAT = "a video file (mp4, mov, mkv, webm, avi, mpg …)"
EARLY = 1e-6
"""Seconds that count as nothing: what the rounding of time stamps leaves."""
MOST = 4e9
"""Bytes of frames that are gathered: about 70 minutes at 112×112, 25 s at 1080p."""
STILLS = ("image2", "_pipe")
"""How the names of FFmpeg's formats for single pictures end."""


def read_clip(path: str | Path, *, height: int | None = None) -> Clip:
    """Read a video as a clip: 25 frames a second and, where there is sound, as much 16 kHz mono.

    The clip begins with the first picture and ends with the last. Sound that starts later is preceded by silence, sound
    from before the first picture is cut off, and its end is cut or padded to that of the pictures. A file of sound
    alone gives a clip without frames. Chapter 01.

    Args:
        path: the file.
        height: scale the frames to so many rows, the width in proportion; as recorded when None.

    Raises:
        ValueError: when there is no such file, no frame and no sound in it, when it is damaged or cut off, or when its
            frames take more than 4 GB of memory.
    """
    with opened(path, what=WHAT) as container:
        pictures, sound = pictures_of(container), sound_of(container)
    if pictures is None and sound is None:
        raise ValueError(f"expected {WHAT}, but {Path(path).name} has neither pictures nor sound; choose another")
    if pictures is None:
        return Clip(audio=read_audio(path))
    frames = _gathered(stream_frames(path, height=height), name=Path(path).name)
    audio = sound_track(path, origin=first_moment(path))
    return Clip(frames=frames, audio=None if audio is None else fit(audio, frames_to_samples(len(frames))))


def stream_frames(path: str | Path, *, height: int | None = None) -> Iterator[Picture]:
    """The pictures of a video at 25 a second, one at a time; scaled to ``height`` rows if that is given.

    Frame i is what a player shows (i + ½)/25 s after the first picture appeared, whatever the frame rate, constant or
    not. Recordings turned by a phone are turned upright, and pixels that are not square made so.

    Raises:
        ValueError: as ``read_clip`` does, and when there are no pictures; damage in the middle shows only on the way.
    """
    name = Path(path).name
    with opened(path, what=WHAT) as container:
        stream = pictures_of(container)
        if stream is None:
            raise ValueError(f"expected {WHAT}, but {name} has no pictures; read sound with read_audio")
        if container.format.name.endswith(STILLS):
            raise ValueError(f"expected {WHAT}, but {name} is a still picture; open it with Pillow")
        count = 0
        for picture in _on_the_clock(container.decode(stream), stream, height):
            yield torch.from_numpy(picture)
            count += 1
        if count == 0:
            raise ValueError(
                f"expected {WHAT}, but {name} holds no frame that can be decoded; record or convert it again"
            )
        check_whole(container, stream, decoded=frames_to_seconds(count))


def read_note(path: str | Path) -> str | None:
    """The comment inside a media file; what ``ClipWriter`` made says there that it is synthetic.

    Raises:
        ValueError: when the file is missing or no media file.
    """
    with opened(path, what=WHAT) as container:
        return container.metadata.get("comment")


def first_moment(path: str | Path) -> Fraction:
    """When the first picture appears on the clock of the container, in seconds; 0 where the file does not say.

    Sound read by ``sound_track`` with this as its origin lies as it does beside the pictures. Chapter 01.

    Raises:
        ValueError: when there is no such file, or it is no media file.
    """
    with opened(path, what=WHAT) as container:
        stream = pictures_of(container)
        first = next(container.decode(stream), None) if stream is not None else None
        if first is None or first.pts is None or first.time_base is None:
            return Fraction(0)
        return first.pts * first.time_base


def _gathered(pictures: Iterator[Picture], *, name: str) -> Frames:
    """All pictures in one tensor, which grows in place so that they are never in memory twice."""
    first = next(pictures).numpy()
    frames, count = first[None].copy(), 1
    for picture in pictures:
        if count * first.nbytes > MOST:
            raise ValueError(
                f"the frames of {name} take more than {MOST / 1e9:.0f} GB; give a smaller height, or use stream_frames"
            )
        if count == len(frames):
            frames.resize((count + count // 4 + 16, *first.shape), refcheck=False)
        frames[count] = picture
        count += 1
    frames.resize((count, *first.shape), refcheck=False)
    return torch.from_numpy(frames)


def _on_the_clock(
    frames: Iterator[av.VideoFrame], stream: VideoStream, height: int | None
) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    """Show each picture for as many frames of 1/25 s as have their middle in its time."""
    shown, size = 0, None
    for frame, end in _with_ends(frames, stream):
        size = size or _size(frame, stream, height)
        if _middle(shown) < end:
            picture = _upright(frame, size)
        while _middle(shown) < end:
            yield picture
            shown += 1


def _with_ends(frames: Iterator[av.VideoFrame], stream: VideoStream) -> Iterator[tuple[av.VideoFrame, float]]:
    """Each frame with the moment at which the next takes its place, in seconds from the first."""
    usual = float(1 / (stream.average_rate or FPS))
    held, begin, moment = None, 0.0, 0.0
    for frame in frames:
        moment = frame.time if frame.time is not None else moment + usual
        if held is None:
            begin = moment
        else:
            yield held, moment - begin - EARLY
        held = frame
    if held is not None:
        lasts = float(held.duration * held.time_base) if held.duration and held.time_base else usual
        yield held, max(moment - begin + lasts - EARLY, frames_to_seconds(1))


def _middle(frame: int) -> float:
    """The moment that a frame shows."""
    return frames_to_seconds(frame) + frames_to_seconds(1) / 2


def _size(frame: av.VideoFrame, stream: VideoStream, upright: int | None) -> tuple[int, int]:
    """Width and height before turning: with square pixels (television has others), and as many rows as wanted after."""
    width, height = round(frame.width * (stream.sample_aspect_ratio or 1)), frame.height
    scale = 1.0 if upright is None else upright / (width if round(frame.rotation / 90) % 2 else height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _upright(frame: av.VideoFrame, size: tuple[int, int]) -> UInt8[np.ndarray, "height width 3"]:
    """Pixels as RGB, turned as the recording says."""
    pixels = frame.to_ndarray(format="rgb24", width=size[0], height=size[1])
    return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90)))
