"""Following one face, with a detector that says what the test wants."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from thlab.corpus.prepare.watching import MESH_POINTS, watch
from thlab.face.landmarks.detection import Detection


def face(x: float, y: float, side: float) -> Detection:
    """A square face."""
    places = np.random.default_rng(0).uniform(-0.5, 0.5, (MESH_POINTS, 3)).astype(np.float32)
    places[:4, :2] = [[-0.5, -0.5], [0.5, -0.5], [-0.5, 0.5], [0.5, 0.5]]
    return Detection(places * np.float32(side) + np.array([x, y, 0], np.float32), "mesh478")


class Scripted:
    """A detector that plays a script, largest face first as detectors do."""

    name = "scripted"

    def __init__(self, script: list[list[Detection]]) -> None:
        self._script = iter(script)

    def detect(self, picture: np.ndarray, *, most: int = 1) -> list[Detection]:
        return sorted(next(self._script), key=lambda found: -found.area)[:most]


def followed(tmp_path: Path, script: list[list[Detection]], face_index: int | None = None):
    pictures = [torch.zeros(60, 80, 3, dtype=torch.uint8)] * len(script)
    return watch(pictures, tmp_path / "mesh.f32", face_index=face_index, detector=Scripted(script))


def places(watched) -> list[float]:
    return watched.mesh(slice(None))[:, :4, 0].mean(1).round().tolist()


def test_the_largest_face_is_followed_even_when_another_grows_larger(tmp_path: Path):
    script = [[face(20, 20, 12), face(60, 20, 8 + frame)] for frame in range(10)]
    assert places(followed(tmp_path, script)) == [20.0] * 10


def test_another_face_can_be_chosen_by_its_size(tmp_path: Path):
    script = [[face(20, 20, 12), face(60, 20, 8)]] * 3
    assert places(followed(tmp_path, script, face_index=1)) == [60.0] * 3


def test_with_fewer_faces_than_the_chosen_number_none_is_followed(tmp_path: Path):
    watched = followed(tmp_path, [[face(20, 20, 12)]] * 3, face_index=1)
    assert not watched.found.any()


def test_a_face_that_walks_is_one_face_and_one_that_jumps_is_new(tmp_path: Path):
    walked = followed(tmp_path, [[face(20 + 3 * frame, 20, 12)] for frame in range(8)])
    assert walked.anew.tolist() == [True, *[False] * 7]
    jumped = followed(tmp_path, [[face(20 if frame < 4 else 60, 20, 12)] for frame in range(8)])
    assert np.flatnonzero(jumped.anew).tolist() == [0, 4]


def test_a_face_that_suddenly_fills_the_picture_is_new(tmp_path: Path):
    watched = followed(tmp_path, [[face(40, 30, 12 if frame < 4 else 30)] for frame in range(8)])
    assert np.flatnonzero(watched.anew).tolist() == [0, 4]


def test_frames_without_a_face_are_told_and_their_mesh_is_zero(tmp_path: Path):
    watched = followed(tmp_path, [[face(20, 20, 12)], [], [face(20, 20, 12)]])
    assert watched.found.tolist() == [True, False, True]
    assert watched.widths[1] == 0
    assert (watched.mesh(slice(1, 2)) == 0).all()


def test_small_faces_in_the_background_do_not_count(tmp_path: Path):
    watched = followed(tmp_path, [[face(20, 20, 20), face(60, 20, 5)], [face(20, 20, 20), face(60, 20, 15)]])
    assert watched.faces.tolist() == [1, 2]


@pytest.mark.parametrize("part", [slice(0, 2), slice(3, 7), slice(None)])
def test_any_stretch_of_the_mesh_can_be_read_back(tmp_path: Path, part: slice):
    watched = followed(tmp_path, [[face(20 + frame, 20, 12)] for frame in range(9)])
    np.testing.assert_array_equal(watched.mesh(part), watched.mesh(slice(None))[part])
    assert sum(block.stop - block.start for block in watched.blocks(4)) == 9
