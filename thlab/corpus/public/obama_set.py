"""ObamaSet: the weekly addresses of one president, published as a list of videos (Suwajanakorn et al. 2017)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from thlab.corpus.public.card import DatasetCard, Obtain, Slip
from thlab.corpus.public.cutting import Piece, copy_beside, find_video
from thlab.corpus.public.entries import Entry
from thlab.corpus.public.linked import LinkedDataset
from thlab.corpus.public.lists import video_ids
from thlab.media import stream_frames
from thlab.media.containers import opened, pictures_of, stated_seconds
from thlab.timebase import frame_at

LIST = "obama_addresses.txt"
PIECE_FRAMES = 250
"""Frames of a piece that is cut out of an address: ten seconds."""
SHORTEST = 25
"""A rest with fewer frames is left out."""
SPARE = 2
"""Frames at the end that are not asked for, because headers round their durations up."""


class ObamaSet(LinkedDataset):
    """Whole addresses in ``videos``, or pieces of ten seconds in ``clips``."""

    card = DatasetCard(
        name="obama_set",
        title="ObamaSet",
        authors="Suwajanakorn, Seitz, Kemelmacher-Shlizerman",
        venue="ACM Transactions on Graphics (SIGGRAPH)",
        year=2017,
        hours=17.0,
        people=1,
        clips=None,
        environment="web",
        head_motion=True,
        emotion_labels=False,
        views=1,
        resolution="HD",
        fps="about 30 (17 h and nearly two million frames)",
        licence="the paper calls the addresses public domain: works of the US government; the list itself carries no "
        "licence that we found",
        allowed_use="the pictures are free to use; making a real person say what he did not is another matter: mark "
        "it, and do not publish it as his",
        obtain=Obtain(f"save the list {LIST} from the project page; fetch the videos yourself where you may",
                      "http://grail.cs.washington.edu/projects/AudioToObama/"),
        published_as="links",
        splits=(),
        splits_note="none is official",
        layout=f"""\
{LIST}                the list, as published: a name of a video a line
videos/3vPdtajOJfw.mp4             the addresses that you have, or
clips/3vPdtajOJfw/000.mp4          ten-second pieces, cut by 'thlab datasets cut obama_set'""",
        labels=("video",),
        sources=(
            "17 hours, nearly two million frames, eight years, HD, public domain: the paper, section 1",
            "list of videos: the project page",
        ),
        notes=("published for one paper and never as a corpus; 'ObamaSet' is the survey's name for it",),
        survey_differs={
            "hours": Slip(
                "14.0",
                "17 h of addresses in the paper's introduction; what may be 14 h is the part left for training (not "
                "verified)",
                "Suwajanakorn et al. 2017, section 1",
            ),
        },
    )  # fmt: skip

    def recognises(self) -> bool:
        return (self.root / LIST).is_file()

    def expected(self) -> str:
        return f"the list {LIST}, and videos/ or clips/"

    def listed(self) -> Iterator[Entry]:
        for video in video_ids(self.root / LIST):
            clips = sorted((self.root / "clips" / video).glob("*.mp4"))
            whole = find_video(self.root / "videos", video) or self.root / "videos" / f"{video}.mp4"
            for path in clips or [whole]:
                name = f"{video}/{path.stem}" if clips else video
                yield Entry(id=name, video=path, speaker="obama", labels={"video": video})

    @classmethod
    def pieces(cls, lists: Path, videos: Path, *, size: int | None) -> Iterator[Piece]:
        """Ten-second pieces of every address, as filmed: nothing is cropped, and ``size`` is not used."""
        del size
        for video in video_ids(_list_file(lists)):
            path = find_video(videos, video)
            frames = SHORTEST if path is None else _frames_of(path)
            starts = range(0, max(1, frames - SHORTEST + 1), PIECE_FRAMES)
            for number, start in enumerate(starts):
                yield Piece(
                    video=video,
                    name=f"clips/{video}/{number:03d}",
                    first=start,
                    frames=min(PIECE_FRAMES, frames - start),
                    size=None,
                )

    @classmethod
    def keep_list(cls, lists: Path, folder: Path) -> None:
        copy_beside(_list_file(lists), folder / LIST)


def _list_file(lists: Path) -> Path:
    return lists / LIST if lists.is_dir() else lists


def _frames_of(path: Path) -> int:
    """Frames at 25 a second: by the header, or by decoding when it does not say."""
    with opened(path, what="a video file") as container:
        stream = pictures_of(container)
        stated = None if stream is None else stated_seconds(container, stream)
    if stated is None:
        return sum(1 for _ in stream_frames(path, height=16))
    return max(1, frame_at(stated) - SPARE)
