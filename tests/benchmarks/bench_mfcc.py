"""How quickly 60 seconds of sound become MFCC here, in librosa and in torchaudio, at equal settings and warm.

``python tests/benchmarks/bench_mfcc.py`` prints a table and fails when ours is not the fastest.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import librosa
import numpy as np
import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[1]))
from torchaudio_cpu import import_torchaudio

from thlab.audio.features import TORCHAUDIO, mfcc

SECONDS = 60
ROUNDS = 30
CONFIG = replace(TORCHAUDIO, hop=160, fft=512, mels=80, coefficients=13)
"""25 ms windows each 10 ms, 80 HTK bands, decibels within 80 of the loudest: what all three can do."""
EQUAL = 1e-3
"""Largest difference, among coefficients in the hundreds, that single precision may make."""


def ours() -> Callable[[Tensor], Tensor]:
    return lambda sound: mfcc(sound, CONFIG).T


def torchaudios() -> Callable[[Tensor], Tensor]:
    bands = {"n_fft": CONFIG.fft, "win_length": CONFIG.window, "hop_length": CONFIG.hop, "n_mels": CONFIG.mels}
    return import_torchaudio().transforms.MFCC(CONFIG.rate, CONFIG.coefficients, melkwargs=bands)


def librosas() -> Callable[[Tensor], Tensor]:
    def compute(sound: Tensor) -> Tensor:
        bands = librosa.feature.melspectrogram(
            y=sound.numpy(), sr=CONFIG.rate, n_fft=CONFIG.fft, win_length=CONFIG.window, hop_length=CONFIG.hop,
            n_mels=CONFIG.mels, htk=True, norm=None, pad_mode="reflect",
        )  # fmt: skip
        return torch.from_numpy(librosa.feature.mfcc(S=librosa.power_to_db(bands), n_mfcc=CONFIG.coefficients))

    return compute


def race(runners: dict[str, Callable[[Tensor], Tensor]], sound: Tensor) -> dict[str, list[float]]:
    """Seconds of each round of each runner, taking turns so that all meet the same weather on the machine."""
    seconds: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(ROUNDS):
        for name, run in runners.items():
            start = time.perf_counter()
            run(sound)
            seconds[name].append(time.perf_counter() - start)
    return seconds


def table(seconds: dict[str, list[float]], differences: dict[str, float]) -> str:
    """Best and median times, and how many times ours they are."""
    lines = [f"{'':12}{'best ms':>9}{'median ms':>11}{'best ratio':>12}{'median ratio':>14}{'max difference':>16}"]
    for name, rounds in seconds.items():
        best, median = min(rounds), float(np.median(rounds))
        ratios = best / min(seconds["thlab"]), median / float(np.median(seconds["thlab"]))
        lines.append(
            f"{name:12}{best * 1e3:9.2f}{median * 1e3:11.2f}{ratios[0]:11.1f}×{ratios[1]:13.1f}×"
            f"{differences[name]:16.1e}"
        )
    return "\n".join(lines)


def main() -> int:
    noise = np.random.default_rng(0).normal(size=SECONDS * CONFIG.rate)
    sound = torch.tensor(0.1 * noise, dtype=torch.float32)
    runners = {"thlab": ours(), "librosa": librosas(), "torchaudio": torchaudios()}
    slower = False
    with torch.inference_mode():
        results = {name: run(sound) for name, run in runners.items()}
        differences = {name: float((result - results["thlab"]).abs().max()) for name, result in results.items()}
        assert max(differences.values()) < EQUAL, f"the settings are not equal: {differences}"
        for threads in (torch.get_num_threads(), 1):
            torch.set_num_threads(threads)
            seconds = race(runners, sound)
            print(f"MFCC of {SECONDS} s of sound, {ROUNDS} rounds, torch with {threads} threads")
            print(table(seconds, differences))
            slower |= min(seconds["thlab"]) > min(min(rounds) for rounds in seconds.values())
    return int(slower)


if __name__ == "__main__":
    sys.exit(main())
