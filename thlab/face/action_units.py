"""The expression basis by name, after the action units of the Facial Action Coding System (Ekman & Friesen 1978)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

EXPRESSIONS = (
    "jaw_open", "pucker", "funnel", "stretch", "smile_L", "smile_R", "frown", "press", "roll_in", "upper_raise",
    "lower_drop", "lip_tuck", "chin_raise", "jaw_side", "jaw_forward", "puff", "nose_wrinkle", "brow_inner",
    "brow_outer_L", "brow_outer_R", "brow_lower", "blink_L", "blink_R", "eye_wide", "squint", "mouth_side",
    "cheek_raise", "tongue_up", "tongue_out", "dimple",
)  # fmt: skip
"""Names of the expression modes, in the order of the basis; _L and _R are the subject's left and right."""

EXPRESSION_INDEX = {name: index for index, name in enumerate(EXPRESSIONS)}

PAIRS = ("smile", "blink", "brow_outer")
"""Names that set both sides at once in :func:`expression`."""


def expression(**amounts: float) -> Float[np.ndarray, "modes"]:
    """Name a face: ``expression(jaw_open=0.5, smile=0.3)`` gives the vector of coefficients.

    Raises:
        ValueError: a name is not a mode.
    """
    coefficients = np.zeros(len(EXPRESSIONS), np.float32)
    for name, amount in amounts.items():
        sides = (f"{name}_L", f"{name}_R") if name in PAIRS else (name,)
        unknown = [side for side in sides if side not in EXPRESSION_INDEX]
        if unknown:
            raise ValueError(f"no expression mode is called {name!r}; there are {', '.join(EXPRESSIONS)}")
        for side in sides:
            coefficients[EXPRESSION_INDEX[side]] = amount
    return coefficients
