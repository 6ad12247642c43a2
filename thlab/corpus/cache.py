"""Finished clips on disk: one folder a configuration, one file a clip, to be deleted whenever you like.

A clip is ``000042.npz``, an uncompressed NumPy archive without pickles: ``frames`` (uint8), ``audio`` (float32), the
tracks of its truth under their names, and ``about``, JSON in UTF-8 with transcript, emotion and actor. Each array
carries a CRC, so a damaged file is noticed. ``config.json`` beside the clips says what the folder holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import warnings
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from thlab.corpus.plan import CORPUS_VERSION, CorpusConfig
from thlab.media import Clip, Truth, atomic_path
from thlab.timebase import Interval, Transcript

DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, NotImplementedError)
"""What reading a broken archive may raise."""
FACTS = ("emotion", "emotion_intensity", "actor")
"""Truth that is no array."""
STALE_SECONDS = 3600.0
"""Age from which a half-written file is left over from a process that was killed."""


def cache_root() -> Path:
    """Where thlab keeps what it can make again.

    ``$THLAB_CACHE``, else ``$XDG_CACHE_HOME/thlab``, else ``~/.cache/thlab``.
    """
    if chosen := os.environ.get("THLAB_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "thlab"


def corpus_folder(config: CorpusConfig) -> Path:
    """The folder of a configuration; its name is a hash of the configuration and of the version of the corpus."""
    digest = hashlib.sha256(_described(config).encode()).hexdigest()
    return cache_root() / "corpus" / f"{config.split}-{config.size}-{digest[:16]}"


def _described(config: CorpusConfig) -> str:
    return json.dumps({"version": CORPUS_VERSION, **asdict(config)}, sort_keys=True)


class ClipCache:
    """A folder of finished clips."""

    def __init__(self, folder: Path, config: CorpusConfig) -> None:
        self.folder, self.config = folder, config

    def path(self, index: int) -> Path:
        return self.folder / f"{index:06d}.npz"

    def has(self, index: int) -> bool:
        """Whether the file is there; :meth:`read` finds out whether it is whole."""
        return self.path(index).exists()

    def write(self, index: int, clip: Clip) -> None:
        """Keep a clip: it appears whole or not at all."""
        self._describe()
        write_archive(self.path(index), clip)

    def read(self, index: int) -> Clip | None:
        """A clip, or None when it is not there or damaged; a damaged file is deleted with a warning."""
        path = self.path(index)
        try:
            return read_archive(path)
        except FileNotFoundError:
            return None
        except DAMAGED as problem:
            warnings.warn(f"the cached clip {path} is damaged ({problem}) and will be made again", stacklevel=2)
            path.unlink(missing_ok=True)
            return None

    def sweep(self) -> None:
        """Delete what processes left half-written that were killed over an hour ago."""
        for part in self.folder.glob("*.part"):
            if time.time() - part.stat().st_mtime > STALE_SECONDS:
                part.unlink(missing_ok=True)

    def _describe(self) -> None:
        note = self.folder / "config.json"
        if not note.exists():
            with atomic_path(note) as part:
                part.write_text(_described(self.config) + "\n")


def write_archive(path: Path, clip: Clip, *, compressed: bool = False) -> None:
    """Write a clip and its truth as one archive."""
    tracks = {} if clip.truth is None else clip.truth.tracks()
    arrays = {name: track.numpy() for name, track in tracks.items()}
    for name, tensor in (("frames", clip.frames), ("audio", clip.audio), ("identity", _identity(clip))):
        if tensor is not None:
            arrays[name] = tensor.numpy()
    arrays["about"] = np.frombuffer(json.dumps(_about(clip), ensure_ascii=False).encode(), np.uint8)
    with atomic_path(path) as part:
        _write_arrays(part, arrays, zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED)


def _write_arrays(path: Path, arrays: dict[str, np.ndarray], compression: int) -> None:
    """As ``np.savez`` does, but with the same date in every archive: the same clip is the same file, byte for byte."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, array in sorted(arrays.items()):
            entry = zipfile.ZipInfo(f"{name}.npy")
            entry.compress_type = compression
            with archive.open(entry, "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)


def _identity(clip: Clip) -> torch.Tensor | None:
    return None if clip.truth is None else clip.truth.identity


def _about(clip: Clip) -> dict[str, Any]:
    """What is no array."""
    about: dict[str, Any] = {"version": CORPUS_VERSION}
    if clip.transcript is not None:
        about["transcript"] = asdict(clip.transcript)
    if clip.truth is not None:
        about |= {name: getattr(clip.truth, name) for name in FACTS}
    return about


def read_archive(path: Path) -> Clip:
    """Read what :func:`write_archive` wrote.

    Raises:
        FileNotFoundError: the file is not there.
        ValueError, OSError, KeyError, EOFError, zipfile.BadZipFile: it is damaged.
    """
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    about = json.loads(arrays.pop("about").tobytes().decode())
    known: dict[str, Any] = {name: torch.from_numpy(array) for name, array in arrays.items()}
    frames, audio = known.pop("frames", None), known.pop("audio", None)
    known |= {name: about[name] for name in FACTS if name in about}
    transcript = _transcript(about["transcript"]) if "transcript" in about else None
    return Clip(frames, audio, transcript, Truth(**known) if known else None)


def _transcript(fields: dict[str, Any]) -> Transcript:
    words, phones = (tuple(Interval(**item) for item in fields[name]) for name in ("words", "phones"))
    return Transcript(fields["text"], words, phones, fields["language"])
