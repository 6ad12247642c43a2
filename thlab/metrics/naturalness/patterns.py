"""How many different expressions does a face use? The effective number of states in a codebook of real ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.cluster.vq import kmeans2, vq

from thlab.metrics.naturalness.tracks import Track, Tracks, check_track, check_tracks

STATES = 32
"""Expressions in a codebook."""
ROUNDS = 30
"""Of Lloyd's algorithm."""


@dataclass(frozen=True, eq=False)
class Codebook:
    """Typical expressions of real people, to the nearest of which every frame is assigned."""

    states: Float[np.ndarray, "states numbers"]

    @classmethod
    def fit(cls, real: Tracks, *, states: int = STATES, seed: int = 0) -> Codebook:
        """Learn the states from real clips: k-means, begun as k-means++.

        Coefficients are taken as they are, so that those which move more weigh more.

        Raises:
            ValueError: there is no clip, fewer different frames than states, NaN or infinity.
        """
        check_tracks(real, "a codebook of expressions", frames=1)
        frames = np.concatenate([np.asarray(track, float) for track in real])
        check_track(frames, "a codebook of expressions", frames=states)
        different = len(np.unique(frames, axis=0))
        if different < states:
            raise ValueError(
                f"a codebook of {states} expressions needs as many different ones, but the clips hold {different}; "
                "give livelier clips, or ask for fewer states"
            )
        centres, _ = kmeans2(frames, states, iter=ROUNDS, minit="++", seed=np.random.default_rng(seed))
        return cls(centres)

    def assign(self, expression: Track) -> Int[np.ndarray, "frames"]:
        """The number of the nearest state in each frame.

        Raises:
            ValueError: no frame, NaN, infinity, or other coefficients than the codebook's.
        """
        check_track(expression, "an expression", frames=1)
        if expression.shape[1] != self.states.shape[1]:
            raise ValueError(
                f"this codebook knows {self.states.shape[1]} coefficients, but the track has {expression.shape[1]}; "
                "fit it on the same ones"
            )
        return np.asarray(vq(np.asarray(expression, float), self.states)[0], np.int64)


def patterns_in_use(expression: Track, codebook: Codebook, *, correct: bool = False) -> float:
    """The number of expressions in use: exp H, with H the entropy of the shares of time spent in each state.

    1 for a face that never changes, 4 for four canned faces in equal parts, at most the number of states; more is
    better up to what real people score: nine of ten performers of the corpus between 17 and 22 of 32 states at 30 s.

    A short clip cannot show everything, so the number grows with its length (medians of 15 at 5 s, 18 at 10 s, 20 at
    30 s): compare clips of equal length, or correct.

    Args:
        expression: coefficients of the codebook's kind.
        codebook: what counts as one expression.
        correct: add (m − 1) / 2n to the entropy, with m the states that occur and n the visits to them; frames are no
            independent draws, visits almost. Of clips of 3 s it makes up for most of what they lack.

    Raises:
        ValueError: no frame, NaN, infinity, or other coefficients than the codebook's.

    Source of the correction: Miller 1955. Chapter 16.
    """
    state = codebook.assign(expression)
    counts = np.bincount(state)
    share = counts[counts > 0] / len(state)
    visits = 1 + int((np.diff(state) != 0).sum())
    bias = (len(share) - 1) / (2 * visits) if correct else 0.0
    return float(np.exp(-(share * np.log(share)).sum() + bias))


def dynamics_gap(generated: Tracks, real: Tracks) -> float:
    """How much less a face moves than a real one: standard deviations over time, real less generated. Near 0 is good.

    The mean over coefficients, then the difference of the means over clips; above 0 the generated face is stiller,
    below 0 livelier. Taken over the upper face it is the upper-face dynamics deviation (FDD) on coefficients instead
    of vertices.

    Raises:
        ValueError: no clip, no frame, NaN or infinity.

    Source: after the FDD of Xing et al. 2023. Chapter 16.
    """
    spread = []
    for tracks in (generated, real):
        check_tracks(tracks, "how lively a face is", frames=1)
        spread.append(np.mean([np.asarray(track, float).std(0).mean() for track in tracks]))
    return float(spread[1] - spread[0])
