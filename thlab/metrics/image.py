"""Is the picture right? PSNR, SSIM and the share of fine detail, of pictures that belong together pixel by pixel.

Pictures are floats, channels before rows and columns, with any axes in front; each picture gets a number of its own.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

Pictures = Float[Tensor, "*batch channels height width"]
"""Pictures; 0 to ``data_range``, which is 1 for almost everything here."""
Mask = Bool[Tensor, "*batch height width"]
"""Which pixels count."""
Score = Float[Tensor, "*batch"]
"""One number a picture."""

WINDOW = 11
"""Pixels a side of SSIM's window."""
SIGMA = 1.5
"""Standard deviation of SSIM's Gaussian, pixels."""
K1, K2 = 0.01, 0.03
"""SSIM's constants, as shares of the data range."""
MARGIN = WINDOW // 2
"""Pixels at each border on which no whole window can be centred."""


def psnr(generated: Pictures, real: Pictures, *, data_range: float, mask: Mask | None = None) -> Score:
    """Peak signal-to-noise ratio in dB, 20 log₁₀(data_range / √MSE), the error taken over pixels and channels.

    Higher is better; 6 dB more is half the error. Infinite for equal pictures, where it has no gradient.

    Args:
        generated: the pictures to judge.
        real: what they should be.
        data_range: the largest possible difference: 1.0 for floats in [0, 1], 255.0 for bytes as floats.
        mask: pixels that count, for instance those of the mouth; None is all.

    Raises:
        ValueError: shapes differ, pictures are not floats, the data range is not above 0, or a mask is empty.

    The survey's two printed forms lack a square and have one too many. Chapters 03 and 14.
    """
    _check(generated, real, data_range)
    error = _mean_where((generated - real).square(), mask)
    return 10 * torch.log10(data_range**2 / error)


def ssim(generated: Pictures, real: Pictures, *, data_range: float, mask: Mask | None = None) -> Score:
    """Structural similarity: the mean of :func:`ssim_map` over channels and over windows.

    1 for equal pictures, about 0 for unrelated ones; at least −1. It has a gradient everywhere.

    Args:
        generated: the pictures to judge.
        real: what they should be; exchanging both changes nothing.
        data_range: 1.0 for floats in [0, 1], 255.0 for bytes as floats.
        mask: windows count whose middle pixel is marked; None is all.

    Raises:
        ValueError: as :func:`ssim_map`; or no marked pixel is as far as 5 pixels from every border.

    Source: Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity", Sec. III;
    colours are treated one by one and averaged, and the authors' halving of large pictures is left to the caller.
    Chapters 03 and 14.
    """
    inner = None if mask is None else mask[..., MARGIN:-MARGIN, MARGIN:-MARGIN]
    return _mean_where(ssim_map(generated, real, data_range=data_range), inner)


def ssim_map(
    generated: Pictures, real: Pictures, *, data_range: float
) -> Float[Tensor, "*batch channels rows columns"]:
    """Structural similarity of every window: (2 μ_x μ_y + C₁)(2 σ_xy + C₂) / ((μ_x² + μ_y² + C₁)(σ_x² + σ_y² + C₂)).

    Means, variances and the covariance are weighted by a Gaussian of σ = 1.5 within 11 × 11 pixels. Only whole windows
    count, so the map is 10 pixels smaller than the pictures.

    Raises:
        ValueError: shapes differ, a side has fewer than 11 pixels, pictures are not floats, or the data range is not
            above 0.

    Source: Wang et al. 2004, Eq. 13. Chapters 03 and 14.
    """
    _check(generated, real, data_range)
    if min(generated.shape[-2:]) < WINDOW:
        raise ValueError(f"SSIM needs {WINDOW} pixels a side, but got {tuple(generated.shape[-2:])}; enlarge them")
    c1, c2 = (K1 * data_range) ** 2, (K2 * data_range) ** 2
    products = (generated, real, generated.square(), real.square(), generated * real)
    mean_x, mean_y, square_x, square_y, product = (_window_mean(picture) for picture in products)
    variances = square_x - mean_x.square() + square_y - mean_y.square()
    covariance = product - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    return likeness / ((mean_x.square() + mean_y.square() + c1) * (variances + c2))


def high_frequency_share(pictures: Pictures, *, above: float) -> Score:
    """How much of a picture's energy is fine detail: the share above a fraction of the Nyquist frequency.

    The mean over channels loses its average, is faded out towards the border by a Hann window (or the border itself
    would count as detail), and is Fourier-transformed; the share is the energy at radial frequencies of at least
    ``above``, over all energy. Blur lowers it. Read it as a ratio to that of the real pictures *as they were filmed*:
    bilinear sampling blurs as well, and real frames that are laid over a still lose half of their share above 0.5 (45
    to 63 % on five clips of 96 px).

    Args:
        above: where detail begins, in units of the Nyquist frequency (one cycle in two pixels): 0.5 is four pixels
            from one bright line to the next.

    Raises:
        ValueError: a picture is one flat colour, or ``above`` is not between 0 and 1.

    Chapter 03.
    """
    if not 0 < above < 1:
        raise ValueError(f"detail begins between 0 and 1 times the Nyquist frequency, not at {above}; take 0.5")
    grey = pictures.mean(-3)
    height, width = grey.shape[-2:]
    fade = _hann(height, grey)[:, None] * _hann(width, grey)
    level = (grey * fade).sum((-2, -1), keepdim=True) / fade.sum()
    energy = torch.fft.fft2((grey - level) * fade).abs().square()
    if bool((energy.sum((-2, -1)) <= height * width * torch.finfo(grey.dtype).eps).any()):
        raise ValueError("a picture of one flat colour has no detail to take the share of; leave it out")
    rows, columns = (torch.fft.fftfreq(side, 0.5, device=grey.device) for side in (height, width))
    fine = torch.hypot(rows[:, None], columns) >= above
    return (energy * fine).sum((-2, -1)) / energy.sum((-2, -1))


def _hann(length: int, like: Tensor) -> Float[Tensor, "length"]:
    """A bell that is zero just outside both ends."""
    return torch.hann_window(length + 2, periodic=False, dtype=like.dtype, device=like.device)[1:-1]


def _window_mean(pictures: Pictures) -> Float[Tensor, "*batch channels rows columns"]:
    """The mean of each 11 × 11 window, weighted by a Gaussian: first along rows, then along columns."""
    place = torch.arange(WINDOW, dtype=pictures.dtype, device=pictures.device) - MARGIN
    weights = torch.exp(-place.square() / (2 * SIGMA**2))
    weights = weights / weights.sum()
    flat = pictures.reshape(-1, 1, *pictures.shape[-2:])
    mean = functional.conv2d(functional.conv2d(flat, weights[None, None, None, :]), weights[None, None, :, None])
    return mean.reshape(*pictures.shape[:-2], *mean.shape[-2:])


def _mean_where(values: Pictures, mask: Mask | None) -> Score:
    """The mean over channels and marked pixels."""
    if mask is None:
        return values.mean((-3, -2, -1))
    counts = mask.sum((-2, -1))
    if bool((counts == 0).any()):
        raise ValueError("a mask marks no pixel that can be judged; mark more pixels, away from the border")
    return (values.mean(-3) * mask).sum((-2, -1)) / counts


def _check(generated: Tensor, real: Tensor, data_range: float) -> None:
    if generated.shape != real.shape:
        raise ValueError(
            f"pictures to compare must have one shape, but have {tuple(generated.shape)} and {tuple(real.shape)}; "
            "resize or repeat them"
        )
    if not (generated.is_floating_point() and real.is_floating_point()):
        raise ValueError(f"expected floats, got {generated.dtype} and {real.dtype}; divide bytes by 255")
    if not data_range > 0:
        raise ValueError(f"the data range must be above 0, but is {data_range}; floats in [0, 1] have 1.0")
