"""The clips in the repository are those that the code makes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from thlab.corpus.plan import plan
from thlab.corpus.samples import COUNT, SAMPLES, read_sample, sample_names
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.face.action_units import EMOTION_NAMES
from thlab.face.head.person import sample_person
from thlab.media import read_note

FOLDER = Path(__file__).parents[2] / "data_samples"
LARGEST = 300_000


def test_all_samples_are_there_and_small():
    for name in sample_names():
        for ending in ("mp4", "npz"):
            assert 0 < (FOLDER / f"{name}.{ending}").stat().st_size <= LARGEST
    assert {path.stem for path in FOLDER.glob("*.mp4")} == set(sample_names())


def test_samples_show_both_sexes_and_every_emotion():
    plans = [plan(SAMPLES, index) for index in range(COUNT)]
    assert {item.emotion for item in plans} == set(EMOTION_NAMES)
    assert {sample_person(item.actor).female for item in plans} == {True, False}


def test_each_sample_can_be_read_with_its_truth():
    for index, name in enumerate(sample_names()):
        clip = read_sample(FOLDER, name)
        assert clip.truth is not None
        assert clip.truth.actor == plan(SAMPLES, index).actor
        assert clip.transcript is not None
        assert clip.transcript.phones[-1].end < clip.duration
        assert len(clip) == clip.truth.frame_count()


def test_files_say_that_they_are_synthetic():
    assert "ynthetic" in (read_note(FOLDER / f"{sample_names()[0]}.mp4") or "")


def test_the_first_sample_can_be_made_again():
    stored, made = read_sample(FOLDER, sample_names()[0]), SyntheticCorpus(SAMPLES, cache=None)[0]
    assert stored.truth is not None
    assert made.truth is not None
    assert stored.transcript == made.transcript
    ours, theirs = made.truth.tracks(), stored.truth.tracks()
    assert set(ours) == set(theirs)
    for name in ("expression", "pose", "gaze", "blink", "viseme"):
        torch.testing.assert_close(ours[name].float(), theirs[name].float(), atol=1e-3, rtol=0)
    torch.testing.assert_close(ours["landmarks"], theirs["landmarks"], atol=0.1, rtol=0)
    assert (ours["masks"] != theirs["masks"]).float().mean() < 0.005
    assert made.frames is not None
    assert stored.frames is not None
    assert (made.frames.float() - stored.frames.float()).abs().mean() < 6


def test_a_sample_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match="thlab samples"):
        read_sample(tmp_path, "99-bored")
