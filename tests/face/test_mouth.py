"""Tests of the weights around a mouth."""

from __future__ import annotations

import pytest
import torch

from thlab.face.mouth import mouth_weights
from thlab.face.points import MOUTH


def test_the_mouth_weighs_more_and_the_mean_weight_is_one():
    points = torch.rand(3, 68, 2) * 2
    points[:, MOUTH] = torch.tensor([16.0, 24.0]) + torch.randn(3, 20, 2) * torch.tensor([3.0, 1.0])
    weights = mouth_weights(points, 32, weight=6.0)
    assert weights.mean((1, 2, 3)).tolist() == pytest.approx([1, 1, 1])
    assert (weights[:, 0, 24, 16] / weights[:, 0, 0, 31]).tolist() == pytest.approx([6, 6, 6], rel=0.15)


def test_a_weight_of_one_is_the_plain_mean():
    assert torch.allclose(mouth_weights(torch.rand(2, 68, 2) * 32, 32, weight=1.0), torch.ones(2, 1, 32, 32))
