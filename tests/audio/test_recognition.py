"""Phones and words are heard where they are said, known texts are found to hundredths, and calls do not interact."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch

from thlab.audio.phonemes import BILABIALS, phone_class, phone_index
from thlab.audio.recognition import align, dictionary, recognise_phones, recognise_words
from thlab.audio.synthesis import Request, Speech, speak, speak_many
from thlab.timebase import HOP_RATE, SAMPLE_RATE, Interval, covering_hops, hop_times, labels_at

SENTENCES = (
    Request("The quick brown fox jumps over the lazy dog near the river bank.", variant="m3"),
    Request("My brother bought a piano from the market on Monday morning.", variant="f3"),
    Request("Please bring a warm coat, because the evening wind is cold.", voice="en-gb"),
)


@cache
def speeches() -> tuple[Speech, ...]:
    return tuple(speak_many(SENTENCES))


@cache
def long_speech() -> Speech:
    """Above half a minute."""
    return speak(" ".join(request.text for request in SENTENCES * 3), variant="m3", rate=170)


@cache
def heard(number: int) -> tuple[tuple[Interval, ...], tuple[Interval, ...]]:
    """Phones by both recognisers."""
    audio = speeches()[number].audio
    return recognise_phones(audio), recognise_words(audio).phones


def classes(phones: tuple[Interval, ...], samples: int) -> np.ndarray:
    """The class of phone at each hop."""
    return np.array([phone_index(label) for label in labels_at(phones, hop_times(covering_hops(samples)))])


def agreement(found: np.ndarray, true: np.ndarray) -> float:
    """Share of the hops of speech whose class is right."""
    voiced = true > 0
    return float((found == true)[voiced].mean())


def noise(seconds: float, level: float) -> torch.Tensor:
    return level * torch.randn(int(seconds * SAMPLE_RATE), generator=torch.Generator().manual_seed(0))


def ordered(parts: tuple[Interval, ...], seconds: float) -> bool:
    """Whether intervals follow one another inside the sound."""
    inside = all(0 <= part.start <= part.end <= seconds + 0.02 for part in parts)
    return inside and all(one.end <= other.start + 1e-6 for one, other in pairwise(parts))


# -- recognition ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("which", "least"), [(0, 0.4), (1, 0.5)])
def test_phones_are_right_far_more_often_than_the_same_phones_at_other_times(which: int, least: float):
    scores, chance = list[float](), list[float]()
    for number, speech in enumerate(speeches()):
        true = classes(speech.transcript.phones, len(speech.audio))
        found = classes(heard(number)[which], len(speech.audio))
        scores.append(agreement(found, true))
        chance += [agreement(np.roll(found, shift), true) for shift in range(40, len(true) - 40, 20)]
    assert np.mean(scores) > least
    assert np.mean(scores) > 5 * np.mean(chance)


@pytest.mark.parametrize("which", [0, 1])
def test_most_lip_closures_are_heard_within_a_frame(which: int):
    hits = total = 0
    for number, speech in enumerate(speeches()):
        found = [part for part in heard(number)[which] if phone_class(part.label) in BILABIALS]
        for part in speech.transcript.phones:
            if phone_class(part.label) in BILABIALS:
                total += 1
                hits += any(other.start - 0.04 < part.end and other.end + 0.04 > part.start for other in found)
    assert total >= 12
    assert hits / total > 0.6


def test_what_is_heard_follows_in_order_inside_the_sound():
    for number, speech in enumerate(speeches()):
        seconds = len(speech.audio) / SAMPLE_RATE
        assert all(ordered(phones, seconds) for phones in heard(number))
        assert all(phone.label for phones in heard(number) for phone in phones)


def test_words_are_english_words_of_the_dictionary_and_the_text_is_made_of_them():
    transcript = recognise_words(speeches()[0].audio)
    said = set(speeches()[0].transcript.text.lower().rstrip(".").split())
    assert transcript.text.split() == [word.label for word in transcript.words]
    assert len(said & {word.label for word in transcript.words}) >= 3
    assert {word.label for word in transcript.words} <= set(dictionary())
    assert transcript.language == "en"


def test_every_phone_of_a_heard_word_lies_inside_it():
    transcript = recognise_words(speeches()[1].audio)
    for phone in transcript.phones:
        assert any(word.start - 0.021 <= phone.start and phone.end <= word.end + 0.021 for word in transcript.words)


@pytest.mark.parametrize("samples", [0, 1, 100, 700, 16_000, 160_000])
def test_silence_and_next_to_no_sound_give_nothing(samples: int):
    assert recognise_phones(torch.zeros(samples)) == ()
    transcript = recognise_words(torch.zeros(samples))
    assert (transcript.text, transcript.words, transcript.phones) == ("", (), ())


@pytest.mark.parametrize("samples", [1, 100, 799])
def test_a_click_too_short_to_be_speech_gives_nothing(samples: int):
    assert recognise_phones(torch.ones(samples)) == ()
    assert recognise_words(torch.ones(samples)).words == ()


def test_noise_and_a_tone_are_not_failures():
    tone = 0.3 * torch.sin(torch.arange(32_000) * 0.2)
    for sound in (noise(2, 0.1), tone, torch.full((32_000,), 0.5)):
        assert ordered(recognise_phones(sound), 2)
    assert ordered(recognise_words(noise(1, 0.1)).phones, 1)


def test_level_does_not_matter():
    audio = speeches()[0].audio
    quiet, loud = (classes(recognise_phones(audio * gain), len(audio)) for gain in (0.01, 3.0))
    assert agreement(quiet, loud) > 0.9


def test_a_pause_put_before_speech_moves_its_phones_by_as_much():
    speech = speeches()[0]
    later = recognise_phones(torch.cat([noise(1, 1e-4), speech.audio]))
    moved = tuple(Interval(phone.start - 1, phone.end - 1, phone.label) for phone in later if phone.start >= 1)
    true = classes(speech.transcript.phones, len(speech.audio))
    assert agreement(classes(moved, len(speech.audio)), true) > 0.35


def test_a_long_recording_is_cut_without_moving_or_losing_its_phones():
    speech = long_speech()
    seconds = len(speech.audio) / SAMPLE_RATE
    assert seconds > 30
    found = recognise_phones(speech.audio)
    assert ordered(found, seconds)
    true = classes(speech.transcript.phones, len(speech.audio))
    thirds = zip(np.array_split(classes(found, len(speech.audio)), 3), np.array_split(true, 3), strict=True)
    assert min(agreement(*third) for third in thirds) > 0.35


def test_the_same_sound_gives_the_same_phones_and_words_whatever_was_heard_before():
    audio = [speech.audio for speech in speeches()[:2]]
    audio = [sound[: 2 * SAMPLE_RATE] for sound in audio]
    first = [recognise_phones(audio[0]), recognise_words(audio[0])]
    recognise_words(audio[1])
    recognise_phones(audio[1])
    align(speeches()[1].audio, SENTENCES[1].text)
    assert [recognise_phones(audio[0]), recognise_words(audio[0])] == first
    assert recognise_phones(audio[0]) == first[0]


# -- alignment --------------------------------------------------------------------------------------------------------


def test_a_known_text_is_found_to_a_few_hundredths_of_a_second():
    starts, ends, right = list[float](), list[float](), list[float]()
    for request, speech in zip(SENTENCES, speeches(), strict=True):
        found = align(speech.audio, request.text)
        true = speech.transcript
        for word in found.words:
            mine = [other for other in true.words if other.label.strip(".,") == word.label.strip(".,")]
            if mine:
                starts.append(min(abs(word.start - other.start) for other in mine))
                ends.append(min(abs(word.end - other.end) for other in mine))
        size = len(speech.audio)
        right.append(agreement(classes(found.phones, size), classes(true.phones, size)))
    assert len(starts) > 25
    assert np.median(starts) < 0.03
    assert np.median(ends) < 0.04
    assert np.mean(right) > 0.65


def test_alignment_beats_recognition_which_beats_chance():
    speech = speeches()[1]
    true = classes(speech.transcript.phones, len(speech.audio))
    known = agreement(classes(align(speech.audio, SENTENCES[1].text).phones, len(speech.audio)), true)
    assert known > agreement(classes(heard(1)[0], len(speech.audio)), true)


def test_numbers_names_and_punctuation_are_aligned_as_written():
    text = "In 1984, Zorblax's cat said: “hello”!"
    speech = speak("In 1984, Zorblax's cat said: hello!", variant="m3")
    found = align(speech.audio, text)
    bare = [word.label.strip(",:!“”") for word in found.words]
    assert bare == ["In", "1984", "Zorblax's", "cat", "said", "hello"]
    assert found.text == text
    assert ordered(found.words, len(speech.audio) / SAMPLE_RATE)
    number = found.words[1]
    assert number.end - number.start > 0.8


def test_a_text_of_half_a_minute_is_aligned_to_its_end():
    speech = long_speech()
    found = align(speech.audio, speech.transcript.text)
    assert len(found.words) == len(speech.transcript.text.split())
    last, true = found.words[-1], speech.transcript.words[-1]
    assert abs(last.start - true.start) < 0.1


@pytest.mark.parametrize("text", ["", "   ", "...!?", "😀", "—"])
def test_a_text_without_words_is_refused_in_one_line(text: str):
    with pytest.raises(ValueError, match=r"^[^\n]{20,200}$"):
        align(speeches()[0].audio, text)


def test_a_text_in_other_letters_is_refused_in_one_line():
    with pytest.raises(ValueError, match=r"^[^\n]{20,300}$"):
        align(speeches()[0].audio, "Привет, как дела")


def test_a_text_far_too_long_for_the_sound_is_refused_in_one_line():
    with pytest.raises(ValueError, match=r"^[^\n]*does not fit[^\n]*$"):
        align(speeches()[0].audio[: 2 * SAMPLE_RATE], SENTENCES[1].text * 5)


def test_another_text_of_fitting_length_is_refused_in_one_line():
    with pytest.raises(ValueError, match=r"^[^\n]*does not fit[^\n]*$"):
        align(speeches()[1].audio, "Nobody knows what trouble I have seen, and glory is our song.")


@pytest.mark.parametrize("samples", [0, 1, 16_000])
def test_a_text_for_silence_is_refused_in_one_line(samples: int):
    with pytest.raises(ValueError, match=r"^[^\n]{20,200}$"):
        align(torch.zeros(samples), "hello there")


def test_the_dictionary_knows_common_words_and_no_numbers():
    assert {"the", "don't", "speech"} <= set(dictionary())
    assert "1984" not in dictionary()


def test_phones_have_the_recognisers_resolution():
    edges = np.array([phone.start for phone in heard(0)[0][1:]]) * HOP_RATE
    assert np.allclose(edges - edges[0], np.round(edges - edges[0]), atol=1e-6)
