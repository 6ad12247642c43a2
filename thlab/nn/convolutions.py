"""The small convolutional steps that encoders and decoders of pictures are made of."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

SLOPE = 0.1
"""Of the leaky rectifier below zero."""


class Conv(nn.Sequential):
    """3×3 convolution, batch normalisation, leaky rectifier; halves the picture when asked to.

    Source: Ioffe & Szegedy 2015, "Batch normalization".
    """

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1, kernel: int = 3) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(outputs),
            nn.LeakyReLU(SLOPE, inplace=True),
        )


class Residual(nn.Module):
    """x + two convolutions of x.

    Source: He et al. 2016, "Deep residual learning", Fig. 2.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.steps = nn.Sequential(Conv(channels, channels), nn.Conv2d(channels, channels, 3, padding=1))

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch channels height width"]:
        return x + self.steps(x)
