from __future__ import annotations

from pathlib import Path

import pytest

from thlab import __version__
from thlab.__main__ import main
from thlab.corpus import samples


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """What a command said when it refused."""
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("thlab: ")
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "command"),
        (["sing"], "sing"),
        (["train"], "NAME"),
        (["train", "talker", "--device", "abacus"], "abacus"),
        (["talk", "--text", "hi", "--system", "wav3lip"], "wav3lip"),
        (["claims", "talker"], "talker"),
        (["claims", "speech2vid", "--seeds", "1"], "at least 2"),
        (["train", "nobody"], "nobody"),
        (["train", "talker", "--budget", "endless"], "endless"),
        (["train", "talker", "--seed", "-3"], "--seed"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
):
    assert main(arguments) == 2
    assert told in one_line(capsys)


def test_samples_do_not_go_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "taken").write_text("mine")
    assert main(["samples", "-o", str(tmp_path / "taken")]) == 2
    assert "taken" in one_line(capsys)
    assert (tmp_path / "taken").read_text() == "mine"


def test_samples_are_named_as_they_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(samples, "write_samples", lambda folder: iter([folder / "a.mp4", folder / "a.npz"]))
    assert main(["samples", "-o", str(tmp_path)]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "a.mp4"), str(tmp_path / "a.npz")]


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out.strip() == f"thlab {__version__}"
