from __future__ import annotations

import numpy as np
import pytest

from thlab.corpus.cleaning.people import MOST, PATIENCE, face_finder, follow_people
from thlab.face.landmarks.detection import Detection

PICTURE = np.zeros((8, 8, 3), np.uint8)


class Scripted:
    """Finds what it is told to, a row a picture: the x of the middle of each face, 40 px wide."""

    name = "scripted"

    def __init__(self, *places: list[float]) -> None:
        self._places = iter(places)

    def detect(self, picture: np.ndarray, *, most: int = 1) -> list[Detection]:
        assert most == MOST
        return [face_at(x) for x in next(self._places)]


def face_at(x: float) -> Detection:
    points = np.random.default_rng(0).uniform(-20, 20, (68, 3)).astype(np.float32)
    points[0, 0], points[16, 0], points[:, 2] = -20, 20, 0
    return Detection(points + np.array([x, 50, 0], np.float32), "ibug68")


def follow(*places: list[float]):
    return follow_people([PICTURE] * len(places), detector=Scripted(*places))


def test_two_people_stay_two_tracks_whoever_is_found_first():
    people = follow([50, 200], [202, 52], [54, 204])
    assert [track.found.tolist() for track in people.tracks] == [[True] * 3] * 2
    assert people.counts.tolist() == [2, 2, 2]
    assert people.alone == 0
    middles = [track.landmarks[:, :, 0].mean(1) for track in people.tracks]
    np.testing.assert_allclose(np.ptp(middles, axis=1), 4, atol=1e-3)


def test_a_face_that_is_lost_for_a_moment_keeps_its_track():
    people = follow([50], [], [], [51])
    assert len(people.tracks) == 1
    assert people.tracks[0].found.tolist() == [True, False, False, True]
    assert people.alone == 0.5


def test_a_face_that_is_lost_for_long_is_somebody_else():
    assert len(follow([50], *[[]] * (PATIENCE + 1), [50]).tracks) == 2


def test_the_face_that_is_there_longest_comes_first():
    people = follow([50], [50, 200], [50, 200], [200], [200], [200])
    assert people.tracks[0].landmarks[5].mean() > people.tracks[1].landmarks[1].mean()
    assert people.lone_face.found.tolist() == [True, False, False, True, True, True]


def test_the_lone_face_jumps_where_another_takes_its_place():
    face = follow([50], [50], [200]).lone_face
    assert face.landmarks[2, :, 0].mean() - face.landmarks[1, :, 0].mean() == pytest.approx(150, abs=1e-3)


def test_nobody_has_no_tracks():
    assert follow([], []).tracks == ()
    assert follow_people([], detector=Scripted()).alone == 0


def test_the_finder_forgets_whom_it_followed():
    finder = face_finder()
    assert face_finder() is finder
    assert finder.detect(np.zeros((64, 64, 3), np.uint8), most=MOST) == []
