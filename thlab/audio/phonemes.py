"""The phones: IPA as espeak-ng writes it, ARPAbet as CMUdict writes it, and the classes that networks see.

A *phone* is a label of sound such as ``m`` or ``aɪ``. Languages have hundreds; a network wants a short, closed list.
`PHONES` is that list, the phones of General American English plus four that other languages need (`x r y ø`), and
`phone_class` maps everything else to the nearest of them by articulation: same lips first, then same place, then same
manner. Lips and times are all that a face needs of a phone, so tone, length, stress, nasality and palatalisation go.

Sources: Handbook of the International Phonetic Association (1999), charts and diacritics; the CMU Pronouncing
Dictionary, phone set; Garofolo et al. 1993, TIMIT, for the finer ARPAbet labels; Ladefoged & Johnson, A Course in
Phonetics, for English articulation. Chapter 02.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from jaxtyping import Float, Int64

from thlab.timebase import Interval, labels_at

SILENCE = ""
"""The class of pauses, breaths and noise. Transcripts leave silence out; gaps are silence."""

PHONES: tuple[str, ...] = (
    SILENCE,
    *("p", "b", "t", "d", "k", "ɡ", "tʃ", "dʒ"),
    *("f", "v", "θ", "ð", "s", "z", "ʃ", "ʒ", "x", "h"),
    *("m", "n", "ŋ", "l", "ɹ", "r", "w", "j"),
    *("i", "ɪ", "ɛ", "æ", "ə", "ʌ", "ɚ", "ɑ", "ɔ", "ʊ", "u", "y", "ø"),
    *("eɪ", "aɪ", "ɔɪ", "aʊ", "oʊ"),
)
"""The 45 classes, silence first. The order is part of every checkpoint that takes phones: append, never reorder."""

PHONE_INDEX: dict[str, int] = {phone: index for index, phone in enumerate(PHONES)}
"""Class → its place in `PHONES`."""

BILABIALS = frozenset({"p", "b", "m"})
"""Both lips close: the phones an eye forgives least (Summerfield 1992, Lipreading and Audio-Visual Speech
Perception)."""
LABIODENTALS = frozenset({"f", "v"})
"""The lower lip meets the upper teeth."""
ROUNDED = frozenset({"w", "ɔ", "ʊ", "u", "y", "ø", "ɔɪ", "oʊ"})
"""Vowels, and the glide w, said with rounded lips for at least part of their time (IPA 1999, vowel chart)."""
OPEN = frozenset({"æ", "ɑ", "ʌ", "aɪ", "aʊ"})
"""Vowels with a low jaw, at least at their beginning: open and open-mid unrounded (IPA 1999, vowel chart)."""
VOWELS = frozenset(PHONES[PHONES.index("i") :])
"""Every vowel and diphthong among `PHONES`."""

FALLBACK = "ə"
"""What a symbol that nobody knows becomes: the vowel with the tongue and the lips at rest."""

_NEAREST: dict[str, str] = {
    # Stops: the same lips first, so bilabial stays bilabial; glottal becomes the other glottal.
    "ʈ": "t", "c": "k", "q": "k", "ʔ": "h", "ʡ": "h", "ɖ": "d", "ɟ": "ɡ", "ɢ": "ɡ", "g": "ɡ",
    "ɓ": "b", "ɗ": "d", "ɠ": "ɡ", "ʄ": "ɡ", "ʘ": "p", "ɾ": "d", "ɽ": "d", "ɺ": "l", "ǀ": "t", "ǃ": "t", "ǂ": "t",
    # Affricates are one phone where English has them.
    "tɕ": "tʃ", "tʂ": "tʃ", "ʈʂ": "tʃ", "dʑ": "dʒ", "dʐ": "dʒ", "ɖʐ": "dʒ", "ts.": "tʃ",
    # Fricatives: lips that come near without closing are f and v.
    "ɸ": "f", "β": "v", "ʋ": "v", "ⱱ": "v", "ɕ": "ʃ", "ʂ": "ʃ", "ɧ": "ʃ", "s.": "ʃ", "ʑ": "ʒ", "ʐ": "ʒ", "z.": "ʒ",
    "ç": "x", "χ": "x", "ɣ": "x", "ħ": "h", "ɦ": "h", "ʕ": "h", "ʢ": "h", "ʜ": "h", "ʝ": "j", "ɬ": "l", "ɮ": "l",
    # Nasals, laterals, glides and the trills, which lack the rounding of English ɹ.
    "ɱ": "m", "ʙ": "b", "ɲ": "n", "ɳ": "n", "ɴ": "ŋ", "ɫ": "l", "ɭ": "l", "ʎ": "l", "ʟ": "l", "əl": "l", "l̩": "l",
    "ən": "n", "əm": "m", "ɻ": "ɹ", "ʀ": "r", "ʁ": "r", "ɰ": "j", "ɥ": "w", "ʍ": "w", "hw": "w",
    # Vowels by height and rounding; monophthongs e and o are heard as, and shaped like, the English diphthongs.
    "e": "eɪ", "ɘ": "ə", "ᵻ": "ɪ", "ɨ": "ɪ", "ɯ": "ɪ", "ᵿ": "ʊ", "ʉ": "u", "ʏ": "y", "œ": "ø", "ɵ": "ø", "ɶ": "ø",
    "ɤ": "ʌ", "ɐ": "ə", "ɜ": "ɚ", "ɝ": "ɚ", "ɞ": "ɚ", "a": "ɑ", "ɒ": "ɔ", "o": "oʊ",
    # Diphthongs of other accents and languages.
    "ei": "eɪ", "ɛɪ": "eɪ", "æɪ": "eɪ", "ai": "aɪ", "ɑɪ": "aɪ", "ʌɪ": "aɪ", "ɑi": "aɪ", "ɐɪ": "aɪ", "ɔi": "ɔɪ",
    "oɪ": "ɔɪ", "oi": "ɔɪ", "ɔø": "ɔɪ", "ɔʏ": "ɔɪ", "au": "aʊ", "ɑʊ": "aʊ", "ɑu": "aʊ", "æʊ": "aʊ", "ɐʊ": "aʊ",
    "əʊ": "oʊ", "ou": "oʊ", "ɔʊ": "oʊ", "ɔu": "oʊ", "əu": "oʊ",
}
"""Every other IPA symbol → the nearest class."""

_KNOWN: dict[str, str] = {**_NEAREST, **{phone: phone for phone in PHONES if phone}}
_LONGEST = max(map(len, _KNOWN))

_ARPABET: dict[str, str] = {
    "P": "p", "B": "b", "T": "t", "D": "d", "K": "k", "G": "ɡ", "CH": "tʃ", "JH": "dʒ",
    "F": "f", "V": "v", "TH": "θ", "DH": "ð", "S": "s", "Z": "z", "SH": "ʃ", "ZH": "ʒ", "HH": "h",
    "M": "m", "N": "n", "NG": "ŋ", "L": "l", "R": "ɹ", "W": "w", "Y": "j",
    "IY": "i", "IH": "ɪ", "EH": "ɛ", "AE": "æ", "AH": "ʌ", "ER": "ɚ", "AA": "ɑ", "AO": "ɔ", "UH": "ʊ", "UW": "u",
    "EY": "eɪ", "AY": "aɪ", "OY": "ɔɪ", "AW": "aʊ", "OW": "oʊ",
}
"""The 39 phones of CMUdict, which are those of pocketsphinx's English model."""

_TIMIT: dict[str, str] = {
    "AX": "ə", "AX-H": "ə", "AXR": "ɚ", "IX": "ɪ", "UX": "u", "DX": "d", "NX": "n", "HV": "h", "WH": "w", "Q": "h",
    "EL": "l", "EM": "m", "EN": "n", "ENG": "ŋ", "BCL": "b", "DCL": "d", "GCL": "ɡ", "PCL": "p", "TCL": "t",
    "KCL": "k", "SIL": "", "PAU": "", "EPI": "", "H#": "", "SPN": "", "NSN": "",
}
"""The finer labels of TIMIT; a stop's closure is the stop."""

_TO_ARPABET: dict[str, str] = {
    **{ipa: label for label, ipa in _ARPABET.items()},
    "ə": "AH", "x": "HH", "r": "R", "y": "IY", "ø": "ER", SILENCE: "SIL",
}

_LIGATURES = str.maketrans({"ʦ": "ts", "ʣ": "dz", "ʧ": "tʃ", "ʤ": "dʒ", "ʨ": "tɕ", "ʥ": "dʑ"})
_LANGUAGE_SWITCH = re.compile(r"\([^)]*\)")
_KEPT_MARKS = frozenset("\u0303\u0329")  # nasal and syllabic: they change the sound, so a transcript shows them


def normalise(ipa: str) -> str:
    """Strip an IPA label to the phone itself: no stress, length, tie, tone, palatalisation, language switch or space.

    Nasality (``ɔ̃``) and syllabicity (``n̩``) stay. Silence, written ``_``, ``_:`` or as nothing at all, gives ``""``.
    """
    plain = unicodedata.normalize("NFD", _LANGUAGE_SWITCH.sub("", ipa).translate(_LIGATURES))
    plain = plain.replace("c\u0327", "\u00e7")
    return "".join(mark for mark in plain if mark in _KEPT_MARKS or _is_sound(mark))


def _is_sound(mark: str) -> bool:
    """Whether a character is a letter of the IPA, the dot of a retroflex included, rather than a mark beside one."""
    return mark == "." or unicodedata.category(mark) in ("Ll", "Lo", "Lu")


@cache
def segment(ipa: str) -> tuple[str, ...]:
    """Cut a label into single phones, the longest known symbol first: ``aɪɚ`` → ``aɪ ɚ``, ``ɔːɹ`` → ``ɔ ɹ``.

    espeak-ng reports some pairs of phones as one event. Pieces keep their diacritics; silence gives no piece.
    """
    rest, pieces = normalise(ipa), list[str]()
    while rest:
        piece = next((rest[:size] for size in range(_LONGEST, 0, -1) if rest[:size] in _KNOWN), rest[:1])
        piece += _diacritics(rest[len(piece) :])
        pieces.append(piece)
        rest = rest[len(piece) :]
    return tuple(_without_offglide_h(pieces))


def _diacritics(text: str) -> str:
    """The combining marks and stray dots that begin a string."""
    return text[: len(text) - len(text.lstrip("." + "".join(_KEPT_MARKS)))]


def _without_offglide_h(pieces: list[str]) -> list[str]:
    """Drop the h of an aspirated stop (espeak-ng writes Mandarin tʰ as ``th``): a puff of air has no lips."""
    stops = {"p", "t", "k", "tʃ"}
    aspirated = len(pieces) == 2 and pieces[1] == "h" and _KNOWN.get(pieces[0]) in stops
    return pieces[:1] if aspirated else pieces


@cache
def phone_class(label: str) -> str:
    """The class in `PHONES` of any IPA label or any ARPAbet label. Never fails.

    ARPAbet is recognised by its capitals, stress digits allowed (``AH0``). A label of several phones gives its first.
    A letter that is in neither becomes `FALLBACK`; nothing, or only marks and tones, becomes `SILENCE`.
    """
    arpabet = re.sub(r"[0-2]$", "", label).upper()
    if label == label.upper() and (arpabet in _ARPABET or arpabet in _TIMIT):
        return {**_TIMIT, **_ARPABET}[arpabet]
    pieces = segment(label)
    return _known(pieces[0]) if pieces else SILENCE


def _known(piece: str) -> str:
    """The class of one piece: with its marks, without them, or the fall-back."""
    bare = "".join(mark for mark in piece if mark not in _KEPT_MARKS and mark != ".")
    return _KNOWN.get(piece) or _KNOWN.get(bare) or FALLBACK


def phone_index(label: str) -> int:
    """The place in `PHONES` of any IPA or ARPAbet label; 0 is silence. Never fails."""
    return PHONE_INDEX[phone_class(label)]


def from_arpabet(label: str) -> str:
    """ARPAbet → IPA: ``AH0`` → ``ʌ``. Silence and noise (``SIL``, ``+SPN+``) give ``""``.

    Pocketsphinx's model has one AH for the vowels of "cut" and "about", so ``ə`` never comes out.

    Raises:
        ValueError: the label is in no ARPAbet set that we know.
    """
    plain = re.sub(r"[0-2]$", "", label.strip("+<>").upper())
    for table in (_ARPABET, _TIMIT):
        if plain in table:
            return table[plain]
    if label.startswith(("+", "<")):
        return SILENCE
    raise ValueError(f"expected an ARPAbet phone such as AH, B or NG, got {label!r}; for IPA use phone_class")


def to_arpabet(ipa: str) -> tuple[str, ...]:
    """IPA, of a phone or a word, → the nearest CMUdict phones: ``ˈkæfeɪ`` → ``K AE F EY``. Silence gives ``()``."""
    return tuple(_TO_ARPABET[_known(piece)] for piece in segment(ipa))


def classes_at(phones: Sequence[Interval], times: Float[np.ndarray, "times"]) -> Int64[np.ndarray, "times"]:
    """The place in `PHONES` of what is said at each time; gaps are silence, 0."""
    return np.array([phone_index(label) for label in labels_at(phones, times)], np.int64)
