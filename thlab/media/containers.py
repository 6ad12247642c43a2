"""What reading sound and reading pictures share: opening a file through FFmpeg, and noticing that it was cut off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from thlab.media.atomic import check_readable
from thlab.media.headers import mp3_is_indexed

SLACK = 0.25
"""Seconds that a file may be shorter than its header says: the padding of codecs and the last packet."""
MP4, MATROSKA = "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"
"""FFmpeg's names for two families of formats."""
EXACT = frozenset({MP4, "flac", "wav", "w64", "aiff"})
"""Formats whose header holds the duration of a stream; for others FFmpeg may guess it from the bit rate."""


@contextmanager
def opened(path: str | Path, *, what: str) -> Iterator[InputContainer]:
    """Open a file with FFmpeg; whatever it dislikes, then or while the body decodes, becomes one line.

    Raises:
        ValueError: when the file is missing, empty, not a recording, or damaged.
    """
    source = check_readable(path, what=what)
    try:
        # The absolute path keeps names with a colon from being read as an internet address.
        with av.open(str(source.resolve()), metadata_errors="replace") as container:
            yield container
    except av.FFmpegError as error:
        raise ValueError(
            f"expected {what}, but {source} cannot be decoded ({error.strerror}); it is damaged, cut off or something "
            "else: copy or convert it again"
        ) from error


def pictures_of(container: InputContainer) -> VideoStream | None:
    """The first stream of moving pictures; cover art does not count."""
    moving = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    return moving[0] if moving else None


def sound_of(container: InputContainer) -> AudioStream | None:
    """The first stream of sound."""
    return container.streams.audio[0] if container.streams.audio else None


def stated_seconds(container: InputContainer, stream: Stream) -> float | None:
    """How long a stream lasts by the header of its file; None when the header does not say."""
    kind, base = container.format.name, float(stream.time_base or 0)
    if kind == MATROSKA and (tag := stream.metadata.get("DURATION")):
        hours, minutes, seconds = tag.split(":")  # of the end, not of the stretch
        return 3600 * int(hours) + 60 * int(minutes) + float(seconds) - (stream.start_time or 0) * base
    if kind == "avi":
        return stream.frames * base or None
    if kind in EXACT or (kind == "mp3" and mp3_is_indexed(Path(container.name))):
        return stream.duration * base if stream.duration else None
    return None


def check_whole(container: InputContainer, stream: Stream, *, decoded: float) -> None:
    """Compare what came out of a stream, in seconds, with what the header of the file says.

    Raises:
        ValueError: when more than ``SLACK`` is missing.
    """
    stated = stated_seconds(container, stream)
    if stated is not None and decoded < stated - SLACK:
        raise ValueError(cut_off(container.name, stated=stated, found=decoded))


def cut_off(name: str, *, stated: float, found: float) -> str:
    """The message for a file that ends too early."""
    return (
        f"the header of {Path(name).name} states {stated:.2f} s, but only {found:.2f} s can be decoded: it was cut off "
        "or damaged; copy it again, or save the good part with an editor"
    )
