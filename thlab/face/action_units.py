"""The expression basis by name, after the action units of the Facial Action Coding System; and seven emotions from it.

FACS: Ekman & Friesen 1978, manual. Emotions: the prototypes of EMFACS (Friesen & Ekman 1983) as Ekman, Friesen & Hager
2002 list them, fitted to these modes by eye. What a face *feels* is not read off its units: see Barrett et al. 2019.
"""

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

FACS_UNITS: dict[str, int | None] = {
    "jaw_open": 26, "pucker": 18, "funnel": 22, "stretch": 20, "smile_L": 12, "smile_R": 12, "frown": 15, "press": 24,
    "roll_in": 28, "upper_raise": 10, "lower_drop": 16, "lip_tuck": 32, "chin_raise": 17, "jaw_side": 30,
    "jaw_forward": 29, "puff": 34, "nose_wrinkle": 9, "brow_inner": 1, "brow_outer_L": 2, "brow_outer_R": 2,
    "brow_lower": 4, "blink_L": 45, "blink_R": 45, "eye_wide": 5, "squint": 7, "mouth_side": None, "cheek_raise": 6,
    "tongue_up": None, "tongue_out": 19, "dimple": 14,
}  # fmt: skip
"""The action unit or action descriptor of each mode; None where FACS has no code of its own."""

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


EMOTIONS: dict[str, dict[str, float]] = {
    "neutral": {},
    "happy": {"smile": 0.85, "cheek_raise": 0.60, "brow_outer": 0.12, "squint": 0.10},
    "sad": {"brow_inner": 0.90, "brow_lower": 0.35, "frown": 0.90, "chin_raise": 0.25, "squint": 0.15},
    "angry": {"brow_lower": 1.0, "eye_wide": 0.25, "squint": 0.50, "nose_wrinkle": 0.20, "press": 0.40, "frown": 0.20},
    "surprise": {"brow_inner": 0.85, "brow_outer": 0.85, "eye_wide": 0.80, "jaw_open": 0.16},
    "disgust": {"nose_wrinkle": 0.90, "upper_raise": 0.18, "brow_lower": 0.40, "frown": 0.40, "squint": 0.25},
    "fear": {"brow_inner": 0.95, "brow_outer": 0.35, "brow_lower": 0.50, "eye_wide": 0.85, "stretch": 0.45,
             "jaw_open": 0.06},
}  # fmt: skip
"""Each emotion at full intensity. Units of EMFACS: happy 6+12; sad 1+4+15+17; angry 4+5+7+24; surprise 1+2+5+26;
disgust 9+10+15; fear 1+2+4+5+20+26, where 4 beside 1+2 draws the raised brows together: without it fear is surprise."""

EMOTION_NAMES = tuple(EMOTIONS)
"""The emotions in the order of their class numbers."""

OPENING = ("jaw_open", "upper_raise", "lower_drop", "nose_wrinkle")
"""Modes that part the lips: an emotion may not use them while speech holds the lips closed."""
WIDENING = ("smile_L", "smile_R", "frown", "stretch", "dimple")
"""Modes that pull the corners of the mouth: an emotion uses them less while speech rounds the lips."""
PRESSING = ("press", "chin_raise")
"""Modes that shut the lips: an emotion uses them less while speech opens the mouth."""
LIDS = ("eye_wide", "squint")
"""Modes of the lids, which a blink overrules."""
ROUNDING_DAMPS = 0.8
"""Share of widening that a fully rounded mouth takes away."""
CLOSURE_DAMPS_WIDENING = 0.5
"""Share of widening that closed lips take away."""


def emotion_face(emotion: str) -> Float[np.ndarray, "modes"]:
    """The coefficients of an emotion at full intensity.

    Raises:
        ValueError: the emotion is not one of ``EMOTIONS``.
    """
    if emotion not in EMOTIONS:
        raise ValueError(f"no emotion is called {emotion!r}; choose one of {', '.join(EMOTIONS)}")
    return expression(**EMOTIONS[emotion])


def add_emotion(
    track: Float[np.ndarray, "frames modes"], emotion: str, intensity: float | Float[np.ndarray, "frames"] = 1.0
) -> Float[np.ndarray, "frames modes"]:
    """Feel while speaking: the emotion is laid over an articulated face, and gives way to speech at the mouth.

    Lips that speech closes stay closed, lips that it rounds stay round, a blink stays a blink.

    Args:
        track: what :func:`thlab.face.visemes.articulate` gives.
        emotion: a name in ``EMOTIONS``.
        intensity: 0 to 1, constant or a frame at a time.

    Returns:
        A new track; coefficients stay in the range of the old ones and of the emotion.

    Raises:
        ValueError: the emotion is not one of ``EMOTIONS``.

    Source: EMFACS for the faces; the damping is ours (after Cohen & Massaro 1993: what a phone needs, it dominates).
    """
    face = emotion_face(emotion)
    strength = np.broadcast_to(np.asarray(intensity, np.float32), (len(track),))
    felt = strength[:, None] * face * _room(track)
    spoken = np.maximum(track, 0)
    return np.where(felt > 0, track + felt * (1 - np.minimum(spoken, 1)), track).astype(np.float32)


def closed_lips(track: Float[np.ndarray, "frames modes"]) -> Float[np.ndarray, "frames"]:
    """How far speech holds the lips together, or the lower lip against the teeth: 0 to 1."""
    bilabial = _largest(track, ("roll_in", "press")) / 0.4
    return np.clip(np.maximum(bilabial, _largest(track, ("lip_tuck",)) / 0.65), 0, 1)


def rounded_lips(track: Float[np.ndarray, "frames modes"]) -> Float[np.ndarray, "frames"]:
    """How far speech rounds the lips: 0 to 1."""
    return np.clip(_largest(track, ("pucker", "funnel")), 0, 1)


def _largest(track: Float[np.ndarray, "frames modes"], names: tuple[str, ...]) -> Float[np.ndarray, "frames"]:
    return track[:, _columns(names)].max(1)


def _columns(names: tuple[str, ...]) -> list[int]:
    return [EXPRESSION_INDEX[name] for name in names]


def _room(track: Float[np.ndarray, "frames modes"]) -> Float[np.ndarray, "frames modes"]:
    """The share of each mode that speech and blinks leave to an emotion."""
    closed, rounded = closed_lips(track), rounded_lips(track)
    opened = np.clip(3 * track[:, EXPRESSION_INDEX["jaw_open"]], 0, 1)
    room = np.ones_like(track)
    room[:, _columns(OPENING)] *= (1 - closed)[:, None]
    room[:, _columns(WIDENING)] *= ((1 - ROUNDING_DAMPS * rounded) * (1 - CLOSURE_DAMPS_WIDENING * closed))[:, None]
    room[:, _columns(PRESSING)] *= (1 - opened)[:, None]
    room[:, _columns(LIDS)] *= (1 - np.clip(_largest(track, ("blink_L", "blink_R")), 0, 1))[:, None]
    return room
