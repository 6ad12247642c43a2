"""``thlab validate NAME``: show how a metric passes its own test, before it judges anything."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "put a metric through its own test: planted shifts, planted defects, closed forms"


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", metavar="NAME", nargs="?", help="a metric; without one, all are listed")
    command.add_argument("--quiet", action="store_true", help="no progress bars")
    command.add_argument("-o", "--output", type=Path, default=Path("out/validation"), help="folder of the JSON")


def run(options: argparse.Namespace) -> int:
    from thlab.experiments import validation

    if options.name is None:
        width = max(map(len, validation.VALIDATIONS))
        print("\n".join(f"{name:{width}}  {validation.SUMMARIES[name]}" for name in validation.VALIDATIONS))
        return 0
    if options.output.exists() and not options.output.is_dir():
        raise ValueError(f"expected a folder to write into, but {options.output} is a file; name another place")
    result = validation.validate(options.name, quiet=options.quiet)
    print("\n".join(result.lines))
    print(result.save(options.output))
    return 0
