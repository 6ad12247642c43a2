"""Files and folders appear whole or not at all: they are written beside their place and then renamed."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Give a temporary path in the same directory; after the body the file written there takes its place.

    Missing directories are made. When the body raises, the temporary file is deleted and an older file stays
    untouched; only a process that is killed leaves a ``.part`` behind.

    Raises:
        ValueError: when the place is a directory, or its directory cannot be made or written to.
    """
    target = Path(path)
    _check_target(target)
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: str | Path) -> Iterator[Path]:
    """Give a new folder beside ``path``, which takes its place as a whole after the body.

    Missing directories are made. When the body raises, or the place cannot be taken, the new folder is deleted and an
    older one stays untouched.

    Raises:
        ValueError: when the directory cannot be made.
    """
    target = Path(path)
    work = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    old = work.with_suffix(".old")
    try:
        work.mkdir(parents=True)
    except OSError as error:
        raise ValueError(f"cannot make {target} ({error.strerror}); choose another place") from error
    try:
        yield work
        if target.exists():
            target.rename(old)
        try:
            work.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _check_target(target: Path) -> None:
    if target.is_dir():
        raise ValueError(f"expected the name of a file to write, but {target} is a directory; add a file name to it")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"cannot make the directory {target.parent} ({error.strerror}); choose another place"
        ) from error
    if not os.access(target.parent, os.W_OK):
        raise ValueError(f"cannot write into {target.parent} (no permission); choose another place")


def check_suffix(path: str | Path, expected: tuple[str, ...], *, what: str) -> str:
    """The suffix in lower case.

    Raises:
        ValueError: when it is none of those expected.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in expected:
        raise ValueError(
            f"{what} is written as {' or '.join(expected)}, but {Path(path).name!r} ends otherwise; rename it"
        )
    return suffix


def check_readable(path: str | Path, *, what: str) -> Path:
    """The path of a file that is there and holds something.

    Raises:
        ValueError: when it is missing, a directory, empty or may not be read.
    """
    source = Path(path)
    if source.is_dir():
        raise ValueError(f"expected {what}, but {source} is a directory; name a file in it")
    if not source.exists():
        raise ValueError(f"expected {what}, but {source} does not exist; check the spelling and the directory")
    if not os.access(source, os.R_OK):
        raise ValueError(f"expected {what}, but {source} may not be read; change its permissions")
    if source.is_file() and source.stat().st_size == 0:
        raise ValueError(f"expected {what}, but {source} is empty (0 bytes); record or copy it again")
    return source
