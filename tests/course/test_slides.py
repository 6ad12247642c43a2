"""Decks become pages: what is hidden, shown and refused; tests/browser looks at the pages themselves."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from thlab.__main__ import main
from thlab.course.publish import browser, slides, vendor


def cell(source: str, kind: str) -> nbformat.NotebookNode:
    return new_markdown_cell(source, metadata={"slideshow": {"slide_type": kind}})


def code(source: str, text: str, kind: str = "-", **metadata) -> nbformat.NotebookNode:
    printed = new_output("stream", name="stdout", text=text)
    slideshow = {"slideshow": {"slide_type": kind}}
    return new_code_cell(source, outputs=[printed], execution_count=1, metadata=slideshow | metadata)


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    cells = [
        cell("# 98 · A & B\n\nTo [chapter 98](../chapters/98_a.ipynb), [elsewhere](https://example.org)", "slide"),
        code("import secret", "never seen", "skip"),
        cell("## Claim $x^2$", "slide"),
        code("hidden = 1", "printed by hidden code"),
        code("shown = 2", "printed by shown code", tags=["show-code"]),
        cell("*2 min.* For the speaker.", "notes"),
        cell("## Question: why?", "slide"),
        cell("Because.", "fragment"),
    ]
    path = tmp_path / "98_a.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def sections(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<section class="(\w+)">(.*?)</section>', page, flags=re.DOTALL)


def test_a_slide_is_a_section_with_its_kind(deck: Path):
    assert [kind for kind, _ in sections(slides.page(deck))] == ["title", "content", "question"]


def test_skipped_cells_and_hidden_code_are_not_shown_but_their_outputs_are(deck: Path):
    page = slides.page(deck)
    assert "secret" not in page
    assert "never seen" not in page
    claim = sections(page)[1][1]
    assert "hidden = " not in re.sub(r"<[^>]+>", "", claim)
    assert "shown = 2" in re.sub(r"<[^>]+>", "", claim)
    assert claim.count('<pre class="printed">') == 2


def test_notes_are_for_the_speaker_and_answers_come_later(deck: Path):
    _, claim, question = (content for _, content in sections(slides.page(deck)))
    assert re.search(r'<aside class="notes">.*For the speaker', claim, flags=re.DOTALL)
    assert re.search(r'<div class="fragment">.*Because', question, flags=re.DOTALL)


def test_links_to_chapters_become_words_since_pages_lie_elsewhere(deck: Path):
    title = sections(slides.page(deck))[0][1]
    assert "chapter 98" in title
    assert "98_a.ipynb" not in title
    assert 'href="https://example.org"' in title


def test_a_page_asks_for_nothing_but_what_lies_beside_it(deck: Path):
    page = slides.page(deck)
    assert re.findall(r'<(?:script|link)[^>]*(?:src|href)="(?!vendor/)([^"]*)"', page) == []
    assert "<title>98 · A &amp; B</title>" in page


def test_a_deck_that_is_not_there_is_refused(tmp_path: Path, deck: Path):
    with pytest.raises(ValueError, match=r"decks in .* called 97, found none"):
        slides.build_slides(tmp_path / "out", decks=tmp_path, only=["97"])
    assert not (tmp_path / "out").exists()


def test_an_explorer_that_needs_more_than_skipped_cells_is_refused_in_a_line(tmp_path: Path):
    path = tmp_path / "97_b.ipynb"
    cells = [cell("# 97 · B", "slide"), code("explorer = 1", ""), code("explorer.on_slide('x')", "")]
    nbformat.write(new_notebook(cells=cells), path)
    with pytest.raises(ValueError, match="NameError: name 'explorer' is not defined"):
        slides.page(path)


def test_without_npm_one_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vendor, "CACHE", tmp_path / "vendor")
    monkeypatch.setattr(vendor.shutil, "which", lambda name: None)
    with pytest.raises(ValueError, match="npm"):
        vendor.vendored(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_was_fetched_before_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vendor, "CACHE", tmp_path / "vendor")
    monkeypatch.setattr(vendor.shutil, "which", lambda name: None)
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / vendor.STAMP).write_text("\n".join(vendor.PACKAGES) + "\n")
    (tmp_path / "vendor" / "require.js").write_text("define()")
    vendor.vendored(tmp_path / "out")
    assert (tmp_path / "out" / "require.js").read_text() == "define()"


def test_without_a_browser_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(browser.CHOSEN, raising=False)
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    with pytest.raises(ValueError, match="apt-get install chromium"):
        browser.browser_at()


def test_a_browser_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv(browser.CHOSEN, str(tmp_path / "chrome"))
    with pytest.raises(ValueError, match=r"got .*chrome, which cannot be run"):
        browser.browser_at()


@pytest.mark.parametrize("what", ["student", "learn", "slides", "book"])
def test_nothing_is_built_into_a_file(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "taken").write_text("mine")
    assert main(["publish", what, "-o", str(tmp_path / "taken")]) == 2
    assert "expected a folder" in capsys.readouterr().err
    assert (tmp_path / "taken").read_text() == "mine"


def test_times_are_not_written_over_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["publish", "timings", "-o", str(tmp_path)]) == 2
    assert "expected a file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["jewels"], "jewels"), (["book", "--only", "00"], "for slides"), (["slides", "--only", "97", "--no-pdf"], "97")],
)
def test_a_command_that_makes_no_sense_is_refused_in_one_line(
    arguments: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["publish", *arguments, "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()
