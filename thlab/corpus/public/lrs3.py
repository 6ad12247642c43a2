"""LRS3-TED: sentences from TED and TEDx talks, with boxes, texts and word times (Afouras et al. 2018)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from thlab.corpus.public.card import DatasetCard, Obtain, Slip
from thlab.corpus.public.cutting import Piece
from thlab.corpus.public.entries import Entry
from thlab.corpus.public.linked import LinkedDataset, folders, piece_of
from thlab.corpus.public.lip_sentences import LipSentences, clips_in, sentence

PARTS = ("pretrain", "trainval", "test")


class Lrs3(LipSentences, LinkedDataset):
    """Texts hold the boxes too, so that clips can be cut from the talks; boxes are shares of the picture."""

    card = DatasetCard(
        name="lrs3",
        title="LRS3-TED",
        authors="Afouras, Chung, Zisserman",
        venue="arXiv:1809.00496",
        year=2018,
        hours=438.0,
        people=5090,
        clips=152_000,
        environment="web",
        head_motion=True,
        emotion_labels=False,
        views=1,
        resolution="224×224",
        fps="25",
        licence="CC BY 4.0 as its page stated (quoted by a mirror and in JusperLee/LRS3-For-Speech-Separation issue "
        "11); the talks are TED's, whose own terms are stricter",
        allowed_use="research; the talks under TED's terms; the official download has ended, and an author says that "
        "it will not return (roudimit/whisper-flamingo issue 6)",
        obtain=Obtain(
            "no longer handed out by its authors; with the texts and talks you have, 'thlab datasets cut lrs3' makes "
            "the clips",
            "https://mmai.io/datasets/lip_reading/",
        ),
        published_as="links",
        splits=PARTS,
        splits_note="folders pretrain, trainval and test; no speaker of test is in the others (the paper; not "
        "verified by us)",
        layout="""\
pretrain/0akiEFwtkyA/00001.txt     text, boxes, words with times
pretrain/0akiEFwtkyA/00001.mp4     its clip, as once published or cut by 'thlab datasets cut lrs3'
trainval/…, test/…                 sentences: text and boxes""",
        labels=("video",),
        sources=(
            "407 + 30 + 1 h; 5,090, 4,004 and 451 speakers; 119 k, 32 k and 1,452 sentences: the paper, Table 1",
            "the later version has 1,321 test sentences: reference texts of mpc001's Auto-AVSR",
            "boxes as shares of the picture at 25 frames a second: public preparation scripts for LRS3",
        ),
        notes=("5,090 counts the speakers of pretrain; how many of the others' are among them the paper does not say",),
        survey_differs={
            "title": Slip("LRS-TED in Table 1, LRS3-TED in the text", "LRS3-TED", "the paper's title"),
        },
    )

    def recognises(self) -> bool:
        return any((self.root / part).is_dir() for part in PARTS)

    def expected(self) -> str:
        return "pretrain/, trainval/ or test/"

    def listed(self) -> Iterator[Entry]:
        for part in PARTS:
            for name in clips_in(self.root / part):
                yield sentence(self.root / part, name, splits=(part,), speaker=name.split("/")[0])

    @classmethod
    def pieces(cls, lists: Path, videos: Path, *, size: int | None) -> Iterator[Piece]:
        del videos
        texts = [text for part in PARTS for talk in folders(lists / part) for text in sorted(talk.glob("*.txt"))]
        if not texts:
            raise ValueError(f"expected texts such as trainval/TALK/00001.txt in {lists}, but there are none")
        for text in texts:
            name = text.relative_to(lists).with_suffix("").as_posix()
            yield piece_of(text, name=name, video=text.parent.name, rows=None, size=size)
