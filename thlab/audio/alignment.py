"""When each word and phone of a known text is said: forced alignment of English.

Source of the method: Young et al. 1994, Tree-based state tying; the recogniser is told the words, and only finds times.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from thlab.audio.aligner import Aligner
from thlab.audio.decoder import Spoken, decode_phones, dictionary, within
from thlab.audio.pauses import utterances
from thlab.audio.phonemes import classes_at, to_arpabet
from thlab.audio.synthesis import Request, speak_many
from thlab.audio.waveform import as_sound
from thlab.timebase import Interval, Transcript, covering_hops, hop_times

LEAST_AGREEMENT = 0.12
"""Share of the voiced hops in which aligned and freely recognised phones agree, below which the text is another."""
_WORD = re.compile(r"[^\s\-\u2010-\u2015/]+")
_EDGES = re.compile(r"^[^\w$€£&]+|[^\w%]+$")


@dataclass(frozen=True)
class Word:
    """A word of the text."""

    written: str
    """As it stands there, without the punctuation around it."""
    key: str
    """As the recogniser's dictionary has it."""


def align(audio: Float[Tensor, "samples"], text: str) -> Transcript:
    """Find when each word and phone of a known English text is said.

    Words that the dictionary lacks, numbers and names among them, are pronounced by espeak-ng.

    Args:
        audio: mono sound at 16 kHz in which somebody says the text, all of it and little else.
        text: what is said, with or without punctuation and capitals.

    Returns:
        The text, its words as written, and their phones in IPA; gaps are silence.

    Raises:
        ValueError: the text has no words, the sound no voice, or they do not fit each other.

    Chapter 02.
    """
    sound = as_sound(audio)
    words, added = spelled(text)
    heard = [phone for u in utterances(sound) for phone in within(decode_phones(u.pcm), u.start, u.end)]
    if not heard:
        raise ValueError(f"nothing is said in {len(sound)} samples of sound; expected a voice that says the text")
    aligner = Aligner(sound, added)
    times = aligner.words([word.key for word in words])
    spoken = aligner.phones(times) if times is not None else []
    if not spoken or agreement(spoken, heard, len(sound)) < LEAST_AGREEMENT:
        raise ValueError(
            f"the text ({len(words)} words, beginning {words[0].written!r}) does not fit the sound; "
            "expected exactly what is said, in English; correct the text, or leave it out"
        )
    phones = tuple(phone for part in spoken for phone in part.phones)
    named = zip(spoken, words, strict=True)
    return Transcript(text, tuple(Interval(p.word.start, p.word.end, w.written) for p, w in named), phones, "en")


def spelled(text: str) -> tuple[list[Word], dict[str, str]]:
    """The words of a text with their keys in the dictionary, and the pronunciations of those that it lacks.

    Raises:
        ValueError: no words, or letters that English does not have.
    """
    written = [bare for token in _WORD.findall(text) if _sayable(bare := _EDGES.sub("", token))]
    if not written:
        raise ValueError(f"expected a text with words, got {text[:30]!r}; type what is said")
    unknown = dict.fromkeys(word for word in written if _plain(word) not in dictionary())
    spoken = speak_many(Request(word) for word in unknown)
    pronounced = [" ".join(to_arpabet("".join(p.label for p in speech.transcript.phones))) for speech in spoken]
    keys = {word: f"~{number}" for number, word in enumerate(unknown)}
    added = dict(zip(keys.values(), pronounced, strict=True))
    return [Word(word, keys.get(word, _plain(word))) for word in written], added


def agreement(spoken: Sequence[Spoken], heard: Sequence[Interval], samples: int) -> float:
    """Share of the hops inside the aligned words in which both have the same class of phone."""
    times = hop_times(covering_hops(samples))
    aligned = classes_at([phone for word in spoken for phone in word.phones], times)
    voiced = aligned > 0
    return float((aligned == classes_at(heard, times))[voiced].mean()) if voiced.any() else 0.0


def _sayable(word: str) -> bool:
    """Whether a word holds a letter or a digit."""
    return any(letter.isalnum() for letter in word)


def _plain(word: str) -> str:
    """A word as the dictionary spells: small letters, straight apostrophes."""
    return word.lower().replace("’", "'")
