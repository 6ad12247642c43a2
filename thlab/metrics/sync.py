"""Is the mouth in step with the sound? Distances of what SyncNet sees to what it hears, at every shift of the sound.

Works on vectors of any network that gives one per window of frames for both. The sign of every offset here: positive,
the sound comes *later* than the lips it belongs to (the official script prints the opposite sign).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

Vectors = Float[Tensor, "*batch windows numbers"]
"""One vector a window, window by window."""
Heard = Float[Tensor, "*batch sounds numbers"]
"""The same of the sound; there must be as many as of the pictures."""
Curve = Float[Tensor, "*batch shifts"]
"""The mean distance at each shift of the sound, −reach … reach frames; NaN where too few windows meet."""
Score = Float[Tensor, "*batch"]
"""One number a clip."""
Edges = Literal["mask", "pad"]

REACH = 15
"""Frames to each side that are tried, as in the official demonstration."""
LEAST = 8
"""Windows that must meet at a shift for its mean to count: the mean of a few is noise, whose minimum is too low."""


class Sync(NamedTuple):
    """How well mouth and sound go together; each has the axes in front of ``windows``."""

    offset: Int[Tensor, "*batch"]
    """Frames by which the sound comes later than the lips; negative, earlier."""
    confidence: Score
    """How far the least distance lies below the median one; 0 for a flat curve, more is better."""
    distance: Score
    """The least distance, at that offset; less is better. 0 to 2 for unit vectors."""
    curve: Curve


def sync_of(seen: Vectors, heard: Heard, *, reach: int = REACH, edges: Edges = "mask") -> Sync:
    """Everything at once: :func:`shift_distances`, and what :func:`offset_of` and :func:`confidence_of` read from it.

    Raises:
        ValueError: as :func:`shift_distances`.

    Chapter 15.
    """
    curve = shift_distances(seen, heard, reach=reach, edges=edges)
    return Sync(offset_of(curve), confidence_of(curve), least_distance(curve), curve)


def shift_distances(seen: Vectors, heard: Heard, *, reach: int = REACH, edges: Edges = "mask") -> Curve:
    """The mean distance of each window's picture to the sound ``shift`` frames later, for each shift.

    d(s) = mean over w of ‖seen[w] − heard[w + s]‖. The survey's printed formula lacks this mean over the clip. Both
    have a gradient everywhere.

    Args:
        seen: vectors of the pictures.
        heard: vectors of the sound.
        reach: the largest shift, in frames.
        edges: what happens where ``w + s`` lies outside the clip. ``mask``: those windows do not count; where fewer
            than :data:`LEAST` windows would remain the curve is NaN. ``pad``: the sound is continued by zero vectors,
            as the official script does. Zeros are nearer or further than sound would be, the more so the shorter the
            clip, so confidence then depends on length.

    Returns:
        2 reach + 1 distances, the first for sound ``reach`` frames *earlier*.

    Raises:
        ValueError: shapes differ, there is no window, the reach is negative, or a vector is no number.

    Source: Chung & Zisserman 2016b, Sec. 4; ``calc_pdist`` of the authors' script for ``pad``. Chapter 15.
    """
    _check(seen, heard, reach, edges)
    windows = seen.shape[-2]
    if edges == "pad":
        padded = functional.pad(heard, (0, 0, reach, reach))
        parts = [_mean_distance(seen, padded[..., start : start + windows, :]) for start in range(2 * reach + 1)]
        return torch.stack(parts, -1)
    enough, parts = min(LEAST, windows), []
    for shift in range(-reach, reach + 1):
        count = windows - abs(shift)
        first, second = max(0, -shift), max(0, shift)
        met = seen[..., first : first + max(count, 0), :], heard[..., second : second + max(count, 0), :]
        parts.append(_mean_distance(*met) if count >= enough else seen.new_full(seen.shape[:-2], torch.nan))
    return torch.stack(parts, -1)


def offset_of(curve: Curve) -> Int[Tensor, "*batch"]:
    """By how many frames the sound comes later than the lips: the shift of the least distance.

    Move the sound earlier by it to mend the clip. The official script prints the same with the opposite sign.

    Chapter 15.
    """
    return curve.nan_to_num(torch.inf).argmin(-1) - curve.shape[-1] // 2


def confidence_of(curve: Curve) -> Score:
    """How clearly one shift stands out: the median distance over shifts less the least one. Chapter 15."""
    return curve.nanmedian(-1).values - least_distance(curve)


def least_distance(curve: Curve) -> Score:
    """The least distance over all shifts; it says nothing about *which* shift, so read it beside the offset."""
    return curve.nan_to_num(torch.inf).amin(-1)


def lse_d(curves: Curve) -> Float[Tensor, ""]:
    """Lip-sync error, distance (LSE-D): the mean over clips of the least distance; less is better.

    Numbers of different networks cannot be compared. A clip whose sound is late as a whole loses nothing by it, since
    the least distance is taken over all shifts.

    Source: Prajwal et al. 2020, "A lip sync expert is all you need", Sec. 4. Chapter 15.
    """
    return least_distance(curves).mean()


def lse_c(curves: Curve) -> Float[Tensor, ""]:
    """Lip-sync error, confidence (LSE-C): the mean over clips of the confidence; more is better, despite its name.

    Source: Prajwal et al. 2020, "A lip sync expert is all you need", Sec. 4. Chapter 15.
    """
    return confidence_of(curves).mean()


def _mean_distance(seen: Vectors, heard: Vectors) -> Score:
    return (seen - heard).square().sum(-1).add(1e-12).sqrt().mean(-1)


def _check(seen: Tensor, heard: Tensor, reach: int, edges: str) -> None:
    if seen.shape != heard.shape:
        shapes = f"{tuple(seen.shape)} and {tuple(heard.shape)}"
        raise ValueError(f"pictures and sound must have as many windows, but their vectors have {shapes}; cut one")
    if seen.shape[-2] < 1 or reach < 0:
        raise ValueError(f"expected a window at least and a reach from 0, got {seen.shape[-2]} and {reach}")
    if edges not in ("mask", "pad"):
        raise ValueError(f"expected the edges mask or pad, got {edges!r}")
    if not (bool(torch.isfinite(seen).all()) and bool(torch.isfinite(heard).all())):
        raise ValueError("some vectors are no numbers (NaN or infinite); mend or leave out that clip")
