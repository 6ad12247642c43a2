"""The door to libespeak-ng: start the process that speaks, ask it, read the answer.

espeak-ng is free software under the GPLv3, used here as a separate program at run time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HELPER = Path(__file__).with_name("espeak_helper.py")
MISSING = (
    "no espeak-ng library: expected the Python package espeakng-loader or the system's libespeak-ng.so.1; "
    "install one: 'pip install espeakng-loader' or 'apt install libespeak-ng1'"
)


@dataclass(frozen=True)
class Answer:
    """What the process that speaks returned for one request."""

    header: dict[str, Any]
    """Events, language, voices: what was asked for; ``error`` when it failed."""
    samples: bytes
    """16-bit PCM at ``header["rate"]``."""


def library() -> tuple[str, str]:
    """Paths of the library and of its data: the wheel's where installed, else the system's, whose data path is its own.

    Raises:
        ValueError: neither is there.
    """
    try:
        import espeakng_loader
    except ImportError:
        system = find_library("espeak-ng")
        if system is None:
            raise ValueError(MISSING) from None
        return system, ""
    return str(espeakng_loader.get_library_path()), str(espeakng_loader.get_data_path())


def ask(requests: Iterable[dict[str, Any]]) -> Iterator[Answer]:
    """Answer requests one by one, each from the same fresh state of the library.

    A process is started for the iterator and ends with it; nothing outlives the call, so threads, forks and worker
    processes cannot disturb one another.

    Raises:
        ValueError: no library.
        RuntimeError: the library failed on a request.
    """
    paths = library()
    if not hasattr(os, "fork"):
        for request in requests:
            with _helper(*paths) as process:
                yield _exchange(process, request)
        return
    with _helper(*paths) as process:
        for request in requests:
            yield _exchange(process, request)


@contextmanager
def _helper(path: str, data: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process that speaks: a bare Python, without site-packages, so that it starts quickly."""
    command = [sys.executable, "-I", "-S", str(HELPER), path, data]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        for stream in (process.stdin, process.stdout):
            if stream:
                _close(stream)
        process.wait()


def _close(stream: Any) -> None:
    """Close a pipe whose other end may be gone already."""
    with suppress(BrokenPipeError):
        stream.close()


def _exchange(process: subprocess.Popen[bytes], request: dict[str, Any]) -> Answer:
    """Send one request and wait for its answer."""
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
    except BrokenPipeError:
        pass  # the helper may have left a header that says why
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("the process that speaks ended without an answer; try again, or reinstall espeakng-loader")
    header = json.loads(line)
    if str(header.get("error", "")).startswith("library:"):
        raise ValueError(f"{MISSING} ({header['error']})")
    return Answer(header, process.stdout.read(header["bytes"]))
