"""Notebooks, run from top to bottom on a fresh kernel."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

LONGEST = 600
"""Seconds that one cell may take."""
QUIET = ["--log-level=ERROR"]
"""Kernels else warn that they listen on loopback without encryption."""


def run(notebook: NotebookNode, folder: Path, *, environment: Mapping[str, str] | None = None) -> NotebookNode:
    """Run all cells, in place.

    Args:
        notebook: gets outputs, the times at which cells ran, and the state of its widgets.
        folder: in which it runs.
        environment: variables that the kernel gets besides ours.

    Returns:
        The notebook.

    Raises:
        ValueError: a cell fails; the error's name and message, in one line.
    """
    place = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=LONGEST, resources=place, extra_arguments=QUIET)
    try:
        return client.execute(env={**os.environ, **(environment or {})})
    except CellExecutionError as error:
        reason = " ".join(f"{error.ename}: {error.evalue}".split())
        raise ValueError(f"expected a notebook whose cells run, but one fails: {reason}") from None
