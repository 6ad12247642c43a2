"""How fast ``thlab talk`` is, and how much memory ten minutes of sound take.

python tests/benchmarks/bench_talk.py            # speed
python tests/benchmarks/bench_talk.py --memory   # speed, then memory: some minutes
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import soundfile

from thlab.audio.synthesis import speak
from thlab.corpus.sentences import sentence
from thlab.experiments.talk import TalkConfig, talk, trained_talker
from thlab.timebase import SAMPLE_RATE, samples_to_seconds

MEGABYTE = 1e6


def long_speech(seconds: float):
    """At least so much speech, cut to length."""
    text, number = "", 0
    while len(text) < 20 * seconds:
        text, number = f"{text} {sentence(number)}", number + 1
    return speak(text).audio[: int(seconds * SAMPLE_RATE)]


def measure_speed(folder: Path) -> None:
    """Ten seconds of sound at 256 px, after import and one short clip that compiles what is compiled once."""
    trained_talker()
    talk(speak("Warm up.").audio, folder / "warm.mp4", TalkConfig())
    audio = long_speech(10)
    for known in ("recognised", "actor changed"):
        began = time.perf_counter()
        talk(audio, folder / "talk.mp4", TalkConfig(actor=8 if known == "actor changed" else 7))
        spent = time.perf_counter() - began
        length = samples_to_seconds(len(audio))
        print(
            f"thlab talk, 256 px, {known}: {length:.1f} s of sound in {spent:.2f} s: {length / spent:.2f} × real time"
        )


def measure_memory(folder: Path, minutes: float, size: int) -> None:
    """Resident memory of the command, every quarter of a second."""
    soundfile.write(folder / "long.wav", long_speech(60 * minutes).numpy(), SAMPLE_RATE)
    command = [sys.executable, "-m", "thlab", "talk", "--audio", str(folder / "long.wav"), "--size", str(size)]
    began = time.perf_counter()
    child = psutil.Popen([*command, "--quiet", "-o", str(folder / "long.mp4")], stdout=subprocess.DEVNULL)
    seen: list[tuple[float, float]] = []
    while child.poll() is None:
        try:
            family = [child, *child.children(recursive=True)]
            seen.append((time.perf_counter() - began, sum(p.memory_info().rss for p in family) / MEGABYTE))
        except psutil.NoSuchProcess:
            continue
        time.sleep(0.25)
    peaks = [max(m for t, m in seen if k <= t / seen[-1][0] * 10 <= k + 1) for k in range(10)]
    print(f"{minutes:g} minutes of sound at {size} px in {seen[-1][0]:.0f} s; peak resident memory in each tenth, MB:")
    print("  " + " ".join(f"{peak:.0f}" for peak in peaks))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--memory", action="store_true")
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--size", type=int, default=256)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        measure_speed(Path(name))
        if chosen.memory:
            measure_memory(Path(name), chosen.minutes, chosen.size)


if __name__ == "__main__":
    main()
