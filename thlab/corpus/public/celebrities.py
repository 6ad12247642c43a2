"""What VoxCeleb and VoxCeleb2 share: people, their videos, and in each video the stretches where they speak.

``txt/PERSON/VIDEO/NUMBER.txt`` holds the boxes of a face; ``mp4/PERSON/VIDEO/NUMBER.mp4`` is the clip.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from thlab.corpus.public.cutting import Piece
from thlab.corpus.public.entries import Entry
from thlab.corpus.public.linked import LinkedDataset, folders, piece_of

PARTS = ("", "dev", "test")
"""Folders above ``txt`` and ``mp4``: the archives of the two parts unpack with and without them."""


class Celebrities(LinkedDataset):
    """People who speak in videos, in the layout of VoxCeleb."""

    rows: ClassVar[int | None]
    """Height of the picture to which the boxes refer in pixels; None when they are shares of the picture."""

    def recognises(self) -> bool:
        return any((self.root / part / kind).is_dir() for part in PARTS for kind in ("txt", "mp4"))

    def expected(self) -> str:
        return "txt/ (boxes) or mp4/ (clips), perhaps in dev/ and test/"

    @cached_property
    def people(self) -> Mapping[str, Mapping[str, str]]:
        """Person → labels from the metadata; empty when that file is not there."""
        return {}

    def splits_of(self, name: str, part: str) -> tuple[str, ...]:
        """The official splits of an utterance ``PERSON/VIDEO/NUMBER``."""
        person = name.split("/")[0]
        split = self.people.get(person, {}).get("Set") or part
        return (split,) if split else ()

    def listed(self) -> Iterator[Entry]:
        for part in PARTS:
            for name in utterances(self.root / part):
                yield self._entry(part, name)

    def _entry(self, part: str, name: str) -> Entry:
        person = name.split("/")[0]
        sound = self.root / part / "aac" / f"{name}.m4a"
        labels = {key: value for key, value in self.people.get(person, {}).items() if key != "Set" and value}
        return Entry(
            id=name,
            video=self.root / part / "mp4" / f"{name}.mp4",
            audio=sound if sound.is_file() else None,
            speaker=person,
            splits=self.splits_of(name, part),
            labels=labels | {"video": name.split("/")[1]},
        )

    @classmethod
    def pieces(cls, lists: Path, videos: Path, *, size: int | None) -> Iterator[Piece]:
        """The clips of all files of boxes below a folder; ``lists`` holds ``txt`` or is it."""
        del videos
        found = False
        for part in PARTS if lists.name != "txt" else ("",):
            top = lists if lists.name == "txt" else lists / part / "txt"
            for path in (path for video in _videos(top) for path in sorted(video.glob("*.txt"))):
                found = True
                inner = path.relative_to(top).with_suffix("").as_posix()
                name = "/".join(filter(None, (part, "mp4", inner)))
                piece = piece_of(path, name=name, video=path.parent.name, rows=cls.rows, size=size)
                yield piece
        if not found:
            raise ValueError(f"expected files of boxes (txt/PERSON/VIDEO/NUMBER.txt) in {lists}, but there are none")

    def sound_beside(self, entry: Entry) -> bool:
        """Only for videos that came without sound."""
        del entry
        return False


def utterances(part: Path) -> Iterator[str]:
    """``PERSON/VIDEO/NUMBER`` of every file of boxes and every clip, once each, sorted."""
    people = {path.name for kind in ("txt", "mp4") for path in folders(part / kind)}
    for person in sorted(people):
        videos = {path.name for kind in ("txt", "mp4") for path in folders(part / kind / person)}
        for video in sorted(videos):
            places = ((part / kind / person / video, kind) for kind in ("txt", "mp4"))
            numbers = {path.stem for place, kind in places for path in place.glob(f"*.{kind}")}
            yield from (f"{person}/{video}/{number}" for number in sorted(numbers))


def _videos(top: Path) -> Iterator[Path]:
    return (video for person in folders(top) for video in folders(person))
