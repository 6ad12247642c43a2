from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from thlab.render.warp import places, transform, warp


@pytest.fixture
def pictures() -> torch.Tensor:
    return torch.rand(2, 3, 12, 16, generator=torch.Generator().manual_seed(0))


def shift(x: float, y: float, batch: int = 2) -> torch.Tensor:
    return torch.tensor([[1.0, 0.0, x], [0.0, 1.0, y]]).expand(batch, 2, 3)


def test_points_that_do_not_move_give_the_picture_back(pictures: torch.Tensor):
    assert torch.allclose(warp(pictures, torch.zeros(2, 12, 16, 2)), pictures, atol=1e-6)
    assert torch.allclose(transform(pictures, shift(0, 0)), pictures, atol=1e-6)


def test_a_flow_of_a_whole_pixel_points_to_where_the_pixel_comes_from(pictures: torch.Tensor):
    flow = torch.tensor([2 / 16, 0.0]).expand(2, 12, 16, 2)
    moved = warp(pictures, flow)
    assert torch.allclose(moved[..., :-1], pictures[..., 1:], atol=1e-6)
    assert torch.allclose(moved[..., -1], pictures[..., -1], atol=1e-6), "beyond the edge the border is repeated"


def test_a_transform_moves_the_picture_the_way_it_says(pictures: torch.Tensor):
    moved = transform(pictures, shift(3, 2))
    assert torch.allclose(moved[..., 2:, 3:], pictures[..., :-2, :-3], atol=1e-6)


def test_a_quarter_turn_is_what_rot90_does():
    square = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    turn = torch.tensor([[[0.0, -1.0, 8.0], [1.0, 0.0, 0.0]]])  # (x, y) → (8 − y, x): right becomes down
    assert torch.allclose(transform(square, turn), torch.rot90(square, -1, (2, 3)), atol=1e-5)


def test_scaling_to_another_size_is_torchs_own_resizing(pictures: torch.Tensor):
    double = torch.tensor([[[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]]).expand(2, 2, 3)
    wanted = functional.interpolate(pictures, scale_factor=2, mode="bilinear", align_corners=False)
    assert torch.allclose(transform(pictures, double, size=(24, 32)), wanted, atol=1e-5)


def test_there_and_back_is_where_one_was():
    y, x = torch.meshgrid(torch.linspace(-1, 1, 40), torch.linspace(-1, 1, 40), indexing="ij")
    smooth = torch.exp(-4 * (x**2 + y**2))[None, None]
    angle = 0.3
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    middle = torch.tensor([20.0, 20.0])
    there = torch.cat([turn, (middle - turn @ middle)[:, None]], 1)[None]
    back = torch.cat([turn.T, (middle - turn.T @ middle)[:, None]], 1)[None]
    assert (transform(transform(smooth, there), back) - smooth).abs().max() < 0.01


def test_places_are_the_centres_of_pixels():
    grid = places(2, 4, like=torch.zeros(()))
    assert grid[0, :, 0].tolist() == pytest.approx([-0.75, -0.25, 0.25, 0.75])
    assert grid[:, 0, 1].tolist() == pytest.approx([-0.5, 0.5])
