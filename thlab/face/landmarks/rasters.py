"""Landmarks drawn as lines: the picture that a generator is given in place of 136 numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

Groups = Sequence[tuple[int, ...]]
"""Lines as the numbers of their points in the order of drawing; a closed line ends where it began."""

LINES: dict[str, tuple[int, ...]] = {
    "jaw": tuple(range(17)),
    "right brow": tuple(range(17, 22)),
    "left brow": tuple(range(22, 27)),
    "bridge": tuple(range(27, 31)),
    "nostrils": tuple(range(31, 36)),
    "right eye": (*range(36, 42), 36),
    "left eye": (*range(42, 48), 42),
    "outer lips": (*range(48, 60), 48),
    "inner lips": (*range(60, 68), 60),
}
"""The lines of the 68 landmarks of iBUG; right and left are the subject's."""
SEGMENTS = tuple(step for line in LINES.values() for step in pairwise(line))
"""Pairs of points that a line joins."""


def line_rasters(
    points: Float[Tensor, "batch 68 2"], *, size: tuple[int, int], thickness: float = 1.5
) -> Float[Tensor, "batch height width"]:
    """The face as white lines on black, 0 to 1, antialiased and differentiable.

    A pixel's brightness falls linearly from 1 to 0 over the last pixel of the line's half width; where lines cross, the
    brightest counts. The gradient with respect to the points is that of the distance to the nearest line, and zero away
    from the rims: good enough to move points that nearly fit, too narrow to find them from afar (heatmaps do that).

    Args:
        points: in pixels of the drawing, centres at .5.
        size: height and width.
        thickness: of the lines, in pixels.

    Source: such a drawing is what Zakharov et al. 2019, "Few-shot adversarial learning of realistic neural talking head
    models", give their generator; ours is drawn by distance. Chapter 06.
    """
    near = segment_distances(points, SEGMENTS, size=size)
    return (thickness / 2 + 0.5 - near).clamp(0, 1)


def group_rasters(
    points: Float[Tensor, "batch 68 2"], *, size: tuple[int, int], thickness: float = 1.5
) -> Float[Tensor, "batch lines height width"]:
    """As :func:`line_rasters`, each line of :data:`LINES` in a channel of its own: crossings stay readable."""
    channels = [segment_distances(points, tuple(pairwise(line)), size=size) for line in LINES.values()]
    return (thickness / 2 + 0.5 - torch.stack(channels, 1)).clamp(0, 1)


def segment_distances(
    points: Float[Tensor, "batch 68 2"], segments: Sequence[tuple[int, int]], *, size: tuple[int, int]
) -> Float[Tensor, "batch height width"]:
    """Distance of each pixel's centre to the nearest of some segments, in pixels.

    One segment after another, so that memory does not grow with their number.
    """
    rows, columns = (torch.arange(count, dtype=points.dtype, device=points.device) + 0.5 for count in size)
    pixels = torch.stack(torch.broadcast_tensors(columns[None, :], rows[:, None]), -1)
    nearest = torch.full((len(points), *size), torch.inf, dtype=points.dtype, device=points.device)
    for first, last in segments:
        nearest = torch.minimum(nearest, _distance(pixels, points[:, first], points[:, last]))
    return nearest


def _distance(
    pixels: Float[Tensor, "height width 2"], start: Float[Tensor, "batch 2"], end: Float[Tensor, "batch 2"]
) -> Float[Tensor, "batch height width"]:
    """To the segment from start to end: to its nearest point, which is clamped between them."""
    along = (end - start)[:, None, None]
    away = pixels - start[:, None, None]
    share = ((away * along).sum(-1) / (along**2).sum(-1).clamp_min(1e-12)).clamp(0, 1)
    return (away - share[..., None] * along).square().sum(-1).clamp_min(1e-12).sqrt()
