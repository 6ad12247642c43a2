"""Clicks on a picture in JupyterLab, in a real browser, reach the kernel and move the lines of the face."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from browser.test_lab import IDLE, run_all
from nbformat.v4 import new_code_cell, new_notebook

from thlab.course.publish.browser import page_of

SOURCE = """from thlab.course.photographs import cartoon
from thlab.course.widgets.click_points import ClickPoints

ClickPoints(cartoon(240)).open()"""


@pytest.mark.slow
def test_a_click_on_the_picture_reaches_the_kernel(lab, browser: str, tmp_path: Path):
    notebook = new_notebook(cells=[new_code_cell(SOURCE)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "clicks.ipynb")
    with page_of(browser, width=1200, height=1000) as page:
        tab = lab.open(page, tmp_path / "clicks.ipynb")
        page.wait_for_selector(IDLE, timeout=60_000)
        run_all(page)
        picture = page.locator(".widget-html svg[onclick]")
        picture.wait_for(timeout=180_000)  # a fresh JupyterLab on a busy machine takes its time
        for count, place in enumerate(({"x": 150, "y": 200}, {"x": 400, "y": 200}), 1):
            picture.click(position=place)
            page.locator(f"svg[aria-label*='{count} points are clicked']").wait_for(timeout=20_000)
        tab.keep("clicks")
        assert picture.locator("circle").count() == 3
