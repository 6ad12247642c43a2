"""Networks that find fault with pictures: is it real, and does this mouth belong to that sound?"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.2
"""Of the leaky rectifiers below zero."""


class PictureCritic(nn.Module):
    """Pictures → a logit for every patch of them: real, or made? It hears nothing.

    Without normalisation, so that it answers on made pictures alone as it does beside real ones.

    Source: Isola et al. 2017, "Image-to-image translation with conditional adversarial networks", Sec. 3.2.2 (patches).
    Chapter 11.
    """

    def __init__(self, channels: int = 16) -> None:
        super().__init__()
        c = channels
        self.steps = nn.Sequential(
            nn.Conv2d(3, c, 4, stride=2, padding=1), nn.LeakyReLU(SLOPE),
            nn.Conv2d(c, 2 * c, 4, stride=2, padding=1), nn.LeakyReLU(SLOPE),
            nn.Conv2d(2 * c, 4 * c, 4, stride=2, padding=1), nn.LeakyReLU(SLOPE),
            nn.Conv2d(4 * c, 1, 3, padding=1),
        )  # fmt: skip

    def forward(self, pictures: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 1 rows columns"]:
        return self.steps(2 * pictures - 1)


class SyncCritic(nn.Module):
    """One mouth and the sound around it → a logit: do they belong together?

    Picture and sound become unit vectors; the logit is a learned line in their cosine.

    Source: Prajwal et al. 2019, "Towards automatic face-to-face translation" (LipGAN), whose critic looks at one frame
    and learns together with the generator; theirs compares by a distance. Chapter 11.
    """

    def __init__(self, *, mels: int = 80, channels: int = 16, numbers: int = 64) -> None:
        super().__init__()
        c = channels
        self.eye = nn.Sequential(*_step(3, c), *_step(c, 2 * c), *_step(2 * c, 4 * c), nn.AdaptiveAvgPool2d((2, 3)))
        self.look = nn.Linear(24 * c, numbers)
        self.ear = nn.Sequential(
            nn.Conv1d(mels, 4 * c, 5, padding=2), nn.GroupNorm(4, 4 * c), nn.LeakyReLU(SLOPE),
            nn.Conv1d(4 * c, 4 * c, 3, stride=2, padding=1), nn.GroupNorm(4, 4 * c), nn.LeakyReLU(SLOPE),
            nn.AdaptiveAvgPool1d(5),
        )  # fmt: skip
        self.listen = nn.Linear(20 * c, numbers)
        self.line = nn.Parameter(torch.tensor([5.0, 0.0]))

    def forward(
        self, mouths: Float[Tensor, "batch 3 rows columns"], heard: Float[Tensor, "batch hops mels"]
    ) -> Float[Tensor, "batch"]:
        """How surely each mouth belongs to the sound of its row; log-mel may come in any level."""
        seen = self.look(self.eye(2 * mouths - 1).flatten(1))
        level = heard - heard.mean((1, 2), keepdim=True)
        said = self.listen(self.ear(level.transpose(1, 2) / 4).flatten(1))
        slope, offset = self.line
        return slope * functional.cosine_similarity(seen, said) + offset


def _step(inputs: int, outputs: int) -> list[nn.Module]:
    """Half the size, more channels; normalised over groups, so that no picture depends on its neighbours."""
    return [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.GroupNorm(4, outputs), nn.LeakyReLU(SLOPE)]
