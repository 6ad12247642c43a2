"""How quickly clips are written and read at 256 pixels on one core, and how far memory grows over ten minutes.

``python tests/benchmarks/bench_media.py`` prints the figures and fails when one misses its mark.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import torch
from PIL import Image

from thlab.media import ClipWriter, read_audio, stream_frames
from thlab.timebase import SAMPLE_RATE, seconds_to_frames

SIDE = 256
MINUTES = 10
WRITES, READS = 300, 300
"""Frames a second that must be reached, in seconds of one core."""
GROWTH = 30
"""Megabytes by which memory may grow from the end of the first minute."""


def moving_picture(frames: int) -> Iterator[np.ndarray]:
    """A soft texture under a window that circles: about as hard to encode as a head that moves."""
    noise = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    wide = np.asarray(Image.fromarray(noise).resize((SIDE + 64, SIDE + 64), Image.Resampling.BICUBIC))
    for number in range(frames):
        top, left = (round(32 + 30 * wave) for wave in (np.sin(number / 17), np.cos(number / 11)))
        yield wide[top : top + SIDE, left : left + SIDE]


def resident() -> float:
    return psutil.Process(os.getpid()).memory_info().rss / 1e6


def write(path: Path) -> tuple[float, float]:
    """Frames a second of one core, and megabytes grown since the first minute."""
    count, minute = seconds_to_frames(60.0 * MINUTES), seconds_to_frames(60.0)
    sound = 0.1 * torch.randn(60 * MINUTES * SAMPLE_RATE, generator=torch.Generator().manual_seed(0))
    start, first = time.process_time(), 0.0
    with ClipWriter(path, (SIDE, SIDE), audio=sound) as writer:
        for number, frame in enumerate(moving_picture(count)):
            writer.write(frame)
            if number == minute:
                first = resident()
    return count / (time.process_time() - start), resident() - first


def read(path: Path) -> float:
    """Frames a second of one core."""
    start = time.process_time()
    return sum(1 for _ in stream_frames(path)) / (time.process_time() - start)


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "long.mp4"
        (writes, growth), reads = write(path), read(path)
        start = time.perf_counter()
        seconds = len(read_audio(path)) / SAMPLE_RATE
        print(f"{MINUTES} minutes at {SIDE}×{SIDE}, {path.stat().st_size / 1e6:.0f} MB")
        print(f"  written   {writes:6.0f} frames a second of one core  (at least {WRITES})")
        print(f"  read      {reads:6.0f} frames a second of one core  (at least {READS})")
        print(f"  memory    {growth:+6.1f} MB since the first minute     (at most {GROWTH})")
        print(f"  sound     {seconds / (time.perf_counter() - start):6.0f} times faster than real time, read alone")
    return int(writes < WRITES or reads < READS or growth > GROWTH)


if __name__ == "__main__":
    sys.exit(main())
