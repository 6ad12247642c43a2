"""Do the lips follow the voice? Lip gap and rounding of ``thlab talk`` against the articulation of the true phones.

For synthetic voices the true phones come from the synthesiser; for recordings from a Praat TextGrid beside the sound,
or from the known words by alignment, which flatters, since the same acoustic model then serves as judge. The baseline
drives the lips by loudness alone.

    python tests/benchmarks/bench_sync.py                          # six synthetic voices
    python tests/benchmarks/bench_sync.py voice.wav …              # and recordings with voice.TextGrid beside them
    python tests/benchmarks/bench_sync.py "voice.wav=the words" …  # and recordings with known words
    python tests/benchmarks/bench_sync.py voice.wav,œ=æ            # where the TextGrid writes œ, read æ
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from thlab.audio.phonemes import BILABIALS, OPEN, phone_class
from thlab.audio.recognition import align
from thlab.audio.synthesis import Speech, speak
from thlab.experiments.recipes.talker import rounding_of
from thlab.experiments.talk import trained_talker
from thlab.face.head import lip_gap_of
from thlab.face.visemes import articulate
from thlab.media import read_audio
from thlab.timebase import FPS, SAMPLES_PER_FRAME, Interval, Transcript, frame_times, frames_to_seconds, video_frames

TEXT = "Papa bought my mother a purple umbrella before we moved to the old blue house above the harbour."
VOICES = (("en-us", "m3"), ("en-us", "f2"), ("en-gb", "m7"), ("en-gb-scotland", "f4"), ("de", None), ("es", None))
FOREIGN = {
    "de": "Meine Mama backt am Abend zwei blaue Brote, bevor wir zum Hafen hinaufgehen.",
    "es": "Mi papá compró un bonito paraguas azul antes de volver a la playa con mamá.",
}
LARGEST_LAG = 6
"""Frames of shift that are tried to each side."""


def text_grid(path: Path) -> tuple[Interval, ...]:
    """The phones of a Praat TextGrid in its short or long form: the tier whose name begins with "phone"."""
    words = [line.split("=")[-1].strip().strip('"') for line in path.read_text().splitlines()]
    start = next(i for i, word in enumerate(words) if word.startswith("phone"))
    count = int(float(words[start + 3]))
    rows = np.array(words[start + 4 : start + 4 + 3 * count]).reshape(count, 3)
    return tuple(Interval(float(a), float(b), label) for a, b, label in rows if label)


def correlation(given: np.ndarray, wanted: np.ndarray, shift: int = 0) -> float:
    """Correlation when ``given`` is taken ``shift`` frames later."""
    length = len(wanted) - abs(shift)
    a, b = given[max(0, shift) :][:length], wanted[max(0, -shift) :][:length]
    return float(np.corrcoef(a, b)[0, 1])


def lag(given: np.ndarray, wanted: np.ndarray) -> int:
    """The shift at which the two agree best; positive: ``given`` comes late."""
    return max(range(-LARGEST_LAG, LARGEST_LAG + 1), key=lambda shift: correlation(given, wanted, shift))


def gap_on(gap: np.ndarray, phones: Sequence[Interval], kind: frozenset[str]) -> float:
    """Mean over the phones of a kind of the smallest (closures) or largest (vowels) gap while each is said."""
    pick = np.min if kind is BILABIALS else np.max
    times = frame_times(len(gap))
    found = []
    for phone in phones:
        if phone_class(phone.label) in kind:
            near = np.abs(times - (phone.start + phone.end) / 2) <= max((phone.end - phone.start) / 2, 0.6 / FPS)
            found.append(pick(gap[near]))
    return float(np.mean(found)) if found else float("nan")


def loudness(audio: np.ndarray, frames: int) -> np.ndarray:
    """Root mean square of each frame: the baseline's lips."""
    padded = np.pad(audio, (0, frames * SAMPLES_PER_FRAME - len(audio)))
    return np.sqrt((padded.reshape(frames, -1) ** 2).mean(1))


def report(name: str, speech: Speech, transcript: Transcript | None) -> None:
    """One line of the table."""
    frames = video_frames(len(speech.audio))
    phones = speech.transcript.phones
    wanted = articulate(phones, frame_times(frames))
    given = trained_talker().act(speech.audio, transcript).expression
    gap, true_gap = lip_gap_of(given), lip_gap_of(wanted)
    loud = correlation(loudness(speech.audio.numpy(), frames), true_gap)
    print(
        f"{name:34s} {correlation(gap, true_gap):5.2f} {correlation(rounding_of(given), rounding_of(wanted)):5.2f} "
        f"{1000 * frames_to_seconds(lag(gap, true_gap)):+5.0f} {loud:6.2f}   "
        f"{gap_on(gap, phones, BILABIALS):5.3f} {gap_on(true_gap, phones, BILABIALS):5.3f}   "
        f"{gap_on(gap, phones, OPEN):5.3f} {gap_on(true_gap, phones, OPEN):5.3f}"
    )


def main() -> None:
    print(f"{'':34s} {'gap':>5} {'round':>5} {'lag':>5} {'loud':>6}   {'p b m: gap':>11}   {'open: gap':>11}")
    print(f"{'':34s} {'r':>5} {'r':>5} {'ms':>5} {'r':>6}   {'ours':>5} {'true':>5}   {'ours':>5} {'true':>5}")
    for voice, variant in VOICES:
        speech = speak(FOREIGN.get(voice, TEXT), voice=voice, variant=variant)
        for how, transcript in (("recognised", None), ("known phones", speech.transcript)):
            report(f"{voice}+{variant or 'own'}, {how}", speech, transcript)
    for argument in sys.argv[1:]:
        report_recording(argument)


def report_recording(argument: str) -> None:
    """A recording against its TextGrid, or against its words."""
    name, _, words = argument.partition("=")
    name, _, written = name.partition(",")
    audio = read_audio(name)
    if words and not written:
        report(f"{Path(name).name}, aligned words", Speech(audio, align(audio, words)), None)
        return
    phones = text_grid(Path(name).with_suffix(".TextGrid"))
    read = tuple(Interval(p.start, p.end, words if p.label == written else p.label) for p in phones)
    how = f"TextGrid, {written} as {words}" if written else "TextGrid"
    report(f"{Path(name).name}, {how}", Speech(audio, Transcript("", (), read)), None)


if __name__ == "__main__":
    main()
