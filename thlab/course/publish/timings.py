"""How long the chapters and decks run: measured cell by cell on a fresh kernel, kept as JSON, and shown by the book."""

from __future__ import annotations

import json
import os
import platform
import re
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from textwrap import shorten
from typing import Any

import nbformat

from thlab.course import ROOT
from thlab.course.publish.folders import numbered
from thlab.course.publish.kernel import run
from thlab.media.atomic import atomic_path

TIMINGS = ROOT / "book" / "timings.json"
FOLDERS = {"chapters": "Chapters", "slides": "Decks"}
"""Where the notebooks lie, and what the page calls them."""
NAMED = ("torch", "numpy")
"""Packages whose version a time depends on."""
HEAD = """# Running times

Every notebook was run from top to bottom on a fresh kernel: *all* counts from the start of the kernel to its end. What
thlab keeps between runs was there already; the very first run has to make some of the clips. Your machine will differ.
"""
COLUMNS = """| notebook | code cells | all (s) | slowest cell (s) | which begins with |
| --- | ---: | ---: | ---: | --- |
"""
MOST_CODE = 60
"""Letters of a line of code in the table."""
FOOT = "`thlab publish timings` measures again, and the book is built from what it wrote.\n"


def notebooks() -> list[Path]:
    """All chapters, then all decks, in order."""
    return [path for folder in FOLDERS for path in numbered(ROOT / folder)]


def measure(paths: Sequence[Path]) -> dict[str, Any]:
    """Run notebooks, one after the other.

    Args:
        paths: the notebooks; they stay as they are. Each runs in its own folder.

    Returns:
        ``measured`` (the day), ``machine`` (cores, processor, versions) and, by path in the repository, ``notebooks``:
        ``title``, ``seconds`` in all, ``cells``, and of the slowest cell its ``seconds`` and the first line of its
        ``code``.

    Raises:
        ValueError: a cell fails.
    """
    here = machine()
    return {
        "measured": date.today().isoformat(), "machine": here, "notebooks": {_name(path): timed(path) for path in paths}
    }  # fmt: skip


def _name(path: Path) -> str:
    return path.resolve().relative_to(ROOT).as_posix() if path.resolve().is_relative_to(ROOT) else path.name


def timed(path: Path) -> dict[str, Any]:
    """The title of a notebook, and its seconds, in all and of its slowest cell.

    Raises:
        ValueError: a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    run(notebook, path.parent)
    seconds = time.perf_counter() - start
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    slowest = max(cells, key=cell_seconds)
    return {
        "title": notebook.cells[0].source.splitlines()[0].lstrip("# "),
        "seconds": round(seconds, 1),
        "cells": len(cells),
        "slowest": {"seconds": round(cell_seconds(slowest), 1), "code": first_line(slowest.source)},
    }


def cell_seconds(cell: nbformat.NotebookNode) -> float:
    """Between the moment the kernel took the cell up and its reply."""
    noted = cell.metadata["execution"]
    begin, end = (datetime.fromisoformat(noted[key]) for key in ("iopub.execute_input", "shell.execute_reply"))
    return (end - begin).total_seconds()


def first_line(source: str) -> str:
    """The first line that does something: no comment, and no import unless there is nothing else."""
    lines = [line.strip() for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    doing = [line for line in lines if not re.match(r"(from|import)\b", line)]
    return (doing or lines or [""])[0]


def machine() -> dict[str, Any]:
    """What the times are taken on, and how many processes keep it ``busy`` already; no name of it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {
        "cores": cores,
        "processor": _processor(),
        "busy": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0,
        "python": platform.python_version(),
        **{name: version(name) for name in NAMED},
    }


def _processor() -> str:
    """Its name where the system tells, else its kind."""
    told = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.*)$", told.read_text(), re.MULTILINE) if told.exists() else None
    return found[1].strip() if found else platform.processor() or platform.machine()


def measure_course(output: Path = TIMINGS, paths: Sequence[Path] | None = None) -> list[Path]:
    """Measure notebooks, all of them when none are named, and write what the book's page is made from.

    Entries of other notebooks stay if the file is there, so that one chapter can be measured alone.

    Returns:
        The file, alone.

    Raises:
        ValueError: a cell fails.
    """
    found = measure(notebooks() if paths is None else paths)
    kept = read_timings(output)["notebooks"] if output.exists() and paths is not None else {}
    found = found | {"notebooks": dict(sorted((kept | found["notebooks"]).items()))}
    with atomic_path(output) as part:
        part.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return [output]


def read_timings(path: Path = TIMINGS) -> dict[str, Any]:
    """What was measured last.

    Raises:
        ValueError: nothing was.
    """
    if not path.exists():
        raise ValueError(f"expected running times in {path.name}, but there are none; run thlab publish timings")
    return json.loads(path.read_text(encoding="utf-8"))


def timings_page(timings: Mapping[str, Any]) -> str:
    """The page of running times, in markdown."""
    told = timings["machine"]
    versions = ", ".join(f"{name} {told[name]}" for name in ("python", *NAMED))
    beside = f", which {told['busy']:.0f} other processes kept busy" if told["busy"] >= 1 else ""
    where = f"Measured on {timings['measured']}: {told['cores']} cores of {told['processor']}{beside}; {versions}.\n"
    tables = [_table(title, folder, timings["notebooks"]) for folder, title in FOLDERS.items()]
    return "\n".join([HEAD, where, *tables, FOOT])


def _table(title: str, folder: str, times: Mapping[str, Any]) -> str:
    rows = [_row(name, entry) for name, entry in sorted(times.items()) if name.startswith(f"{folder}/")]
    return f"## {title}\n\n{COLUMNS}" + "\n".join(rows) + "\n"


def _row(name: str, entry: Mapping[str, Any]) -> str:
    slowest, stem = entry["slowest"], Path(name).stem
    deck = f'<a href="slides/{stem}.html">{entry["title"]}</a>'
    link = f"[{entry['title']}]({name})" if name.startswith("chapters/") else deck
    code = shorten(slowest["code"], MOST_CODE, placeholder=" …").replace("|", "\\|").replace("`", "'")
    return f"| {link} | {entry['cells']} | {entry['seconds']:.0f} | {slowest['seconds']:.1f} | `{code}` |"
