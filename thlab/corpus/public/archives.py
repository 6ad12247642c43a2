"""Archives unpacked without letting them write outside their folder, make links, or fill the disk unannounced."""

from __future__ import annotations

import io
import lzma
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from thlab.media.atomic import atomic_path, check_readable

WHAT = "an archive (zip, tar, tar.gz, tar.bz2, tar.xz)"
BLOCK = 1 << 20
"""Bytes copied at a time."""
DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError)
"""What the libraries raise for damage, for unknown compression, and (RuntimeError) for a password."""


@dataclass(frozen=True)
class Member:
    """A file inside an archive."""

    name: str
    size: int
    """Bytes when unpacked, as the archive states."""
    kind: str
    """"file", "folder", or what is refused: "link", "device"."""


def unpack(archive: Path | str, folder: Path | str) -> list[Path]:
    """Unpack an archive. All names are checked before the first file is written.

    Files that are there already are replaced; each appears whole or not at all.

    Returns:
        The files, in the order of the archive.

    Raises:
        ValueError: it is no archive or damaged; a name is absolute or leads outside ("..", a drive letter); it holds
            links, devices or no file at all; two names are one; or the disk has less room than the archive states.
    """
    source, target = check_readable(archive, what=WHAT), Path(folder)
    if target.exists() and not target.is_dir():
        raise ValueError(f"expected a folder to unpack into, but {target} is a file; name another place")
    with _opened(source) as inside:
        members = list(inside.members())
        _check(source, members, target)
        return [_write(inside, member, target) for member in members if member.kind == "file"]


def members_of(archive: Path | str) -> list[Member]:
    """What an archive holds, unpacking nothing.

    Raises:
        ValueError: it is no archive, or damaged.
    """
    with _opened(check_readable(archive, what=WHAT)) as inside:
        return list(inside.members())


def _check(source: Path, members: list[Member], target: Path) -> None:
    if not any(member.kind != "folder" for member in members):
        raise ValueError(f"{source.name} holds no file; it is empty or damaged: download it again")
    seen: set[PurePosixPath] = set()
    for member in members:
        if member.kind not in {"file", "folder"}:
            raise ValueError(f"{source.name} holds a {member.kind}, {member.name!r}; it is not unpacked: such archives "
                             "can write outside their folder")  # fmt: skip
        if leads_outside(member.name):
            raise ValueError(f"{source.name} holds the name {member.name!r}, which leads outside the folder; it is not "
                             "unpacked: get the archive from its authors")  # fmt: skip
        if member.kind == "file" and PurePosixPath(member.name) in seen:
            raise ValueError(f"{source.name} holds the name {member.name!r} twice; get the archive again")
        seen.add(PurePosixPath(member.name))
    needed, free = sum(member.size for member in members), shutil.disk_usage(_existing(target)).free
    if needed > free:
        raise ValueError(f"{source.name} needs {needed / 1e9:.1f} GB, but {target} has {free / 1e9:.1f} GB free")


def leads_outside(name: str) -> bool:
    """Whether a name in an archive is absolute, has "..", a drive letter, or a byte that no name may have."""
    path = PureWindowsPath(name)  # knows / and \\ and drive letters
    return not path.parts or ".." in path.parts or bool(path.root or path.drive) or "\0" in name


def _existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


class _Zip:
    def __init__(self, file: zipfile.ZipFile) -> None:
        self.file = file

    def members(self) -> Iterator[Member]:
        for info in self.file.infolist():
            mode = info.external_attr >> 16
            kind = "link" if stat.S_ISLNK(mode) else "folder" if info.is_dir() else "file"
            yield Member(info.filename, info.file_size, kind)

    def open(self, name: str) -> io.BufferedIOBase:
        stream = self.file.open(name)
        assert isinstance(stream, io.BufferedIOBase)
        return stream


class _Tar:
    def __init__(self, file: tarfile.TarFile) -> None:
        self.file = file

    def members(self) -> Iterator[Member]:
        for info in self.file:
            kind = "file" if info.isreg() else "folder" if info.isdir() else "link" if _links(info) else "device"
            yield Member(info.name, info.size, kind)
        assert self.file.fileobj is not None
        while self.file.fileobj.read(BLOCK):
            pass  # what follows the last file is a checksum, which is compared only by who reads so far

    def open(self, name: str) -> io.BufferedIOBase:
        stream = self.file.extractfile(name)
        assert isinstance(stream, io.BufferedIOBase)
        return stream


def _links(info: tarfile.TarInfo) -> bool:
    return info.issym() or info.islnk()


@contextmanager
def _opened(source: Path) -> Iterator[_Zip | _Tar]:
    """Open whatever kind it is; its damage, then or later, becomes one line."""
    try:
        if zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as zipped:
                yield _Zip(zipped)
            return
        with tarfile.open(source) as tarred:
            yield _Tar(tarred)
    except DAMAGE as error:
        reason = (str(error).splitlines() or ["it ends early"])[0].rstrip(":")
        raise ValueError(f"expected {WHAT}, but {source} cannot be read ({reason}); download it again") from error


def _write(inside: _Zip | _Tar, member: Member, folder: Path) -> Path:
    """Copy one file, no more of it than the archive stated."""
    place = folder / PurePosixPath(member.name.replace("\\", "/"))
    with atomic_path(place) as part, inside.open(member.name) as stream, part.open("wb") as file:
        left = member.size
        while block := stream.read(min(BLOCK, left + 1)):
            left -= len(block)
            if left < 0:
                raise ValueError(f"{member.name!r} is larger than its archive states; download it again")
            file.write(block)
        if left:
            raise ValueError(f"{member.name!r} ends {left} bytes early; download the archive again")
    return place
