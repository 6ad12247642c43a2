"""How naturally does the person in a clip move? One row of numbers, from its truth or from what its pictures show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from jaxtyping import Float

from thlab.corpus.cache import read_archive
from thlab.corpus.samples import sample_names
from thlab.experiments.checkpoints import ROOT
from thlab.experiments.takes import Take, has_tracks, take_of
from thlab.face.action_units import EXPRESSION_INDEX
from thlab.media import Clip
from thlab.metrics.naturalness import (
    LOOP_FRAMES,
    SPECTRUM_FRAMES,
    STATES,
    Codebook,
    beat_alignment,
    blink_rate,
    dynamics_gap,
    head_beats,
    interval_distance,
    loop_score,
    motion_frechet,
    patterns_in_use,
    regularity,
    sound_beats,
    spectrum_distance,
)  # fmt: skip
from thlab.metrics.naturalness.tracks import Tracks

UPPER = (
    "nose_wrinkle", "brow_inner", "brow_outer_L", "brow_outer_R", "brow_lower", "eye_wide", "squint", "cheek_raise",
)  # fmt: skip
"""Modes of the upper face, without the lids, which blinks own."""
UPPER_COLUMNS = [EXPRESSION_INDEX[name] for name in UPPER]
BEAT_FRAMES = 9
"""Of the shortest clip that has beats."""
BOOK_FRAMES = 10 * STATES
"""Frames from which real clips teach a codebook."""
SAMPLES = ROOT / "data_samples"


@dataclass(frozen=True, eq=False)
class Codebooks:
    """What counts as one expression: of the whole face, and of its upper part."""

    face: Codebook
    upper: Codebook

    @classmethod
    def of(cls, expressions: Tracks) -> Codebooks:
        """Learned from tracks of all modes.

        Raises:
            ValueError: there are too few frames, or they show too few expressions.
        """
        return cls(Codebook.fit(expressions), Codebook.fit([track[:, UPPER_COLUMNS] for track in expressions]))


@dataclass(frozen=True)
class Naturalness:
    """What is measured of one clip; None where the clip is too short, has no sound, or there is nothing to compare."""

    loop: float | None
    """Share of the head's motion that is a copy of another moment; less. From 4 s on."""
    patterns: float | None
    """Expressions in use, of 32; more, up to what real people score in a clip as long."""
    upper_patterns: float | None
    """The same of brows, nose and cheeks."""
    blinks_a_minute: float | None
    """Near that of real people."""
    blink_regularity: float | None
    """Standard deviation of the intervals between blinks over their mean: 0 is a clock; more."""
    beats: float | None
    """How well nods fall on stressed syllables; more. Chance is 0.4 in the corpus."""
    intervals: float | None
    """Wasserstein-1 distance of the intervals between blinks from the real ones, seconds; less."""
    spectrum: float | None
    """Distance of the spectra of motion from the real one, dB; less."""
    frechet: float | None
    """Fréchet distance on windows of motion; less."""
    upper_face: float | None
    """How much less brows, nose and cheeks move than the real ones; near 0."""


@dataclass(frozen=True)
class Metric:
    """One column of :class:`Naturalness`."""

    reads: tuple[str, ...]
    """Tracks of a take that decide it."""
    value: Callable[[Take, Sequence[Take], Codebooks], float | None]
    """From a take, other takes that are real, and what counts as one expression."""
    worse: Callable[[float, float], float]
    """From the value and that of the real takes: larger is worse."""


def _more(value: float, real: float) -> float:
    return -value


def _less(value: float, real: float) -> float:
    return value


def _near(value: float, real: float) -> float:
    return abs(value - real)


METRICS: dict[str, Metric] = {
    "loop": Metric(("pose",), lambda take, real, books: loop_of(take), _less),
    "patterns": Metric(("expression",), lambda take, real, books: patterns_in_use(take.expression, books.face), _more),
    "upper_patterns": Metric(
        ("expression",), lambda take, real, books: patterns_in_use(upper(take), books.upper), _more
    ),
    "blinks_a_minute": Metric(("blink",), lambda take, real, books: blink_rate(take.blink), _near),
    "blink_regularity": Metric(("blink",), lambda take, real, books: regularity(take.blink), _more),
    "beats": Metric(("pose", "audio"), lambda take, real, books: beats_of(take), _more),
    "intervals": Metric(("blink",), lambda take, real, books: intervals_of(take, real), _less),
    "spectrum": Metric(("pose",), lambda take, real, books: _poses_compared(spectrum_distance, take, real), _less),
    "frechet": Metric(("pose",), lambda take, real, books: _poses_compared(motion_frechet, take, real), _less),
    "upper_face": Metric(("expression",), lambda take, real, books: upper_face_of(take, real), _near),
}
"""How each number is made, in the order of :class:`Naturalness`."""


def naturalness_of(
    clip: Clip, real: Clip | Sequence[Clip] | None = None, *, books: Codebooks | None = None
) -> Naturalness:
    """Measure how naturally somebody moves.

    A clip with pose, expression and blinks in its truth is measured by them. Any other is measured by what MediaPipe's
    mesh sees in its pictures, and so are then the real clips, for estimates are only to be compared with estimates.

    Args:
        clip: of 20 s or more, if it may be had; :class:`Naturalness` says what shorter ones lack.
        real: clips of the same person, each about as long; None leaves out what compares.
        books: what counts as one expression; by default what the real clips show, if they last 13 s together, or else
            the samples in ``data_samples``, whose expressions are those of rendered people with known coefficients.
            Numbers of expressions are only to be compared under the same books.

    Raises:
        ValueError: there are neither tracks nor pictures, no face is found, or the extra ``faces`` is not installed.

    Chapter 16.
    """
    references = [] if real is None else [real] if isinstance(real, Clip) else list(real)
    known = all(has_tracks(one) for one in (clip, *references))
    takes = [take_of(one if known else replace(one, truth=None)) for one in references]
    return measure(take_of(clip if known else replace(clip, truth=None)), takes, books or books_of(takes))


def measure(take: Take, real: Sequence[Take], books: Codebooks) -> Naturalness:
    """The same from tracks.

    Raises:
        ValueError: tracks hold NaN or infinity, or there is no frame.
    """
    return Naturalness(**{name: metric.value(take, real, books) for name, metric in METRICS.items()})


def loop_of(take: Take) -> float | None:
    """Share of motion that is a copy; None below 4 s."""
    return loop_score(take.pose) if len(take) >= LOOP_FRAMES else None


def beats_of(take: Take) -> float | None:
    """Alignment of nods with the voice; None without sound, or for fewer than 9 frames."""
    if take.audio is None or len(take) < BEAT_FRAMES:
        return None
    return beat_alignment(head_beats(take.pose), sound_beats(take.audio))


def intervals_of(take: Take, real: Sequence[Take]) -> float | None:
    """Distance of the intervals between blinks from the real ones; None without real ones."""
    return interval_distance([take.blink], [one.blink for one in real]) if real else None


def upper_face_of(take: Take, real: Sequence[Take]) -> float | None:
    """How much less the upper face moves than the real one; None without a real one."""
    return dynamics_gap([upper(take)], [upper(one) for one in real]) if real else None


def _poses_compared(distance: Callable[..., float], take: Take, real: Sequence[Take]) -> float | None:
    """Distance of the pose from the real ones; None where there is none, or a clip is too short for a spectrum."""
    if not real or min(len(one) for one in (take, *real)) < SPECTRUM_FRAMES:
        return None
    return distance([take.pose], [one.pose for one in real])


def upper(take: Take) -> Float[np.ndarray, "frames upper"]:
    """The modes of brows, nose and cheeks."""
    return take.expression[:, UPPER_COLUMNS]


def books_of(real: Sequence[Take]) -> Codebooks:
    """What counts as one expression: learned from real takes, or from the samples if there are too few frames."""
    if sum(len(take) for take in real) < BOOK_FRAMES:
        return sample_books()
    return Codebooks.of([take.expression for take in real])


@cache
def sample_books() -> Codebooks:
    """The expressions of the twelve samples, which show every emotion."""
    samples = [read_archive(SAMPLES / f"{name}.npz").truth for name in sample_names()]
    return Codebooks.of([truth.expression.numpy() for truth in samples if truth and truth.expression is not None])
