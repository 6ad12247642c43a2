from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from thlab.corpus.public import open_dataset
from thlab.corpus.public.mead import EMOTIONS
from thlab.face.action_units import EMOTION_NAMES


def test_folders_tell_actor_view_emotion_and_level(replicas: dict[str, Path]):
    entries = {entry.id: entry for entry in open_dataset("mead", replicas["mead"]).entries()}
    entry = entries["M003/left_30/angry/level_3/001"]
    assert (entry.speaker, entry.view, entry.emotion, entry.intensity) == ("M003", "left_30", "angry", 1.0)
    assert entry.labels["level"] == "3"


def test_every_view_has_the_same_sound(replicas: dict[str, Path]):
    mead = open_dataset("mead", replicas["mead"])
    sounds = {entry.view: mead.read(entry).audio for entry in mead.entries() if entry.labels["emotion"] == "angry"}
    assert set(sounds) == {"front", "left_30"}
    assert bool((sounds["front"] == sounds["left_30"]).all())


def test_contempt_is_kept_as_a_label_because_we_have_no_such_emotion(replicas: dict[str, Path]):
    mead = open_dataset("mead", replicas["mead"])
    entry = next(entry for entry in mead.entries() if entry.labels["emotion"] == "contempt")
    assert entry.emotion is None
    assert mead.read(entry).truth is None


def test_neutral_has_no_intensity(replicas: dict[str, Path]):
    mead = open_dataset("mead", replicas["mead"])
    entry = next(entry for entry in mead.entries() if entry.emotion == "neutral")
    truth = mead.read(entry).truth
    assert truth is not None
    assert truth.emotion == "neutral"
    assert truth.emotion_intensity is None


def test_seven_of_the_eight_emotions_are_ours():
    assert {name for name in EMOTIONS.values() if name} == set(EMOTION_NAMES)


@pytest.mark.parametrize(("made", "told"), [("bored/level_1", "bored"), ("angry/level_9", "level_9")])
def test_folders_that_mead_does_not_have_are_refused(made: str, told: str, replica: Callable[[str], Path]):
    root = replica("mead")
    (root / "M003/video/front" / made).mkdir(parents=True)
    (root / "M003/video/front" / made / "001.mp4").touch()
    with pytest.raises(ValueError, match=told):
        len(open_dataset("mead", root))


def test_a_clip_whose_sound_is_missing_is_missing(replica: Callable[[str], Path]):
    root = replica("mead")
    (root / "M003/audio/angry/level_3/001.m4a").unlink()
    missing = open_dataset("mead", root).check().missing
    assert [problem.entry.view for problem in missing] == ["front", "left_30"]
    assert "001.m4a is not there" in missing[0].reason
