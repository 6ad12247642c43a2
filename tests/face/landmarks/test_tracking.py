"""A face is followed through a clip, lost and found again, and its lips keep their openings."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
import torch

from thlab.face.landmarks import follow, track
from thlab.face.landmarks.detection import Detection
from thlab.face.landmarks.tracking import filled, gathered

INNER = (62, 66)


def lip_gap(points: np.ndarray) -> np.ndarray:
    return np.linalg.norm(points[:, INNER[0]] - points[:, INNER[1]], axis=-1)


class Told:
    """A finder that says what it was told, frame by frame."""

    name = "told"

    def __init__(self, *places: float | None) -> None:
        self.places = iter(places)
        self.asked = 0

    def detect(self, picture: np.ndarray, *, most: int = 1) -> list[Detection]:
        del picture, most
        self.asked += 1
        place = next(self.places)
        if place is None:
            return []
        points = np.random.default_rng(0).normal(0, 10, (68, 3)) + np.array([place, 0, 0])
        return [Detection(points.astype(np.float32), "ibug68")]


BLACK = np.zeros((8, 8, 3), np.uint8)


def test_the_mouth_opens_when_it_opens_and_as_far(speaking: tuple):
    frames, truth = speaking
    found = track(torch.from_numpy(frames))
    assert found.found.all()
    assert found.landmarks.shape == (len(frames), 68, 2)
    assert found.mesh.shape == (len(frames), 478, 3)
    here, there = lip_gap(found.landmarks.numpy()), lip_gap(truth)
    raw = np.stack([face.ibug() for face in follow(frames, noise=0.0) if face is not None])
    assert np.corrcoef(here, there)[0, 1] > 0.97
    lags = {lag: np.corrcoef(here[2:-2], np.roll(there, lag)[2:-2])[0, 1] for lag in (-1, 0, 1)}
    assert max(lags, key=lambda lag: lags[lag]) == 0
    assert here.std() > 0.93 * lip_gap(raw).std()


def test_a_person_who_sits_still_in_noise_shakes_less(speaking: tuple):
    rng = np.random.default_rng(0)
    still = speaking[0][0]
    noisy = [np.clip(still + rng.normal(0, 4, still.shape), 0, 255).astype(np.uint8) for _ in range(20)]
    shake = [
        np.diff(np.stack([face.ibug() for face in follow(noisy, noise=noise) if face is not None])[4:], axis=0).std()
        for noise in (0.0, 0.005)
    ]
    assert shake[1] < 0.6 * shake[0]


def test_where_the_face_is_gone_there_is_none_and_the_track_is_filled(speaking: tuple):
    frames = speaking[0].copy()
    frames[8:12] = 0
    result = track(torch.from_numpy(frames))
    assert result.found.tolist() == [not 8 <= index < 12 for index in range(len(frames))]
    assert not result.visible[8:12].any()
    between = (result.landmarks[7] * 3 + result.landmarks[12] * 2) / 5
    assert torch.allclose(result.landmarks[9], between, atol=1e-3)


def test_only_two_frames_are_looked_ahead():
    asked = Told(*[0.0] * 50)
    stream = follow((BLACK for _ in range(50)), asked)
    for given in range(1, 40):
        next(stream)
        assert asked.asked == given + 2


def test_nothing_is_smoothed_over_a_cut_or_a_loss():
    places = [0.0] * 6 + [500.0] * 6 + [None] + [0.0] * 6
    faces = list(follow([BLACK] * len(places), Told(*places)))
    assert len(faces) == len(places)
    for face, place in zip(faces, places, strict=True):
        assert (face is None) == (place is None)
        if face is not None and place is not None:
            assert abs(float(face.points[:, 0].mean()) - place) < 5


def test_a_small_face_in_a_large_picture_is_found_and_followed(speaking: tuple):
    def film() -> Iterator[np.ndarray]:
        for index, frame in enumerate(speaking[0]):
            picture = np.full((480, 640, 3), 90, np.uint8)
            picture[150 + index : 230 + index, 300 + 2 * index : 380 + 2 * index] = cv2.resize(
                frame, (80, 80), interpolation=cv2.INTER_AREA
            )
            yield picture

    faces = list(follow(film()))
    assert all(face is not None for face in faces)
    last = faces[-1]
    assert last is not None
    wanted = speaking[1][-1] * 80 / 224 + np.array([300 + 2 * 23, 150 + 23])
    assert np.linalg.norm(last.ibug() - wanted, axis=1)[17:].mean() < 3


def test_a_clip_without_a_face_is_refused():
    with pytest.raises(ValueError, match="no face was found in any of 3 frames"):
        gathered([None, None, None])


def test_gaps_at_the_ends_stand_still():
    known = np.array([[[1.0, 0.0]], [[4.0, 0.0]]])
    found = np.array([False, True, False, False, True, False])
    assert filled(known, found)[:, 0, 0].tolist() == pytest.approx([1, 1, 2, 3, 4, 4])
