"""How fast features change: the slope of a line, or the bend of a parabola, fitted to each row's neighbourhood."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

Features = Float[Tensor, "*batch hops channels"]
"""Any features, time along the last axis but one."""


def deltas(features: Features, *, width: int = 9, order: int = 1) -> Features:
    """The derivative, a hop, of a polynomial fitted to the ``width`` rows around each row (librosa's).

    At the ends, where half a neighbourhood is missing, the fit of the first and of the last ``width`` rows serves.

    Args:
        features: what changes.
        width: rows in a neighbourhood, an odd number above ``order``.
        order: of the derivative and of the polynomial: 1 for the slope ("delta"), 2 for the bend ("delta-delta").

    Raises:
        ValueError: when the width is even or too small, or there are fewer rows than it.

    Source: Savitzky and Golay 1964. Chapter 02.
    """
    if width % 2 == 0 or not 1 <= order < width:
        raise ValueError(f"expected an odd width above the order, got width {width} and order {order}")
    if features.shape[-2] < width:
        raise ValueError(f"expected at least {width} rows, got {features.shape[-2]}; take a smaller width")
    slopes = features.unfold(-2, width, 1) @ _derivative(width, order).to(features)
    return _repeat_ends(slopes, width // 2)


def regression_deltas(features: Features, *, reach: int = 2) -> Features:
    """The slope Σ k (x[t + k] − x[t − k]) / (2 Σ k²) over k = 1 … reach, the end rows being repeated (HTK, torchaudio).

    Apply it twice for accelerations, as HTK does. Inside, it equals ``deltas`` of width 2 · reach + 1.

    Raises:
        ValueError: for a reach below 1 or no rows.

    Source: Young et al., The HTK Book 3.4, Eq. 5.16. Chapter 02.
    """
    if reach < 1 or features.shape[-2] == 0:
        raise ValueError(f"expected a reach above 0 and at least one row, got {reach} and {features.shape[-2]} rows")
    width = 2 * reach + 1
    return _repeat_ends(features, reach).unfold(-2, width, 1) @ _derivative(width, 1).to(features)


def _derivative(width: int, order: int) -> Tensor:
    """Weights that give the derivative, constant by construction, of the fitted polynomial."""
    place = torch.arange(width, dtype=torch.float64) - width // 2
    powers = place[:, None] ** torch.arange(order + 1)
    return math.factorial(order) * torch.linalg.pinv(powers)[order]


def _repeat_ends(rows: Tensor, times: int) -> Tensor:
    ends = [torch.repeat_interleave(end, times, dim=-2) for end in (rows[..., :1, :], rows[..., -1:, :])]
    return torch.cat([ends[0], rows, ends[1]], dim=-2)
