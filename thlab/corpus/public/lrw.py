"""LRW, Lip Reading in the Wild: five hundred words from the BBC, a thousand times each (Chung and Zisserman 2016a)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from thlab.corpus.public.alignments import headed_values
from thlab.corpus.public.base import Dataset
from thlab.corpus.public.card import DatasetCard, Obtain, Slip
from thlab.corpus.public.entries import Entry
from thlab.corpus.public.linked import folders
from thlab.timebase import Interval, Transcript, frames_to_seconds

SPLITS = ("train", "val", "test")
FRAMES = 29
"""Every clip has so many; the word is in the middle."""


class Lrw(Dataset):
    """A clip is 29 frames around one word; the words before and after it are heard too."""

    card = DatasetCard(
        name="lrw",
        title="LRW",
        authors="Chung, Zisserman",
        venue="ACCV",
        year=2016,
        hours=173.0,
        people=None,
        clips=539_000,
        environment="broadcast",
        head_motion=True,
        emotion_labels=False,
        views=1,
        resolution="256×256",
        fps="25",
        licence="agreement with BBC Research & Development; the pictures are copyright BBC",
        allowed_use="non-commercial, academic research by those who signed the agreement; industrial laboratories "
        "cannot use it (Afouras et al. 2018)",
        obtain=Obtain("sign the agreement, send it to the BBC, and download with the password that comes back",
                      "https://www.robots.ox.ac.uk/~vgg/data/lip_reading/lrw1.html"),
        published_as="files",
        splits=SPLITS,
        splits_note="folders train, val and test of each word; by date of broadcast, not by person",
        layout="""\
lipread_mp4/ABOUT/train/ABOUT_00001.mp4    a clip of 29 frames with the word in the middle
lipread_mp4/ABOUT/train/ABOUT_00001.txt    its metadata; 'Duration: 0.53 seconds' is the word's
lipread_mp4/ABOUT/val/ …, test/ …          and so on for 500 words""",
        labels=("word",),
        sources=(
            "165 h and 514 k clips for train and val, 8 h and 25 k for test: Afouras et al. 2018 (LRS3-TED), Table 1; "
            "539,000 × 1.16 s = 174 h agrees",
            "no count of speakers there; hundreds, by the dataset's page (not verified)",
            "256×256: not verified at the source",
            "agreement and copyright: Rudrabha/Wav2Lip, evaluation/test_filelists/README.md, quoting "
            "bbc.co.uk/rd/projects/lip-reading-datasets",
        ),
        survey_differs={
            "people": Slip(
                "1 k+ in Table 1, 'hundreds' in the text",
                "not counted by its authors; hundreds is what is usually said",
                "Afouras et al. 2018 (LRS3-TED), Table 1 (no number)",
            ),
            "clips": Slip(
                "hundreds of people reading 1,000 sentences of up to 500 words",
                "up to 1,000 clips of each of 500 words; nobody reads anything, it is television",
                "Chung and Zisserman 2016a; Afouras et al. 2018, Table 1",
            ),
        },
    )  # fmt: skip

    def recognises(self) -> bool:
        return any((word / split).is_dir() for word in folders(self._top) for split in SPLITS)

    def expected(self) -> str:
        return "lipread_mp4/ with a folder for each word, such as ABOUT/train/"

    @property
    def _top(self) -> Path:
        inner = self.root / "lipread_mp4"
        return inner if inner.is_dir() else self.root

    def listed(self) -> Iterator[Entry]:
        for word in folders(self._top):
            for split in SPLITS:
                place = word / split
                names = {path.stem for kind in ("mp4", "txt") for path in place.glob(f"*.{kind}")}
                for name in sorted(names):
                    yield Entry(
                        id=f"{word.name}/{split}/{name}",
                        video=place / f"{name}.mp4",
                        alignment=place / f"{name}.txt",
                        splits=(split,),
                        labels={"word": word.name},
                        words=(word.name,),
                    )

    def transcript(self, entry: Entry) -> Transcript | None:
        """The one word, in the middle of the clip, as long as its metadata says."""
        assert entry.alignment is not None
        stated = headed_values(entry.alignment).get("Duration", "").split()
        try:
            lasts = float(stated[0])
        except (ValueError, IndexError):
            raise ValueError(f"expected a line 'Duration: 0.53 seconds' in {entry.alignment}; fetch it again") from None
        begin = max(0.0, (frames_to_seconds(FRAMES) - lasts) / 2)
        word = entry.labels["word"]
        return Transcript(word, (Interval(begin, begin + min(lasts, frames_to_seconds(FRAMES)), word),))
