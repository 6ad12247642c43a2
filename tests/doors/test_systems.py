"""The table of systems, and a system at work through the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from thlab.__main__ import main
from thlab.audio.synthesis import speak
from thlab.media import read_clip, read_note, write_audio
from thlab.systems.base import SYSTEMS
from thlab.systems.speech2vid import Speech2Vid


def test_every_system_has_a_line_as_the_survey_prints_it(capsys: pytest.CaptureFixture[str]):
    assert main(["systems"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ["system", "year"]
    assert [line.split()[0] for line in lines] == list(SYSTEMS)
    (speech2vid,) = (line.split() for line in lines if line.startswith("speech2vid"))
    assert speech2vid == ["speech2vid", "2017", "sound", "AutoEncoder", "—", "—", "anyone", "—", "—"]


def test_a_cell_that_differs_from_the_survey_is_marked_and_explained(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Speech2Vid, "card", replace(Speech2Vid.card, survey_differs={"anyone": "its own"}))
    main(["systems"])
    said = capsys.readouterr().out
    assert "anyone*" in said
    assert "* speech2vid: for anyone the survey prints its own" in said


def test_speech2vid_says_a_text(tmp_path: Path):
    path = tmp_path / "a.mp4"
    arguments = ["talk", "--text", "Hi.", "--system", "speech2vid", "--size", "128", "--quiet", "-o", str(path)]
    assert main(arguments) == 0
    clip = read_clip(path)
    assert clip.frames.shape[1:] == (128, 128, 3)
    assert abs(len(clip.audio) / 16_000 - len(clip) / 25) < 0.05
    assert "synthetic" in str(read_note(path)).lower()


def test_a_mood_that_a_system_cannot_play_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    arguments = ["talk", "--text", "Hi.", "--system", "speech2vid", "--emotion", "happy"]
    assert main([*arguments, "--quiet", "-o", str(tmp_path / "a.mp4")]) == 2
    assert "no knob 'emotion'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_words_of_a_recording_get_their_times_for_every_system(tmp_path: Path):
    """Captions need times, which only aligning finds: the words come without them."""
    sound = tmp_path / "a.wav"
    write_audio(speak("We move both boats.").audio, sound)
    path = tmp_path / "a.mp4"
    arguments = ["talk", "--audio", str(sound), "--transcript", "We move both boats.", "--system", "speech2vid"]
    assert main([*arguments, "--captions", "--size", "64", "--quiet", "-o", str(path)]) == 0
    captions = path.with_suffix(".vtt").read_text()
    assert "-->" in captions
    assert "boats" in captions
