"""How something is said: loudness and melody of a voice at the clock of the pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d, median_filter

from thlab.timebase import SAMPLE_RATE, frame_times, frames_to_seconds, nearest_sample

WINDOW = 1024
"""Samples in which a pitch is sought: two periods of the lowest."""
LOWEST_PITCH, HIGHEST_PITCH = 60.0, 420.0
"""Hertz."""
VOICED = 0.45
"""Height of the autocorrelation's peak, relative to lag 0, from which a frame counts as voiced."""
DYNAMIC_RANGE = 40.0
"""Decibels below the loudest frame at which the loudness is 0."""
EMPHASIS_SECONDS = 0.16
"""Standard deviation of the window over which emphasis is felt: about a syllable."""

MELODY_WEIGHT = 0.08
"""How much emphasis a semitone is worth, where the whole range of loudness is worth 1."""


@dataclass(frozen=True)
class Prosody:
    """Loudness and melody, a number a frame."""

    loudness: Float[np.ndarray, "frames"]
    """0 in silence to 1 at the loudest frame, on a scale of decibels."""
    semitones: Float[np.ndarray, "frames"]
    """Pitch above the speaker's median, in semitones; interpolated where nothing is voiced."""
    voiced: Float[np.ndarray, "frames"]
    """1 where a pitch was heard."""
    median_pitch: float
    """Hertz; 0 when nothing is voiced."""

    @property
    def emphasis(self) -> Float[np.ndarray, "frames"]:
        """What head and brows answer to: smoothed loudness and melody together, about mean 0 and spread 1."""
        width = EMPHASIS_SECONDS / frames_to_seconds(1)
        heard = self.loudness + MELODY_WEIGHT * self.semitones * gaussian_filter1d(self.voiced, width)
        slow = gaussian_filter1d(heard, width)
        return np.clip((slow - slow.mean()) / max(float(slow.std()), 0.05), -1.5, 2.5)


def prosody(audio: Float[np.ndarray, "samples"], frames: int) -> Prosody:
    """Hear loudness and pitch around the middle of each frame.

    Pitch is the lag of the highest peak of the normalised autocorrelation (Boersma 1993, without his path finder; a
    median filter takes out the octave jumps).
    """
    windows = _windows(audio, frames)
    loudness = _loudness(windows)
    pitch, strength = _autocorrelation_pitch(windows)
    voiced = (strength > VOICED) & (loudness > 0.3)
    if not voiced.any():
        return Prosody(loudness, np.zeros(frames), np.zeros(frames), 0.0)
    median = float(np.median(pitch[voiced]))
    index = np.arange(frames)
    semitones = np.interp(index, index[voiced], 12 * np.log2(pitch[voiced] / median))
    smooth = gaussian_filter1d(median_filter(semitones, 3), 1.0)
    return Prosody(loudness, smooth.clip(-8, 8), voiced.astype(float), median)


def _windows(audio: Float[np.ndarray, "samples"], frames: int) -> Float[np.ndarray, "frames window"]:
    """The sound around the middle of each frame, silence beyond the ends."""
    padded = np.pad(audio.astype(np.float64), (WINDOW, 2 * WINDOW))
    starts = np.array([nearest_sample(time) for time in frame_times(frames)], int) + WINDOW // 2
    return padded[np.minimum(starts, len(padded) - WINDOW)[:, None] + np.arange(WINDOW)]


def _loudness(windows: Float[np.ndarray, "frames window"]) -> Float[np.ndarray, "frames"]:
    decibels = 10 * np.log10((windows**2).mean(1) + 1e-10)
    return np.clip((decibels - decibels.max(initial=-60.0) + DYNAMIC_RANGE) / DYNAMIC_RANGE, 0, 1)


def _autocorrelation_pitch(
    windows: Float[np.ndarray, "frames window"],
) -> tuple[Float[np.ndarray, "frames"], Float[np.ndarray, "frames"]]:
    """Frequency and height of the best peak of each window's autocorrelation, corrected for the taper."""
    taper = np.hanning(WINDOW)
    tapered = (windows - windows.mean(1, keepdims=True)) * taper
    shape = np.fft.irfft(np.abs(np.fft.rfft(taper, 2 * WINDOW)) ** 2)
    power = np.fft.irfft(np.abs(np.fft.rfft(tapered, 2 * WINDOW)) ** 2)
    shortest, longest = int(SAMPLE_RATE / HIGHEST_PITCH), int(SAMPLE_RATE / LOWEST_PITCH)
    lags = np.arange(shortest, longest)
    relative = power[:, lags] / (power[:, :1] + 1e-9) * (shape[0] / shape[lags])
    best = np.argmax(relative - 0.02 * np.log2(lags / shortest), 1)  # of equal peaks the shortest lag, against octaves
    return SAMPLE_RATE / lags[best], relative[np.arange(len(relative)), best]
