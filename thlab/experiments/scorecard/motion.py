"""How naturally heads, lids and faces move, as far as a clip is long enough to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from thlab.experiments.naturalness_scores import books_of, measure
from thlab.experiments.scorecard.measures import NATURAL
from thlab.experiments.scorecard.values import Measured, Missing, Single
from thlab.experiments.takes import Take

TOO_LITTLE = "the clip is too short or has no sound, or shows too little of it"
NO_MOTION = "pose, blinks and expression are not known where no face is followed"
COMPARED = ("intervals", "spectrum", "frechet", "upper_face")
"""Measures that compare with the real clip; the others are of one clip by itself."""


def natural(take: Take | None, real: Take | None, *, itself: bool = False) -> Measured:
    """Measures of naturalness of a clip.

    Args:
        take: its motion; None where it is not known.
        real: that of the real clip.
        itself: whether it is the real clip, which is not compared with itself.
    """
    wanted = [m.name for m in NATURAL if not (itself and kind(m.name) in COMPARED)]
    if take is None or real is None:
        return {name: Missing(NO_MOTION) for name in wanted}
    references: Sequence[Take] = [] if itself else [real]
    found = asdict(measure(take, references, books_of([real])))
    numbers = {name: found[kind(name)] for name in wanted}
    return {name: Missing(TOO_LITTLE) if number is None else Single(number) for name, number in numbers.items()}


def kind(name: str) -> str:
    """The name of a measure in ``thlab.experiments.naturalness_scores``."""
    return name.removeprefix("motion_")
