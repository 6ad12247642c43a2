from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from thlab.__main__ import main
from thlab.corpus.public import DATASETS

SAMPLE = Path(__file__).parents[2] / "data_samples" / "00-neutral.mp4"
TALK = "0akiEFwtkyA"


@pytest.fixture
def lrs3(tmp_path: Path) -> Path:
    root = tmp_path / "lrs3"
    for part in ("trainval", "test"):
        place = root / part / TALK
        place.mkdir(parents=True)
        shutil.copyfile(SAMPLE, place / "00001.mp4")
        (place / "00001.txt").write_text("Text:  HELLO\nConf:  5\n")
    return root


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("thlab: ")
    assert said.err.count("\n") == 1
    return said.err


def test_the_table_has_a_row_for_each_of_the_eleven(capsys: pytest.CaptureFixture[str]):
    assert main(["datasets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:12]] == list(DATASETS)
    assert any(line.startswith("* grid, people. The survey: 33") for line in lines)


@pytest.mark.parametrize("name", list(DATASETS))
def test_a_card_tells_licence_use_address_and_folders(name: str, capsys: pytest.CaptureFixture[str]):
    assert main(["datasets", "show", name]) == 0
    said = capsys.readouterr().out
    for told in ("licence ", "use ", "obtain ", "http", "folders, as", "figures from"):
        assert told in said


def test_a_whole_dataset_passes(lrs3: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["datasets", "check", "lrs3", str(lrs3)]) == 0
    assert "2 entries, 1 known speakers: 2 found, 0 missing, 0 damaged (trainval 1, test 1)" in capsys.readouterr().out


def test_damage_and_gaps_are_listed_and_set_the_exit_status(lrs3: Path, capsys: pytest.CaptureFixture[str]):
    (lrs3 / "trainval" / TALK / "00001.mp4").write_bytes(b"nothing")
    (lrs3 / "test" / TALK / "00001.mp4").unlink()
    assert main(["datasets", "check", "lrs3", str(lrs3)]) == 1
    said = capsys.readouterr().out
    assert "1 missing, 1 damaged" in said
    assert f"  missing: test/{TALK}/00001: test/{TALK}/00001.mp4 is not there" in said
    assert f"  damaged: trainval/{TALK}/00001: " in said
    assert main(["datasets", "check", "lrs3", str(lrs3), "--skip-damaged"]) == 0
    assert main(["datasets", "check", "lrs3", str(lrs3), "--split", "trainval", "--names-only"]) == 0


def test_clips_are_cut_and_what_is_not_downloaded_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "videos").mkdir()
    shutil.copyfile(SAMPLE, tmp_path / "videos" / f"{TALK}.mp4")
    lists = tmp_path / "avspeech_train.csv"
    lists.write_text(f"{TALK},0.2,0.6,0.5,0.5\n3vPdtajOJfw,0,1,0.5,0.5\n")
    arguments = ["datasets", "cut", "avspeech", "--lists", str(lists), "--videos", str(tmp_path / "videos")]
    assert main([*arguments, "-o", str(tmp_path / "out"), "--size", "32"]) == 0
    said = capsys.readouterr().out
    assert "1 clips written, 0 were there, 1 wait for 1 videos that are not downloaded, 0 failed" in said
    assert "not downloaded: 3vPdtajOJfw (1 clips)" in said
    assert main(["datasets", "check", "avspeech", str(tmp_path / "out"), "--skip-damaged"]) == 0


def test_an_archive_is_unpacked(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with zipfile.ZipFile(tmp_path / "s1.zip", "w") as archive:
        archive.writestr("s1/bbaf2n.mpg", "film")
    assert main(["datasets", "unpack", str(tmp_path / "s1.zip"), "-o", str(tmp_path / "grid")]) == 0
    assert (tmp_path / "grid/s1/bbaf2n.mpg").read_text() == "film"
    assert "1 files in" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "hdtf"], "no dataset is called 'hdtf'"),
        (["show"], "NAME"),
        (["check", "grid", "{tmp}"], "which holds folders s1/"),
        (["check", "grid", "{tmp}/gone"], "is no folder"),
        (["check", "voxceleb", "{tmp}/empty"], "no clip in them"),
        (["cut", "grid", "--lists", "{tmp}", "--videos", "{tmp}", "-o", "{tmp}/o"], "nothing to cut"),
        (["cut", "avspeech", "--lists", "{tmp}/gone", "--videos", "{tmp}", "-o", "{tmp}/o"], "does not exist"),
        (["cut", "avspeech", "--lists", "{tmp}/a.csv", "--videos", "{tmp}/gone", "-o", "{tmp}/o"], "downloaded videos"),
        (["cut", "avspeech", "--lists", "{tmp}/a.csv", "--videos", "{tmp}", "-o", "{tmp}/o"], "in line 1"),
        (["cut", "avspeech", "--lists", "{tmp}", "--videos", "{tmp}", "-o", "{tmp}/o", "--size", "1"], "--size"),
        (["unpack", "{tmp}/a.csv", "-o", "{tmp}/o"], "expected an archive"),
        (["unpack", "{tmp}/evil.zip", "-o", "{tmp}/o"], "leads outside"),
        (["sing"], "sing"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    arguments: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "empty" / "txt").mkdir(parents=True)
    (tmp_path / "a.csv").write_text("no segment\n")
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../evil", "evil")
    assert main(["datasets", *(argument.format(tmp=tmp_path) for argument in arguments)]) == 2
    assert told in refused(capsys)
    assert not (tmp_path / "evil").exists()
