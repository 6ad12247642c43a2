"""The JavaScript that pages need to be read without a network: fetched once from npm, pinned, and pruned."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from thlab.course import ROOT
from thlab.media.atomic import atomic_folder

CACHE = ROOT / "build" / "vendor"
PACKAGES = {
    "reveal.js@4.6.1": {
        "dist/reveal.js": "reveal.js/reveal.js",
        "dist/reveal.css": "reveal.js/reveal.css",
        "plugin/notes/notes.js": "reveal.js/notes.js",
        "LICENSE": "reveal.js/LICENSE",
    },
    "mathjax@2.7.9": {
        "MathJax.js": "mathjax/MathJax.js",
        "config/TeX-AMS_CHTML-full.js": "mathjax/config/TeX-AMS_CHTML-full.js",
        "config/Safe.js": "mathjax/config/Safe.js",
        "extensions": "mathjax/extensions",
        "jax/element": "mathjax/jax/element",
        "jax/input/TeX": "mathjax/jax/input/TeX",
        "jax/output/CommonHTML": "mathjax/jax/output/CommonHTML",
        "fonts/HTML-CSS/TeX/woff": "mathjax/fonts/HTML-CSS/TeX/woff",
        "localization/en": "mathjax/localization/en",
        "LICENSE": "mathjax/LICENSE",
    },
    "requirejs@2.3.6": {"require.js": "require.js"},
    "jquery@3.7.1": {"dist/jquery.min.js": "jquery.min.js"},
    "@jupyter-widgets/html-manager@1.0.15": {
        "dist/embed-amd.js": "html-manager/embed-amd.js",
        "package.json": "html-manager/package.json",
    },
}
"""Of each package, by name and version: which file or folder of it goes where."""
STAMP = "packages.txt"
"""Beside the files: what they were taken from."""


def vendored(folder: Path) -> None:
    """Put reveal.js, MathJax, require.js, jQuery and the widget manager into a folder; npm is asked only once.

    Raises:
        ValueError: npm is not installed, or cannot reach its registry.
    """
    wanted = "\n".join(PACKAGES) + "\n"
    stamp = CACHE / STAMP
    if not stamp.exists() or stamp.read_text() != wanted:
        _fill_cache(wanted)
    shutil.copytree(CACHE, folder, dirs_exist_ok=True)


def _fill_cache(stamp: str) -> None:
    """Fetch everything beside the cache, then put it in its place."""
    npm = shutil.which("npm")
    if npm is None:
        raise ValueError("building slides and book needs npm, and it is not installed; on Debian: apt-get install npm")
    with atomic_folder(CACHE) as new, TemporaryDirectory() as scratch:
        for package, files in PACKAGES.items():
            _take(_unpacked(npm, package, Path(scratch)), files, new)
        (new / STAMP).write_text(stamp)


def _unpacked(npm: str, package: str, folder: Path) -> Path:
    """Where the contents of a package lie."""
    packed = subprocess.run([npm, "pack", "--silent", package], cwd=folder, capture_output=True, text=True)
    if packed.returncode:
        reason = " ".join(packed.stderr.split())[-200:]
        raise ValueError(f"expected npm to give {package}, but it failed: {reason}; is there a network?")
    archive = folder / packed.stdout.split()[-1]
    with tarfile.open(archive) as tar:
        tar.extractall(folder / archive.stem, filter="data")
    return next((folder / archive.stem).iterdir())


def _take(package: Path, files: dict[str, str], into: Path) -> None:
    for source, target in files.items():
        place = into / target
        place.parent.mkdir(parents=True, exist_ok=True)
        if (package / source).is_dir():
            shutil.copytree(package / source, place)
        else:
            shutil.copyfile(package / source, place)
