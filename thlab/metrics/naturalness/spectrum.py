"""Does a head move at the pace, and by the amounts, at which people move? Spectra and windows of motion."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import dct
from scipy.signal import welch
from torch import Tensor

from thlab.metrics.frechet import Moments, frechet_distance
from thlab.metrics.naturalness.tracks import Tracks, check_tracks, velocity
from thlab.timebase import FPS

SEGMENT = 64
"""Frames of one of Welch's segments (2.56 s): frequencies are 0.39 Hz apart."""
SPECTRUM_FRAMES = SEGMENT + 1
"""The shortest clip: one segment, and the frame before."""
INVISIBLE = 1e-5
"""Power, (rad/s)²/Hz, that is added to every spectrum: at 5 Hz a swing of a hundredth of a degree."""
WINDOW = 32
"""Frames of a window of motion (1.28 s)."""
STEP = 4
"""Frames from one window to the next."""
SLOW = 8
"""Coefficients of the cosine transform that are kept of every axis, up to 2.7 Hz; the rest is one number."""


def motion_spectrum(tracks: Tracks) -> Float[np.ndarray, "frequencies numbers"]:
    """Power of the velocity at each frequency, mean over clips, (rad/s)²/Hz, from 0.39 Hz to 12.5 Hz.

    By Welch's method: Hann windows of 64 frames that overlap by half.

    Raises:
        ValueError: no clip, fewer than 65 frames, NaN or infinity.

    Source: Welch 1967. Chapter 16.
    """
    check_tracks(tracks, "a spectrum of motion", frames=SPECTRUM_FRAMES)
    power = [welch(velocity(track), FPS, nperseg=SEGMENT, axis=0)[1] for track in tracks]
    return np.mean(power, 0)[1:]


def frequencies() -> Float[np.ndarray, "frequencies"]:
    """Hertz of the rows of :func:`motion_spectrum`."""
    return np.fft.rfftfreq(SEGMENT, 1 / FPS)[1:]


def spectrum_distance(generated: Tracks, real: Tracks) -> float:
    """Root mean square difference of two motion spectra in dB, over frequencies and axes. Lower is better.

    3 dB is a factor of 2 in power everywhere. Jitter lifts the fast end, smoothing lowers it, a timid head lowers
    everything, a frozen one to the invisible 1e-5 (rad/s)²/Hz that are added to both. A take and four others of the
    same speech by the same performer are 1.3 dB apart at 30 s and 2.7 dB at 10 s (medians): the noise of the
    estimate.

    Raises:
        ValueError: no clip, fewer than 65 frames, other numbers a frame, NaN or infinity.

    Chapter 16.
    """
    check_tracks([*generated, *real], "a comparison of spectra", frames=1)
    decibels = [10 * np.log10(motion_spectrum(tracks) + INVISIBLE) for tracks in (generated, real)]
    return float(np.sqrt(np.mean((decibels[0] - decibels[1]) ** 2)))


def motion_features(tracks: Tracks) -> Float[Tensor, "windows features"]:
    """What a Fréchet distance on motion compares: windows of 1.28 s, every 0.16 s, in 9 numbers an axis.

    The first 8 coefficients of the cosine transform of the velocity, and the root of what the others hold.

    Raises:
        ValueError: no clip, fewer than 33 frames, NaN or infinity.
    """
    check_tracks(tracks, "a window of motion", frames=WINDOW + 1)
    rows = []
    for track in tracks:
        windows = sliding_window_view(velocity(track), WINDOW, axis=0)[::STEP]  # windows numbers frames
        waves = dct(windows, norm="ortho", axis=2)
        fast = np.linalg.norm(waves[..., SLOW:], axis=2, keepdims=True)
        rows.append(np.concatenate([waves[..., :SLOW], fast], 2).reshape(len(windows), -1))
    return torch.from_numpy(np.concatenate(rows))


def motion_frechet(generated: Tracks, real: Tracks) -> float:
    """Fréchet distance between windows of generated and of real motion, (rad/s)². Lower is better.

    It sees means and covariances of :func:`motion_features` only, and is biased upwards when there are few windows:
    use as many clips as there are, and as many on both sides.

    Raises:
        ValueError: no clip, too short, other numbers a frame, NaN or infinity.

    Source: Heusel et al. 2017, Eq. 6, on features of ours. Chapters 14 and 16.
    """
    check_tracks([*generated, *real], "a comparison of motion", frames=WINDOW + 1)
    return frechet_distance(*(Moments.of(motion_features(tracks)) for tracks in (generated, real)))
