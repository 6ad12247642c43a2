"""Poses and crops against a pinhole camera that films the mesh of the mean head."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.corpus.prepare.poses import (
    Crops,
    between,
    calm_crops,
    cut_out,
    fit_poses,
    pose_track,
)
from thlab.face.head.camera import FACE_CROP, PIVOT, rotation
from thlab.face.mesh.basis import fit_pose, mesh_basis

SIZE = 200


def filmed(pose: np.ndarray) -> np.ndarray:
    """The mesh at rest before the corpus' camera for faces, in pixels; depth as MediaPipe has it."""
    turned = (mesh_basis().points - PIVOT) @ rotation(*pose[:3]).T + PIVOT + pose[3:]
    focal = FACE_CROP.focal(SIZE)
    middle, level = FACE_CROP.centre(SIZE)
    near = focal / (FACE_CROP.distance - turned[:, 2])
    x, y = middle + near * turned[:, 0], SIZE / 2 - near * (turned[:, 1] - level)
    return np.column_stack([x, y, -turned[:, 2] * near.mean()])


POSES = np.array([
    [0.0, 0, 0, 0, 0, 0], [0.4, 0, 0, 0, 0, 0], [0, 0.2, 0, 0, 0, 0], [0, 0, -0.25, 0, 0, 0],
    [0, 0, 0, 0.1, -0.08, 0], [0, 0, 0, 0, 0, -0.6], [-0.3, -0.15, 0.1, -0.1, 0.05, 0.5],
])  # fmt: skip
MESHES = np.stack([filmed(pose) for pose in POSES])
WHOLE = Crops(np.full((len(POSES), 2), SIZE / 2), np.full(len(POSES), float(SIZE)))


def test_many_poses_at_once_are_those_of_one_by_one():
    together = fit_poses(MESHES)
    for row, mesh in enumerate(MESHES):
        alone = fit_pose(mesh)
        assert together.scale[row] == pytest.approx(alone.scale)
        np.testing.assert_allclose(together.rotation[row], alone.rotation, atol=1e-9)
        np.testing.assert_allclose(together.shift[row], alone.shift, atol=1e-6)
        np.testing.assert_allclose(together.angles()[row], alone.angles, atol=1e-9)


def test_the_pose_that_was_filmed_is_found_again():
    found = pose_track(fit_poses(MESHES), WHOLE, SIZE)
    np.testing.assert_allclose(found[:, :3], POSES[:, :3], atol=0.04)
    np.testing.assert_allclose(found[:, 3:5], POSES[:, 3:5], atol=0.04)
    np.testing.assert_allclose(found[:, 5], POSES[:, 5], atol=0.15)


def test_the_crop_of_a_head_at_rest_is_the_picture_of_the_corpus():
    still = fit_poses(np.stack([filmed(np.zeros(6))] * 30))
    crops = calm_crops(still)
    np.testing.assert_allclose(crops.centre, SIZE / 2, atol=0.02 * SIZE)
    np.testing.assert_allclose(crops.side, SIZE, rtol=0.02)


def test_turning_the_head_hardly_moves_the_crop_and_walking_away_does():
    still, turned, walked = (fit_poses(np.stack([filmed(np.array(pose, float))] * 5)) for pose in (
        [0, 0, 0, 0, 0, 0], [0.35, 0, 0, 0, 0, 0], [0, 0, 0, 0.5, 0, 0]
    ))  # fmt: skip
    at_rest = calm_crops(still).centre[0]
    assert np.linalg.norm(calm_crops(turned).centre[0] - at_rest) < 0.04 * SIZE
    assert calm_crops(walked).centre[0, 0] - at_rest[0] > 0.2 * SIZE


def test_a_tremor_of_the_landmarks_does_not_shake_the_crop():
    rng = np.random.default_rng(0)
    meshes = np.stack([filmed(np.zeros(6)) + np.array([*rng.normal(0, 2.0, 2), 0]) for _ in range(200)])
    poses = fit_poses(meshes)
    shaken, calm = calm_crops(poses, calm=0.01), calm_crops(poses)
    assert np.abs(np.diff(calm.centre, axis=0)).mean() < 0.05 * np.abs(np.diff(shaken.centre, axis=0)).mean()


def test_frames_without_a_face_do_not_pull_the_crop():
    meshes = np.stack([filmed(np.zeros(6))] * 60)
    lost = meshes.copy()
    lost[20:24] = 0
    found = np.ones(60, bool)
    found[20:24] = False
    whole, bridged = calm_crops(fit_poses(meshes)), calm_crops(fit_poses(lost), found)
    np.testing.assert_allclose(bridged.centre, whole.centre, atol=1e-6)
    np.testing.assert_allclose(bridged.side, whole.side, atol=1e-6)


def test_gaps_are_bridged_by_straight_lines():
    track = np.arange(10.0)[:, None] * [1.0, -2.0]
    found = np.ones(10, bool)
    found[3:6] = False
    holed = np.where(found[:, None], track, 99.0)
    np.testing.assert_allclose(between(holed, found), track)


# -- cutting out ------------------------------------------------------------------------------------------------------


def ramp(height: int, width: int) -> np.ndarray:
    """Red is the column of a pixel's middle, green its row."""
    rows, columns = np.mgrid[:height, :width] + 0.5
    return np.stack([columns, rows, 0 * rows], -1).round().astype(np.uint8)


def test_the_whole_picture_cut_out_is_the_picture():
    picture = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    assert (cut_out(picture, np.array([32.0, 32.0]), 64.0, 64) == picture).all()


@pytest.mark.parametrize(("side", "size"), [(40.0, 40), (80.0, 40), (101.0, 32), (30.0, 64)])
def test_places_in_the_crop_are_where_the_landmarks_say(side: float, size: int):
    centre = np.array([90.3, 110.7])
    crop = cut_out(ramp(220, 200), centre, side, size)
    crops = Crops(centre[None], np.array([side]))
    for place in ([85.0, 100.0], [97.5, 118.0]):
        x, y = crops.into(np.array([[place]]), size)[0, 0]
        assert crop[int(y), int(x), :2] == pytest.approx(place, abs=0.5 * side / size + 1)


def test_beyond_the_picture_its_edge_is_repeated():
    crop = cut_out(np.full((50, 50, 3), 200, np.uint8), np.array([0.0, 0.0]), 40.0, 20)
    assert (crop == 200).all()
