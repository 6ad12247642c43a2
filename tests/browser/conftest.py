"""Chromium and JupyterLab for tests that look at pages as people do.

Without Chromium they are skipped, unless the environment variable THLAB_REQUIRE names "browser", as in continuous
integration. Screenshots stay in build/screenshots.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from thlab.course import ROOT
from thlab.course.publish.browser import browser_at, page_of
from thlab.course.publish.slides import DECKS, build_slides

SCREENSHOTS = ROOT / "build" / "screenshots"
BUILT = ROOT / "build" / "slides"
SOURCES = {".py", ".j2", ".css", ".json"}
TOKEN = "test"
PATIENCE = 30
"""Seconds that JupyterLab may take to start."""


@pytest.fixture(scope="session")
def browser() -> str:
    """The path of Chromium."""
    try:
        return browser_at()
    except ValueError as missing:
        if "browser" in os.environ.get("THLAB_REQUIRE", ""):
            raise
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def slides(browser: str) -> Path:
    """The folder of the built decks and their PDFs: as ``make slides`` left it if nothing has changed since."""
    decks = sorted(DECKS.glob("[0-9]*.ipynb"))
    built = [BUILT / f"{deck.stem}{kind}" for deck in decks for kind in (".html", ".pdf")]
    made_of = [*decks, *(path for path in (ROOT / "thlab" / "course").rglob("*") if path.suffix in SOURCES)]
    if not all(path.exists() for path in built) or _newest(made_of) > min(map(_changed, built)):
        build_slides(BUILT)
    return BUILT


def _changed(path: Path) -> float:
    return path.stat().st_mtime


def _newest(paths: list[Path]) -> float:
    return max(map(_changed, paths))


class Tab:
    """A page, with what it asked of other hosts and what it complained about."""

    def __init__(self, page: Any, local: tuple[str, ...] = ("file:", "data:", "blob:")) -> None:
        self.page, self.remote, self.errors = page, [], []
        page.on("request", lambda asked: None if asked.url.startswith(local) else self.remote.append(asked.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def keep(self, name: str) -> Path:
        """A screenshot among the build's artefacts."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=str(path))
        return path


@pytest.fixture
def tab(browser: str) -> Iterator[Tab]:
    """A tab that opens files."""
    with page_of(browser) as page:
        yield Tab(page)


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab whose root is a folder of copies."""

    address: str
    root: Path

    def open(self, page: Any, notebook: Path, *, view: str = "lab/tree") -> Tab:
        """Copy a notebook into the root, and open it."""
        shutil.copy(notebook, self.root)
        tab = Tab(page, (self.address, self.address.replace("http", "ws"), "data:", "blob:"))
        page.goto(f"{self.address}/{view}/{notebook.name}?token={TOKEN}{'&reset' if view.startswith('lab') else ''}")
        return tab


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, browser: str) -> Iterator[Lab]:
    """JupyterLab on loopback, with settings of its own."""
    root = tmp_path_factory.mktemp("lab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    environment = os.environ | {name: str(root.parent / f"{root.name}-{folder}") for name, folder in places.items()}
    environment["JUPYTER_CONFIG_PATH"] = str(ROOT / "docs" / "jupyter")  # as `make lab` does
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}", "--ServerApp.port_retries=0"]
    log = root.parent / "lab.log"
    with log.open("w") as said:
        server = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
        try:
            _wait_for(f"http://127.0.0.1:{port}/api/status?token={TOKEN}", server, log)
            yield Lab(f"http://127.0.0.1:{port}", root)
        finally:
            server.terminate()
            server.wait(15)


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=1)
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start: {log.read_text()[-2000:]}")
