from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from thlab.__main__ import main
from thlab.experiments.raters import Crowd, attend
from thlab.experiments.study.answers import write_sheet
from thlab.experiments.study.plan import plan_study, read_plan
from thlab.media import Clip, write_clip

CLIPS = [(system, f"s{number}") for system in ("best", "worst") for number in range(8)]


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the key of a study and what a simulated crowd saved."""
    folder = tmp_path_factory.mktemp("study")
    plan = plan_study(CLIPS, seed=0)
    plan.save(folder / "key.json")
    for sheet in attend(plan, {"best": 4.0, "worst": 2.5}, Crowd(raters=10, lazy=1), seed=0):
        write_sheet(plan, sheet, folder / f"{sheet.rater}.csv")
    return folder


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("videos")
    for number, name in enumerate(("real/a.mp4", "fake/a.mp4")):
        frames = np.full((8, 32, 32, 3), 40 + 90 * number, np.uint8)
        (folder / name).parent.mkdir()
        write_clip(Clip(frames=torch.from_numpy(frames)), folder / name)
    return folder


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def test_a_page_and_its_key_are_written(videos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    place = tmp_path / "study.html"
    anchors = ["--worst", str(videos / "fake/a.mp4"), "--best", str(videos / "real/a.mp4")]
    assert main(["opinion", "page", str(videos / "real"), str(videos / "fake"), "-o", str(place), *anchors]) == 0
    said = capsys.readouterr().out
    assert "2 × 1 clips (fake, real)" in said
    assert "no practice" not in said
    plan = read_plan(tmp_path / "study.key.json")
    assert {item.system for item in plan.of("rated")} == {"real", "fake"}
    assert len(plan.of("worst", "best")) == 2
    assert plan.study in place.read_text()


def test_a_page_without_anchors_says_so(videos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    arguments = ["opinion", "page", str(videos / "real"), "-o", str(tmp_path / "s.html"), "--checks", "0"]
    assert main([*arguments, "--question", "Do the lips follow?", "--order", "random"]) == 0
    assert "--worst and --best" in capsys.readouterr().out
    assert "Do the lips follow?" in (tmp_path / "s.html").read_text()


def test_the_table_of_a_study_is_printed_and_kept(studied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    sheets = [str(path) for path in sorted(studied.glob("*.csv"))]
    assert main(["opinion", "read", str(studied / "key.json"), *sheets, "-o", str(tmp_path / "r.json")]) == 0
    said = capsys.readouterr().out
    assert "9 of 10 raters counted" in said
    assert "best − worst" in said
    plain = json.loads((tmp_path / "r.json").read_text())
    assert plain["comparisons"][0]["differs"]
    assert main(["opinion", "power", "--difference", "0.5", "--pilot", str(tmp_path / "r.json")]) == 0
    said = capsys.readouterr().out
    assert f"noise {plain['components']['noise']:g}" in said
    assert "assumed" not in said


def test_everybody_can_be_kept_and_scores_normalised(studied: Path, capsys: pytest.CaptureFixture[str]):
    sheets = [str(path) for path in sorted(studied.glob("*.csv"))]
    assert main(["opinion", "read", str(studied / "key.json"), *sheets, "--keep-all", "--normalise", "z"]) == 0
    said = capsys.readouterr().out
    assert "10 of 10 raters counted" in said
    assert "z-score" in said


def test_the_plan_names_raters_power_and_its_assumptions(capsys: pytest.CaptureFixture[str]):
    assert main(["opinion", "power", "--difference", "0.3", "--raters", "24", "--clips", "20"]) == 0
    said = capsys.readouterr().out
    assert "takes 38 raters" in said
    assert "with 24 raters the power is 0.66" in said
    assert "assumed" in said


def test_more_systems_and_more_noise_take_more_raters(capsys: pytest.CaptureFixture[str]):
    found = []
    for more in ([], ["--systems", "4"], ["--noise-spread", "2"]):
        assert main(["opinion", "power", "--difference", "0.4", *more]) == 0
        found.append(int(capsys.readouterr().out.partition("takes ")[2].split()[0]))
    assert found[0] < min(found[1:])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "page"),
        (["sing"], "sing"),
        (["page", "nowhere.mp4", "-o", "study.html"], "nowhere.mp4"),
        (["page", "nowhere.mp4", "-o", "study.pdf"], "written as .html"),
        (["page", "x.mp4", "--title", " "], "title"),
        (["page", "x.mp4", "--seed", "-1"], "seed"),
        (["read", "key.json", "a.csv"], "cannot be read"),
        (["read", "key.json"], "CSV"),
        (["power"], "--difference"),
        (["power", "--difference", "0"], "cannot be seen"),
        (["power", "--difference", "nan"], "nan"),
        (["power", "--difference", "0.3", "--clips", "3"], "at least 6"),
        (["power", "--difference", "0.3", "--raters", "0"], "at least one clip and one rater"),
        (["power", "--difference", "0.3", "--systems", "1"], "two systems"),
        (["power", "--difference", "0.3", "--power", "1.5"], "0.5 to below 1"),
        (["power", "--difference", "0.3", "--noise-spread", "-1"], "0 or more"),
        (["power", "--difference", "0.3", "--pilot", "pilot.json"], "pilot.json cannot be read"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    assert main(["opinion", *arguments]) == 2
    assert told in one_line(capsys)
    assert list(tmp_path.iterdir()) == []


def test_a_pilot_without_spreads_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "pilot.json").write_text('{"components": null}')
    assert main(["opinion", "power", "--difference", "0.3", "--pilot", str(tmp_path / "pilot.json")]) == 2
    assert "has no spreads" in one_line(capsys)
