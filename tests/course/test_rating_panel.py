"""Rating in a notebook: the page of the study in a frame, and what it keeps in the kernel."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
import torch

from thlab.course.page import Page
from thlab.course.study import RatingPanel
from thlab.experiments.raters import Crowd, attend
from thlab.experiments.study.answers import write_sheet
from thlab.experiments.study.page import Study, make_study
from thlab.experiments.study.report import report
from thlab.media import Clip


@pytest.fixture(scope="module")
def study() -> Study:
    clip = Clip(frames=torch.full((6, 32, 32, 3), 90, dtype=torch.uint8))
    return make_study({(s, c): clip for s in ("a", "b") for c in ("x", "y")}, seed=0, checks=0, repeats=0)


@pytest.fixture
def panel(study: Study) -> RatingPanel:
    return RatingPanel(study)


def text_of(study: Study, number: int, folder: Path) -> str:
    sheet = attend(study.plan, {"a": 4.0, "b": 2.0}, Crowd(raters=3), seed=0)[number]
    return write_sheet(study.plan, sheet, folder / "sheet.csv").read_text()


def test_the_frame_holds_the_page_that_is_written_to_files(panel: RatingPanel):
    framed = panel.framed()
    assert unescape(re.findall(r'srcdoc="([^"]*)"', framed)[0]) == panel.study.html
    assert 'title="rating study"' in framed


def test_the_frame_writes_into_the_field_that_the_kernel_listens_to(panel: RatingPanel, study: Study):
    script = unescape(re.findall(r'onload="([^"]*)"', panel.framed())[0])
    assert f".{panel.tag} textarea" in script
    assert panel.tag in panel.heard._dom_classes
    assert panel.tag != RatingPanel(study).tag


def test_answers_in_the_notebook_give_the_table_of_the_same_file(panel: RatingPanel, study: Study, tmp_path: Path):
    for number in range(3):
        panel.heard.value = text_of(study, number, tmp_path)
    sheets = attend(study.plan, {"a": 4.0, "b": 2.0}, Crowd(raters=3), seed=0)
    assert panel.sheets == sheets
    assert panel.report().lines() == report(study.plan, sheets).lines()
    assert "rater 3: 4" in panel.said.value


def test_answers_come_one_by_one_and_a_new_sitting_replaces_the_old(panel: RatingPanel, study: Study, tmp_path: Path):
    lines = text_of(study, 0, tmp_path).splitlines(keepends=True)
    for count in range(1, len(lines) + 1):
        panel.heard.value = "".join(lines[:count])
        assert [len(sheet.rows) for sheet in panel.sheets] == ([count - 1] if count > 1 else [])
    panel.heard.value = "".join(lines[:2]).replace("simulated-1", "again")
    assert [(sheet.session, len(sheet.rows)) for sheet in panel.sheets] == [("again", 1)]


def test_before_anybody_has_rated_the_table_is_refused(panel: RatingPanel):
    with pytest.raises(ValueError, match="got none"):
        panel.report()


def test_where_no_page_asks_a_line_stands_for_the_panel(panel: RatingPanel):
    assert isinstance(panel.open(), Page)
    assert "JupyterLab" in repr(panel.open())
    assert len(panel.widget().children) == 3
