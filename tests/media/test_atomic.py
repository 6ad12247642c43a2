"""A folder takes the place of an older one as a whole, or leaves it as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from thlab.media.atomic import atomic_folder


@pytest.fixture
def older(tmp_path: Path) -> Path:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "page").write_text("old")
    return tmp_path / "build"


def test_a_folder_takes_the_place_of_an_older_one_as_a_whole(older: Path):
    with atomic_folder(older) as work:
        (work / "chapter").write_text("new")
        assert (older / "page").read_text() == "old"
    assert [path.name for path in older.iterdir()] == ["chapter"]
    assert [path.name for path in older.parent.iterdir()] == ["build"]


def test_what_breaks_on_the_way_leaves_the_older_folder_and_nothing_else(older: Path):
    with pytest.raises(IsADirectoryError), atomic_folder(older) as work:
        work.write_text("half of it")
    assert (older / "page").read_text() == "old"
    assert [path.name for path in older.parent.iterdir()] == ["build"]


def test_a_place_that_cannot_be_taken_gives_the_older_folder_back(older: Path, monkeypatch: pytest.MonkeyPatch):
    rename = Path.rename

    def stubborn(self: Path, target: Path) -> Path:
        if self.suffix == ".part":
            raise OSError("busy")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stubborn)
    with pytest.raises(OSError, match="busy"), atomic_folder(older):
        pass
    assert (older / "page").read_text() == "old"


def test_missing_directories_are_made_and_a_file_in_the_way_is_named(tmp_path: Path):
    with atomic_folder(tmp_path / "a" / "b"):
        pass
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="cannot make"), atomic_folder(tmp_path / "file" / "b"):
        pass
