"""How many frames a second Wav2Lip paints, and how long a step of its training takes with each tutor.

python tests/benchmarks/bench_wav2lip.py

Random weights: they take as long as trained ones. Speed counts on a machine that does nothing else; the best of a few
runs is printed. The promise is 60 frames a second at 96 px on two cores, from sound and pictures to finished bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from thlab.corpus.windows import WindowConfig, Windows
from thlab.experiments.claims.wav2lip import ARMS
from thlab.experiments.recipes.wav2lip_tutors import Apprentice
from thlab.experiments.train import TrainConfig, Training
from thlab.media import Clip, Truth
from thlab.nn.experts.syncnet import SyncNet
from thlab.systems.wav2lip import Wav2Lip, Wav2LipConfig
from thlab.timebase import frames_to_samples

FRAMES = 250
RUNS = 5


def best(action: Callable[[], object], runs: int = RUNS) -> float:
    """Seconds of the quickest run, after one that does not count."""
    action()
    spent = []
    for _ in range(runs):
        began = time.perf_counter()
        action()
        spent.append(time.perf_counter() - began)
    return min(spent)


def noise(size: int, frames: int = FRAMES) -> Clip:
    """A clip of noise whose landmarks are spread over it."""
    rng = torch.Generator().manual_seed(0)
    pictures = torch.randint(0, 256, (frames, size, size, 3), generator=rng, dtype=torch.uint8)
    points = size * (0.3 + 0.4 * torch.rand(1, 68, 2, generator=rng)) + torch.rand(frames, 68, 2, generator=rng)
    audio = 0.1 * torch.randn(frames_to_samples(frames), generator=rng)
    return Clip(pictures, audio, truth=Truth(landmarks=points))


def painting(size: int) -> float:
    """Frames a second of ten seconds."""
    system, clip = Wav2Lip(Wav2LipConfig(size=size)).eval(), noise(size)
    return FRAMES / best(lambda: system.animate(clip, Clip(audio=clip.audio)))


def step(arm: str) -> float:
    """Milliseconds of a training step of 8 windows of 5 frames at 64 px."""
    learner = Apprentice(Wav2Lip(), ARMS[arm], steps=0, expert=SyncNet().eval().requires_grad_(False))
    batch = Windows([noise(64, 60)], WindowConfig(frames=9)).sample(8, rng=torch.Generator().manual_seed(0))
    training = Training(learner, TrainConfig(100), seed=0)
    return 1000 * best(lambda: training.advance(lambda rng: batch), runs=3)


def main() -> None:
    for threads in (1, 2):
        torch.set_num_threads(threads)
        print(f"{threads} thread{'s' * (threads > 1)}")
        for size in (64, 96):
            print(f"  {size} px: {painting(size):5.0f} frames/s")
        for arm in ARMS:
            print(f"  {arm:10} {step(arm):5.0f} ms a step")


if __name__ == "__main__":
    main()
