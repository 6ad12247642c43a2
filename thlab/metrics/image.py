"""Is the picture right? PSNR, SSIM at one scale and at five, and the share of fine detail, of pictures pixel by pixel.

Pictures are floats, channels before rows and columns, with any axes in front; each picture gets a number of its own.
One that holds NaN scores NaN, and its neighbours do not notice; NaN of which a mask sees nothing does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

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
Windows = Float[Tensor, "*batch channels rows columns"]
"""One number a window and channel."""
Border = Literal["cut", "mirror"]
"""Where a window does not fit: none is centred there, or the picture goes on as its mirror image."""

WINDOW = 11
"""Pixels a side of SSIM's window."""
SIGMA = 1.5
"""Standard deviation of SSIM's Gaussian, pixels."""
K1, K2 = 0.01, 0.03
"""SSIM's constants, as shares of the data range."""
MARGIN = WINDOW // 2
"""Pixels at each border on which no whole window can be centred."""
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""MS-SSIM's exponents, the finest scale first, which its authors found by asking people."""
BLOCK = 4
"""Pictures that SSIM looks at together; so few stay in the processor's cache."""


class Likeness(NamedTuple):
    """The two factors of SSIM in every window."""

    luminance: Windows
    """(2 μ_x μ_y + C₁) / (μ_x² + μ_y² + C₁): are both equally bright?"""
    structure: Windows
    """(2 σ_xy + C₂) / (σ_x² + σ_y² + C₂), contrast times structure: do both vary together, and as much?"""


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


def ssim(
    generated: Pictures, real: Pictures, *, data_range: float, mask: Mask | None = None, border: Border = "cut"
) -> Score:
    """Structural similarity: the mean of :func:`ssim_map` over channels and over windows.

    1 for equal pictures, flat ones included, about 0 for unrelated ones; at least −1. It has a gradient everywhere.

    Args:
        generated: the pictures to judge.
        real: what they should be; exchanging both changes nothing.
        data_range: 1.0 for floats in [0, 1], 255.0 for bytes as floats.
        mask: windows count whose middle pixel is marked; None is all.
        border: ``cut`` as the authors and scikit-image do, ``mirror`` as torchmetrics 1.9: never compare across them.

    Raises:
        ValueError: as :func:`ssim_map`; or no window that counts is centred on a marked pixel.

    Source: Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity", Sec. III;
    colours are treated one by one and averaged, and the authors' halving of large pictures is left to the caller.
    Chapters 03 and 14.
    """
    _check(generated, real, data_range)

    def measure(made: Tensor, true: Tensor, marked: Tensor | None) -> Tensor:
        return _mean_where(ssim_map(made, true, data_range=data_range, border=border), _centres(marked, border))

    return _in_blocks(measure, generated, real, mask)


def ssim_loss(generated: Pictures, real: Pictures, *, data_range: float, mask: Mask | None = None) -> Score:
    """1 − SSIM, to be minimised where pictures should be alike in structure; 0 for equal ones, at most 2.

    Args:
        generated: the pictures to improve.
        real: what they should be.
        data_range: 1.0 for floats in [0, 1].
        mask: as in :func:`ssim`.

    Raises:
        ValueError: as :func:`ssim`.

    Source: Zhao et al. 2017, "Loss functions for image restoration with neural networks". Chapter 14.
    """
    return 1 - ssim(generated, real, data_range=data_range, mask=mask)


def ssim_map(generated: Pictures, real: Pictures, *, data_range: float, border: Border = "cut") -> Windows:
    """Structural similarity of every window: (2 μ_x μ_y + C₁)(2 σ_xy + C₂) / ((μ_x² + μ_y² + C₁)(σ_x² + σ_y² + C₂)).

    Means, variances and the covariance are weighted by a Gaussian of σ = 1.5 within 11 × 11 pixels. With ``cut`` the
    map is 10 pixels smaller than the pictures, with ``mirror`` as large.

    Raises:
        ValueError: shapes differ, a side has fewer than 11 pixels, pictures are not floats, the data range is not
            above 0, or the border is neither ``cut`` nor ``mirror``.

    Source: Wang et al. 2004, Eq. 13. Chapters 03 and 14.
    """
    luminance, structure = likeness(generated, real, data_range=data_range, border=border)
    return luminance * structure


def ms_ssim(
    generated: Pictures,
    real: Pictures,
    *,
    data_range: float,
    mask: Mask | None = None,
    weights: Sequence[float] = WEIGHTS,
    border: Border = "cut",
) -> Score:
    """Multi-scale SSIM, l_M^w_M Π_j (cs_j)^w_j: structure at every scale, luminance at the coarsest alone.

    From one scale to the next, 2 × 2 pixels become their mean. A mean structure below zero, which has no such power,
    counts as zero, as torchmetrics does by default; the authors leave it open.

    Args:
        generated: the pictures to judge, with at least 11 · 2^(M − 1) pixels a side: 176 for five scales, 44 for three.
        real: what they should be.
        data_range: 1.0 for floats in [0, 1], 255.0 for bytes as floats.
        mask: pixels that count; at coarser scales those of which at least half is marked.
        weights: w_j, the finest scale first; for small faces take fewer, divided by their sum.
        border: as in :func:`ssim`; ``mirror`` touches the coarsest scale alone, as in torchmetrics 1.9.

    Raises:
        ValueError: pictures are too small, or no marked pixel is left at a coarse scale, or as :func:`ssim`.

    Source: Wang et al. 2003, "Multiscale structural similarity for image quality assessment", Eq. 7.
    Chapter 14.
    """
    _check(generated, real, data_range)
    smallest = WINDOW * 2 ** (len(weights) - 1)
    if min(generated.shape[-2:]) < smallest:
        raise ValueError(
            f"SSIM at {len(weights)} scales needs {smallest} pixels a side, but got {tuple(generated.shape[-2:])}; "
            "enlarge them, or give fewer weights"
        )

    def measure(made: Tensor, true: Tensor, marked: Tensor | None) -> Tensor:
        score = made.new_ones(len(made))
        for weight in weights[:-1]:
            structure = likeness(made, true, data_range=data_range).structure
            score = score * _power(_mean_where(structure, _centres(marked, "cut")), weight)
            made, true = (functional.avg_pool2d(pictures, 2) for pictures in (made, true))
            marked = None if marked is None else functional.avg_pool2d(marked.to(made.dtype), 2) >= 0.5
        last = ssim_map(made, true, data_range=data_range, border=border)
        return score * _power(_mean_where(last, _centres(marked, border)), weights[-1])

    return _in_blocks(measure, generated, real, mask)


def likeness(generated: Pictures, real: Pictures, *, data_range: float, border: Border = "cut") -> Likeness:
    """Luminance, and contrast times structure, of every window; :func:`ssim_map` is their product.

    With d = x − y and s = x + y they are 1 − μ_d² / (½ (μ_s² + μ_d²) + C₁) and 1 − σ_d² / (½ (σ_s² + σ_d²) + C₂): four
    pictures to filter instead of five, and exactly 1 for equal ones in any precision.

    Raises:
        ValueError: as :func:`ssim_map`.

    Chapter 14.
    """
    _check(generated, real, data_range)
    if min(generated.shape[-2:]) < WINDOW:
        raise ValueError(f"SSIM needs {WINDOW} pixels a side, but got {tuple(generated.shape[-2:])}; enlarge them")
    if border not in ("cut", "mirror"):
        raise ValueError(f"expected the border cut or mirror, got {border!r}")
    x, y = _side_by_side(generated), _side_by_side(real)
    difference, total = x - y, x + y - data_range  # around zero, where float32 is finest
    mean_d, mean_s = (_window_mean(picture, border) for picture in (difference, total))
    var_d = _window_mean(difference.square(), border).addcmul(mean_d, mean_d, value=-1)
    var_s = _window_mean(total.square(), border).addcmul(mean_s, mean_s, value=-1)
    mean_d, mean_s = mean_d.square(), (mean_s + data_range).square()
    luminance = 1 - mean_d / ((mean_s + mean_d) / 2 + (K1 * data_range) ** 2)
    structure = 1 - var_d / ((var_s + var_d) / 2 + (K2 * data_range) ** 2)
    return Likeness(*(part.reshape(*generated.shape[:-2], *part.shape[-2:]) for part in (luminance, structure)))


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


def _side_by_side(pictures: Pictures) -> Float[Tensor, "1 planes height width"]:
    """All pictures and colours as channels of one picture, in the order of memory that convolutions find fastest."""
    planes = pictures.reshape(-1, *pictures.shape[-3:]).permute(2, 3, 0, 1).flatten(2).contiguous()
    return planes[None].permute(0, 3, 1, 2)


def _window_mean(
    planes: Float[Tensor, "1 planes height width"], border: Border
) -> Float[Tensor, "1 planes rows columns"]:
    """The mean of each 11 × 11 window, weighted by a Gaussian: first along columns, then along rows."""
    if border == "mirror":
        planes = functional.pad(planes, (MARGIN,) * 4, mode="reflect")
    place = torch.arange(WINDOW, dtype=planes.dtype, device=planes.device) - MARGIN
    weights = torch.exp(-place.square() / (2 * SIGMA**2))
    down = (weights / weights.sum())[:, None].repeat(planes.shape[1], 1, 1, 1)
    return functional.conv2d(functional.conv2d(planes, down, groups=len(down)), down.mT, groups=len(down))


def _in_blocks(
    measure: Callable[[Tensor, Tensor, Tensor | None], Tensor], generated: Tensor, real: Tensor, mask: Tensor | None
) -> Tensor:
    """Measure a few pictures at a time."""
    blocks = [pictures.reshape(-1, *pictures.shape[-3:]).split(BLOCK) for pictures in (generated, real)]
    marked = [None] * len(blocks[0]) if mask is None else mask.reshape(-1, *mask.shape[-2:]).split(BLOCK)
    return torch.cat([measure(*block) for block in zip(*blocks, marked, strict=True)]).reshape(generated.shape[:-3])


def _centres(mask: Tensor | None, border: Border) -> Tensor | None:
    """Those pixels of a mask on which a window is centred."""
    return mask if mask is None or border == "mirror" else mask[..., MARGIN:-MARGIN, MARGIN:-MARGIN]


def _power(score: Tensor, weight: float) -> Tensor:
    """score^weight; zero, with no gradient, for a score that is not positive."""
    none = score <= 0
    return torch.where(none, 0, torch.where(none, 1, score) ** weight)


def _mean_where(values: Windows, mask: Mask | None) -> Score:
    """The mean over channels and marked pixels."""
    if mask is None:
        return values.mean((-3, -2, -1))
    counts = mask.sum((-2, -1))
    if bool((counts == 0).any()):
        raise ValueError("a mask marks no pixel that can be judged; mark more pixels, away from the border")
    return torch.where(mask, values.mean(-3), 0).sum((-2, -1)) / counts


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
