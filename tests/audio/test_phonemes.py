"""Every label of a phone, of any language and any alphabet of phones, has one class, and ARPAbet returns."""

from __future__ import annotations

import random
import sys
import unicodedata
from functools import cache

import numpy as np
import pytest

from thlab.audio.phonemes import (
    BILABIALS,
    FALLBACK,
    LABIODENTALS,
    OPEN,
    PHONE_INDEX,
    PHONES,
    ROUNDED,
    SILENCE,
    VOWELS,
    classes_at,
    from_arpabet,
    normalise,
    phone_class,
    phone_index,
    segment,
    to_arpabet,
)
from thlab.audio.synthesis import Request, speak_many, voices
from thlab.timebase import Interval

ARPABET = [
    *("P", "B", "T", "D", "K", "G", "CH", "JH", "F", "V", "TH", "DH", "S", "Z", "SH", "ZH", "HH"),
    *("M", "N", "NG", "L", "R", "W", "Y", "IY", "IH", "EH", "AE", "AH", "ER", "AA", "AO", "UH", "UW"),
    *("EY", "AY", "OY", "AW", "OW"),
]
SAMPLES = {
    "ar": "مرحبا بالعالم الجميل",
    "am": "ሰላም ለዓለም",
    "bg": "Здравей свят",
    "bn": "ওহে বিশ্ব",
    "cmn": "你好世界",
    "el": "Γειά σου κόσμε",
    "en-us": "Judge the yellow thing, measure five boys now",
    "fa": "سلام دنیا",
    "fr": "Bonjour, un bon vin blanc, la rue",
    "de": "Ich möchte fünf schöne Äpfel, ach",
    "he": "שלום עולם",
    "hi": "नमस्ते दुनिया",
    "hy": "Բարեւ աշխարհ",
    "ja": "こんにちは せかい",
    "ka": "გამარჯობა მსოფლიო",
    "ko": "안녕하세요 세계",
    "ml": "നമസ്കാരം ലോകം",
    "my": "မင်္ဂလာပါ",
    "ru": "Привет, ещё щука жужжит",
    "si": "ආයුබෝවන්",
    "sv": "Sju sköna sjuksköterskor",
    "ta": "வணக்கம் உலகம்",
    "te": "నమస్కారం",
    "tr": "Güzel ığdır",
    "uk": "Привіт світ",
    "ur": "ہیلو دنیا",
    "vi": "Xin chào thế giới",
    "yue": "你好世界",
}
"""A few words of the languages whose phones are furthest from English."""
MUTE = {"fo", "kaa", "xex"}
"""Voices that espeak-ng 1.52 lists, as the wheel carries them without a dictionary: they say nothing."""
LATIN = "ax bo cu di fe go hi ju ka le mo ni po qu ro sha tu vi we xa yo zu chi tho ng"


@cache
def spoken_labels() -> dict[str, frozenset[str]]:
    """The labels that every voice makes of syllables in Latin letters, and of a sample in its own where we have one."""
    names = [voice.name for voice in voices() if voice.name not in MUTE]
    asked = [(name, LATIN) for name in names] + [(name, text) for name, text in SAMPLES.items() if name in names]
    speeches = speak_many(Request(text, voice=name, rate=300) for name, text in asked)
    labels = dict[str, frozenset[str]]()
    for (name, _), speech in zip(asked, speeches, strict=True):
        labels[name] = labels.get(name, frozenset()) | {phone.label for phone in speech.transcript.phones}
    return labels


def test_every_phone_of_every_voice_has_a_class_of_its_own_and_none_falls_back():
    at_rest = {"ə", "ɐ", "ɘ", "ə̃", "ɐ̃", "ə̩"}
    lost = {
        (voice, label)
        for voice, labels in spoken_labels().items()
        for label in labels
        if phone_class(label) == FALLBACK and label not in at_rest
    }
    assert not lost
    assert len(spoken_labels()) > 100


def test_a_spoken_label_is_a_single_phone_which_no_further_cut_divides():
    for labels in spoken_labels().values():
        assert all(segment(label) == (label,) for label in labels)


def test_arpabet_to_ipa_and_back_returns_every_phone_of_the_dictionary():
    assert [to_arpabet(from_arpabet(label)) for label in ARPABET] == [(label,) for label in ARPABET]
    assert len({from_arpabet(label) for label in ARPABET}) == 39


def test_every_class_has_an_arpabet_label_and_all_but_five_return():
    lost = {phone for phone in PHONES if phone and from_arpabet(to_arpabet(phone)[0]) != phone}
    assert lost == {"x", "r", "ə", "y", "ø"}
    assert to_arpabet(SILENCE) == ()


@pytest.mark.parametrize(
    ("label", "ipa"), [("AH0", "ʌ"), ("ah1", "ʌ"), ("SIL", ""), ("+SPN+", ""), ("<sil>", ""), ("AXR", "ɚ"), ("DX", "d")]
)
def test_stress_case_and_the_names_of_silence_are_read(label: str, ipa: str):
    assert from_arpabet(label) == ipa


@pytest.mark.parametrize("label", ["", "QQ", "ʃ", "B9", "A B"])
def test_what_is_no_arpabet_is_refused_in_one_line(label: str):
    with pytest.raises(ValueError, match=r"^expected an ARPAbet phone[^\n]*$"):
        from_arpabet(label)


def test_ipa_and_arpabet_of_a_phone_have_the_same_class():
    assert all(phone_class(label) == phone_class(from_arpabet(label)) for label in ARPABET)
    assert all(phone_class(f"{label}1") == phone_class(label) for label in ARPABET)


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        *[("", ""), ("_", ""), ("_:", ""), ("ˈ", ""), ("ː", ""), ("(en)", ""), ("  ", "")],
        *[("ˈaɪ", "aɪ"), ("iː", "i"), ("t͡ʃ", "tʃ"), ("tʰ", "t"), ("mʲ", "m"), ("ɔ̃", "ɔ"), ("n̩", "n"), ("(fr)ʁ", "r")],
        *[("ɱ", "m"), ("ɸ", "f"), ("β", "v"), ("ʙ", "b"), ("ç", "x"), ("ɥ", "w"), ("œ", "ø"), ("a", "ɑ"), ("e", "eɪ")],
        *[("5", ""), ("ы", "ə"), ("中", "ə"), ("aɪɚ", "aɪ"), ("m", "m"), ("M", "m")],
    ],
)
def test_marks_are_stripped_and_strange_symbols_become_the_nearest_phone(label: str, wanted: str):
    assert phone_class(label) == wanted


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        *[("aɪɚ", ("aɪ", "ɚ")), ("ɔːɹ", ("ɔ", "ɹ")), ("pf", ("p", "f")), ("th", ("t",))],
        *[("ɔ̃n", ("ɔ̃", "n")), ("ʦ", ("t", "s")), ("ʧ", ("tʃ",)), ("_", ())],
    ],
)
def test_labels_of_several_phones_are_cut(label: str, parts: tuple[str, ...]):
    assert segment(label) == parts


def test_no_string_at_all_makes_phone_class_fail():
    rng = random.Random(0)
    for _ in range(3000):
        label = "".join(chr(rng.randrange(sys.maxunicode + 1)) for _ in range(rng.randrange(1, 6)))
        assert PHONES[phone_index(label)] == phone_class(label)
        assert normalise(normalise(label)) == normalise(label)


def test_every_letter_of_unicode_has_a_sounding_class():
    letters = [chr(code) for code in range(0x2000) if unicodedata.category(chr(code)) in ("Ll", "Lu", "Lo")]
    assert SILENCE not in {phone_class(letter) for letter in letters}


def test_a_class_is_its_own_class_and_silence_is_first():
    assert [phone_class(phone) for phone in PHONES] == list(PHONES)
    assert [PHONE_INDEX[phone] for phone in PHONES] == list(range(45))
    assert PHONES[0] == SILENCE


def test_groups_are_classes_and_lips_do_not_contradict():
    for group in (BILABIALS, LABIODENTALS, ROUNDED, OPEN, VOWELS):
        assert group <= set(PHONES)
    assert OPEN <= VOWELS
    assert not ROUNDED & OPEN
    assert not (BILABIALS | LABIODENTALS) & VOWELS


def test_a_word_in_ipa_becomes_arpabet_phone_by_phone():
    assert to_arpabet("ˈkæfeɪ") == ("K", "AE", "F", "EY")
    assert to_arpabet("ˈkɑːpi") == ("K", "AA", "P", "IY")


def test_classes_are_those_that_are_said_at_each_time_and_silence_between():
    said = [Interval(0.1, 0.2, "m"), Interval(0.2, 0.3, "AA1")]
    classes = classes_at(said, np.array([0.05, 0.15, 0.25, 0.35]))
    assert [PHONES[index] for index in classes] == ["", "m", "ɑ", ""]
