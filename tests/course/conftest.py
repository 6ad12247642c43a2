"""What the page would show, caught."""

from __future__ import annotations

import pytest

import thlab.course.page as page


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[page.Page]:
    """The pieces of HTML that were displayed, in order."""
    pieces: list[page.Page] = []
    monkeypatch.setattr(page, "display", pieces.append)
    return pieces
