"""What is found in a part of a picture is brought to its place in the whole; nobody is counted twice."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from thlab.face.landmarks import FaceMesh, search
from thlab.face.landmarks.detection import Detection

SPOT = (93, 41)


def bright(picture: np.ndarray) -> list[Detection]:
    """A finder of the brightest place, in continuous pixels."""
    row, column = np.argwhere(picture[..., 0] == picture[..., 0].max()).mean(0) + 0.5
    around = np.array([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]])
    return [Detection((around + np.array([column, row, 0])).astype(np.float32), "mesh478")]


@pytest.fixture
def dark() -> np.ndarray:
    picture = np.zeros((120, 160, 3), np.uint8)
    picture[SPOT[1] - 1 : SPOT[1] + 2, SPOT[0] - 1 : SPOT[0] + 2] = 255
    return picture


@pytest.mark.parametrize("box", [(60.0, 20.0, 120.0, 80.0), (80.4, 30.2, 110.1, 60.7), (60.0, -30.0, 190.0, 100.0)])
def test_a_part_that_is_cut_out_and_enlarged_leads_back(dark: np.ndarray, box: search.Box):
    part, back = search.cut_out(dark, box)
    assert max(part.shape) >= search.WORKING
    centre = back(bright(part)[0]).points[:, :2].mean(0)
    assert np.abs(centre - (np.array(SPOT) + 0.5)).max() < 0.6


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_points_of_a_turned_picture_are_turned_back(dark: np.ndarray, quarters: int):
    seen = []

    def find(picture: np.ndarray) -> list[Detection]:
        seen.append(picture.shape)
        return bright(picture) if len(seen) == {1: 1, 3: 2, 2: 3}[quarters] else []

    (face,) = search.found_turned(dark, find)
    assert np.allclose(face.points[:, :2].mean(0), np.array(SPOT) + 0.5)


def test_a_face_that_was_found_twice_counts_once():
    big = Detection(np.array([[0, 0, 0], [100, 100, 0]], np.float32), "mesh478")
    same = Detection(np.array([[5, 5, 0], [95, 95, 0]], np.float32), "mesh478")
    beside = Detection(np.array([[110, 0, 0], [150, 40, 0]], np.float32), "mesh478")
    assert search.merged([beside, big, same]) == [big, beside]


@pytest.mark.parametrize("size", [(700, 900), (1901, 3913), (2000, 500)])
def test_tiles_cover_the_whole_picture_and_stay_inside(size: tuple[int, int]):
    covered = np.zeros(size, bool)
    for left, top, right, bottom in search.tiles(size):
        assert left >= -1e-6
        assert top >= -1e-6
        assert right <= size[1] + 1e-6
        assert bottom <= size[0] + 1e-6
        covered[round(top) : round(bottom), round(left) : round(right)] = True
    assert covered.all()


def test_small_faces_in_large_pictures_and_faces_on_their_side_are_found(finder: FaceMesh, speaking: tuple):
    face = speaking[0][0]
    truth = speaking[1][0]
    small = np.full((900, 1600, 3), 90, np.uint8)
    small[500:560, 1100:1160] = cv2.resize(face, (60, 60), interpolation=cv2.INTER_AREA)
    (found,) = finder.detect(small)
    wanted = truth * 60 / 224 + [1100, 500]
    assert np.linalg.norm(found.ibug() - wanted, axis=1)[17:].mean() < 3
    for quarters in (1, 3):
        (turned,) = finder.detect(np.ascontiguousarray(np.rot90(face, quarters)))
        x, y = truth.T
        place = np.stack({1: (y, 224 - x), 3: (224 - y, x)}[quarters], 1)
        assert np.linalg.norm(turned.ibug() - place, axis=1)[17:].mean() < 6


def test_several_faces_come_the_largest_first_and_no_more_than_asked_for(finder: FaceMesh, speaking: tuple):
    face = speaking[0][0]
    two = np.full((224, 500, 3), 90, np.uint8)
    two[:, :224], two[40:190, 300:450] = face, cv2.resize(face, (150, 150), interpolation=cv2.INTER_AREA)
    found = finder.detect(two, most=5)
    assert len(found) == 2
    assert found[0].area > found[1].area
    assert found[0].box[2] < 224
    assert len(finder.detect(two)) == 1


def test_nobody_is_seen_where_nobody_is(finder: FaceMesh):
    data = pytest.importorskip("skimage.data")
    noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    for picture in (data.chelsea(), data.coffee(), noise, np.zeros((40, 40, 3), np.uint8)):
        assert finder.detect(np.ascontiguousarray(picture), most=4) == []
    assert len(finder.detect(data.astronaut(), most=4)) == 1
