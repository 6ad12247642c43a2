"""VoxCeleb2: six thousand celebrities, published as links with boxes, once also as clips (Chung et al. 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from thlab.corpus.public.card import DatasetCard, Obtain
from thlab.corpus.public.celebrities import Celebrities
from thlab.corpus.public.lists import table

META = "vox2_meta.csv"


class VoxCeleb2(Celebrities):
    """6,112 people. Boxes are shares of the picture, frames count 25 a second."""

    rows = None
    card = DatasetCard(
        name="voxceleb2",
        title="VoxCeleb2",
        authors="Chung, Nagrani, Zisserman",
        venue="Interspeech",
        year=2018,
        hours=2442.0,
        people=6112,
        clips=1_128_246,
        environment="web",
        head_motion=True,
        emotion_labels=False,
        views=1,
        resolution="224×224 as clips; of the video at YouTube as links",
        fps="25",
        licence="lists and metadata: CC BY 4.0, as the dataset's cards at Hugging Face state (the page itself: not "
        "verified); the videos stay their owners'",
        allowed_use="research on who speaks; for the videos what YouTube's terms and their owners allow; these are "
        "real people who were not asked: do not make them say things",
        obtain=Obtain(
            "get the lists from the page (the first one, at Oxford, no longer has them); fetch the videos yourself "
            "where you may; then 'thlab datasets cut voxceleb2'",
            "https://mmai.io/datasets/voxceleb/",
        ),
        published_as="links",
        splits=("dev", "test"),
        splits_note="by person: dev 5,994, test 118 (vox2_meta.csv, or the folders dev and test)",
        layout="""\
dev/txt/id00012/21Uxsk56VDQ/00001.txt    boxes of one utterance, as published
dev/mp4/id00012/21Uxsk56VDQ/00001.mp4    its clip, cut by 'thlab datasets cut voxceleb2', or as once published
dev/aac/id00012/21Uxsk56VDQ/00001.m4a    its sound, for clips that came without (optional)
test/…                                   the same for the test people; without dev/ and test/ it works too
vox2_meta.csv                            sex and split of each person (optional)""",
        labels=("video", "Gender"),
        sources=(
            "6,112 people, 1,128,246 utterances, 2,442 h: Chung et al. 2018, Table 1, as quoted at "
            "emergentmind.com/topics/voxceleb2-dataset",
            "dev 1,092,009 utterances and 2,360.2 h, test 79.9 h: PaddleSpeech, examples/voxceleb/README.md",
            "boxes as shares of the picture: AliaksandrSiarohin/video-preprocessing, crop_vox.py",
            "where the lists are now: ali-vilab/dreamtalk issue 8",
        ),
    )

    @cached_property
    def people(self) -> Mapping[str, Mapping[str, str]]:
        path = self.root / META
        if not path.is_file():
            return {}
        comma = "," in path.read_text("utf-8-sig").partition("\n")[0]
        rows = list(table(path, delimiter="," if comma else "\t"))
        return {_id(row): {name: value for name, value in row.items() if not name.endswith("ID")} for row in rows}


def _id(row: Mapping[str, str]) -> str:
    """The person of a row, whichever of its names the column has."""
    for name in ("VoxCeleb2 ID", "Id"):
        if name in row:
            return row[name]
    raise ValueError(f"expected a column 'VoxCeleb2 ID' in {META}, but it has {', '.join(row)}; fetch it again")
