"""Folders of notebooks that are read, and folders of a build that take the place of an older one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


def numbered(folder: Path) -> list[Path]:
    """The chapters or decks of a folder, in order: notebooks whose names begin with two digits."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


@contextmanager
def replaced(output: Path) -> Iterator[Path]:
    """Give a new folder beside ``output``, which takes its place as a whole when all went well, and else is deleted."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as scratch:
        new, old = Path(scratch) / "new", Path(scratch) / "old"
        new.mkdir()
        yield new
        if output.exists():
            shutil.move(output, old)
        new.rename(output)
