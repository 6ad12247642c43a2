"""How far finders of landmarks are from what people marked in photographs: the normalised mean error."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from thlab.face.landmarks.detection import Detection, Detector, Picture
from thlab.face.landmarks.search import overlap
from thlab.face.points import LEFT_CORNER, RIGHT_CORNER
from thlab.media import read_picture
from thlab.media.points_files import read_points

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
FAILED = 0.08
"""Of the distance of the eyes' corners: beyond it a face counts as failed (Sagonas et al. 2013)."""
FACE_ONLY = slice(17, 68)
"""The points without the jaw, the 51 whose places do not depend on how the outline is understood."""
MATCHED = 0.3
"""Share of the smaller box that a face that was found must have in common with one that was marked."""


@dataclass(frozen=True, eq=False)
class Annotated:
    """A face that somebody marked."""

    picture: Path
    points: Float[np.ndarray, "68 2"]
    """Pixels, centres at .5."""


@dataclass(frozen=True)
class Accuracy:
    """What one finder did with all faces. Errors are means over the points of a face, then over faces found."""

    name: str
    faces: int
    found: int
    mean: float
    """Of the mean error, in distances of the outer corners of the eyes."""
    median: float
    failed: int
    """Faces whose error is above 8 %, and those that were not found."""
    mean_51: float
    """The mean without the jaw."""
    mean_box: float
    """The mean in diagonals of the box of the marked points."""
    mean_box_51: float


def annotated_faces(folder: Path) -> tuple[list[Annotated], int]:
    """The marked faces of a folder and those below it: ``.pts`` beside pictures, and XML of dlib's imglab.

    Returns:
        The faces, and how many are marked in pictures that are not there.

    Raises:
        ValueError: no folder, nothing marked in it, or a file that cannot be read.
    """
    if not folder.is_dir():
        raise ValueError(f"expected a folder of annotated photographs, but {folder} is none")
    faces: list[Annotated] = []
    missing = 0
    for path in sorted(folder.rglob("*.pts")):
        beside = [path.with_suffix(suffix) for suffix in PICTURES if path.with_suffix(suffix).is_file()]
        missing += not beside
        faces += [Annotated(beside[0], _checked(read_points(path)[:, :2], path))] if beside else []
    for path in sorted(folder.rglob("*.xml")):
        marked = list(read_imglab(path))
        faces += [face for face in marked if face.picture.is_file()]
        missing += sum(not face.picture.is_file() for face in marked)
    if not faces:
        lost = f" ({missing} faces are marked in pictures that are not there)" if missing else ""
        raise ValueError(
            f"expected pictures with .pts of 68 points beside them, or XML of imglab with its pictures, in {folder}, "
            f"but found none{lost}"
        )
    return faces, missing


def read_imglab(path: Path) -> Iterable[Annotated]:
    """The faces that an XML file of dlib's imglab marks with 68 parts; XML of another kind has none.

    imglab counts the first pixel as 0, so that half a pixel is added.

    Raises:
        ValueError: not XML, or parts without whole numbers.
    """
    try:
        for image in ElementTree.parse(path).getroot().iter("image"):
            for box in image.iter("box"):
                parts = sorted(box.iter("part"), key=lambda part: part.get("name", ""))
                if len(parts) == 68:
                    points = np.array([[float(part.attrib["x"]), float(part.attrib["y"])] for part in parts]) + 0.5
                    yield Annotated(path.parent / image.attrib["file"], points)
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise ValueError(f"{path} is not a whole file of imglab ({error}); fetch it again") from None


def accuracy(
    detector: Detector, faces: Sequence[Annotated], *, tell: Callable[[Path], None] | None = None
) -> Accuracy:
    """Try a finder on marked faces.

    Args:
        faces: several may be in one picture.
        tell: called with every picture, before it is looked at.

    Raises:
        ValueError: a picture cannot be read.
    """
    errors = []
    for path in dict.fromkeys(face.picture for face in faces):
        if tell is not None:
            tell(path)
        marked = [face.points for face in faces if face.picture == path]
        errors += [error for error in errors_in(read_picture(path), marked, detector) if error is not None]
    table = np.array(errors).reshape(-1, 4)
    count = len(table)
    mean = table.mean(0) if count else np.full(4, np.nan)
    return Accuracy(
        detector.name, len(faces), count, float(mean[0]), float(np.median(table[:, 0])) if count else float("nan"),
        int((table[:, 0] > FAILED).sum()) + len(faces) - count, float(mean[1]), float(mean[2]), float(mean[3]),
    )  # fmt: skip


def errors_in(
    picture: Picture, marked: Sequence[Float[np.ndarray, "68 2"]], detector: Detector
) -> list[tuple[float, float, float, float] | None]:
    """For each marked face the four errors of the finding that lies on it; None where there is none."""
    found = detector.detect(picture, most=max(8, 2 * len(marked)))
    return [None if (face := lying_on(points, found)) is None else errors_of(face.ibug(), points) for points in marked]


def lying_on(points: Float[np.ndarray, "68 2"], found: Sequence[Detection]) -> Detection | None:
    """The finding nearest to a marked face among those whose box overlaps its own."""
    box = Detection(np.concatenate([points, np.zeros((68, 1))], 1), "ibug68").box
    near = [face for face in found if overlap(face.box, box) >= MATCHED]
    return min(near, key=lambda face: float(np.linalg.norm(face.ibug() - points)), default=None)


def errors_of(
    found: Float[np.ndarray, "68 2"], marked: Float[np.ndarray, "68 2"]
) -> tuple[float, float, float, float]:
    """NME = (1/N) Σ |x_i − x̂_i| / d: of 68 and of 51 points, d the eyes' corners' distance; and d the box's diagonal.

    Source: Sagonas et al. 2013 (corners of the eyes); Bulat & Tzimiropoulos 2017 normalise by the root of the box's
    area, ours by its diagonal.
    """
    away = np.linalg.norm(found - marked, axis=1)
    eyes = float(np.linalg.norm(marked[RIGHT_CORNER] - marked[LEFT_CORNER]))
    diagonal = float(np.linalg.norm(marked.max(0) - marked.min(0)))
    whole, face = float(away.mean()), float(away[FACE_ONLY].mean())
    return whole / eyes, face / eyes, whole / diagonal, face / diagonal


def table_of(rows: Sequence[Accuracy]) -> list[str]:
    """The outcome as lines of text: errors in percent."""
    head = f"{'detector':<16}{'found':>8}{'mean':>8}{'median':>8}{'> 8 %':>7}{'no jaw':>8}{'box':>8}{'box, no jaw':>13}"
    lines = [
        f"{row.name:<16}{f'{row.found}/{row.faces}':>8}{100 * row.mean:>8.2f}{100 * row.median:>8.2f}{row.failed:>7}"
        f"{100 * row.mean_51:>8.2f}{100 * row.mean_box:>8.2f}{100 * row.mean_box_51:>13.2f}"
        for row in rows
    ]
    return [head, *lines]


def _checked(points: Float[np.ndarray, "points 2"], path: Path) -> Float[np.ndarray, "68 2"]:
    if len(points) != 68:
        raise ValueError(f"expected the 68 points of iBUG in {path}, but there are {len(points)}; move it elsewhere")
    return points
