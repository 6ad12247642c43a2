"""CREMA-D: ninety-one actors say twelve sentences in six emotions, rated by a crowd (H. Cao et al. 2014)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from thlab.corpus.public.base import Dataset
from thlab.corpus.public.card import NOT_VERIFIED, DatasetCard, Obtain, Slip
from thlab.corpus.public.entries import Entry
from thlab.corpus.public.lists import table
from thlab.timebase import Transcript

SENTENCES = {
    "IEO": "It's eleven o'clock",
    "TIE": "That is exactly what happened",
    "IOM": "I'm on my way to the meeting",
    "IWW": "I wonder what this is about",
    "TAI": "The airplane is almost full",
    "MTI": "Maybe tomorrow it will be cold",
    "IWL": "I would like a new alarm clock",
    "ITH": "I think I have a doctor's appointment",
    "DFA": "Don't forget a jacket",
    "ITS": "I think I've seen this before",
    "TSI": "The surface is slick",
    "WSI": "We'll stop in a couple of minutes",
}
EMOTIONS = {"ANG": "angry", "DIS": "disgust", "FEA": "fear", "HAP": "happy", "NEU": "neutral", "SAD": "sad"}
LEVELS = {"LO": 0.2, "MD": 0.5, "HI": 0.8, "XX": None}
"""Low, medium, high as the dataset's own table counts them (dispLevel 20, 50, 80); XX is unspecified."""
DEMOGRAPHICS = "VideoDemographics.csv"


class CremaD(Dataset):
    """Short sentences, acted; file names are ACTOR_SENTENCE_EMOTION_LEVEL."""

    card = DatasetCard(
        name="crema_d",
        title="CREMA-D",
        authors="Cao, Cooper, Keutmann, Gur, Nenkova, Verma",
        venue="IEEE Transactions on Affective Computing",
        year=2014,
        hours=None,
        people=91,
        clips=7442,
        environment="lab",
        head_motion=False,
        emotion_labels=True,
        views=1,
        resolution=NOT_VERIFIED,
        fps=NOT_VERIFIED,
        licence="Open Database License 1.0; contents under the Database Contents License 1.0",
        allowed_use="anything, also commercial; databases made from it are shared under the same licence, with "
        "attribution",
        obtain=Obtain("clone the repository with git-lfs installed; without it the media are pointers of three lines",
                      "https://github.com/CheyneyComputerScience/CREMA-D"),
        published_as="files",
        splits=(),
        splits_note="none is official; split by actor yourself",
        layout="""\
VideoFlash/1001_DFA_ANG_XX.flv    actor 1001, "Don't forget a jacket", angry, level not specified
AudioWAV/1001_DFA_ANG_XX.wav      its sound (AudioMP3/ too)
VideoDemographics.csv             age, sex, race, ethnicity of each actor""",
        labels=("sentence", "emotion", "level", "Age", "Sex", "Race", "Ethnicity"),
        sources=(
            "7,442 clips, 91 actors (48 men, 43 women, 20 to 74 years), 12 sentences, 6 emotions: the repository's "
            "page",
            "licence: LICENSE.txt of the repository",
            "levels 20, 50, 80: README of the repository (dispLevel)",
        ),
        notes=("labels are what the actor was asked to play; what raters saw is in processedResults/",),
        survey_differs={
            "hours": Slip(
                "11.1",
                "not given by its authors; 11.1 h would be 5.4 s a clip, long for sentences of four to seven words",
                "11.1 h / 7,442 clips; the repository's page counts clips, not hours",
            ),
            "sentences": Slip(
                "every actor says the same sentence in different emotions and intensities",
                "all six emotions, but intensities only for one of the twelve sentences (IEO); elsewhere the level is "
                "XX, unspecified",
                "names of three actors' files; 82 a head (11 × 6 and 3 × 5 + 1) make 7,462, and 7,442 were kept",
            ),
        },
    )  # fmt: skip

    def recognises(self) -> bool:
        return (self.root / "VideoFlash").is_dir()

    def expected(self) -> str:
        return "VideoFlash/ with .flv clips, AudioWAV/ and VideoDemographics.csv"

    @cached_property
    def actors(self) -> Mapping[str, Mapping[str, str]]:
        """Actor → age, sex, race, ethnicity; empty without the table."""
        path = self.root / DEMOGRAPHICS
        rows = table(path, delimiter=",") if path.is_file() else ()
        return {row["ActorID"]: {key: row[key] for key in row if key != "ActorID"} for row in rows}

    def listed(self) -> Iterator[Entry]:
        names = {path.stem for path in (self.root / "VideoFlash").glob("*.flv")}
        names |= {path.stem for path in (self.root / "AudioWAV").glob("*.wav")}
        return (self._entry(name) for name in sorted(names))

    def _entry(self, name: str) -> Entry:
        actor, sentence, emotion, level = _fields(name)
        sound = self.root / "AudioWAV" / f"{name}.wav"
        named = {"sentence": sentence, "emotion": emotion, "level": level}
        return Entry(
            id=name,
            video=self.root / "VideoFlash" / f"{name}.flv",
            audio=sound if sound.is_file() else None,
            speaker=actor,
            labels={**self.actors.get(actor, {}), **named},
            emotion=EMOTIONS[emotion],
            intensity=LEVELS[level],
        )

    def transcript(self, entry: Entry) -> Transcript | None:
        """The sentence; CREMA-D has no times of words."""
        return Transcript(SENTENCES[entry.labels["sentence"]])

    def sound_beside(self, entry: Entry) -> bool:
        """Only where the video has none: its own sound is in step with its pictures."""
        del entry
        return False


def _fields(name: str) -> tuple[str, str, str, str]:
    actor, sentence, emotion, level = (name.split("_") + [""] * 4)[:4]
    if not actor.isdigit() or sentence not in SENTENCES or emotion not in EMOTIONS or level not in LEVELS:
        raise ValueError(f"expected names like 1001_DFA_ANG_XX in CREMA-D, but one is {name!r}; move that file away")
    return actor, sentence, emotion, level
