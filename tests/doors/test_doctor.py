from __future__ import annotations

import importlib.metadata
import sys

import pytest

from thlab.__main__ import main
from thlab.doors import doctor
from thlab.doors.doctor import Finding


def test_every_line_begins_with_ok_or_missing_and_the_essentials_are_there(capsys: pytest.CaptureFixture[str]):
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 15
    assert all(line.startswith(("[OK] ", "[MISSING] ")) for line in lines)


def test_a_missing_package_is_named_with_its_mend(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    version = importlib.metadata.version

    def without_av(name: str) -> str:
        if name == "av":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", without_av)
    assert main(["doctor"]) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("[MISSING] av")]
    assert "pip install" in line


def test_a_check_that_breaks_is_a_finding():
    def recogniser() -> Finding:
        raise ImportError("libfoo.so is not there")

    line = str(doctor.careful(recogniser))
    assert line.startswith("[MISSING] recogniser")
    assert "libfoo.so" in line


def test_without_mediapipe_the_mend_is_named_and_the_rest_still_works(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(sys.modules, "mediapipe.python.solutions", None)
    assert main(["doctor"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "face mesh" in line]
    assert line.startswith("[MISSING]")
    assert "pip install -e '.[faces]'" in line
