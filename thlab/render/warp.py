"""Move pictures: sample them where a flow or a transform of the plane says.

Places in a picture are counted in shares of it: x right and y down, both from −1 at the outer edge of the first pixel
to 1 at the outer edge of the last.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

Pictures = Float[Tensor, "batch channels height width"]
Flow = Float[Tensor, "batch height width 2"]
"""x and y, in shares of the picture."""


def places(height: int, width: int, *, like: Tensor) -> Float[Tensor, "height width 2"]:
    """Where each pixel's centre lies, x first."""
    y, x = (
        (torch.arange(size, device=like.device, dtype=like.dtype) + 0.5) * (2 / size) - 1 for size in (height, width)
    )
    return torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], -1)


def warp(pictures: Pictures, flow: Flow) -> Pictures:
    """Take each pixel from the place that a backward flow points to: out(z) = picture(z + flow(z)).

    Bilinear between pixels; beyond the edge the border pixel is repeated.

    Source: Jaderberg et al. 2015, "Spatial transformer networks", Eqs. 3 and 5. Chapter 03.
    """
    return sample(pictures, places(*flow.shape[1:3], like=flow) + flow)


def sample(
    pictures: Pictures, where: Float[Tensor, "batch rows columns 2"]
) -> Float[Tensor, "batch channels rows columns"]:
    """Take pixels from given places."""
    return functional.grid_sample(pictures, where, mode="bilinear", padding_mode="border", align_corners=False)


def transform(
    pictures: Pictures, matrix: Float[Tensor, "batch 2 3"], *, size: tuple[int, int] | None = None
) -> Float[Tensor, "batch channels rows columns"]:
    """Move whole pictures by maps of the plane, in pixels: what is at p in the input comes to A p + t in the output.

    Args:
        pictures: the input.
        matrix: A and t side by side, a row (x, y) each; pixel centres lie at .5.
        size: height and width of the output; by default those of the input.
    """
    height, width = size or (pictures.shape[-2], pictures.shape[-1])
    straight, shift = matrix[:, :, :2], matrix[:, :, 2]
    half_out = matrix.new_tensor([width, height]) / 2
    half_in = matrix.new_tensor([pictures.shape[-1], pictures.shape[-2]]) / 2
    targets = (places(height, width, like=matrix) + 1) * half_out  # height width 2, in pixels of the output
    sources = torch.einsum("bij,bhwj->bhwi", torch.linalg.inv(straight), targets - shift[:, None, None])
    return sample(pictures, sources / half_in - 1)
