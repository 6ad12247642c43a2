"""Whose voice is it? Of several faces the one whose lips go with the sound; or nobody in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from thlab.corpus.cleaning.geometry import FaceTrack, Lips
from thlab.corpus.cleaning.sync import MOST, Sync, lips_heard, measure_sync

LEEWAY = 5
"""Frames by which sound may be late or early and still belong to a face (200 ms)."""
SPEAKS = 2.5
"""Least score of a face that speaks, in standard errors of a correlation."""


@dataclass(frozen=True)
class Speaker:
    """The answer, with what speaks for each face."""

    index: int | None
    """Which of the tracks; None: nobody who is seen."""
    scores: tuple[float, ...]
    """Of each track, how far its lips agree with the sound, in standard errors; 0 where it cannot be said."""


def who_speaks(
    audio: Float[Tensor, "samples"],
    tracks: Sequence[FaceTrack],
    *,
    threshold: float = SPEAKS,
    heard: Lips | None = None,
) -> Speaker:
    """Find the face that a voice belongs to.

    Args:
        audio: mono sound at 16 kHz that begins with the first frame.
        tracks: faces, all as long as the clip.
        threshold: least score of a speaker; below it the voice comes from off the screen.
        heard: what ``lips_heard`` said of this sound, where it was asked before.

    Source: ours; that synchrony tells who speaks is Chung & Zisserman 2016b's ("active speaker detection").
    Chapter 01.
    """
    if not tracks:
        return Speaker(None, ())
    heard = lips_heard(audio, len(tracks[0])) if heard is None else heard
    scores = tuple(agreement(measure_sync(audio, track, heard=heard)) for track in tracks)
    best = max(range(len(scores)), key=scores.__getitem__)
    return Speaker(best if scores[best] >= threshold else None, scores)


def agreement(sync: Sync | None) -> float:
    """The best correlation within the leeway, in standard errors; 0 where nothing could be measured."""
    if sync is None:
        return 0.0
    near = sync.curve[MOST - LEEWAY : MOST + LEEWAY + 1]
    return float(near.max()) / sync.error
