"""GRID: thirty-four talkers read a thousand short commands each, word times included (Cooke et al. 2006)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from thlab.corpus.public.alignments import GRID_RATE, label_file
from thlab.corpus.public.base import Dataset
from thlab.corpus.public.card import DatasetCard, Obtain, Slip
from thlab.corpus.public.entries import Entry
from thlab.corpus.public.linked import folders
from thlab.timebase import Transcript

COMMAND = {"b": "bin", "l": "lay", "p": "place", "s": "set"}
COLOUR = {"b": "blue", "g": "green", "r": "red", "w": "white"}
PREPOSITION = {"a": "at", "b": "by", "i": "in", "w": "with"}
LETTERS = "abcdefghijklmnopqrstuvxyz"
"""All but w, whose name has more than one syllable."""
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGIT = dict(zip("z123456789", NUMBERS, strict=True))
ADVERB = {"a": "again", "n": "now", "p": "please", "s": "soon"}
SLOTS: tuple[dict[str, str], ...] = (COMMAND, COLOUR, PREPOSITION, {c: c for c in LETTERS}, DIGIT, ADVERB)
"""What each of the six characters of a file's name stands for."""
ALIGNMENTS = ("{speaker}/align", "alignments/{speaker}", "align/{speaker}", "{speaker}")
"""Where the alignments lie, depending on the archive they came in."""


class Grid(Dataset):
    """Six-word commands such as "bin blue at f two now"; 75 frames each."""

    card = DatasetCard(
        name="grid",
        title="GRID",
        authors="Cooke, Barker, Cunningham, Shao",
        venue="Journal of the Acoustical Society of America",
        year=2006,
        hours=27.5,
        people=34,
        clips=33_000,
        environment="lab",
        head_motion=False,
        emotion_labels=False,
        views=1,
        resolution="360×288 (a version of 720×576 exists)",
        fps="25",
        licence="CC BY 4.0 (Zenodo record 3625687, as the dataset's cards at Hugging Face quote it)",
        allowed_use="anything, with attribution; the talkers agreed to being recorded for research, not to being "
        "imitated",
        obtain=Obtain("download s1.zip to s34.zip and alignments.zip, and unpack them into one folder",
                      "https://zenodo.org/records/3625687"),
        published_as="files",
        splits=(),
        splits_note="none is official; the 'unseen' split that tests on s1, s2, s20 and s22 is LipNet's (Assael et "
        "al. 2016)",
        layout="""\
s1/bbaf2n.mpg                 a clip; its name says the sentence: bin blue at f two now
s1/align/bbaf2n.align         word times in 1/25,000 s (also alignments/s1/ or align/s1/)
s2/ … s34/                    the other talkers; s21 has no video""",
        labels=("command", "colour", "preposition", "letter", "digit", "adverb"),
        sources=(
            "34 talkers, 1,000 sentences each: abstract of Cooke et al. 2006",
            "33,000 clips and 27.5 h: Afouras et al. 2018 (LRS3-TED), Table 1; it is 33 × 1,000 × 3 s",
            "talker 21 without video, 32,746 usable clips: Assael et al. 2016, quoted in rizkiarm/LipNet issue 17",
            "360×288, 25 frames a second, 75 frames: five clips of the corpus, decoded",
        ),
        survey_differs={
            "people": Slip(
                "33 in Table 1, 34 in the text",
                "34 talkers, 33 of them with video (s21 has none)",
                "Cooke et al. 2006, abstract; Assael et al. 2016",
            ),
            "sentences": Slip(
                "a corpus of 3,400 sentences",
                "34 talkers × 1,000 sentences = 34,000",
                "Cooke et al. 2006, abstract",
            ),
        },
    )  # fmt: skip

    def recognises(self) -> bool:
        return any(_is_talker(path.name) for path in folders(self.root))

    def expected(self) -> str:
        return "folders s1/ … s34/ with .mpg clips"

    def listed(self) -> Iterator[Entry]:
        for folder in sorted(filter(lambda path: _is_talker(path.name), folders(self.root)), key=_number):
            names = {path.stem for path in folder.glob("*.mpg")} | {path.stem for path in self._aligned(folder.name)}
            for name in sorted(names):
                yield self._entry(folder, name)

    def _aligned(self, speaker: str) -> list[Path]:
        return [path for place in self._places(speaker) for path in place.glob("*.align")]

    def _places(self, speaker: str) -> Sequence[Path]:
        return [self.root / place.format(speaker=speaker) for place in ALIGNMENTS]

    def _entry(self, folder: Path, name: str) -> Entry:
        words = sentence_of(name)
        times = (place / f"{name}.align" for place in self._places(folder.name))
        labels = dict(zip(("command", "colour", "preposition", "letter", "digit", "adverb"), words, strict=bool(words)))
        return Entry(
            id=f"{folder.name}/{name}",
            video=folder / f"{name}.mpg",
            alignment=next((path for path in times if path.is_file()), None),
            speaker=folder.name,
            labels=labels,
            words=words,
        )

    def transcript(self, entry: Entry) -> Transcript | None:
        """The words with their times; without an alignment the words that the name spells."""
        if entry.alignment is None:
            return super().transcript(entry)
        words = label_file(entry.alignment, units_per_second=GRID_RATE)
        return Transcript(" ".join(word.label for word in words), words)


def sentence_of(name: str) -> tuple[str, ...]:
    """The six words that the name of a clip stands for; none when it is no such name.

    >>> sentence_of("bbaf2n")
    ('bin', 'blue', 'at', 'f', 'two', 'now')
    """
    if len(name) != len(SLOTS) or any(char not in slot for char, slot in zip(name, SLOTS, strict=True)):
        return ()
    return tuple(slot[char] for char, slot in zip(name, SLOTS, strict=True))


def _is_talker(name: str) -> bool:
    return name[:1] == "s" and name[1:].isdigit()


def _number(folder: Path) -> int:
    return int(folder.name[1:])
