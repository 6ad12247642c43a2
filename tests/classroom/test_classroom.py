"""The example for a class: the hub starts, an instructor hands out, a student hands in, and nothing stays behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
import requests
from traitlets.config import Config

from thlab.course import ROOT
from thlab.course.publish.student import build_student

CLASSROOM = ROOT / "classroom"
LESSON = "02_from_sound_to_mfcc"
PASSWORD = "a password for tests"
SECONDS = 120
"""Nothing here takes longer."""


def settings(name: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Config:
    """What a configuration file sets in an environment."""
    for key in [key for key in os.environ if key.startswith(("THLAB_", "JUPYTERHUB_"))]:
        monkeypatch.delenv(key)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    found, path = Config(), CLASSROOM / name
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), {"get_config": lambda: found, "__file__": str(path)})
    return found


@pytest.mark.parametrize("trial", ["yes", "no"])
def test_the_hub_listens_on_this_machine_only(trial: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    environment = {"THLAB_TRIAL": trial, "THLAB_CLASS": str(tmp_path), "THLAB_EXCHANGE": str(tmp_path / "exchange")}
    hub = settings("jupyterhub_config.py", environment, monkeypatch)
    addresses = [hub.JupyterHub.bind_url, hub.JupyterHub.hub_bind_url, hub.ConfigurableHTTPProxy.api_url]
    assert [address.rpartition(":")[0] for address in addresses] == ["http://127.0.0.1"] * 3
    assert len(set(addresses)) == 3


def test_a_real_class_shares_no_password_and_no_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    environment = {"THLAB_TRIAL": "no", "THLAB_CLASS": str(tmp_path), "THLAB_EXCHANGE": str(tmp_path / "exchange")}
    hub = settings("jupyterhub_config.py", environment, monkeypatch)
    assert hub.JupyterHub.authenticator_class == "pam"
    assert "simple" not in hub.JupyterHub.spawner_class
    assert "--allow-root" not in hub.Spawner.get("args", [])
    grader = settings("nbgrader_config.py", hub.Spawner.environment | {"JUPYTERHUB_USER": "ada"}, monkeypatch)
    assert "student_id" not in grader.CourseDirectory
    assert "check_owner" not in grader.ExchangeCollect


@pytest.mark.parametrize("trial", ["yes", "no"])
def test_checks_offer_no_solutions_in_a_class(trial: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    environment = {"THLAB_TRIAL": trial, "THLAB_CLASS": str(tmp_path), "THLAB_EXCHANGE": str(tmp_path / "exchange")}
    assert settings("jupyterhub_config.py", environment, monkeypatch).Spawner.environment["THLAB_SOLUTIONS"] == "off"


def free_ports(count: int = 3) -> int:
    """The first of some neighbouring ports that nobody listens on."""
    for first in range(18_000 + os.getpid() % 1000, 30_000, count):
        try:
            for port in range(first, first + count):
                with socket.socket() as attempt:
                    attempt.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no free ports")


def until(done: Callable[[], Any], *, what: str) -> Any:
    """What ``done`` gives, once it is something."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if result := done():
            return result
        time.sleep(0.1)
    raise AssertionError(f"waited {SECONDS} s for {what}")


class Visitor:
    """Somebody with a browser, logged in at the hub."""

    def __init__(self, hub: str, name: str) -> None:
        self.session, self.hub, self.name = requests.Session(), hub, name
        self.session.get(f"{hub}/hub/login")
        form = {"username": name, "password": PASSWORD, "_xsrf": self.session.cookies.get("_xsrf", path="/hub/")}
        answer = self.session.post(f"{hub}/hub/login", data=form, allow_redirects=False)
        assert answer.status_code == 302, f"{name} cannot come in"

    def start(self) -> None:
        self.session.get(f"{self.hub}/hub/spawn", allow_redirects=False)

    def enters(self) -> bool:
        """Whether JupyterLab shows."""
        page = f"{self.hub}/user/{self.name}/lab"
        answer = self.session.get(page)
        return answer.ok and answer.url.startswith(page)

    def may_be_framed_by(self) -> str:
        """Whose pages may show this one within theirs."""
        return self.session.get(f"{self.hub}/user/{self.name}/lab").headers["Content-Security-Policy"]

    def ask(self, path: str) -> Any:
        answer = self.session.get(f"{self.hub}/user/{self.name}/{path}")
        answer.raise_for_status()
        return answer.json()

    def do(self, path: str, **data: str) -> Any:
        """What is done by pressing a button, as in JupyterLab's Assignment List and nbgrader's Formgrader."""
        token = self.session.cookies.get("_xsrf", path=f"/user/{self.name}/")
        address = f"{self.hub}/user/{self.name}/{path}"
        answer = self.session.post(address, data=data, headers={"X-XSRFToken": token or ""})
        answer.raise_for_status()
        assert answer.json()["success"], answer.text
        return answer.json()

    def assignments(self) -> dict[str, str]:
        """Everything in the list, with its state."""
        return {row["assignment_id"]: row["status"] for row in self.ask("assignments?course_id=thlab")["value"]}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder for a hub, with the course in the instructor's home."""
    build_student(tmp_path / "home" / "instructor" / "thlab_course", chapters=[ROOT / "chapters" / f"{LESSON}.ipynb"])
    return tmp_path


@pytest.fixture
def hub(place: Path) -> Iterator[str]:
    """A hub that runs, in an environment that is not active; ended with all it started."""
    port = free_ports()
    address = f"http://127.0.0.1:{port}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("THLAB_", "JUPYTER"))}
    environment |= {"THLAB_PORT": str(port), "THLAB_PASSWORD": PASSWORD, "PATH": os.defpath, "HOME": str(place)}
    command = [sys.executable, "-m", "jupyterhub", "-f", str(CLASSROOM / "jupyterhub_config.py")]
    with (place / "log.txt").open("w") as log:
        process = subprocess.Popen(command, cwd=place, env=environment, stdout=log, stderr=log)
    started: list[psutil.Process] = []
    try:
        until(lambda: process.poll() is not None or answers(f"{address}/hub/login"), what="the hub")
        assert process.poll() is None, (place / "log.txt").read_text()
        yield address
        started = psutil.Process(process.pid).children(recursive=True)
        assert len(started) >= 3  # the proxy and two servers
    finally:
        process.send_signal(signal.SIGINT)  # Ctrl+C
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        alive = psutil.wait_procs(started, timeout=10)[1]
        for child in alive:
            child.kill()
    assert alive == []
    assert process.returncode == 0


def answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.mark.slow
def test_an_instructor_hands_out_a_student_hands_in_and_the_instructor_collects(hub: str, place: Path):
    instructor, ada = people = [Visitor(hub, "instructor"), Visitor(hub, "ada")]
    for person in people:
        person.start()
    for person in people:
        until(person.enters, what=f"the server of {person.name}")
    assert "frame-ancestors 'self'" in instructor.may_be_framed_by(), "JupyterLab cannot show Formgrader"
    assert "frame-ancestors 'none'" in ada.may_be_framed_by()
    hands_out(instructor, ada, place)
    hands_in(instructor, ada, place)


def hands_out(instructor: Visitor, ada: Visitor, place: Path) -> None:
    release = place / "home" / "instructor" / "thlab_course" / "release" / LESSON / f"{LESSON}.ipynb"
    before = nbformat.read(release, as_version=4)
    instructor.do(f"formgrader/api/assignment/{LESSON}/assign")
    assert nbformat.read(release, as_version=4) == before, "Formgrader cuts otherwise than the build"
    assert ada.assignments() == {}
    instructor.do(f"formgrader/api/assignment/{LESSON}/release")
    assert instructor.assignments() == ada.assignments() == {LESSON: "released"}
    ada.do("assignments/fetch", assignment_id=LESSON, course_id="thlab")
    assert ada.assignments() == {LESSON: "fetched"}
    assert nbformat.read(place / "home" / "ada" / LESSON / f"{LESSON}.ipynb", as_version=4) == before


def hands_in(instructor: Visitor, ada: Visitor, place: Path) -> None:
    mine = place / "home" / "ada" / LESSON / f"{LESSON}.ipynb"
    mine.write_text(mine.read_text(encoding="utf-8").replace("Your turn", "My turn"), encoding="utf-8")
    ada.do("assignments/submit", assignment_id=LESSON, course_id="thlab")
    log = instructor.do(f"formgrader/api/assignment/{LESSON}/collect")["log"]
    assert "Processing 1 submissions" in log
    assert "cheating" not in log
    collected = place / "home" / "instructor" / "thlab_course" / "submitted" / "ada" / LESSON / f"{LESSON}.ipynb"
    assert collected.read_text(encoding="utf-8") == mine.read_text(encoding="utf-8")
