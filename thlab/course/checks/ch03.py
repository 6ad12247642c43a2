"""Checks of chapter 03: sound around a frame, warping, what L1 wants, and laying one face over another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.nn import functional

from thlab.course.checks.base import exercise, expect, expect_any_layout, expect_close, expect_double, expect_shape
from thlab.timebase import frames_to_hops

Window = Callable[[Tensor, int, int], Tensor]
Warp = Callable[[Tensor, Tensor], Tensor]


@exercise("sound around a frame")
def sound_around(answer: Window) -> None:
    """The hops of frames t − context … t + context; beyond the ends the first or the last hop is repeated."""
    rows = torch.arange(frames_to_hops(12), dtype=torch.float32)[:, None] + torch.tensor([0.0, 100.0, 200.0])
    middle = answer(rows, 6, 2)
    expect_shape(middle, (20, 3), law="5 frames are 20 hops", hint="a frame has 4 hops; both neighbours count twice")
    expect_close(
        middle[8:12],
        rows[24:28],
        law="frame 6 itself lies in the middle",
        hint="frame t begins at hop 4 t, and the window begins `context` frames before it",
    )
    expect_close(middle, rows[16:36], law="inside, the window is a plain slice of the features")
    expect_close(answer(rows, 6, 0), rows[24:28], law="without context only the four hops of the frame are left")
    expect_close(
        answer(rows, 4, 3),
        rows[4:32],
        law="three frames of context are 28 hops",
        hint="is the context written into your code as a number?",
    )
    for t, wanted in ((0, [0] * 9 + [*range(1, 12)]), (1, [0] * 5 + [*range(1, 16)])):
        _expect_ends(answer(rows, t, 2), rows[wanted], "before the beginning the first hop is repeated")
    last = [*range(36, 48), *[47] * 8]
    _expect_ends(answer(rows, 11, 2), rows[last], "after the end the last hop is repeated")
    expect_any_layout(answer, rows, 6, 2)
    expect_double(answer, rows, 0, 2)
    expect(rows[0, 0] == 0 and rows[47, 2] == 247, law="the features that came in are left as they were")


def _expect_ends(got: Tensor, wanted: Tensor, law: str) -> None:
    expect_shape(
        got,
        tuple(wanted.shape),
        law=f"{law}, so every window has 20 hops",
        hint="a slice beyond the ends comes out short",
    )
    expect_close(got, wanted, law=law, hint="no silence, no other end of the sound, and no repeated frames: one hop")


@exercise("warp")
def warp(answer: Warp) -> None:
    """Backward bilinear sampling with a flow in pixels, the border repeated."""
    rng = torch.Generator().manual_seed(3)
    picture = torch.rand(3, 7, 9, generator=rng)
    still = torch.zeros(7, 9, 2)
    expect_shape(answer(picture, still), (3, 7, 9), law="a picture comes out, as large as the one that went in")
    expect_close(answer(picture, still), picture, law="no flow, no change")
    right, down, half = (still + torch.tensor(step) for step in ([1.0, 0.0], [0.0, 2.0], [0.5, 0.0]))
    expect_close(
        answer(picture, right)[:, :, :-1],
        picture[:, :, 1:],
        law="a flow of (1, 0) fetches the pixel to the right",
        hint="flow[…, 0] is x, and it says where to fetch from, not where to go",
    )
    expect_close(
        answer(picture, down)[:, :-2],
        picture[:, 2:],
        law="a flow of (0, 2) fetches the pixel two rows below",
        hint="flow[…, 1] is y, downwards",
    )
    expect_close(
        answer(picture, half)[:, :, :-1],
        (picture[:, :, :-1] + picture[:, :, 1:]) / 2,
        law="half-way between two pixels lies their mean",
        hint="do not round to the nearest pixel",
    )
    far = still + torch.tensor([30.0, 0.0])
    expect_close(
        answer(picture, far),
        picture[:, :, -1:].expand(3, 7, 9),
        law="beyond the edge the border is repeated",
        hint="clamp the places: neither zeros nor the opposite side",
    )
    flow = 6 * torch.rand(7, 9, 2, generator=rng) - 3
    expect_close(
        answer(picture, flow),
        _sampled(picture, flow),
        rtol=1e-3,
        atol=1e-4,
        law="any flow gives what torch's grid_sample gives",
        hint="check the four weights: do they add to 1?",
    )
    expect_any_layout(answer, picture, flow)
    expect_double(answer, picture, flow)
    grey = picture[:1, :5]
    expect_close(
        answer(grey, flow[:5]),
        _sampled(grey, flow[:5]),
        rtol=1e-3,
        atol=1e-4,
        law="a grey picture of another size is warped as well",
        hint="are three channels, or a height, written into your code?",
    )


def _sampled(picture: Float[Tensor, "channels height width"], flow: Float[Tensor, "height width 2"]) -> Tensor:
    height, width = flow.shape[:2]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    where = (torch.stack([x, y], -1) + flow + 0.5) * 2 / torch.tensor([width, height]) - 1
    return functional.grid_sample(picture[None], where[None], padding_mode="border", align_corners=False)[0]


@exercise("the best guess under L1")
def best_guess(answer: Callable[[Tensor, Tensor], float]) -> None:
    """The guess g that minimises Σ chance · |g − value|: the weighted median."""
    three, even = torch.tensor([0.3, 0.9, 0.2]), torch.full((3,), 1 / 3)
    expect_shape(answer(three, even), (), law="one guess comes out, a number")
    guess = float(answer(three, even))
    expect(
        abs(guess - 0.3) < 1e-5,
        law=_came("of three values as likely as each other it is the middle one", 0.3, guess),
        hint="this is not the mean: what happens to the cost when the guess moves a little?",
    )
    guess = float(answer(torch.tensor([0.9, 0.1, 0.5]), torch.tensor([0.15, 0.6, 0.25])))
    expect(
        abs(guess - 0.1) < 1e-5,
        law=_came("a value with more than half of the chance wins", 0.1, guess),
        hint="the chances count, and each belongs to its value: sort both together",
    )
    guess = float(answer(torch.tensor([0.0, 0.4, 0.5, 0.6]), torch.tensor([0.4, 0.2, 0.2, 0.2])))
    expect(
        0.4 - 1e-5 <= guess <= 0.5,
        law=_came("the likeliest value need not win", 0.4, guess),
        hint="walk up the sorted values until half of the chance lies behind you",
    )
    expect_any_layout(answer, torch.tensor([0.9, 0.1, 0.5]), torch.tensor([0.15, 0.6, 0.25]))
    _expect_least(answer)


def _expect_least(answer: Callable[[Tensor, Tensor], float]) -> None:
    rng = torch.Generator().manual_seed(5)
    grid = torch.linspace(0, 1, 501)
    for _ in range(20):
        values, chances = torch.rand(6, generator=rng), torch.rand(6, generator=rng)
        chances = chances / chances.sum()
        cost = ((torch.cat([grid, values])[:, None] - values).abs() * chances).sum(1).min()
        mine = (chances * (float(answer(values, chances)) - values).abs()).sum()
        expect(
            mine <= cost + 1e-5,
            law="no other guess costs less",
            hint="try your function on three values by hand, in an order that is not sorted",
        )


def _came(law: str, wanted: float, got: float) -> str:
    return law if abs(got - wanted) < 1e-5 else f"{law} (expected {wanted:g}, got {got:.4g})"


@exercise("lay one face over another")
def similarity(answer: Callable[[np.ndarray, np.ndarray], tuple[complex, complex]]) -> None:
    """a and b that minimise Σ |a p + b − q|²: one complex number turns and scales, another shifts."""
    rng = np.random.default_rng(7)
    face = 50 * (rng.random(13) + 1j * rng.random(13)) + 20
    middle = face - face.mean()  # here b is 0 whatever a is
    _expect_map(
        answer,
        face,
        1,
        0,
        "a face over itself is not moved",
        "do a and b come back in this order? And remember that |p|² is conj(p)·p",
    )
    _expect_map(answer, face, 1, 8 - 3j, "a shift is found", "the means differ by it")
    _expect_map(answer, middle, 1.6, 0, "a scale is found", "is your a free to have another length than 1?")
    _expect_map(
        answer,
        middle,
        np.exp(0.4j),
        0,
        "a turn is found, in the right direction",
        "which of the two must be conjugated? conj(p)·p is real",
    )
    _expect_map(
        answer,
        face,
        0.7 * np.exp(-0.9j),
        40 + 9j,
        "turn, scale and shift are found together",
        "b is what is left of the mean of q once the mean of p is turned and scaled",
    )
    noisy = 1.2 * np.exp(0.2j) * face + 5 + 6 * (rng.standard_normal(13) + 1j * rng.standard_normal(13))
    a, b = _both(answer(face, noisy))
    nudges = [(a + d, b) for d in (1e-3, -1e-3, 1e-3j, -1e-3j)] + [(a, b + d) for d in (0.05, -0.05, 0.05j, -0.05j)]
    least = _error(face, noisy, a, b)
    expect(
        all(_error(face, noisy, *other) > least for other in nudges),
        law="with noise, no map close by has a smaller squared error",
        hint="have you swapped p and q, or divided by Σ|q|²?",
    )
    expect_any_layout(answer, face, noisy)


def _expect_map(
    answer: Callable[[np.ndarray, np.ndarray], tuple[complex, complex]],
    face: Complex[np.ndarray, "points"],
    a: complex | float | int,
    b: complex | float | int,
    law: str,
    hint: str,
) -> None:
    mine = _both(answer(face, a * face + b))
    got, wanted = ([x.real, x.imag] for x in (mine[0] * face + mine[1], a * face + b))
    expect_close(np.array(got), np.array(wanted), law=law, hint=hint, rtol=1e-4, atol=1e-4)


def _both(result: Any) -> tuple[complex, complex]:
    law = "two complex numbers come out, a and b"
    try:
        a, b = result
        a, b = complex(a), complex(b)
    except (TypeError, ValueError):
        expect(False, law=law, hint="end with: return a, b")
        raise
    expect(True, law=law)
    return a, b


def _error(p: Complex[np.ndarray, "points"], q: Complex[np.ndarray, "points"], a: complex, b: complex) -> float:
    return float(np.sum(np.abs(a * p + b - q) ** 2))
