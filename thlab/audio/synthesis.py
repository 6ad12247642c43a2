"""Text to voice, with the time of every word and phone: speech whose ground truth is known because we made it.

The speaker is espeak-ng, a formant synthesiser: small, offline, in a hundred languages, and it reports when each phone
begins. It sounds like a machine; what a lesson or a training set needs from it is that its phones are true.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import soxr
import torch
from jaxtyping import Float
from torch import Tensor

from thlab.audio.espeak import Answer, ask
from thlab.audio.phonemes import segment
from thlab.timebase import SAMPLE_RATE, Interval, Transcript

LONGEST = 100_000
"""Characters of one text. At the default rate that is close to two hours of sound."""
RANGES = {"rate": (80, 450), "pitch": (0, 99), "intonation": (0, 99), "volume": (0, 200)}
"""What espeak-ng accepts: words a minute, and three scales of its own."""
PCM_SCALE = 32768.0
BLENDED = 0.06
"""Seconds, at most, of a phone that espeak-ng blends into the vowel before it."""

_WORD, _PHONE = 1, 7
_IDEOGRAPH = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_IDEOGRAPH}]|[^\s\u2013\u2014{_IDEOGRAPH}]+")
"""A word as written: what stands between spaces and dashes, or one character of Chinese or Japanese."""
_SCRIPTS = {
    **{key: {"CYRILLIC"} for key in ("ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "tt", "ba", "cv", "nog", "kaa")},
    "el": {"GREEK"}, "grc": {"GREEK"}, "hy": {"ARMENIAN"}, "hyw": {"ARMENIAN"}, "ka": {"GEORGIAN"}, "he": {"HEBREW"},
    **{key: {"ARABIC"} for key in ("ar", "fa", "sd", "ur", "ug")},
    **{key: {"DEVANAGARI", "BENGALI"} for key in ("hi", "mr", "ne", "kok", "bpy")},
    "bn": {"BENGALI"}, "as": {"BENGALI"}, "gu": {"GUJARATI"}, "pa": {"GURMUKHI"}, "or": {"ORIYA"}, "ta": {"TAMIL"},
    "te": {"TELUGU"}, "kn": {"KANNADA"}, "ml": {"MALAYALAM"}, "si": {"SINHALA"}, "th": {"THAI"}, "my": {"MYANMAR"},
    "shn": {"MYANMAR"}, "am": {"ETHIOPIC"}, "ti": {"ETHIOPIC"}, "ko": {"HANGUL"}, "chr": {"CHEROKEE"},
    "cmn": {"CJK", "BOPOMOFO"}, "yue": {"CJK"}, "hak": {"CJK"}, "ja": {"HIRAGANA", "KATAKANA", "CJK"},
    "en-shaw": {"SHAVIAN"}, "piqd": {"KLINGON"},
}
"""Voices whose language is not written in Latin letters → their scripts, as Unicode character names begin."""


@dataclass(frozen=True)
class Voice:
    """A way to speak that is installed."""

    name: str
    """What `speak` takes: the code of a language or accent, as in ``en-us``; the name of a variant, as in ``f2``."""
    description: str
    """For people, such as "English (America)"."""
    gender: str
    """``male``, ``female`` or, where the voice does not say, ``""``."""


@dataclass(frozen=True)
class Request:
    """What to say and how; the arguments of `speak`, for `speak_many`. Checked when made."""

    text: str
    voice: str = "en-us"
    variant: str | None = None
    rate: int = 160
    pitch: int = 50
    intonation: int = 50
    volume: int = 100

    def __post_init__(self) -> None:
        """Refuse what cannot be spoken."""
        _check_text(self.text)
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"expected {name} between {low} and {high}, got {value}; choose one in that range")


@dataclass(frozen=True)
class Speech:
    """A spoken text."""

    audio: Float[Tensor, "samples"]
    """16 kHz, between −1 and 1."""
    transcript: Transcript
    """The text, its words, and its phones in IPA without stress and length; gaps are silence."""


def speak(
    text: str,
    *,
    voice: str = "en-us",
    variant: str | None = None,
    rate: int = 160,
    pitch: int = 50,
    intonation: int = 50,
    volume: int = 100,
) -> Speech:
    """Say a text.

    The same arguments give the same samples, in any process, whatever was said before.

    Args:
        text: what to say, as people write: numbers, abbreviations and emoji are read out; markup is not interpreted.
        voice: language or accent, a name from `voices`.
        variant: speaker, a name from `variants`; None is the voice's own.
        rate: words a minute, 80 to 450.
        pitch: 0 to 99, from low to high.
        intonation: 0 to 99, from monotone to singing.
        volume: 0 to 200; above 100 loud passages clip.

    Raises:
        ValueError: nothing to say, too long, not readable by this voice, unknown voice or variant, number out of range,
            or no espeak-ng library.

    Chapter 02.
    """
    return next(speak_many([Request(text, voice, variant, rate, pitch, intonation, volume)]))


def speak_many(requests: Iterable[Request]) -> Iterator[Speech]:
    """Say many texts, one after another; the samples are those of as many calls of `speak`, which take longer."""
    # Letters with their accents apart, as some file systems and editors write them, are misread.
    requests = [replace(request, text=unicodedata.normalize("NFC", request.text)) for request in requests]
    if not requests:
        return
    questions = [_question(request) for request in requests]
    for request, answer in zip(requests, ask(questions), strict=True):
        yield _speech(request, answer)


@cache
def voices(language: str = "") -> tuple[Voice, ...]:
    """The languages and accents that can be spoken, by name; with ``language`` its own: ``en`` → ``en-029 en-gb …``."""
    wanted = language.lower()
    mine = {voice.name: voice for voice, _ in _languages() if not wanted or voice.name.split("-")[0] == wanted}
    return tuple(mine[name] for name in sorted(mine))


@cache
def variants() -> tuple[Voice, ...]:
    """The speakers that any voice can be given, such as ``f2`` or ``m3``; some whisper, croak or buzz."""
    (answer,) = ask([{"list": "variant"}])
    found = (_voice(record, record["identifier"].removeprefix("!v/")) for record in answer.header["voices"])
    return tuple(sorted(found, key=lambda voice: voice.name))


@cache
def _languages() -> tuple[tuple[Voice, tuple[str, ...]], ...]:
    """Every voice of a language, with the names it answers to: the library's own identifier first."""
    (answer,) = ask([{"list": ""}])
    records = [record for record in answer.header["voices"] if not record["identifier"].startswith(("!v", "mb"))]
    names = [(record["identifier"], *record["languages"], record["identifier"].split("/")[-1]) for record in records]
    return tuple((_voice(record, named[1]), named) for record, named in zip(records, names, strict=True))


def _voice(record: dict[str, Any], name: str) -> Voice:
    """A voice from what the library lists."""
    return Voice(name, record["name"].strip(), {1: "male", 2: "female"}.get(record["gender"], ""))


@cache
def _identifiers() -> dict[str, tuple[str, str]]:
    """Every name of every voice, in small letters → the library's identifier and the language. Exact languages win."""
    table = dict[str, tuple[str, str]]()
    for place in (1, -1, 2, 3, 4):
        for voice, names in _languages():
            if place < len(names):
                table.setdefault(names[place].lower(), (names[0], voice.name))
    return table | ({"zh": table["cmn"]} if "cmn" in table else {})  # espeak-ng's own zh is Cantonese


def _question(request: Request) -> dict[str, Any]:
    """A request as the process that speaks wants it, its names checked."""
    _check_name(request.voice.lower(), list(_identifiers()), "voice")
    identifier, language = _identifiers()[request.voice.lower()]
    _check_script(request.text, language)
    if request.variant is not None:
        _check_name(request.variant, [voice.name for voice in variants()], "variant")
        identifier += f"+{request.variant}"
    numbers = {name: getattr(request, name) for name in RANGES}
    return {"text": request.text, "voice": identifier, **numbers}


def _check_text(text: str) -> None:
    """Refuse texts that hold nothing to say, or what no text holds."""
    if not any(letter.isalnum() for letter in text):
        raise ValueError(f"nothing to say in {_short(text)}: expected letters or digits; give a text with words")
    if len(text) > LONGEST:
        raise ValueError(f"expected at most {LONGEST} characters, got {len(text)}; speak the text in parts")
    odd = [letter for letter in text if unicodedata.category(letter) in ("Cc", "Cs") and not letter.isspace()]
    if odd:
        raise ValueError(f"the text holds the character U+{ord(odd[0]):04X}, no text; is the file binary? remove it")


def _check_name(name: str, names: list[str], kind: str) -> None:
    """Refuse a name that is not installed, and offer those that look or mean alike."""
    if name in names:
        return
    related = [other for other in names if other.split("-")[0] == name.split("-")[0]]
    near = list(dict.fromkeys([*difflib.get_close_matches(name, names, n=4, cutoff=0.5), *related]))[:6]
    hint = f"near ones: {', '.join(near)}" if near else f"some: {', '.join(names[:6])}"
    raise ValueError(f"unknown {kind} {name!r}; {hint}; thlab.audio.synthesis.{kind}s() lists them all")


def _check_script(text: str, voice: str) -> None:
    """Refuse a text that is mostly in letters that the voice does not read: it would only name the alphabet."""
    scripts = Counter(unicodedata.name(letter, "UNKNOWN").split(" ")[0] for letter in text if letter.isalpha())
    own = _SCRIPTS.get(voice) or _SCRIPTS.get(voice.split("-")[0]) or {"LATIN"}
    foreign = {script: count for script, count in scripts.items() if script not in own | {"LATIN"}}
    if 2 * sum(foreign.values()) <= sum(scripts.values()):
        return
    script = max(foreign, key=lambda script: foreign[script])
    able = [name for name, read in _SCRIPTS.items() if script in read][:4]
    hint = f"choose voice={' or '.join(map(repr, able))}" if able else "write it in the letters of the voice's language"
    raise ValueError(f"voice {voice!r} does not read {script.capitalize()} letters, as in {_short(text)}; {hint}")


def _short(text: str) -> str:
    """The beginning of a text, quoted, for a message."""
    return repr(text if len(text) <= 30 else text[:30] + "…")


def _speech(request: Request, answer: Answer) -> Speech:
    """The answer as sound and transcript."""
    if "error" in answer.header:
        problem = answer.header["error"]
        raise RuntimeError(f"espeak-ng could not say {_short(request.text)}: {problem}; try another voice")
    rate = answer.header["rate"]
    pcm = np.frombuffer(answer.samples, np.int16)
    phones = _phones(answer.header["events"], rate, len(pcm))
    if not phones:
        raise ValueError(f"nothing to say in {_short(request.text)} for voice {request.voice!r}; choose another voice")
    words = _words(request.text, answer.header["events"], rate, phones)
    # Where the library's own samples are at full scale, resampling overshoots by a hundredth.
    audio = soxr.resample(pcm.astype(np.float32) / PCM_SCALE, rate, SAMPLE_RATE).clip(-1, 1)
    _, language = _identifiers()[request.voice.lower()]
    transcript = Transcript(request.text, words, phones, language)
    return Speech(torch.from_numpy(audio), transcript)


def _phones(events: list[list[Any]], rate: int, samples: int) -> tuple[Interval, ...]:
    """Phones with times: each lasts until the next begins; an event that holds several shares its time among them."""
    marks = _timed([(sample / rate, label) for kind, sample, _, label in events if kind == _PHONE])
    ends = [start for start, _ in marks[1:]] + [samples / rate]
    phones = list[Interval]()
    for (start, label), end in zip(marks, ends, strict=True):
        pieces = segment(label)
        edges = np.linspace(start, end, len(pieces) + 1).tolist()
        phones += [Interval(edges[i], edges[i + 1], piece) for i, piece in enumerate(pieces) if end > start]
    return tuple(phones)


def _timed(marks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Give time to phones that have none, out of the end of the phone before.

    espeak-ng blends an l or r into the vowel before it and reports it at the moment when the next phone begins. In very
    fast speech it may report it later still; a phone cannot begin after those that follow.
    """
    latest = list(accumulate((start for start, _ in reversed(marks)), min))[::-1]
    marks = [(start, label) for start, (_, label) in zip(latest, marks, strict=True)]
    timed = list[tuple[float, str]]()
    for (start, label), (following, _) in zip(marks, [*marks[1:], (np.inf, "")], strict=True):
        if following <= start and timed and segment(label):
            before = timed[-1][0]
            start = max(start - BLENDED, before + 0.6 * (start - before))
        timed.append((start, label))
    return timed


def _words(text: str, events: list[list[Any]], rate: int, phones: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Words with times: each from its first phone to its last.

    espeak-ng says where in the text a word begins, yet reports a number such as 1984 as several, and "of the" as one. A
    word here is what stands between spaces, with what follows until the next one reported.
    """
    tokens = [match.span() for match in _TOKEN.finditer(text)]
    begun = _begun([(sample / rate, position - 1) for kind, sample, position, _ in events if kind == _WORD], tokens)
    starts = [phone.start for phone in phones]
    words = list[Interval]()
    for (token, begin), (next_token, next_begin) in pairwise([*begun, (len(tokens), np.inf)]):
        label = _bare(text[tokens[token][0] : tokens[next_token - 1][1]])
        mine = phones[bisect_left(starts, begin) : bisect_left(starts, next_begin)]
        if mine and label:
            words.append(Interval(mine[0].start, mine[-1].end, label))
    return tuple(words)


def _begun(marks: list[tuple[float, int]], tokens: list[tuple[int, int]]) -> list[tuple[int, float]]:
    """Which token begins when: the first mark inside each token, or in the gap before it."""
    ends = [end for _, end in tokens]
    begun = list[tuple[int, float]]()
    for time, place in marks:
        token = bisect_right(ends, place)
        if token < len(tokens) and (not begun or token > begun[-1][0]):
            begun.append((token, time))
    return begun


def _bare(words: str) -> str:
    """Words without the punctuation around them; its own characters where it is nothing else, as in "&"."""
    return re.sub(r"^[^\w$€£]+|[^\w%]+$", "", words) or words
