from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from thlab.corpus.public import obama_set as obama_module
from thlab.corpus.public import open_dataset
from thlab.corpus.public.obama_set import ObamaSet
from thlab.media import read_clip


def test_pieces_stand_for_an_address_where_there_are_any(replicas: dict[str, Path], talk: str):
    assert [entry.id for entry in open_dataset("obama_set", replicas["obama_set"]).entries()] == [
        talk, "3vPdtajOJfw/000",
    ]  # fmt: skip


def test_an_address_is_cut_into_pieces_that_follow_one_another(
    tmp_path: Path, chased: Path, talk: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(obama_module, "PIECE_FRAMES", 30)
    monkeypatch.setattr(obama_module, "SHORTEST", 5)
    lists = tmp_path / "obama_addresses.txt"
    lists.write_text(f"{talk}\n3vPdtajOJfw\n")
    last = list(ObamaSet.cut(lists, chased, tmp_path / "out"))[-1]
    lengths = [read_clip(path).frame_count for path in last.written]
    assert lengths == [30, 30, 13]
    assert last.not_downloaded == {"3vPdtajOJfw": 1}
    entries = list(open_dataset("obama_set", tmp_path / "out").entries())
    assert [entry.id for entry in entries] == [f"{talk}/000", f"{talk}/001", f"{talk}/002", "3vPdtajOJfw"]
    assert entries[-1].missing()


def test_pieces_are_as_large_as_the_film(tmp_path: Path, chased: Path, talk: str):
    (tmp_path / "obama_addresses.txt").write_text(f"{talk}\n")
    (report,) = ObamaSet.cut(tmp_path, chased, tmp_path / "out")
    frames = read_clip(report.written[0]).frames
    assert frames is not None
    assert frames.shape[1:3] == (120, 200)


def test_an_odd_line_of_the_list_is_named(replica: Callable[[str], Path], talk: str):
    root = replica("obama_set")
    (root / "obama_addresses.txt").write_text(f"{talk}\n\nno video\n")
    with pytest.raises(ValueError, match=r"in line 3 of .*obama_addresses.txt, but it reads 'no video'"):
        len(open_dataset("obama_set", root))


def test_an_empty_list_is_refused(replica: Callable[[str], Path]):
    root = replica("obama_set")
    (root / "obama_addresses.txt").write_text("")
    with pytest.raises(ValueError, match="is empty"):
        len(open_dataset("obama_set", root))
