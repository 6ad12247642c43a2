from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from thlab.corpus.public import open_dataset
from thlab.corpus.public.voxceleb import TEST_PEOPLE, VoxCeleb
from thlab.media import read_clip


def test_both_official_partitions_are_known(replicas: dict[str, Path]):
    splits = {entry.id: entry.splits for entry in open_dataset("voxceleb", replicas["voxceleb"]).entries()}
    assert splits == {
        "id10001/1zcIwhmdeo4/00001": ("dev", "identification train"),
        "id10270/5r0dWxy17C8/00001": ("test", "identification test"),
    }


def test_without_the_lists_only_the_forty_test_people_are_known(replica: Callable[[str], Path]):
    root = replica("voxceleb")
    for name in ("vox1_meta.csv", "iden_split.txt"):
        (root / name).unlink()
    assert [entry.splits for entry in open_dataset("voxceleb", root).entries()] == [("dev",), ("test",)]
    assert len(TEST_PEOPLE) == 40


def test_metadata_are_labels(replicas: dict[str, Path]):
    entry = next(open_dataset("voxceleb", replicas["voxceleb"]).entries())
    assert entry.labels["Nationality"] == "Ireland"
    assert entry.labels["video"] == "1zcIwhmdeo4"


def test_trials_name_entries(replicas: dict[str, Path]):
    vox = open_dataset("voxceleb", replicas["voxceleb"])
    assert isinstance(vox, VoxCeleb)
    ((same, one, other),) = vox.trials()
    assert same
    assert one == other == "id10270/5r0dWxy17C8/00001"
    assert one in {entry.id for entry in vox.entries("test")}


@pytest.mark.parametrize("line", ["4 id10001/x/00001.wav", "id10001/x/00001.wav", "1 a b"])
def test_an_odd_line_of_the_split_is_named(line: str, replica: Callable[[str], Path]):
    root = replica("voxceleb")
    (root / "iden_split.txt").write_text(f"1 id10001/1zcIwhmdeo4/00001.wav\n{line}\n")
    with pytest.raises(ValueError, match=r"in line 2 of .*iden_split.txt"):
        len(open_dataset("voxceleb", root))


def test_boxes_are_pixels_of_a_video_360_rows_high(tmp_path: Path, chased: Path, talk: str):
    """The film has 120 rows, so three pixels of the list are one of the film; the box follows the white square."""
    rows = "".join(f"{20 + i:06d} \t{3 * (10 + 2 * (20 + i))} \t120 \t72 \t72 \n" for i in range(15))
    text = tmp_path / "txt" / "id10001" / talk / "00001.txt"
    text.parent.mkdir(parents=True)
    text.write_text(f"Identity  : \tid10001\nReference : \t{talk}\n\nFRAME \tX \tY \tW \tH \n{rows}")
    (report,) = VoxCeleb.cut(tmp_path, chased, tmp_path / "out", size=48)
    frames = read_clip(report.written[0]).frames
    assert frames is not None
    assert tuple(frames.shape) == (15, 48, 48, 3)
    assert float(frames[:, 4:-4, 4:-4].float().mean()) > 240, "the white square fills every picture"


def test_a_box_that_stands_still_lets_the_square_run_out(tmp_path: Path, chased: Path, talk: str):
    rows = "".join(f"{20 + i:06d} \t150 \t120 \t72 \t72 \n" for i in range(15))
    text = tmp_path / "txt" / "id10001" / talk / "00001.txt"
    text.parent.mkdir(parents=True)
    text.write_text(f"Reference : \t{talk}\nFRAME \tX \tY \tW \tH \n{rows}")
    (report,) = VoxCeleb.cut(tmp_path / "txt", chased, tmp_path / "out", size=None)
    frames = read_clip(report.written[0]).frames
    assert frames is not None
    assert frames.shape[1:3] == (24, 24)
    assert float(frames[0].float().mean()) > 240
    assert float(frames[-1, :, :20].float().mean()) < 40


def test_what_was_cut_is_a_dataset_that_knows_what_is_still_missing(
    tmp_path: Path, chased: Path, boxes: Callable[..., str], talk: str
):
    for video in (talk, "3vPdtajOJfw"):
        text = tmp_path / "txt" / "id10001" / video / "00001.txt"
        text.parent.mkdir(parents=True)
        text.write_text(boxes(video=video, box="30 40 100 100"))
    reports = list(VoxCeleb.cut(tmp_path, chased, tmp_path, size=32))
    assert reports[-1].not_downloaded == {"3vPdtajOJfw": 1}
    report = open_dataset("voxceleb", tmp_path).check()
    assert (report.found, len(report.missing)) == (1, 1)
    again = list(VoxCeleb.cut(tmp_path, chased, tmp_path, size=32))[-1]
    assert again.written == []
    assert again.there == [f"mp4/id10001/{talk}/00001"]
