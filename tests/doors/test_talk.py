"""The main job through its door: what it makes, and how it refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from thlab.__main__ import main
from thlab.audio.synthesis import speak
from thlab.doors.talk import EMOTIONS
from thlab.face.action_units import EMOTION_NAMES
from thlab.media import read_clip, read_note
from thlab.timebase import SAMPLE_RATE, video_frames

TONE = 0.3 * np.sin(2 * np.pi * 220 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("talk") / "deep" / "talk.mp4"
    arguments = ["talk", "--text", "Papa may swim.", "--size", "64", "--captions", "--quiet", "-o", str(path)]
    assert main(arguments) == 0
    return path


def test_a_text_becomes_a_clip_as_long_as_its_sound(clip: Path):
    made = read_clip(clip)
    assert made.frames is not None
    assert made.audio is not None
    assert made.frames.shape[1:] == (64, 64, 3)
    assert abs(len(made.frames) - video_frames(len(made.audio))) <= 1


def test_the_clip_says_that_it_is_synthetic(clip: Path):
    assert "synthetic" in read_note(clip).lower()


def test_captions_lie_beside_it(clip: Path):
    text = clip.with_suffix(".vtt").read_text()
    assert text.startswith("WEBVTT")
    assert "Papa may swim." in text


def test_nothing_half_written_is_left(clip: Path):
    assert sorted(path.name for path in clip.parent.iterdir()) == ["talk.mp4", "talk.vtt"]


@pytest.mark.parametrize(
    ("name", "rate", "subtype"),
    [("a.wav", 8000, "PCM_16"), ("b.wav", 96_000, "PCM_24"), ("c.mp3", 44_100, None), ("d.ogg", 48_000, None),
     ("e.flac", 22_050, None)],
)  # fmt: skip
def test_recordings_of_every_kind_are_said(tmp_path: Path, name: str, rate: int, subtype: str | None):
    stereo = np.stack([np.sin(2 * np.pi * 220 * np.arange(rate // 2) / rate)] * 2, axis=1)
    soundfile.write(tmp_path / name, 0.3 * stereo, rate, subtype=subtype)
    output = tmp_path / "talk.mp4"
    assert main(["talk", "--audio", str(tmp_path / name), "--size", "64", "--quiet", "-o", str(output)]) == 0
    made = read_clip(output)
    assert made.frames is not None
    assert abs(len(made.frames) - video_frames(SAMPLE_RATE // 2)) <= 1


def test_a_transcript_is_aligned(tmp_path: Path):
    soundfile.write(tmp_path / "said.wav", speak("The boat moved away.").audio.numpy(), SAMPLE_RATE)
    output = tmp_path / "talk.mp4"
    words = ["--transcript", "The boat moved away.", "--captions"]
    arguments = ["talk", "--audio", str(tmp_path / "said.wav"), "--size", "64", "--quiet", "-o", str(output)]
    assert main([*arguments, *words]) == 0
    assert "The boat moved away." in output.with_suffix(".vtt").read_text()


# -- bad input --------------------------------------------------------------------------------------------------------


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a command answers with when it refuses."""
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("thlab: ")
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    return said.err


def write_bad_audio(kind: str, path: Path) -> None:
    """A file that cannot be said."""
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "not audio":
        path.write_text("this is a letter to my mother")
    elif kind == "directory":
        path.mkdir()
    elif kind == "no samples":
        soundfile.write(path, np.zeros(0), SAMPLE_RATE)
    elif kind == "one sample":
        soundfile.write(path, np.zeros(1), SAMPLE_RATE)
    elif kind == "not a number":
        soundfile.write(path, np.where(np.arange(SAMPLE_RATE) == 5000, np.nan, TONE), SAMPLE_RATE, subtype="FLOAT")


@pytest.mark.parametrize(
    "kind", ["missing", "empty", "not audio", "directory", "no samples", "one sample", "not a number"]
)
def test_a_recording_that_cannot_be_said_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str):
    write_bad_audio(kind, tmp_path / "voice.wav")
    line = refused(["talk", "--audio", str(tmp_path / "voice.wav"), "-o", str(tmp_path / "o" / "talk.mp4")], capsys)
    assert "voice.wav" in line
    assert not list(tmp_path.rglob("*.mp4*"))


@pytest.mark.parametrize("text", ["", "   \n ", "…!?", "a\0b", "x" * 200_000])
def test_a_text_that_cannot_be_said_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str):
    refused(["talk", "--text", text, "-o", str(tmp_path / "talk.mp4")], capsys)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--size", "63"], "even number"),
        (["--size", "100000"], "64 to 1024"),
        (["--size", "big"], "--size"),
        (["--emotion", "jealous"], "jealous"),
        (["--intensity", "7"], "0 to 1"),
        (["--actor", "-1"], "--actor"),
        (["--rate", "9999"], "rate"),
        (["--voice", "klingon-us"], "klingon-us"),
        (["-o", "talk.avi"], ".mp4"),
        (["--transcript", "hello"], "--audio"),
        (["--audio", "x.wav"], "--audio"),
        (["--colour", "blue"], "--colour"),
    ],
)
def test_an_option_that_makes_no_sense_is_named(capsys: pytest.CaptureFixture[str], options: list[str], told: str):
    assert told in refused(["talk", "--text", "hello", *options], capsys)


def test_an_output_that_is_a_directory_is_refused_and_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "talk.mp4").mkdir()
    refused(["talk", "--text", "hello", "--size", "64", "--quiet", "-o", str(tmp_path / "talk.mp4")], capsys)
    assert (tmp_path / "talk.mp4").is_dir()


def test_captions_without_words_are_refused_before_any_work(capsys: pytest.CaptureFixture[str]):
    assert "--transcript" in refused(["talk", "--audio", "x.wav", "--captions"], capsys)


def test_a_transcript_of_something_else_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    soundfile.write(tmp_path / "said.wav", TONE[:4000], SAMPLE_RATE)
    words = " ".join(["unbelievable"] * 40)
    arguments = ["talk", "--audio", str(tmp_path / "said.wav"), "--transcript", words, "-o", str(tmp_path / "t.mp4")]
    refused(arguments, capsys)
    assert not list(tmp_path.glob("*.mp4*"))


def test_the_module_runs_as_a_program_and_passes_its_status_on():
    ran = subprocess.run(
        [sys.executable, "-m", "thlab", "talk", "--text", ""], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1


def test_the_door_offers_the_emotions_that_there_are():
    assert tuple(EMOTIONS) == EMOTION_NAMES
