"""Speed of learning and of painting: the loop against the bare steps within it, and Speech2Vid's frames a second.

    python tests/benchmarks/bench_training.py

The loop (clipping, schedule, moving average, history) and the bare forward, backward and step take turns on the same
batches, and the medians are compared. Painting is timed through ``animate``, from sound to uint8 frames.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import torch

from thlab.corpus.plan import CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.corpus.windows import WindowConfig, Windows
from thlab.experiments.portraits import portrait
from thlab.experiments.train import TrainConfig, Training
from thlab.media import Batch, Clip
from thlab.nn.sequence import parameter_count
from thlab.systems.speech2vid import Speech2Vid, Speech2VidConfig

ROUNDS = 40
SECONDS_OF_SOUND = 8


def batches() -> list[Batch]:
    """Eight windows of seven frames at 64 px, as the laptop budget has them."""
    config = CorpusConfig(size=64, emotions=("neutral",), clips_an_actor=1, masks=False)
    windows = Windows(SyntheticCorpus(config, cache=None).clips(range(2)), WindowConfig(frames=7, stills=5))
    rng = torch.Generator().manual_seed(0)
    return [windows.sample(8, rng=rng) for _ in range(8)]


def bare(system: Speech2Vid, optimizer: torch.optim.Optimizer, batch: Batch) -> None:
    """Forward, backward, step."""
    total = sum(system.losses(batch, player="generator", rng=torch.Generator()).values())
    optimizer.zero_grad(set_to_none=True)
    total.backward()
    optimizer.step()


def seconds(job, *arguments: object) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    job(*arguments)
    return time.perf_counter() - began


def overhead() -> None:
    """The loop's step over the bare one."""
    given, systems = batches(), [Speech2Vid().train() for _ in range(2)]
    training = Training(systems[0], TrainConfig(4 * ROUNDS), seed=0)
    optimizer = torch.optim.AdamW(systems[1].parameters(), 1e-3)
    pairs = []
    for turn in range(ROUNDS):
        batch = given[turn % len(given)]
        loop = seconds(training.advance, lambda rng, batch=batch: batch)
        pairs.append((loop, seconds(bare, systems[1], optimizer, batch)))
    loop, plain = (statistics.median(times) for times in zip(*pairs[5:], strict=True))
    print(f"a step: bare {1000 * plain:.0f} ms, loop {1000 * loop:.0f} ms, overhead {100 * (loop / plain - 1):+.1f} %")
    with tempfile.TemporaryDirectory() as folder:
        print(f"keeping the state: {1000 * seconds(training.save, Path(folder) / 'a.state'):.0f} ms, every 20 s")


def painting(size: int) -> None:
    """Frames a second from sound to pictures."""
    system = Speech2Vid(Speech2VidConfig(size=size)).eval()
    reference, driving = portrait(3, size=size), Clip(audio=torch.randn(SECONDS_OF_SOUND * 16_000) / 10)
    system.animate(reference, driving)
    rates = [len(driving) / seconds(system.animate, reference, driving) for _ in range(5)]
    print(f"Speech2Vid at {size} px ({parameter_count(system):,} parameters): {statistics.median(rates):.0f} frames/s")


if __name__ == "__main__":
    overhead()
    for size in (64, 96):
        painting(size)
