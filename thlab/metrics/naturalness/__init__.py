"""Does somebody move as people do? Numbers from tracks of pose, expression, blinks and sound; no picture is needed.

A metric of one clip takes its track; one that compares with real people takes lists of tracks on both sides.
"""

from thlab.metrics.naturalness.beats import beat_alignment, head_beats, sound_beats
from thlab.metrics.naturalness.blinks import blink_intervals, blink_moments, blink_rate, interval_distance, regularity
from thlab.metrics.naturalness.loops import LOOP_FRAMES, loop_score
from thlab.metrics.naturalness.patterns import STATES, Codebook, dynamics_gap, patterns_in_use
from thlab.metrics.naturalness.spectrum import (
    SPECTRUM_FRAMES,
    frequencies,
    motion_features,
    motion_frechet,
    motion_spectrum,
    spectrum_distance,
)  # fmt: skip

__all__ = [
    "LOOP_FRAMES", "SPECTRUM_FRAMES", "STATES", "Codebook", "beat_alignment", "blink_intervals", "blink_moments",
    "blink_rate", "dynamics_gap", "frequencies", "head_beats", "interval_distance", "loop_score", "motion_features",
    "motion_frechet", "motion_spectrum", "patterns_in_use", "regularity", "sound_beats", "spectrum_distance",
]  # fmt: skip
