"""Chapters as pages of the book: solutions and answers folded away, links led to pages, the deck at hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from copy import deepcopy
from pathlib import Path
from urllib.parse import unquote

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from thlab.course.solutions import SOLUTION, with_stub, without_marks

STUB = "...  # yours"
CODE_OR_MATHS = re.compile(r"(```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$)", re.DOTALL)
ANSWER = re.compile(r"<details>\s*<summary>(.*?)</summary>\s*(.*?)\s*</details>", re.DOTALL)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
FOR_TESTS = re.compile(r"^# NBVAL_\w+\n", re.MULTILINE)
"""Comments that only the tests of notebooks read."""
FIRST_CLIP = re.compile(r"<video\b.*?</video>", re.DOTALL)


def chapter_page(notebook: NotebookNode, *, deck: str = "", rewrite: Callable[[str], str] = str) -> NotebookNode:
    """A chapter as the book shows it: its outputs, with solutions and answers behind folds, and its deck at the top.

    Args:
        notebook: the chapter; it stays as it is.
        deck: the markdown that embeds its deck; none when empty.
        rewrite: what else becomes of each markdown text: links led to pages, mentions of papers made links.
    """
    page = deepcopy(notebook)
    cells = [new for cell in page.cells for new in _page_cells(cell, rewrite)]
    page.cells = [*cells[:1], *([new_markdown_cell(deck)] if deck else []), *cells[1:]]
    for number, cell in enumerate(page.cells):
        cell["id"] = f"cell-{number:03d}"
    return page


def _page_cells(cell: NotebookNode, rewrite: Callable[[str], str]) -> list[NotebookNode]:
    if cell.cell_type == "markdown":
        return [new_markdown_cell(rewrite(with_slugs(with_folded_answers(cell.source))))]
    if cell.cell_type == "code" and SOLUTION.search(cell.source):
        return [new_markdown_cell(with_folded_solution(cell.source)), *_outputs_alone(cell)]
    if cell.cell_type == "code":
        cell.source = FOR_TESTS.sub("", cell.source)
    return [cell]


def _outputs_alone(cell: NotebookNode) -> list[NotebookNode]:
    if not cell.outputs:
        return []
    cell.metadata["tags"] = [*cell.metadata.get("tags", []), "remove-input"]
    return [cell]


def with_folded_solution(source: str) -> str:
    """The code of an exercise as markdown: what the student begins with, and the solution behind a fold.

    Args:
        source: a code cell with at least one solution between its marks.
    """
    return (
        f"````python\n{with_stub(source, STUB)}\n````\n\n"
        ":::::{dropdown} Show a solution\n:color: light\n:icon: eye\n\n"
        f"````python\n{without_marks(source)}\n````\n:::::"
    )


def with_folded_answers(markdown: str) -> str:
    """Answers in ``<details>`` become folds of the book, in which markdown is read as everywhere."""
    return ANSWER.sub(r"::::{dropdown} \1\n:color: light\n\n\2\n::::", markdown)


def outside_code(markdown: str, rewrite: Callable[[str], str]) -> str:
    """Rewrite a markdown text, but neither its code nor its formulas."""
    parts = CODE_OR_MATHS.split(markdown)
    return "".join(part if index % 2 else rewrite(part) for index, part in enumerate(parts))


def slug(anchor: str) -> str:
    """What the book calls the heading that JupyterLab calls so: small letters, no punctuation."""
    return re.sub(r"[^\w-]", "", unquote(anchor).lower())


def with_slugs(markdown: str) -> str:
    """Links to headings as the book names them."""

    def renamed(link: re.Match[str]) -> str:
        path, mark, anchor = link[3].partition("#")
        inside = mark and not OUTSIDE.match(link[3])
        return f"{link[1]}[{link[2]}]({path}#{slug(anchor)})" if inside else link[0]

    return outside_code(markdown, lambda text: LINK.sub(renamed, text))


def relinked(markdown: str, *, here: Path, root: Path, pages: Iterable[Path]) -> str:
    """Links between files of the repository, led to where these lie in the book.

    A link to a page of the book stays a link; of one to another file of the repository the words stay.

    Args:
        markdown: a page.
        here: the folder that it lies in.
        root: the repository.
        pages: the files that are in the book; those of ``book/`` come to lie beside the folder ``chapters``.

    Raises:
        ValueError: a link leads nowhere.
    """
    inside = {page.resolve() for page in pages}

    def led(link: re.Match[str]) -> str:
        path, mark, anchor = link[3].partition("#")
        if OUTSIDE.match(link[3]) or not path:
            return link[0]
        target = (here / unquote(path)).resolve()
        if target not in inside and not target.exists():
            raise ValueError(f"expected links that lead somewhere, got ({link[3]}) in {here.name}/; mend the link")
        place = f"{_from(here, root)}{_place(target, root)}{mark}{anchor}"
        return f"{link[1]}[{link[2]}]({place})" if target in inside else link[2]

    return outside_code(markdown, lambda text: LINK.sub(led, text))


def _place(file: Path, root: Path) -> str:
    """Where a file of the repository lies in the book."""
    return file.relative_to(root.resolve()).as_posix().removeprefix("book/")


def _from(folder: Path, root: Path) -> str:
    """The way from a folder's place in the book to the book's top."""
    depth = len([part for part in folder.resolve().relative_to(root.resolve()).parts if part != "book"])
    return "../" * depth


def deck_frame(name: str, *, pdf: bool) -> str:
    """Markdown that embeds a deck in the page of its chapter; ``deck.js`` loads it when the fold is opened.

    Args:
        name: the stem that chapter and deck share.
        pdf: whether its PDF lies beside it.
    """
    address = f"../slides/{name}"
    papers = f' · <a href="{address}.pdf">as PDF</a>' if pdf else ""
    return f"""::::{{dropdown}} The lecture: slides of this chapter
:color: light

<div class="deck">
<iframe data-src="{address}.html" title="Slides of this chapter" allowfullscreen></iframe>
</div>
<p class="deck-links">Click on a slide, then go on with the arrow keys.
<a href="{address}.html" target="_blank">Full screen</a>{papers}</p>
::::"""


def first_clip(notebook: NotebookNode) -> str:
    """The first clip that a chapter shows, as HTML; empty when it shows none."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = "\n".join("".join(output.get("data", {}).get("text/html", "")) for output in outputs)
    found = FIRST_CLIP.search(shown)
    return found[0] if found else ""
