"""Labels that nobody has written: which action units are active, and which of seven posed emotions a face resembles.

They are guesses from the shape of a face, learned from synthetic people. They say how a face *looks*: what somebody
feels cannot be read off it (Barrett et al. 2019, "Emotional expressions reconsidered"). ``thlab.experiments.
label_accuracy`` learned the numbers and measured how often they are right on other synthetic people. On recordings even
the confidence does not hold. Without the person's face at rest, a heavy brow is taken for a frown: of five speakers of
GRID, who read without emotion, four are called angry. Use emotions of real faces to find clips to look at, no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from thlab.corpus.cleaning.people import face_finder
from thlab.face.action_units import EMOTION_NAMES, EXPRESSIONS
from thlab.face.landmarks.detection import Detector, Picture
from thlab.face.mesh.basis import fit_expression
from thlab.media import Clip

FILE = Path(__file__).with_name("labels.npz")
UNKNOWN = "unknown"
EVERY = 4
"""Frames from one whose expression is fitted to the next."""
ACTIVE = 0.3
"""Coefficient from which a unit counts as active."""
SURE_OF_EMOTION, SURE_OF_UNIT = 0.6, 0.7
"""Probability below which the answer is that it is not known."""
QUANTILES = (0.1, 0.5, 0.9)
"""What of the coefficients of a clip is looked at: an emotion lasts, speech passes."""
LEAST = 5
"""Expressions that an emotion is judged from."""


@dataclass(frozen=True, eq=False)
class LabelModel:
    """The numbers behind the labels."""

    units: Int[np.ndarray, "units"]
    """Which of ``EXPRESSIONS`` are told, by index: those that show in the mesh and occur in the corpus."""
    unit_weights: Float[np.ndarray, "unit_features units"]
    """From :func:`unit_features` and a 1 to the logarithm of the odds that a unit is active."""
    emotion_weights: Float[np.ndarray, "emotion_features emotions"]
    """From :func:`emotion_features` and a 1 to the logarithm of the odds of each of ``EMOTION_NAMES``."""


@dataclass(frozen=True, eq=False)
class UnitLabels:
    """Which units are active in each frame that was looked at."""

    names: tuple[str, ...]
    """Of the units, as in ``EXPRESSIONS``; ``FACS_UNITS`` has their numbers."""
    probability: Float[np.ndarray, "frames units"]

    @property
    def active(self) -> Bool[np.ndarray, "frames units"]:
        """Those that surely are."""
        return self.probability >= SURE_OF_UNIT

    @property
    def unknown(self) -> Bool[np.ndarray, "frames units"]:
        """Where neither yes nor no is sure."""
        return (self.probability < SURE_OF_UNIT) & (self.probability > 1 - SURE_OF_UNIT)


@dataclass(frozen=True)
class EmotionLabel:
    """Which posed emotion a clip resembles."""

    name: str
    """One of ``EMOTION_NAMES``, or ``UNKNOWN`` when none is sure enough."""
    confidence: float
    """Probability of the likeliest one."""
    probabilities: dict[str, float]


@cache
def label_model() -> LabelModel:
    """The numbers that were learned, read once."""
    with np.load(FILE) as kept:
        return LabelModel(*(kept[name] for name in ("units", "unit_weights", "emotion_weights")))


def label_clip(clip: Clip, *, detector: Detector | None = None) -> tuple[EmotionLabel, UnitLabels]:
    """Guess emotion and action units of a clip from its pictures.

    Raises:
        ValueError: it has no pictures, too few of them show a face, or MediaPipe is needed and not there.

    Chapter 01.
    """
    if clip.frames is None:
        raise ValueError("labels come from pictures, but this clip has none; take a clip with frames")
    coefficients = expressions_of(clip.frames.numpy(), detector=detector)
    return label_emotion(coefficients), label_units(coefficients)


def expressions_of(
    pictures: Iterable[Picture], *, detector: Detector | None = None
) -> Float32[np.ndarray, "frames modes"]:
    """The coefficients of the largest face, fitted in every fourth picture that shows one."""
    finder = detector or face_finder()
    rows = [
        fit_expression(faces[0].points.astype(np.float64))
        for frame, picture in enumerate(pictures)
        if (faces := finder.detect(picture)) and frame % EVERY == 0
    ]
    return np.array(rows, np.float32).reshape(-1, len(EXPRESSIONS))


def label_units(
    coefficients: Float[np.ndarray, "frames modes"], *, model: LabelModel | None = None
) -> UnitLabels:
    """Which units are active in each frame.

    Args:
        coefficients: of :func:`thlab.face.mesh.basis.fit_expression`, of frames of one clip; the more, the better its
            middle tells what is the person and what is the expression.
        model: the numbers; None takes the kept ones.

    Chapter 01.
    """
    known = model or label_model()
    names = tuple(EXPRESSIONS[int(unit)] for unit in known.units)
    odds = with_one(unit_features(coefficients)) @ known.unit_weights
    return UnitLabels(names, 1 / (1 + np.exp(-odds)))


def label_emotion(
    coefficients: Float[np.ndarray, "frames modes"], *, model: LabelModel | None = None
) -> EmotionLabel:
    """Which of seven posed emotions the face of a clip resembles.

    Args:
        coefficients: as for :func:`label_units`.
        model: the numbers; None takes the kept ones.

    Raises:
        ValueError: fewer than five frames.

    Chapter 01.
    """
    if len(coefficients) < LEAST:
        raise ValueError(
            f"an emotion is judged from {LEAST} expressions or more, got {len(coefficients)}; take a longer clip, one "
            "that shows a face from the front"
        )
    known = model or label_model()
    odds = with_one(emotion_features(coefficients)[None])[0] @ known.emotion_weights
    share = np.exp(odds - odds.max())
    share /= share.sum()
    best = int(share.argmax())
    name = EMOTION_NAMES[best] if share[best] >= SURE_OF_EMOTION else UNKNOWN
    return EmotionLabel(name, float(share[best]), dict(zip(EMOTION_NAMES, share.tolist(), strict=True)))


def unit_features(coefficients: Float[np.ndarray, "frames modes"]) -> Float[np.ndarray, "frames features"]:
    """The coefficients, and how they differ from the middle of the clip: what lasts may be the person's own face."""
    middle = np.median(coefficients, axis=0) if len(coefficients) else 0.0
    return np.concatenate([coefficients, coefficients - middle], 1).astype(np.float64)


def emotion_features(coefficients: Float[np.ndarray, "frames modes"]) -> Float[np.ndarray, "features"]:
    """What is seldom, usual and often reached of each coefficient."""
    return np.quantile(coefficients.astype(np.float64), QUANTILES, axis=0).ravel()


def with_one(features: Float[np.ndarray, "rows features"]) -> Float[np.ndarray, "rows features_and_one"]:
    """A column of ones, for the offset of a linear model."""
    return np.concatenate([features, np.ones((len(features), 1))], 1)
