"""The rating page in a real browser: from consent to CSV by keys alone, over a reload, without a request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch
from browser.test_lab import IDLE, run_all
from nbformat.v4 import new_code_cell, new_notebook

from thlab.course.publish.browser import page_of
from thlab.experiments.study.answers import parse_sheet
from thlab.experiments.study.page import Study, make_study
from thlab.media import Clip

ENABLED = "fieldset:enabled"


def clip(light: int) -> Clip:
    """A third of a second."""
    return Clip(frames=torch.full((8, 64, 64, 3), light, dtype=torch.uint8), audio=torch.zeros(8 * 640))


@pytest.fixture(scope="module")
def study() -> Study:
    clips = {("fake", "a"): clip(40), ("real", "a"): clip(140), ("fake", "b"): clip(90), ("real", "b"): clip(200)}
    return make_study(clips, seed=1, anchors={"worst": clip(10), "best": clip(240)}, checks=0, repeats=1)


@pytest.fixture
def opened(study: Study, tab, tmp_path: Path):
    """The page of the study in a tab."""
    study.write(tmp_path / "study.html", tmp_path / "key.json")
    tab.page.goto((tmp_path / "study.html").as_uri())
    return tab


def begin(page: Any, rater: str = "2") -> None:
    page.check("#agree")
    page.fill("#rater", rater)
    page.click("#begin")
    for _ in range(2):
        page.keyboard.press("p")
        page.wait_for_selector("#next:enabled")
        page.keyboard.press("Enter")


def rate(page: Any, point: int) -> str:
    """Play the clip, rate it and go on, by keys; the code of the clip."""
    code = page.get_attribute("video", "data-code")
    page.keyboard.press("p")
    page.wait_for_selector(ENABLED)
    page.keyboard.press(str(point))
    page.keyboard.press("Enter")
    return code


def test_a_study_is_rated_by_keys_saved_and_read(opened, study: Study, tmp_path: Path):
    page = opened.page
    opened.keep("study_begin")
    begin(page)
    seen = [rate(page, point) for point in (4, 2, 5, 1, 3)]
    assert tuple(seen) == study.plan.order(2)
    with page.expect_download() as saved:
        page.click("#save")
    saved.value.save_as(tmp_path / saved.value.suggested_filename)
    assert saved.value.suggested_filename == f"ratings-{study.plan.study}-rater2.csv"
    sheet = parse_sheet(study.plan, (tmp_path / saved.value.suggested_filename).read_text())
    assert [sheet.rating(code) for code in seen] == [4, 2, 5, 1, 3]
    assert all(0 <= given.seconds < 30 and given.plays == 1 for given in sheet.rows.values())
    assert opened.remote == []
    assert opened.errors == []


def test_nothing_can_be_rated_before_the_clip_has_ended(opened):
    page = opened.page
    begin(page)
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    assert page.locator(ENABLED).count() == 0
    assert page.inner_text("h1") == "Clip 1 of 5"
    page.keyboard.press("p")
    page.wait_for_selector(ENABLED)
    assert page.locator("#next:enabled").count() == 0
    opened.keep("study_rate")


def test_a_reload_loses_no_answer_not_even_one_that_is_not_confirmed(opened):
    page = opened.page
    begin(page)
    rate(page, 5)
    page.keyboard.press("p")
    page.wait_for_selector(ENABLED)
    page.keyboard.press("2")
    page.reload()
    assert "1 of 5 clips are rated" in page.inner_text("main")
    page.click("#continue")
    assert page.inner_text("h1") == "Clip 2 of 5"
    assert page.locator("input:checked").get_attribute("value") == "2"
    page.keyboard.press("Enter")
    assert page.inner_text("h1") == "Clip 3 of 5"


def test_who_stops_can_save_go_on_and_delete(opened):
    page = opened.page
    begin(page)
    rate(page, 5)
    page.click("#stop")
    page.click("summary")
    assert page.input_value("#csv").count("\n") == 2
    page.click("#back")
    assert page.inner_text("h1") == "Clip 2 of 5"
    page.click("#stop")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#forget")
    page.reload()
    assert page.locator("#continue").count() == 0


@pytest.mark.parametrize(
    ("agree", "rater", "told"), [(False, "2", "tick the box"), (True, "", "number"), (True, "0", "number")]
)
def test_nobody_begins_without_consent_and_a_number(opened, agree: bool, rater: str, told: str):
    page = opened.page
    page.set_checked("#agree", agree)
    page.fill("#rater", rater)
    page.click("#begin")
    assert told in page.inner_text("#wrong")
    assert page.locator("video").count() == 0


def test_every_control_has_a_name_for_screen_readers(opened):
    page = opened.page
    begin(page)
    page.keyboard.press("p")
    page.wait_for_selector(ENABLED)
    for name in ("1, Bad", "2, Poor", "3, Fair", "4, Good", "5, Excellent"):
        assert page.get_by_role("radio", name=name).count() == 1
    assert page.get_by_role("group", name="How natural is this talking person?").count() == 1
    assert page.get_attribute("video", "aria-label") == "clip 1 of 5"
    assert "has ended" in page.inner_text("#live")


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (360, 640)])
def test_the_page_fits_laptops_and_phones(opened, width: int, height: int):
    page = opened.page
    page.set_viewport_size({"width": width, "height": height})
    begin(page)
    box = page.locator("#next").bounding_box()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert box["y"] + box["height"] <= height * (1 if width > 600 else 1.1)
    assert min(label.bounding_box()["height"] for label in page.locator(".scale label").all()) >= 36
    opened.keep(f"study_{width}")


@pytest.mark.slow
def test_rating_in_jupyterlab_reaches_the_kernel(lab, browser: str, tmp_path: Path):
    notebook = new_notebook(cells=[new_code_cell(NOTEBOOK)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "rating.ipynb")
    with page_of(browser, width=1200, height=1000) as page:
        tab = lab.open(page, tmp_path / "rating.ipynb")
        page.wait_for_selector(IDLE, timeout=60_000)
        run_all(page)
        frame = page.frame_locator("iframe[title='rating study']")
        page.locator("iframe[title='rating study']").wait_for(timeout=180_000)  # a fresh JupyterLab takes its time
        frame.locator("#agree").check()
        frame.locator("#rater").fill("7")
        frame.locator("#begin").click()
        frame.locator("#play").click()
        frame.locator("fieldset:enabled").wait_for(timeout=20_000)
        frame.locator("input[value='4']").check()
        frame.locator("#next").click()
        page.get_by_text("rater 7: 1").wait_for(timeout=20_000)
        tab.keep("study_in_lab")
        assert tab.remote == []


NOTEBOOK = """import torch
from thlab.course.study import RatingPanel
from thlab.experiments.study.page import make_study
from thlab.media import Clip

clip = Clip(frames=torch.full((8, 64, 64, 3), 90, dtype=torch.uint8))
panel = RatingPanel(make_study({("a", "x"): clip, ("b", "x"): clip}, seed=0, checks=0, repeats=0))
panel.open()"""
