"""Cutting a recording into utterances at its pauses, so that memory and time grow no faster than the sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from thlab.audio.decoder import loudness, prepare
from thlab.timebase import HOP, hop_at, hops_to_samples, samples_to_seconds

LONGEST = 15.0
"""Seconds that a piece may last."""
SHORTEST = 6.0
"""Seconds that every piece but the last lasts at least."""
PAUSE = 0.2
"""Seconds over which loudness is averaged: a pause is longer than the closure of a stop."""
SILENT = 1e-4
"""Root mean square, of the loudest passages, below which a recording holds no voice (−80 dB)."""
TOO_SHORT = 0.05
"""Seconds below which nothing can be recognised."""


@dataclass(frozen=True)
class Utterance:
    """A piece of a recording."""

    start: float
    """Second at which it begins."""
    end: float
    """Second at which it ends."""
    pcm: bytes
    """As `prepare` makes it."""


def utterances(sound: Float[np.ndarray, "samples"]) -> list[Utterance]:
    """The pieces of a recording; none for silence."""
    level = loudness(sound)
    if level < SILENT or samples_to_seconds(len(sound)) < TOO_SHORT:
        return []
    return [
        Utterance(samples_to_seconds(first), samples_to_seconds(last), prepare(sound[first:last], level))
        for first, last in pieces(sound)
    ]


def pieces(sound: Float[np.ndarray, "samples"]) -> list[tuple[int, int]]:
    """First and last sample (exclusive) of consecutive pieces that cover the sound, cut where it is quietest."""
    power = _smooth_power(sound)
    cuts = [0]
    while len(power) - cuts[-1] > hop_at(LONGEST):
        window = power[cuts[-1] + hop_at(SHORTEST) : cuts[-1] + hop_at(LONGEST)]
        cuts.append(cuts[-1] + hop_at(SHORTEST) + int(window.argmin()))
    edges = [hops_to_samples(cut) for cut in cuts] + [len(sound)]
    return [(edges[i], edges[i + 1]) for i in range(len(cuts)) if edges[i] < edges[i + 1]]


def _smooth_power(sound: Float[np.ndarray, "samples"]) -> Float[np.ndarray, "hops"]:
    """Mean power around each hop."""
    hops = len(sound) // HOP
    power = (sound[: hops * HOP].reshape(hops, HOP).astype(np.float64) ** 2).mean(axis=1)
    width = hop_at(PAUSE)
    return np.convolve(power, np.ones(width) / width, "same")[:hops]
