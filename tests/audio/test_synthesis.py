"""Speech is repeatable, its times agree with its sound, and what cannot be said is refused in one line."""

from __future__ import annotations

import multiprocessing
import os
import re
import subprocess
import sys
import time
import types
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from thlab.audio import espeak, synthesis
from thlab.audio.phonemes import VOWELS, phone_class
from thlab.audio.synthesis import LONGEST, Request, Speech, speak, speak_many, variants, voices
from thlab.timebase import SAMPLE_RATE, Interval, nearest_sample

TEXTS = ("Where were you a year ago?", "She sells sea shells.", "Papa, my brother, bought 2 piping hot pies!")
PAUSED = "She said: wait. Then, after a long pause, papa came back. I went home."


def loudness(speech: Speech, start: float, end: float) -> float:
    """Root mean square between two times."""
    return float(speech.audio[nearest_sample(start) : nearest_sample(end)].square().mean().sqrt())


def pauses(speech: Speech) -> list[tuple[float, float]]:
    """Gaps between phones."""
    return [(a.end, b.start) for a, b in pairwise(speech.transcript.phones) if b.start - a.end > 0.05]


@cache
def paused() -> Speech:
    return speak(PAUSED)


def checksum(text: str, variant: str = "") -> float:
    """A number that differs when a sample does; at the top of the module, so that other processes can call it."""
    audio = (speak(text, variant=variant) if variant else speak(text)).audio.double()
    return float((audio * torch.arange(1, len(audio) + 1)).sum())


# -- repeatable -------------------------------------------------------------------------------------------------------


def test_a_text_sounds_the_same_whatever_was_said_before_it():
    alone = [speak(text) for text in TEXTS]
    backwards = list(speak_many(Request(text) for text in reversed(TEXTS)))[::-1]
    for one, other in zip(alone, backwards, strict=True):
        assert torch.equal(one.audio, other.audio)
        assert one.transcript == other.transcript


def test_a_text_sounds_the_same_in_another_thread_a_forked_process_and_a_fresh_one():
    wanted = checksum(TEXTS[0])
    with ThreadPoolExecutor(3) as threads:
        assert set(threads.map(checksum, [TEXTS[0]] * 3)) == {wanted}
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(1) as pool:
            assert pool.apply(checksum, (TEXTS[0],)) == wanted


@pytest.mark.parametrize("variant", ["f2", "f3", "f5"])
def test_a_breathy_voice_sounds_the_same_in_a_fresh_process(variant: str):
    """Breath is noise, which the library by itself seeds with the time of day."""
    wanted = checksum(TEXTS[0], variant)
    time.sleep(1.1)  # so that the time of day is another
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(checksum, (TEXTS[0], variant)) == wanted


def children() -> set[str]:
    """Processes that this one started, zombies too."""
    command = ["ps", "-o", "pid=,comm=,args=", "--ppid", str(os.getpid())]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    return {line for line in listed.stdout.splitlines() if "espeak_helper" in line or "defunct" in line}


def test_no_process_is_left_behind_even_when_the_listener_leaves_early():
    before = children()
    speak(TEXTS[0])
    speeches = speak_many(Request(text) for text in TEXTS)
    next(speeches)
    speeches.close()
    assert children() <= before


def test_a_helper_that_dies_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(espeak, "HELPER", tmp_path / "missing.py")
    with pytest.raises(RuntimeError, match="ended without an answer"):
        list(espeak.ask([{"list": ""}]))


# -- times ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [80, 160, 450])
@pytest.mark.parametrize("text", TEXTS)
def test_phones_follow_one_another_and_end_before_the_sound(text: str, rate: int):
    speech = speak(text, rate=rate)
    phones = speech.transcript.phones
    assert all(phone.end > phone.start >= 0 for phone in phones)
    assert all(one.end <= other.start + 1e-9 for one, other in pairwise(phones))
    assert phones[-1].end <= len(speech.audio) / SAMPLE_RATE


def test_pauses_are_silent_and_every_vowel_is_loud():
    speech = paused()
    vowels = [phone for phone in speech.transcript.phones if phone_class(phone.label) in VOWELS]
    assert len(pauses(speech)) == 5
    assert max(loudness(speech, start + 0.02, end - 0.01) for start, end in pauses(speech)) < 0.001
    assert min(loudness(speech, vowel.start, vowel.end) for vowel in vowels) > 0.03


def test_the_sound_starts_with_its_first_phone_and_fades_with_its_last():
    speech = paused()
    last = speech.transcript.phones[-1].end
    assert speech.transcript.phones[0].start < 0.1
    assert loudness(speech, last + 0.05, len(speech.audio) / SAMPLE_RATE) < 0.001


def test_the_closure_of_a_stop_is_quieter_than_the_vowels_beside_it():
    speech = speak("papa papa papa")
    triples = zip(*(speech.transcript.phones[start:] for start in range(3)), strict=False)
    middles = [(a, p, b) for a, p, b in triples if p.label == "p"]
    assert middles
    for before, stop, after in middles:
        closure = loudness(speech, stop.start + 0.005, (stop.start + stop.end) / 2)
        assert closure < 0.5 * min(loudness(speech, *span(before)), loudness(speech, *span(after)))


def span(part: Interval) -> tuple[float, float]:
    return part.start, part.end


def test_words_are_those_of_the_text_in_order_and_hold_all_phones():
    speech = paused()
    words, phones = speech.transcript.words, speech.transcript.phones
    assert [word.label for word in words] == re.findall(r"\w+", PAUSED)
    assert all(one.end <= other.start + 1e-9 for one, other in pairwise(words))
    assert all(sum(word.start <= phone.start < phone.end <= word.end for word in words) == 1 for phone in phones)


def test_a_word_lasts_as_long_wherever_its_own_phones_are_the_same():
    (first, second, third) = speak("Mama. Mama. Mama.").transcript.words
    assert second.end - second.start == pytest.approx(first.end - first.start, abs=0.03)
    assert third.start > second.end + 0.1


def test_a_number_is_one_word_and_takes_the_time_of_its_reading():
    words = speak("In 1984 it rained").transcript.words
    assert [word.label for word in words] == ["In", "1984", "it", "rained"]
    assert words[1].end - words[1].start > 0.8


# -- knobs ------------------------------------------------------------------------------------------------------------


def pitch(speech: Speech) -> float:
    """The fundamental in Hz of a steady vowel, from the first great peak of its autocorrelation."""
    sound = speech.audio[4000:8000]
    spectrum = torch.fft.rfft(sound, 16_384).abs().square()
    correlation = torch.fft.irfft(spectrum)[:400]
    return SAMPLE_RATE / float(correlation[40:].argmax() + 40)


def test_rate_pitch_and_volume_do_what_they_say():
    slow, fast = (len(speak(PAUSED, rate=rate).audio) for rate in (100, 300))
    assert slow > 2 * fast
    low, high = (pitch(speak("aaaah", pitch=height, intonation=0)) for height in (10, 90))
    assert high > 1.4 * low
    quiet, loud = (float(speak(TEXTS[0], volume=volume).audio.abs().max()) for volume in (30, 100))
    assert loud == pytest.approx(quiet * 100 / 30, rel=0.1)
    assert float(speak(TEXTS[0], volume=0).audio.abs().max()) < 1e-3


def test_a_variant_and_an_accent_change_the_sound_but_not_the_words():
    plain, other, accent = speak(TEXTS[1]), speak(TEXTS[1], variant="f2"), speak(TEXTS[1], voice="en-gb-scotland")
    assert not torch.equal(plain.audio[:8000], other.audio[:8000])
    assert not torch.equal(plain.audio[:8000], accent.audio[:8000])
    assert [word.label for word in accent.transcript.words] == [word.label for word in plain.transcript.words]


def test_the_transcript_names_the_language_that_was_spoken():
    assert speak("Guten Tag", voice="de").transcript.language == "de"
    assert speak("Good day").transcript.language == "en-us"
    assert speak("Good day", voice="EN-GB").transcript.language == "en-gb"


@pytest.mark.parametrize(
    ("voice", "text", "words"),
    [
        ("ru", "Привет мир", 2),
        ("el", "Γειά σου κόσμε", 3),
        ("cmn", "你好 世界", None),
        ("ar", "مرحبا بالعالم", 2),
        ("hi", "नमस्ते दुनिया", 2),
    ],
)
def test_other_scripts_are_spoken_by_voices_that_read_them(voice: str, text: str, words: int | None):
    transcript = speak(text, voice=voice).transcript
    assert len(transcript.phones) >= 6
    assert words in (None, len(transcript.words))
    assert transcript.text == text


def test_languages_and_variants_are_listed_by_names_that_speak_takes():
    assert {"en-us", "en-gb"} <= {voice.name for voice in voices("en")} < {voice.name for voice in voices()}
    assert all(voice.name.startswith("en") for voice in voices("EN"))
    assert {"f2", "m3", "whisper"} <= {variant.name for variant in variants()}
    assert voices("qq") == ()


# -- what texts hold --------------------------------------------------------------------------------------------------


def test_markup_is_spoken_not_obeyed():
    plain, marked = speak("go"), speak('<break time="9s"/> go')
    assert "break" in [word.label for word in marked.transcript.words]
    assert len(plain.audio) < len(marked.audio) < 6 * SAMPLE_RATE
    assert max(end - start for start, end in [(0.0, 0.0), *pauses(marked)]) < 1
    assert [word.label for word in speak("[[h@l'oU]] &lt;b&gt; x < y").transcript.words][-2:] == ["x", "y"]


@pytest.mark.parametrize(
    "text", ["😀 hello", "e\u0301te\u0301", "\ufeffhi", "ok \r\n\n new\tline", "½", "ʃ", "-- and --", "a" * 3000]
)
def test_odd_texts_are_spoken(text: str):
    speech = speak(text)
    assert speech.transcript.phones
    assert bool(torch.isfinite(speech.audio).all())
    assert float(speech.audio.abs().max()) <= 1


def test_a_long_text_keeps_its_times_to_the_end():
    speech = speak("hello my friend. " * 300, rate=300)
    words = speech.transcript.words
    assert len(words) == 900
    tail = [word for word in words if word.label == "friend"][-1]
    assert loudness(speech, *span(tail)) > 20 * loudness(speech, tail.end + 0.06, tail.end + 0.2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        *[({"text": text}, "nothing to say") for text in ("", "  \n", "...!?", "😀", "\u0301")],
        *[({"text": text}, "is the file binary") for text in ("a\0b", "\x07hi", "\ud800x")],
        ({"text": "a" * (LONGEST + 1)}, f"expected at most {LONGEST} characters, got {LONGEST + 1}"),
        ({"text": "Привет"}, "does not read Cyrillic letters.* choose voice='ru'"),
        ({"text": "日本語です"}, "does not read .* letters"),
        ({"text": "hi", "voice": "en-uk"}, "unknown voice 'en-uk'; near ones: .*en-us"),
        ({"text": "hi", "voice": "../../x"}, "unknown voice"),
        ({"text": "hi", "voice": ""}, "unknown voice ''"),
        ({"text": "hi", "variant": "f22"}, "unknown variant 'f22'; near ones: .*f2"),
        ({"text": "hi", "variant": ""}, "unknown variant ''"),
        *[({"text": "hi", "rate": rate}, f"expected rate between 80 and 450, got {rate}") for rate in (79, 451, -1)],
        *[({"text": "hi", name: 300}, f"expected {name} between 0") for name in ("pitch", "intonation", "volume")],
    ],
)
def test_what_cannot_be_said_is_refused_in_one_line(arguments: dict, message: str):
    with pytest.raises(ValueError, match=message) as refusal:
        speak(**arguments)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 250


# -- the library ------------------------------------------------------------------------------------------------------


def test_without_the_wheel_the_systems_library_is_used_and_without_that_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setattr(espeak, "find_library", lambda name: f"lib{name}.so.1")
    assert espeak.library() == ("libespeak-ng.so.1", "")
    monkeypatch.setattr(espeak, "find_library", lambda name: None)
    with pytest.raises(ValueError, match=r"^no espeak-ng library.*apt install libespeak-ng1[^\n]*$"):
        speak("hello")


def test_a_system_library_without_its_own_data_path_given_speaks_the_same_words(monkeypatch: pytest.MonkeyPatch):
    wanted = [phone.label for phone in speak(TEXTS[0]).transcript.phones]
    path, data = espeak.library()
    monkeypatch.setenv("ESPEAK_DATA_PATH", data)
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setattr(espeak, "find_library", lambda name: path)
    assert [phone.label for phone in speak(TEXTS[0]).transcript.phones] == wanted


@pytest.mark.parametrize(("path", "data"), [("libnothing.so.9", ""), (None, "/nowhere")])
def test_a_library_or_data_that_cannot_be_loaded_is_one_line(
    path: str | None, data: str, monkeypatch: pytest.MonkeyPatch
):
    real, _ = espeak.library()
    loader = types.SimpleNamespace(get_library_path=lambda: path or real, get_data_path=lambda: data)
    monkeypatch.setitem(sys.modules, "espeakng_loader", loader)
    with pytest.raises(ValueError, match=r"^no espeak-ng library[^\n]*library: [^\n]*$"):
        list(espeak.ask([{"list": ""}]))


def test_a_crash_of_the_library_is_an_error_and_the_next_request_is_answered():
    good = {"text": "hi", "voice": "en", **{name: low for name, (low, _) in synthesis.RANGES.items()}}
    bad = {**good, "rate": 160.5}
    answers = list(espeak.ask([good, bad, good]))
    assert "crashed" in answers[1].header["error"]
    assert answers[0].samples == answers[2].samples != b""


def test_accents_written_apart_are_read_as_written_together():
    together, apart = (speak(unicodedata.normalize(form, "Müller übt Öl"), voice="de") for form in ("NFC", "NFD"))
    assert [phone.label for phone in together.transcript.phones] == [phone.label for phone in apart.transcript.phones]
    assert torch.equal(together.audio, apart.audio)
