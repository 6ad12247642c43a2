"""When a clip is dropped: one threshold a measurement, and the reason in words.

Those of cuts, jumps, blur, light, size and voice rest on planted defects: ``thlab clean --thresholds`` prints what was
measured of them, ``python -m thlab.experiments.cleaning_thresholds`` measures it again. Where several thresholds tell
defects from the rest equally well, the one in force keeps more. Those of faces and offset are set by hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from thlab.corpus.cleaning.association import SPEAKS
from thlab.corpus.cleaning.cuts import CUT, JUMP, summits
from thlab.corpus.cleaning.inspection import Inspection
from thlab.timebase import seconds_to_frames

Side = Literal["above", "below"]


@dataclass(frozen=True)
class Rule:
    """A measurement and what it must be."""

    name: str
    unit: str
    threshold: float
    drop: Side
    """On which side of the threshold a clip is dropped."""
    measure: Callable[[Inspection], float]
    """NaN where it cannot be measured: then the rule says nothing."""
    reason: str
    """What is wrong with a clip that is dropped."""


@dataclass(frozen=True)
class Finding:
    """One reason to drop a clip."""

    rule: str
    value: float
    threshold: float
    unit: str
    reason: str

    def __str__(self) -> str:
        return f"{self.reason} ({self.rule}: {self.value:.3g}{self.unit}, threshold {self.threshold:g}{self.unit})"


FACELESS = 0.5
"""Share of frames without any face from which a clip counts as one without a face; set by hand."""
ALONE = 0.9
"""Least share of frames with exactly one face; set by hand: a finder that blinks now and then drops nothing."""
SMALL = 24.0
"""Pixels between the eyes: below, the gap of the lips is followed with r < 0.94."""
BLURRED = 2.0
"""Percent of the distance between the eyes: sharp clips have less than 1, planted blurs of 3 to 6 % more than 2.4."""
CLIPPED = 0.15
"""Share of the face: 0 in clips that are right; more than the shine on a forehead under the lamps of a studio."""
DIM = 105.0
"""Brightness of the whites of the eyes: 141 and more in clips that are right, at most 101 with planted darkness."""
OUT_OF_SYNC = 100.0
"""Milliseconds; set by hand: two and a half frames, four times the error of 90 % of the clips of 3 s."""
CLEAR = 1.5
"""Confidence from which an offset is believed: so sure, 98 % of offsets are right in 2 s of sound, all in 3 s."""
HEARD = seconds_to_frames(3.0)
"""Frames of a clip whose voice is judged: in fewer, many who do speak would be dropped."""


def _cut_count(seen: Inspection) -> float:
    return float(len(summits(seen.cuts, CUT)))


def _faceless(seen: Inspection) -> float:
    return float((seen.people.counts == 0).mean()) if seen.frames else 1.0


def _company(seen: Inspection) -> float:
    """The share of frames with one face, where there is a face at all."""
    return seen.people.alone if seen.people.tracks else math.nan


def _agreement(seen: Inspection) -> float:
    """Of the sound with the face it fits best: 0 where nothing is said; not to be told without sound or face."""
    return max(seen.scores, default=math.nan) if seen.frames >= HEARD else math.nan


def _sound(seen: Inspection) -> float:
    return float(seen.has_sound)


def _offset(seen: Inspection) -> float:
    """Size of the offset, where it is clear enough to be believed."""
    clear = seen.sync is not None and seen.sync.confidence >= CLEAR
    return abs(seen.sync.offset_ms) if clear and seen.sync is not None else math.nan


def _of_face(value: Callable[[Inspection], float]) -> Callable[[Inspection], float]:
    return lambda seen: value(seen) if seen.people.tracks else math.nan


RULES = (
    Rule("faceless", "", FACELESS, "above", _faceless, "no face in many of its frames"),
    Rule("alone", "", ALONE, "below", _company, "not exactly one face in many of its frames"),
    Rule("cuts", "", 0.5, "above", _cut_count, "a cut to another shot"),
    Rule("jump", " eyes' distances", JUMP, "above", _of_face(lambda seen: seen.jump), "the face jumps as at a cut"),
    Rule("size", " px", SMALL, "below", _of_face(lambda seen: seen.size), "the face is too small"),
    Rule("blur", " %", BLURRED, "above", lambda seen: seen.blur, "the face is blurred"),
    Rule("bright", "", CLIPPED, "above", lambda seen: seen.bright, "the face is overexposed"),
    Rule("whites", "", DIM, "below", lambda seen: seen.whites, "the face is too dark"),
    Rule("sound", "", 0.5, "below", _sound, "there is no sound"),
    Rule("voice", " standard errors", SPEAKS, "below", _agreement, "the voice does not go with the lips"),
    Rule("offset", " ms", OUT_OF_SYNC, "above", _offset, "sound and lips are apart"),
)
"""All rules, in the order in which they are told."""


def judge(seen: Inspection, rules: tuple[Rule, ...] = RULES) -> list[Finding]:
    """Every reason to drop a clip; an empty list keeps it.

    Chapter 01.
    """
    measured = [(rule, rule.measure(seen)) for rule in rules]
    return [
        Finding(rule.name, value, rule.threshold, rule.unit, rule.reason)
        for rule, value in measured
        if (value > rule.threshold if rule.drop == "above" else value < rule.threshold)
    ]
