"""Checks of chapter 02, from sound to MFCC: pieces, the mel curve, triangles, cosines and slopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft
import torch
from torch import Tensor

from thlab.audio.deltas import regression_deltas
from thlab.audio.filterbank import hz_to_mel, mel_filters
from thlab.course.checks.base import exercise, expect, expect_any_layout, expect_close, expect_double, expect_shape

Answer = Callable[..., Any]


def _noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@exercise("frame the signal")
def frame_signal(answer: Answer) -> None:
    """``answer(sound, window, hop)`` → ``(*batch, pieces, window)``: piece h begins at sample h · hop, whole windows
    only."""
    expect_close(
        answer(torch.zeros(1000), 400, 160),
        torch.zeros(4, 400),
        law="silence stays silence, 4 pieces of it",
        hint="one row a piece; the next piece begins a hop later, not a window later",
    )
    count = torch.arange(20.0)
    expect_close(
        answer(count, 6, 4)[:, 0],
        torch.tensor([0.0, 4, 8, 12]),
        law="piece h begins at sample h · hop",
        hint="count where the first samples of your pieces come from",
    )
    expect_close(answer(count, 6, 4)[1], count[4:10], law="a piece holds its samples in order")
    impulse = torch.zeros(1000)
    impulse[500] = 1
    found = torch.as_tensor(answer(impulse, 400, 160)).nonzero().tolist()
    expect(found == [[1, 340], [2, 180], [3, 20]], law="one impulse is in every piece that covers it")
    expect_shape(
        answer(_noise(400), 400, 160),
        (1, 400),
        law="a sound as long as the window has one piece",
        hint="the last start that fits is len(sound) − window itself",
    )
    expect_shape(
        answer(_noise(399), 400, 160),
        (0, 400),
        law="a sound shorter than the window has no piece",
        hint="whole windows only: nothing is padded here",
    )
    _frames_awkward_sounds(answer)


def _frames_awkward_sounds(answer: Answer) -> None:
    odd = _noise(1003)
    expect_close(answer(odd, 401, 157), odd.unfold(0, 401, 157), law="odd lengths are cut like even ones")
    expect_any_layout(answer, odd, 300, 70)
    expect_double(answer, odd, 400, 160)
    batch = _noise(2, 3, 900)
    expect_close(
        answer(batch, 400, 160),
        batch.unfold(-1, 400, 160),
        law="batches are framed along the last axis",
        hint="index with sound[..., …]",
    )


@exercise("from mel back to hertz")
def mel_to_hz(answer: Answer) -> None:
    """``answer(mel)`` → hertz, on the curve 2595 log10(1 + f / 700)."""
    zero = answer(torch.zeros(1))
    expect_close(zero, torch.zeros(1), law="0 mel are 0 Hz", hint="what is 10⁰? Undo the 1 + as well")
    expect_close(
        answer(torch.tensor([1000.0])),
        torch.tensor([1000.0]),
        rtol=1e-3,
        law="1000 mel are about 1000 Hz",
        hint="the logarithm is to base 10; undo the steps of hz_to_mel from the last to the first",
    )
    hertz = torch.linspace(20, 8000, 57, dtype=torch.float64)
    expect_close(
        answer(hz_to_mel(hertz, scale="htk")),
        hertz,
        law="there and back again is where one was",
        hint="put 440 Hz through hz_to_mel and then through yours",
    )
    steps = torch.as_tensor(answer(torch.arange(0.0, 2800, 100))).diff()
    expect((steps.diff() > 0).all(), law="equal steps in mel are wider and wider steps in hertz")
    expect_double(answer, hertz)


@exercise("mel triangles")
def mel_triangles(answer: Answer) -> None:
    """``answer(bands, rate, fft, low, high)`` → ``(fft // 2 + 1, bands)``: triangles of height 1, even in mel."""
    fine = _triangles(answer, 20, 16_000, 4096, 100.0, 7000.0)
    expect_shape(
        fine,
        (2049, 20),
        law="a row for every bin from 0 to half the rate, a column for every band",
        hint="the spectrum has fft // 2 + 1 bins",
    )
    expect((fine >= 0).all(), law="no band has negative weights", hint="a line goes on below zero unless you stop it")
    expect_close(
        fine.max(0).values,
        torch.ones(20),
        rtol=0.1,
        law="every triangle is about 1 high at its peak",
        hint="rising and falling side meet at 1; no area is made equal here",
    )
    bins = torch.arange(2049) * 16_000 / 4096
    outside = fine[(bins < 100) | (bins > 7000)]
    expect(not outside.any(), law="nothing below low or above high is heard")
    expect(fine[(bins > 100) & (bins < 7000)].any(1).all(), law="every bin between low and high is heard")
    peaks = hz_to_mel(bins[fine.argmax(0)], scale="htk").diff()
    expect(
        float(peaks.std() / peaks.mean()) < 0.05,
        law="peaks stand at even steps in mel",
        hint="space the corners in mel, then turn them into hertz",
    )
    _hears_all_alike(fine)
    for bands, rate, fft, low, high in ((23, 16_000, 512, 20.0, 8000.0), (11, 22_050, 1023, 0.0, 11_025.0)):
        wanted = mel_filters(bands, rate=rate, fft=fft, low=low, high=high, scale="htk", norm="none")
        expect_close(
            _triangles(answer, bands, rate, fft, low, high),
            wanted,
            rtol=1e-3,
            atol=1e-3,
            law=f"the same weights as the library's, with {bands} bands and {fft} points",
            hint="corners keep their exact hertz: do not round them to bins",
        )


def _hears_all_alike(fine: Tensor) -> None:
    between = fine[int(fine[:, 0].argmax()) : int(fine[:, -1].argmax()) + 1]
    expect_close(
        between.sum(1),
        torch.ones(len(between)),
        rtol=1e-2,
        law="between the first and the last peak all bands together weigh every bin with 1",
        hint="where one triangle peaks, its neighbours end",
    )
    tone = torch.zeros(2049, dtype=torch.float64)
    tone[256] = 1  # 1000 Hz
    expect(int((tone @ fine).argmax()) == 6, law="a tone of 1000 Hz is loudest in the band that peaks nearest to it")


def _triangles(answer: Answer, *settings: float | int) -> Tensor:
    return torch.as_tensor(answer(*settings)).double()


@exercise("the cosine transform as a matrix")
def dct_matrix(answer: Answer) -> None:
    """``answer(bands, coefficients)`` → ``(bands, coefficients)``: the orthonormal DCT-II."""
    matrix = torch.as_tensor(answer(24, 13)).double()
    expect_shape(matrix, (24, 13), law="a row for every band, a column for every coefficient")
    flat = torch.ones(24).double() @ matrix
    expect_close(
        flat[1:],
        torch.zeros(12),
        atol=1e-4,
        law="flat bands have no shape: only coefficient 0 is not zero",
        hint="the cosine is taken in the middle of each band, k + ½, and π is divided by the number of bands",
    )
    lengths = matrix.square().sum(0)
    expect_close(
        lengths[1:],
        torch.ones(12),
        rtol=1e-3,
        law="every column after the first has length 1",
        hint="the squares of a cosine column sum to half the number of bands",
    )
    expect_close(
        lengths[0],
        torch.tensor(1.0),
        rtol=1e-3,
        law="the first column has length 1 too",
        hint="its cosine is 1 everywhere, so its squares sum to twice as much",
    )
    full = torch.as_tensor(answer(9, 9)).double()
    expect_close(full.mT @ full, torch.eye(9), atol=1e-4, law="columns stand at right angles: MᵀM = 1")
    for bands, coefficients in ((17, 17), (80, 13), (5, 1)):
        bank = np.random.default_rng(0).normal(size=(3, bands))
        wanted = scipy.fft.dct(bank, type=2, norm="ortho")[:, :coefficients]
        got = torch.from_numpy(bank) @ torch.as_tensor(answer(bands, coefficients)).double()
        expect_close(
            got,
            wanted,
            rtol=1e-3,
            atol=1e-4,
            law=f"the same as scipy's, {bands} bands, {coefficients} kept",
            hint="signs and order: column n is cos(π n (k + ½) / bands)",
        )


@exercise("slopes by regression")
def deltas(answer: Answer) -> None:
    """``answer(features, reach)`` → the same shape: the regression slope along time, end rows repeated."""
    expect_close(
        answer(torch.full((9, 2), 5.0), 2),
        torch.zeros(9, 2),
        atol=1e-5,
        law="what does not change has slope 0",
        hint="also at the ends: repeat the end rows, do not put zeros there",
    )
    ramp = torch.arange(12.0)[:, None] * torch.tensor([1.0, -3.0])
    expect_close(
        answer(ramp, 2)[2:-2],
        torch.tensor([[1.0, -3.0]]).repeat(8, 1),
        law="inside a ramp the slope is its rise a row",
        hint="look at sign, at the factor 2 and at the squares in the denominator",
    )
    bent = torch.arange(9.0)[:, None] ** 3
    expect_close(
        answer(bent, 1)[1:-1],
        (bent[2:] - bent[:-2]) / 2,
        law="with a reach of 1 the slope is half the difference of the two neighbours",
        hint="nothing may be fixed to a reach of 2",
    )
    impulse = torch.zeros(11, 1)
    impulse[5] = 1
    wanted = torch.tensor([0, 0, 0, 0.2, 0.1, 0, -0.1, -0.2, 0, 0, 0])[:, None]
    expect_close(
        answer(impulse, 2), wanted, law="an impulse leaves the weights of the fit, rising before it, falling after"
    )
    _slopes_of_awkward_features(answer)


def _slopes_of_awkward_features(answer: Answer) -> None:
    noise = _noise(7, 3)
    expect_close(
        answer(noise, 2),
        regression_deltas(noise, reach=2),
        law="ends are fitted to repeated end rows",
        hint="the row before the first is the first",
    )
    expect_close(answer(noise[:1], 2), torch.zeros(1, 3), atol=1e-6, law="a single row does not change")
    expect_any_layout(answer, noise, 3)
    expect_double(answer, noise, 2)
    batch = _noise(2, 15, 3)
    expect_close(
        answer(batch, 2),
        regression_deltas(batch, reach=2),
        law="batches: time is the last axis but one",
        hint="index with features[..., rows, :]",
    )
