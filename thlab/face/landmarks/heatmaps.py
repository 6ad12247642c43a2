"""Points as pictures, a Gaussian bump each, and back to a place between the pixels; both are differentiable."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

Points = Float[Tensor, "*batch points 2"]
"""Pixels of the heatmap, x right, y down, centres at .5."""
Heatmaps = Float[Tensor, "*batch points height width"]


def gaussian_heatmaps(
    points: Float[Tensor, "*batch points 2"], *, size: tuple[int, int], sigma: float
) -> Float[Tensor, "*batch points height width"]:
    """A bump at each point: H(x, y) = exp(−((x − x_p)² + (y − y_p)²) / 2σ²), 1 at the point itself.

    Args:
        points: in pixels of the heatmap, centres at .5; those outside leave the flank of their bump inside.
        size: height and width of the heatmap.
        sigma: width of the bump, in its pixels.

    Source: Tompson et al. 2014, "Joint training of a convolutional network and a graphical model". Chapter 06.
    """
    height, width = size
    across = _bump(points[..., 0], _centres(width, points), sigma)
    down = _bump(points[..., 1], _centres(height, points), sigma)
    return down[..., :, None] * across[..., None, :]


def soft_argmax(heatmaps: Float[Tensor, "*batch points height width"]) -> Float[Tensor, "*batch points 2"]:
    """The centre of mass of each map: Σ H(x, y) (x, y) / Σ H(x, y); finer than the pixels, and differentiable.

    Near the border the bump is cut off, and its centre of mass is drawn inwards, for a point on the border itself by
    0.80 σ (the mean of half a Gaussian). :func:`border_bias` shows it; give the maps a margin.

    Args:
        heatmaps: nowhere negative. For what a network says use :func:`expected_place`.

    Source: Sun et al. 2018, "Integral human pose regression", Eq. 2. Chapter 06.
    """
    mass = heatmaps.sum((-2, -1)).clamp_min(torch.finfo(heatmaps.dtype).tiny)
    x = (heatmaps.sum(-2) * _centres(heatmaps.shape[-1], heatmaps)).sum(-1) / mass
    y = (heatmaps.sum(-1) * _centres(heatmaps.shape[-2], heatmaps)).sum(-1) / mass
    return torch.stack([x, y], -1)


def expected_place(
    logits: Float[Tensor, "*batch points height width"], *, sharpness: float = 1.0
) -> Float[Tensor, "*batch points 2"]:
    """The soft-argmax of a network's logits: the centre of mass of softmax(sharpness · logits).

    Args:
        logits: any numbers, larger where the point is likelier.
        sharpness: large values come closer to the one largest pixel.
    """
    return soft_argmax(probabilities(logits, sharpness=sharpness))


def probabilities(
    logits: Float[Tensor, "*batch points height width"], *, sharpness: float = 1.0
) -> Float[Tensor, "*batch points height width"]:
    """softmax over the pixels of each map."""
    return functional.softmax(sharpness * logits.flatten(-2), -1).unflatten(-1, logits.shape[-2:])


def hard_argmax(heatmaps: Float[Tensor, "*batch points height width"]) -> Float[Tensor, "*batch points 2"]:
    """The middle of the largest pixel: no gradient, and off by up to half a pixel a side."""
    index = heatmaps.flatten(-2).argmax(-1)
    width = heatmaps.shape[-1]
    column, row = index % width, torch.div(index, width, rounding_mode="floor")
    return torch.stack([column, row], -1).to(heatmaps.dtype) + 0.5


def border_bias(*, size: int, sigma: float, steps: int = 101) -> tuple[Float[Tensor, "steps"], Float[Tensor, "steps"]]:
    """How far soft-argmax misses a bump, by its place across the map.

    Returns:
        Places from 0 (left border) to ``size`` (right border), and what is found less what is true, in pixels.
    """
    places = torch.linspace(0, size, steps)
    points = torch.stack([places, torch.full_like(places, size / 2)], -1)
    found = soft_argmax(gaussian_heatmaps(points, size=(size, size), sigma=sigma))
    return places, found[:, 0] - places


def _centres(count: int, like: Tensor) -> Float[Tensor, "pixels"]:
    return torch.arange(count, dtype=like.dtype, device=like.device) + 0.5


def _bump(
    place: Float[Tensor, "*batch points"], centres: Float[Tensor, "pixels"], sigma: float
) -> Float[Tensor, "*batch points pixels"]:
    return torch.exp(-((centres - place[..., None]) ** 2) / (2 * sigma**2))
