"""``thlab publish WHAT``: the course in other forms: student notebooks, slides, a website."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

SUMMARY = "build the student notebooks, the slides or the book of the course"
BUILDERS = {
    "student": "thlab.course.publish.student:build_student",
    "learn": "thlab.course.publish.student:copy_for_learning",
    "slides": "thlab.course.publish.slides:build_slides",
    "book": "thlab.course.publish.book:build_book",
    "timings": "thlab.course.publish.timings:measure_course",
}


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("what", choices=BUILDERS, help="what to build")
    command.add_argument("--only", nargs="+", metavar="NN", default=[], help="slides: these decks only")
    command.add_argument("--no-pdf", action="store_true", help="slides: no PDF, which would need Chromium")
    command.add_argument("-o", "--output", type=Path, help="where to (default: a folder in build/)")


def run(options: argparse.Namespace) -> int:
    if options.what != "slides" and (options.only or options.no_pdf):
        raise ValueError(f"--only and --no-pdf are for slides, not for '{options.what}'; leave them out")
    named: dict[str, Any] = {"output": _place(options.output, file=options.what == "timings")} if options.output else {}
    if options.what == "slides":
        named |= {"only": options.only, "pdf": not options.no_pdf}
    for path in builder(options.what)(**named):
        print(path)
    return 0


def _place(output: Path, *, file: bool) -> Path:
    """Where to build, if a file or a folder can be there."""
    wanted, found = ("file", "folder") if file else ("folder", "file")
    if output.exists() and output.is_file() != file:
        raise ValueError(f"expected a {wanted} to write to, but {output} is a {found}; name another place")
    return output


def builder(what: str) -> Callable[..., list[Path]]:
    """The function that builds it; its libraries are those of the extra ``dev``.

    Raises:
        ValueError: one of them is not installed.
    """
    module, _, name = BUILDERS[what].partition(":")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as missing:
        remedy = "run: pip install -e '.[course,dev]'"
        raise ValueError(f"'{what}' needs {missing.name}, which is not installed; {remedy}") from None
