from __future__ import annotations

import csv
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from thlab.corpus.cleaning.defects import blurred, cut_to, side_by_side
from thlab.corpus.cleaning.inspection import Inspection, inspect_clip
from thlab.corpus.cleaning.people import People
from thlab.corpus.cleaning.rules import RULES, judge
from thlab.corpus.cleaning.table import HEAD, Row, clean, counted, videos_in, write_table
from thlab.corpus.samples import read_sample
from thlab.media import Clip, write_clip

SAMPLES = Path(__file__).parents[3] / "data_samples"


def part(name: str, frames: int = 30) -> Clip:
    """The beginning of a sample, without its sound."""
    return replace(read_sample(SAMPLES, name)[:frames], audio=None, truth=None, transcript=None)


def reasons(clip: Clip) -> set[str]:
    return {finding.rule for finding in judge(inspect_clip(clip))}


@pytest.fixture(scope="module")
def one() -> Clip:
    return part("04-surprise")


def test_a_clip_of_one_sharp_face_lacks_only_its_sound(one: Clip):
    assert reasons(one) == {"sound"}


def test_a_blurred_face_is_dropped_for_its_blur(one: Clip):
    assert reasons(blurred(one[:10], spread=3.0)) == {"sound", "blur"}


def test_a_cut_to_another_person_is_dropped_for_it(one: Clip):
    assert "cuts" in reasons(cut_to(one, part("07-fear"), at=15))


def test_two_people_are_not_one(one: Clip):
    assert "alone" in reasons(side_by_side(one[:10], part("07-fear", 10), sound=read_sample(SAMPLES, "07-fear")[:10]))


def test_a_wall_has_no_face_and_nothing_else_is_said_of_it():
    assert reasons(Clip(torch.full((12, 64, 64, 3), 90, dtype=torch.uint8))) == {"faceless", "sound"}


def test_what_cannot_be_measured_drops_nothing():
    nobody = People((), np.zeros(0, int))
    empty = Inspection(0, nobody, np.zeros(0), math.nan, math.nan, math.nan, (), True)
    assert {finding.rule for finding in judge(empty)} == {"faceless"}


def test_cleaning_needs_pictures():
    with pytest.raises(ValueError, match="pictures"):
        inspect_clip(Clip(audio=torch.zeros(640)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a video, a damaged one and something else."""
    shutil.copy(SAMPLES / "03-neutral.mp4", tmp_path / "good.mp4")
    (tmp_path / "broken.mp4").write_bytes(b"nothing of a video")
    (tmp_path / "notes.txt").write_text("mine")
    return tmp_path


def test_only_videos_are_taken_from_a_folder_each_once(folder: Path):
    names = [path.name for path in videos_in([folder, folder / "good.mp4"])]
    assert names == ["broken.mp4", "good.mp4"]


def test_what_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="nowhere"):
        videos_in([tmp_path / "nowhere"])
    with pytest.raises(ValueError, match="no video"):
        videos_in([tmp_path])


def test_a_damaged_file_stops_the_work_unless_it_may_be_skipped(folder: Path):
    with pytest.raises(ValueError, match="--skip-damaged"):
        list(clean([folder / "broken.mp4"]))
    (row,) = clean([folder / "broken.mp4"], skip_damaged=True)
    assert row.verdict == "damaged"
    assert "broken.mp4" in str(row)


@pytest.mark.slow
def test_a_good_clip_is_kept_with_all_its_measurements(folder: Path):
    (row,) = clean([folder / "good.mp4"])
    assert row.verdict == "kept"
    assert row.values.keys() == {rule.name for rule in RULES}
    assert row.values["offset"] < 60


def test_the_table_holds_what_was_measured_and_why(folder: Path, one: Clip):
    write_clip(blurred(one[:10], spread=3.0), folder / "soft.mp4")
    rows = list(clean([folder / "broken.mp4", folder / "soft.mp4"], skip_damaged=True))
    write_table(rows, folder / "table.csv")
    with (folder / "table.csv").open(newline="") as file:
        broken, soft = csv.DictReader(file)
    assert tuple(soft) == HEAD
    assert (broken["verdict"], soft["verdict"]) == ("damaged", "dropped")
    assert float(soft["blur"]) > 2
    assert "blurred" in soft["reasons"]
    assert "threshold 2" in soft["reasons"]
    assert broken["blur"] == ""


def test_verdicts_and_reasons_are_counted(one: Clip):
    found = tuple(judge(inspect_clip(one[:6])))
    rows = [Row(Path("a")), Row(Path("b"), found), Row(Path("c"), damage="torn")]
    assert counted(rows) == ["3 clips: 1 kept, 1 dropped, 1 damaged", "  1 × there is no sound"]
