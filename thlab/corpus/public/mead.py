"""MEAD: actors in eight emotions at three levels, seen by seven cameras at once (Wang et al. 2020)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from thlab.corpus.public.base import Dataset
from thlab.corpus.public.card import NOT_VERIFIED, DatasetCard, Obtain, Slip
from thlab.corpus.public.entries import Entry
from thlab.corpus.public.linked import folders

EMOTIONS = {
    "angry": "angry",
    "contempt": None,
    "disgusted": "disgust",
    "fear": "fear",
    "happy": "happy",
    "neutral": "neutral",
    "sad": "sad",
    "surprised": "surprise",
}
"""MEAD's names → ours; contempt has none, and stays a label."""
VIEWS = ("front", "down", "top", "left_30", "left_60", "right_30", "right_60")
LEVELS = 3
"""Levels of intensity, level_1 the weakest; neutral has only level_1."""


class Mead(Dataset):
    """A clip is a sentence in one emotion and level from one camera; its sound lies beside it, once for all cameras."""

    card = DatasetCard(
        name="mead",
        title="MEAD",
        authors="Wang, Wu, Song, Yang, Wu, Qian, He, Qiao, Loy",
        venue="ECCV",
        year=2020,
        hours=40.0,
        people=60,
        clips=None,
        environment="lab",
        head_motion=False,
        emotion_labels=True,
        views=7,
        resolution=NOT_VERIFIED,
        fps="30, as users report; not verified at the source",
        licence="the dataset's own terms of use (a PDF in its repository): non-commercial research",
        allowed_use="non-commercial research, as those who redistribute parts of it quote the terms; read the PDF",
        obtain=Obtain("read the terms, then follow the page to the archives: video.tar and audio.tar for each actor",
                      "https://wywu.github.io/projects/MEAD/MEAD.html"),
        published_as="files",
        splits=(),
        splits_note="none lies with the files; the repository refers to a section of the paper",
        layout="""\
M003/video/front/angry/level_1/001.mp4    actor, camera, emotion, level (1 to 3), sentence
M003/audio/angry/level_1/001.m4a          its sound, the same for all cameras
W009/…                                    M men, W women""",
        labels=("emotion", "level", "number"),
        sources=(
            "60 actors, 8 emotions, 3 levels except for neutral, 7 cameras, 'about 40 hours … for each person and "
            "view': the project page",
            "48 actors in the published part: luel/emofi-mead at Hugging Face",
            "folders: paths quoted in several public loaders, such as M003/audio/angry/level_1/001.m4a",
        ),
        notes=("the sentences are listed in the paper's appendix; their text does not lie with the clips",),
        survey_differs={
            "hours": Slip(
                "40.0",
                "about 40 h for each camera; seven cameras film at once, so about 280 h of video (the page's words, "
                "'for each person and view', cannot be meant for one person)",
                "project page of MEAD; the product is ours",
            ),
            "people": Slip(
                "60",
                "60 were filmed; 48 of them are in the published part",
                "project page; luel/emofi-mead at Hugging Face",
            ),
            "levels": Slip(
                "8 emotions at 3 intensities",
                "7 emotions at 3 intensities, and neutral at one",
                "project page of MEAD ('except for neutral')",
            ),
        },
    )  # fmt: skip

    def recognises(self) -> bool:
        return any(_is_actor(path) and ((path / "video").is_dir() or (path / "audio").is_dir())
                   for path in folders(self.root))  # fmt: skip

    def expected(self) -> str:
        return "folders of actors such as M003/ with video/ and audio/"

    def listed(self) -> Iterator[Entry]:
        for actor in filter(_is_actor, folders(self.root)):
            for view in folders(actor / "video"):
                for emotion in folders(view):
                    yield from self._of_emotion(actor, view.name, emotion)

    def _of_emotion(self, actor: Path, view: str, emotion: Path) -> Iterator[Entry]:
        """Clips that have a picture, and those that have only sound."""
        if emotion.name not in EMOTIONS:
            raise ValueError(f"expected one of {', '.join(EMOTIONS)} in {emotion.parent}, but it has {emotion.name}/; "
                             "move it away")  # fmt: skip
        sounds = actor / "audio" / emotion.name
        for level in sorted({path.name for path in (*folders(emotion), *folders(sounds))}):
            numbers = {path.stem for path in (emotion / level).glob("*.mp4")}
            numbers |= {path.stem for path in (sounds / level).glob("*.m4a")}
            yield from (_entry(actor, view, emotion.name, level, number) for number in sorted(numbers))


def _entry(actor: Path, view: str, emotion: str, level: str, number: str) -> Entry:
    return Entry(
        id=f"{actor.name}/{view}/{emotion}/{level}/{number}",
        video=actor / "video" / view / emotion / level / f"{number}.mp4",
        audio=actor / "audio" / emotion / level / f"{number}.m4a",
        speaker=actor.name,
        labels={"emotion": emotion, "level": level.removeprefix("level_"), "number": number},
        emotion=EMOTIONS[emotion],
        intensity=_intensity(emotion, level),
        view=view,
    )


def _intensity(emotion: str, level: str) -> float | None:
    """A third for each level; neutral has no intensity."""
    number = level.removeprefix("level_")
    if not number.isdigit() or not 1 <= int(number) <= LEVELS:
        raise ValueError(f"expected level_1 to level_{LEVELS} in MEAD, but one folder is {level!r}; move it away")
    return None if EMOTIONS[emotion] in (None, "neutral") else int(number) / LEVELS


def _is_actor(folder: Path) -> bool:
    return folder.name[:1] in "MW" and folder.name[1:].isdigit()
