"""What the talker learns from: synthetic speech in many voices, spoiled as microphones and rooms spoil it, and acted.

The performer is always the same average actor, so that the network learns what the sound says about a face and not who
speaks. Lessons are numbered; lesson ``i`` is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, Float16, UInt8
from scipy.signal import fftconvolve
from tqdm import tqdm

from thlab.audio.features import log_mel
from thlab.audio.phonemes import classes_at
from thlab.audio.recognition import dictionary, recognise_phones, recognise_words
from thlab.audio.synthesis import Request, Speech, speak, variants
from thlab.corpus.performance import ActingStyle, perform
from thlab.corpus.sentences import sentence
from thlab.corpus.voices import stretched
from thlab.face.visemes import NEUTRAL_STYLE
from thlab.media import Clip
from thlab.media.atomic import atomic_path
from thlab.systems.talker import SPOKEN_INDEX, pad_to_frames
from thlab.timebase import SAMPLE_RATE, Interval, frames_to_samples, hop_times

AVERAGE_ACTOR = ActingStyle(
    speaking=NEUTRAL_STYLE,
    pose_gain=0.8,
    nod_gain=1.3,
    brow_gain=1.0,
    smile_asymmetry=0.0,
    blinks_a_minute=20.0,
    directions=np.array([[0.0, 0.0, 0.0], [0.14, 0.01, 0.02], [-0.14, 0.01, -0.02]]),
    rest=np.zeros(3),
)
"""Who performs every lesson."""

ACCENTS = ("en-us", "en-us", "en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-us-nyc", "en-029")
LESSON_VERSION = 1
"""Raise it when lessons change, the recogniser's answers included: cached ones of another version are not used."""
FOREIGN_SHARE = 0.2
"""Share of lessons in another language than English."""
WORD_SALAD_SHARE = 0.5
"""Share of English lessons of random dictionary words, which contain every sequence of phones."""
FOREIGN = {
    "de": ("Am Abend spielen wir im Park mit einem blauen Ball.", "Meine Mutter backt zwei Brote für das Fest.",
           "Bitte öffne das Fenster, bevor der Regen kommt.", "Über sieben Brücken musst du gehen."),
    "es": ("Mi abuela compró pan y manzanas en el mercado.", "El barco azul se mueve muy despacio por el río.",
           "Buenos días, ¿puedo hablar con tu hermano?", "Después de comer vamos juntos a la playa."),
    "fr-fr": ("Ma petite sœur a perdu son beau parapluie bleu.", "Nous buvons un peu de vin avant le dîner.",
              "Le boulanger ouvre sa porte à six heures du matin.", "Où est passée la voiture de mon père ?"),
    "it": ("La mamma prepara una buona zuppa di pomodoro.", "Domani mattina partiamo per il mare con gli amici.",
           "Il bambino apre la bocca e beve il latte."),
    "pt-br": ("O menino abre a porta e chama a mãe.", "Amanhã vamos passear no parque com a família."),
    "ru": ("Мой брат купил новую белую машину.", "Утром мы пьём чай и читаем газету.",
           "Бабушка любит петь под дождём."),
    "cmn": ("我的爸爸明天早上去北京买苹果。", "我们朋友喜欢喝茶看书。", "妈妈骑马，马慢，妈妈骂马。"),
    "ja": ("わたしのははは まいあさ みずを のみます。", "ともだちと うみへ いきました。",
           "あかい ぼうしを かぶった ぼうや。"),
}  # fmt: skip
"""Sentences of ours; espeak-ng reads each with the voice of its language."""


@dataclass(frozen=True)
class Lesson:
    """One utterance: what is heard, hop by hop, and what is to be done, frame by frame."""

    mel: Float16[np.ndarray, "hops mels"]
    decoded: UInt8[np.ndarray, "hops"]
    """Phone classes that the recogniser gives without a vocabulary."""
    words: UInt8[np.ndarray, "hops"]
    """Phone classes of the words that it recognises."""
    spoken: UInt8[np.ndarray, "hops"]
    """Phone classes that are really said."""
    expression: Float16[np.ndarray, "frames spoken_modes"]
    pose: Float16[np.ndarray, "frames 6"]
    blink: Bool[np.ndarray, "frames"]
    """Whether a blink begins."""


# -- speech -----------------------------------------------------------------------------------------------------------


def lesson_request(rng: np.random.Generator) -> Request:
    """A voice, a manner of speaking and something to say."""
    voice, text = _what_is_said(rng)
    names = [variant.name for variant in variants() if not variant.name.lower().startswith("whisper")]
    return Request(
        text,
        voice,
        str(rng.choice(names)),
        rate=int(rng.integers(115, 225)),
        pitch=int(rng.integers(12, 88)),
        intonation=int(rng.integers(15, 85)),
    )


def _what_is_said(rng: np.random.Generator) -> tuple[str, str]:
    if rng.random() < FOREIGN_SHARE:
        voice = str(rng.choice(list(FOREIGN)))
        return voice, str(rng.choice(FOREIGN[voice]))
    accent = str(rng.choice(ACCENTS))
    if rng.random() < WORD_SALAD_SHARE:
        return accent, " ".join(rng.choice(_words(), int(rng.integers(4, 11))))
    return accent, sentence(int(rng.integers(10_000_000)))


@cache
def _words() -> list[str]:
    """The recogniser's dictionary, plain words only."""
    return sorted(word for word in dictionary() if word.isalpha() and word.isascii() and len(word) > 2)


def spoiled(audio: Float[np.ndarray, "samples"], rng: np.random.Generator) -> Float[np.ndarray, "samples"]:
    """What a room, a microphone and its noise make of a voice."""
    if rng.random() < 0.5:
        audio = fftconvolve(audio, room(rng))[: len(audio)]
    if rng.random() < 0.5:
        audio = fftconvolve(audio, microphone(rng), mode="same")
    level = np.sqrt(np.mean(audio**2)) + 1e-9
    if rng.random() < 0.7:
        audio = audio + level * 10 ** (-rng.uniform(5, 35) / 20) * noise(rng, len(audio))
    return (0.7 * audio / np.abs(audio).max()).astype(np.float32)


def room(rng: np.random.Generator) -> Float[np.ndarray, "samples"]:
    """An impulse response: the direct sound, then noise that dies away (Moorer 1979)."""
    decay = int(SAMPLE_RATE * rng.uniform(0.08, 0.45))
    tail = rng.standard_normal(decay) * np.exp(-6.9 * np.arange(decay) / decay)
    tail[0] = 0
    tail *= rng.uniform(0.1, 0.9) / np.sqrt((tail**2).sum())
    tail[0] = 1
    return tail


def microphone(rng: np.random.Generator) -> Float[np.ndarray, "samples"]:
    """A smooth random colouring of ± some decibels."""
    decibels = np.interp(np.linspace(0, 1, 129), np.linspace(0, 1, 7), rng.normal(0, 6, 7))
    return np.fft.fftshift(np.fft.irfft(10 ** (decibels / 20)))


def noise(rng: np.random.Generator, samples: int) -> Float[np.ndarray, "samples"]:
    """White to pink noise of power 1, steady or coming in gusts."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    spectrum /= np.maximum(np.arange(len(spectrum)), 20) ** rng.uniform(0, 0.6)
    sound = np.fft.irfft(spectrum, samples)
    gusts = 1 + rng.uniform(0, 0.8) * np.sin(2 * np.pi * rng.uniform(0.2, 3) * np.arange(samples) / SAMPLE_RATE)
    sound = sound * gusts
    return sound / np.sqrt(np.mean(sound**2) + 1e-12)


# -- lessons ----------------------------------------------------------------------------------------------------------


def make_lesson(number: int) -> Lesson:
    """Lesson ``number``: speak, spoil, listen, act."""
    rng = np.random.default_rng([number, 0x1E550])
    request = lesson_request(rng)
    speech = stretched(speak(**vars(request)), float(rng.uniform(0.88, 1.14)))
    audio = pad_to_frames(torch.from_numpy(spoiled(speech.audio.numpy(), rng)))
    acted = perform(Speech(pad_to_frames(speech.audio), speech.transcript), AVERAGE_ACTOR, rng=rng)
    mel = log_mel(audio)
    times = hop_times(len(mel))

    def said_at(phones: Sequence[Interval]) -> UInt8[np.ndarray, "hops"]:
        return classes_at(phones, times).astype(np.uint8)

    return Lesson(
        mel=mel.numpy().astype(np.float16),
        decoded=said_at(recognise_phones(audio)),
        words=said_at(recognise_words(audio).phones),
        spoken=said_at(speech.transcript.phones),
        expression=acted.motion.expression[:, SPOKEN_INDEX].astype(np.float16),
        pose=acted.motion.pose.astype(np.float16),
        blink=blink_begins(acted.blink),
    )


def lesson_of(clip: Clip) -> Lesson:
    """What a recording teaches: its sound as it is, and what its face was estimated to do.

    Nobody says what was really said, so that the recogniser's words stand for it.

    Raises:
        ValueError: the clip lacks sound, expression, pose or blinks.
    """
    truth = clip.truth
    if clip.audio is None or truth is None or truth.expression is None or truth.pose is None or truth.blink is None:
        raise ValueError("the talker learns from sound, expression, pose and blinks, but a clip lacks some of them")
    audio = pad_to_frames(clip.audio[: frames_to_samples(len(clip))])
    mel = log_mel(audio)
    times = hop_times(len(mel))
    heard = recognise_phones(audio), recognise_words(audio).phones
    decoded, words = (classes_at(phones, times).astype(np.uint8) for phones in heard)
    return Lesson(
        mel=mel.numpy().astype(np.float16),
        decoded=decoded,
        words=words,
        spoken=words,
        expression=truth.expression[:, SPOKEN_INDEX].numpy().astype(np.float16),
        pose=truth.pose.numpy().astype(np.float16),
        blink=blink_begins(truth.blink.numpy()),
    )


def blink_begins(lids: Float[np.ndarray, "frames"]) -> Bool[np.ndarray, "frames"]:
    """Frames in which the lids pass a third of the way down."""
    low = lids > 1 / 3
    return low & ~np.concatenate([[False], low[:-1]])


def lessons(count: int, folder: Path, *, first: int = 0, workers: int = 2, quiet: bool = False) -> list[Lesson]:
    """Make lessons, or read those already made; a run that was killed goes on where it stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"lesson_{number:06d}.npz" for number in range(first, first + count)]
    missing = [path for path in paths if not path.exists()]
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=torch.set_num_threads, initargs=(1,)) as pool:
        made = pool.map(_write_lesson, missing, chunksize=4)
        for _ in tqdm(made, total=len(missing), desc="lessons", disable=quiet or not missing):
            pass
    return list(read_lessons(paths))


def _write_lesson(path: Path) -> None:
    lesson = make_lesson(int(path.stem.split("_")[1]))
    with atomic_path(path) as part, part.open("wb") as file:
        np.savez(file, **vars(lesson))


def read_lessons(paths: Sequence[Path]) -> Iterator[Lesson]:
    """Read lessons back."""
    for path in paths:
        with np.load(path) as file:
            yield Lesson(**{field.name: file[field.name] for field in fields(Lesson)})
