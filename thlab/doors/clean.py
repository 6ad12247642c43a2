"""``thlab clean``: measure videos, and say which are fit to learn from, and why the others are not."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

SUMMARY = "say which videos are fit to learn from: one face, no cuts, sharp, well lit, in sync"


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", metavar="VIDEO", nargs="*", type=Path, help="videos, or folders that hold some")
    command.add_argument("-o", "--output", type=Path, help="write the whole table as CSV")
    command.add_argument("--keep", type=Path, metavar="FOLDER", help="link the clips that are kept into a new folder")
    command.add_argument("--skip-damaged", action="store_true", help="report files that cannot be read, and go on")
    command.add_argument("--thresholds", action="store_true", help="print how the thresholds were chosen")
    command.add_argument("--labels", action="store_true", help="print how often automatic labels are right")


def run(options: argparse.Namespace) -> int:
    if options.thresholds or options.labels:
        print("\n".join(records(options)))
        return 0
    _check(options)
    from thlab.corpus.cleaning.table import clean, counted, videos_in, write_table

    rows = []
    for row in clean(videos_in(options.paths), skip_damaged=options.skip_damaged):
        print(row, flush=True)
        rows.append(row)
    print("\n".join(counted(rows)))
    if options.output is not None:
        write_table(rows, options.output)
    if options.keep is not None:
        link([row.path for row in rows if row.verdict == "kept"], options.keep)
    return 0


def records(options: argparse.Namespace) -> list[str]:
    """What was measured when thresholds were chosen and labels learned."""
    from thlab.experiments.cleaning_thresholds import read_record
    from thlab.experiments.label_accuracy import read_accuracy

    thresholds = read_record().lines() if options.thresholds else []
    return [*thresholds, *(read_accuracy().lines() if options.labels else [])]


def link(videos: Sequence[Path], folder: Path) -> None:
    """Link videos into a folder by their names; those of one name are numbered.

    Nothing is copied, moved or replaced.
    """
    folder.mkdir(parents=True)
    for video in videos:
        place, number = folder / video.name, 2
        while place.is_symlink():
            place, number = folder / f"{video.stem}-{number}{video.suffix}", number + 1
        place.symlink_to(video.resolve())


def _check(options: argparse.Namespace) -> None:
    """Refuse before anything is measured what would fail after it.

    Raises:
        ValueError: no video is named, or a place to write to is taken.
    """
    if not options.paths:
        raise ValueError("expected videos or folders to look at; see 'thlab clean --help'")
    if options.output is not None and (options.output.is_dir() or not options.output.absolute().parent.is_dir()):
        raise ValueError(f"the table cannot be written to {options.output}: name a file in a folder that is there")
    if options.keep is not None and options.keep.exists():
        raise ValueError(f"{options.keep} is there already; name a new folder for --keep, so that nothing is replaced")
