from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from thlab.corpus.public.archives import leads_outside, members_of, unpack


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def tarred(path: Path, files: dict[str, bytes], *, kind: bytes = tarfile.REGTYPE, to: str = "") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(content), kind, to
            archive.addfile(info, io.BytesIO(content))
    return path


MAKERS = pytest.mark.parametrize(("make", "suffix"), [(zipped, "zip"), (tarred, "tar.gz")])


@MAKERS
def test_files_come_out_as_they_went_in(make: Callable[..., Path], suffix: str, tmp_path: Path):
    archive = make(tmp_path / f"a.{suffix}", {"s1/bbaf2n.mpg": b"film" * 500_000, "s1/align/bbaf2n.align": b"0 1 sil"})
    files = unpack(archive, tmp_path / "out")
    assert [path.relative_to(tmp_path / "out").as_posix() for path in files] == [
        "s1/bbaf2n.mpg", "s1/align/bbaf2n.align",
    ]  # fmt: skip
    assert files[0].read_bytes() == b"film" * 500_000
    assert [member.name for member in members_of(archive)] == ["s1/bbaf2n.mpg", "s1/align/bbaf2n.align"]


@MAKERS
@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/etc/evil", "..", "C:\\evil", "c:evil", "\\\\server\\share\\evil", "a\\..\\..\\evil",
     "\\evil"],
)  # fmt: skip
def test_names_that_lead_outside_are_refused_before_anything_is_written(
    make: Callable[..., Path], suffix: str, name: str, tmp_path: Path
):
    archive = make(tmp_path / f"a.{suffix}", {"good.txt": b"good", name: b"evil"})
    with pytest.raises(ValueError, match="leads outside the folder") as refused:
        unpack(archive, tmp_path / "inner" / "out")
    assert "\n" not in str(refused.value)
    assert [path.name for path in tmp_path.rglob("*")] == [f"a.{suffix}"]


@pytest.mark.parametrize("name", ["s1/a.mpg", "a..b/c", "...", "a/./b", "name with blanks.txt", "ü/ñ.mp4"])
def test_names_that_only_look_odd_are_taken(name: str):
    assert not leads_outside(name)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_links_are_refused(kind: bytes, tmp_path: Path):
    archive = tarred(tmp_path / "a.tar.gz", {"link": b""}, kind=kind, to="/etc/passwd")
    with pytest.raises(ValueError, match="holds a link, 'link'"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_links_in_a_zip_are_refused(tmp_path: Path):
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(ValueError, match="holds a link"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_devices_are_refused(kind: bytes, tmp_path: Path):
    with pytest.raises(ValueError, match="holds a device"):
        unpack(tarred(tmp_path / "a.tar.gz", {"pipe": b""}, kind=kind), tmp_path / "out")


def test_one_name_for_two_files_is_refused(tmp_path: Path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name in ("a/b", "a/./b"):
            archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(ValueError, match="twice"):
        unpack(tmp_path / "a.tar", tmp_path / "out")


@pytest.mark.parametrize("content", [b"no archive at all", b"PK\x03\x04 but no more"])
def test_what_is_no_archive_is_refused_in_one_line(content: bytes, tmp_path: Path):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(ValueError, match="expected an archive") as refused:
        unpack(tmp_path / "a.zip", tmp_path / "out")
    assert "\n" not in str(refused.value)


@MAKERS
def test_a_damaged_archive_leaves_no_half_written_file(make: Callable[..., Path], suffix: str, tmp_path: Path):
    noise = np.random.default_rng(3).bytes(300_000)
    archive = make(tmp_path / f"a.{suffix}", {"film.mpg": noise})
    content = bytearray(archive.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 2000] = bytes(2000)
    archive.write_bytes(content)
    with pytest.raises((ValueError, OSError)) as refused:
        unpack(archive, tmp_path / "out")
    assert "\n" not in str(refused.value)
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


@MAKERS
def test_an_archive_of_which_only_the_beginning_came_is_refused(make: Callable[..., Path], suffix: str, tmp_path: Path):
    archive = make(tmp_path / f"a.{suffix}", {"film.mpg": np.random.default_rng(3).bytes(300_000)})
    archive.write_bytes(archive.read_bytes()[:150_000])
    with pytest.raises(ValueError, match="archive"):
        unpack(archive, tmp_path / "out")
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


@MAKERS
def test_an_archive_without_files_is_refused(make: Callable[..., Path], suffix: str, tmp_path: Path):
    with pytest.raises(ValueError, match="holds no file"):
        unpack(make(tmp_path / f"a.{suffix}", {}), tmp_path / "out")


def test_an_archive_larger_than_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    archive = zipped(tmp_path / "a.zip", {"film.mpg": b"film" * 1000})
    monkeypatch.setattr("thlab.corpus.public.archives.shutil.disk_usage", lambda place: type("U", (), {"free": 3999}))
    with pytest.raises(ValueError, match="needs"):
        unpack(archive, tmp_path / "out")


def test_a_file_is_no_folder_to_unpack_into(tmp_path: Path):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(ValueError, match="is a file"):
        unpack(zipped(tmp_path / "a.zip", {"a": b""}), tmp_path / "taken")
    assert (tmp_path / "taken").read_text() == "mine"
