from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from thlab.corpus.public import open_dataset
from thlab.corpus.public.voxceleb2 import VoxCeleb2
from thlab.media import read_clip


def test_splits_are_the_folders_and_the_metadata(replicas: dict[str, Path]):
    entries = list(open_dataset("voxceleb2", replicas["voxceleb2"]).entries())
    assert [(entry.speaker, entry.splits) for entry in entries] == [("id00012", ("dev",)), ("id00017", ("test",))]
    assert entries[0].labels["Gender"] == "m"


def test_sound_comes_from_the_m4a_where_the_clip_has_none(replicas: dict[str, Path]):
    vox = open_dataset("voxceleb2", replicas["voxceleb2"])
    clip = vox.read(next(vox.entries()))
    assert clip.audio is not None
    assert float(clip.audio.abs().max()) > 0.01


def test_without_part_folders_and_metadata_the_split_is_not_known(replica: Callable[[str], Path]):
    root = replica("voxceleb2")
    vox = open_dataset("voxceleb2", root / "dev")
    assert [entry.splits for entry in vox.entries()] == [()]
    assert vox.check().splits == {"none": 1}


def test_a_metadata_table_of_another_form_is_refused(replica: Callable[[str], Path]):
    root = replica("voxceleb2")
    (root / "vox2_meta.csv").write_text("name,sex\nid00012,m\n")
    with pytest.raises(ValueError, match="expected a column 'VoxCeleb2 ID'"):
        len(open_dataset("voxceleb2", root))


def test_boxes_are_shares_of_the_picture(tmp_path: Path, chased: Path, talk: str):
    """The film is 200 × 120; the box follows the white square of 24 pixels."""
    rows = "".join(f"{i:06d} \t{(10 + 2 * i) / 200:.4f} \t{40 / 120:.4f} \t0.1200 \t0.2000 \n" for i in range(30))
    text = tmp_path / "dev" / "txt" / "id00012" / talk / "00001.txt"
    text.parent.mkdir(parents=True)
    text.write_text(f"Identity  : \tid00012\nReference : \t{talk}\n\nFRAME \tX \tY \tW \tH \n{rows}")
    (report,) = VoxCeleb2.cut(tmp_path, chased, tmp_path / "out", size=48)
    assert report.written == [tmp_path / "out" / "dev" / "mp4" / "id00012" / talk / "00001.mp4"]
    assert report.written[0].with_suffix(".txt").is_file()
    frames = read_clip(report.written[0]).frames
    assert frames is not None
    assert float(frames[:, 4:-4, 4:-4].float().mean()) > 240
