"""From phones to the shapes of the mouth: sixteen visemes, and the rules by which neighbours blend and lips close.

The inventory is that of MPEG-4 facial animation (ISO/IEC 14496-2, table of visemes 0 to 14: silence; p b m; f v; T D;
t d; k g; tS dZ S; s z; n l; r; A:; e; I; Q; U), which is also the set of fifteen that Oculus Lipsync uses, plus a
schwa, which neither has and which English needs most.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from thlab.face.action_units import EXPRESSION_INDEX, EXPRESSIONS, expression
from thlab.timebase import Interval

VISEMES = (
    "sil", "PP", "FF", "TH", "DD", "KK", "CH", "SS", "NN", "RR", "AA", "EH", "IY", "OH", "UW", "AX",
)  # fmt: skip
"""Names of the visemes; the first fifteen are MPEG-4's 0 to 14 in their order."""
VISEME_INDEX = {name: index for index, name in enumerate(VISEMES)}

PHONES_OF = {
    "sil": "_ ʔ ʡ",
    "PP": "p b m ɓ ʘ ʙ",
    "FF": "f v ɱ ⱱ ʋ",
    "TH": "θ ð ǀ",
    "DD": "t d ɾ ɽ ʈ ɖ ɗ ǃ ǂ",
    "KK": "k g ɡ c ɟ q ɢ ŋ x ɣ χ h ɦ ħ ʕ ç ʝ ɠ ʄ ʛ ʜ ʢ ɧ ʀ ʁ ɰ",
    "CH": "ʃ ʒ ɕ ʑ ʂ ʐ",
    "SS": "s z ɬ ɮ",
    "NN": "n l ɫ ɭ ɳ ɲ ɴ ʎ ʟ ɺ ǁ",
    "RR": "r ɹ ɻ ɚ ɜ ɝ ɞ ɘ",
    "AA": "a ɑ ʌ æ ɶ",
    "EH": "e ɛ",
    "IY": "i ɪ j ɨ ɯ",
    "OH": "o ɔ ɒ ø œ",
    "UW": "u ʊ w y ʏ ʉ ɥ ʍ β ɸ",
    "AX": "ə ɐ ᵻ ᵿ ɵ ɤ",
}
"""Every base symbol of the IPA chart and the viseme it looks like."""

VISEME_OF_SYMBOL = {symbol: viseme for viseme, symbols in PHONES_OF.items() for symbol in symbols.split()}

GESTURES = {
    "ts": ("SS",), "dz": ("SS",), "tʃ": ("CH",), "dʒ": ("CH",), "tɕ": ("CH",), "dʑ": ("CH",), "tʂ": ("CH",),
    "dʐ": ("CH",), "pf": ("PP", "FF"), "kp": ("PP",), "ɡb": ("PP",), "kw": ("KK", "UW"),
    "ɪɹ": ("IY", "RR"), "ɛɹ": ("EH", "RR"), "ɔɹ": ("OH", "RR"), "ʊɹ": ("UW", "RR"), "ɑɹ": ("AA", "RR"),
}  # fmt: skip
"""Phones whose mouth shape does not follow from their symbols one by one."""

TARGETS: dict[str, dict[str, float]] = {
    "sil": {},
    "PP": {"roll_in": 0.50, "press": 0.45, "chin_raise": 0.10},
    "FF": {"lip_tuck": 0.80, "upper_raise": 0.20, "jaw_open": 0.02},
    "TH": {"jaw_open": 0.16, "tongue_up": 0.45, "tongue_out": 0.90, "lower_drop": 0.35, "upper_raise": 0.10},
    "DD": {"jaw_open": 0.13, "tongue_up": 0.90, "lower_drop": 0.30, "stretch": 0.12},
    "KK": {"jaw_open": 0.20, "lower_drop": 0.20},
    "CH": {"funnel": 0.80, "jaw_open": 0.10, "lower_drop": 0.25, "upper_raise": 0.28},
    "SS": {"stretch": 0.30, "jaw_open": 0.05, "lower_drop": 0.42, "upper_raise": 0.28},
    "NN": {"jaw_open": 0.14, "tongue_up": 0.90, "lower_drop": 0.25},
    "RR": {"funnel": 0.38, "pucker": 0.38, "jaw_open": 0.13},
    "AA": {"jaw_open": 0.78, "lower_drop": 0.15, "upper_raise": 0.15},
    "EH": {"jaw_open": 0.45, "stretch": 0.35, "lower_drop": 0.20, "upper_raise": 0.10},
    "IY": {"jaw_open": 0.16, "stretch": 0.75, "lower_drop": 0.30, "upper_raise": 0.20},
    "OH": {"jaw_open": 0.46, "funnel": 0.62, "pucker": 0.35},
    "UW": {"jaw_open": 0.08, "pucker": 1.0, "funnel": 0.06},
    "AX": {"jaw_open": 0.28, "lower_drop": 0.12},
}
"""The face at which each viseme aims, in modes of the expression basis."""

BREATH = {"jaw_open": 0.07, "lower_drop": 0.10}
"""Lips parted to draw breath before speech."""
BREATH_LEAD = (0.30, 0.10)
"""Seconds before the first phone between which the breath is drawn."""
BREATH_PAUSE = 0.45
"""Shortest pause, in seconds, that has a breath at its end."""
SHORTEST_PAUSE = 0.06
"""Seconds; a gap between two phones shorter than this is bridged."""
LONE_PAUSE = 2.0
"""Seconds of rest supposed before the first and after the last phone."""

CLOSED_FOR = 0.060
"""Shortest time, in seconds, that a closure holds: longer than a frame, so that it shows in at least one."""
CLOSING_TIME = 0.045
"""Seconds to close and to open again."""
ROUNDING_KEPT = {"PP": 0.6, "FF": 0.3}
"""Share of the neighbours' rounding that a closure leaves: the lips of 'boo' are puckered when they part."""

GROUPS = {
    "opening": ("jaw_open", "lower_drop", "upper_raise"),
    "rounding": ("pucker", "funnel"),
    "spreading": ("stretch",),
    "tongue": ("tongue_up", "tongue_out"),
    "lips": ("press", "roll_in", "lip_tuck", "chin_raise"),
}
"""Modes which share a dominance function: the parameters p of Cohen & Massaro."""

REACH = {
    "opening": (0.055, 0.060), "rounding": (0.130, 0.085), "spreading": (0.080, 0.075), "tongue": (0.045, 0.045),
    "lips": (0.045, 0.045),
}  # fmt: skip
"""Seconds that a gesture reaches ahead of and behind its core; rounding is anticipated furthest."""

STRENGTH: dict[str, dict[str, float]] = {
    "rounding": {"PP": 0.12, "FF": 0.2, "TH": 0.2, "DD": 0.12, "KK": 0.08, "SS": 0.2, "NN": 0.12, "AX": 0.2},
    "spreading": {"PP": 0.3, "FF": 0.4, "DD": 0.4, "KK": 0.15, "NN": 0.3, "AX": 0.3, "RR": 0.8},
    "opening": {"KK": 0.45, "DD": 0.75, "NN": 0.7, "AX": 0.7, "TH": 0.9, "PP": 1.2, "FF": 1.2, "SS": 1.2},
    "tongue": {"PP": 0.4, "FF": 0.6},
    "lips": {},
}
"""Strength α of a viseme in a group where it is not 1: a k has no say in rounding, so it takes its neighbours'."""

CORE = 0.5
"""Share of a phone, around its centre, in which its own dominance is whole."""
LEAD = 0.015
"""Seconds by which lips run ahead of the sound."""
REST = 0.02
"""Weight of the resting face in each blend: what is left where nothing is said."""
FIRST_PART = 0.55
"""Share of a diphthong that its first vowel has."""
HIGHEST = 1.2
"""Largest coefficient that style and loudness may reach."""
NEIGHBOURS = 8
"""Gestures on each side of a moment that can have a say in it."""
LETTERS = frozenset({"Ll", "Lo", "Lu"})
"""Unicode categories of IPA's symbols proper; stress, length, tones and diacritics are of others."""


@dataclass(frozen=True)
class SpeakingStyle:
    """How a person moves the mouth, apart from what is said."""

    amplitude: float = 1.0
    """Scales opening and spreading: below 1 mumbles, above 1 declaims."""
    rounding: float = 1.0
    """Scales rounding."""
    asymmetry: float = 0.0
    """How far an open mouth is pulled towards the subject's left (positive) or right, about −0.4 to 0.4."""
    closure: float = 1.0
    """Scales how hard the lips are pressed when they close; they close in any case."""


NEUTRAL_STYLE = SpeakingStyle()
Gesture = tuple[str, float, float]
"""A viseme, or 'breath', with its start and end in seconds."""


def bare(ipa: str) -> str:
    """Take stress, length, tone and diacritics off a phone: 'ˈaːɪ' → 'aɪ'."""
    return "".join(c for c in unicodedata.normalize("NFD", ipa) if unicodedata.category(c) in LETTERS)


@lru_cache(maxsize=4096)
def gestures_of(ipa: str) -> tuple[str, ...]:
    """The visemes that a phone goes through: one for most, two for a diphthong.

    A symbol outside the International Phonetic Alphabet moves the mouth like a schwa.
    """
    phone = bare(ipa)
    if not phone:
        return ("sil",)
    if phone[:2] in GESTURES:
        return GESTURES[phone[:2]]
    shapes = [VISEME_OF_SYMBOL.get(symbol, "AX") for symbol in phone]
    return tuple(shape for shape, before in zip(shapes, [None, *shapes], strict=False) if shape != before)[:2]


def viseme_of(ipa: str) -> str:
    """The viseme of a phone in any language, that of its first part for a diphthong; '' and pauses give 'sil'."""
    return gestures_of(ipa)[0]


def viseme_labels(phones: Sequence[Interval], times: Float[np.ndarray, "times"]) -> Int[np.ndarray, "times"]:
    """Index into :data:`VISEMES` of what is being said at each moment; 0 in the gaps."""
    gestures = timed_gestures(phones)
    if not gestures:
        return np.zeros(len(times), np.int64)
    index = np.array([VISEME_INDEX[name] for name, _, _ in gestures])
    starts, ends = np.array([(start, end) for _, start, end in gestures]).T
    last = (np.searchsorted(starts, times, side="right") - 1).clip(0)
    return np.where((times >= starts[last]) & (times < ends[last]), index[last], 0)


def articulate(
    phones: Sequence[Interval],
    times: Float[np.ndarray, "times"],
    *,
    style: SpeakingStyle = NEUTRAL_STYLE,
    loudness: Float[np.ndarray, "times"] | None = None,
) -> Float[np.ndarray, "times modes"]:
    """Move the mouth: phones become a track of the expression basis.

    Every phone is a gesture with a target T and, in each group of modes, a dominance D that is α over the core of the
    phone and falls off as exp(−(τ/reach)²) outside it; the face is Σ D T / Σ D. Over it, p b m and f v close: for at
    least 60 ms the opening modes are exactly those of the closure, so that it shows in a frame wherever frames fall.

    Args:
        phones: IPA phones in the order of time, in seconds; gaps are silence.
        times: the moments to sample, in seconds: the middles of frames, hops, or anything.
        style: how the person moves the mouth.
        loudness: scales the opening at each moment; 1 is usual.

    Returns:
        Coefficients of the expression basis, 0 to about 1, the modes in the order of ``EXPRESSIONS``.

    Source: Cohen & Massaro 1993, "Modeling coarticulation in synthetic visual speech" (ours: a flat core, squared
    fall-off, dominance a group of modes rather than a parameter, and the hard closures).
    Notebook: 01, "What an actor does".
    """
    gestures = _gestures(phones)
    if not gestures:
        return np.zeros((len(times), len(EXPRESSIONS)), np.float32)
    face = _styled(_blend(gestures, times), style, loudness)
    soft_rounding = face[:, _modes("rounding")].copy()
    for viseme in ("FF", "PP"):  # where both close, the lips meet
        closed = style.closure * _TARGET_ROWS[[_ROWS[viseme]] * len(times)]
        closed[:, _modes("rounding")] = ROUNDING_KEPT[viseme] * soft_rounding
        face += closure_hold(gestures, viseme, times)[:, None] * (closed - face)
    return face


def closure_hold(
    gestures: Sequence[Gesture], viseme: str, times: Float[np.ndarray, "times"]
) -> Float[np.ndarray, "times"]:
    """How far the lips have met for a viseme at each moment: 1 for at least 60 ms around its centre, 0 outside."""
    spans = np.array([(start, end) for name, start, end in gestures if name == viseme]).reshape(-1, 2)
    if len(spans) == 0:
        return np.zeros(len(times), np.float32)
    centres = spans.mean(1) - LEAD
    held = np.maximum(0.5 * (spans[:, 1] - spans[:, 0]) - LEAD, 0.5 * CLOSED_FOR)
    right = np.searchsorted(centres, times)
    hold = np.zeros(len(times))
    for nearest in (right - 1, right):
        nearest = nearest.clip(0, len(centres) - 1)
        outside = (np.abs(times - centres[nearest]) - held[nearest]) / CLOSING_TIME
        hold = np.maximum(hold, 0.5 + 0.5 * np.cos(np.pi * outside.clip(0, 1)))
    return hold.astype(np.float32)


# -- gestures ---------------------------------------------------------------------------------------------------------


def timed_gestures(phones: Sequence[Interval]) -> list[Gesture]:
    """(viseme, start, end) of every phone in the order of time; a diphthong gives two, a pause 'sil'."""
    gestures: list[Gesture] = []
    for phone in sorted(phones, key=lambda phone: phone.start):
        shapes = gestures_of(phone.label)
        middle = phone.start + FIRST_PART * (phone.end - phone.start)
        spans = ((phone.start, middle), (middle, phone.end)) if len(shapes) == 2 else ((phone.start, phone.end),)
        gestures.extend((shape, *span) for shape, span in zip(shapes, spans, strict=True))
    return gestures


def _gestures(phones: Sequence[Interval]) -> list[Gesture]:
    """The phones' gestures with rest in the gaps, and a breath where speech begins after a pause."""
    spoken = [gesture for gesture in timed_gestures(phones) if gesture[0] != "sil"]
    if not spoken:
        return []
    gestures: list[Gesture] = []
    end = spoken[0][1] - LONE_PAUSE
    for gesture in spoken:
        gestures.extend(_rest(end, gesture[1]))
        gestures.append(gesture)
        end = max(end, gesture[2])
    return [*gestures, ("sil", end, end + LONE_PAUSE)]


def _rest(start: float, end: float) -> list[Gesture]:
    """What fills a pause: closed lips, parted for a breath before speech goes on."""
    if end - start < SHORTEST_PAUSE:
        return []
    if end - start < BREATH_PAUSE:
        return [("sil", start, end)]
    drawn, spent = end - BREATH_LEAD[0], end - BREATH_LEAD[1]
    return [("sil", start, drawn), ("breath", drawn, spent)]


# -- blending ---------------------------------------------------------------------------------------------------------

_ROWS = {name: row for row, name in enumerate((*VISEMES, "breath"))}
_TARGET_ROWS = np.stack([expression(**TARGETS[name]) for name in VISEMES] + [expression(**BREATH)])


def _modes(group: str) -> list[int]:
    return [EXPRESSION_INDEX[name] for name in GROUPS[group]]


def _strengths(group: str) -> Float[np.ndarray, "shapes"]:
    return np.array([STRENGTH[group].get(name, 1.0) for name in _ROWS], np.float32)


def _blend(gestures: Sequence[Gesture], times: Float[np.ndarray, "times"]) -> Float[np.ndarray, "times modes"]:
    """The face Σ D T / Σ D at each moment, a group of modes at a time."""
    shape = np.array([_ROWS[name] for name, _, _ in gestures])
    spans = np.array([(start, end) for _, start, end in gestures])
    middle, half_core = spans.mean(1) - LEAD, 0.5 * CORE * (spans[:, 1] - spans[:, 0])
    face = np.zeros((len(times), len(EXPRESSIONS)), np.float32)
    total = np.full((len(times), len(GROUPS)), REST, np.float32)
    right = np.searchsorted(middle, times)
    for step in range(-NEIGHBOURS, NEIGHBOURS):
        near = right + step
        inside = (near >= 0) & (near < len(shape))
        near = near.clip(0, len(shape) - 1)
        outside = np.maximum(np.abs(times - middle[near]) - half_core[near], 0).astype(np.float32)
        for column, (group, (ahead, behind)) in enumerate(REACH.items()):
            reach = ahead if step >= 0 else behind
            dominance = inside * _strengths(group)[shape[near]] * np.exp(-((outside / reach) ** 2))
            total[:, column] += dominance
            face[:, _modes(group)] += dominance[:, None] * _TARGET_ROWS[shape[near]][:, _modes(group)]
    for column, group in enumerate(REACH):
        face[:, _modes(group)] /= total[:, column, None]
    return face


def _styled(
    face: Float[np.ndarray, "times modes"], style: SpeakingStyle, loudness: Float[np.ndarray, "times"] | None
) -> Float[np.ndarray, "times modes"]:
    """The same speech by another person: scaled, louder, pulled to one side."""
    styled = face.copy()
    styled[:, _modes("opening") + _modes("spreading")] *= style.amplitude
    styled[:, _modes("rounding")] *= style.rounding
    if loudness is not None:
        styled[:, _modes("opening")] *= loudness[:, None].astype(np.float32)
    np.clip(styled, 0, HIGHEST, out=styled)
    styled[:, EXPRESSION_INDEX["mouth_side"]] += style.asymmetry * styled[:, EXPRESSION_INDEX["jaw_open"]]
    return styled
