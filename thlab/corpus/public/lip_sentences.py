"""What LRS2 and LRS3 share: folders of videos, in each numbered clips with a text of the same name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from thlab.corpus.public.alignments import spoken_text
from thlab.corpus.public.base import Dataset
from thlab.corpus.public.entries import Entry
from thlab.corpus.public.linked import folders
from thlab.timebase import Transcript


class LipSentences(Dataset):
    """Sentences in the layout of LRS2 and LRS3."""

    def transcript(self, entry: Entry) -> Transcript | None:
        """The sentence; in the pretraining part with the times of its words."""
        assert entry.alignment is not None
        return spoken_text(entry.alignment)


def sentence(part: Path, name: str, *, splits: tuple[str, ...], speaker: str | None = None) -> Entry:
    """The entry of a clip ``VIDEO/NUMBER`` in a part of the dataset."""
    return Entry(
        id=f"{part.name}/{name}",
        video=part / f"{name}.mp4",
        alignment=part / f"{name}.txt",
        speaker=speaker,
        splits=splits,
        labels={"video": name.split("/")[0]},
    )


def clips_in(part: Path) -> Iterator[str]:
    """``VIDEO/NUMBER`` of every clip and every text in a part, sorted."""
    for video in folders(part):
        numbers = {path.stem for kind in ("mp4", "txt") for path in video.glob(f"*.{kind}")}
        yield from (f"{video.name}/{number}" for number in sorted(numbers))
