"""The detector around the network looks at the right place and brings what it sees back to the picture."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from thlab.face.landmarks import heatmap_detector
from thlab.face.landmarks.drawing import LARGEST_SIDE, drawn
from thlab.face.landmarks.heatmap_detector import HeatmapDetector, around_points, cropped, windows
from thlab.nn.heatmap_network import HeatmapNetwork, HeatmapNetworkConfig, Heatmaps


class Bright(HeatmapNetwork):
    """Points at the brightest place, with all its points; sure of a face where there is light."""

    def forward(self, pictures: torch.Tensor) -> Heatmaps:
        half = torch.nn.functional.avg_pool2d(pictures.mean(1, keepdim=True), 2)
        return Heatmaps((200 * half).expand(-1, 68, -1, -1), 10 * (half.amax((1, 2, 3)) - 0.5))


@pytest.fixture
def bright() -> Bright:
    return Bright(HeatmapNetworkConfig(size=32, channels=4, depth=2))


@pytest.mark.parametrize("square", [(50.0, 40.0, 60.0), (50.0, 40.0, 400.0), (10.0, 10.0, 50.0)])
def test_a_crop_shows_the_square_that_was_asked_for(square: tuple[float, float, float]):
    """A picture whose value is its own x: a crop of it holds the x of its pixels' middles."""
    image = (torch.arange(120) + 0.5).expand(1, 3, 90, 120)
    x, _, side = square
    wanted = (x + side * ((torch.arange(32) + 0.5) / 32 - 0.5)).clamp(0.5, 119.5)
    tolerance = max(0.01, side / 32)
    assert (cropped(image, square, 32)[0, 0, 16] - wanted).abs().max() <= tolerance


def test_what_is_seen_in_a_crop_and_its_mirror_is_brought_back(bright: Bright):
    picture = np.zeros((200, 300, 3), np.uint8)
    picture[118:123, 178:183] = 255
    detector = HeatmapDetector(bright, boxes=lambda picture: [(140.0, 80.0, 220.0, 160.0)])
    (face,) = detector.detect(picture)
    assert face.scheme == "ibug68"
    assert np.abs(face.ibug().mean(0) - 180.5 * np.array([1, 0]) - 120.5 * np.array([0, 1])).max() < 1.5


def test_without_boxes_the_picture_is_searched_and_the_dark_holds_nobody(
    bright: Bright, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(heatmap_detector, "LOOKS", 1)
    assert HeatmapDetector(bright).detect(np.zeros((100, 140, 3), np.uint8)) == []
    lit = np.zeros((100, 140, 3), np.uint8)
    lit[60:75, 90:105] = 255
    (face,) = HeatmapDetector(bright).detect(lit)
    assert np.abs(face.ibug().mean(0) - [97.5, 67.5]).max() < 6


def test_windows_lie_inside_and_the_first_is_as_large_as_can_be():
    squares = list(windows(90, 160))
    assert squares[0][2] == 90
    assert all(side / 2 <= x <= 160 - side / 2 and side / 2 <= y <= 90 - side / 2 for x, y, side in squares)


def test_points_in_one_place_still_give_a_square():
    assert around_points(torch.full((68, 2), 7.0)) == (7.0, 7.0, 4.0)


def test_a_drawing_changes_the_face_and_nothing_far_from_it():
    picture = np.full((300, 400, 3), 100, np.uint8)
    points = np.random.default_rng(0).uniform(100, 180, (68, 2))
    changed = (drawn(picture, [points]) != picture).any(-1)
    assert changed[points[:, 1].astype(int), points[:, 0].astype(int)].all()
    assert not changed[:85].any()
    assert not changed[:, 200:].any()
    assert (picture == 100).all()
    assert np.array_equal(drawn(picture, []), picture)


def test_points_beyond_the_border_and_huge_pictures_are_drawn_too():
    points = np.random.default_rng(0).uniform(-30, 2500, (68, 2))
    assert max(drawn(np.zeros((2400, 3200, 3), np.uint8), [points]).shape) == LARGEST_SIDE
