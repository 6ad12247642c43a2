"""Defects of pictures planted in clips of synthetic people, and what cleaning measures of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from thlab.corpus.cleaning import defects
from thlab.corpus.cleaning.cuts import CutFinder
from thlab.corpus.cleaning.geometry import inter_ocular, lip_opening
from thlab.corpus.cleaning.inspection import inspect_clip
from thlab.corpus.cleaning.people import follow_people
from thlab.media import Clip

SHORT = slice(20, 45)
"""Frames in which blur and light are judged."""
SIZES = (1.0, 0.7, 0.5, 0.35, 0.25, 0.18)
"""Factors by which faces are made smaller."""


@dataclass(frozen=True)
class Sample:
    """One measurement of a clip with a defect or without."""

    rule: str
    defect: str
    """What was planted; empty where nothing was."""
    person: int
    value: float


def pictures_of_person(person: int, clip: Clip, other: Clip, *, rng: np.random.Generator) -> Iterator[Sample]:
    """Blur, light, cuts and jumps, each with a strength drawn at random, beside the clip as it is."""
    part = clip[SHORT]
    eyes = float(np.median(inter_ocular(landmarks_of(clip))))
    percent, less, more = rng.uniform(3, 6), rng.uniform(2.3, 3.5), rng.uniform(1.3, 2.5)
    planted = {
        "": part,
        "blur of 3 to 6 %": defects.blurred(part, spread=float(eyes * percent / 100)),
        "2.3 to 3.5 stops less": defects.exposed(part, stops=-float(less)),
        "1.3 to 2.5 stops more": defects.exposed(part, stops=float(more)),
    }
    watched = {"blur": ("", "blur of 3 to 6 %"), "whites": ("", "2.3 to 3.5 stops less"),
               "bright": ("", "1.3 to 2.5 stops more")}  # fmt: skip
    for rule, names in watched.items():
        for name in names:
            yield Sample(rule, name, person, getattr(inspect_clip(replace(planted[name], audio=None)), rule))
    yield from _cuts(person, clip, other, at=int(rng.integers(20, 50)))
    yield from _jumps(person, part, shift=float(rng.uniform(0.2, 0.4)))


def _cuts(person: int, clip: Clip, other: Clip, *, at: int) -> Iterator[Sample]:
    """A cut to another person; and what must not count as one: nothing, a flash, a video three times as fast."""
    yield Sample("cuts", "cut to another person", person, largest_change(defects.cut_to(clip, other, at=at)))
    yield Sample("cuts", "", person, largest_change(clip))
    yield Sample("cuts", "", person, largest_change(defects.flashed(clip, at=at)))
    assert clip.frames is not None
    yield Sample("cuts", "", person, largest_change(Clip(clip.frames[::3])))


def _jumps(person: int, part: Clip, *, shift: float) -> Iterator[Sample]:
    """A jump cut; and what must not count as one: nothing, a video three times as fast."""
    assert part.frames is not None
    names = {"jump by 20 to 40 % of the picture": defects.jump_cut(part, at=12, shift=shift), "": part}
    for name, clip in [*names.items(), ("", Clip(part.frames[::3]))]:
        yield Sample("jump", name, person, inspect_clip(replace(clip, audio=None)).jump)


def largest_change(clip: Clip) -> float:
    """The largest lasting change of colours between neighbouring frames."""
    assert clip.frames is not None
    finder = CutFinder()
    for picture in clip.frames.numpy():
        finder.see(picture)
    return float(finder.changes().max())


def landmarks_of(clip: Clip) -> Float[np.ndarray, "frames 68 2"]:
    """The true landmarks of a synthetic clip."""
    assert clip.truth is not None
    assert clip.truth.landmarks is not None
    return clip.truth.landmarks.double().numpy()


def sizes(clips: Sequence[Clip]) -> dict[str, dict[str, float]]:
    """How well the lip gap is followed in faces of less and less pixels."""
    rows: dict[float, list[tuple[float, float, float]]] = {factor: [] for factor in SIZES}
    for clip in clips:
        true = lip_opening(landmarks_of(clip))
        for factor in SIZES:
            rows[factor].append(_followed(defects.smaller(clip, factor=factor), true))
    medians = {factor: np.nanmedian(np.array(values), axis=0) for factor, values in rows.items()}
    return {f"{size:.0f}": {"r": float(r), "presence": float(there)} for size, r, there in medians.values()}


def _followed(clip: Clip, true: Float[np.ndarray, "frames"]) -> tuple[float, float, float]:
    """Pixels between the eyes, correlation of the lip gap with the true one, share of frames with a face."""
    assert clip.frames is not None
    tracks = follow_people(list(clip.frames.numpy())).tracks
    if not tracks or tracks[0].found.sum() < 10:
        return math.nan, math.nan, 0.0
    track = tracks[0]
    eyes = float(np.median(inter_ocular(track.landmarks[track.found])))
    seen = lip_opening(track.landmarks)[track.found]
    return eyes, float(np.corrcoef(seen, true[track.found])[0, 1]), track.presence
