"""The finished book, read in Chromium from a folder: formulas, search, clips, decks, and nobody else is asked."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import nbformat
import pytest
from course.notebooks import CHAPTERS
from nbformat.v4 import new_markdown_cell, new_notebook

from thlab.course.publish import book
from thlab.course.publish.browser import page_of

pytestmark = pytest.mark.slow

STEMS = [path.stem for path in sorted(CHAPTERS.glob("[0-9][0-9]_*.ipynb"))]
WITH_FORMULAS = "chapters/02_from_sound_to_mfcc.html"
MOST_SECONDS = 90
SEARCHED = "#search-results li a"
SET = "() => !window.MathJax || (MathJax.isReady && !MathJax.Hub.queue.pending)"
LOADED = "() => [...document.images].every(image => image.complete)"
KNOWN = "() => [...document.querySelectorAll('video')].every(video => video.readyState > 0 || video.error)"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def python() -> Path:
    """Of the book's environment."""
    if not book.PYTHON.exists():
        missing = "the book's environment (.venv-book) is not there; make book installs it"
        if "book" in os.environ.get("THLAB_REQUIRE", ""):
            pytest.fail(missing)
        pytest.skip(missing)
    return book.PYTHON


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, python: Path, slides: Path) -> Path:
    """The folder of the book, built as ``make book`` does, in time."""
    start = time.perf_counter()
    (first,) = book.build_book(tmp_path_factory.mktemp("book") / "site", python=python, decks=slides)
    assert time.perf_counter() - start < MOST_SECONDS
    return first.parent


class Watched:
    """A tab, and what went wrong in it."""

    def __init__(self, tab: Any, site: Path) -> None:
        self.tab, self.site = tab, site
        self.complaints: list[str] = []
        tab.on("console", self._said)
        tab.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        tab.on("request", self._asked)
        tab.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url[:200]}"))
        tab.on("response", self._answered)

    def _said(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text[:300]}")

    def _asked(self, request: Any) -> None:
        ours = (self.site.as_uri(), "data:", "blob:", "http://127.0.0.1:")
        if not request.url.startswith(ours):
            self.complaints.append(f"asked: {request.url[:200]}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url[:200]}")

    def open(self, page: str) -> Any:
        """A page of the book from its folder, with its formulas set."""
        self.tab.goto(f"{self.site.as_uri()}/{page}")
        self.tab.wait_for_function(SET)
        return self.tab


@pytest.fixture(scope="module")
def watched(site: Path, browser: str) -> Iterator[Watched]:
    with page_of(browser, width=1400, height=900) as tab:
        yield Watched(tab, site)


@pytest.fixture
def reader(watched: Watched) -> Iterator[Watched]:
    """A tab in which nothing may go wrong."""
    watched.complaints.clear()
    yield watched
    assert watched.complaints == []


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


PAGES = ["index.html", *(f"chapters/{stem}.html" for stem in STEMS),
         *(f"{name}.html" for name in (*book.LOOK_UP, *book.TEACH))]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_page_loads_with_its_pictures_and_clips_and_asks_nobody(reader: Watched, page: str):
    tab = reader.open(page)
    tab.wait_for_function(LOADED)
    tab.wait_for_function(KNOWN)
    assert tab.evaluate("[...document.images].filter(image => !image.naturalWidth).length") == 0
    assert tab.evaluate("[...document.querySelectorAll('video')].filter(video => video.error).length") == 0
    assert tab.inner_text("h1").strip("# \n")


def test_the_first_page_has_a_clip_that_plays(reader: Watched):
    tab = reader.open("index.html")
    tab.evaluate("() => { const clip = document.querySelector('.hero video'); clip.muted = true; return clip.play() }")
    tab.wait_for_timeout(1000)
    assert tab.evaluate("document.querySelector('.hero video').currentTime") > 0.2


def test_every_formula_is_set_without_an_error(reader: Watched):
    tab = reader.open(WITH_FORMULAS)
    written, drawn = tab.locator(".math").count(), tab.locator(".math .mjx-chtml").count()
    assert drawn >= written > 5
    assert tab.locator(".math .mjx-merror").count() == 0
    assert tab.evaluate("[...document.querySelectorAll('.math .mjx-chtml')].every(each => each.offsetWidth > 3)")
    assert tab.evaluate("document.fonts.check('16px MJXc-TeX-main-Rw')")


def test_search_from_a_folder_finds_a_word_of_chapters_and_glossary(reader: Watched):
    tab = reader.open("index.html")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("viseme")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(SEARCHED)
    tab.wait_for_timeout(500)
    found = tab.locator(SEARCHED).all_inner_texts()
    assert "Glossary" in found
    assert any(title.startswith("00") for title in found)


def test_search_finds_a_chinese_term_in_the_glossary(reader: Watched):
    tab = reader.open("search.html?q=驱动数据")
    tab.wait_for_selector(SEARCHED)
    assert "Glossary" in tab.inner_text("#search-results")


def test_a_served_book_shows_extracts_of_what_was_found(reader: Watched):
    with served(reader.site) as address:
        reader.tab.goto(f"{address}/search.html?q=formants")
        reader.tab.wait_for_selector("#search-results li p.context")
        assert "formant" in reader.tab.inner_text("#search-results li p.context >> nth=0").lower()


def test_solutions_and_answers_are_hidden_until_asked_for(reader: Watched):
    tab = reader.open(WITH_FORMULAS)
    folds = tab.locator("section[id^=exercise-] details")
    code = folds.first.locator("pre")
    assert folds.count() >= 3
    assert not code.is_visible()
    folds.first.locator("summary").click()
    assert code.is_visible()
    assert tab.locator("#quiz details").count() >= 3


@pytest.mark.parametrize("stem", STEMS)
def test_the_deck_of_a_chapter_opens_in_its_page_and_turns_its_slides(reader: Watched, stem: str):
    tab = reader.open(f"chapters/{stem}.html")
    assert not [frame for frame in tab.frames if "/slides/" in frame.url]
    with tab.expect_event("framenavigated", lambda frame: "/slides/" in frame.url) as opened:
        tab.locator("details", has=tab.locator(".deck")).locator("summary").click()
    deck = opened.value
    deck.wait_for_function("() => window.Reveal && Reveal.isReady()")
    deck.evaluate("Reveal.slide(1)")
    assert deck.evaluate("Reveal.getIndices().h") == 1
    box = tab.locator(".deck").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(16 / 9, rel=0.02)


def test_who_is_named_in_a_chapter_is_found_in_the_bibliography(reader: Watched):
    tab = reader.open(WITH_FORMULAS)
    mention = tab.locator("a.mention", has_text="Davis").first
    mention.click()
    tab.wait_for_selector(".citation:target")
    assert "Mermelstein" in tab.inner_text(".citation:target")
    assert tab.locator(".citation").count() > 10


def test_a_phone_needs_no_scrolling_to_the_side(reader: Watched):
    reader.tab.set_viewport_size({"width": 390, "height": 844})
    try:
        widths = [reader.open(page).evaluate("document.documentElement.scrollWidth") for page in PAGES]
    finally:
        reader.tab.set_viewport_size({"width": 1400, "height": 900})
    assert dict(zip(PAGES, widths, strict=True)) == dict.fromkeys(PAGES, 390)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of one chapter and two pages, with a deck and an older book."""
    shutil.copytree(book.WORDS, tmp_path / "book", ignore=shutil.ignore_patterns("*.md", "*.bib", "*.json"))
    (tmp_path / "book" / "index.md").write_text("# Small\n\n[It](../chapters/00_a.ipynb) follows Davis (1999).")
    (tmp_path / "book" / "references.bib").write_text(
        "@book{davis1999,\n  author = {Davis, S.},\n  title = {T},\n  publisher = {P},\n  year = {1999},\n}\n"
    )
    for folder in ("chapters", "docs", "decks", "built"):
        (tmp_path / folder).mkdir()
    write_chapter(tmp_path, "Nothing special.")
    (tmp_path / "decks" / "00_a.html").write_text("<p>deck</p>")
    (tmp_path / "decks" / "vendor").mkdir()
    (tmp_path / "built" / "old.html").write_text("old")
    (tmp_path / "built" / "searchindex.js").touch()
    places = {"ROOT": ".", "WORDS": "book", "CHAPTERS": "chapters", "PICTURES": "docs"}
    for name, place in (places | {"BIBLIOGRAPHY": "book/references.bib"}).items():
        monkeypatch.setattr(book, name, tmp_path / place)
    monkeypatch.setattr(book, "LOOK_UP", ("references",))
    monkeypatch.setattr(book, "TEACH", ("timings",))
    monkeypatch.setattr(book, "read_timings", dict)
    monkeypatch.setattr(book, "timings_page", lambda _: "# Running times")
    return tmp_path


def write_chapter(root: Path, text: str) -> None:
    cells = [new_markdown_cell("# 00 · A"), new_markdown_cell(text)]
    nbformat.write(new_notebook(cells=cells), root / "chapters" / "00_a.ipynb")


def test_a_new_book_takes_the_place_of_the_old_one(small: Path, python: Path):
    (first,) = book.build_book(small / "built", python=python, decks=small / "decks")
    assert first == small / "built" / "index.html"
    assert not (small / "built" / "old.html").exists()
    assert 'href="references.html#ref-davis1999"' in first.read_text()
    assert sorted(path.name for path in small.iterdir()) == ["book", "built", "chapters", "decks", "docs"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("```{figurine} x\n```", "chapters/00_a.ipynb.*figurine"),
        ("[nowhere](#nothing-of-this-name)", "nothing-of-this-name"),
        ('<a href="gone.html">gone</a>', "chapters/00_a.html leads to gone.html"),
        ('<img src="https://example.org/x.png" alt="x">', "chapters/00_a.html loads https://example.org/x.png"),
    ],
)
def test_a_warning_a_dead_link_or_a_remote_picture_fails_the_build_and_leaves_the_old_book(
    small: Path, python: Path, text: str, named: str
):
    write_chapter(small, text)
    with pytest.raises(ValueError, match=named):
        book.build_book(small / "built", python=python, decks=small / "decks")
    assert (small / "built" / "old.html").read_text() == "old"
