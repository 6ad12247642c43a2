"""Sound as the recognisers take it: a checked numpy array."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from torch import Tensor


def as_sound(audio: Float[Tensor, "samples"]) -> Float[np.ndarray, "samples"]:
    """The samples of a mono recording.

    Raises:
        ValueError: some samples are NaN or infinite.
    """
    sound = audio.detach().cpu().numpy()
    if not np.isfinite(sound).all():
        bad = int((~np.isfinite(sound)).sum())
        raise ValueError(f"expected finite samples, got {bad} of {len(sound)} NaN or infinite; repair the file")
    return sound
