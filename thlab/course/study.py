"""Rate in a notebook: the page of a study beneath a cell, its answers in the kernel, read as any CSV of the page."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import cached_property
from html import escape
from typing import Any

import ipywidgets

from thlab.course.page import Page
from thlab.course.widgets.explorer import a_page_asks
from thlab.experiments.study.answers import Sheet, parse_sheet
from thlab.experiments.study.page import Study
from thlab.experiments.study.report import Report, report

HEIGHT = 700
"""CSS pixels."""
TELL = """
this.contentWindow.thlabKept = csv => {
  const field = document.querySelector('.TAG textarea');
  field.value = csv;
  for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {bubbles: true}));
};
"""
"""What the frame does when it has loaded: whenever its page keeps an answer, the CSV is written into a text field that
nobody sees, and that the kernel listens to."""
_numbers = itertools.count()


class RatingPanel:
    """A study to take part in, as the last line of a cell: the very page that raters open as a file, in a frame.

    Answers reach the kernel one by one; who begins anew under the same number replaces what was there. Chapter 16.

    Args:
        study: page and key.
    """

    def __init__(self, study: Study) -> None:
        self.study, self.tag = study, f"thlab-study-{next(_numbers)}"
        self._sheets: dict[str, Sheet] = {}

    @cached_property
    def heard(self) -> Any:
        """The field that the page writes into; no widget is made before one is shown, for notebooks would keep it."""
        field = ipywidgets.Textarea(layout={"display": "none"})
        field.add_class(self.tag)
        field.observe(self._hear, names="value")
        return field

    @cached_property
    def said(self) -> Any:
        """Who has rated how many."""
        return ipywidgets.HTML(self._line())

    @property
    def sheets(self) -> list[Sheet]:
        """What raters have answered so far, one sheet each."""
        return list(self._sheets.values())

    def report(self, **options: Any) -> Report:
        """The table of the answers so far; see ``thlab.experiments.study.report``.

        Raises:
            ValueError: nobody has rated yet, or nobody is left after screening.
        """
        return report(self.study.plan, self.sheets, **options)

    def open(self) -> Any:
        """The page to rate on; without a page in a browser a line that says so."""
        if a_page_asks():
            return self.widget()
        text = "rate the clips: run this cell in JupyterLab to take part in the study"
        return Page(f"<p><em>{escape(text)}</em></p>", f"[{text}]")

    def widget(self) -> Any:
        """The panel, whoever asks."""
        return ipywidgets.VBox([ipywidgets.HTML(self.framed()), self.said, self.heard])

    def framed(self) -> str:
        """The page as a frame that tells what it keeps."""
        style = f"width:100%;height:{HEIGHT}px;border:1px solid #c9ced6;border-radius:8px"
        return (
            f'<iframe title="rating study" style="{style}" srcdoc="{escape(self.study.html)}" '
            f'onload="{escape(TELL.replace("TAG", self.tag))}"></iframe>'
        )

    def _hear(self, change: Mapping[str, Any]) -> None:
        """An answer, with all before it; a sheet without answers is passed over."""
        if change["new"].count("\n") > 1:
            sheet = parse_sheet(self.study.plan, change["new"], name="the page")
            self._sheets[sheet.rater] = sheet
            self.said.value = self._line()

    def _line(self) -> str:
        counts = [f"rater {escape(sheet.rater)}: {len(sheet.rows)}" for sheet in self.sheets]
        return f"<p>answers in this notebook: {', '.join(counts) if counts else 'none yet'}</p>"
