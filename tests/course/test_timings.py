"""Running times: measured on a fresh kernel, kept for every chapter and deck, and told on a page."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from course.notebooks import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from thlab.course.publish import timings

NAPPING = "# a nap\nimport time\ntime.sleep(1.2)"


def notebook_at(path: Path, *sources: str) -> Path:
    cells = [new_markdown_cell("# Title"), *map(new_code_cell, sources)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
    return path


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """The times of a notebook that mostly sleeps."""
    folder = tmp_path_factory.mktemp("timed")
    (folder / "beside.txt").write_text("here")
    path = notebook_at(folder / "07_naps.ipynb", "open('beside.txt').read()", NAPPING, "")
    return timings.measure([path])


def test_the_slowest_cell_is_the_one_that_sleeps(measured: dict):
    entry = measured["notebooks"]["07_naps.ipynb"]
    assert entry["slowest"]["code"] == "time.sleep(1.2)"
    assert 1.2 <= entry["slowest"]["seconds"] < entry["seconds"]
    assert (entry["title"], entry["cells"]) == ("Title", 2)


def test_the_machine_is_told_but_not_named(measured: dict):
    told = measured["machine"]
    assert told["cores"] >= 1
    assert told["processor"]
    assert told["torch"][0].isdigit()
    import socket

    assert socket.gethostname() not in json.dumps(measured)


def test_a_notebook_that_fails_leaves_the_old_times(tmp_path: Path):
    kept = tmp_path / "timings.json"
    kept.write_text('{"notebooks": {}}')
    bad = notebook_at(tmp_path / "08_bad.ipynb", "1 / 0")
    with pytest.raises(ValueError, match=r"but one fails: ZeroDivisionError: division by zero$"):
        timings.measure_course(kept, [bad])
    assert kept.read_text() == '{"notebooks": {}}'


def test_one_notebook_measured_alone_leaves_the_entries_of_the_others(
    tmp_path: Path, measured: dict, monkeypatch: pytest.MonkeyPatch
):
    old = {"seconds": 9.0, "cells": 3, "slowest": {"seconds": 4.0, "code": "x"}}
    kept = tmp_path / "timings.json"
    kept.write_text(json.dumps({"notebooks": {"chapters/00_a.ipynb": old}}))
    monkeypatch.setattr(timings, "measure", lambda paths: measured)
    timings.measure_course(kept, [tmp_path / "07_naps.ipynb"])
    found = json.loads(kept.read_text())
    assert list(found["notebooks"]) == ["07_naps.ipynb", "chapters/00_a.ipynb"]
    assert found["notebooks"]["chapters/00_a.ipynb"] == old


def test_of_all_notebooks_measured_anew_no_old_entry_stays(
    tmp_path: Path, measured: dict, monkeypatch: pytest.MonkeyPatch
):
    kept = tmp_path / "timings.json"
    kept.write_text('{"notebooks": {"chapters/99_gone.ipynb": {}}}')
    monkeypatch.setattr(timings, "measure", lambda paths: measured)
    timings.measure_course(kept)
    assert list(json.loads(kept.read_text())["notebooks"]) == ["07_naps.ipynb"]


def test_without_times_the_command_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match="thlab publish timings"):
        timings.read_timings(tmp_path / "timings.json")


@pytest.mark.parametrize(
    ("source", "line"),
    [("# why\nx = 1\ny = 2", "x = 1"), ("import a\n\nrun()", "run()"), ("import a", "import a"), ("# only", "")],
)
def test_a_cell_is_named_by_the_first_line_that_does_something(source: str, line: str):
    assert timings.first_line(source) == line


@pytest.mark.parametrize(("busy", "beside"), [(0.2, ""), (3.1, ", which 3 other processes kept busy")])
def test_the_page_has_a_row_for_each_notebook_with_its_link(busy: float, beside: str):
    entry = {"title": "02 · Sound", "seconds": 26.4, "cells": 30, "slowest": {"seconds": 13.52, "code": "a | b"}}
    page = timings.timings_page(
        {
            "measured": "2026-01-02",
            "machine": {"cores": 2, "processor": "X", "busy": busy, "python": "3.11", "torch": "2", "numpy": "2"},
            "notebooks": {"slides/02_sound.ipynb": entry, "chapters/02_sound.ipynb": entry},
        }
    )
    assert "| [02 · Sound](chapters/02_sound.ipynb) | 30 | 26 | 13.5 | `a \\| b` |" in page
    assert '| <a href="slides/02_sound.html">02 · Sound</a> | 30 | 26 | 13.5 | `a \\| b` |' in page
    assert f"2 cores of X{beside}; python 3.11, torch 2, numpy 2." in page


@pytest.mark.parametrize("path", timings.notebooks(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_time_of_every_chapter_and_deck_is_kept(path: Path):
    entry = timings.read_timings()["notebooks"].get(path.relative_to(ROOT).as_posix())
    assert entry, f"measure {path.name}: thlab publish timings"
    assert 0 < entry["slowest"]["seconds"] < entry["seconds"]
    assert f"# {entry['title']}" == nbformat.read(path, as_version=4).cells[0].source.splitlines()[0]


def test_no_time_is_kept_of_a_notebook_that_is_gone():
    assert {name for name in timings.read_timings()["notebooks"] if not (ROOT / name).exists()} == set()
