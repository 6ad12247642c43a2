"""``thlab samples``: make the data samples again."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "make the twelve clips of data_samples again"


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("-o", "--output", type=Path, default=Path("data_samples"), help="folder to write into")


def run(options: argparse.Namespace) -> int:
    if options.output.exists() and not options.output.is_dir():
        raise ValueError(f"expected a folder to write into, but {options.output} is a file; name another place")
    from thlab.corpus.samples import write_samples

    for path in write_samples(options.output):
        print(path)
    return 0
