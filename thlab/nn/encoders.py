"""Encoders that several systems share: the sound around a frame to one vector, stacked pictures to features."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from thlab.nn.convolutions import Conv, Residual


class SoundEncoder(nn.Module):
    """Cepstra of some hops → one vector: convolutions over time, each coefficient a channel. Chapters 03 and 11.

    Args:
        coefficients: numbers a hop.
        hops: that are heard for a frame; a multiple of 4.
        width: numbers of the answer.
    """

    def __init__(self, coefficients: int, hops: int, width: int) -> None:
        super().__init__()
        self.level = nn.BatchNorm1d(coefficients, affine=False)
        self.steps = nn.Sequential(
            nn.Conv1d(coefficients, width, 5, padding=2), nn.GELU(),
            nn.Conv1d(width, width, 3, stride=2, padding=1), nn.GELU(),
            nn.Conv1d(width, width, 3, stride=2, padding=1), nn.GELU(),
        )  # fmt: skip
        self.out = nn.Linear(width * (hops // 4), width)

    def forward(self, heard: Float[Tensor, "batch hops coefficients"]) -> Float[Tensor, "batch numbers"]:
        steps = self.steps(self.level(heard.transpose(1, 2)))
        return functional.gelu(self.out(steps.flatten(1)))


class PictureEncoder(nn.Module):
    """Pictures, stacked as channels → features at a half, a quarter, an eighth and a sixteenth of the size.

    Args:
        inputs: channels that come in, three a picture; values 0 to 1.
        channels: width of the first layer; deeper ones are two, four and five times as wide.
    """

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        c = channels
        self.scales = nn.ModuleList(
            [
                Conv(inputs, c, stride=2, kernel=5),
                nn.Sequential(Conv(c, 2 * c, stride=2), Conv(2 * c, 2 * c)),
                nn.Sequential(Conv(2 * c, 4 * c, stride=2), Residual(4 * c)),
                nn.Sequential(Conv(4 * c, 5 * c, stride=2), Residual(5 * c)),
            ]
        )

    def forward(self, pictures: Float[Tensor, "batch channels height width"]) -> list[Tensor]:
        x, found = pictures - 0.5, []
        for scale in self.scales:
            x = scale(x)
            found.append(x)
        return found
