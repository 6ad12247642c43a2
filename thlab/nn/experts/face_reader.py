"""A judge that reads faces: from a picture to landmarks, to the gap between the lips, and to who it is.

It measures what systems make, so it is trained on other people than they are, and never stands in a loss.
"""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from thlab.nn.convolutions import Conv, Residual

POINTS = 68


@dataclass(frozen=True)
class FaceReaderConfig:
    """Sizes of the network."""

    size: int = 64
    """Pixels a side of what it looks at; other pictures are scaled to it."""
    channels: int = 24
    features: int = 256
    identity: int = 48
    """Numbers that say who it is."""
    people: int = 150
    """How many people it learns to tell apart."""


@dataclass(frozen=True)
class Reading:
    """What is read from pictures."""

    landmarks: Float[Tensor, "batch 68 2"]
    """In shares of the picture, 0 to 1; x right, y down."""
    lip_gap: Float[Tensor, "batch"]
    """Between the inner lips, in head units (10 cm)."""
    identity: Float[Tensor, "batch numbers"]
    """A unit vector; alike for pictures of one person."""


class FaceReader(nn.Module):
    """A small residual network with three answers."""

    def __init__(self, config: FaceReaderConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or FaceReaderConfig()
        c = config.channels
        self.look = nn.Sequential(
            Conv(3, c, kernel=5, stride=2), Residual(c),
            Conv(c, 2 * c, stride=2), Residual(2 * c), Residual(2 * c),
            Conv(2 * c, 4 * c, stride=2), Residual(4 * c), Residual(4 * c),
            Conv(4 * c, 2 * c, kernel=1), nn.Flatten(),
        )  # fmt: skip
        self.sum_up = nn.Sequential(nn.Linear(2 * c * (config.size // 8) ** 2, config.features), nn.GELU())
        self.points = nn.Linear(config.features, 2 * POINTS)
        self.gap = nn.Linear(config.features, 1)
        self.identity = nn.Linear(config.features, config.identity)
        self.people = nn.Linear(config.identity, config.people, bias=False)

    def forward(self, pictures: Float[Tensor, "batch 3 height width"]) -> Reading:
        size = self.config.size
        if pictures.shape[-1] != size:
            pictures = functional.interpolate(pictures, (size, size), mode="bilinear", antialias=True)
        seen = self.sum_up(self.look(pictures - 0.5))
        landmarks = 0.5 + self.points(seen).unflatten(1, (POINTS, 2))
        return Reading(landmarks, self.gap(seen)[:, 0], functional.normalize(self.identity(seen)))

    def tell_apart(self, identity: Float[Tensor, "batch numbers"]) -> Float[Tensor, "batch people"]:
        """Logits over the people of the training: sixteen times the cosine with each person's vector."""
        return 16 * identity @ functional.normalize(self.people.weight).T
