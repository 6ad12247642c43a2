"""What every dataset is: a lazy list of entries, each read as a ``media.Clip``; damage is reported and never hidden."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from thlab.corpus.public.card import DatasetCard
from thlab.corpus.public.entries import DAMAGE, Entry, Problem, Report, one_line
from thlab.media import Clip, Truth, read_audio, read_clip
from thlab.media.audio_files import fit
from thlab.timebase import Interval, Transcript, cut, frames_to_samples

LFS_POINTER = b"version https://git-lfs"
"""How a file begins that stands for another one which was not fetched."""


class Dataset(ABC):
    """A public dataset in the layout in which it is published; opening and listing it decodes nothing.

    Args:
        root: the folder that holds what the card's ``layout`` shows.

    Raises:
        ValueError: the folder is not there or holds something else.

    Chapter 01.
    """

    card: ClassVar[DatasetCard]

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise ValueError(f"expected the folder of {self.card.title}, but {self.root} is no folder; name another")
        if not self.recognises():
            raise ValueError(
                f"expected {self.card.title} in {self.root}, which holds {self.expected()}, but it has "
                f"{_contents(self.root)}; name the folder above them, or see 'thlab datasets show {self.card.name}'"
            )

    @abstractmethod
    def recognises(self) -> bool:
        """Whether the folder looks like this dataset."""

    @abstractmethod
    def expected(self) -> str:
        """What ``recognises`` looks for, in words."""

    @abstractmethod
    def listed(self) -> Iterator[Entry]:
        """Every entry, in an order that does not change, from names and lists alone."""

    def entries(self, split: str | None = None) -> Iterator[Entry]:
        """The entries of an official split, or all.

        Raises:
            ValueError: there is no such split, or a list is damaged (its line is named).
        """
        if split is not None and split not in self.card.splits:
            have = ", ".join(self.card.splits) or f"none ({self.card.splits_note})"
            raise ValueError(f"{self.card.title} has no split {split!r}; its official splits are: {have}")
        return (entry for entry in self.listed() if split is None or split in entry.splits)

    def __len__(self) -> int:
        """How many entries there are, without reading media."""
        return sum(1 for _ in self.listed())

    def read(self, entry: Entry, *, height: int | None = None) -> Clip:
        """Read an entry: pictures at 25 a second, sound at 16 kHz, words with their times, labels as truth.

        Args:
            entry: one of ``entries()``.
            height: rows to scale the pictures to; as published when None.

        Returns:
            A clip whose ``truth`` holds emotion and intensity where the dataset labels them; ``actor``
            stays empty, as it is the seed of an invented person.

        Raises:
            ValueError: a file is missing or damaged; one line says which.
        """
        for path in entry.missing():
            raise ValueError(f"{self.card.title}: {entry.id} needs {path}, which is not there; fetch or cut it again")
        _refuse_pointers(entry)
        clip = read_clip(entry.video, height=height)
        if clip.frames is None:
            raise ValueError(f"{self.card.title}: {entry.video} of {entry.id} has no pictures; fetch it again")
        if entry.audio is not None and (clip.audio is None or self.sound_beside(entry)):
            clip = replace(clip, audio=fit(read_audio(entry.audio), frames_to_samples(len(clip.frames))))
        return replace(clip, transcript=_within(self.transcript(entry), clip), truth=_truth(entry))

    def sound_beside(self, entry: Entry) -> bool:
        """Whether the sound file is preferred to the sound inside the video."""
        del entry
        return True

    def transcript(self, entry: Entry) -> Transcript | None:
        """What is said in an entry, with times in seconds where the dataset gives them."""
        return Transcript(" ".join(entry.words)) if entry.words else None

    def iterate(
        self,
        split: str | None = None,
        *,
        height: int | None = None,
        skip_damaged: bool = False,
        report: Report | None = None,
    ) -> Iterator[tuple[Entry, Clip]]:
        """Read entries one after another.

        Args:
            split: an official split; all when None.
            height: rows to scale the pictures to.
            skip_damaged: go on after entries that cannot be read; they are counted in ``report``.
            report: where to count; required with ``skip_damaged``, so that nothing is skipped unseen.

        Raises:
            ValueError: an entry cannot be read and ``skip_damaged`` is off; or it is on without a report.
        """
        if skip_damaged and report is None:
            raise ValueError("skip_damaged needs a report to count what it skips; pass report=Report()")
        for entry in self.entries(split):
            try:
                clip = self.read(entry, height=height)
            except DAMAGE as error:
                if not skip_damaged or report is None:
                    raise
                report.add(Problem(entry, one_line(error)))
                continue
            if report is not None:
                report.found += 1
            yield entry, clip

    def check(self, split: str | None = None, *, decode: bool = True, height: int | None = 32) -> Report:
        """Look at every entry, and say what is there, what is missing and what is damaged.

        Args:
            split: an official split; all when None.
            decode: read every file to its end; otherwise only look whether the files are there.
            height: rows to scale to while decoding, which saves memory.
        """
        report, speakers = Report(), set()
        for entry in self.entries(split):
            for name in entry.splits or ("none",) * bool(self.card.splits):
                report.splits[name] = report.splits.get(name, 0) + 1
            speakers.add(entry.speaker)
            problem = self._problem(entry, decode=decode, height=height)
            if problem is None:
                report.found += 1
            else:
                report.add(problem)
        report.speakers = len(speakers - {None})
        return report

    def _problem(self, entry: Entry, *, decode: bool, height: int | None) -> Problem | None:
        if absent := entry.missing():
            return Problem(entry, f"{absent[0].relative_to(self.root)} is not there")
        try:
            if decode:
                self.read(entry, height=height)
        except DAMAGE as error:
            return Problem(entry, one_line(error))
        return None


def _truth(entry: Entry) -> Truth | None:
    if entry.emotion is None:
        return None
    return Truth(emotion=entry.emotion, emotion_intensity=entry.intensity)


def _within(transcript: Transcript | None, clip: Clip) -> Transcript | None:
    """Word times cut to the length of the clip; words that begin after its end are not in it."""
    if transcript is None or not transcript.words:
        return transcript
    kept: tuple[Interval, ...] = cut(transcript.words, 0.0, clip.duration)
    return replace(transcript, words=kept)


def _refuse_pointers(entry: Entry) -> None:
    """A clone without git-lfs holds three lines of text where the media should be."""
    for path in entry.paths:
        with path.open("rb") as file:
            if file.read(len(LFS_POINTER)) == LFS_POINTER:
                raise ValueError(f"{path} is only a pointer of Git LFS; run 'git lfs pull' in the clone")


def _contents(folder: Path, most: int = 5) -> str:
    names = sorted(path.name + "/" * path.is_dir() for path in folder.iterdir())
    shown = ", ".join(names[:most]) or "nothing"
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
