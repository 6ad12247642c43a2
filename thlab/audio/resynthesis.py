"""Features back to sound: what a feature has kept can be heard.

Each step undoes one of ``features``: cepstra → log-mel bands → a spectrum that has these bands → a sound that has this
spectrum. What the step had thrown away is filled in as smoothly, or as randomly, as possible.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.nn import functional

from thlab.audio.features import COURSE, Audio, LogMel, MelConfig, columns, lead, stft
from thlab.audio.filterbank import dct_matrix, lifter, mel_filters, window

Cepstra = Float[Tensor, "*batch hops coefficients"]
"""Mel-frequency cepstral coefficients, one row a hop."""
Energies = Float[Tensor, "*batch hops mels"]
"""What the mel bands gather, before the logarithm."""
Magnitudes = Float[Tensor, "*batch hops bins"]
"""Absolute values of the short-time Fourier transform, as ``stft`` gives them without gain and emphasis."""
Bins = Complex[Tensor, "*batch hops bins"]

_THIN = 1e-3
"""Divisors are no smaller: shares of the full overlap of windows, where sound at the ends is faded instead, and the
response of pre-emphasis."""


def log_mel_of_mfcc(cepstra: Cepstra, config: MelConfig = COURSE) -> LogMel:
    """The smoothest log-mel bands that have these cepstra: coefficients that were cut off are taken for zero.

    Where ``config.energy`` has put a loudness in the place of the first coefficient, the bands come with their shape
    and with mean 0; ``sound_of_mfcc`` gives them their level.

    Raises:
        ValueError: when there are more coefficients than bands, or the lifter has weighed one with zero.

    Chapter 02.
    """
    weights = lifter(cepstra.shape[-1], config.lifter, first=config.lifter_first)
    if bool((weights.abs() < 1e-6).any()):
        raise ValueError(f"a lifter of {config.lifter:g} has silenced a coefficient; keep fewer, or lifter=0")
    if config.energy:
        cepstra = torch.cat([torch.zeros_like(cepstra[..., :1]), cepstra[..., 1:]], -1)
    cosines = dct_matrix(config.mels, cepstra.shape[-1]) / weights
    return cepstra @ cosines.mT.to(cepstra)


def energies_of(features: LogMel, config: MelConfig = COURSE) -> Energies:
    """Undo the logarithm that ``config.compression`` names; what lay below the floor comes back as the floor."""
    return 10 ** (features / 10) if config.compression == "decibel" else features.exp()


def spectrum_of_mel(energies: Energies, config: MelConfig = COURSE, *, iterations: int = 100) -> Magnitudes:
    """A spectrum without negative values whose mel bands are these, smooth wherever the bands leave it open.

    There are fewer bands than bins, so many spectra would do. We begin with one that is straight from the middle of a
    band to the next, and correct it until its bands fit (multiplicative updates for the Kullback–Leibler divergence,
    which keep quiet bands as exact as loud ones). Bins that no band hears stay zero. Gain and emphasis are undone.

    Args:
        energies: what the bands gather.
        config: the settings that made them.
        iterations: corrections; 0 gives the straight lines.

    Source: Lee and Seung 2001, Theorem 2, with the filter bank held. Chapter 02.
    """
    filters = _filters(config).to(energies)
    reach = filters.sum(0).clamp(min=1e-12)
    heard = filters.sum(1).clamp(min=1e-12)
    bins = (energies / reach) @ filters.mT / heard
    for _ in range(iterations):
        ratio = energies / (bins @ filters).clamp(min=torch.finfo(bins.dtype).tiny)
        bins = bins * (ratio @ filters.mT / heard)
    magnitude = bins if config.power == 1 else bins.sqrt()
    return magnitude / _response(config).to(magnitude)


def _filters(config: MelConfig) -> Tensor:
    return mel_filters(
        config.mels, rate=config.rate, fft=config.fft, low=config.low, high=config.high,
        scale=config.scale, norm=config.norm, triangles=config.triangles,
    )  # fmt: skip


def _response(config: MelConfig) -> Float[Tensor, "bins"]:
    """By how much gain and pre-emphasis amplify each bin."""
    angle = torch.arange(config.fft // 2 + 1, dtype=torch.float64) * (2 * math.pi / config.fft)
    return config.gain * (1 - config.emphasis * torch.exp(-1j * angle)).abs().clamp(min=_THIN)


def samples_of(hops: int, config: MelConfig = COURSE) -> int:
    """The length of the sound that ``hops`` columns come from, where it is not known: as long as they cover."""
    if hops == 0:
        return 0
    if config.edges in ("hop", "mirror"):
        return hops * config.hop
    return (hops - 1) * config.hop + (config.window if config.edges == "snip" else 0)


def istft(bins: Bins, config: MelConfig = COURSE, *, samples: int | None = None) -> Audio:
    """The sound whose short-time Fourier transform comes nearest to ``bins``; undoes ``stft``.

    Overlapping pieces are windowed once more, added, and divided by the sum of the squared windows.

    Args:
        bins: as ``stft`` gives them.
        config: the settings; gain, emphasis and mean are taken as not applied.
        samples: length of the sound; None for as many as the columns cover.

    Raises:
        ValueError: when a sound of ``samples`` would not have so many columns.

    Source: Griffin and Lim 1984. Chapter 02.
    """
    hops = bins.shape[-2]
    samples = samples_of(hops, config) if samples is None else samples
    if columns(samples, config) != hops:
        raise ValueError(f"{samples} samples have {columns(samples, config)} columns, got {hops}; give their length")
    if bins.numel() == 0:
        return bins.real.new_zeros((*bins.shape[:-2], samples))
    skip = (config.fft - config.window) // 2
    shape = window(config.shape, config.window).to(bins.real)
    pieces = torch.fft.irfft(bins, n=config.fft)[..., skip : skip + config.window] * shape
    weight = _overlapped(shape.square().expand(hops, -1), config.hop)
    sound = _overlapped(pieces, config.hop) / weight.clamp(min=_THIN * float(shape.square().sum()) / config.hop)
    sound = functional.pad(sound, (0, lead(config) + samples))
    return sound[..., lead(config) : lead(config) + samples]


def _overlapped(pieces: Float[Tensor, "*batch hops window"], hop: int) -> Float[Tensor, "*batch samples"]:
    """Add pieces up, each ``hop`` samples after the one before."""
    hops, length = pieces.shape[-2:]
    total = (hops - 1) * hop + length
    flat = pieces.reshape(-1, hops, length).mT
    return functional.fold(flat, (1, total), (1, length), stride=(1, hop)).reshape(*pieces.shape[:-2], total)


def griffin_lim(
    magnitude: Magnitudes,
    config: MelConfig = COURSE,
    *,
    rng: torch.Generator | None = None,
    phase: Magnitudes | None = None,
    samples: int | None = None,
    iterations: int = 60,
    momentum: float = 0.99,
) -> Audio:
    """Find a sound with this spectrum when its phases are not known.

    Begin with any phases. In turns, make the sound that comes nearest, and take over its phases, a little further in
    the direction in which they have just moved.

    Args:
        magnitude: absolute values of ``stft``, without gain and emphasis.
        config: the settings of ``stft``; gain, emphasis and mean are taken as not applied.
        rng: draws the first phases.
        phase: the first phases in radians, instead of ``rng``.
        samples: length of the sound; None for as many as the columns cover.
        iterations: turns.
        momentum: how much further; 0 is Griffin and Lim's own, which never gets worse from turn to turn.

    Raises:
        ValueError: when neither or both of ``rng`` and ``phase`` are given, or the momentum is negative.

    Source: Griffin and Lim 1984; Perraudin, Balazs and Søndergaard 2013, Algorithm 2. Chapter 02.
    """
    if (rng is None) == (phase is None):
        raise ValueError("expected either rng, which draws the first phases, or phase; give one of them")
    if momentum < 0:
        raise ValueError(f"expected a momentum of 0 or more, got {momentum}; 0.99 is the usual one")
    if phase is None:
        phase = 2 * math.pi * torch.rand(magnitude.shape, generator=rng, dtype=magnitude.dtype).to(magnitude.device)
    plain = replace(config, gain=1.0, emphasis=0.0, remove_mean=False)
    bins, before = torch.polar(magnitude, phase), torch.zeros_like(magnitude, dtype=magnitude.dtype.to_complex())
    for _ in range(iterations):
        rebuilt = stft(istft(bins, plain, samples=samples), plain)
        moved = rebuilt - momentum / (1 + momentum) * before
        bins, before = magnitude * moved / moved.abs().clamp(min=torch.finfo(magnitude.dtype).tiny), rebuilt
    return istft(bins, plain, samples=samples)


def spectral_convergence(audio: Audio, magnitude: Magnitudes, config: MelConfig = COURSE) -> Float[Tensor, "*batch"]:
    """How far the spectrum of a sound is from the one it should have: ‖ |stft| − wanted ‖ / ‖ wanted ‖, 0 is best.

    Source: Sturmel and Daudet 2011 (as a ratio, not in decibels).
    """
    plain = replace(config, gain=1.0, emphasis=0.0, remove_mean=False)
    missed = torch.linalg.matrix_norm(stft(audio, plain).abs() - magnitude)
    return missed / torch.linalg.matrix_norm(magnitude).clamp(min=torch.finfo(magnitude.dtype).tiny)


def sound_of_log_mel(
    features: LogMel,
    config: MelConfig = COURSE,
    *,
    rng: torch.Generator,
    samples: int | None = None,
    iterations: int = 60,
) -> Audio:
    """Make log-mel bands audible. The pitch is heard as far as the bands still tell its harmonics apart.

    Args:
        features: as ``log_mel`` gives them.
        config: the settings that made them.
        rng: draws the first phases.
        samples: length of the sound; None for as many as the columns cover.
        iterations: turns of ``griffin_lim``.

    Chapter 02.
    """
    magnitude = spectrum_of_mel(energies_of(features, config), config)
    return griffin_lim(magnitude, config, rng=rng, samples=samples, iterations=iterations)


def sound_of_mfcc(
    cepstra: Cepstra,
    config: MelConfig = COURSE,
    *,
    rng: torch.Generator,
    samples: int | None = None,
    iterations: int = 60,
) -> Audio:
    """Make cepstra audible: a whisper with the right vowels, because a few cepstra hold an envelope and no harmonics.

    Args:
        cepstra: as ``mfcc`` gives them, or the first few of them.
        config: the settings that made them.
        rng: draws the first phases.
        samples: length of the sound; None for as many as the columns cover.
        iterations: turns of ``griffin_lim``.

    Raises:
        ValueError: see ``log_mel_of_mfcc``.

    Chapter 02.
    """
    magnitude = spectrum_of_mel(energies_of(log_mel_of_mfcc(cepstra, config), config), config)
    if config.energy:
        magnitude = _with_energy(magnitude, cepstra[..., 0], config)
    return griffin_lim(magnitude, config, rng=rng, samples=samples, iterations=iterations)


def _with_energy(magnitude: Magnitudes, log_energy: Float[Tensor, "*batch hops"], config: MelConfig) -> Magnitudes:
    """Scale each column to the energy of its samples, by Parseval's theorem and the mean square of the window."""
    power = magnitude.square()
    once = power[..., 0] + (power[..., -1] if config.fft % 2 == 0 else 0)  # all others stand for two frequencies, ± f
    now = (2 * power.sum(-1) - once) / config.fft
    wanted = log_energy.exp() / config.gain**2 * float(window(config.shape, config.window).square().mean())
    return magnitude * (wanted / now.clamp(min=torch.finfo(now.dtype).tiny)).sqrt()[..., None]
