"""The checks of chapter 03 tell typical mistakes apart; ``test_exercises`` tries solutions and stubs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from course.notebooks import solutions
from torch.nn import functional

from thlab.audio.features import mfcc
from thlab.course.checks import ch03
from thlab.course.checks.base import WrongAnswer
from thlab.face.alignment import similarity
from thlab.render.warp import warp
from thlab.systems.speech2vid import Speech2Vid, Speech2VidConfig

NOTEBOOK = "03_speech2vid.ipynb"
NAMES = ("sound_around", "best_guess", "similarity", "warp")


def wanted(t: int, context: int) -> torch.Tensor:
    return torch.arange(4 * (t - context), 4 * (t + context + 1))


def whole_frames_held(rows, t, context):
    frames = torch.arange(t - context, t + context + 1).clamp(0, len(rows) // 4 - 1)
    return rows[(4 * frames[:, None] + torch.arange(4)).flatten()]


def zeros_outside(rows, t, context):
    padded = functional.pad(rows, (0, 0, 4 * context, 4 * context))
    return padded[4 * t : 4 * (t + 2 * context + 1)]


WRONG_WINDOWS = [
    ("5 frames are 20 hops", lambda rows, t, context: rows[4 * t - context : 4 * t + 4 + context]),
    ("frame 6 itself lies in the middle", lambda rows, t, context: rows[4 * t : 4 * (t + 2 * context + 1)]),
    ("frame 6 itself lies in the middle", lambda rows, t, context: rows[wanted(t, context) + 2]),
    ("without context only", lambda rows, t, context: rows[wanted(t, 2).clamp(0, len(rows) - 1)]),
    ("every window has 20 hops", lambda rows, t, context: rows[max(0, 4 * (t - context)) : 4 * (t + context + 1)]),
    (r"before the beginning the first hop is repeated \(at .* expected 100, got 0\)", zeros_outside),
    (r"the first hop is repeated \(.* expected 0, got 40\)", lambda rows, t, c: rows[wanted(t, c) % len(rows)]),
    (r"the first hop is repeated \(at \[1, 0\] expected 0, got 1\)", whole_frames_held),
    ("float64 in", lambda rows, t, c: rows[wanted(t, c).clamp(0, len(rows) - 1)].float()),
    ("view size", lambda rows, t, c: rows.view(-1).view(rows.shape)[wanted(t, c).clamp(0, len(rows) - 1)]),
    ("IndexError", lambda rows, t, context: rows[wanted(t, context).clamp(min=0)]),
]  # fmt: skip


@pytest.mark.parametrize(("message", "answer"), WRONG_WINDOWS)
def test_wrong_windows_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch03.sound_around(answer)


def up_to_half(values, chances):
    return float(values[(chances.cumsum(0) >= 0.5 - 1e-6).nonzero()[0]])


WRONG_GUESSES = [
    ("expected 0.3, got 0.4667", lambda values, chances: float((values * chances).sum())),
    ("expected 0.3, got 0.9", up_to_half),
    ("expected 0.1, got 0.5", lambda values, chances: float(values.median())),
    ("expected 0.1, got 0.5", lambda values, chances: up_to_half(values.sort().values, chances)),
    ("the likeliest value need not win", lambda values, chances: float(values[chances.argmax()])),
    ("one guess comes out", lambda values, chances: values[chances > 0]),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_GUESSES)
def test_wrong_guesses_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch03.best_guess(answer)


def as_complex(points: torch.Tensor) -> np.ndarray:
    return torch.view_as_complex(points.contiguous()).numpy()


def fitted(p, q, *, centred=True, conjugate=True, over=None, unit=False):
    x, y = (p - p.mean(), q - q.mean()) if centred else (p, q)
    power = np.abs(x if over is None else y) ** 2
    a = ((x.conj() if conjugate else x) * y).sum() / power.sum()
    a = a / abs(a) if unit else a
    return a, q.mean() - a * p.mean()


WRONG_MAPS = [
    ("two complex numbers come out", lambda p, q: fitted(p, q)[0]),
    ("a face over itself is not moved", lambda p, q: fitted(p, q)[::-1]),
    ("a face over itself is not moved", lambda p, q: fitted(p, q, conjugate=False)),
    ("a shift is found", lambda p, q: fitted(p, q, centred=False)),
    ("a scale is found", lambda p, q: fitted(p, q, unit=True)),
    ("a scale is found", lambda p, q: (1, q.mean() - p.mean())),
    ("a turn is found, in the right direction", lambda p, q: (np.conj(fitted(p, q)[0]), fitted(p, q)[1])),
    ("found together", lambda p, q: (fitted(p, q)[0], q.mean() - p.mean())),
    ("no map close by has a smaller", lambda p, q: (a := (q[1] - q[0]) / (p[1] - p[0]), q[0] - a * p[0])),
]  # fmt: skip


@pytest.mark.parametrize(("message", "answer"), WRONG_MAPS)
def test_wrong_maps_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch03.similarity(answer)


def sampled(picture, flow, *, mode="bilinear", padding="border", by=1.0):
    """What the package does, or a wrong variant of it."""
    height, width = flow.shape[:2]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    where = (torch.stack([x, y], -1) + by * flow + 0.5) * 2 / torch.tensor([width, height]) - 1
    return functional.grid_sample(picture[None], where[None], mode=mode, padding_mode=padding, align_corners=False)[0]


def wrapped(picture, flow):
    height, width = flow.shape[:2]
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    left, top = x.floor().long(), y.floor().long()
    right = picture[:, top % height, (left + 1) % width]
    return (1 - (x - left)) * picture[:, top % height, left % width] + (x - left) * right


def along_x_only(picture, flow):
    return sampled(picture, torch.stack([flow[..., 0], flow[..., 1].round()], -1))


WRONG_WARPS = [
    ("a picture comes out", lambda picture, flow: picture.movedim(0, -1)),
    ("no flow, no change", lambda picture, flow: functional.avg_pool2d(picture, 3, 1, 1)),
    ("the pixel to the right", lambda picture, flow: sampled(picture, flow, by=-1.0)),
    ("the pixel to the right", lambda picture, flow: sampled(picture, flow.flip(-1))),
    ("two rows below", lambda picture, flow: sampled(picture, flow * torch.tensor([1.0, -1.0]))),
    ("half-way between two pixels lies their mean", lambda picture, flow: sampled(picture, flow.round())),
    (r"the border is repeated \(.* got 0\)", lambda picture, flow: sampled(picture, flow, padding="zeros")),
    ("the border is repeated", wrapped),
    ("what torch's grid_sample gives", along_x_only),
    ("view size", lambda picture, flow: sampled(picture.view(-1).view(picture.shape), flow)),
    ("float64 in", lambda picture, flow: sampled(picture.float(), flow.float())),
    ("a grey picture", lambda picture, flow: sampled(picture, flow).expand(3, -1, -1)),
]  # fmt: skip


@pytest.mark.parametrize(("message", "answer"), WRONG_WARPS)
def test_wrong_warps_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch03.warp(answer)


def test_the_students_window_is_what_the_package_hears():
    audio = 0.1 * torch.randn(16_000, generator=torch.Generator().manual_seed(0))
    system = Speech2Vid(Speech2VidConfig(size=32, channels=4))
    windows = torch.stack([solutions(NOTEBOOK).sound_around(mfcc(audio), t, 2) for t in range(25)])
    torch.testing.assert_close(windows, system.listen(audio)[0], rtol=1e-4, atol=1e-3)


def test_the_students_map_is_that_of_the_package():
    points, other = 10 * torch.rand(2, 1, 9, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    a, b = solutions(NOTEBOOK).similarity(as_complex(points[0]), as_complex(other[0]))
    matrix = similarity(points, other)[0].numpy()
    np.testing.assert_allclose(matrix, [[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]], rtol=1e-6)


def test_the_students_warp_is_that_of_the_package():
    rng = torch.Generator().manual_seed(2)
    picture, flow = torch.rand(3, 8, 10, generator=rng), 4 * torch.rand(8, 10, 2, generator=rng) - 2
    shares = flow * 2 / torch.tensor([10, 8])
    torch.testing.assert_close(
        solutions(NOTEBOOK).warp(picture, flow), warp(picture[None], shares[None])[0], rtol=1e-4, atol=1e-5
    )


WRONG = {
    name: [answer for _, answer in table]
    for name, table in zip(NAMES, (WRONG_WINDOWS, WRONG_GUESSES, WRONG_MAPS, WRONG_WARPS), strict=True)
}
"""What ``test_exercises`` asks of every chapter: the wrong answers above, by exercise."""
