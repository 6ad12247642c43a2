"""What every chapter must be: each rule takes a notebook and gives complaints, none when all is well."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

import nbformat
from course.notebooks import CHAPTERS, code_cells

from thlab.course.publish.exercises import EFFORT
from thlab.course.solutions import BEGIN

Notebook = nbformat.NotebookNode

MOST_BYTES = 1_500_000
MOST_PICTURE, MOST_CLIP = 100_000, 300_000
MOST_LINES = 5
PARTS = (
    "See it first", "Build it", "Use it", "Probe it", "Break it", "Measure it", "In this chapter we saw", "Quiz",
    "Further reading", "What the survey prints",
)  # fmt: skip
BEGINNING = {
    "what the student will be able to do": r"you will be able to",
    "prerequisites": r"prerequisites?\b",
    "the reading time": r"read\w*[^\n]*\d+\s*min|\d+\s*min[^\n.;*]*\bread",
    "the running time": r"run\w*[^\n]*\d+\s*(s\b|sec|min)|\d+\s*(s\b|sec|min)[^\n.;*]*\brun",
    "the section of the survey": r"survey",
}
MACHINE = re.compile(r"(?<![\w.~])/(work|tmp|root|home)\b/?")
DATA_URI = re.compile(r"data:([a-z]+)/[\w.+-]+;base64,([A-Za-z0-9+/=]+)")
NUMBER = re.compile(r"(?<![\w.,])\d+(?:\.\d+)?(?!\w)")
CHECKED = "NBVAL_CHECK_OUTPUT"
LIVE_ONLY = ("application/vnd.jupyter.widget-view+json", "application/javascript")


def outputs(notebook: Notebook) -> Iterator[nbformat.NotebookNode]:
    for cell in code_cells(notebook):
        yield from cell.outputs


def shown(notebook: Notebook) -> str:
    """All HTML that the outputs show."""
    return "\n".join("".join(output.get("data", {}).get("text/html", "")) for output in outputs(notebook))


def prose(notebook: Notebook) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def headings(notebook: Notebook) -> list[str]:
    """Without those inside of code."""
    return re.findall(r"^#+ +(.*?)\s*$", re.sub(r"```.*?```", "", prose(notebook), flags=re.DOTALL), re.MULTILINE)


def was_executed_in_order(notebook: Notebook) -> list[str]:
    counts = [cell.execution_count for cell in code_cells(notebook)]
    return [] if counts == list(range(1, len(counts) + 1)) else [f"cells were not executed in order: {counts}"]


def shows_no_errors(notebook: Notebook) -> list[str]:
    bad = [output for output in outputs(notebook) if output.output_type == "error" or output.get("name") == "stderr"]
    return [f"an output is an error or stderr: {json.dumps(output)[:200]}" for output in bad]


def shows_nothing_remote(notebook: Notebook) -> list[str]:
    text = shown(notebook) + prose(notebook)
    found = re.findall(r"""(?:src|poster)\s*=\s*["']?((?:https?:)?//[^\s"'>]+)""", text)
    found += re.findall(r"!\[[^\]]*\]\(((?:https?:)?//[^)]+)\)", text)
    return [f"a picture, clip or sound is remote: {address}" for address in found]


def needs_no_trust(notebook: Notebook) -> list[str]:
    """Neither scripts nor widgets that show as an error without their kernel."""
    kinds = [kind for output in outputs(notebook) for kind in output.get("data", {})]
    bad = [f"an output is {kind}" for kind in kinds if kind in LIVE_ONLY]
    bad += ["an output has a script"] * ("<script" in shown(notebook))
    return bad + ["the metadata hold the state of widgets"] * ("widgets" in notebook.metadata)


def is_small(notebook: Notebook) -> list[str]:
    size = len(nbformat.writes(notebook).encode())
    return [] if size <= MOST_BYTES else [f"the notebook has {size} bytes, more than {MOST_BYTES}"]


def has_small_media(notebook: Notebook) -> list[str]:
    found = DATA_URI.findall(shown(notebook) + prose(notebook))
    found += [("image", "".join(data[kind])) for output in outputs(notebook) for data in [output.get("data", {})]
              for kind in data if kind.startswith("image/") and "svg" not in kind]  # fmt: skip
    sizes = [(kind, len(base64.b64decode(data))) for kind, data in found]
    most = {"image": MOST_PICTURE}
    return [f"one {kind} has {size} bytes" for kind, size in sizes if size > most.get(kind, MOST_CLIP)]


def says_what_it_asks(notebook: Notebook) -> list[str]:
    first = notebook.cells[0].source
    title = [] if re.match(r"# \S", first) else ["the first cell does not begin with a title"]
    missing = [what for what, pattern in BEGINNING.items() if not re.search(pattern, first, re.IGNORECASE)]
    return title + [f"the first cell does not say {what}" for what in missing]


def has_all_parts(notebook: Notebook) -> list[str]:
    found = headings(notebook)
    return [f"there is no part '{part}'" for part in PARTS if not any(heading.startswith(part) for heading in found)]


def exercises(notebook: Notebook) -> list[list[nbformat.NotebookNode]]:
    """For each exercise its cells, up to the next heading of its level or above."""
    found: list[list[nbformat.NotebookNode]] = []
    inside = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and re.search(r"^#{1,3} ", cell.source, re.MULTILINE):
            inside = bool(re.search(r"^### Exercise \d+:", cell.source, re.MULTILINE))
            found += [[]] if inside else []
        if inside:
            found[-1].append(cell)
    return found


def has_exercises(notebook: Notebook) -> list[str]:
    all_cells = exercises(notebook)
    bad = [] if len(all_cells) >= 3 else [f"there are {len(all_cells)} exercises, fewer than 3"]
    for number, cells in enumerate(all_cells, 1):
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        bad += [f"exercise {number} lacks difficulty, importance or minutes"] * (not EFFORT.search(text))
        bad += [f"exercise {number} has no solution between the marks"] * (BEGIN not in code)
        bad += [f"exercise {number} has no check"] * (not re.search(r"\bchecks\.ch\d\d\.\w+\(", code))
    return bad


def has_a_widget(notebook: Notebook) -> list[str]:
    cells = code_cells(notebook)
    pairs = [(cell, below) for cell, below in pairwise(cells) if ".panel(" in cell.source]
    if not pairs:
        return ["there is no widget"]
    bad = [cell for cell, below in pairs if ".static(" not in below.source or "<img" not in json.dumps(below.outputs)]
    return [f"no still follows the widget: {cell.source}" for cell in bad]


def has_short_cells(notebook: Notebook) -> list[str]:
    lines = [sum(bool(line.strip()) for line in cell.source.splitlines()) for cell in code_cells(notebook)]
    middle = median(lines or [0])
    return [] if middle <= MOST_LINES else [f"the median code cell has {middle} lines, more than {MOST_LINES}"]


def describes_every_figure(notebook: Notebook) -> list[str]:
    bare = [f"an output is {kind} without alt text; use course.show" for output in outputs(notebook)
            for kind in output.get("data", {}) if kind.startswith("image/")]  # fmt: skip
    images = re.findall(r"<img\b[^>]*>", shown(notebook) + prose(notebook))
    bare += [f"no alt text: {image[-120:]}" for image in images if not re.search(r'alt="[^"]+"', image)]
    videos = re.findall(r"<video\b[^>]*>", shown(notebook))
    bare += ["a clip is not described" for video in videos if not re.search(r'title="[^"]+"', video)]
    return bare + [f"no alt text: {path}" for path in re.findall(r"!\[\s*\]\(([^)]*)\)", prose(notebook))]


def links_to_what_is_there(notebook: Notebook, folder: Path = CHAPTERS) -> list[str]:
    targets = re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", prose(notebook))
    targets += re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", prose(notebook))
    anchors = {heading.replace(" ", "-") for heading in headings(notebook)}
    bad = []
    for target in targets:
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        bad += [f"the link {target} leads nowhere"] * (bool(path) and not (folder / path).exists())
        bad += [f"there is no heading for the link {target}"] * (not path and anchor not in anchors)
    return bad


def names_no_machine(notebook: Notebook) -> list[str]:
    text = "\n".join(json.dumps(output) for output in outputs(notebook)) + json.dumps(notebook.metadata)
    text += "\n".join(cell.source for cell in notebook.cells)
    text = re.sub(r"[A-Za-z0-9+/=\\n]{200,}", "", DATA_URI.sub("", text))  # in base64 any letters may follow any others
    return [f"a path of the machine: …{text[max(0, m.start() - 40) : m.end() + 40]}…" for m in MACHINE.finditer(text)]


def asks_three_questions(notebook: Notebook) -> list[str]:
    after = prose(notebook).partition("## Quiz")[2].partition("\n## ")[0]
    count = len(re.findall(r"<details>\s*<summary>", after))
    return [] if count >= 3 else [f"the quiz has {count} answers in <details>, fewer than 3"]


def marks_what_it_quotes(notebook: Notebook) -> list[str]:
    """A number that was printed just before and is repeated in prose must be checked whenever the cell runs."""
    bad, printed = [], []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            printed.append((cell, set(NUMBER.findall(_printed(cell)))))
            continue
        for number in filter(_is_telling, set(NUMBER.findall(cell.source))):
            sources = [before.source for before, numbers in printed[-2:] if number in numbers]
            quoted = sources and not any(CHECKED in source or number in source for source in sources)
            bad += [f"{number} is quoted, but its cell is not marked {CHECKED}: {sources[0][:60]}"] if quoted else []
    return bad


def _printed(cell: nbformat.NotebookNode) -> str:
    return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def _is_telling(number: str) -> bool:
    """Whether it is hardly there by chance: a decimal point, or three digits that count."""
    return "." in number or len(number.strip("0")) >= 3


RULES = (
    was_executed_in_order, shows_no_errors, shows_nothing_remote, needs_no_trust, is_small, has_small_media,
    says_what_it_asks, has_all_parts, has_exercises, has_a_widget, has_short_cells, describes_every_figure,
    links_to_what_is_there, names_no_machine, asks_three_questions,
    marks_what_it_quotes,
)  # fmt: skip
