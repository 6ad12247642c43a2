"""A bump is found where it was put, finer than the pixels; near the border by as much less as the closed form says."""

from __future__ import annotations

import math

import pytest
import torch

from thlab.face.landmarks.heatmaps import (
    border_bias,
    expected_place,
    gaussian_heatmaps,
    hard_argmax,
    probabilities,
    soft_argmax,
)


def test_points_are_found_again_to_a_thousandth_of_a_pixel_where_the_border_is_far():
    points = 12 + 8 * torch.rand(3, 68, 2, generator=torch.Generator().manual_seed(0))
    maps = gaussian_heatmaps(points, size=(32, 32), sigma=1.5)
    assert maps.shape == (3, 68, 32, 32)
    assert (soft_argmax(maps) - points).abs().max() < 1e-3
    assert (hard_argmax(maps) - points).abs().max() <= 0.5 + 1e-5


def test_a_point_in_the_middle_of_a_pixel_has_one_there_and_falls_off_as_a_gaussian():
    (heat,) = gaussian_heatmaps(torch.tensor([[5.5, 3.5]]), size=(8, 12), sigma=2.0)
    assert heat[3, 5] == 1
    assert heat[3, 7].item() == pytest.approx(math.exp(-0.5), abs=1e-6)
    assert heat[1, 5].item() == pytest.approx(math.exp(-0.5), abs=1e-6)


def test_a_point_on_the_border_is_found_inside_by_the_mean_of_half_a_gaussian():
    """∫₀^∞ x exp(−x²/2σ²) / ∫₀^∞ exp(−x²/2σ²) = σ √(2/π)."""
    places, bias = border_bias(size=64, sigma=3.0, steps=65)
    assert bias[0].item() == pytest.approx(3 * math.sqrt(2 / math.pi), abs=0.02)
    assert bias[-1].item() == pytest.approx(-bias[0].item(), abs=1e-3)
    far = (places > 12) & (places < 52)
    assert bias[far].abs().max() < 1e-3


def test_gradients_pull_a_point_towards_another():
    point = torch.tensor([[10.0, 14.0]], requires_grad=True)
    found = soft_argmax(gaussian_heatmaps(point, size=(24, 24), sigma=2.0))
    (found - torch.tensor([[11.0, 12.0]])).square().sum().backward()
    assert point.grad is not None
    assert torch.allclose(point.grad, torch.tensor([[-2.0, 4.0]]), atol=1e-2)


def test_logits_become_a_distribution_whose_mean_is_the_place():
    logits = torch.full((1, 6, 6), -50.0)
    logits[0, 2, 1] = logits[0, 2, 3] = 0.0
    assert probabilities(logits).sum().item() == pytest.approx(1)
    assert torch.allclose(expected_place(logits), torch.tensor([[2.5, 2.5]]))
    logits[0, 2, 1] = 1.0
    assert torch.allclose(expected_place(logits, sharpness=100.0), torch.tensor([[1.5, 2.5]]))
