"""`thlab prepare` from the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch
from corpus.prepare.films import SAMPLES, with_frames

from thlab.__main__ import main
from thlab.corpus.prepare import sound as sounds
from thlab.corpus.samples import read_sample

SAMPLE = SAMPLES / "00-neutral.mp4"


def test_a_video_is_prepared_and_the_report_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sounds, "measure_sync", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    assert main(["prepare", str(SAMPLE), "--size", "32", "--test-seconds", "1", "--quiet"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "out/prepared/00-neutral"
    assert {line.split()[0] for line in said[:-1]} >= {"video", "face", "cuts", "sound", "identity", "train", "test"}
    assert list((tmp_path / said[-1] / "test").glob("*.npz"))


@pytest.mark.slow
def test_sound_that_is_off_is_measured_and_mended_as_the_warning_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    clip = read_sample(SAMPLES, "03-neutral")
    with_frames(tmp_path / "early.mp4", clip.frames, clip.audio[160 * 16 :])
    command = ["prepare", "early.mp4", "--size", "32", "--quiet", "-o"]
    assert main([*command, "first"]) == 0
    (mend,) = re.findall(r"warning: the sound is .* ms off; mend it with (--shift-sound=\d+)", capsys.readouterr().out)
    off_by = json.loads((tmp_path / "first" / "prepare.json").read_text())["sound"]["offset_ms"]
    assert off_by == pytest.approx(-160, abs=60)
    assert main([*command, "mended", mend]) == 0
    assert "warning: the sound" not in capsys.readouterr().out
    assert abs(json.loads((tmp_path / "mended" / "prepare.json").read_text())["sound"]["offset_ms"]) < 20


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "VIDEO"),
        (["nowhere.mp4"], "nowhere.mp4"),
        ([str(Path(__file__))], "test_prepare_door.py"),
        ([str(SAMPLE), "--size", "97"], "--size"),
        ([str(SAMPLE), "--test-seconds", "-1"], "--test-seconds"),
        ([str(SAMPLE), "--face-index", "-1"], "--face-index"),
        ([str(SAMPLE), "--shift-sound", "nan"], "--shift-sound"),
    ],
)
def test_what_cannot_be_prepared_is_refused_in_one_line_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
):
    monkeypatch.chdir(tmp_path)
    assert main(["prepare", *arguments]) == 2
    said = capsys.readouterr()
    assert told in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_empty_files_faceless_and_mute_videos_and_taken_folders_are_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    grey, sound = torch.full((30, 64, 64, 3), 90, dtype=torch.uint8), torch.zeros(16_000)
    Path("empty.mp4").touch()
    with_frames(Path("grey.mp4"), grey, sound)
    with_frames(Path("mute.mp4"), grey, None)
    Path("taken").mkdir()
    there = sorted(tmp_path.rglob("*"))
    for name, folder, told in [
        ("empty.mp4", "out", "empty.mp4"),
        ("grey.mp4", "out", "no face was found in grey.mp4"),
        ("mute.mp4", "out", "mute.mp4 has no sound"),
        (str(SAMPLE), "taken", "taken is there already and is kept"),
    ]:
        assert main(["prepare", name, "--quiet", "-o", folder]) == 2
        said = capsys.readouterr().err.splitlines()
        assert told in said[-1]
        assert len([line for line in said if line.startswith("thlab:")]) == 1
    assert sorted(tmp_path.rglob("*")) == there
