"""The fixed curves and matrices of sound features: windows, mel triangles, cosine transform, lifter."""

from __future__ import annotations

import math
from typing import Literal

import torch
from jaxtyping import Float, Float64
from torch import Tensor

Scale = Literal["slaney", "htk"]
"""Which curve is called mel: Slaney's (linear below 1 kHz, logarithmic above) or HTK's (one logarithm)."""
Norm = Literal["slaney", "none"]
"""Whether each triangle has unit area in hertz ("slaney") or unit height ("none")."""
Triangles = Literal["hertz", "mel"]
"""On which axis the sides of a triangle are straight: librosa and torchaudio take hertz, Kaldi mel."""
WindowShape = Literal["hann", "hamming", "blackman", "povey", "rectangular"]
"""Shape of the analysis window; "povey" is Kaldi's: a symmetric Hann window to the power 0.85."""

HTK_MELS, HTK_CORNER = 2595.0, 700.0
"""O'Shaughnessy's formula: 2595 log10(1 + f/700)."""
SLANEY_STEP = 200 / 3
"""Hertz a mel below the corner."""
SLANEY_CORNER = 1000.0
"""Hertz at which Slaney's scale turns logarithmic."""
SLANEY_RATIO = math.log(6.4) / 27
"""Natural logarithm of the frequency ratio of one mel above the corner."""


def hz_to_mel(hz: Float[Tensor, "*shape"], *, scale: Scale) -> Float[Tensor, "*shape"]:
    """Turn frequencies in hertz into mels.

    Source: Slaney 1998, Auditory Toolbox, ``mfcc.m``; Young et al., The HTK Book 3.4, section 5.4.
    Chapter 02.
    """
    if scale == "htk":
        return HTK_MELS * torch.log10(1 + hz / HTK_CORNER)
    above = SLANEY_CORNER / SLANEY_STEP + torch.log(hz.clamp(min=SLANEY_CORNER) / SLANEY_CORNER) / SLANEY_RATIO
    return torch.where(hz < SLANEY_CORNER, hz / SLANEY_STEP, above)


def mel_to_hz(mel: Float[Tensor, "*shape"], *, scale: Scale) -> Float[Tensor, "*shape"]:
    """Undo ``hz_to_mel``."""
    if scale == "htk":
        return HTK_CORNER * (10 ** (mel / HTK_MELS) - 1)
    corner = SLANEY_CORNER / SLANEY_STEP
    above = SLANEY_CORNER * torch.exp(SLANEY_RATIO * (mel.clamp(min=corner) - corner))
    return torch.where(mel < corner, mel * SLANEY_STEP, above)


def mel_edges(mels: int, *, low: float, high: float, scale: Scale) -> Float64[Tensor, "points"]:
    """The ``mels + 2`` frequencies in hertz, evenly spaced in mel, at which triangles begin, peak and end.

    Triangle ``m`` begins at edge ``m``, peaks at ``m + 1`` and ends at ``m + 2``.
    """
    ends = hz_to_mel(torch.tensor([low, high], dtype=torch.float64), scale=scale)
    return mel_to_hz(torch.linspace(float(ends[0]), float(ends[1]), mels + 2, dtype=torch.float64), scale=scale)


def mel_filters(
    mels: int,
    *,
    rate: int,
    fft: int,
    low: float,
    high: float,
    scale: Scale = "slaney",
    norm: Norm = "slaney",
    triangles: Triangles = "hertz",
) -> Float64[Tensor, "bins mels"]:
    """Overlapping triangles that gather the bins of a spectrum into mel bands: ``spectrum @ mel_filters(...)``.

    Args:
        mels: number of triangles.
        rate: samples a second.
        fft: points of the Fourier transform; the spectrum has ``fft // 2 + 1`` bins.
        low: where the first triangle begins, in hertz.
        high: where the last triangle ends, in hertz; at most half the rate.
        scale: the mel curve that spaces the triangles.
        norm: "slaney" gives each triangle the area 1 (hertz), "none" the height 1.
        triangles: the axis on which their sides are straight.

    Raises:
        ValueError: when the band is empty or reaches above half the rate.

    Source: Davis and Mermelstein 1980, section II; conventions of librosa, torchaudio and Kaldi.
    Chapter 02.
    """
    if not 0 <= low < high <= rate / 2:
        raise ValueError(f"expected 0 ≤ low < high ≤ {rate / 2:g} Hz, got low {low:g}, high {high:g}; lower the band")
    edges = mel_edges(mels, low=low, high=high, scale=scale)
    bins = torch.arange(fft // 2 + 1, dtype=torch.float64) * rate / fft
    weights = _straight_sides(*(hz if triangles == "hertz" else hz_to_mel(hz, scale=scale) for hz in (bins, edges)))
    if norm == "slaney":
        weights = weights * (2 / (edges[2:] - edges[:-2]))
    return weights


def _straight_sides(at: Float64[Tensor, "bins"], edges: Float64[Tensor, "points"]) -> Float64[Tensor, "bins mels"]:
    begin, peak, end = edges[:-2], edges[1:-1], edges[2:]
    rising = (at[:, None] - begin) / (peak - begin)
    falling = (end - at[:, None]) / (end - peak)
    return torch.minimum(rising, falling).clamp(min=0)


def window(shape: WindowShape, length: int, *, symmetric: bool = False) -> Float64[Tensor, "samples"]:
    """A window that fades a piece of sound in and out, between 0 and 1.

    Periodic unless ``symmetric``, as spectra want it; "povey" is always symmetric, as Kaldi has it.

    Raises:
        ValueError: for a length below 1.
    """
    if length < 1:
        raise ValueError(f"expected a window of at least one sample, got {length}")
    if shape == "rectangular":
        return torch.ones(length, dtype=torch.float64)
    if shape == "povey":
        return torch.hann_window(length, periodic=False, dtype=torch.float64) ** 0.85
    make = {"hann": torch.hann_window, "hamming": torch.hamming_window, "blackman": torch.blackman_window}[shape]
    return make(length, periodic=not symmetric, dtype=torch.float64)


def dct_matrix(mels: int, coefficients: int) -> Float64[Tensor, "mels coefficients"]:
    """The orthonormal cosine transform of type II, cut to its first columns: ``cepstrum = log_mel @ dct_matrix(...)``.

    Raises:
        ValueError: when more coefficients are asked for than there are bands.

    Source: Ahmed, Natarajan and Rao 1974. Chapter 02.
    """
    if not 1 <= coefficients <= mels:
        raise ValueError(f"expected 1 to {mels} coefficients from {mels} bands, got {coefficients}")
    band = torch.arange(mels, dtype=torch.float64)[:, None] + 0.5
    order = torch.arange(coefficients, dtype=torch.float64)
    basis = torch.cos(math.pi / mels * band * order) * math.sqrt(2 / mels)
    return torch.where(order == 0, basis / math.sqrt(2), basis)


def lifter(coefficients: int, strength: float, *, first: int = 0) -> Float64[Tensor, "coefficients"]:
    """Weights that bring high cepstral coefficients to the size of low ones: 1 + L/2 sin(π n / L).

    Args:
        coefficients: how many weights.
        strength: L; 0 weighs all alike.
        first: n of the first coefficient: 0 in Kaldi and HTK, 1 in librosa.

    Source: Juang, Rabiner and Wilpon 1987; The HTK Book 3.4, Eq. 5.12.
    """
    if strength == 0:
        return torch.ones(coefficients, dtype=torch.float64)
    n = torch.arange(first, first + coefficients, dtype=torch.float64)
    return 1 + strength / 2 * torch.sin(math.pi * n / strength)
