"""MODALITY: commands and sequences read before two fast cameras and nine microphones (Czyzewski et al. 2017)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from thlab.corpus.public.alignments import HTK_RATE, label_file
from thlab.corpus.public.base import Dataset
from thlab.corpus.public.card import NOT_VERIFIED, DatasetCard, Obtain, Slip
from thlab.corpus.public.entries import Entry
from thlab.timebase import Transcript

NAME = re.compile(r"(?P<speaker>SPEAKER\d+)_(?P<session>[CS]\d+)_STR(?P<camera>[LR])")
"""Of a video: speaker, session (C commands, S sequences), stereo camera left or right."""
VIEWS = {"L": "left", "R": "right"}
SESSIONS = {"C": "commands", "S": "sequences"}


class Modality(Dataset):
    """A recording session of minutes is one entry for each camera; read it at a small height."""

    card = DatasetCard(
        name="modality",
        title="MODALITY",
        authors="Czyżewski, Kostek, Bratoszewski, Kotus, Szykulski",
        venue="Journal of Intelligent Information Systems",
        year=2017,
        hours=31.0,
        people=35,
        clips=None,
        environment="lab",
        head_motion=False,
        emotion_labels=False,
        views=2,
        resolution="1080×1920, upright",
        fps="100",
        licence=f"{NOT_VERIFIED}: 'made available for the public use' (paper); see the terms on its page",
        allowed_use=f"{NOT_VERIFIED}: made for audio-visual speech recognition; ask the authors for other uses",
        obtain=Obtain(
            "download a zip of 4 to 7 GB for each speaker and session (about 2.5 TB in all) and unpack them into one "
            "folder",
            "https://mostwiedzy.pl/en/open-research-data/modality-corpus-speaker-22-commands-c1,414075337437386-0",
        ),
        published_as="files",
        splits=(),
        splits_note="none is official; the corpus only groups speakers in A (native) and B (others)",
        layout="""\
SPEAKER09_C1_STRL.mkv, …_STRR.mkv    left and right camera of a session: C commands, S sequences
SPEAKER09_C1_AUD1.wav …              the microphones
SPEAKER09_C1_AUD1.lab …              words with times, HTK format, 100 ns
(in whatever folders the archives make: files are found by their names; the folders are not verified)""",
        labels=("session", "kind"),
        sources=(
            "35 speakers, 31 h: the paper, and Afouras et al. 2018 (LRS3-TED), Table 1",
            "42 speakers, more than 30 h, 231 words, 12 sessions a speaker, 2.5 TB: the page at mostwiedzy.pl, 2022 "
            "or later",
            "names of files, 100 ns, upright 1080×1920 at 100 frames a second, nine microphones: "
            "MScatolin/W251_Final_Project_Say1-10",
        ),
        notes=(
            "half of the sessions have noise (traffic, babble, factory)",
            "the time-of-flight camera's depth is not read",
        ),
        survey_differs={
            "people": Slip(
                "35",
                "35 in the paper; 42 (33 men, 9 women) in what is published now",
                "mostwiedzy.pl, page of speaker 22",
            ),
        },
    )

    def recognises(self) -> bool:
        return next(self.listed(), None) is not None

    def expected(self) -> str:
        return "files such as SPEAKER09_C1_STRL.mkv, somewhere below"

    def listed(self) -> Iterator[Entry]:
        """Every session from every camera of which there is any video; sessions are known by videos and labels."""
        videos = {path.stem: path for path in self.root.rglob("SPEAKER*_STR[LR].mkv")}
        cameras = sorted({stem[-1] for stem in videos})
        sessions = {stem.rpartition("_")[0]: path.parent for stem, path in videos.items()}
        sessions |= {path.stem.rpartition("_")[0]: path.parent for path in self.root.rglob("SPEAKER*_AUD1.lab")}
        for session, folder in sorted(sessions.items()):
            for camera in cameras:
                stem = f"{session}_STR{camera}"
                if found := NAME.fullmatch(stem):
                    video = videos.get(stem, folder / f"{stem}.mkv")
                    yield self._entry(video, found["speaker"], found["session"], camera)

    def _entry(self, path: Path, speaker: str, session: str, camera: str) -> Entry:
        stem = f"{speaker}_{session}"
        sound, words = self._beside(path, stem)
        return Entry(
            id=f"{stem}_{VIEWS[camera]}",
            video=path,
            audio=sound,
            alignment=words,
            speaker=speaker,
            labels={"session": session, "kind": SESSIONS[session[0]]},
            view=VIEWS[camera],
        )

    def _beside(self, video: Path, stem: str) -> tuple[Path | None, Path | None]:
        """The first microphone, and the first file of labels, of a session: in the same folder or anywhere below."""

        def first(suffix: str) -> Path | None:
            pattern = f"{stem}_AUD*{suffix}"
            near = sorted(video.parent.glob(pattern))
            return next(iter(near or sorted(self.root.rglob(pattern))), None)

        return first(".wav"), first(".lab")

    def transcript(self, entry: Entry) -> Transcript | None:
        """Words with their times, from the label file of the session."""
        if entry.alignment is None:
            return None
        words = label_file(entry.alignment, units_per_second=HTK_RATE)
        return Transcript(" ".join(word.label for word in words), words)
