"""Lines are drawn where they should be, smoothly, and pull on the points that they join."""

from __future__ import annotations

import pytest
import torch

from thlab.face.landmarks.rasters import LINES, SEGMENTS, group_rasters, line_rasters, segment_distances

POINTS = 6 + 50 * torch.rand(2, 68, 2, generator=torch.Generator().manual_seed(0))


def test_the_68_points_are_all_drawn_and_no_two_lines_share_one():
    drawn = [index for line in LINES.values() for index in set(line)]
    assert sorted(drawn) == list(range(68))
    assert len(SEGMENTS) == 16 + 4 + 4 + 3 + 4 + 6 + 6 + 12 + 8


def test_distance_to_a_segment_is_that_of_geometry():
    points = torch.zeros(1, 68, 2)
    points[0, 0], points[0, 1] = torch.tensor([2.5, 4.5]), torch.tensor([6.5, 4.5])
    away = segment_distances(points, [(0, 1)], size=(9, 12))[0]
    assert away[4, 4].item() == pytest.approx(0, abs=1e-5)
    assert away[1, 4].item() == pytest.approx(3, abs=1e-5)
    assert away[0, 9].item() == pytest.approx(5, abs=1e-5)  # from the end: three across, four down


def test_a_line_is_as_bright_as_its_thickness_says_wherever_it_lies():
    """Antialiasing: the light of a long straight line does not depend on where between the pixels it runs."""
    lit = []
    for shift in (0.0, 0.25, 0.5, 0.75):
        points = torch.full((1, 68, 2), -100.0)
        points[0, 17:22] = torch.stack([torch.linspace(-50, 90, 5), torch.full((5,), 20 + shift)], 1)
        lit.append(line_rasters(points, size=(40, 40), thickness=2.0).sum().item() / 40)
    assert lit == pytest.approx([2.0] * 4, abs=1e-3)


def test_every_point_lies_on_its_line_and_the_ground_is_black():
    drawing = line_rasters(POINTS, size=(64, 64))
    assert drawing.min() == 0
    column, row = POINTS[0].floor().long().T
    assert drawing[0, row, column].min() > 0.4


def test_lines_in_channels_add_up_to_the_drawing():
    channels = group_rasters(POINTS, size=(64, 64))
    assert channels.shape == (2, len(LINES), 64, 64)
    assert torch.allclose(channels.amax(1), line_rasters(POINTS, size=(64, 64)), atol=1e-5)


def test_a_drawing_that_nearly_fits_moves_its_points_into_place():
    wanted = line_rasters(POINTS[:1], size=(64, 64), thickness=3.0)
    points = (POINTS[:1] + 0.7).requires_grad_()
    before = (line_rasters(points, size=(64, 64), thickness=3.0) - wanted).square().mean()
    (gradient,) = torch.autograd.grad(before, points)
    with torch.no_grad():
        after = (line_rasters(points - 0.3 * gradient / gradient.norm(), size=(64, 64), thickness=3.0) - wanted)
    assert after.square().mean() < before
    assert torch.isfinite(gradient).all()
