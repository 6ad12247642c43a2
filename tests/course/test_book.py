"""The book before Jupyter Book sees it: chapters as pages, links, mentions, contents; and the inspector of the site."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from itertools import chain
from pathlib import Path

import nbformat
import pytest
from course.hygiene import prose
from course.notebooks import CHAPTERS, ROOT, code_cells, read_notebook
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from packaging.requirements import Requirement

from thlab.course.publish import book, mentions, pages, site
from thlab.course.publish.citations import Name, Reference
from thlab.course.solutions import BEGIN

NAMES = [path.name for path in sorted(CHAPTERS.glob("[0-9][0-9]_*.ipynb"))]
DROPDOWN = re.compile(r"^(:{3,})\{dropdown\}.*?^\1\s*$", re.DOTALL | re.MULTILINE)
SOLVED = """def double(x):
    \"\"\"Twice x.\"\"\"
    ### BEGIN SOLUTION
    two = 2
    return two * x
    ### END SOLUTION"""


def page_of(name: str) -> nbformat.NotebookNode:
    return pages.chapter_page(read_notebook(name))


def reference(key: str, family: str, year: int) -> Reference:
    return Reference(key, "article", (Name(family, "A."),), False, year, "", {})


REFERENCES = {"furui1986": reference("furui1986", "Furui", 1986), "fant1960": reference("fant1960", "Fant", 1960)}


# Solutions and answers


def test_a_solution_stands_behind_a_fold_and_its_stub_before_it():
    text = pages.with_folded_solution(SOLVED)
    seen, folded = DROPDOWN.sub("", text), DROPDOWN.search(text)[0]
    assert "Twice x." in seen
    assert "two" not in seen
    assert "return two * x" in folded
    assert "SOLUTION" not in text


def test_stub_and_solution_of_a_page_are_python_that_does_what_the_chapter_does():
    stub, whole = re.findall(r"````python\n(.*?)\n````", pages.with_folded_solution(SOLVED), re.DOTALL)
    before: dict = {}
    after: dict = {}
    exec(stub, before)
    exec(whole, after)
    assert before["double"](4) is None
    assert after["double"](4) == 8


@pytest.mark.parametrize("name", NAMES)
def test_no_solution_is_seen_before_its_fold_is_opened(name: str):
    notebook, page = read_notebook(name), page_of(name)
    inside = [found[2].strip() for cell in code_cells(notebook) for found in pages.SOLUTION.finditer(cell.source)]
    seen = DROPDOWN.sub("", prose(page)) + "\n".join(cell.source for cell in code_cells(page))
    assert len(inside) >= 3
    assert [solution for solution in inside if solution in seen] == []
    assert BEGIN not in json.dumps(page)


@pytest.mark.parametrize("name", NAMES)
def test_every_block_of_an_exercise_parses(name: str):
    blocks = re.findall(r"````python\n(.*?)\n````", prose(page_of(name)), re.DOTALL)
    assert len(blocks) >= 6
    for block in blocks:
        ast.parse(block)


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_of_a_quiz_becomes_a_fold(name: str):
    before, after = prose(read_notebook(name)), prose(page_of(name))
    assert after.count("{dropdown} Answer") == before.count("<details>") > 0
    assert "details>" not in after


@pytest.mark.parametrize("name", NAMES)
def test_the_outputs_of_a_page_are_those_of_its_chapter_and_the_chapter_stays_as_it_is(name: str):
    notebook = read_notebook(name)
    before = nbformat.writes(notebook)
    page = pages.chapter_page(notebook, deck="the deck")
    assert nbformat.writes(notebook) == before
    assert [cell.outputs for cell in code_cells(page)] == [
        cell.outputs for cell in code_cells(notebook) if BEGIN not in cell.source or cell.outputs
    ]
    assert page.cells[1].source == "the deck"


def test_a_solution_cell_that_shows_something_still_shows_it_without_its_code():
    cell = new_code_cell(SOLVED, outputs=[nbformat.v4.new_output("stream", text="8\n")])
    _, shown = pages.chapter_page(new_notebook(cells=[cell])).cells
    assert shown.outputs == cell.outputs
    assert "remove-input" in shown.metadata.tags


def test_comments_for_the_tests_of_notebooks_are_left_out():
    page = pages.chapter_page(new_notebook(cells=[new_code_cell("# NBVAL_CHECK_OUTPUT\nprint(1)  # one")]))
    assert page.cells[0].source == "print(1)  # one"


# Links


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ("[t](#What-the-survey-prints)", "[t](#what-the-survey-prints)"),
        ("[t](01_actors.ipynb#Who-is-in-the-test?)", "[t](01_actors.ipynb#who-is-in-the-test)"),
        ("[t](#%E2%80%9CBreak%E2%80%9D-it)", "[t](#break-it)"),
        ("[t](https://example.org/#Part-A)", "[t](https://example.org/#Part-A)"),
        ("`[t](#Not-A-Link)`", "`[t](#Not-A-Link)`"),
        ("$f[a](#B)$", "$f[a](#B)$"),
    ],
)
def test_links_to_headings_take_the_names_of_the_book(link: str, becomes: str):
    assert pages.with_slugs(link) == becomes


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two chapters, two pages and a file that is not in the book."""
    for name in ("chapters/00_a.ipynb", "chapters/01_b.ipynb", "book/words.md", "docs/face.jpg", "thlab/code.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("here", "link", "becomes"),
    [
        ("chapters", "[b](01_b.ipynb)", "[b](../chapters/01_b.ipynb)"),
        ("chapters", "[w](../book/words.md#x)", "[w](../words.md#x)"),
        ("chapters", "![f](../docs/face.jpg)", "![f](../docs/face.jpg)"),
        ("chapters", "[made](../book/timings.md)", "[made](../timings.md)"),
        ("chapters", "[the code](../thlab/code.py)", "the code"),
        ("chapters", "[here](#below)", "[here](#below)"),
        ("book", "[a](../chapters/00_a.ipynb#y)", "[a](chapters/00_a.ipynb#y)"),
        ("book", "![f](../docs/face.jpg)", "![f](docs/face.jpg)"),
        ("book", "[w](words.md)", "[w](words.md)"),
        ("book", "[w](https://example.org/a)", "[w](https://example.org/a)"),
        ("book", "`[w](nowhere.md)`", "`[w](nowhere.md)`"),
    ],
)
def test_links_between_files_lead_to_their_places_in_the_book(repository: Path, here: str, link: str, becomes: str):
    inside = ["chapters/00_a.ipynb", "chapters/01_b.ipynb", "book/words.md", "book/timings.md", "docs/face.jpg"]
    files = [repository / name for name in inside]
    assert pages.relinked(link, here=repository / here, root=repository, pages=files) == becomes


def test_a_link_that_leads_nowhere_is_refused_by_name(repository: Path):
    with pytest.raises(ValueError, match=r"\(\.\./thlab/gone\.py\) in chapters"):
        pages.relinked("[x](../thlab/gone.py)", here=repository / "chapters", root=repository, pages=[])


@pytest.mark.parametrize("path", sorted((ROOT / "book").glob("*.md")), ids=lambda path: path.name)
def test_the_links_of_every_page_lead_somewhere_in_the_repository_too(path: Path):
    assert book.led_to_places(path, path.read_text(encoding="utf-8"))


# Mentions of papers


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("Furui (1986) says", '<a class="mention" href="r#furui1986">Furui (1986)</a> says'),
        ("slopes (Furui 1986).", 'slopes (<a class="mention" href="r#furui1986">Furui 1986</a>).'),
        ("### After Furui (1986)\n\nText.", "### After Furui (1986)\n\nText."),
        ("[Furui (1986)](x.md)", "[Furui (1986)](x.md)"),
        ("`Furui (1986)`", "`Furui (1986)`"),
        ("nobody in 1986", "nobody in 1986"),
    ],
)
def test_mentions_become_links_to_the_bibliography(text: str, becomes: str):
    assert mentions.linked(text, REFERENCES, "r#") == becomes


def test_several_mentions_after_a_heading_all_become_links():
    text = mentions.linked("## Heading\n\nFurui (1986) and then Fant (1960).", REFERENCES, "r#")
    assert re.findall(r'href="r#(\w+)"', text) == ["furui1986", "fant1960"]


def test_a_mention_without_an_entry_fails_the_build():
    with pytest.raises(ValueError, match="Nobody"):
        mentions.linked("as Nobody (1999) says", REFERENCES, "r#")


def test_mentions_on_slides_become_links_and_nothing_else_of_a_deck_changes():
    deck = (
        '<html><head><script>if (1 < 2 && "Furui (1986)") {}</script></head><body>'
        '<div class="reveal"><div class="slides">'
        '<section><h2>Furui (1986)</h2><p>after Furui (1986) &amp; co</p><code>Furui (1986)</code>'
        '<aside class="notes">Fant (1960)</aside></section></div></div></body></html>'
    )
    link = '<a class="mention" href="../references.html#ref-furui1986" target="_blank">Furui (1986)</a>'
    expected = deck.replace("after Furui (1986)", f"after {link}")
    assert mentions.linked_deck(deck, REFERENCES, "../references.html#ref-") == expected


def test_each_entry_of_the_bibliography_leads_back_to_the_pages_that_name_it(tmp_path: Path):
    entries = "".join(f'<div class="citation" id="ref-{key}"><p>{key}</p></div>' for key in REFERENCES)
    (tmp_path / "references.html").write_text(f"<body>{entries}</body>")
    (tmp_path / "chapters").mkdir()
    named = '<a class="mention" href="../references.html#ref-furui1986">Furui</a>'
    (tmp_path / "chapters" / "02_sound.html").write_text(named + named)
    (tmp_path / "glossary.html").write_text(named.replace("../", ""))
    mentions.tell_where_named(tmp_path, "references.html#ref-")
    furui, fant = re.findall(r'id="ref-.*?</div>', (tmp_path / "references.html").read_text())
    assert re.findall(r'<a href="(.*?)">(.*?)</a>', furui) == [
        ("chapters/02_sound.html", "02"), ("glossary.html", "glossary")
    ]  # fmt: skip
    assert "<a" not in fant


# Contents


def test_the_table_of_contents_holds_every_chapter_and_every_page_once():
    files = [entry["file"] for part in book.contents()["parts"] for entry in part["chapters"]]
    assert [file for file in files if "/" in file] == [f"chapters/{name.removesuffix('.ipynb')}" for name in NAMES]
    own = {path.stem for path in (ROOT / "book").glob("*.md")} | {"references", "timings"}
    assert {file for file in files if "/" not in file} | {"index"} == own
    assert len(files) == len(set(files))


@pytest.mark.parametrize("name", NAMES)
def test_the_first_page_invites_into_every_chapter_by_its_title(name: str):
    title = read_notebook(name).cells[0].source.splitlines()[0].removeprefix("# ")
    first = (ROOT / "book" / "index.md").read_text(encoding="utf-8")
    assert f"{{grid-item-card}} {title}\n:link: chapters/{Path(name).stem}\n" in first


def test_the_first_page_shows_the_first_clip_of_the_course():
    clip = pages.first_clip(read_notebook(NAMES[0]))
    assert clip.startswith("<video")
    assert "data:video/mp4" in clip
    assert "made from a text" in clip
    assert book.CLIP_HERE in (ROOT / "book" / "index.md").read_text(encoding="utf-8")


def test_a_notebook_without_clips_has_no_first_one():
    assert pages.first_clip(new_notebook(cells=[new_markdown_cell("<video>")])) == ""


@pytest.mark.parametrize("pdf", [True, False])
def test_a_deck_offers_its_pdf_only_where_there_is_one(pdf: bool):
    frame = pages.deck_frame("02_x", pdf=pdf)
    assert 'data-src="../slides/02_x.html"' in frame
    assert ("../slides/02_x.pdf" in frame) is pdf


# What cannot be built


def test_without_its_environment_the_book_says_how_to_get_one(tmp_path: Path):
    with pytest.raises(ValueError, match="make book"):
        book.build_book(tmp_path / "book", python=tmp_path / "python", decks=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_decks_the_book_says_which_are_missing(tmp_path: Path):
    python = tmp_path / "python"
    python.touch()
    with pytest.raises(ValueError, match=rf"{Path(NAMES[0]).stem}.*make slides"):
        book.build_book(tmp_path / "book", python=python, decks=tmp_path)


def test_a_folder_that_is_no_book_is_not_replaced(tmp_path: Path):
    for name in ("python", "book/letter.txt", *(f"decks/{Path(name).stem}.html" for name in NAMES)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match="no book"):
        book.build_book(tmp_path / "book", python=tmp_path / "python", decks=tmp_path / "decks")
    assert (tmp_path / "book" / "letter.txt").exists()


def test_of_a_log_the_warnings_are_told_without_colours_and_folders(tmp_path: Path):
    log = f"building\n\x1b[91m{tmp_path}/index.md:3: WARNING: no such image\x1b[39;49;00m\nreading\n"
    assert book.said(log, tmp_path) == "index.md:3: WARNING: no such image"


def test_of_a_log_without_warnings_the_end_is_told(tmp_path: Path):
    assert book.said("one\nkilled", tmp_path).endswith("killed")


# The inspector of the finished site


GOOD = '<h1 id="top">A</h1><a href="b.html#part">b</a><a href="#top">up</a><a href="https://example.org">out</a>'


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "x.css").write_text("p { background: url(x.png) }")
    (tmp_path / "a.html").write_text(GOOD)
    (tmp_path / "b.html").write_text('<p id="part"><img src="data:image/png;base64,AA=="></p>')
    return tmp_path


def test_a_site_that_is_whole_gives_no_complaint(small: Path):
    assert site.complaints(small) == []


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ('<a href="gone.html">x</a>', "a.html leads to gone.html"),
        ('<a href="b.html#nowhere">x</a>', "a.html leads to b.html#nowhere"),
        ('<a href="#nowhere">x</a>', "a.html leads to #nowhere"),
        ('<img src="gone.png">', "a.html leads to gone.png"),
        ('<script src="https://example.org/x.js"></script>', "a.html loads https://example.org/x.js"),
        ('<img src="//example.org/x.png">', "a.html loads //example.org/x.png"),
        ('<video poster="http://example.org/x.png"></video>', "a.html loads http://example.org/x.png"),
        ('<link rel="stylesheet" href="https://example.org/x.css">', "a.html loads https://example.org/x.css"),
    ],
)
def test_a_dead_link_or_a_remote_file_is_a_complaint(small: Path, bad: str, named: str):
    (small / "a.html").write_text(GOOD + bad)
    assert [complaint for complaint in site.complaints(small) if complaint.startswith(named)]


@pytest.mark.parametrize("rule", ['@import "https://example.org/f.css";', "p { src: url('//example.org/f.woff') }"])
def test_a_style_that_asks_another_host_is_a_complaint(small: Path, rule: str):
    (small / "_static" / "x.css").write_text(rule)
    assert len(site.complaints(small)) == 1


# The environment


def test_every_requirement_of_the_book_is_a_range_that_its_pin_lies_in():
    pins = dict(line.split("==") for line in (ROOT / "book/constraints.txt").read_text().splitlines() if line)
    lines = (ROOT / "book/requirements.txt").read_text().splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert "jupyter-book" in {need.name for need in wanted}
    found = {name.lower(): pin for name, pin in pins.items()}
    for need in wanted:
        assert all(part.operator != "==" for part in need.specifier)
        assert need.specifier.contains(found[need.name]), need.name


def test_the_environment_of_the_course_does_not_hold_the_book_s():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needs = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    assert not {Requirement(need).name for need in needs} & {"jupyter-book", "sphinx"}
