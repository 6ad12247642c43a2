"""Pictures of which the lower half is hidden, moved, and joined to the upper half again."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from thlab.render.warp import warp

SEAM = 1 / 32
"""Height of the strip that is seen and painted too, where both are blended, in shares of the picture."""


def lower(pictures: Float[Tensor, "*batch height width"]) -> Float[Tensor, "*batch rows width"]:
    """The lower half."""
    return pictures[..., pictures.shape[-2] // 2 :, :]


def hidden(frames: Float[Tensor, "batch 3 size size"]) -> Float[Tensor, "batch 3 size size"]:
    """Frames whose lower half is grey, but for a narrow strip at the seam: lips, chin and cheeks tell nothing."""
    size = frames.shape[-1]
    seen = torch.full_like(frames, 0.5)
    first = size // 2 + round(SEAM * size)
    seen[:, :, :first] = frames[:, :, :first]
    return seen


def moved_half(
    still: Float[Tensor, "batch 3 size size"], flow: Float[Tensor, "batch 2 rows size"]
) -> Float[Tensor, "batch 3 rows size"]:
    """The lower half of what a flow of the lower half takes from the whole picture."""
    whole = functional.pad(flow, (0, 0, flow.shape[2], 0))
    return lower(warp(still, whole.movedim(1, -1)))


def joined(
    frames: Float[Tensor, "batch 3 height width"], painted: Float[Tensor, "batch 3 rows width"]
) -> Float[Tensor, "batch 3 height width"]:
    """Frames with their lower half painted anew; over the strip at the seam one fades into the other."""
    height = frames.shape[-2]
    top, strip = height // 2, round(SEAM * height)
    share = torch.ones(height - top, device=frames.device)
    share[:strip] = (torch.arange(strip, device=frames.device) + 1) / (strip + 1)
    return torch.cat([frames[:, :, :top], torch.lerp(frames[:, :, top:], painted, share[:, None])], 2)
