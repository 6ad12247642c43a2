"""Pictures of heads: repeatable, turned the right way, and drawn without changing what is drawn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from thlab.face.action_units import expression
from thlab.face.head.avatar import Avatar
from thlab.face.head.background import plain_background, sample_background
from thlab.face.head.camera import Camera, rotation
from thlab.face.head.light import sample_light, studio_light
from thlab.face.head.renderer import Renderer
from thlab.face.motion import Motion

SIZE = 64


def picture(avatar: Avatar, pose: np.ndarray, *, size: int = SIZE, gaze: np.ndarray | None = None, **amounts: float):
    renderer = Renderer(size, shadows=True)
    look = np.zeros(2, np.float32) if gaze is None else gaze
    return renderer.render(avatar, expression(**amounts), pose, look, studio_light(), plain_background(size))


def test_the_same_call_draws_the_same_picture(long_haired: Avatar, still: np.ndarray, ahead: np.ndarray):
    renderer, light, wall = Renderer(SIZE), studio_light(), plain_background(SIZE)
    arguments = (still, ahead, light, wall)
    first = renderer.render(long_haired, expression(smile=0.4), *arguments).copy()
    renderer.render(long_haired, expression(jaw_open=1.0), *arguments)
    np.testing.assert_array_equal(renderer.render(long_haired, expression(smile=0.4), *arguments), first)
    np.testing.assert_array_equal(Renderer(SIZE).render(long_haired, expression(smile=0.4), *arguments), first)


def test_a_picture_is_not_overwritten_by_the_next(bare: Avatar, still: np.ndarray, ahead: np.ndarray):
    renderer = Renderer(SIZE)
    first = renderer.render(bare, expression(), still, ahead, studio_light(), plain_background(SIZE))
    kept = first.copy()
    renderer.render(bare, expression(jaw_open=1.0), still, ahead, studio_light(), plain_background(SIZE))
    np.testing.assert_array_equal(first, kept)


def test_drawing_does_not_change_the_avatar(long_haired: Avatar, still: np.ndarray):
    arrays = {name: value for name, value in vars(long_haired).items() if isinstance(value, np.ndarray)}
    arrays |= {f"extra.{name}": getattr(long_haired.extra, name) for name in ("vertices", "normals", "traits")}
    before = {name: value.copy() for name, value in arrays.items()}
    picture(long_haired, still + np.float32(0.1), blink=0.5, jaw_open=0.7)
    Renderer(SIZE).truth(long_haired, expression(jaw_open=0.5), still, np.zeros(2, np.float32))
    for name, value in arrays.items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)


def test_two_threads_draw_what_one_draws(long_haired: Avatar, ahead: np.ndarray):
    light, wall = studio_light(), plain_background(SIZE)
    poses = [np.array([0.05 * k - 0.4, 0.02 * k, 0, 0, 0, 0], np.float32) for k in range(12)]

    def film(chosen: list[np.ndarray]) -> list[np.ndarray]:
        renderer = Renderer(SIZE)
        return [renderer.render(long_haired, expression(smile=0.3), p, ahead, light, wall) for p in chosen]

    alone = film(poses)
    with ThreadPoolExecutor(2) as pool:
        halves = list(pool.map(film, (poses[:6], poses[6:])))
    np.testing.assert_array_equal(np.stack(halves[0] + halves[1]), np.stack(alone))


def test_a_motion_is_drawn_frame_by_frame(bare: Avatar, still: np.ndarray, ahead: np.ndarray):
    open_, shut = expression(jaw_open=0.8), expression()
    motion = Motion(np.stack([open_, shut]), np.stack([still, still]), np.stack([ahead, ahead]))
    renderer, light, wall = Renderer(SIZE), studio_light(), plain_background(SIZE)
    frames = list(renderer.render_motion(bare, motion, light, wall))
    np.testing.assert_array_equal(frames[0], renderer.render(bare, open_, still, ahead, light, wall))
    np.testing.assert_array_equal(frames[1], renderer.render(bare, shut, still, ahead, light, wall))


@pytest.mark.parametrize(
    ("angles", "moves"),
    [((0.3, 0.0, 0.0), (1, 0)), ((0.0, 0.3, 0.0), (0, -1)), ((0.0, 0.0, 0.3), (0, 0))],
)
def test_yaw_turns_to_the_subjects_left_and_pitch_down(angles: tuple, moves: tuple):
    forward = rotation(*angles) @ np.array([0, 0, 1.0], np.float32)
    np.testing.assert_array_equal(np.sign(np.round(forward[:2], 6)), moves)


def test_roll_leans_to_the_subjects_left_shoulder():
    top = rotation(0.0, 0.0, 0.3) @ np.array([0, 1.0, 0], np.float32)
    assert top[0] > 0.2


def test_rotations_are_rotations():
    turn = rotation(0.4, -0.2, 0.3).astype(float)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-6)
    assert np.linalg.det(turn) == pytest.approx(1, abs=1e-6)


def test_the_nose_moves_right_in_the_picture_when_the_head_yaws_to_the_subjects_left(bare: Avatar, ahead: np.ndarray):
    renderer = Renderer(SIZE)
    tips = [
        renderer.truth(bare, expression(), np.array([yaw, 0, 0, 0, 0, 0], np.float32), ahead).landmarks[30, 0]
        for yaw in (-0.4, 0, 0.4)
    ]
    assert tips[0] + 4 < tips[1] < tips[2] - 4


def test_translation_moves_the_head_and_the_shoulders_only_a_little(bare: Avatar, ahead: np.ndarray):
    renderer = Renderer(SIZE)
    here = renderer.truth(bare, expression(), np.zeros(6, np.float32), ahead)
    there = renderer.truth(bare, expression(), np.array([0, 0, 0, 0.3, 0.2, 0], np.float32), ahead)
    moved = (there.landmarks - here.landmarks).mean(0)
    scale = renderer.camera.focal(SIZE) / renderer.camera.distance
    np.testing.assert_allclose(moved, [0.3 * scale, -0.2 * scale], rtol=0.15)
    width = [np.flatnonzero(truth.regions[-2] > 0).mean() for truth in (here, there)]
    assert 0 < width[1] - width[0] < 0.4 * moved[0]


def test_gaze_moves_the_iris_not_the_head(bare: Avatar, still: np.ndarray):
    renderer, light, wall = Renderer(128), studio_light(), plain_background(128)
    left, right = (
        renderer.render(bare, expression(), still, np.array([yaw, 0], np.float32), light, wall).astype(int)
        for yaw in (0.3, -0.3)
    )
    eyes = renderer.truth(bare, expression(), still, np.zeros(2, np.float32)).regions == 6
    change = np.abs(left - right).sum(-1)
    assert change[eyes].mean() > 20
    assert change[~eyes].mean() < 0.5
    column = np.argwhere(eyes)[:, 1]
    dark = [np.average(column, weights=765 - shown.sum(-1)[eyes]) for shown in (left, right)]
    assert dark[0] > dark[1] + 0.5


def test_shadows_only_darken(bare: Avatar, still: np.ndarray, ahead: np.ndarray):
    light, wall = sample_light(np.random.default_rng(1)), plain_background(SIZE)
    with_, without = (
        Renderer(SIZE, shadows=shadows).render(bare, expression(), still, ahead, light, wall).astype(int)
        for shadows in (True, False)
    )
    assert (with_ <= without + 1).all()
    assert (with_ < without - 8).any()


def test_zoom_enlarges_and_shift_moves_the_picture(bare: Avatar, still: np.ndarray, ahead: np.ndarray):
    def marks(camera: Camera) -> np.ndarray:
        return Renderer(SIZE, camera=camera).truth(bare, expression(), still, ahead).landmarks

    plain, zoomed = marks(Camera()), marks(Camera(zoom=1.5))
    assert np.ptp(zoomed[:, 0]) == pytest.approx(1.5 * np.ptp(plain[:, 0]), rel=1e-3)
    shifted = marks(Camera(shift=(0.2, 0.1)))
    scale = Camera().focal(SIZE) / Camera().distance
    np.testing.assert_allclose((shifted - plain).mean(0), [-0.2 * scale, 0.1 * scale], rtol=0.12)


def test_supersampling_softens_edges_and_keeps_brightness(bare: Avatar, still: np.ndarray, ahead: np.ndarray):
    light, wall = studio_light(), plain_background(SIZE)
    rough, fine = (
        Renderer(SIZE, supersample=samples).render(bare, expression(), still, ahead, light, wall).astype(float)
        for samples in (1, 3)
    )
    assert abs(rough.mean() - fine.mean()) < 1.5
    assert np.abs(np.diff(fine, axis=1)).max() < np.abs(np.diff(rough, axis=1)).max()


def test_a_background_of_another_size_is_refused(bare: Avatar, still: np.ndarray, ahead: np.ndarray):
    with pytest.raises(ValueError, match=r"64×64 pixels, got 32×32"):
        Renderer(64).render(bare, expression(), still, ahead, studio_light(), plain_background(32))


def test_impossible_sizes_are_refused():
    with pytest.raises(ValueError, match="at least 8"):
        Renderer(4)


def test_closed_lips_have_no_gap_and_an_open_jaw_has_one(bare: Avatar):
    assert bare.lip_gap(expression()) == pytest.approx(0, abs=1e-3)
    assert bare.lip_gap(expression(jaw_open=0.6)) > 0.1


@pytest.mark.parametrize("seed", range(6))
def test_backgrounds_and_lights_are_repeatable_and_in_range(seed: int):
    wall = sample_background(np.random.default_rng(seed), 32)
    np.testing.assert_array_equal(wall, sample_background(np.random.default_rng(seed), 32))
    assert wall.shape == (32, 32, 3)
    assert wall.min() >= 0
    assert wall.max() < 1.2
    light = sample_light(np.random.default_rng(seed))
    np.testing.assert_allclose(np.linalg.norm(light.table[[0, 2, 4]], axis=1), 1, atol=1e-6)
    assert light.key[2] > 0  # from the front
