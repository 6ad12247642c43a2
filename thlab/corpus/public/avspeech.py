"""AVSpeech: stretches of YouTube in which one visible person speaks alone, published as links (Ephrat et al. 2018)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from thlab.corpus.public.card import DatasetCard, Obtain, Slip
from thlab.corpus.public.cutting import Box, Piece, copy_beside
from thlab.corpus.public.entries import Entry
from thlab.corpus.public.linked import LinkedDataset
from thlab.corpus.public.lists import Segment, segment_frames, segments

LISTS = {"train": "avspeech_train.csv", "test": "avspeech_test.csv"}
SHARE = 0.8
"""Side of the crop as a share of the shorter side of the picture. Ours: the lists give the centre of the face only."""


class AVSpeech(LinkedDataset):
    """Segments with the centre of the face; clips are squares around it."""

    card = DatasetCard(
        name="avspeech",
        title="AVSpeech",
        authors="Ephrat, Mosseri, Lang, Dekel, Wilson, Hassidim, Freeman, Rubinstein",
        venue="ACM Transactions on Graphics (SIGGRAPH)",
        year=2018,
        hours=4700.0,
        people=150_000,
        clips=None,
        environment="web",
        head_motion=True,
        emotion_labels=False,
        views=1,
        resolution="of the video at YouTube",
        fps="of the video at YouTube",
        licence="lists: CC BY 4.0 (not verified at the source); the videos stay their owners'",
        allowed_use="research; for the videos what YouTube's terms and their owners allow; these are real people who "
        "were not asked",
        obtain=Obtain("download the two lists from the page; fetch the videos yourself where you may; then 'thlab "
                      "datasets cut avspeech'", "https://looking-to-listen.github.io/avspeech/"),
        published_as="links",
        splits=tuple(LISTS),
        splits_note="avspeech_train.csv and avspeech_test.csv; no person is in both (the authors; not verified by us)",
        layout="""\
avspeech_train.csv, avspeech_test.csv       lists as published: video, start, end, x, y; no head
train/VIDEO_12.00_15.50.mp4, test/…         clips, cut by 'thlab datasets cut avspeech'""",
        labels=("video", "start", "end"),
        sources=(
            "4,700 h from 290,000 videos: the dataset's page as quoted in bill9800/speech_separation; 150,000 "
            "speakers: the paper (not verified by us)",
            "columns, and x, y as shares of the picture from its top left: several public loaders",
        ),
        notes=("it gives where the face is at the start of a segment, not its size, and no names of people",),
        survey_differs={
            "hours": Slip(
                "4.9 k",
                "4,700 h",
                "the dataset's page, as quoted in bill9800/speech_separation",
            ),
        },
    )  # fmt: skip

    def recognises(self) -> bool:
        return any((self.root / name).is_file() for name in LISTS.values())

    def expected(self) -> str:
        return "avspeech_train.csv or avspeech_test.csv, and train/ or test/ with clips"

    def listed(self) -> Iterator[Entry]:
        for split, file in LISTS.items():
            if (self.root / file).is_file():
                for segment in segments(self.root / file):
                    yield self._entry(split, segment)

    def _entry(self, split: str, segment: Segment) -> Entry:
        return Entry(
            id=f"{split}/{clip_name(segment)}",
            video=self.root / split / f"{clip_name(segment)}.mp4",
            splits=(split,),
            labels={"video": segment.video, "start": f"{segment.start:g}", "end": f"{segment.end:g}"},
        )

    @classmethod
    def pieces(cls, lists: Path, videos: Path, *, size: int | None) -> Iterator[Piece]:
        """The clips of both lists in a folder, or of one list."""
        del videos
        for split, path in _list_files(lists).items():
            for segment in segments(path):
                first, end = segment_frames(segment)
                yield Piece(
                    video=segment.video,
                    name=f"{split}/{clip_name(segment)}",
                    first=first,
                    frames=end - first,
                    box=partial(around, segment),
                    size=size,
                )

    @classmethod
    def keep_list(cls, lists: Path, folder: Path) -> None:
        for split, path in _list_files(lists).items():
            copy_beside(path, folder / LISTS[split])


def clip_name(segment: Segment) -> str:
    """Name of a segment's clip, without ending."""
    return f"{segment.video}_{segment.start:.2f}_{segment.end:.2f}"


def around(segment: Segment, frame: int, height: int, width: int) -> Box:
    """The square around the centre of the face, moved into the picture; the same in every frame."""
    del frame
    side = SHARE * min(height, width)
    left = np.clip(segment.x * width - side / 2, 0, width - side)
    top = np.clip(segment.y * height - side / 2, 0, height - side)
    return np.array([left, top, side, side])


def _list_files(lists: Path) -> dict[str, Path]:
    """Split → list, from a folder with both or one, or from one file by its name."""
    if lists.is_dir():
        found = {split: lists / file for split, file in LISTS.items() if (lists / file).is_file()}
    else:
        found = {"test" if "test" in lists.name else "train": lists}
    if not found:
        raise ValueError(f"expected {' or '.join(LISTS.values())} in {lists}, but neither is there; download them")
    return found
