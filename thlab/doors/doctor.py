"""``thlab doctor``: what is there and what is missing, one line each, with the mend."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

SUMMARY = "print what is installed and what is missing, with the mend"
SPACE_NEEDED = 500e6
"""Bytes free in the temporary folder for comfortable work."""


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    name: str
    present: bool
    detail: str
    mend: str = ""
    """What to do when it is missing."""
    optional: bool = False
    """Whether ``thlab talk`` works without it."""

    def __str__(self) -> str:
        if self.present:
            return f"[OK]      {self.name}: {self.detail}"
        need = " (optional)" if self.optional else ""
        return f"[MISSING] {self.name}{need}: {self.detail}; {self.mend}"


def add_options(command: argparse.ArgumentParser) -> None:
    del command  # the doctor asks no questions


def run(options: argparse.Namespace) -> int:
    del options
    findings = [careful(check) for check in checks()]
    print("\n".join(map(str, findings)))
    return 0 if all(finding.present or finding.optional for finding in findings) else 1


def careful(check: Callable[[], Finding]) -> Finding:
    """Run a check; one that breaks is a finding too."""
    try:
        return check()
    except Exception as error:  # whatever breaks here is what the doctor is asked to report
        name = check.__name__.replace("_", " ")
        return Finding(name, False, f"{type(error).__name__}: {error}", "run 'make talk' in a fresh clone")


def checks() -> Iterator[Callable[[], Finding]]:
    """The examinations, in the order of the report."""
    yield python
    for package in ("numpy", "scipy", "torch", "numba", "av", "soundfile", "soxr", "safetensors", "pillow"):
        yield lambda package=package: installed(package)  # type: ignore[misc]
    yield from (encoders, synthesiser, recogniser, talk_weights, temporary_space)
    for package in ("mediapipe", "opencv-contrib-python", "face-alignment"):
        yield lambda package=package: installed(package, extra="faces")  # type: ignore[misc]
    yield face_finder
    for package in ("jupyterlab", "ipywidgets", "matplotlib", "librosa", "scikit-learn"):
        yield lambda package=package: installed(package, extra="course")  # type: ignore[misc]
    for package in ("pytest", "nbval", "torchaudio"):
        yield lambda package=package: installed(package, extra="dev")  # type: ignore[misc]
    yield gpu


def python() -> Finding:
    version = platform.python_version()
    good = (3, 11) <= sys.version_info < (3, 13)
    return Finding("Python", good, f"{version}, {os.cpu_count()} cores", "install Python 3.11 or 3.12")


def installed(package: str, *, extra: str = "") -> Finding:
    """Whether a package can be found, without importing it."""
    mend = f"pip install -c constraints.txt -e '.[{extra}]'" if extra else "pip install -c constraints.txt -e ."
    try:
        return Finding(package, True, importlib.metadata.version(package), mend)
    except importlib.metadata.PackageNotFoundError:
        return Finding(package, False, "not installed", mend, optional=bool(extra))


def encoders() -> Finding:
    import av

    missing = [name for name in ("libx264", "aac") if name not in av.codecs_available]
    detail = "H.264 and AAC" if not missing else f"PyAV lacks {', '.join(missing)}"
    return Finding("video encoders", not missing, detail, "pip install --force-reinstall av")


def synthesiser() -> Finding:
    from thlab.audio.synthesis import speak

    speech = speak("one")
    return Finding("espeak-ng (text to sound)", True, f"says 'one' in {len(speech.audio)} samples")


def recogniser() -> Finding:
    import pocketsphinx

    folder = os.path.join(pocketsphinx.get_model_path(), "en-us", "en-us")
    return Finding(
        "pocketsphinx (sound to phones)", os.path.isdir(folder), folder, "pip install --force-reinstall pocketsphinx"
    )


def talk_weights() -> Finding:
    from thlab.experiments.checkpoints import load_checkpoint

    weights, card = load_checkpoint("talker")
    count = sum(tensor.numel() for tensor in weights.values())
    return Finding("weights of 'thlab talk'", True, f"{count:,} numbers, trained by '{card.command}'")


def face_finder() -> Finding:
    from thlab.face.landmarks import FaceMesh

    name = "MediaPipe's face mesh (real faces)"
    try:
        FaceMesh()
    except ValueError as error:
        reason, _, mend = str(error).partition("; ")
        return Finding(name, False, reason, mend, optional=True)
    return Finding(name, True, "its models load, offline")


def temporary_space() -> Finding:
    import tempfile

    free = shutil.disk_usage(tempfile.gettempdir()).free
    return Finding("disk", free > SPACE_NEEDED, f"{free / 1e9:.1f} GB free", "free some space or set TMPDIR")


def gpu() -> Finding:
    import torch

    there = torch.cuda.is_available()
    detail = torch.cuda.get_device_name() if there else "none found"
    return Finding("GPU", there, detail, "nothing to do: the course runs on two cores", optional=True)
