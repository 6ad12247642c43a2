"""Phones become the right mouth shapes, neighbours blend as they should, and lips really close."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.face import visemes
from thlab.face.action_units import EXPRESSION_INDEX, EXPRESSIONS
from thlab.face.visemes import TARGETS, VISEMES, SpeakingStyle, articulate, gestures_of, viseme_labels, viseme_of
from thlab.timebase import Interval

IPA_CHART = (
    "pbtdʈɖcɟkɡqɢʔmɱnɳɲŋɴʙrʀⱱɾɽɸβfvθðszʃʒʂʐçʝxɣχʁħʕhɦɬɮʋɹɻjɰlɭʎʟʘǀǃǂǁɓɗʄɠʛʍwɥʜʢʡɕʑɺɧ"
    "iyɨʉɯuɪʏʊeøɘɵɤoəɛœɜɞʌɔæɐaɶɑɒ"
)


def say(*phones: str, each: float = 0.1, start: float = 1.0) -> list[Interval]:
    return [Interval(start + i * each, start + (i + 1) * each, phone) for i, phone in enumerate(phones)]


def track(phones: list[Interval], *, seconds: float = 3.0, rate: int = 1000, **options) -> dict[str, np.ndarray]:
    times = (np.arange(int(seconds * rate)) + 0.5) / rate
    face = articulate(phones, times, **options)
    return {name: face[:, column] for name, column in EXPRESSION_INDEX.items()} | {"time": times}


def test_every_symbol_of_the_ipa_chart_is_in_the_table():
    schwas = "əɐɵɤ"  # a schwa is also what an unknown symbol gives, so no other symbol may give one
    assert [symbol for symbol in IPA_CHART if viseme_of(symbol) == "AX" and symbol not in schwas] == []


@pytest.mark.parametrize(
    ("phone", "shapes"),
    [
        ("ˈoʊ", ("OH", "UW")), ("aɪ", ("AA", "IY")), ("tʃ", ("CH",)), ("t͡ʃ", ("CH",)), ("mʲ", ("PP",)),
        ("ɑ̃", ("AA",)), ("yː", ("UW",)), ("ʁ", ("KK",)), ("ç", ("KK",)), ("ɕ", ("CH",)), ("ɑː˥", ("AA",)),
        ("", ("sil",)), ("_:", ("sil",)), ("pf", ("PP", "FF")),
        ("iː", ("IY",)), ("ɜː", ("RR",)), ("ŋ", ("KK",)), ("æ", ("AA",)),
    ],
)  # fmt: skip
def test_phones_of_several_languages_find_their_shapes(phone: str, shapes: tuple[str, ...]):
    assert gestures_of(phone) == shapes
    assert viseme_of(phone) == shapes[0]


def test_every_viseme_has_a_target_made_of_modes_that_exist():
    assert set(TARGETS) == set(VISEMES)
    grouped = {name for modes in visemes.GROUPS.values() for name in modes}
    assert {name for target in TARGETS.values() for name in target} <= grouped <= set(EXPRESSIONS)


@pytest.mark.parametrize("phone", ["p", "b", "m"])
@pytest.mark.parametrize("each", [0.02, 0.05, 0.12])
def test_lips_meet_for_sixty_milliseconds_on_a_bilabial_however_short(phone: str, each: float):
    vowel = say("a", each=0.2)
    bilabial = Interval(1.2, 1.2 + each, phone)
    after = Interval(1.2 + each, 1.4 + each, "a")
    mouth = track([*vowel, bilabial, after])
    closed = (mouth["jaw_open"] < 1e-4) & (mouth["lower_drop"] < 1e-4) & (mouth["roll_in"] > 0.45)
    here = closed & (np.abs(mouth["time"] - 0.5 * (bilabial.start + bilabial.end)) < 0.15)
    assert here.sum() >= 1000 * visemes.CLOSED_FOR - 1
    assert mouth["jaw_open"][(mouth["time"] > 1.05) & (mouth["time"] < 1.12)].min() > 0.5


@pytest.mark.parametrize("phone", ["m", "f"])
def test_a_closure_shorter_than_a_frame_shows_wherever_the_frames_fall(phone: str):
    for shift in np.linspace(0, 0.04, 9):
        short = Interval(1.2 + shift, 1.225 + shift, phone)
        phones = [*say("a", each=0.2, start=1 + shift), short, *say("a", each=0.2, start=short.end)]
        mouth = track(phones, rate=25)
        window = np.abs(mouth["time"] - 1.2125 - shift) < 0.05
        assert mouth["jaw_open"][window].min() <= TARGETS[{"m": "PP", "f": "FF"}[phone]].get("jaw_open", 0) + 1e-3


def test_the_lower_lip_meets_the_teeth_on_f():
    mouth = track(say("a", "f", "a"))
    assert np.interp(1.15, mouth["time"], mouth["lip_tuck"]) == pytest.approx(TARGETS["FF"]["lip_tuck"], abs=1e-3)


def test_rounding_starts_before_its_vowel_and_further_ahead_than_opening():
    def lead(vowel: str, mode: str) -> float:
        mouth = track(say("k", "k", "k", vowel, "k", each=0.1))
        peak = mouth[mode].max()
        return 1.3 - mouth["time"][np.argmax(mouth[mode] > 0.25 * peak)]

    assert lead("u", "pucker") > 0.1
    background = track(say("k", "k", "k", "k", "k"))["jaw_open"]
    opening = track(say("k", "k", "k", "ɑ", "k"))["jaw_open"]
    moved = np.argmax(np.abs(opening - background) > 0.25 * np.abs(opening - background).max()) / 1000
    assert lead("u", "pucker") > 1.3 - moved


def test_the_lips_of_boo_are_rounded_already_when_they_are_closed():
    boo, bee = track(say("b", "u")), track(say("b", "i"))
    at_closure = slice(1035, 1055)
    assert boo["pucker"][at_closure].min() > 0.15 > bee["pucker"][at_closure].max()


def test_a_diphthong_moves_from_its_first_vowel_to_its_second():
    mouth = track(say("k", "aɪ", "k", each=0.25))
    assert mouth["jaw_open"][1300] > 2 * mouth["jaw_open"][1450]
    assert mouth["stretch"][1450] > 2 * mouth["stretch"][1270]


def test_an_open_vowel_opens_the_mouth_most_and_a_pause_closes_it():
    mouth = track([*say("k", "ɑ", "k", each=0.15), *say("k", "i", "k", each=0.15, start=2.2)])
    assert mouth["jaw_open"][1225] > 2 * mouth["jaw_open"][2425]
    rest = np.stack([mouth[name] for name in EXPRESSIONS])[:, 1650:1800]
    assert np.abs(rest).max() < 0.02


def test_lips_part_for_a_breath_before_speech_and_not_without_a_pause():
    mouth = track(say("k", "a"))
    before = slice(750, 850)
    assert 0.02 < mouth["jaw_open"][before].max() < 0.12
    assert track(say("a", each=0.2, start=0.6) + say("a"))["jaw_open"][850:910].max() < 0.05


def test_any_sampling_of_one_utterance_agrees():
    phones = say("h", "ɛ", "l", "oʊ", "b", "ɔɪ")
    times = np.sort(np.random.default_rng(0).uniform(0, 3, 300))
    whole = articulate(phones, times)
    np.testing.assert_allclose(articulate(phones, times[::-1].copy())[::-1], whole, atol=1e-6)
    np.testing.assert_allclose(articulate(phones, times[40:50]), whole[40:50], atol=1e-6)


def test_time_shifts_with_the_phones():
    early, late = say("b", "ɑ", "f", "u", start=1.0), say("b", "ɑ", "f", "u", start=41.0)
    times = np.arange(0.5, 2, 0.01)
    np.testing.assert_allclose(articulate(early, times), articulate(late, times + 40), atol=1e-4)


def test_amplitude_and_loudness_open_the_mouth_but_never_a_closure():
    phones = say("ɑ", "b", "ɑ")
    calm, large = track(phones), track(phones, style=SpeakingStyle(amplitude=1.4))
    loud = track(phones, loudness=np.full(3000, 1.3))
    for other in (large, loud):
        assert other["jaw_open"][1050] > 1.2 * calm["jaw_open"][1050]
        assert other["jaw_open"][1135] == pytest.approx(0, abs=1e-4)


def test_asymmetry_pulls_an_open_mouth_to_one_side_and_leaves_a_closed_one():
    phones = say("ɑ", "b", "ɑ")
    left, right = (track(phones, style=SpeakingStyle(asymmetry=a))["mouth_side"] for a in (0.3, -0.3))
    np.testing.assert_allclose(left, -right, atol=1e-6)
    assert left[1050] > 0.1
    assert left[1135] == pytest.approx(0, abs=1e-4)


def test_labels_name_what_is_said_and_gaps_are_silence():
    phones = say("m", "aɪ")
    times = np.array([0.5, 1.05, 1.12, 1.19, 1.3])
    assert [VISEMES[label] for label in viseme_labels(phones, times)] == ["sil", "PP", "AA", "IY", "sil"]


def test_silence_is_a_resting_face():
    times = np.linspace(0, 1, 10)
    assert not articulate([], times).any()
    assert not articulate([Interval(0.0, 1.0, "")], times).any()
    assert articulate(say("a"), np.zeros(0)).shape == (0, len(EXPRESSIONS))


def test_an_hour_of_speech_takes_seconds():
    from time import perf_counter

    phones = [phone for k in range(600) for phone in say(*"kɑtupinəsemofi", start=1.5 * k)]
    times = (np.arange(15 * 60 * 25) + 0.5) / 25
    begin = perf_counter()
    articulate(phones, times)
    assert perf_counter() - begin < 2  # a quarter of an hour of frames
