"""Errors are counted as the literature does, faces are told apart, and what is missed counts as failed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thlab.experiments.landmark_accuracy import accuracy, annotated_faces, errors_in, errors_of, table_of
from thlab.face.landmarks.detection import Detection
from thlab.media.points_files import write_points

RNG = np.random.default_rng(0)
FACE = RNG.uniform(20, 80, (68, 2))
FACE[36], FACE[45] = (30, 40), (70, 40)


def by(x: float, y: float) -> np.ndarray:
    """The face, shifted."""
    return FACE + np.array([x, y])


def seen(points: np.ndarray) -> Detection:
    return Detection(np.concatenate([points, np.zeros((68, 1))], 1).astype(np.float32), "ibug68")


class Sees:
    name = "sees"

    def __init__(self, *faces: np.ndarray) -> None:
        self.faces = [seen(face) for face in faces]

    def detect(self, picture: np.ndarray, *, most: int = 1) -> list[Detection]:
        del picture
        return self.faces[:most]


def imglab(folder: Path, *faces: np.ndarray, file: str = "two.png", parts: int = 68) -> None:
    def marked(face: np.ndarray) -> str:
        rows = (f"<part name='{row:02}' x='{x:.0f}' y='{y:.0f}'/>" for row, (x, y) in enumerate(face[:parts]))
        return f"<box>{''.join(rows)}</box>"

    boxes = "".join(marked(face) for face in faces)
    (folder / "faces.xml").write_text(f"<dataset><images><image file='{file}'>{boxes}</image></images></dataset>")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A picture with .pts, and one with two faces in XML."""
    for name in ("one.jpg", "two.png"):
        Image.new("RGB", (300, 200)).save(tmp_path / name)
    write_points(FACE, tmp_path / "one.pts")
    imglab(tmp_path, FACE, by(150, 60))
    return tmp_path


def test_a_shift_is_an_error_of_its_length_in_distances_of_the_eyes():
    whole, face, box, _ = errors_of(by(3, 4), FACE)
    assert whole == pytest.approx(5 / 40)
    assert face == pytest.approx(5 / 40)
    assert box == pytest.approx(5 / np.linalg.norm(FACE.max(0) - FACE.min(0)))


def test_without_the_jaw_its_errors_do_not_count():
    wrong = FACE.copy()
    wrong[:17] += 20
    whole, face, _, _ = errors_of(wrong, FACE)
    assert face == 0
    assert whole == pytest.approx(17 / 68 * 20 * np.sqrt(2) / 40)


def test_files_of_both_kinds_count_pixels_alike(folder: Path):
    faces, missing = annotated_faces(folder)
    assert missing == 0
    assert [face.picture.name for face in faces] == ["one.jpg", "two.png", "two.png"]
    assert np.allclose(faces[0].points, FACE, atol=0.006)  # two decimals
    assert np.allclose(faces[1].points, np.round(FACE) + 0.5)


def test_each_marked_face_is_measured_by_the_finding_that_lies_on_it():
    picture, marked = np.zeros((200, 300, 3), np.uint8), [FACE, by(150, 60)]
    found = errors_in(picture, marked, Sees(by(151, 60), by(0, 2)))
    assert found[0] is not None
    assert found[1] is not None
    assert (found[0][0], found[1][0]) == (pytest.approx(2 / 40, abs=1e-4), pytest.approx(1 / 40, abs=1e-4))


def test_faces_that_are_missed_count_as_failed_and_not_in_the_mean(folder: Path):
    faces, _ = annotated_faces(folder)
    row = accuracy(Sees(by(0.5, 0.5)), faces)
    assert (row.faces, row.found, row.failed) == (3, 2, 1)
    assert row.mean < 0.03
    nobody = accuracy(Sees(), faces)
    assert (nobody.found, nobody.failed) == (0, 3)
    assert np.isnan(nobody.mean)
    head, first, second = table_of([row, nobody])
    assert len(head) == len(first) == len(second)
    assert "2/3" in first


def test_marked_pictures_that_are_not_there_are_counted(folder: Path):
    (folder / "two.png").unlink()
    faces, missing = annotated_faces(folder)
    assert (len(faces), missing) == (1, 2)


def test_folders_that_hold_nothing_or_nonsense_are_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="is none"):
        annotated_faces(tmp_path / "nowhere")
    imglab(tmp_path, FACE, parts=5)
    with pytest.raises(ValueError, match="found none"):
        annotated_faces(tmp_path)
    (tmp_path / "faces.xml").write_text("<dataset><images>")
    with pytest.raises(ValueError, match="not a whole file of imglab"):
        annotated_faces(tmp_path)
    (tmp_path / "faces.xml").unlink()
    Image.new("RGB", (30, 30)).save(tmp_path / "few.png")
    write_points(FACE[:5], tmp_path / "few.pts")
    with pytest.raises(ValueError, match="expected the 68 points"):
        annotated_faces(tmp_path)
