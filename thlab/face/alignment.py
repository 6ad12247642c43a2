"""Lay one set of landmarks over another: shift, turn and scale, by least squares."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from thlab.face.points import STABLE


def similarity(
    moving: Float[Tensor, "batch points 2"], fixed: Float[Tensor, "batch points 2"]
) -> Float[Tensor, "batch 2 3"]:
    """The shift, turn and scale that bring points closest to others: A, t = argmin Σ |A pᵢ + t − qᵢ|².

    In the plane a turn with scale is one complex number, so the minimum is a quotient of two sums: with points and
    their targets as complex numbers around their means, a = Σ conj(p) q / Σ |p|².

    Returns:
        A and t side by side.

    Raises:
        ValueError: all points of a row are one.

    Source: Umeyama 1991, "Least-squares estimation of transformation parameters between two point patterns"; ours is
    the closed form of two dimensions and never mirrors. Chapter 03.
    """
    from_mean, to_mean = moving.mean(1, keepdim=True), fixed.mean(1, keepdim=True)
    p, q = (torch.view_as_complex(away.contiguous()) for away in (moving - from_mean, fixed - to_mean))
    power = p.abs().square().sum(1)
    if (power == 0).any():
        raise ValueError("points that all lie in one place have neither turn nor scale; give at least two places")
    a = (p.conj() * q).sum(1) / power
    straight = torch.stack([torch.stack([a.real, -a.imag], -1), torch.stack([a.imag, a.real], -1)], 1)
    shift = to_mean[:, 0] - torch.einsum("bij,bj->bi", straight, from_mean[:, 0])
    return torch.cat([straight, shift[..., None]], -1)


def moved(
    points: Float[Tensor, "batch points 2"], matrix: Float[Tensor, "batch 2 3"]
) -> Float[Tensor, "batch points 2"]:
    """Points after a map of the plane."""
    return torch.einsum("bij,bpj->bpi", matrix[:, :, :2], points) + matrix[:, None, :, 2]


def registration(
    moving: Float[Tensor, "batch 68 2"], fixed: Float[Tensor, "batch 68 2"]
) -> Float[Tensor, "batch 2 3"]:
    """The similarity that brings a face's stable landmarks over another's."""
    chosen = list(STABLE)
    return similarity(moving[:, chosen], fixed[:, chosen])
