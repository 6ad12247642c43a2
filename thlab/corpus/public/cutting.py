"""Cutting clips out of whole videos that the user has downloaded, as the lists of a dataset say.

A video is decoded once, however many clips come out of it, and never held in memory: pictures go from the decoder
through the crop into the files. Nothing is downloaded. Chapter 01.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from thlab.corpus.public.entries import DAMAGE, one_line
from thlab.media import Audio, ClipWriter, atomic_path, first_moment, stream_frames
from thlab.media.audio_files import fit, sound_track
from thlab.timebase import frames_to_samples

VIDEO_SUFFIXES = (".mp4", ".mkv", ".webm", ".mov", ".avi", ".flv", ".mpg")
"""How downloaded videos may end, in the order of preference."""
SIZE = 224
"""Rows and columns of a cropped clip, as VoxCeleb2, LRS2 and LRS3 publish theirs."""

Pixels = UInt8[np.ndarray, "height width 3"]
Cropped = UInt8[np.ndarray, "rows columns 3"]
Box = Float[np.ndarray, "4"]
"""Left, top, width, height in pixels."""


@dataclass(frozen=True, eq=False)
class Piece:
    """One clip to cut out of a video."""

    video: str
    """Name of the video, which is its file's stem."""
    name: str
    """Where the clip goes below the output folder, with slashes, without ending."""
    first: int
    """Number of its first frame, at 25 a second."""
    frames: int
    """How many."""
    box: Callable[[int, int, int], Box] | None = None
    """(frame of the piece, height, width) → what to crop, in pixels; None keeps the picture as it is."""
    size: int | None = SIZE
    """Side of the square that the crop is scaled to; None keeps its own size."""
    list_file: Path | None = None
    """A text that belongs beside the clip, copied with it."""

    @property
    def last(self) -> int:
        """One past the number of its last frame."""
        return self.first + self.frames


@dataclass
class CutReport:
    """What came of a list."""

    written: list[Path] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    """Clips that were cut before and are left alone."""
    not_downloaded: dict[str, int] = field(default_factory=dict)
    """Video → how many clips wait for it."""
    failed: list[str] = field(default_factory=list)
    """Videos that could not be read to the end of a piece, with the reason."""

    def __str__(self) -> str:
        waiting = sum(self.not_downloaded.values())
        return (
            f"{len(self.written)} clips written, {len(self.there)} were there, {waiting} wait for "
            f"{len(self.not_downloaded)} videos that are not downloaded, {len(self.failed)} failed"
        )


def cut_pieces(
    pieces: Iterable[Piece], videos: Path | str, folder: Path | str, *, skip_damaged: bool = False
) -> Iterator[CutReport]:
    """Cut every piece whose video is there; yields the growing report after each video.

    Args:
        pieces: in any order; those of one video are cut together.
        videos: folder with whole videos, each named after its video: ``ID.mp4``, ``ID.mkv`` …
        folder: where clips go; those that are there are not made again.
        skip_damaged: count a damaged video in the report and go on.

    Raises:
        ValueError: a video is damaged or too short and ``skip_damaged`` is off.
    """
    source, target, report = Path(videos), Path(folder), CutReport()
    for video, wanted in _by_video(pieces).items():
        todo = [piece for piece in wanted if not _place(target, piece).is_file()]
        report.there += [piece.name for piece in wanted if piece not in todo]
        path = find_video(source, video)
        if todo and path is None:
            report.not_downloaded[video] = len(todo)
        elif todo and path is not None:
            _cut_one(path, todo, target, report, skip_damaged=skip_damaged)
        yield report


def find_video(folder: Path, name: str) -> Path | None:
    """The file of a video, whatever its ending."""
    places = (folder / f"{name}{suffix}" for suffix in VIDEO_SUFFIXES)
    return next((place for place in places if place.is_file()), None)


def _by_video(pieces: Iterable[Piece]) -> Mapping[str, list[Piece]]:
    grouped: dict[str, list[Piece]] = {}
    for piece in pieces:
        grouped.setdefault(piece.video, []).append(piece)
    return grouped


def _place(folder: Path, piece: Piece) -> Path:
    return folder / f"{piece.name}.mp4"


def _cut_one(path: Path, pieces: list[Piece], folder: Path, report: CutReport, *, skip_damaged: bool) -> None:
    try:
        for piece in cut_video(path, pieces, folder):
            report.written.append(_place(folder, piece))
    except DAMAGE as error:
        if not skip_damaged:
            raise
        report.failed.append(one_line(error))


def cut_video(path: Path, pieces: list[Piece], folder: Path) -> Iterator[Piece]:
    """Cut pieces out of one video in a single pass; yields each when its file is complete.

    Raises:
        ValueError: the video is damaged, or ends before a piece does; pieces that were complete stay.
    """
    waiting = sorted(pieces, key=lambda piece: piece.first)
    sound = sound_track(path, origin=first_moment(path))
    with ExitStack() as stack:
        open_ones: list[_Cut] = []
        for number, picture in enumerate(stream_frames(path)):
            while waiting and waiting[0].first <= number:
                open_ones.append(_Cut(waiting.pop(0), folder, sound))
                stack.push(open_ones[-1].abandon)
            for cut in open_ones:
                cut.add(picture.numpy())
            for cut in [cut for cut in open_ones if cut.done]:
                open_ones.remove(cut)
                cut.close()
                yield cut.piece
            if not waiting and not open_ones:
                return
        late = [cut.piece for cut in open_ones] + waiting
        raise ValueError(
            f"{path.name} ends before {late[0].name} does, which needs frames {late[0].first} to {late[0].last - 1} at "
            "25 a second; download the whole video"
        )


class _Cut:
    """A piece while it is being written."""

    def __init__(self, piece: Piece, folder: Path, sound: Audio | None) -> None:
        self.piece, self.place, self.count = piece, _place(folder, piece), 0
        begin, end = frames_to_samples(piece.first), frames_to_samples(piece.last)
        self.sound = None if sound is None else fit(sound[begin:end], frames_to_samples(piece.frames))
        self.writer: ClipWriter | None = None

    @property
    def done(self) -> bool:
        return self.count == self.piece.frames

    def add(self, picture: Pixels) -> None:
        pixels = _cropped(picture, self.piece, self.count)
        if self.writer is None:
            height, width = pixels.shape[:2]
            self.writer = ClipWriter(self.place, (height, width), audio=self.sound, note=None).__enter__()
        self.writer.write(pixels)
        self.count += 1

    def close(self) -> None:
        assert self.writer is not None
        writer, self.writer = self.writer, None
        writer.__exit__(None, None, None)
        if self.piece.list_file is not None:
            copy_beside(self.piece.list_file, self.place.with_suffix(self.piece.list_file.suffix))

    def abandon(self, kind: object, error: object, trace: object) -> None:
        """Leave nothing half-written when the video ends too early or is damaged."""
        if self.writer is not None:
            stop = InterruptedError("the piece was not finished")
            self.writer.__exit__(InterruptedError, stop, None)
            self.writer = None


def copy_beside(source: Path, place: Path) -> None:
    """Copy a text into the output unless it is there already."""
    if not place.is_file():
        with atomic_path(place) as part:
            shutil.copyfile(source, part)


def _cropped(picture: Pixels, piece: Piece, frame: int) -> Cropped:
    if piece.box is None:
        return picture
    height, width = picture.shape[:2]
    return crop(picture, piece.box(frame, height, width), size=piece.size)


def crop(picture: Pixels, box: Box, *, size: int | None) -> Cropped:
    """Cut a box out of a picture, to whole pixels; beyond its border the border is repeated.

    Args:
        picture: row 0 at the top.
        box: left, top, width, height in pixels; may reach beyond the picture.
        size: side of the square that the result is scaled to; None leaves it as it is.
    """
    left, top = (int(np.floor(value + 0.5)) for value in box[:2])
    width, height = (max(1, int(np.floor(value + 0.5))) for value in box[2:])
    rows = np.clip(np.arange(top, top + height), 0, picture.shape[0] - 1)
    columns = np.clip(np.arange(left, left + width), 0, picture.shape[1] - 1)
    inside = np.ascontiguousarray(picture[rows][:, columns])
    if size is None or inside.shape[:2] == (size, size):
        return inside
    return np.array(Image.fromarray(inside).resize((size, size), Image.Resampling.BICUBIC))
