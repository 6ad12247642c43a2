"""The command line: ``thlab talk``, ``thlab doctor`` and the rest; each command lives in ``thlab/doors``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from thlab import __version__, doors


class Parser(argparse.ArgumentParser):
    """An argument parser that answers a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(f"{message}; see '{self.prog} --help'")


def parser() -> Parser:
    """Every command with its options; nothing heavy is imported to build it."""
    top = Parser(prog="thlab", description="Talking-head video generation, rebuilt in small pieces.")
    top.add_argument("--version", action="version", version=f"thlab {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    for name, door in doors.DOORS.items():
        command = commands.add_parser(name, help=door.SUMMARY, description=door.SUMMARY)
        door.add_options(command)
        command.set_defaults(run=door.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a mistake in its input is one line on stderr and the exit status 2."""
    try:
        options = parser().parse_args(arguments)
        return options.run(options)
    except BrokenPipeError:  # whoever read our output, such as head, has had enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would complain when it flushes
        return 0
    except (ValueError, OSError) as error:
        print(f"thlab: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("thlab: stopped; nothing was written", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
