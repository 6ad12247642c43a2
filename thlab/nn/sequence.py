"""Networks over time: dilated residual convolutions that see both past and future."""

from __future__ import annotations

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor, nn


class DilatedBlock(nn.Module):
    """x + W₂ · gelu(norm(dilated conv(x))): one residual step of a temporal convolutional network.

    Source: Bai, Kolter & Koltun 2018, "An empirical evaluation of generic convolutional and recurrent networks",
    Fig. 1; ours looks both ways in time and normalises over channels, so that a clip's length does not matter.
    """

    def __init__(self, channels: int, *, kernel: int = 3, dilation: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, channels, kernel, padding=dilation * (kernel // 2), dilation=dilation)
        self.norm = nn.LayerNorm(channels)
        self.mix = nn.Conv1d(channels, channels, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Float[Tensor, "batch channels steps"]) -> Float[Tensor, "batch channels steps"]:
        # Each step is normalised over its channels only: a norm over time would make the middle of a sentence
        # depend on how long the recording goes on.
        normed = self.norm(self.conv(x).transpose(1, 2)).transpose(1, 2)
        return x + self.mix(self.dropout(nn.functional.gelu(normed)))


class TemporalConvNet(nn.Sequential):
    """A stack of :class:`DilatedBlock`, one for each dilation."""

    def __init__(self, channels: int, dilations: Sequence[int], *, kernel: int = 3, dropout: float = 0.0) -> None:
        blocks = (DilatedBlock(channels, kernel=kernel, dilation=dilation, dropout=dropout) for dilation in dilations)
        super().__init__(*blocks)
        self.reach = sum(dilations) * (kernel // 2)
        """Steps that an output sees to each side."""


def parameter_count(module: nn.Module) -> int:
    """Learnable numbers in a module."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
