"""Sound to numbers: framing, Fourier spectra, mel bands and cepstra, batched and differentiable.

Time runs along the last axis but one: features are ``(*batch, hops, mels)``. Audio is floating point between −1 and 1.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.nn import functional

from thlab.audio.filterbank import dct_matrix, lifter, mel_filters, window
from thlab.audio.mel_config import COURSE, KALDI, LIBROSA, TORCHAUDIO, WHISPER, Edges, MelConfig

__all__ = [
    "COURSE", "KALDI", "LIBROSA", "TORCHAUDIO", "WHISPER", "Audio", "Edges", "LogMel", "MelConfig", "cepstra",
    "check_audio", "columns", "compress", "frame", "lead", "log_energy", "log_mel", "mel_spectrogram", "mfcc",
    "power_to_db", "pre_emphasis", "spectrum", "stft",
]  # fmt: skip

Audio = Float[Tensor, "*batch samples"]
"""Sound, samples along the last axis, float32 or float64."""
LogMel = Float[Tensor, "*batch hops mels"]
"""Logarithm of the energy in mel bands, one row a hop."""
BLOCK = 1024
"""Columns that are worked on at a time, so that a long sound stays in the processor's cache and memory stays flat."""


def check_audio(audio: Tensor) -> None:
    """Refuse what is not sound.

    Raises:
        ValueError: when the tensor is not float32 or float64, has no samples, or holds NaN or infinity.
    """
    if audio.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"expected float32 or float64 sound between −1 and 1, got {audio.dtype}; convert and scale it")
    if audio.dim() == 0 or audio.shape[-1] == 0:
        raise ValueError(f"expected at least one sample, got shape {tuple(audio.shape)}; is the recording empty?")
    if not torch.isfinite(audio.sum()) and not torch.isfinite(audio).all():  # the sum alone is quicker to ask
        raise ValueError("expected finite samples, got NaN or infinity; repair the sound first")


def pre_emphasis(audio: Audio, coefficient: float = 0.97) -> Audio:
    """Lift high frequencies: y[n] = x[n] − coefficient · x[n − 1], with silence before the first sample. Chapter 02."""
    return audio - coefficient * functional.pad(audio, (1, 0))[..., :-1]


def columns(samples: int, config: MelConfig = COURSE) -> int:
    """How many columns of features a sound has; 0 when it is shorter than the window and edges are snipped."""
    if config.edges == "hop":
        return -(-samples // config.hop)
    if config.edges == "mirror":
        return (samples + config.hop // 2) // config.hop
    if config.edges == "snip":
        return max(0, 1 + (samples - config.window) // config.hop)
    return 1 + samples // config.hop


def lead(config: MelConfig) -> int:
    """How many samples before the sound the first window begins."""
    if config.edges == "snip":
        return 0
    if config.edges in ("hop", "mirror"):
        return config.window // 2 - config.hop // 2
    return config.fft // 2 - (config.fft - config.window) // 2


def frame(audio: Audio, config: MelConfig = COURSE) -> Float[Tensor, "*batch hops window"]:
    """Cut a sound into overlapping pieces, one a column, before any window is laid over them.

    Raises:
        ValueError: when the sound is too short to be reflected or mirrored.
    """
    count = columns(audio.shape[-1], config)
    if count == 0:
        return audio.new_zeros((*audio.shape[:-1], 0, config.window))
    end = (count - 1) * config.hop + config.window - lead(config) - audio.shape[-1]
    return _extend(audio, lead(config), end, config.edges).unfold(-1, config.window, config.hop)


def _extend(audio: Audio, start: int, end: int, edges: Edges) -> Float[Tensor, "*batch padded"]:
    """Add samples at both ends; a negative ``end`` takes samples away."""
    if edges in ("hop", "snip", "centre") or max(start, end) <= 0:
        return functional.pad(audio, (start, end))
    keep = 0 if edges == "mirror" else 1  # the end sample itself is repeated by a mirror, not by a reflection
    length = audio.shape[-1]
    if max(start, end) > length - keep:
        raise ValueError(f"a sound of {length} samples is too short for edges={edges!r}; make it longer or take 'hop'")
    before, after = audio[..., keep : start + keep], audio[..., length - keep - max(end, 0) : length - keep]
    return torch.cat([before.flip(-1), audio[..., : length + min(end, 0)], after.flip(-1)], -1)


def _levelled(
    pieces: Float[Tensor, "*batch hops window"], config: MelConfig
) -> Float[Tensor, "*batch hops window"]:
    """Pieces of sound with their gain, and without their mean if so configured."""
    if config.gain != 1:
        pieces = pieces * config.gain
    return pieces - pieces.mean(-1, keepdim=True) if config.remove_mean else pieces


def _windowed(
    pieces: Float[Tensor, "*batch hops window"], config: MelConfig
) -> Float[Tensor, "*batch hops window"]:
    """Pieces of sound, made ready for the Fourier transform."""
    pieces = _levelled(pieces, config)
    if config.emphasis:
        before = torch.cat([pieces[..., :1], pieces[..., :-1]], -1)
        pieces = pieces - config.emphasis * before
    return pieces * _window(config, pieces.dtype, pieces.device)


def _fourier(
    pieces: Float[Tensor, "*batch hops points"], config: MelConfig
) -> Complex[Tensor, "*batch hops bins"]:
    if pieces.numel() == 0:  # Intel's library refuses to transform nothing
        return pieces.new_zeros((*pieces.shape[:-1], config.fft // 2 + 1), dtype=pieces.dtype.to_complex())
    return torch.fft.rfft(pieces, n=config.fft)


def _spectrum(pieces: Float[Tensor, "*batch hops window"], config: MelConfig) -> Float[Tensor, "*batch hops bins"]:
    bins = _fourier(_windowed(pieces, config), config)
    return bins.abs() if config.power == 1 else bins.real.square() + bins.imag.square()


def stft(audio: Audio, config: MelConfig = COURSE) -> Complex[Tensor, "*batch hops bins"]:
    """The short-time Fourier transform, with phases as librosa counts them: the window in the middle of ``fft`` points.

    Raises:
        ValueError: see ``check_audio``.

    Source: Allen and Rabiner 1977. Chapter 02.
    """
    check_audio(audio)
    spare = config.fft - config.window
    return _fourier(functional.pad(_windowed(frame(audio, config), config), (spare // 2, spare - spare // 2)), config)


def spectrum(audio: Audio, config: MelConfig = COURSE) -> Float[Tensor, "*batch hops bins"]:
    """Magnitude (``config.power`` 1) or power (2) of every frequency from 0 to half the rate.

    Raises:
        ValueError: see ``check_audio``.
    """
    check_audio(audio)
    return _spectrum(frame(audio, config), config)


def mel_spectrogram(audio: Audio, config: MelConfig = COURSE) -> Float[Tensor, "*batch hops mels"]:
    """Energy in mel bands. Chapter 02.

    Raises:
        ValueError: see ``check_audio`` and ``mel_filters``.
    """
    check_audio(audio)
    filters = _mel_filters(config, audio.dtype, audio.device)
    blocks = frame(audio, config).split(BLOCK, dim=-2)
    return torch.cat([_spectrum(pieces, config) @ filters for pieces in blocks], dim=-2)


def log_mel(audio: Audio, config: MelConfig = COURSE) -> LogMel:
    """Logarithm of the energy in mel bands, as ``config.compression`` says.

    With the course's own settings a clip has exactly four rows a frame; row ``h`` is centred on ``(h + ½) / 100`` s and
    hears 7.5 ms beyond either end of its hop. A rest shorter than a hop has a row too.

    Args:
        audio: samples between −1 and 1, at ``config.rate``.
        config: the settings.

    Raises:
        ValueError: see ``check_audio`` and ``mel_filters``.

    Chapter 02.
    """
    return compress(mel_spectrogram(audio, config), config)


def compress(energy: Float[Tensor, "*batch hops mels"], config: MelConfig = COURSE) -> LogMel:
    """Take the logarithm that ``config`` names, with its floor and its dynamic range."""
    if config.compression == "decibel":
        return power_to_db(energy, floor=config.floor, dynamic_range=config.dynamic_range)
    return energy.clamp(min=config.floor).log()


def power_to_db(
    power: Float[Tensor, "*batch hops bins"],
    *,
    reference: float = 1.0,
    floor: float = 1e-10,
    dynamic_range: float | None = 80.0,
) -> Float[Tensor, "*batch hops bins"]:
    """Decibels, 10 log10(power / reference), cut ``dynamic_range`` below the loudest value of each sound.

    Raises:
        ValueError: when the reference, the floor or the range is not above 0.
    """
    if min(reference, floor) <= 0 or (dynamic_range is not None and dynamic_range <= 0):
        raise ValueError(f"expected values above 0, got {reference=}, {floor=}, {dynamic_range=}")
    decibels = 10 * (power.clamp(min=floor).log10() - math.log10(max(reference, floor)))
    if dynamic_range is None or decibels.numel() == 0:
        return decibels
    return torch.maximum(decibels, decibels.amax((-1, -2), keepdim=True) - dynamic_range)


def mfcc(audio: Audio, config: MelConfig = COURSE) -> Float[Tensor, "*batch hops coefficients"]:
    """Mel-frequency cepstral coefficients: the cosine transform of the log-mel bands.

    Args:
        audio: samples between −1 and 1, at ``config.rate``.
        config: the settings; ``LIBROSA``, ``TORCHAUDIO`` and ``KALDI`` give what those tools give.

    Raises:
        ValueError: see ``check_audio``, ``mel_filters`` and ``dct_matrix``.

    Source: Davis and Mermelstein 1980. Chapter 02.
    """
    coefficients = cepstra(log_mel(audio, config), config)
    if not config.energy:
        return coefficients
    return torch.cat([log_energy(audio, config)[..., None], coefficients[..., 1:]], -1)


def cepstra(mel: LogMel, config: MelConfig = COURSE) -> Float[Tensor, "*batch hops coefficients"]:
    """The cosine transform of log-mel bands, liftered: what :func:`mfcc` is but for Kaldi's energy. Chapter 02."""
    return mel @ _cosines(config, mel.dtype, mel.device)


def log_energy(audio: Audio, config: MelConfig = COURSE) -> Float[Tensor, "*batch hops"]:
    """Natural logarithm of the sum of squares in each piece, before emphasis and window (Kaldi's raw energy).

    Raises:
        ValueError: see ``check_audio``.
    """
    check_audio(audio)
    floor = config.energy_floor or torch.finfo(torch.float32).eps
    return _levelled(frame(audio, config), config).square().sum(-1).clamp(min=floor).log()


def _constant(values: Tensor, dtype: torch.dtype, device: torch.device) -> Tensor:
    """A copy that autograd can save: one first made under ``torch.inference_mode`` would spoil later training."""
    with torch.inference_mode(False):
        return values.clone().to(device=device, dtype=dtype)


@lru_cache(maxsize=32)
def _window(config: MelConfig, dtype: torch.dtype, device: torch.device) -> Tensor:
    return _constant(window(config.shape, config.window), dtype, device)


@lru_cache(maxsize=32)
def _mel_filters(config: MelConfig, dtype: torch.dtype, device: torch.device) -> Tensor:
    filters = mel_filters(
        config.mels, rate=config.rate, fft=config.fft, low=config.low, high=config.high,
        scale=config.scale, norm=config.norm, triangles=config.triangles,
    )  # fmt: skip
    return _constant(filters, dtype, device)


@lru_cache(maxsize=32)
def _cosines(config: MelConfig, dtype: torch.dtype, device: torch.device) -> Tensor:
    """The cosine transform with the lifter already in it."""
    weights = lifter(config.coefficients, config.lifter, first=config.lifter_first)
    return _constant(dct_matrix(config.mels, config.coefficients) * weights, dtype, device)
