from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from thlab.corpus.public import open_dataset
from thlab.corpus.public.crema_d import EMOTIONS, SENTENCES
from thlab.face.action_units import EMOTION_NAMES


def test_names_tell_actor_sentence_emotion_and_level(replicas: dict[str, Path]):
    crema = open_dataset("crema_d", replicas["crema_d"])
    clips = {entry.id: (entry, crema.read(entry)) for entry in crema.entries()}
    entry, clip = clips["1001_IEO_ANG_HI"]
    assert (entry.speaker, entry.emotion, entry.intensity) == ("1001", "angry", 0.8)
    assert clip.transcript is not None
    assert clip.transcript.text == "It's eleven o'clock"
    assert clip.truth is not None
    assert (clip.truth.emotion, clip.truth.emotion_intensity) == ("angry", 0.8)


def test_an_unspecified_level_is_no_intensity(replicas: dict[str, Path]):
    crema = open_dataset("crema_d", replicas["crema_d"])
    assert {entry.intensity for entry in crema.entries() if entry.labels["level"] == "XX"} == {None}


def test_demographics_are_labels_of_the_actors_that_are_listed(replicas: dict[str, Path]):
    entries = {entry.id: entry for entry in open_dataset("crema_d", replicas["crema_d"]).entries()}
    assert entries["1001_IEO_ANG_HI"].labels["Age"] == "51"
    assert "Age" not in entries["1002_TIE_HAP_XX"].labels


def test_there_are_twelve_sentences_and_six_of_our_emotions():
    assert len(SENTENCES) == 12
    assert len(set(EMOTIONS.values())) == 6
    assert set(EMOTIONS.values()) <= set(EMOTION_NAMES)


def test_a_pointer_of_git_lfs_is_told_apart_from_a_damaged_video(replica: Callable[[str], Path]):
    root = replica("crema_d")
    crema = open_dataset("crema_d", root)
    entry = next(crema.entries())
    entry.video.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(ValueError, match="git lfs pull"):
        crema.read(entry)


def test_sound_comes_from_the_wav_where_the_video_has_none(replica: Callable[[str], Path], footage: dict[str, Path]):
    root = replica("crema_d")
    crema = open_dataset("crema_d", root)
    entry = next(crema.entries())
    entry.video.write_bytes(footage["silent.mp4"].read_bytes())
    clip = crema.read(entry)
    assert clip.audio is not None
    assert len(clip.audio) == 25 * 640


def test_a_name_of_another_form_is_refused(replica: Callable[[str], Path]):
    root = replica("crema_d")
    (root / "VideoFlash/1001_IEO_JOY_HI.flv").touch()
    with pytest.raises(ValueError, match=r"names like 1001_DFA_ANG_XX .* '1001_IEO_JOY_HI'"):
        len(open_dataset("crema_d", root))


def test_a_table_with_a_short_row_is_refused_with_its_line(replica: Callable[[str], Path]):
    root = replica("crema_d")
    (root / "VideoDemographics.csv").write_text('"ActorID","Age"\n1001,51\n1002\n')
    with pytest.raises(ValueError, match=r"2 columns \(ActorID, Age\) in line 3 of"):
        len(open_dataset("crema_d", root))
