"""Where a mouth is in a picture, as weights for a loss."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from thlab.face.points import MOUTH
from thlab.render.warp import places

WIDE = 1.2
"""Radius of the weighted place, in standard deviations of the lips' points along x."""


def mouth_weights(
    landmarks: Float[Tensor, "batch 68 2"], size: int, *, weight: float
) -> Float[Tensor, "batch 1 size size"]:
    """1 far from the mouth, ``weight`` on it, smoothly between; each picture's weights have the mean 1.

    Args:
        landmarks: in pixels of the pictures.
        size: pixels a side.
        weight: how much more an error at the mouth costs.

    Chapters 03 and 11.
    """
    lips = landmarks[:, MOUTH] * (2 / size) - 1
    middle = lips.mean(1)[:, None, None]
    spread = lips[..., 0].std(1)[:, None, None, None]  # half a mouth's width or so, in both directions
    away = ((places(size, size, like=landmarks) - middle) / (WIDE * spread)).square().sum(-1)
    weights = 1 + (weight - 1) * torch.exp(-0.5 * away.square())
    return (weights / weights.mean((1, 2), keepdim=True))[:, None]
