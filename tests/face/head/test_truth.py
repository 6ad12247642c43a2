"""The truth about a frame agrees with the frame, and with itself."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.face.action_units import expression
from thlab.face.head.avatar import Avatar
from thlab.face.head.camera import Camera
from thlab.face.head.landmarks import landmark_ids
from thlab.face.head.light import studio_light
from thlab.face.head.renderer import Renderer
from thlab.face.head.truth import FrameTruth, Region

SIZE = 96


def truth_of(avatar: Avatar, yaw: float = 0.0, **amounts: float) -> FrameTruth:
    pose = np.array([yaw, 0, 0, 0, 0, 0], np.float32)
    return Renderer(SIZE).truth(avatar, expression(**amounts), pose, np.zeros(2, np.float32))


def count(truth: FrameTruth, *regions: Region) -> int:
    return int(np.isin(truth.regions, regions).sum())


def test_every_pixel_has_one_known_region(long_haired: Avatar):
    truth = truth_of(long_haired, 0.2, jaw_open=0.5)
    present = {Region(int(value)) for value in np.unique(truth.regions)}
    assert present == set(Region) - {Region.EARS} or present == set(Region)
    np.testing.assert_array_equal(truth.regions == Region.BACKGROUND, np.isinf(truth.depth))


def test_the_inside_of_the_mouth_grows_with_the_jaw(bare: Avatar):
    sizes = [count(truth_of(bare, jaw_open=amount), Region.MOUTH, Region.TEETH) for amount in (0.0, 0.3, 0.6, 1.0)]
    assert sizes[0] == 0
    assert sizes == sorted(sizes)
    assert sizes[-1] > 60


def test_a_blink_hides_the_eyes(bare: Avatar):
    open_, half, shut = (count(truth_of(bare, blink=amount), Region.EYES) for amount in (0.0, 0.5, 1.0))
    assert open_ > half > shut
    assert shut <= 2
    wink = truth_of(bare, blink_L=1.0)
    left_half = wink.regions[:, SIZE // 2 :]  # the subject's left is on the right of the picture
    assert (left_half == Region.EYES).sum() <= 1 < (wink.regions[:, : SIZE // 2] == Region.EYES).sum()


def test_neck_and_cloth_are_told_apart(bare: Avatar):
    truth = truth_of(bare)
    rows = {region: np.flatnonzero((truth.regions == region).any(1)) for region in (Region.NECK, Region.CLOTH)}
    assert count(truth, Region.NECK) > 100
    assert rows[Region.NECK].mean() < rows[Region.CLOTH].mean()
    assert rows[Region.CLOTH].max() == SIZE - 1


def test_hair_glasses_and_ears_are_found(bare: Avatar, long_haired: Avatar):
    assert count(truth_of(bare), Region.HAIR, Region.GLASSES) == 0
    assert count(truth_of(bare), Region.EARS) > 30
    truth = truth_of(long_haired)
    assert count(truth, Region.HAIR) > 1000
    assert count(truth, Region.GLASSES) > 20


def test_brows_lie_above_the_eyes(bare: Avatar):
    truth = truth_of(bare)
    brow, eye = (np.argwhere(truth.regions == region)[:, 0].mean() for region in (Region.BROWS, Region.EYES))
    assert brow < eye - 2


def test_depth_is_that_of_the_vertices(bare: Avatar):
    renderer = Renderer(SIZE)
    pose = np.array([0.1, 0, 0, 0, 0, 0.2], np.float32)
    truth = renderer.truth(bare, expression(), pose, np.zeros(2, np.float32))
    tip = landmark_ids()[30]
    x, y = truth.landmarks[30].astype(int)
    distance = renderer.camera.distance - renderer._placed.world[tip, 2]
    assert truth.depth[y, x] == pytest.approx(distance, abs=0.02)
    covered = np.isfinite(truth.depth)
    assert truth.depth[covered].min() == pytest.approx(distance, abs=0.03)  # nothing is nearer than the nose


def test_landmarks_are_projected_vertices(bare: Avatar):
    renderer = Renderer(SIZE)
    truth = renderer.truth(bare, expression(smile=0.5), np.zeros(6, np.float32), np.zeros(2, np.float32))
    world, camera = renderer._placed.world[landmark_ids()], Camera()
    scale = SIZE * camera.distance / camera.FRAME_HEIGHT / (camera.distance - world[:, 2])
    np.testing.assert_allclose(truth.landmarks[:, 0], SIZE / 2 + world[:, 0] * scale, atol=1e-3)
    np.testing.assert_allclose(truth.landmarks[:, 1], SIZE / 2 - (world[:, 1] - camera.MIDDLE) * scale, atol=1e-3)


def test_normals_are_unit_and_face_the_camera(long_haired: Avatar):
    truth = truth_of(long_haired, 0.4)
    covered = np.isfinite(truth.depth)
    np.testing.assert_allclose(np.linalg.norm(truth.normals[covered], axis=1), 1, atol=1e-4)
    y, x = (np.mgrid[0:SIZE, 0:SIZE] + 0.5 - SIZE / 2) * Camera().FRAME_HEIGHT / SIZE / Camera().distance
    to_camera = np.stack([-x, y - Camera().MIDDLE / Camera().distance, np.ones_like(x)], -1)
    assert np.einsum("hwk,hwk->hw", truth.normals, to_camera)[covered].min() > -0.02
    assert (truth.normals[~covered] == 0).all()


def test_uv_is_on_the_skin_only_and_continuous(bare: Avatar):
    truth = truth_of(bare)
    skin = np.isin(truth.regions, (Region.SKIN, Region.LIPS, Region.BROWS, Region.EARS))
    assert (truth.uv[~skin] == 0).all()
    cheeks = (truth.regions == Region.SKIN)[48:56]
    u = truth.uv[48:56, :, 0]
    inner = cheeks[:, 1:] & cheeks[:, :-1]
    assert (np.diff(u, axis=1)[inner] > -0.02).mean() > 0.95  # u grows to the subject's left


def test_all_landmarks_are_seen_from_the_front_and_the_far_side_is_hidden_when_turned(bare: Avatar):
    assert truth_of(bare).visible[17:].mean() > 0.9
    left, right = truth_of(bare, 0.6).visible, truth_of(bare, -0.6).visible
    subjects_right, subjects_left = np.arange(0, 5), np.arange(12, 17)
    assert left[subjects_right].mean() > left[subjects_left].mean() + 0.5
    assert right[subjects_left].mean() > right[subjects_right].mean() + 0.5


def test_hair_hides_landmarks(bare: Avatar, long_haired: Avatar):
    assert truth_of(long_haired, 0.3).visible.sum() < truth_of(bare, 0.3).visible.sum()


def test_landmarks_outside_the_picture_are_not_visible(bare: Avatar):
    pose = np.array([0, 0, 0, 2.0, 0, 0], np.float32)
    truth = Renderer(SIZE).truth(bare, expression(), pose, np.zeros(2, np.float32))
    assert not truth.visible[truth.landmarks[:, 0] >= SIZE].any()


def test_the_regions_are_those_of_the_picture(bare: Avatar):
    """Where the truth says background, the picture shows it; where it says head, the wall has no influence."""
    renderer, still = Renderer(SIZE, supersample=1), np.zeros(6, np.float32)
    walls = [np.full((SIZE, SIZE, 3), value, np.float32) for value in (0.05, 0.8)]
    pictures = [
        renderer.render(bare, expression(), still, np.zeros(2, np.float32), studio_light(), wall) for wall in walls
    ]
    background = (pictures[0] != pictures[1]).any(-1)
    regions = renderer.truth(bare, expression(), still, np.zeros(2, np.float32)).regions
    np.testing.assert_array_equal(background, regions == Region.BACKGROUND)
