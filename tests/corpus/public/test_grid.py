from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from thlab.corpus.public import open_dataset
from thlab.corpus.public.grid import sentence_of
from thlab.timebase import Interval


def test_a_name_spells_its_sentence():
    assert sentence_of("bbaf2n") == ("bin", "blue", "at", "f", "two", "now")
    assert sentence_of("swwzza") == ("set", "white", "with", "z", "zero", "again")


@pytest.mark.parametrize("name", ["", "bbaf2", "bbaw2n", "xbaf2n", "bbaf2nn", "holiday"])
def test_other_names_spell_nothing(name: str):
    assert sentence_of(name) == ()


def test_words_have_the_times_of_the_alignment_without_its_silences(replicas: dict[str, Path]):
    grid = open_dataset("grid", replicas["grid"])
    clip = grid.read(next(grid.entries()))
    assert clip.transcript is not None
    assert clip.transcript.text == "bin blue at f two now"
    assert clip.transcript.words[0] == Interval(0.1, 0.2, "bin")
    assert clip.transcript.words[4] == Interval(0.48, 0.6, "two")


def test_without_an_alignment_the_words_come_from_the_name_without_times(replicas: dict[str, Path]):
    grid = open_dataset("grid", replicas["grid"])
    clip = grid.read(list(grid.entries())[1])
    assert clip.transcript is not None
    assert clip.transcript.text == "set white with z zero again"
    assert clip.transcript.words == ()


@pytest.mark.parametrize("place", ["alignments/s1", "align/s1", "s1"])
def test_alignments_are_found_where_the_archives_put_them(place: str, replica: Callable[[str], Path]):
    root = replica("grid")
    target = root / place / "bbaf2n.align"
    target.parent.mkdir(parents=True, exist_ok=True)
    (root / "s1/align/bbaf2n.align").rename(target)
    assert next(open_dataset("grid", root).entries()).alignment == target


def test_talkers_are_counted_not_spelt(replica: Callable[[str], Path]):
    root = replica("grid")
    (root / "s2").rename(root / "s10")
    (root / "s1").rename(root / "s9")
    assert [entry.speaker for entry in open_dataset("grid", root).entries()] == ["s9", "s10"]


def test_labels_name_the_six_slots(replicas: dict[str, Path]):
    entry = next(open_dataset("grid", replicas["grid"]).entries())
    assert entry.labels["colour"] == "blue"
    assert entry.labels["digit"] == "two"


def test_an_odd_line_of_an_alignment_is_named(replica: Callable[[str], Path]):
    root = replica("grid")
    (root / "s1/align/bbaf2n.align").write_text("0 2500 sil\n2500 bin\n")
    grid = open_dataset("grid", root)
    with pytest.raises(ValueError, match=r"in line 2 of .*bbaf2n.align, but it reads '2500 bin'"):
        grid.read(next(grid.entries()))


def test_words_after_the_end_of_the_clip_are_cut_off(replica: Callable[[str], Path]):
    root = replica("grid")
    (root / "s1/align/bbaf2n.align").write_text("2500 5000 bin\n20000 30000 blue\n30000 40000 at\n")
    grid = open_dataset("grid", root)
    clip = grid.read(next(grid.entries()))
    assert clip.transcript is not None
    assert [(word.label, word.end) for word in clip.transcript.words] == [("bin", 0.2), ("blue", 1.0)]
