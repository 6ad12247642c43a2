"""Pocketsphinx, a hidden-Markov-model recogniser of English, behind three small calls: phones, words, and a known text.

Its acoustic model, phone model, language model and dictionary come inside its Python package, so all works offline. The
two decoders without a known text take a while to load and are kept, one each a thread; no call changes the next.

Source: Huggins-Daines et al. 2006, PocketSphinx: a free, real-time continuous speech recognition system.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from pocketsphinx import Decoder, get_model_path

from thlab.audio.phonemes import SILENCE, from_arpabet
from thlab.timebase import Interval, nearest_sample

FRAME = 0.01
"""Seconds from one frame of the recogniser to the next."""
CENTRE = (0.025625 - FRAME) / 2
"""Seconds by which the middle of a frame's window comes after the middle of the frame's own 10 ms."""
PADDING = 0.15
"""Seconds of quiet before and after: the recogniser wants silence at both ends of what it hears."""
LEVEL = 0.08
"""Root mean square of the loud passages, after levelling."""
NOISE = 35.0
"""Decibels of the noise that is added, below the loud passages. In digital silence the log-spectrum has no floor, which
upsets the normalisation of the cepstrum; synthetic voices are not recognised at all without this."""
PHONE_SEARCH: dict[str, Any] = {"lw": 2.0, "beam": 1e-20, "pbeam": 1e-20}
WORD_SEARCH: dict[str, Any] = {"maxhmmpf": 3000, "maxwpf": 10, "fwdflat": False}
"""A limit on how many hypotheses are followed, and one pass instead of two: faster, and no worse on phones."""
NARROW: dict[str, Any] = {}
WIDE: dict[str, Any] = {"beam": 1e-100, "pbeam": 1e-100, "wbeam": 1e-80}
ALL: dict[str, Any] = {"beam": 0.0, "pbeam": 0.0, "wbeam": 0.0, "maxhmmpf": -1}
"""Which hypotheses of a known text are followed: those near the best, more, or all (time grows as words × frames)."""

_own = threading.local()


@dataclass(frozen=True)
class Spoken:
    """A word with its phones."""

    word: Interval
    phones: tuple[Interval, ...]


@cache
def dictionary() -> dict[str, str]:
    """English words and their pronunciations in ARPAbet; ``read(2)`` is the second way to say ``read``.

    Source: the CMU Pronouncing Dictionary, in pocketsphinx's edition.
    """
    lines = _model("en-us/cmudict-en-us.dict").read_text("utf-8").splitlines()
    return dict(line.split(maxsplit=1) for line in lines if " " in line)


def prepare(sound: Float[np.ndarray, "samples"], level: float) -> bytes:
    """Sound as the recogniser wants it: levelled, on a floor of noise, quiet at both ends, 16-bit.

    Args:
        sound: at 16 kHz.
        level: root mean square of the loud passages of the recording it is from; see `loudness`.
    """
    quiet = np.zeros(nearest_sample(PADDING))
    padded = np.concatenate([quiet, sound.astype(np.float64) * (LEVEL / level), quiet])
    noise = np.random.default_rng(0).standard_normal(len(padded)) * LEVEL * 10 ** (-NOISE / 20)
    return (np.clip(padded + noise, -1, 1) * 32767).round().astype("<i2").tobytes()


def loudness(sound: Float[np.ndarray, "samples"]) -> float:
    """Root mean square of the passages within 20 dB of the loudest 25 ms. 0 for silence, or less than 25 ms."""
    window = nearest_sample(0.025)
    blocks = sound[: len(sound) // window * window].reshape(-1, window).astype(np.float64)
    if not len(blocks):
        return 0.0
    power = (blocks**2).mean(axis=1)
    return float(np.sqrt(power[power >= 0.01 * power.max()].mean()))


def decode_phones(pcm: bytes) -> list[Interval]:
    """The most likely phones, with no words in mind; silence and noise left out."""
    decoder = _kept("phones")
    _hear(decoder, pcm)
    parts = ((from_arpabet(part.word), part.start_frame, part.end_frame) for part in decoder.seg() or ())
    return [_interval(label, first, last + 1 - first) for label, first, last in parts if label != SILENCE]


def decode_words(pcm: bytes) -> list[Interval]:
    """The most likely words of a large vocabulary; silence and noise left out."""
    decoder = _kept("words")
    _hear(decoder, pcm)
    return _words(decoder)


def new_aligner(added: dict[str, str], beams: dict[str, Any]) -> Any:
    """A decoder for known texts. ``added``: words that the dictionary lacks → their phones in ARPAbet."""
    decoder = _word_decoder(**beams)
    for number, (word, phones) in enumerate(added.items(), 1):
        decoder.add_word(word, phones, number == len(added))
    return decoder


def find_words(aligner: Any, pcm: bytes, words: Sequence[str]) -> list[Interval] | None:
    """Times of known words, which must be in the dictionary; None when no path through them fits the sound."""
    aligner.set_align_text(" ".join(words))
    found = _words(aligner) if _hear(aligner, pcm) else []
    return found if len(found) == len(words) else None


def find_phones(aligner: Any, pcm: bytes) -> list[Spoken] | None:
    """Times of the phones of the words that `find_words` has just found in the same sound.

    None when that fails: the running score of this pass overflows on long or noisy sound. Shorter pieces help.
    """
    aligner.set_alignment()
    if not _hear(aligner, pcm):
        return None
    words = [(_interval(word.name, word.start, word.duration), list(word)) for word in aligner.get_alignment()]
    return [Spoken(word, _sounded(phones)) for word, phones in words if _is_word(word.label)]


def later(interval: Interval, seconds: float) -> Interval:
    """The same interval, so many seconds later."""
    return Interval(interval.start + seconds, interval.end + seconds, interval.label)


def within(found: Iterable[Interval], start: float, end: float) -> list[Interval]:
    """What was found in the piece of sound between two moments, at its times in the whole sound.

    The recogniser may stretch a phone into the padding after the piece; what lies there is cut off.
    """
    moved = (later(interval, start) for interval in found)
    return [Interval(part.start, min(part.end, end), part.label) for part in moved if part.start < min(part.end, end)]


def _sounded(entries: list[Any]) -> tuple[Interval, ...]:
    """The phones of one word."""
    found = (_interval(from_arpabet(entry.name), entry.start, entry.duration) for entry in entries)
    return tuple(phone for phone in found if phone.label != SILENCE)


def _words(decoder: Any) -> list[Interval]:
    """The words of the last utterance, without silence and noise, alternative pronunciations by the plain word."""
    parts = ((part.word, part.start_frame, part.end_frame) for part in decoder.seg() or ())
    found = (_interval(label, first, last + 1 - first) for label, first, last in parts)
    return [word for word in found if _is_word(word.label)]


def _is_word(label: str) -> bool:
    """Whether a label is a word rather than ``<sil>``, ``[NOISE]`` and the like."""
    return not label.startswith(("<", "[", "+"))


def _interval(label: str, first: int, frames: int) -> Interval:
    """Frames of padded sound → seconds of the sound itself, never before it begins."""
    start, end = (frame * FRAME + CENTRE - PADDING for frame in (first, first + frames))
    return Interval(max(0.0, start), max(0.0, end), re.sub(r"\(\d+\)$", "", label))


def _hear(decoder: Any, pcm: bytes) -> bool:
    """Let a decoder work through one utterance, as if it were its first; whether it reached the end."""
    decoder.reinit_feat()
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    try:
        decoder.end_utt()
    except RuntimeError:
        return False
    return True


def _kept(search: str) -> Decoder:
    """This thread's decoder of ``phones`` or of ``words``."""
    if not hasattr(_own, search):
        setattr(_own, search, _phone_search() if search == "phones" else _word_search())
    return getattr(_own, search)


def _phone_search() -> Decoder:
    return _decoder(allphone=str(_model("en-us/en-us-phone.lm.bin")), **PHONE_SEARCH)


def _word_search() -> Decoder:
    return _word_decoder(lm=str(_model("en-us/en-us.lm.bin")), **WORD_SEARCH)


def _word_decoder(**options: Any) -> Decoder:
    """A decoder that knows the dictionary."""
    return _decoder(dict=str(_model("en-us/cmudict-en-us.dict")), **options)


def _decoder(**options: Any) -> Decoder:
    """A decoder of English."""
    return Decoder(hmm=str(_model("en-us/en-us")), loglevel="FATAL", **options)


def _model(name: str) -> Path:
    """A file that comes inside pocketsphinx."""
    return Path(get_model_path()) / name
