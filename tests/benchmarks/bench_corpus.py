"""How quickly the corpus comes into being at 64 pixels: voices, new people, performance, pictures, truth and disk.

``python tests/benchmarks/bench_corpus.py`` prints the figures and fails when they miss the mark, on an idle machine.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from thlab.corpus.synthetic import CorpusConfig, SyntheticCorpus

CONFIG = CorpusConfig(size=64)
PROCESSES = 2
GROUPS = 4
"""People that each process films."""
FRAMES_A_SECOND = 200
"""To be reached with two processes on two cores."""


def warm_up(folder: Path) -> None:
    """Compile what is compiled on first use, and keep it on disk for the processes."""
    SyntheticCorpus(CONFIG, cache=folder / "warm").clips([0])


def frames_in(corpus: SyntheticCorpus, count: int) -> int:
    return sum(len(corpus[index]) for index in range(count))


def measure(folder: Path, processes: int) -> tuple[int, float, float]:
    """Frames, the seconds that they took, and those of processor time, which depend less on who else is at work."""
    corpus = SyntheticCorpus(CONFIG, cache=folder / str(processes))
    count = processes * GROUPS * CONFIG.clips_an_actor
    start, used = time.perf_counter(), sum(os.times()[:4])
    corpus.prepare(count, processes=processes)
    seconds, busy = time.perf_counter() - start, sum(os.times()[:4]) - used
    return frames_in(corpus, count), seconds, busy


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warm_up(folder)
        rates = {}
        for processes in (1, PROCESSES):
            frames, seconds, busy = measure(folder, processes)
            rates[processes] = frames / seconds
            print(
                f"{processes} process(es): {frames} frames of {processes * GROUPS} new people in {seconds:.1f} s, "
                f"{rates[processes]:.0f} frames a second; {1000 * busy / frames:.1f} ms of processor time a frame"
            )
    print(f"mark: {FRAMES_A_SECOND} frames a second with {PROCESSES} processes")
    return 0 if rates[PROCESSES] >= FRAMES_A_SECOND else 1


if __name__ == "__main__":
    sys.exit(main())
