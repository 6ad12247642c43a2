"""Checks of chapter 14: PSNR, SSIM of one window, PSNR of a mouth, the Fréchet distance, and which metric to ask."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from thlab.course.checks.base import (
    WrongAnswer,
    exercise,
    expect,
    expect_any_layout,
    expect_close,
    expect_double,
    expect_shape,
)
from thlab.metrics.frechet import Moments, frechet_distance

METRICS = ("PSNR", "SSIM", "mouth PSNR", "detail", "FD")
"""Among which the last exercise chooses."""


def _random(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


@exercise("PSNR")
def peak_ratio(answer: Callable[[Tensor, Tensor, float], Tensor]) -> None:
    """10 lg (MAX² / MSE), over all pixels and channels of one picture."""
    real = 0.25 + 0.5 * _random(3, 6, 8)
    half = real + 0.1
    expect_shape(answer(half, real, 1.0), (), law="one picture gets one number", hint="average over channels, too")
    expect_close(
        answer(half, real, 1.0),
        torch.tensor(20.0),
        law="an error of a tenth of the range everywhere is 20 dB",
        hint="10 lg of MAX² over the mean of squared differences",
        atol=1e-3,
    )
    signs = torch.ones_like(real)
    signs[:, ::2] = -1
    expect_close(
        answer(real + 0.1 * signs, real, 1.0),
        torch.tensor(20.0),
        law="errors of both signs do not cancel",
        hint="what is averaged must not be negative",
        atol=1e-3,
    )
    lone = real.clone()
    lone[0, 0, 0] += 0.2
    expect_close(
        answer(lone, real, 1.0),
        torch.tensor(10 * math.log10(3 * 6 * 8 / 0.04)),
        law="one wrong number among 144 is averaged with the others",
        hint="square first, then average, then take the logarithm",
        atol=1e-3,
    )
    expect_close(
        answer(255 * half, 255 * real, 255.0),
        answer(half, real, 1.0),
        law="bytes with the range 255 and floats with the range 1 get the same",
        hint="the range stands in the fraction, squared",
        atol=1e-3,
    )
    wanted = 10 * math.log10(255**2 / 100)
    expect_close(
        answer(torch.full((3, 4, 4), 60.0), torch.full((3, 4, 4), 50.0), 255.0),
        torch.tensor(wanted),
        law="MAX 255 and MSE 100 are 28.13 dB",
        hint="neither of the two lines that the survey prints gives that",
        atol=1e-3,
    )
    expect(math.isinf(float(answer(real, real, 1.0))), law="equal pictures have an infinite PSNR", hint="add nothing")
    expect_any_layout(answer, half, real, 1.0)
    expect_double(answer, half, real, 1.0)


@exercise("SSIM of one window")
def window_likeness(answer: Callable[[Tensor, Tensor, float], Tensor]) -> None:
    """(2 μ_x μ_y + C₁)(2 σ_xy + C₂) / ((μ_x² + μ_y² + C₁)(σ_x² + σ_y² + C₂)), every pixel with the same weight."""
    x, other = 0.2 + 0.6 * _random(7, 7, seed=1), _random(7, 7, seed=2)
    expect_shape(answer(x, x, 1.0), (), law="a pair of windows gets one number", hint="average over rows and columns")
    expect_close(answer(x, x, 1.0), torch.tensor(1.0), law="a window is like itself by 1", hint=_WINDOW, atol=1e-5)
    dark, light = torch.full((7, 7), 0.2), torch.full((7, 7), 0.6)
    expect_close(
        answer(dark, light, 1.0),
        torch.tensor((2 * 0.2 * 0.6 + 1e-4) / (0.04 + 0.36 + 1e-4)),
        law="flat windows differ by their means alone",
        hint="C₁ is (0.01 · range)²; C₂, (0.03 · range)², keeps the other fraction from being 0 / 0",
        atol=1e-4,
    )
    faint, v = 0.5 + 0.1 * (x - x.mean()), float((0.1 * x).var(correction=0))
    expect_close(
        answer(2 * faint - 0.5, faint, 1.0),
        torch.tensor((4 * v + 9e-4) / (5 * v + 9e-4)),
        law="twice the contrast costs what the formula says",
        hint="variances are means of squared distances from the mean, over all 49 pixels",
        atol=1e-5,
    )
    expect_close(answer(other, x, 1.0), answer(x, other, 1.0), law="which window comes first does not matter")
    expect_close(
        answer(1 - faint, faint, 1.0),
        torch.tensor((-2 * v + 9e-4) / (2 * v + 9e-4)),
        law="a negative is as unlike as can be",
        hint="the covariance keeps its sign",
        atol=1e-5,
    )
    expect_close(
        answer(255 * other, 255 * x, 255.0),
        answer(other, x, 1.0),
        law="bytes with the range 255 and floats with the range 1 get the same",
        hint="the constants grow with the range",
    )
    expect_any_layout(answer, other, x, 1.0)
    expect_double(answer, other, x, 1.0)


_WINDOW = "compare numerator and denominator for equal windows: they must be the same"


@exercise("PSNR of the mouth")
def mouth_ratio(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """PSNR over marked pixels and all their channels, for each picture of a stack; floats in [0, 1]."""
    real = 0.25 + 0.5 * _random(2, 3, 6, 8, seed=3)
    mask = torch.zeros(2, 6, 8, dtype=torch.bool)
    mask[0, 3:5, 2:6], mask[1, 4:6, 3:5] = True, True
    off, kept = real + 0.1, real.clone()
    expect_shape(answer(off, real, mask), (2,), law="each picture has a number of its own", hint="do not average them")
    expect(torch.equal(kept, real), law="the pictures that came in are left as they were")
    expect_close(
        answer(off, real, torch.ones_like(mask)),
        torch.tensor([20.0, 20.0]),
        law="with every pixel marked it is the PSNR of the picture",
        hint="the mean goes over channels as well",
        atol=1e-3,
    )
    inside = real + 0.1 * mask[:, None]
    expect_close(
        answer(inside, real, mask),
        torch.tensor([20.0, 20.0]),
        law="an error inside counts in full, however small the mouth is",
        hint="divide by the number of marked pixels, not by that of all",
        atol=1e-3,
    )
    outside = real + 0.1 * ~mask[:, None]
    expect(
        bool(torch.isinf(answer(outside, real, mask)).all()),
        law="an error outside does not count",
        hint="multiply the squared error by the mask",
    )
    part = real.clone()
    part[:, 0] += 0.1 * mask
    expect_close(
        answer(part, real, mask),
        torch.full((2,), 20 + 10 * math.log10(3)),
        law="an error in one channel of three is a third of one in all",
        hint="marked pixels have three numbers each",
        atol=1e-3,
    )
    expect_any_layout(answer, off + 0.1 * off.square(), real, mask)
    expect_double(answer, off, real, mask)


@exercise("the Fréchet distance of independent features")
def independent_distance(answer: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]) -> None:
    """‖μ − μ̂‖² + Σ (σ − σ̂)², from means and variances."""
    mean, spread = torch.tensor([0.0, 2.0, -1.0]), torch.tensor([1.0, 4.0, 0.25])
    expect_shape(answer(mean, spread, mean, spread), (), law="two sets have one distance", hint="sum over features")
    expect_close(answer(mean, spread, mean, spread), torch.tensor(0.0), law="equal Gaussians have the distance 0")
    expect_close(
        answer(mean + torch.tensor([3.0, 4.0, 0.0]), spread, mean, spread),
        torch.tensor(25.0),
        law="with equal variances it is the squared distance of the means",
        hint="the survey says square root; the formula has none",
    )
    expect_close(
        answer(mean, torch.tensor([1.0, 4.0, 4.0]), mean, torch.tensor([1.0, 9.0, 1.0])),
        torch.tensor(2.0),
        law="with equal means it is the sum of squared differences of the deviations",
        hint="variances of 4 and 9 are deviations of 2 and 3",
    )
    one = (torch.tensor([3.0]), torch.tensor([4.0]), torch.tensor([0.0]), torch.tensor([1.0]))
    expect_close(answer(*one), torch.tensor(10.0), law="N(3, 4) and N(0, 1) are 10 apart")
    expect_close(answer(*one[2:], *one[:2]), answer(*one), law="which set comes first does not matter")
    expect_close(
        answer(3 * one[0], 9 * one[1], 3 * one[2], 9 * one[3]),
        torch.tensor(90.0),
        law="features three times as large have nine times the distance",
        hint="variances grow with the square of the features, and so does the distance",
    )
    still = torch.zeros(3)
    expect_close(
        answer(mean, spread, mean, still),
        spread.sum(),
        law="a set that always shows the same is as far as the variance of the other",
        hint="do not divide by a variance",
    )
    _expect_of_the_package(answer)
    expect_double(answer, mean, spread, mean + 1, 2 * spread)


def _expect_of_the_package(answer: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]) -> None:
    """Features that are exactly uncorrelated have the distance that the package finds."""
    signs = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    sets = [signs * torch.tensor([1.0, 2.0]) + 1, signs * torch.tensor([3.0, 0.5])]
    moments = [part for rows in sets for part in (rows.mean(0), rows.var(0))]
    expect_close(
        answer(*moments),
        torch.tensor(frechet_distance(*(Moments.of(rows, name="corners") for rows in sets))),
        law="uncorrelated features have the distance of the full formula",
        hint="tr(Σ + Σ̂ − 2(ΣΣ̂)^½) of diagonal matrices is a sum over features",
    )


@exercise("which metric to ask")
def pick_metric(answer: Callable[[str], str]) -> None:
    """For each question the one metric of the chapter that answers it."""
    for question, (metric, law, hint) in ANSWERS.items():
        found = answer(question)
        if found not in METRICS:
            raise WrongAnswer(f"broken law: the answer to {question!r} is one of {', '.join(METRICS)}, not {found!r}.")
        expect(found == metric, law=f"“{question}”: {law}", hint=hint)


ANSWERS = {
    "camera": ("PSNR", "no pixel is forgiven", "here every pixel must be as recorded, its brightness included"),
    "light": ("SSIM", "a light that differs is hardly counted", "which metric has a mean subtracted in every window?"),
    "lips": ("mouth PSNR", "only what was painted is judged", "of what is averaged, most was copied from the input"),
    "teeth": ("detail", "softness is judged, not place", "half a pixel of movement must not count"),
    "strangers": ("FD", "no frame has a partner", "all but one of these compare pixel by pixel"),
}
"""The metric that answers a question, what it is asked for, and a hint."""
