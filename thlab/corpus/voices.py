"""Which voice belongs to which face, and what an emotion does to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
import torch

from thlab.audio.synthesis import Request, Speech, speak_many
from thlab.face.head.identity_basis import IDENTITY_INDEX
from thlab.face.head.person import Person
from thlab.timebase import SAMPLE_RATE, Interval, Transcript

TIMBRES = {True: ("f1", "f2", "f3", "f4", "linda"), False: ("m1", "m2", "m3", "m7", "m5")}
"""Variants of espeak-ng for women and for men."""
ACCENTS = ("en-us", "en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp")
PITCH = {True: 48.0, False: 52.0}
"""Mean on espeak-ng's scale of 0 to 99, on top of what the timbre does."""
PITCH_A_YEAR = -0.30
"""Planted: voices sink with age (steps of the scale a year from 40)."""
PITCH_SPREAD = 4.0
STEPS_A_SEMITONE = 4.8
"""Measured: steps of espeak-ng's scale of pitch to a semitone."""
TRACT_A_YEAR = 0.0016
"""Planted: the vocal tract of the older is longer, their formants lower (share a year from 40)."""
BUILD = ("neck_width", "shoulder_width", "width", "height", "jaw_width", "jaw_length")
"""Identity modes that together show how large somebody is."""
PITCH_OF_BUILD = -3.0
TRACT_OF_BUILD = 0.030
"""Planted: the larger have deeper voices and longer vocal tracts (steps, and share, for each unit of ``build_of``)."""
TRACT_SPREAD = 0.012
"""Share by which vocal tracts vary beside that."""
TRACT_LIMITS = (0.88, 1.14)
RATE = (155, 190)
"""Words a minute from the slowest to the fastest speaker."""


@dataclass(frozen=True)
class VoiceManner:
    """What an emotion does to a voice at full intensity."""

    rate: float = 1.0
    """Factor on the rate."""
    pitch: float = 0.0
    """Steps on espeak-ng's scale of 0 to 99."""
    intonation: float = 0.0
    """Steps on espeak-ng's scale."""
    volume: float = 1.0
    """Factor on the amplitude."""


EMOTION_MANNERS = {
    "neutral": VoiceManner(),
    "happy": VoiceManner(1.06, 8.0, 25.0, 1.05),
    "sad": VoiceManner(0.84, -7.0, -25.0, 0.75),
    "angry": VoiceManner(1.10, 5.0, 18.0, 1.30),
    "surprise": VoiceManner(1.02, 12.0, 35.0, 1.05),
    "disgust": VoiceManner(0.90, -5.0, 5.0, 0.90),
    "fear": VoiceManner(1.16, 11.0, -5.0, 0.90),
}
"""Planted: emotions sound. Directions after Scherer 1986 and Juslin & Laukka 2003; sizes ours."""


@dataclass(frozen=True)
class Voice:
    """How a person sounds."""

    timbre: str
    """Variant of espeak-ng."""
    accent: str
    pitch: float
    """On espeak-ng's scale of 0 to 99."""
    rate: float
    """Words a minute."""
    tract: float
    """Length of the vocal tract relative to the timbre's own; formants are divided by it."""


def build_of(person: Person) -> float:
    """How large a person looks: 0 is the mean, ±1 clearly visible."""
    return float(np.mean([person.identity[IDENTITY_INDEX[mode]] for mode in BUILD]))


def voice_of(person: Person) -> Voice:
    """The voice of a face: sex decides timbre and register, age and build lower pitch and formants.

    Planted, so that a voice can be guessed from a face (what AnyoneNet claims to learn).
    """
    rng = np.random.default_rng([person.seed, 0x0F0])
    years, build = person.age - 40, build_of(person)
    timbres = TIMBRES[person.female]
    pitch, tract = rng.standard_normal(2)
    return Voice(
        timbre=timbres[int(rng.integers(len(timbres)))],
        accent=ACCENTS[int(rng.integers(len(ACCENTS)))],
        pitch=PITCH[person.female] + PITCH_A_YEAR * years + PITCH_OF_BUILD * build + PITCH_SPREAD * pitch,
        rate=float(rng.uniform(*RATE)),
        tract=float(np.clip(1 + TRACT_A_YEAR * years + TRACT_OF_BUILD * build + TRACT_SPREAD * tract, *TRACT_LIMITS)),
    )


@dataclass(frozen=True)
class Line:
    """A sentence to be said by a voice in a mood."""

    text: str
    voice: Voice
    emotion: str = "neutral"
    intensity: float = 1.0
    keep_time: bool = False
    """Whether the emotion leaves the rate as it is, so that the same sentence in two emotions stays aligned."""


def say(lines: list[Line]) -> list[Speech]:
    """Speak lines, one after another; the same lines give the same samples."""
    spoken = speak_many([_request(line) for line in lines])
    return [_louder(stretched(speech, line.voice.tract), line) for speech, line in zip(spoken, lines, strict=True)]


def _manner(line: Line) -> VoiceManner:
    return EMOTION_MANNERS[line.emotion]


def _request(line: Line) -> Request:
    manner, voice = _manner(line), line.voice
    hurry = 1.0 if line.keep_time else 1 + line.intensity * (manner.rate - 1)
    # Playing a sound slower to lower its formants lowers its pitch and rate too; ask for that much more of both.
    semitones = 12 * np.log2(voice.tract)
    return Request(
        line.text,
        voice.accent,
        voice.timbre,
        rate=int(np.clip(round(voice.rate * hurry * voice.tract), 90, 300)),
        pitch=int(np.clip(round(voice.pitch + line.intensity * manner.pitch + STEPS_A_SEMITONE * semitones), 5, 95)),
        intonation=int(np.clip(round(50 + line.intensity * manner.intonation), 5, 95)),
    )


def stretched(speech: Speech, tract: float) -> Speech:
    """Play a speech slower by a factor, which lowers its formants by it as a longer vocal tract does."""
    audio = soxr.resample(speech.audio.numpy(), SAMPLE_RATE, SAMPLE_RATE * tract).astype(np.float32)
    said = speech.transcript
    words, phones = (_later(intervals, tract) for intervals in (said.words, said.phones))
    return Speech(torch.from_numpy(audio), Transcript(said.text, words, phones, said.language))


def _later(intervals: tuple[Interval, ...], factor: float, shift: float = 0.0) -> tuple[Interval, ...]:
    return tuple(Interval(i.start * factor + shift, i.end * factor + shift, i.label) for i in intervals)


def _louder(speech: Speech, line: Line) -> Speech:
    gain = 1 + line.intensity * (_manner(line).volume - 1)
    return Speech((gain * speech.audio).clamp(-1, 1), speech.transcript)


def padded(speech: Speech, *, lead: int, tail: int) -> Speech:
    """Silence before and after, in samples; times move along."""
    audio = torch.nn.functional.pad(speech.audio, (lead, tail))
    said, shift = speech.transcript, lead / SAMPLE_RATE
    words, phones = (_later(intervals, 1.0, shift) for intervals in (said.words, said.phones))
    return Speech(audio, Transcript(said.text, words, phones, said.language))
