"""``thlab score REAL FAKE``: everything that is measured of a video that was made, beside the one that was filmed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thlab.experiments.scorecard import Scorecard

SUMMARY = "compare a made video with the real one: picture, mouth, sync, motion, in one table with intervals"


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("real", metavar="REAL", type=Path, help="a video as filmed, or a folder of them")
    command.add_argument("fake", metavar="FAKE", type=Path, help="what was made of it; in a folder, by the same names")
    command.add_argument("--cut", action="store_true", help="cut the longer of two videos to the shorter")
    command.add_argument("--resize", action="store_true", help="bring the made pictures to the size of the real ones")
    outputs(command)


def outputs(command: argparse.ArgumentParser) -> None:
    """Where a table may go beside the screen."""
    command.add_argument("--json", type=Path, metavar="FILE", help="write all numbers as JSON")
    command.add_argument("--figure", type=Path, metavar="FILE.png", help="draw the table")
    command.add_argument("--quiet", action="store_true", help="no progress bars")


def run(options: argparse.Namespace) -> int:
    check_outputs(options)
    for path in (options.real, options.fake):
        if not path.exists():
            raise ValueError(f"expected a video or a folder of videos, but there is nothing at {path}")
    from thlab.experiments.scorecard.compose import score_videos

    card = score_videos(options.real, options.fake, cut=options.cut, resize=options.resize, quiet=options.quiet)
    print("\n".join(card.lines()))
    return write_outputs(card, options)


def check_outputs(options: argparse.Namespace) -> None:
    """Refuse, before anything slow begins, places that cannot be written to.

    Raises:
        ValueError: a folder stands there, the figure is no PNG, or matplotlib is not installed.
    """
    for path, suffix in ((options.json, ".json"), (options.figure, ".png")):
        if path is None:
            continue
        if path.suffix.lower() != suffix or path.is_dir():
            raise ValueError(f"expected a file that ends in {suffix}, got {path}; name another")
    if options.figure is not None:
        from importlib.util import find_spec

        if find_spec("matplotlib") is None:
            raise ValueError("--figure needs matplotlib, which is not installed; run: pip install -e '.[course]'")


def write_outputs(card: Scorecard, options: argparse.Namespace) -> int:
    """JSON and figure, where they are asked for."""
    if options.json is not None:
        print(card.save(options.json))
    if options.figure is not None:
        from thlab.course.scorecard_figure import save_figure

        print(save_figure(card, options.figure))
    return 0
