"""LRS2-BBC: sentences from television, cut by their subtitles; the card names the paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from thlab.corpus.public.card import DatasetCard, Obtain, Slip
from thlab.corpus.public.entries import Entry
from thlab.corpus.public.lip_sentences import LipSentences, clips_in, sentence
from thlab.corpus.public.lists import names

PARTS = {"pretrain": "pretrain", "train": "main", "val": "main", "test": "main"}
"""Official split → the folder that its list refers to."""


class Lrs2(LipSentences):
    """Lists beside the folder ``mvlrs_v1`` say which clips belong to which split."""

    card = DatasetCard(
        name="lrs2",
        title="LRS2-BBC",
        authors="Afouras, Chung, Senior, Vinyals, Zisserman",
        venue="IEEE Transactions on Pattern Analysis and Machine Intelligence",
        year=2018,
        hours=224.5,
        people=None,
        clips=144_482,
        environment="broadcast",
        head_motion=True,
        emotion_labels=False,
        views=1,
        resolution="160×160",
        fps="25",
        licence="agreement with BBC Research & Development; the pictures are copyright BBC",
        allowed_use="non-commercial research by academic or public-service organisations that signed the agreement; "
        "industrial laboratories cannot use it (Afouras et al. 2018, LRS3-TED)",
        obtain=Obtain("sign the agreement, send it to the BBC, and download 50 GB with the password that comes back",
                      "https://www.robots.ox.ac.uk/~vgg/data/lip_reading/lrs2.html"),
        published_as="files",
        splits=tuple(PARTS),
        splits_note="pretrain.txt, train.txt, val.txt, test.txt; by date of broadcast, not by person",
        layout="""\
mvlrs_v1/pretrain/5535415699068794046/00001.mp4, .txt    longer pieces, words with times
mvlrs_v1/main/5535415699068794046/00002.mp4, .txt        sentences
pretrain.txt, train.txt, val.txt, test.txt               clips of each split (in mvlrs_v1/ or beside it)""",
        labels=("video",),
        sources=(
            "195 + 29 + 0.5 h, 96 k + 47 k + 1,243 sentences, no count of speakers: Afouras et al. 2018 (LRS3-TED), "
            "Table 1",
            "144,482 sentences, 50 GB, agreement: page of LRS2 as summarised in a public list of datasets",
            "folders: paths quoted in several public loaders; 160×160: not verified at the source",
        ),
        survey_differs={
            "people": Slip(
                "1 k+",
                "not counted by its authors",
                "Afouras et al. 2018 (LRS3-TED), Table 1 (no number)",
            ),
        },
    )  # fmt: skip

    @property
    def _top(self) -> Path:
        inner = self.root / "mvlrs_v1"
        return inner if inner.is_dir() else self.root

    def recognises(self) -> bool:
        return any((self._top / part).is_dir() for part in ("main", "pretrain")) and bool(self._lists())

    def expected(self) -> str:
        return "mvlrs_v1/main/ or mvlrs_v1/pretrain/, and pretrain.txt, train.txt, val.txt or test.txt"

    def _lists(self) -> dict[str, Path]:
        places = {split: (self.root / f"{split}.txt", self._top / f"{split}.txt") for split in PARTS}
        found = {split: next(filter(lambda path: path.is_file(), paths), None) for split, paths in places.items()}
        return {split: path for split, path in found.items() if path is not None}

    def listed(self) -> Iterator[Entry]:
        """What the lists name, there or not; then what lies in the folders without being on a list."""
        known: set[tuple[str, str]] = set()
        for split, path in self._lists().items():
            part = PARTS[split]
            for name in names(path):
                known.add((part, name))
                yield sentence(self._top / part, name, splits=(split,))
        for part in ("pretrain", "main"):
            for name in clips_in(self._top / part):
                if (part, name) not in known:
                    yield sentence(self._top / part, name, splits=())
