"""Folders of notebooks that are read."""

from __future__ import annotations

from pathlib import Path


def numbered(folder: Path) -> list[Path]:
    """The chapters or decks of a folder, in order: notebooks whose names begin with two digits."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))
