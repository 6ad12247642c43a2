"""``thlab score``, ``scorecard`` and ``validate``: bad input is one line, and good input a table, JSON and a figure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from thlab.__main__ import main
from thlab.experiments import validation
from thlab.experiments.scorecard import Scorecard, Value, compose, systems
from thlab.experiments.scorecard.card import Difference
from thlab.experiments.validation import Validation, read_validation

SAMPLE = Path(__file__).parents[2] / "data_samples" / "00-neutral.mp4"


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("thlab: ")
    assert said.err.count("\n") == 1
    return said.err


@pytest.fixture
def card() -> Scorecard:
    rows = {
        "real": {"psnr": Value(float("inf"), n=3), "lip_r": Value(0.98, 0.97, 0.99, 3)},
        "ours": {"psnr": Value(20.5, 19.0, 21.0, 3), "lip_r": Value(0.8, 0.7, 0.9, 3)},
        "ours, other sound": {"psnr": Value(20.1, 19.0, 21.0, 3), "lip_r": Value(None, why="the mouth is hidden")},
    }
    told = Difference("lip_r", "ours", "ours, other sound", 0.8, 0.7, 0.9, 0.01, 0.02, "ours", 3)
    return Scorecard("ours on 3 people", "thlab scorecard ours", "abc", "clips", rows, ["a note"], [told])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["score"], "REAL"),
        (["score", "nothing.mp4", "nothing.mp4"], "nothing at nothing.mp4"),
        (["score", __file__, __file__], "test_score_doors.py"),
        (["score", str(SAMPLE), str(SAMPLE.parent)], "only one of"),
        (["score", str(SAMPLE), str(SAMPLE), "--json", "table.csv"], ".json"),
        (["score", str(SAMPLE), str(SAMPLE), "--figure", "table.jpg"], ".png"),
        (["scorecard"], "SYSTEM"),
        (["scorecard", "wav3lip"], "no system is called 'wav3lip'"),
        (["scorecard", "speech2vid", "speech2vid"], "each once"),
        (["scorecard", "talker"], "whose head stays still"),
        (["validate", "beauty"], "choose one of frechet, naturalness, sync"),
        (["validate", "sync", "-o", __file__], "is a file"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
):
    assert main(arguments) == 2
    assert told in one_line(capsys)


def test_a_figure_without_matplotlib_is_refused_before_anything_is_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["score", str(SAMPLE), str(SAMPLE), "--figure", "a.png"]) == 2
    assert "pip install" in one_line(capsys)


def test_a_score_is_printed_kept_and_drawn(
    card: Scorecard, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    asked = {}

    def measured(real: Path, fake: Path, **options: bool) -> Scorecard:
        asked.update(options)
        return card

    monkeypatch.setattr(compose, "score_videos", measured)
    files = tmp_path / "a.json", tmp_path / "a.png"
    arguments = ["score", str(SAMPLE), str(SAMPLE), "--cut", "--json", str(files[0]), "--figure", str(files[1])]
    assert main([*arguments, "--quiet"]) == 0
    assert asked == {"cut": True, "resize": False, "quiet": True}
    out = capsys.readouterr().out
    assert "0.80 [0.70 0.90]" in out
    assert "– lip r: the mouth is hidden" in out
    assert "ours is better" in out
    assert out.split()[-2:] == [str(path) for path in files]
    assert json.loads(files[0].read_text())["subjects"]["real"]["psnr"]["mean"] is None
    assert files[1].read_bytes().startswith(b"\x89PNG")


def test_a_scorecard_is_printed(
    card: Scorecard, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(systems, "score_systems", lambda names, *, quiet: card)
    assert main(["scorecard", "ours"]) == 0
    assert "ours on 3 people" in capsys.readouterr().out


def test_validations_are_listed_and_run_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    assert main(["validate"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(validation.VALIDATIONS)
    found = Validation("sync", "thlab validate sync", "abc", ["shift  found", "   +3     +3"], {"right": 0.99})
    monkeypatch.setattr(validation, "validate", lambda name, *, quiet: found)
    assert main(["validate", "sync", "-o", str(tmp_path)]) == 0
    assert "+3     +3" in capsys.readouterr().out
    assert read_validation("sync", tmp_path) == found
