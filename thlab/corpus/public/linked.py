"""Datasets that publish lists instead of videos: their clips are cut from what the user has downloaded."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from thlab.corpus.public.base import Dataset
from thlab.corpus.public.cutting import SIZE, Box, CutReport, Piece, cut_pieces
from thlab.corpus.public.lists import Track, track


class LinkedDataset(Dataset):
    """A dataset of links: lists first, clips when they have been cut. The output of ``cut`` is a root to open."""

    @classmethod
    @abstractmethod
    def pieces(cls, lists: Path, videos: Path, *, size: int | None) -> Iterator[Piece]:
        """What to cut.

        Args:
            lists: the list, or the folder of lists, as published.
            videos: folder of downloaded videos.
            size: side of the clips in pixels, where faces are cropped; None keeps the size of the crop.

        Raises:
            ValueError: a list is missing, empty or damaged; its line is named.
        """

    @classmethod
    def cut(
        cls,
        lists: Path | str,
        videos: Path | str,
        folder: Path | str,
        *,
        size: int | None = SIZE,
        skip_damaged: bool = False,
    ) -> Iterator[CutReport]:
        """Cut all clips whose videos are there into a folder that ``open_dataset`` reads; never downloads.

        Yields:
            The growing report, after each video.

        Raises:
            ValueError: as ``pieces`` and ``cutting.cut_pieces`` do.
        """
        source = Path(lists)
        if not source.exists():
            raise ValueError(f"expected the lists of {cls.card.title}, but {source} does not exist; see "
                             f"'thlab datasets show {cls.card.name}'")  # fmt: skip
        if not Path(videos).is_dir():
            raise ValueError(f"expected a folder of downloaded videos, but {videos} is none; name the folder")
        cls.keep_list(source, Path(folder))
        return cut_pieces(cls.pieces(source, Path(videos), size=size), videos, folder, skip_damaged=skip_damaged)

    @classmethod
    def keep_list(cls, lists: Path, folder: Path) -> None:
        """Copy a list that belongs to the whole dataset into the output; lists of single clips go with these."""
        del lists, folder


def boxes_of(found: Track, *, rows: int | None) -> Callable[[int, int, int], Box]:
    """Where a track is in a picture, whatever the size at which the video was downloaded.

    Args:
        found: a track, its boxes in shares of the picture or in pixels.
        rows: height of the picture to which pixels refer; None when the boxes are shares.
    """

    def box(frame: int, height: int, width: int) -> Box:
        scale = np.array([width, height] * 2, float) if rows is None else np.full(4, height / rows)
        return found.boxes[frame].astype(float) * scale

    return box


def piece_of(path: Path, *, name: str, video: str, rows: int | None, size: int | None) -> Piece:
    """The clip that a file of boxes describes."""
    found = track(path, video=video)
    return Piece(
        video=found.video,
        name=name,
        first=found.first,
        frames=len(found.boxes),
        box=boxes_of(found, rows=rows),
        size=size,
        list_file=path,
    )


def folders(place: Path) -> list[Path]:
    """The folders in a folder, sorted; none when it is not there."""
    return sorted(path for path in place.iterdir() if path.is_dir()) if place.is_dir() else []
