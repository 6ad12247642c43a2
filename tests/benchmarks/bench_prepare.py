"""How fast and in how much memory ``thlab prepare`` works: ``python tests/benchmarks/bench_prepare.py [MINUTES]``.

A sample of the repository is repeated to so many minutes (default 2) without coding it again. Memory is that of the
process in each tenth of its time, in MB; it should stop growing once everything is loaded.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path

import av
import numpy as np

from thlab.corpus.prepare import prepare

SAMPLE = Path(__file__).parents[2] / "data_samples" / "00-neutral.mp4"


def repeat(source: Path, target: Path, minutes: float) -> None:
    """The streams of a video again and again, their time stamps moved on."""
    with av.open(str(source)) as given, av.open(str(target), "w") as made:
        streams = {stream.type: made.add_stream_from_template(stream) for stream in given.streams}
        length, begin = given.duration / av.time_base, 0.0
        while begin < 60 * minutes:
            given.seek(0)
            for packet in given.demux():
                if packet.dts is None:
                    continue
                step = round(begin / packet.time_base)
                packet.pts, packet.dts = packet.pts + step, packet.dts + step
                packet.stream = streams[packet.stream.type]
                made.mux(packet)
            begin += length


def resident() -> float:
    """Megabytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    with tempfile.TemporaryDirectory() as folder:
        video, memory, done = Path(folder) / "long.mkv", [], threading.Event()
        repeat(SAMPLE, video, minutes)

        def sample() -> None:
            while not done.wait(0.5):
                memory.append(resident())

        threading.Thread(target=sample, daemon=True).start()
        begin = time.perf_counter()
        report = prepare(video, Path(folder) / "clips")
        seconds = time.perf_counter() - begin
        done.set()
    tenths = [f"{part.max():.0f}" for part in np.array_split(np.array(memory), 10)]
    print(f"{report.seconds:.0f} s of video in {seconds:.0f} s: {25 * report.seconds / seconds:.0f} frames/s")
    print(f"memory by tenths of the time, MB: {' '.join(tenths)}")


if __name__ == "__main__":
    main()
