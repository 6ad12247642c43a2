"""What the metrics of naturalness take, and what they refuse: tracks with a row a frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d

from thlab.timebase import FPS, frames_to_seconds

Track = Float[np.ndarray, "frames numbers"]
"""Pose, expression, or anything else with a row a frame, at 25 frames a second. Poses are yaw, pitch, roll in radians
and x, y, z in head units of 10 cm, in which both weigh alike: by a radian or by a unit the nose moves about as far."""
Tracks = Sequence[Float[np.ndarray, "_ _"]]
"""Such tracks of several clips, which may differ in length."""
BlinkTrack = Float[np.ndarray, "frames"]
"""How far the lids are closed, 0 to 1."""
BlinkTracks = Sequence[Float[np.ndarray, "_"]]
"""Such tracks of several clips."""
Change = Float[np.ndarray, "changes numbers"]
"""One row fewer than a track."""


def velocity(track: Track, *, smooth: float = 0.0) -> Change:
    """Change a second, one row fewer than the track.

    Args:
        track: anything with a row a frame.
        smooth: standard deviation of a Gaussian over time, in frames; takes out the shaking of a detector.
    """
    change = np.diff(np.asarray(track, float), axis=0) * FPS
    return gaussian_filter1d(change, smooth, axis=0) if smooth else change


def check_track(track: np.ndarray, what: str, *, frames: int) -> None:
    """Refuse what cannot be measured.

    Raises:
        ValueError: there are too few frames, or a number is not finite.
    """
    if len(track) < frames:
        raise ValueError(
            f"{what} can be judged from {frames_to_seconds(frames):.3g} s on ({frames} frames), but there are "
            f"{len(track)} frames; take a longer clip"
        )
    if not np.isfinite(track).all():
        bad = int((~np.isfinite(track)).reshape(len(track), -1).any(1).sum())
        raise ValueError(f"{what}: {bad} of {len(track)} frames hold NaN or infinity; fill the gaps, or cut them out")


def check_tracks(tracks: Sequence[np.ndarray], what: str, *, frames: int) -> None:
    """The same for several clips.

    Raises:
        ValueError: there is no clip, clips differ in the numbers a frame, or one cannot be measured.
    """
    if not len(tracks):
        raise ValueError(f"{what} needs at least one clip, but there is none; give a list of tracks")
    widths = {track.shape[1:] for track in tracks}
    if len(widths) > 1:
        raise ValueError(f"{what} needs clips with equally many numbers a frame, but they have {sorted(widths)}")
    for track in tracks:
        check_track(track, what, frames=frames)
