"""Chromium without a window: it prints decks and, in tests, reads pages as people would."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHOSEN = "THLAB_BROWSER"
"""Environment variable: the path of another one."""
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
"""It loads our own files only, asks nobody anything by itself, and may play clips unasked."""


def browser_at() -> str:
    """The path of Chromium or Chrome on this machine.

    Raises:
        ValueError: there is none.
    """
    found = os.environ.get(CHOSEN) or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        remedy = f"on Debian: apt-get install chromium, or set {CHOSEN}"
        raise ValueError(f"expected Chromium or Chrome on this machine, found none; {remedy}")
    if shutil.which(found) is None:
        raise ValueError(f"expected in {CHOSEN} the path of Chromium or Chrome, got {found}, which cannot be run")
    return found


@contextmanager
def page_of(browser: str, *, width: int = 1280, height: int = 720) -> Iterator[Any]:
    """An empty tab of Playwright's, as many CSS pixels wide and high; closed in the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=OPTIONS)
        try:
            yield opened.new_page(viewport={"width": width, "height": height})
        finally:
            opened.close()
