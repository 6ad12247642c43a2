"""Lists that datasets publish instead of media, or beside it: read a line at a time, every complaint with its line.

A list of names (LRS2, ObamaSet), a table (metadata of VoxCeleb), segments of videos (AVSpeech), and tracks: the boxes
of one face, a line a frame (VoxCeleb, VoxCeleb2, LRS3).
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from thlab.corpus.public.archives import leads_outside
from thlab.media.atomic import check_readable
from thlab.timebase import frame_at, frames_to_seconds

TRACK_HEAD = ("FRAME", "X", "Y", "W", "H")
"""Head of the table of boxes: frame of the 25 a second of the whole video, left, top, width, height."""
YOUTUBE_ID = 11
"""Characters in the name of a video at YouTube."""
VIDEO_ID = re.compile(rf"[A-Za-z0-9_-]{{{YOUTUBE_ID}}}")


@dataclass(frozen=True)
class Segment:
    """A stretch of a video with one face at a known place (AVSpeech)."""

    video: str
    """Name of the video at YouTube."""
    start: float
    """Seconds."""
    end: float
    x: float
    """Centre of the face at the start, as a share of the width from the left."""
    y: float
    """The same, as a share of the height from the top."""


@dataclass(frozen=True, eq=False)
class Track:
    """Where one face is, frame by frame, in a whole video (VoxCeleb, VoxCeleb2, LRS3)."""

    video: str
    """Name of the video at YouTube."""
    first: int
    """Number of the first frame, at 25 a second from the beginning of the video."""
    boxes: Float32[np.ndarray, "frames 4"]
    """Left, top, width, height in the units of the list; one row a frame."""
    head: dict[str, str]
    """What the file says above its table: Identity, Offset, Conf …"""

    @property
    def seconds(self) -> tuple[float, float]:
        """From where to where in the video."""
        return frames_to_seconds(self.first), frames_to_seconds(self.first + len(self.boxes))


def bad_line(path: Path, number: int, expected: str, found: str) -> ValueError:
    """The complaint about a line of a list."""
    return ValueError(f"expected {expected} in line {number} of {path}, but it reads {found[:60]!r}; fetch it again")


def numbered_lines(path: Path | str) -> Iterator[tuple[int, str]]:
    """Lines that hold something, stripped, with their numbers from 1.

    Raises:
        ValueError: the file is missing or empty, or no text.
    """
    source, any_line = check_readable(path, what="a list (text)"), False
    with source.open(encoding="utf-8-sig") as file:
        try:
            for number, line in enumerate(file, start=1):
                if stripped := line.strip():
                    any_line = True
                    yield number, stripped
        except UnicodeDecodeError:
            raise ValueError(f"expected text in {source}, but it holds other bytes; fetch it again") from None
    if not any_line:
        raise ValueError(f"expected lines in {source}, but it holds none; fetch it again")


def names(path: Path | str) -> Iterator[str]:
    """The first word of each line: a list of clips, ``VIDEO/NUMBER``.

    Raises:
        ValueError: the list is missing or empty, or a name would lead out of its folder; its line is named.
    """
    for number, line in numbered_lines(path):
        name = line.split()[0]
        if leads_outside(name):
            raise bad_line(Path(path), number, "the name of a clip inside the dataset", line)
        yield name


def video_ids(path: Path | str) -> Iterator[str]:
    """YouTube names, a line each, also where whole addresses are written.

    Raises:
        ValueError: a line holds neither; its number is named.
    """
    for number, line in numbered_lines(path):
        name = line.split()[0].split("v=")[-1].split("&")[0].rstrip("/").split("/")[-1]
        if not is_video_id(name) or len(line.split()) > 1:
            raise bad_line(Path(path), number, f"the name of a video ({YOUTUBE_ID} letters, digits, - or _)", line)
        yield name


def is_video_id(name: str) -> bool:
    """Whether a name has the form of YouTube's: then it is no path either, and safe to look for in a folder."""
    return VIDEO_ID.fullmatch(name) is not None


def segments(path: Path | str) -> Iterator[Segment]:
    """Rows of AVSpeech: video, start, end, x, y, without a head.

    Raises:
        ValueError: a row is something else; its number is named.
    """
    for number, line in numbered_lines(path):
        row = line.split(",")
        try:
            start, end, x, y = map(float, row[1:])
        except ValueError:
            raise bad_line(Path(path), number, "video, start, end, x, y", line) from None
        if not is_video_id(row[0].strip()):
            raise bad_line(Path(path), number, f"the name of a video ({YOUTUBE_ID} letters, digits, - or _)", line)
        if not (0 <= start < end < math.inf and 0 <= x <= 1 and 0 <= y <= 1):
            raise bad_line(Path(path), number, "0 ≤ start < end, and x, y from 0 to 1", line)
        yield Segment(row[0].strip(), start, end, x, y)


def table(path: Path | str, *, delimiter: str) -> Iterator[dict[str, str]]:
    """Rows of a table with a head, as mappings from its stripped names.

    Raises:
        ValueError: a row has another number of columns than the head; its number is named.
    """
    lines = numbered_lines(path)
    head = [name.strip() for name in next(csv.reader([next(lines)[1]], delimiter=delimiter))]
    for number, line in lines:
        row = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
        if len(row) != len(head):
            raise bad_line(Path(path), number, f"{len(head)} columns ({', '.join(head)})", line)
        yield dict(zip(head, row, strict=True))


def track(path: Path | str, *, video: str) -> Track:
    """Read a file of boxes: lines of ``Name : value``, then the table with the head FRAME X Y W H.

    Args:
        path: a text file of VoxCeleb, VoxCeleb2 or LRS3.
        video: name of the video when the file does not say it (``Reference`` or ``Ref``).

    Raises:
        ValueError: no table, a damaged row, or frames that do not follow one another; the line is named.
    """
    head: dict[str, str] = {}
    rows: list[tuple[float, ...]] = []
    in_table = False
    for number, line in numbered_lines(path):
        fields = line.split()
        if tuple(fields) == TRACK_HEAD:
            in_table = True
        elif in_table and fields[0] == "WORD":
            break
        elif in_table:
            rows.append(_box(Path(path), number, fields, follows=rows))
        elif ":" in line:
            name, _, value = line.partition(":")
            head[name.strip()] = value.strip()
    if not rows:
        raise ValueError(f"expected a table of boxes (FRAME X Y W H) in {path}, but it has none; fetch it again")
    named = head.get("Reference") or head.get("Ref") or video
    if not is_video_id(named):
        raise ValueError(f"expected the name of a video in {path}, but it is {named[:60]!r}; fetch the file again")
    return Track(named, int(rows[0][0]), np.array([row[1:] for row in rows], np.float32), head)


def _box(path: Path, number: int, fields: Sequence[str], *, follows: list[tuple[float, ...]]) -> tuple[float, ...]:
    try:
        frame, (x, y, width, height) = int(fields[0]), map(float, fields[1:])
    except ValueError:
        raise bad_line(path, number, "a frame and four numbers", " ".join(fields)) from None
    if frame < 0 or not (width > 0 and height > 0 and math.isfinite(x + y + width + height)):
        raise bad_line(path, number, "a box with a width and a height above 0", " ".join(fields))
    if follows and frame != follows[-1][0] + 1:
        raise bad_line(path, number, f"frame {int(follows[-1][0]) + 1}, next to the line before", " ".join(fields))
    return float(frame), x, y, width, height


def segment_frames(segment: Segment) -> tuple[int, int]:
    """The frames of 25 a second that a segment covers: first, and one past the last."""
    first = frame_at(segment.start)
    return first, max(first + 1, math.ceil(segment.end / frames_to_seconds(1) - 1e-6))
