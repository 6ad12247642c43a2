"""Decks for the lecture hall: each ``slides/NN_topic.ipynb`` becomes a page of reveal.js without network, and a PDF."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
from nbconvert import SlidesExporter

from thlab.course import ROOT
from thlab.course.publish.browser import browser_at, page_of
from thlab.course.publish.folders import numbered
from thlab.course.publish.kernel import run
from thlab.course.publish.vendor import vendored
from thlab.course.widgets.explorer import PUBLISHING
from thlab.media.atomic import atomic_path

DECKS = ROOT / "slides"
TEMPLATES = Path(__file__).parent / "templates"
EXPLORES = ".on_slide("
"""What cells with an explorer call."""
SHOWS_CODE = "show-code"
"""The tag of cells whose code is the point of the slide."""
AT_ONCE = 2
"""Decks whose cells run side by side."""
TO_CHAPTER = re.compile(r"\[([^\]]+)\]\(\.\./chapters/[^)]+\)")
READY = "() => window.Reveal && Reveal.isReady() && (!window.MathJax || !MathJax.isReady || !MathJax.Hub.queue.pending)"


def build_slides(
    output: Path = ROOT / "build" / "slides", *, decks: Path = DECKS, only: Sequence[str] = (), pdf: bool = True
) -> list[Path]:
    """Build every deck.

    Args:
        output: folder of the pages; ``vendor/`` beside them holds the JavaScript that they share.
        decks: folder of the notebooks.
        only: numbers or names, in part; all decks when empty.
        pdf: print each to a PDF as well, which needs Chromium.

    Returns:
        The files of the decks, pages first.

    Raises:
        ValueError: there is no such deck, or npm or Chromium is missing.
    """
    sources = [path for path in numbered(decks) if not only or any(name in path.name for name in only)]
    if not sources:
        raise ValueError(f"expected decks in {decks} called {', '.join(only) or 'NN_topic.ipynb'}, found none")
    if pdf:
        browser_at()  # refused before anything is built
    output.mkdir(parents=True, exist_ok=True)
    vendored(output / "vendor")
    with ThreadPoolExecutor(AT_ONCE) as pool:  # each waits for a kernel of its own
        texts = list(pool.map(page, sources))
    pages = [_written(output / f"{path.stem}.html", text.encode()) for path, text in zip(sources, texts, strict=True)]
    return pages + (print_pdfs(pages) if pdf else [])


def page(deck: Path) -> str:
    """The HTML of a deck; what it shares with others lies in ``vendor/``."""
    notebook = nbformat.read(deck, as_version=4)
    notebook = with_widgets(notebook, deck.parent)
    title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
    style = (TEMPLATES / "deck" / "style.css").read_text(encoding="utf-8")
    exporter = SlidesExporter(template_name="deck", extra_template_basedirs=[str(TEMPLATES)])
    html, _ = exporter.from_notebook_node(prepared(notebook), {"deck": {"title": title, "style": style}})
    return html


def prepared(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The deck with what its template asks for: the kind of each slide, and whether a cell shows its code."""
    for number, cell in enumerate(notebook.cells):
        heading = cell.source.lstrip()
        kind = "title" if number == 0 else "question" if heading.startswith("## Question") else "content"
        cell.metadata["deck_class"] = kind
        cell.metadata["shows_code"] = SHOWS_CODE in cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            cell.source = TO_CHAPTER.sub(r"\1", cell.source)
    return notebook


def with_widgets(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """The deck with explorers that a slider leafs through without a kernel.

    Their cells are executed anew, after the imports of the cells that are skipped on slides, and may use nothing else.

    Raises:
        ValueError: a cell fails.
    """
    explorers = [cell for cell in notebook.cells if cell.cell_type == "code" and EXPLORES in cell.source]
    if not explorers:
        return notebook
    begin = nbformat.v4.new_code_cell("\n".join(map(_imports, notebook.cells)))
    part = nbformat.v4.new_notebook(cells=[begin, *explorers], metadata=notebook.metadata)
    executed = run(part, folder, environment={PUBLISHING: "1"})
    anew = {cell.id: cell for cell in executed.cells}
    cells = [anew.get(cell.id, cell) for cell in notebook.cells]
    return nbformat.v4.new_notebook(cells=cells, metadata=executed.metadata)


def _imports(cell: nbformat.NotebookNode) -> str:
    """What a cell imports that slides skip; nothing of others."""
    if cell.cell_type != "code" or cell.metadata.get("slideshow", {}).get("slide_type") != "skip":
        return ""
    lines = ast.parse(cell.source).body
    return "\n".join(ast.unparse(line) for line in lines if isinstance(line, ast.Import | ast.ImportFrom))


def print_pdfs(pages: Sequence[Path]) -> list[Path]:
    """Print decks as they are projected, a slide a page; clips show their poster.

    Raises:
        ValueError: there is no Chromium.
    """
    with page_of(browser_at()) as tab:
        return [_printed(tab, path) for path in pages]


def _printed(tab: Any, path: Path) -> Path:
    tab.goto(f"{path.resolve().as_uri()}?print-pdf")
    tab.wait_for_function(READY)
    pages = f"1-{tab.evaluate('Reveal.getTotalSlides()')}"  # an empty one follows the last
    data = tab.pdf(prefer_css_page_size=True, print_background=True, page_ranges=pages)
    return _written(path.with_suffix(".pdf"), data)


def _written(path: Path, data: bytes) -> Path:
    with atomic_path(path) as part:
        part.write_bytes(data)
    return path
