from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from thlab.corpus.public import open_dataset
from thlab.timebase import Interval


def test_a_session_is_an_entry_for_each_camera(replicas: dict[str, Path]):
    entries = list(open_dataset("modality", replicas["modality"]).entries())
    assert [entry.id for entry in entries] == [
        "SPEAKER09_C1_left", "SPEAKER09_C1_right", "SPEAKER09_S2_left", "SPEAKER09_S2_right",
    ]  # fmt: skip
    assert [entry.view for entry in entries] == ["left", "right", "left", "right"]
    assert {entry.speaker for entry in entries} == {"SPEAKER09"}
    assert entries[0].labels["kind"] == "commands"
    assert entries[2].labels["kind"] == "sequences"


def test_a_hundred_frames_a_second_become_twenty_five_and_sound_lies_beside(replicas: dict[str, Path]):
    modality = open_dataset("modality", replicas["modality"])
    clip = modality.read(next(modality.entries()))
    assert clip.frame_count == 25
    assert clip.audio is not None
    assert len(clip.audio) == 16_000


def test_labels_count_in_units_of_a_hundred_nanoseconds(replicas: dict[str, Path]):
    modality = open_dataset("modality", replicas["modality"])
    clip = modality.read(next(modality.entries()))
    assert clip.transcript is not None
    assert clip.transcript.words == (Interval(0.1, 0.4, "FIVE"), Interval(0.5, 0.9, "MAY"))


def test_files_are_found_in_whatever_folders_the_archives_made(replica: Callable[[str], Path]):
    root = replica("modality")
    words = root / "labels" / "A"
    words.mkdir(parents=True)
    for path in list(root.rglob("*.lab")):
        path.rename(words / path.name)
    modality = open_dataset("modality", root)
    assert modality.check().whole
    assert next(modality.entries()).alignment == words / "SPEAKER09_C1_AUD1.lab"
