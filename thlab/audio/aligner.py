"""Finding the times of known words, and of their phones, in a recording: two passes of the recogniser, in pieces.

First the words, in all of the sound at once; then the phones, in pieces of a few seconds cut between words. Where the
recogniser loses its way in a piece, the piece is halved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from thlab.audio.decoder import (
    ALL,
    NARROW,
    WIDE,
    Spoken,
    dictionary,
    find_phones,
    find_words,
    later,
    loudness,
    new_aligner,
    prepare,
    within,
)
from thlab.audio.phonemes import from_arpabet
from thlab.timebase import Interval, nearest_sample, samples_to_seconds

PIECE = 12.0
"""Seconds of sound in which phones are searched at once."""
MARGIN = 0.3
"""Seconds around a piece, where the pause before or after it is that long."""
EXHAUSTIBLE = 600.0
"""Words × seconds up to which all hypotheses are followed, if need be."""
FEW = 5
"""Words of a piece that is not halved before more hypotheses are followed."""
LADDER = (NARROW, WIDE, ALL)


class Aligner:
    """Aligns words with one recording. Not for several threads at once."""

    def __init__(self, sound: Float[np.ndarray, "samples"], added: dict[str, str] | None = None) -> None:
        """Take a recording.

        Args:
            sound: mono, at 16 kHz.
            added: words that the dictionary lacks → their ARPAbet phones, separated by spaces.
        """
        self._sound, self._level = sound, max(loudness(sound), 1e-6)
        self._added = added or {}
        self._made = list[Any]()

    def words(self, labels: Sequence[str]) -> list[Interval] | None:
        """Times of words that follow one another; None when they do not fit the sound."""
        pcm = prepare(self._sound, self._level)
        seconds = samples_to_seconds(len(self._sound))
        rungs = len(LADDER) if len(labels) * seconds <= EXHAUSTIBLE else len(LADDER) - 1
        found = (find_words(decoder, pcm, labels) for decoder in self._decoders(rungs))
        return next((words for words in found if words is not None), None)

    def phones(self, words: Sequence[Interval]) -> list[Spoken]:
        """Phones of words whose times are known. Words that cannot be made out share their time evenly."""
        return self._phones_between(words, 0.0, samples_to_seconds(len(self._sound))) if words else []

    def _phones_between(self, words: Sequence[Interval], left: float, right: float) -> list[Spoken]:
        """Phones of words that lie between two moments: at once, or in halves."""
        start, end = max(left, words[0].start - MARGIN), min(right, words[-1].end + MARGIN)
        if words[-1].end - words[0].start <= PIECE:
            spoken = self._phones_of_piece(words, start, end)
            if spoken is not None:
                return spoken
        if len(words) == 1:
            return [_evenly(words[0], self._pronunciation(words[0].label))]
        middle = _best_cut(words)
        cut = (words[middle - 1].end + words[middle].start) / 2
        return self._phones_between(words[:middle], left, cut) + self._phones_between(words[middle:], cut, right)

    def _phones_of_piece(self, words: Sequence[Interval], start: float, end: float) -> list[Spoken] | None:
        """Both passes within a piece; None when either fails. Wider beams are for few words only: they are slow."""
        pcm = prepare(self._sound[nearest_sample(start) : nearest_sample(end)], self._level)
        labels = [word.label for word in words]
        for decoder in self._decoders(len(LADDER) if len(words) <= FEW else 1):
            if find_words(decoder, pcm, labels) is None:
                continue
            spoken = find_phones(decoder, pcm)
            if spoken is not None and len(spoken) == len(words):
                return [_placed(part, start, end) for part in spoken]
        return None

    def _pronunciation(self, label: str) -> tuple[str, ...]:
        """The phones of a word as the dictionary gives them, in IPA."""
        return tuple(from_arpabet(phone) for phone in (self._added.get(label) or dictionary()[label]).split())

    def _decoders(self, rungs: int) -> Iterator[Any]:
        """Decoders that follow more and more hypotheses, made when first needed."""
        for rung, beams in enumerate(LADDER[:rungs]):
            if rung == len(self._made):
                self._made.append(new_aligner(self._added, beams))
            yield self._made[rung]


def _placed(spoken: Spoken, start: float, end: float) -> Spoken:
    """A word found in a piece of sound, at its time in the whole, and no longer than the piece."""
    phones = within(spoken.phones, start, end)
    word = later(spoken.word, start)
    return Spoken(Interval(min(word.start, end), min(word.end, end), word.label), tuple(phones))


def _best_cut(words: Sequence[Interval]) -> int:
    """The number of the word before which to cut: at a wide pause, near the middle."""
    middle = (words[0].start + words[-1].end) / 2
    pauses = [words[i].start - words[i - 1].end - 0.1 * abs(words[i].start - middle) for i in range(1, len(words))]
    return 1 + int(np.argmax(pauses))


def _evenly(word: Interval, phones: Sequence[str]) -> Spoken:
    """A word whose phones last equally long."""
    edges = np.linspace(word.start, word.end, len(phones) + 1).tolist()
    return Spoken(word, tuple(Interval(edges[i], edges[i + 1], phone) for i, phone in enumerate(phones)))
