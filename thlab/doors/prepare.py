"""``thlab prepare VIDEO``: somebody's own video becomes clips to learn from, with estimated truth."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "make clips to train on of a video in which a person speaks"


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("video", metavar="VIDEO", type=Path, help="any format, size and frame rate, with sound")
    command.add_argument(
        "-o", "--output", type=Path, help="folder for the clips (default: out/prepared/NAME-OF-THE-VIDEO)"
    )
    command.add_argument("--size", type=int, default=128, help="pixels a side, even, 32 to 512 (default: 128)")
    command.add_argument(
        "--test-seconds", type=float, help="how much of the end is the test (default: 10, or a fifth of a shorter one)"
    )
    command.add_argument("--face-index", type=int, help="which face, from 0 by size (default: the largest)")
    command.add_argument(
        "--shift-sound", type=float, default=0.0, metavar="MS", help="put the sound later by so much; =-80 is earlier"
    )
    command.add_argument("--replace", action="store_true", help="replace a folder that an earlier run made")
    command.add_argument("--quiet", action="store_true", help="no progress bars")


def run(options: argparse.Namespace) -> int:
    from thlab.corpus.prepare import PrepareConfig, prepare

    config = PrepareConfig(options.size, options.test_seconds, options.face_index, options.shift_sound)
    folder = options.output or Path("out/prepared") / options.video.stem
    report = prepare(options.video, folder, config, replace=options.replace, quiet=options.quiet)
    print("\n".join(report.lines()))
    print(folder)
    return 0
