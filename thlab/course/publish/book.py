"""The course as a website that needs no network and no kernel: Jupyter Book, called in an environment of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from thlab.course import ROOT
from thlab.course.publish.citations import read_references
from thlab.course.publish.folders import numbered
from thlab.course.publish.mentions import linked, linked_deck, tell_where_named
from thlab.course.publish.pages import chapter_page, deck_frame, first_clip, relinked
from thlab.course.publish.site import complaints
from thlab.course.publish.timings import read_timings, timings_page
from thlab.course.solutions import CHAPTERS
from thlab.media.atomic import atomic_folder

WORDS = ROOT / "book"
"""Its own pages, its configuration and its style."""
PICTURES = ROOT / "docs"
DECKS = ROOT / "build" / "slides"
PYTHON = ROOT / ".venv-book" / "bin" / "python"
BIBLIOGRAPHY = WORDS / "references.bib"
ENTRY = "references.html#ref-"
"""The address of an entry, up to its key; ``bibtex_cite_id`` in ``_config.yml`` makes it."""
LOOK_UP = ("ethics", "glossary", "notation", "references", "timings")
TEACH = ("instructors",)
CLIP_HERE = "<!-- the first clip of chapter 00 -->"
REFERENCES = """# Bibliography

Every paper, book and standard that chapters and slides rest on. Where a page names author and year, the name leads
here; and each entry leads back to the pages that name it.

```{bibliography}
:all:
```
"""
SIGN = "searchindex.js"
"""A file that every book has."""
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
STRICT = ("--warningiserror", "--nitpick", "--keep-going", "--quiet")


def build_book(output: Path = ROOT / "build" / "book", *, python: Path = PYTHON, decks: Path = DECKS) -> list[Path]:
    """Build the website of the course.

    Args:
        output: its folder; what was there goes once the new one is complete.
        python: of the environment that holds ``book/requirements.txt``.
        decks: the folder that ``build_slides`` filled; its MathJax serves the book too.

    Returns:
        The first page, alone.

    Raises:
        ValueError: the environment or a deck is missing, the output folder holds something else, Sphinx warns of
            anything, a link inside of the book leads nowhere, or a page would ask another host for something.
    """
    _needs(python, decks)
    _may_replace(output)
    with atomic_folder(output) as site, TemporaryDirectory() as scratch:
        source = assembled(Path(scratch) / "source", decks)
        shutil.copytree(_sphinx(source, Path(scratch), python), site, dirs_exist_ok=True)
        _add_decks(decks, site / "slides")
        tell_where_named(site, ENTRY)
        if found := complaints(site):
            raise ValueError(f"expected a book that is whole and needs no network, got {'; '.join(found[:10])}")
    return [output / "index.html"]


def _pictures() -> list[Path]:
    return [path for path in sorted(PICTURES.iterdir()) if path.suffix in (".jpg", ".png", ".svg")]


def _needs(python: Path, decks: Path) -> None:
    if not python.exists():
        raise ValueError(f"the book needs an environment of its own, but there is no {python}; run make book")
    missing = [path.stem for path in numbered(CHAPTERS) if not (decks / f"{path.stem}.html").exists()]
    if missing:
        raise ValueError(f"the book shows each chapter's deck, but {decks} lacks {', '.join(missing)}; run make slides")


def _may_replace(output: Path) -> None:
    if output.exists() and any(output.iterdir()) and not (output / SIGN).exists():
        raise ValueError(f"{output} holds something that is no book; move it away, or build into another folder")


def assembled(folder: Path, decks: Path) -> Path:
    """Lay out what Jupyter Book builds from: copies of the pages and chapters, rewritten where they must be.

    Args:
        folder: where; made anew.
        decks: the folder of the built decks, for the links to their PDFs.

    Raises:
        ValueError: a link leads nowhere.
    """
    folder.mkdir(parents=True)
    shutil.copytree(WORDS / "_static", folder / "_static")
    (folder / PICTURES.name).mkdir()
    for picture in _pictures():
        shutil.copy(picture, folder / PICTURES.name)
    shutil.copyfile(WORDS / "_config.yml", folder / "_config.yml")
    shutil.copyfile(BIBLIOGRAPHY, folder / BIBLIOGRAPHY.name)
    (folder / "_toc.yml").write_text(json.dumps(contents()), encoding="utf-8")
    for name, text in _words().items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / CHAPTERS.name).mkdir()
    for path in numbered(CHAPTERS):
        _write_chapter(path, folder / CHAPTERS.name / path.name, pdf=(decks / f"{path.stem}.pdf").exists())
    return folder


def contents() -> dict:
    """The table of contents as Jupyter Book reads it, in JSON, which is YAML too."""
    parts = {
        "Chapters": [f"{CHAPTERS.name}/{path.stem}" for path in numbered(CHAPTERS)],
        "To look up": LOOK_UP,
        "For teachers": TEACH,
    }
    listed = [{"caption": name, "chapters": [{"file": file} for file in files]} for name, files in parts.items()]
    return {"format": "jb-book", "root": "index", "parts": listed}


def _words() -> dict[str, str]:
    """The book's own pages by file name: written by hand, but for the bibliography and the running times."""
    rewrite = _rewriting("")
    pages = {path.name: rewrite(path, path.read_text(encoding="utf-8")) for path in sorted(WORDS.glob("*.md"))}
    clip = first_clip(nbformat.read(numbered(CHAPTERS)[0], as_version=4))
    pages["index.md"] = pages["index.md"].replace(CLIP_HERE, clip)
    return pages | {"references.md": REFERENCES, "timings.md": timings_page(read_timings())}


def _write_chapter(path: Path, target: Path, *, pdf: bool) -> None:
    rewrite = _rewriting("../")
    page = chapter_page(
        nbformat.read(path, as_version=4),
        deck=deck_frame(path.stem, pdf=pdf),
        rewrite=partial(rewrite, path),
    )
    nbformat.write(page, target)


def led_to_places(path: Path, text: str) -> str:
    """The markdown of a file of the repository with its links led to where these lie in the book.

    Raises:
        ValueError: a link leads nowhere.
    """
    pages = [*numbered(CHAPTERS), *WORDS.glob("*.md"), *_pictures(), WORDS / "timings.md", WORDS / "references.md"]
    return relinked(text, here=path.parent, root=ROOT, pages=pages)


def _rewriting(top: str) -> Callable[[Path, str], str]:
    """What leads the links and mentions of a page's markdown to their places; ``top`` is the way to the book's top."""
    references = read_references(BIBLIOGRAPHY)
    return lambda path, text: _naming(path, lambda: linked(led_to_places(path, text), references, f"{top}{ENTRY}"))


def _naming(path: Path, work: Callable[[], str]) -> str:
    """Work on a file whose name any complaint begins with."""
    try:
        return work()
    except ValueError as error:
        raise ValueError(f"{path.parent.name}/{path.name}: {error}") from None


def _add_decks(decks: Path, folder: Path) -> None:
    """Copy the decks, with what they share, and lead their mentions to the bibliography."""
    shutil.copytree(decks, folder, ignore=shutil.ignore_patterns("*.part"))
    references = read_references(BIBLIOGRAPHY)
    for deck in sorted(folder.glob("*.html")):
        html = deck.read_text(encoding="utf-8")
        deck.write_text(_naming(deck, partial(linked_deck, html, references, f"../{ENTRY}")), encoding="utf-8")


def _sphinx(source: Path, scratch: Path, python: Path) -> Path:
    """Run Jupyter Book; anything that Sphinx warns of is an error, but for what ``_config.yml`` names."""
    command: Sequence[str | Path] = [python, "-c", JUPYTER_BOOK, "build", source, "--path-output", scratch, *STRICT]
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUPYTER"))}
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, env=alone)
    if done.returncode:
        log = said(done.stdout + done.stderr, source)
        raise ValueError(f"expected Jupyter Book to build without warnings, but it says: {log}")
    return scratch / "_build" / "html"


def said(log: str, source: Path) -> str:
    """The warnings and errors of a log, without colours and without the machine's folders."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", log).replace(f"{source}/", "")
    lines = [line.strip() for line in plain.splitlines() if re.search(r"WARNING|ERROR|Error:|CRITICAL", line)]
    return " · ".join(lines[:12]) or plain[-600:].strip()
