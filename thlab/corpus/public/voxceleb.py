"""VoxCeleb (now called VoxCeleb1): celebrities in interviews, published as links with boxes (Nagrani et al. 2017)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from thlab.corpus.public.card import DatasetCard, Obtain
from thlab.corpus.public.celebrities import Celebrities
from thlab.corpus.public.lists import bad_line, numbered_lines, table

TEST_PEOPLE = frozenset(f"id{number}" for number in range(10270, 10310))
"""The 40 people of the verification test, those whose names begin with E."""
IDENTIFICATION = {"1": "identification train", "2": "identification validation", "3": "identification test"}
"""First number of a line in iden_split.txt."""
META = "vox1_meta.csv"


class VoxCeleb(Celebrities):
    """1,251 people in interviews. Boxes are pixels of a video 360 rows high, frames count 25 a second."""

    rows = 360
    card = DatasetCard(
        name="voxceleb",
        title="VoxCeleb",
        authors="Nagrani, Chung, Zisserman",
        venue="Interspeech",
        year=2017,
        hours=352.0,
        people=1251,
        clips=153_516,
        environment="web",
        head_motion=True,
        emotion_labels=False,
        views=1,
        resolution="of the video at YouTube; boxes refer to 360 rows",
        fps="of the video; boxes count 25 a second",
        licence="lists and metadata: CC BY 4.0, as the dataset's cards at Hugging Face state (the page itself: not "
        "verified); the videos stay their owners'",
        allowed_use="research on who speaks; for the videos what YouTube's terms and their owners allow; these are "
        "real people who were not asked: do not make them say things",
        obtain=Obtain(
            "ask for the lists (files of boxes) and metadata on the page; fetch the videos yourself where you may; "
            "then 'thlab datasets cut voxceleb'",
            "https://mmai.io/datasets/voxceleb/",
        ),
        published_as="links",
        splits=("dev", "test", *IDENTIFICATION.values()),
        splits_note="verification: dev 1,211 and test 40 people (vox1_meta.csv, or the fixed numbers of the 40); "
        "identification: iden_split.txt",
        layout="""\
txt/id10001/1zcIwhmdeo4/00001.txt    boxes of one utterance, as published
mp4/id10001/1zcIwhmdeo4/00001.mp4    its clip, cut by 'thlab datasets cut voxceleb'
vox1_meta.csv                        sex, nationality, split of each person (optional)
iden_split.txt, veri_test.txt        splits and trials (optional)""",
        labels=("video", "Gender", "Nationality"),
        sources=(
            "people, utterances and hours of dev and test (1,211 + 40, 148,642 + 4,874, 340.4 h + 11.2 h): "
            "PaddleSpeech, examples/voxceleb/README.md",
            "boxes in pixels of 360 rows and 25 frames a second: AliaksandrSiarohin/video-preprocessing, crop_vox.py",
        ),
        notes=(
            "files of boxes carry an Offset between sound and pictures; it is not applied",
            "the paper of 2017 counted 'over 100,000' utterances; 153,516 are published now",
        ),
    )

    @cached_property
    def people(self) -> Mapping[str, Mapping[str, str]]:
        return people_of(self.root / META, key="VoxCeleb1 ID", delimiter="\t")

    @cached_property
    def identification(self) -> Mapping[str, str]:
        """``PERSON/VIDEO/NUMBER`` → split of the identification task; empty without iden_split.txt."""
        path, found = self.root / "iden_split.txt", {}
        for number, line in numbered_lines(path) if path.is_file() else ():
            fields = line.split()
            if len(fields) != 2 or fields[0] not in IDENTIFICATION:
                raise bad_line(path, number, "1, 2 or 3 and the name of an utterance", line)
            found[fields[1].rpartition(".")[0]] = IDENTIFICATION[fields[0]]
        return found

    def splits_of(self, name: str, part: str) -> tuple[str, ...]:
        del part
        verification = "test" if name.split("/")[0] in TEST_PEOPLE else "dev"
        task = self.identification.get(name)
        return (verification, task) if task else (verification,)

    def trials(self, file: str = "veri_test.txt") -> Iterator[tuple[bool, str, str]]:
        """Pairs of the verification test: whether both are one person, and the ids of two entries.

        Raises:
            ValueError: the list is missing, or a line is damaged; its number is named.
        """
        path = self.root / file
        for number, line in numbered_lines(path):
            fields = line.split()
            if len(fields) != 3 or fields[0] not in "01":
                raise bad_line(path, number, "0 or 1 and two utterances", line)
            yield fields[0] == "1", fields[1].rpartition(".")[0], fields[2].rpartition(".")[0]


def people_of(path: Path, *, key: str, delimiter: str) -> Mapping[str, Mapping[str, str]]:
    """A table of people by their id; empty when the file is not there."""
    if not path.is_file():
        return {}
    rows = list(table(path, delimiter=delimiter))
    if rows and key not in rows[0]:
        raise ValueError(f"expected a column {key!r} in {path}, but it has {', '.join(rows[0])}; fetch it again")
    return {row[key]: {name: value for name, value in row.items() if name != key} for row in rows}
