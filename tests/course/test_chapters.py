"""Every chapter is executed, whole, small, described and free of the machine it was made on."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO

import nbformat
import numpy as np
import pytest
from course import hygiene
from course.hygiene import Notebook
from course.notebooks import CHAPTERS, read_notebook
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

NAMES = sorted(path.name for path in CHAPTERS.glob("[0-9]*.ipynb"))


@pytest.mark.parametrize("rule", hygiene.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_a_chapter_keeps_the_rule(name: str, rule: Callable[[Notebook], list[str]]):
    assert rule(read_notebook(name)) == []


def test_chapters_are_numbered_once_each():
    numbers = [name[:2] for name in NAMES]
    assert numbers == sorted(set(numbers))
    assert "00" in numbers


def picture(size: int = 8) -> str:
    pixels = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def html(text: str) -> nbformat.NotebookNode:
    return new_output("display_data", {"text/html": text, "text/plain": "[figure]"})


FIGURE = html(f'<figure><img src="data:image/png;base64,{picture()}" alt="noise"></figure>')
FIRST = """# 99 · A chapter
*You will be able to* test. **Prerequisites:** none. **Reading:** 5 minutes. **Running:** 3 s. **Survey:** section 1."""
EFFORT = "Difficulty ●○○○○ · Importance ●●●○○ · at most 5 minutes"
SOLUTION = "def one():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
ANSWER = "<details>\n<summary>Answer</summary> **a**</details>\n"


def exercise_cells(number: int) -> list[nbformat.NotebookNode]:
    ask = new_markdown_cell(f"### Exercise {number}: one\n\n{EFFORT}\n\nWrite it.")
    return [ask, new_code_cell(SOLUTION), new_code_cell("checks.ch99.one(one)", outputs=[html("<div>✓</div>")])]


def good() -> Notebook:
    """The smallest notebook that keeps every rule."""
    cells = [new_markdown_cell(FIRST), new_markdown_cell("## See it first"), new_markdown_cell("## Build it")]
    cells += [cell for number in (1, 2, 3) for cell in exercise_cells(number)]
    cells += [new_markdown_cell("## Use it"), new_markdown_cell("## Probe it"), new_code_cell("EXPLORER.panel()")]
    cells += [new_code_cell("EXPLORER.static()", outputs=[FIGURE])]
    cells += [new_markdown_cell(f"## {part}") for part in ("Break it", "Measure it", "In this chapter we saw")]
    cells += [new_markdown_cell("## Quiz\n\n" + 3 * ANSWER), new_markdown_cell("## Further reading")]
    cells += [new_markdown_cell("## What the survey prints\n\nSee [above](#Build-it).")]
    notebook = new_notebook(cells=cells)
    for count, cell in enumerate(hygiene.code_cells(notebook), 1):
        cell.execution_count = count
    return notebook


@pytest.mark.parametrize("rule", hygiene.RULES, ids=lambda rule: rule.__name__)
def test_a_good_notebook_keeps_the_rule(rule: Callable[[Notebook], list[str]]):
    assert rule(good()) == []


def code(notebook: Notebook, index: int = 0) -> nbformat.NotebookNode:
    return hygiene.code_cells(notebook)[index]


def swap(notebook: Notebook, old: str, new: str) -> None:
    """Replace text in all sources; it must be there."""
    assert any(old in cell.source for cell in notebook.cells)
    for cell in notebook.cells:
        cell.source = cell.source.replace(old, new)


def say(text: str) -> Callable[[Notebook], None]:
    return lambda notebook: notebook.cells.insert(2, new_markdown_cell(text))


def put(output: nbformat.NotebookNode) -> Callable[[Notebook], None]:
    return lambda notebook: code(notebook).outputs.append(output)


def swapped(old: str, new: str) -> Callable[[Notebook], None]:
    return lambda notebook: swap(notebook, old, new)


def out_of_order(notebook: Notebook) -> None:
    code(notebook, 0).execution_count, code(notebook, 1).execution_count = 2, 1


def never_run(notebook: Notebook) -> None:
    code(notebook, 1).execution_count = None


def keep_widget_state(notebook: Notebook) -> None:
    notebook.metadata["widgets"] = {}


def without_still(notebook: Notebook) -> None:
    code(notebook, -1).outputs = []


def long_cells(notebook: Notebook) -> None:
    for cell in hygiene.code_cells(notebook):
        cell.source += "\npass" * 9


def clip(size: int) -> nbformat.NotebookNode:
    data = base64.b64encode(bytes(size)).decode()
    return html(f'<video src="data:video/mp4;base64,{data}" title="talks"></video>')


def quote(notebook: Notebook) -> None:
    code(notebook, 0).outputs = [new_output("stream", name="stdout", text="mean 0.731")]
    notebook.cells.insert(notebook.cells.index(code(notebook, 0)) + 1, new_markdown_cell("The mean is 0.731."))


WIDGET = new_output("display_data", {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "x"})
BARE = new_output("display_data", {"image/png": picture(), "text/plain": "<Figure>"})
LARGE = html(f'<img src="data:image/png;base64,{picture(200)}" alt="noise">')
LAST_HEADING = "## Further reading"

SPOILED = {
    "cells in another order": (hygiene.was_executed_in_order, out_of_order),
    "a cell that never ran": (hygiene.was_executed_in_order, never_run),
    "an error": (hygiene.shows_no_errors, put(new_output("error", ename="E", evalue="x", traceback=[]))),
    "stderr": (hygiene.shows_no_errors, put(new_output("stream", name="stderr", text="Warning"))),
    "a remote image in HTML": (hygiene.shows_nothing_remote, put(html('<img src="https://x.org/a.png" alt="a">'))),
    "a remote image in markdown": (hygiene.shows_nothing_remote, say("![a](http://x.org/a.png)")),
    "a protocol-less image": (hygiene.shows_nothing_remote, say('<img src="//x.org/a.png" alt="a">')),
    "a live widget": (hygiene.needs_no_trust, put(WIDGET)),
    "a script": (hygiene.needs_no_trust, put(html("<script>1</script>"))),
    "widget state": (hygiene.needs_no_trust, keep_widget_state),
    "too much": (hygiene.is_small, say("a" * 1_500_001)),
    "a large picture": (hygiene.has_small_media, put(LARGE)),
    "a large clip": (hygiene.has_small_media, put(clip(300_001))),
    "no title": (hygiene.says_what_it_asks, swapped("# 99", "99")),
    "no objectives": (hygiene.says_what_it_asks, swapped("You will be able to", "You may")),
    "no prerequisites": (hygiene.says_what_it_asks, swapped("Prerequisites", "Wanted")),
    "no reading time": (hygiene.says_what_it_asks, swapped("Reading:** 5 minutes", "Reading:** some minutes")),
    "no running time": (hygiene.says_what_it_asks, swapped("Running:** 3 s", "Running:** quick")),
    "no section of the survey": (hygiene.says_what_it_asks, swapped("Survey", "Book")),
    "two exercises": (hygiene.has_exercises, swapped("### Exercise 3:", "### Exercise three:")),
    "no difficulty": (hygiene.has_exercises, swapped("Difficulty ●○○○○ · ", "")),
    "no solution": (hygiene.has_exercises, swapped("### BEGIN SOLUTION", "# solution")),
    "no check": (hygiene.has_exercises, swapped("checks.ch99.one(one)", "one()")),
    "no widget": (hygiene.has_a_widget, swapped("EXPLORER.panel()", "1")),
    "no call for a still": (hygiene.has_a_widget, swapped("EXPLORER.static()", "1")),
    "no still": (hygiene.has_a_widget, without_still),
    "long cells": (hygiene.has_short_cells, long_cells),
    "a bare figure": (hygiene.describes_every_figure, put(BARE)),
    "empty alt text": (hygiene.describes_every_figure, put(html('<img src="data:,x" alt="">'))),
    "no alt text": (hygiene.describes_every_figure, put(html('<img src="data:,x">'))),
    "a clip without words": (hygiene.describes_every_figure, put(html('<video src="data:,x"></video>'))),
    "markdown without alt": (hygiene.describes_every_figure, say("![](../docs/talk.jpg)")),
    "a dead link": (hygiene.links_to_what_is_there, say("[next](98_nothing.ipynb)")),
    "a dead picture": (hygiene.links_to_what_is_there, say("![a](nothing.png)")),
    "a dead anchor": (hygiene.links_to_what_is_there, say("[there](#Nowhere)")),
    "a path in an output": (hygiene.names_no_machine, put(new_output("stream", text="saved in /tmp/x.mp4"))),
    "a home in prose": (hygiene.names_no_machine, say("Open /home/me/x.")),
    "a path in the code": (hygiene.names_no_machine, swapped("return 1", 'return "/root/x"')),
    "a quoted number": (hygiene.marks_what_it_quotes, quote),
    "two questions": (hygiene.asks_three_questions, swapped("## Quiz\n\n" + ANSWER, "## Quiz\n\n")),
} | {
    f"no part {part}": (hygiene.has_all_parts, swapped(f"## {part}", "## Else"))
    for part in hygiene.PARTS
}  # fmt: skip


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_notebook_is_rejected(how: str):
    rule, spoil = SPOILED[how]
    notebook = good()
    spoil(notebook)
    assert rule(notebook) != []


def test_every_rule_is_shown_to_reject_something():
    assert {rule for rule, _ in SPOILED.values()} == set(hygiene.RULES)


def test_a_quoted_number_that_is_checked_is_well():
    notebook = good()
    quote(notebook)
    code(notebook, 0).source = f"# {hygiene.CHECKED}\n" + code(notebook, 0).source
    assert hygiene.marks_what_it_quotes(notebook) == []


def test_letters_in_encoded_pictures_are_no_path():
    notebook = good()
    put(html('<img src="data:image/png;base64,AAAA/tmp/AAAA" alt="a">'))(notebook)
    assert hygiene.names_no_machine(notebook) == []
