"""Tell a picture's features what is heard: gain and shift of every channel."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor


def modulate(
    x: Float[Tensor, "batch channels height width"], heard: Float[Tensor, "batch twice_channels"]
) -> Float[Tensor, "batch channels height width"]:
    """x · (1 + γ) + β, with γ and β from the sound.

    Source: Perez et al. 2018, "FiLM", Eq. 2. Chapters 03 and 11.
    """
    gain, shift = heard[:, :, None, None].chunk(2, 1)
    return x * (1 + gain) + shift
