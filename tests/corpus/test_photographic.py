"""Landmarks go where their pictures go, each disturbance does what it says, and chance is one seed's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from thlab.corpus import snapshots as module
from thlab.corpus.photographic import (
    PhotoConfig,
    compressed,
    crop_boxes,
    photographs,
    points_viewed,
    random_views,
    textures,
    viewed,
    with_background,
)
from thlab.corpus.snapshots import Snapshots, photographed, random_face, random_pose, snapshots
from thlab.face.head.landmarks import MIRRORED

CALM = PhotoConfig(textured=0.0, occluded=0.0, blurred=0.0, grey=0.0, noise=0.0, jpeg=0.0)


@pytest.fixture(scope="module")
def album() -> Snapshots:
    return photographed(54_000_000, each=6, size=48)


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def test_a_spot_is_seen_where_the_view_puts_its_point():
    landmarks = 20 + 40 * torch.rand(40, 68, 2, generator=seeded())
    views = random_views(landmarks, size=64, config=CALM, rng=seeded(1))
    rows, columns = torch.meshgrid(torch.arange(80) + 0.5, torch.arange(80) + 0.5, indexing="ij")
    spot = landmarks[:, 30]
    picture = torch.exp(-((columns - spot[:, 0, None, None]) ** 2 + (rows - spot[:, 1, None, None]) ** 2) / 8)[:, None]
    heat = viewed(picture, views, 64)[:, 0].double()
    grid = torch.arange(64) + 0.5
    mass = heat.sum((1, 2))
    seen = torch.stack([(heat.sum(1) * grid).sum(1), (heat.sum(2) * grid).sum(1)], 1) / mass[:, None]
    wanted = torch.einsum("bij,bj->bi", views[:, :, :2], spot) + views[:, :, 2]
    inside = ((wanted > 10) & (wanted < 54)).all(1)
    assert inside.sum() > 20
    assert (seen - wanted)[inside].abs().max() < 0.1


def test_in_a_mirrored_face_left_is_right_and_otherwise_not():
    landmarks = torch.rand(30, 68, 2, generator=seeded()) * 50
    views = random_views(landmarks, size=64, config=CALM, rng=seeded(2))
    mirrored = torch.linalg.det(views[:, :, :2]) < 0
    assert 5 < mirrored.sum() < 25
    plain = torch.einsum("bij,bpj->bpi", views[:, :, :2], landmarks) + views[:, None, :, 2]
    points = points_viewed(landmarks, views)
    assert torch.equal(points[~mirrored], plain[~mirrored])
    assert torch.equal(points[mirrored], plain[mirrored][:, MIRRORED])


def test_without_jitter_a_crop_is_the_square_around_the_landmarks():
    still = replace(CALM, shift=0.0, zoom=0.0, turn=0.0, squeeze=0.0, mirror=0.0)
    landmarks = torch.rand(3, 68, 2, generator=seeded()) * 50
    points = points_viewed(landmarks, random_views(landmarks, size=64, config=still, rng=seeded()))
    box = crop_boxes(points, margin=1.0)
    assert torch.allclose(box[:, :2], torch.full((3, 2), 32.0), atol=1e-4)
    assert torch.allclose(box[:, 2], torch.full((3,), 64 / still.margin), atol=1e-3)


def test_only_what_is_free_gets_another_background():
    free = torch.zeros(4, 1, 32, 32)
    free[:, :, :, :10] = 1
    people = torch.full((4, 3, 32, 32), 0.5)
    changed = with_background(people, free, 1.0, seeded()) != people
    assert not changed[..., 10:].any()
    assert changed[..., :10].float().mean() > 0.9
    assert torch.equal(with_background(people, free, 0.0, seeded()), people)


def test_textures_are_pictures_and_no_two_alike():
    many = textures(12, 32, seeded())
    assert many.min() >= 0
    assert many.max() <= 1
    assert torch.cdist(many.flatten(1), many.flatten(1)).add(1e3 * torch.eye(12)).min() > 1


def test_jpeg_touches_its_share_and_stays_close():
    smooth = torch.linspace(0, 1, 32).expand(40, 3, 32, 32).contiguous()
    after = compressed(smooth, 0.5, seeded())
    touched = (after != smooth).flatten(1).any(1)
    assert 10 < touched.sum() < 30
    assert (after - smooth).abs().mean() < 0.05


def test_the_whole_treatment_is_one_seeds_and_keeps_the_range(album: Snapshots):
    first, points = photographs(album.pictures, album.landmarks, album.background, size=32, rng=seeded(5))
    again, same = photographs(album.pictures, album.landmarks, album.background, size=32, rng=seeded(5))
    other, _ = photographs(album.pictures, album.landmarks, album.background, size=32, rng=seeded(6))
    assert torch.equal(first, again)
    assert torch.equal(points, same)
    assert not torch.equal(first, other)
    assert first.shape == (6, 3, 32, 32)
    assert 0 <= first.min() < first.max() <= 1


def test_snapshots_are_of_one_person_in_many_faces_and_poses(album: Snapshots):
    assert len(album) == 6
    assert album.visible.float().mean() > 0.5
    assert 0.1 < album.background.float().mean() < 0.9
    rng = np.random.default_rng(0)
    faces, poses = (np.stack([draw(rng) for _ in range(200)]) for draw in (random_face, random_pose))
    assert faces.min() >= 0
    assert faces.max() <= 1
    assert (faces.std(0) > 0).all()
    assert poses[:, 0].std() > 0.3


def test_snapshots_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked = []

    def quickly(seed: int) -> Snapshots:
        asked.append(seed)
        return photographed(seed, each=1, size=16)

    monkeypatch.setattr(module, "photographed", quickly)
    first = snapshots(2, cache=tmp_path)
    again = snapshots(1, cache=tmp_path)
    held_out = snapshots(1, split="validation", cache=tmp_path)
    assert len(asked) == len(set(asked)) == 3
    assert torch.equal(again.pictures, first.pictures[:1])
    assert not torch.equal(held_out.landmarks, again.landmarks)
