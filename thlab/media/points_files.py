"""Points of a face in files: the .pts text of iBUG, which annotators write, and JSON or npz of all points of a mesh."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from thlab.media.atomic import atomic_path

Points = Float[np.ndarray, "points axes"]
"""Pixels; x right, y down, the centre of the first pixel at (0.5, 0.5); a third axis is depth, away from the camera."""

FIRST_PIXEL = 0.5
"""iBUG's files count as MATLAB does: the centre of the first pixel lies at (1, 1)."""
BRACES = re.compile(r"\{([^{}]*)\}")
FORMS = ".pts (iBUG), .json or .npz with 'points'"


def read_points(path: str | Path) -> Points:
    """The points of a face from a file.

    ``.pts``: the text of iBUG, counted from 1. ``.json``: a list of points, or an object with one called ``points``;
    ``.npz``: an array called ``points``; both in pixels with centres at .5.

    Raises:
        ValueError: no such file, another form, not two or three finite numbers a point.

    Source: Sagonas et al. 2013, "300 faces in-the-wild challenge", whose annotations come as .pts.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"expected points at {path}, but {'it is a folder' if path.is_dir() else 'found no file'}")
    readers = {".pts": _from_pts, ".json": _from_json, ".npz": _from_npz}
    if path.suffix.lower() not in readers:
        raise ValueError(f"points are read from {FORMS}, but {path.name!r} ends otherwise")
    try:
        points = np.asarray(readers[path.suffix.lower()](path), float)
    except (ValueError, TypeError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} holds no points of a face ({_short(error)}); expected {FORMS}") from None
    if points.ndim != 2 or points.shape[1] not in (2, 3) or not np.isfinite(points).all():
        raise ValueError(f"expected two or three finite numbers a point in {path}, but there are {points.shape} or NaN")
    return points


def write_points(points: Float[np.ndarray, "points axes"], path: Path) -> None:
    """Write points so that :func:`read_points` reads them: .pts keeps x and y to a hundredth, .json and .npz all.

    Raises:
        ValueError: another suffix, or the place cannot be written to.
    """
    with atomic_path(path) as part:
        if path.suffix.lower() == ".pts":
            rows = "\n".join(f"{x:.2f} {y:.2f}" for x, y in points[:, :2] + FIRST_PIXEL)
            part.write_text(f"version: 1\nn_points: {len(points)}\n{{\n{rows}\n}}\n")
        elif path.suffix.lower() == ".json":
            part.write_text(json.dumps({"points": points.tolist()}))
        elif path.suffix.lower() == ".npz":
            with part.open("wb") as file:
                np.savez_compressed(file, points=points)
        else:
            raise ValueError(f"points are written as {FORMS}, but {path.name!r} ends otherwise")


def _from_pts(path: Path) -> Any:
    found = BRACES.search(path.read_text(encoding="ascii", errors="strict"))
    if found is None:
        raise ValueError("no { } around rows of x and y")
    rows = [row.split() for row in found[1].splitlines() if row.strip()]
    return np.array([[float(number) for number in row] for row in rows]) - FIRST_PIXEL


def _from_json(path: Path) -> Any:
    kept = json.loads(path.read_text())
    return kept["points"] if isinstance(kept, dict) else kept


def _from_npz(path: Path) -> Any:
    with np.load(path, allow_pickle=False) as kept:
        return kept["points"]


def _short(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
