"""Does the sound fit the lips, and how late is it? Lips that are seen against lips that the sound asks for.

No network that was trained on pictures: the phones that are recognised move a mouth by the rules of
``thlab.face.visemes``, and that mouth is shifted along the one in the pictures until the two agree best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import gaussian_filter1d
from torch import Tensor
from torch.nn import functional

from thlab.audio.features import log_mel
from thlab.audio.recognition import recognise_phones, recognise_words
from thlab.corpus.cleaning.geometry import FaceTrack, Lips, lips_seen
from thlab.face.head import mouth_shape_of
from thlab.face.visemes import articulate
from thlab.timebase import HOPS_PER_FRAME, Interval, frame_times, frames_to_samples, frames_to_seconds

MOST = 15
"""Frames to each side that are tried."""
FASTER, SLOWER = 0.7, 12.0
"""Frames: what changes faster is noise of the landmarks, what changes more slowly is posture, distance and smiles."""
ENERGY_WEIGHT = 0.7
"""Of the loudness beside the phones of each recogniser, which weigh 1."""
WIDTH_WEIGHT = 0.6
"""Of the width of the mouth beside its gap."""
SPEECH_BANDS = slice(8, 60)
"""Columns of the log-mel spectrum in which vowels are louder than hum and hiss."""
PEAK_WIDTH = 4
"""Frames beside the best shift that belong to its peak."""
LEAST = 25
"""Frames with a face that a measurement needs: one second."""
STILL = 1e-6
"""Spread of a track that counts as none."""


@dataclass(frozen=True, eq=False)
class Sync:
    """How sound and lips go together."""

    offset_ms: float
    """How much later the sound comes than the lips it belongs to; negative: earlier. Move the sound earlier by it."""
    correlation: float
    """Of the lips seen and the lips asked for, at that offset: −1 to 1."""
    confidence: float
    """How far that correlation stands out: above the best of the other shifts, in standard errors of a correlation."""
    error: float
    """Standard error of the correlation of lips and sound that have nothing to do with each other."""
    curve: Float[np.ndarray, "shifts"]
    """The correlation at every shift of the sound, from −``MOST`` to ``MOST`` frames."""


def measure_sync(audio: Float[Tensor, "samples"], track: FaceTrack, *, heard: Lips | None = None) -> Sync | None:
    """Find the offset between sound and lips.

    Args:
        audio: mono sound at 16 kHz that begins with the first frame.
        track: the face.
        heard: what :func:`lips_heard` said of this sound, where it was asked before.

    Returns:
        None where it cannot be said: less than a second of face, or lips or sound that do not move.

    Source: ours. That one offset fits the whole clip, and that its peak must stand out, is of Chung & Zisserman 2016b,
    "Out of time: automated lip sync in the wild", who learn the two tracks instead.
    Chapter 01.
    """
    heard = lips_heard(audio, len(track)) if heard is None else heard
    seen = lips_seen(filled(track))
    if track.found.sum() < LEAST or min(heard.gap.std(), seen.gap.std()) < STILL:
        return None
    gaps, widths = (_moving(heard.gap), _moving(seen.gap)), (_moving(heard.width), _moving(seen.width))
    curve = correlations(*gaps, track.found) + WIDTH_WEIGHT * correlations(*widths, track.found)
    return _read(curve / (1 + WIDTH_WEIGHT), error=standard_error(*gaps, int(track.found.sum())))


def lips_heard(audio: Float[Tensor, "samples"], frames: int) -> Lips:
    """How the lips should move by the sound, in units of their own spread.

    The phones come from both recognisers, which err differently; loudness helps where both fail.

    Args:
        audio: mono sound at 16 kHz that begins with the first frame.
        frames: how many frames.
    """
    mouths = [_mouth(phones, frames) for phones in (recognise_phones(audio), recognise_words(audio).phones)]
    loud = loudness(audio, frames)
    gap = sum((_spread(mouth.gap) for mouth in mouths), ENERGY_WEIGHT * _spread(loud))
    return Lips(gap, sum((_spread(mouth.width) for mouth in mouths), np.zeros(frames)))


def loudness(audio: Float[Tensor, "samples"], frames: int) -> Float[np.ndarray, "frames"]:
    """The mean log energy of the bands of speech in each frame."""
    if frames == 0:
        return np.zeros(0)
    wanted = frames_to_samples(frames)
    whole = functional.pad(audio[:wanted], (0, max(0, wanted - len(audio))))
    bands = log_mel(whole)[: frames * HOPS_PER_FRAME, SPEECH_BANDS].mean(1)
    return bands.reshape(frames, HOPS_PER_FRAME).mean(1).double().numpy()


def correlations(
    asked: Float[np.ndarray, "frames"], shown: Float[np.ndarray, "frames"], found: Bool[np.ndarray, "frames"]
) -> Float[np.ndarray, "shifts"]:
    """The correlation of two tracks over the frames that count, the first taken −``MOST`` to ``MOST`` frames later."""
    curve = np.zeros(2 * MOST + 1)
    for place, shift in enumerate(range(-MOST, MOST + 1)):
        count = len(shown) - abs(shift)
        late, here = slice(max(0, shift), max(0, shift) + count), slice(max(0, -shift), max(0, -shift) + count)
        a, b = asked[late][found[here]], shown[here][found[here]]
        if len(a) >= LEAST // 2 and min(a.std(), b.std()) > STILL:
            curve[place] = np.corrcoef(a, b)[0, 1]
    return curve


def standard_error(asked: Float[np.ndarray, "frames"], shown: Float[np.ndarray, "frames"], frames: int) -> float:
    """The standard error of the correlation of two tracks that have nothing to do with each other.

    Neighbouring frames repeat each other, so they count for fewer: Var r = Σ_k ρ_a(k) ρ_b(k) / n.

    Source: Bartlett 1946, "On the theoretical specification and sampling properties of autocorrelated time-series".
    """
    repeats = _autocorrelation(asked) * _autocorrelation(shown)
    return float(np.sqrt(max(repeats[0], 2 * repeats.sum() - repeats[0]) / frames))


def filled(track: FaceTrack) -> Float[np.ndarray, "frames 68 2"]:
    """The landmarks, with those of lost frames interpolated between their neighbours."""
    if track.found.all() or not track.found.any():
        return track.landmarks
    index = np.arange(len(track))
    flat = track.landmarks.reshape(len(track), -1)
    columns = [np.interp(index, index[track.found], column[track.found]) for column in flat.T]
    return np.stack(columns, 1).reshape(track.landmarks.shape)


def _mouth(phones: tuple[Interval, ...], frames: int) -> Lips:
    shape = mouth_shape_of(articulate(phones, frame_times(frames)))
    return Lips(np.asarray(shape.gap, np.float64), np.asarray(shape.width, np.float64))


def _spread(track: Float[np.ndarray, "frames"]) -> Float[np.ndarray, "frames"]:
    """In standard deviations from the mean; zeros for a track that does not move."""
    centred = track - track.mean() if len(track) else track
    return centred / track.std() if len(track) and track.std() > STILL else np.zeros(len(track))


def _moving(track: Float[np.ndarray, "frames"]) -> Float[np.ndarray, "frames"]:
    """What is neither noise nor drift."""
    smooth = gaussian_filter1d(track.astype(np.float64), FASTER)
    return smooth - gaussian_filter1d(smooth, SLOWER)


def _autocorrelation(track: Float[np.ndarray, "frames"]) -> Float[np.ndarray, "lags"]:
    """Of lags 0 to ``MOST``, or as many as there are."""
    centred = track - track.mean()
    lags = range(min(MOST + 1, len(track)))
    energy = max(float((centred**2).sum()), STILL**2)
    return np.array([(centred[lag:] * centred[: len(centred) - lag]).sum() / energy for lag in lags])


def _read(curve: Float[np.ndarray, "shifts"], *, error: float) -> Sync:
    """Offset, height and clearness of the highest peak."""
    best = int(curve.argmax())
    others = np.abs(np.arange(len(curve)) - best) > PEAK_WIDTH
    clear = (curve[best] - curve[others].max()) / max(error, STILL)
    frames = best - MOST + _between(curve, best)
    return Sync(1000 * frames * frames_to_seconds(1), float(curve[best]), float(clear), max(error, STILL), curve)


def _between(curve: Float[np.ndarray, "shifts"], best: int) -> float:
    """Where the top of the parabola through a peak and its neighbours lies, −½ to ½; 0 at the ends."""
    if not 0 < best < len(curve) - 1:
        return 0.0
    left, top, right = curve[best - 1 : best + 2]
    bend = left - 2 * top + right
    return float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0 else 0.0
