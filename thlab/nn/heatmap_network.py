"""A small hourglass that answers a picture of a face with one heatmap for each landmark."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from thlab.nn.convolutions import Conv, Residual


@dataclass(frozen=True)
class HeatmapNetworkConfig:
    """Sizes of the network."""

    size: int = 64
    """Pixels a side of what it looks at; other pictures are scaled to it."""
    points: int = 68
    channels: int = 16
    """Of the widest maps; those of half the size have twice as many."""
    depth: int = 3
    """How often the maps are halved on the way down."""


@dataclass(frozen=True)
class Heatmaps:
    """What the network says of some pictures."""

    logits: Float[Tensor, "batch points height width"]
    """Larger where the point is likelier; half the size of the picture. Softmax over pixels gives a distribution."""
    face: Float[Tensor, "batch"]
    """Log-odds that a face fills the picture as it should."""


class HeatmapNetwork(nn.Module):
    """Down to see the whole face, up again to point precisely, with skips across.

    Source: Newell et al. 2016, "Stacked hourglass networks for human pose estimation"; ours is one hourglass, whose
    skips are added without convolutions, and also says whether there is a face. Chapter 06.
    """

    def __init__(self, config: HeatmapNetworkConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or HeatmapNetworkConfig()
        widths = [config.channels * min(2**level, 4) for level in range(config.depth + 1)]
        self.first = nn.Sequential(Conv(3, widths[0], kernel=5, stride=2), Residual(widths[0]))
        steps = list(pairwise(widths))
        self.down = nn.ModuleList(nn.Sequential(Conv(a, b, stride=2), Residual(b)) for a, b in steps)
        self.middle = Residual(widths[-1])
        self.narrow = nn.ModuleList(Conv(b, a) for a, b in reversed(steps))
        self.up = nn.ModuleList(Residual(a) for a, _ in reversed(steps))
        self.maps = nn.Conv2d(widths[0], config.points, 1)
        self.face = nn.Linear(widths[-1], 1)

    def forward(self, pictures: Float[Tensor, "batch 3 height width"]) -> Heatmaps:
        """Heatmaps of pictures in [0, 1]."""
        size = self.config.size
        if pictures.shape[-2:] != (size, size):
            pictures = functional.interpolate(pictures, (size, size), mode="bilinear", antialias=True)
        x = self.first(standardised(pictures))
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        x = self.middle(x)
        face = self.face(x.mean((2, 3)))[:, 0]
        for narrow, up, skip in zip(self.narrow, self.up, reversed(skips), strict=True):
            x = up(skip + functional.interpolate(narrow(x), scale_factor=2.0, mode="bilinear", align_corners=False))
        return Heatmaps(self.maps(x), face)


def standardised(pictures: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 3 height width"]:
    """Each picture with mean 0 and spread 1: brightness and contrast say nothing about where points are."""
    spread, mean = torch.std_mean(pictures, (1, 2, 3), keepdim=True, correction=0)
    return (pictures - mean) / (spread + 0.02)
