from __future__ import annotations

from pathlib import Path

import pytest

from thlab.__main__ import main
from thlab.corpus.cleaning import table
from thlab.corpus.cleaning.rules import Finding
from thlab.corpus.cleaning.table import Row

DROPPED = (Finding("blur", 4.2, 2.0, " %", "the face is blurred"),)


@pytest.fixture
def videos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two videos, of which the second is found to be blurred."""
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"pictures")

    def judged(paths: list[Path], *, skip_damaged: bool) -> list[Row]:
        return [Row(path, DROPPED if path.stem == "b" else (), {"blur": 4.2}) for path in paths]

    monkeypatch.setattr(table, "clean", judged)
    return tmp_path


def test_what_is_dropped_is_told_with_its_measurement_and_counted(videos: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["clean", str(videos), "-o", str(videos / "report.csv")]) == 0
    kept, dropped, *counts = capsys.readouterr().out.splitlines()
    assert kept == f"kept    {videos / 'a.mp4'}"
    assert dropped.startswith(f"dropped {videos / 'b.mp4'}: the face is blurred (blur: 4.2 %, threshold 2 %)")
    assert counts == ["2 clips: 1 kept, 1 dropped", "  1 × the face is blurred"]
    assert len((videos / "report.csv").read_text().splitlines()) == 3


def test_kept_clips_are_linked_and_nothing_of_the_users_is_touched(videos: Path):
    assert main(["clean", str(videos), "--keep", str(videos / "good")]) == 0
    assert [path.name for path in (videos / "good").iterdir()] == ["a.mp4"]
    assert (videos / "good" / "a.mp4").resolve() == (videos / "a.mp4").resolve()
    assert {path.name for path in videos.iterdir()} == {"a.mp4", "b.mp4", "good"}


def test_clips_of_one_name_are_both_linked(videos: Path):
    (videos / "more").mkdir()
    (videos / "more" / "a.mp4").write_bytes(b"other pictures")
    assert main(["clean", str(videos), "--keep", str(videos / "good")]) == 0
    assert sorted(path.read_bytes() for path in (videos / "good").iterdir()) == [b"other pictures", b"pictures"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "expected videos"),
        (["nowhere"], "nowhere"),
        ([".", "--keep", "."], "new folder"),
        ([".", "-o", "."], "name a file"),
        ([".", "-o", "nowhere/report.csv"], "name a file"),
        (["."], "no video"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
):
    monkeypatch.chdir(tmp_path)
    assert main(["clean", *arguments]) == 2
    said = capsys.readouterr()
    assert told in said.err
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_video_ends_in_status_2_with_nothing_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "torn.mp4").write_bytes(b"nothing of a video")
    assert main(["clean", str(tmp_path), "-o", str(tmp_path / "report.csv")]) == 2
    assert "--skip-damaged" in capsys.readouterr().err
    assert not (tmp_path / "report.csv").exists()


def test_what_was_measured_is_printed_again(capsys: pytest.CaptureFixture[str]):
    assert main(["clean", "--thresholds", "--labels"]) == 0
    said = capsys.readouterr().out
    assert "synthetic people" in said
    assert "confidence" in said
    assert "mean F1" in said
