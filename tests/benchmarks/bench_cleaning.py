"""Cleaning on recordings: how fast each part is, and whether the offset of a sound moves as far as the sound is moved.

    python tests/benchmarks/bench_cleaning.py VIDEO …

Nobody knows how late the sound of a recording is; but when it is moved by so many milliseconds, what is measured must
move by as many. The first line of a video is what ``thlab clean`` measures, and frames a second; the second, over
pieces of 5 s, the error of the movement, for moves from −400 to 400 ms.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from thlab.corpus.cleaning.defects import late_sound
from thlab.corpus.cleaning.inspection import Inspection, inspect_file, sound_from_first_picture
from thlab.corpus.cleaning.rules import CLEAR, RULES, judge
from thlab.corpus.cleaning.sync import measure_sync
from thlab.media import Clip
from thlab.timebase import frames_to_samples, seconds_to_frames

MOVES = (-400.0, -217.0, -90.0, 130.0, 290.0, 400.0)
"""Milliseconds; few are whole frames."""
PIECE = seconds_to_frames(5.0)
MOST_PIECES = 6


def moved_errors(path: Path, seen: Inspection) -> Iterator[tuple[float, bool]]:
    """Error of the movement in each piece, in ms, and whether the offset before and after was told to be sure."""
    audio, face = sound_from_first_picture(path), seen.face
    if audio is None or face is None:
        return
    length = min(PIECE, len(face))
    for start in list(range(0, len(face) - length + 1, length))[:MOST_PIECES]:
        part, track = audio[frames_to_samples(start) : frames_to_samples(start + length)], face[start : start + length]
        before = measure_sync(part, track)
        for ms in MOVES:
            moved = late_sound(Clip(audio=part), ms=ms).audio
            after = None if moved is None else measure_sync(moved, track)
            if before is not None and after is not None and abs(before.offset_ms + ms) < 560:
                yield after.offset_ms - before.offset_ms - ms, min(before.confidence, after.confidence) >= CLEAR


def report(path: Path) -> list[tuple[float, bool]]:
    begun = time.perf_counter()
    seen = inspect_file(path)
    seconds = time.perf_counter() - begun
    values = ", ".join(f"{rule.name} {rule.measure(seen):.3g}" for rule in RULES)
    reasons = "; ".join(map(str, judge(seen))) or "kept"
    print(f"{path.name}: {seen.frames} frames, {seen.frames / seconds:.0f} a second; {values}\n  {reasons}")
    if seen.sync is not None:
        sync = seen.sync
        print(f"  offset {sync.offset_ms:+.0f} ms, r {sync.correlation:.2f}, confidence {sync.confidence:.1f}")
    moved = list(moved_errors(path, seen))
    print("  moved by known amounts: " + told(moved), flush=True)
    return moved


def told(moved: list[tuple[float, bool]]) -> str:
    if not moved:
        return "nothing to measure"
    errors, sure = np.abs([error for error, _ in moved]), np.array([is_sure for _, is_sure in moved])
    text = f"{len(errors)} measurements, median {np.median(errors):.0f} ms, within 60 ms {np.mean(errors < 60):.0%}"
    return text + (f"; of the {sure.mean():.0%} that are sure {np.mean(errors[sure] < 60):.0%}" if sure.any() else "")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("name videos to look at")
    print("all: " + told([error for name in sys.argv[1:] for error in report(Path(name))]))
