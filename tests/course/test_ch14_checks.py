"""The checks of chapter 14 tell typical mistakes apart; ``test_exercises`` tries solutions and stubs."""

from __future__ import annotations

import pytest
import torch
from course.notebooks import solutions

from thlab.course.checks import ch14
from thlab.course.checks.base import WrongAnswer
from thlab.metrics.frechet import Moments, frechet_distance
from thlab.metrics.image import psnr

NOTEBOOK = "14_is_the_picture_right.ipynb"
NAMES = ("peak_ratio", "window_likeness", "mouth_ratio", "independent_distance", "pick_metric")


def ratio(generated, real, data_range, *, squared=True, power=2, factor=10, floor=0.0):
    """PSNR, or a wrong variant of it."""
    away = generated - real
    error = (away.square() if squared else away.abs()).mean() + floor
    return factor * torch.log10(data_range**power / error)


WRONG_RATIOS = [
    ("one picture gets one number", lambda a, b, top: 10 * torch.log10(top**2 / (a - b).square().mean((1, 2)))),
    ("a tenth of the range", lambda a, b, top: ratio(a, b, top, squared=False)),
    ("a tenth of the range", lambda a, b, top: ratio(a, b, top, factor=20)),
    ("a tenth of the range", lambda a, b, top: 10 * torch.log(top**2 / (a - b).square().mean())),
    ("do not cancel", lambda a, b, top: 20 * torch.log10(top / (a - b).mean().abs())),
    ("averaged with the others", lambda a, b, top: (10 * torch.log10(top**2 / (a - b).square())).mean()),
    ("bytes with the range 255", lambda a, b, top: ratio(a, b, top, power=1)),
    ("bytes with the range 255", lambda a, b, top: ratio(a, b, 1.0)),
    ("infinite", lambda a, b, top: ratio(a, b, top, floor=1e-10)),
    ("float64 in", lambda a, b, top: ratio(a.float(), b.float(), top)),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_RATIOS)
def test_wrong_ratios_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch14.peak_ratio(answer)


def likeness(x, y, top, *, correction=0, printed=False, constants=(0.01, 0.03), grows=True, absolute=False):
    """SSIM of a window, or a wrong variant of it."""
    c1, c2 = ((k * (top if grows else 1)) ** 2 for k in constants)
    a, b = x.mean(), y.mean()
    both = ((x - a) * (y - b)).sum() / (x.numel() - correction)
    both = both.abs() if absolute else both
    spread = x.var(correction=correction) + y.var(correction=correction)
    above = 2 * a * b if printed else 2 * both
    return (2 * a * b + c1) * (above + c2) / ((a**2 + b**2 + c1) * (spread + c2))


WRONG_WINDOWS = [
    ("gets one number", lambda x, y, top: likeness(x, y, top) * torch.ones_like(x)),
    ("like itself by 1", lambda x, y, top: likeness(x, y, top, printed=True)),
    ("like itself by 1", lambda x, y, top: likeness(x, y, top) / 2),
    ("flat windows", lambda x, y, top: likeness(x, y, top, constants=(0.1, 0.03))),
    ("flat windows", lambda x, y, top: likeness(x, y, top, constants=(0.0, 0.0)).nan_to_num()),
    ("twice the contrast", lambda x, y, top: likeness(x, y, top, correction=1)),
    ("twice the contrast", lambda x, y, top: likeness(x, y, top, constants=(0.01, 0.3))),
    ("which window comes first", lambda x, y, top: likeness(x, y, top) + 0.01 * (x.mean() - y.mean()) *
     (x.std() > 1e-3) * (y.std() > 1e-3)),
    ("a negative", lambda x, y, top: likeness(x, y, top, absolute=True)),
    ("bytes with the range 255", lambda x, y, top: likeness(x, y, top, grows=False)),
    ("float64 in", lambda x, y, top: likeness(x.float(), y.float(), top)),
]  # fmt: skip


@pytest.mark.parametrize(("message", "answer"), WRONG_WINDOWS)
def test_wrong_windows_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch14.window_likeness(answer)


def of_mouth(generated, real, mask, *, diluted=False, channels=3):
    """PSNR over a mask, or a wrong variant of it."""
    error = (generated - real).square().sum(1) * mask
    count = torch.full((len(mask),), mask[0].numel()) if diluted else mask.sum((1, 2))
    return -10 * torch.log10(error.sum((1, 2)) / (channels * count))


def mean_of_channels(generated, real, mask):
    parts = [of_mouth(generated[:, [c]], real[:, [c]], mask, channels=1) for c in range(3)]
    return torch.stack(parts).mean(0)


def zeroed(generated, real, mask):
    real *= mask[:, None]
    return of_mouth(generated * mask[:, None], real, mask)


WRONG_MOUTHS = [
    ("a number of its own", lambda a, b, mask: of_mouth(a, b, mask).mean()),
    ("a number of its own", lambda a, b, mask: -10 * torch.log10((a - b).square()[mask[:, None].expand_as(a)].mean())),
    ("it is the PSNR of the picture", lambda a, b, mask: of_mouth(a, b, mask, channels=1)),
    ("counts in full", lambda a, b, mask: of_mouth(a, b, mask, diluted=True)),
    ("counts in full|does not count", lambda a, b, mask: -10 * torch.log10((a - b).square().mean((1, 2, 3)))),
    ("in one channel of three", mean_of_channels),
    ("left as they were", zeroed),
    ("float64 in", lambda a, b, mask: of_mouth(a.float(), b.float(), mask)),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_MOUTHS)
def test_wrong_mouths_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch14.mouth_ratio(answer)


def distance(m, v, n, w, *, root=False, variances=False, product=True):
    """The distance of independent Gaussians, or a wrong variant of it."""
    away = (m - n).square().sum()
    spread = (v - w).square().sum() if variances else (v.sqrt() - w.sqrt()).square().sum() if product else 0 * v.sum()
    return (away + spread).sqrt() if root else away + spread


WRONG_DISTANCES = [
    ("two sets have one distance", lambda m, v, n, w: (m - n).square() + (v.sqrt() - w.sqrt()).square()),
    ("squared distance of the means", lambda m, v, n, w: distance(m, v, n, w, root=True)),
    ("squared distance of the means", lambda m, v, n, w: (m - n).norm() + (v.sqrt() - w.sqrt()).square().sum()),
    ("differences of the deviations", lambda m, v, n, w: distance(m, v, n, w, variances=True)),
    ("differences of the deviations", lambda m, v, n, w: distance(m, v, n, w, product=False)),
    ("which set comes first", lambda m, v, n, w: distance(m, v, n, w) * (1 + 0.1 * (m[0] < n[0]))),
    ("nine times", lambda m, v, n, w: distance(m, v, n, w).clamp(max=50)),
    ("always shows the same", lambda m, v, n, w: distance(m, v, n, w) + 0 * (v / w).sum()),
    ("float64 in", lambda m, v, n, w: distance(m, v, n, w).float()),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_DISTANCES)
def test_wrong_distances_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch14.independent_distance(answer)


def instead(question: str, metric: str):
    """All answers right but one."""
    right = {key: answer for key, (answer, *_) in ch14.ANSWERS.items()}
    return lambda asked: {**right, question: metric}[asked]


WRONG_PICKS = [
    ("no pixel is forgiven", instead("camera", "SSIM")),
    ("light that differs", instead("light", "PSNR")),
    ("only what was painted", instead("lips", "PSNR")),
    ("only what was painted", instead("lips", "SSIM")),
    ("softness is judged", instead("teeth", "mouth PSNR")),
    ("no frame has a partner", instead("strangers", "PSNR")),
    ("is one of PSNR, SSIM", instead("lips", "FID")),
    ("is one of PSNR, SSIM", lambda asked: 3),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_PICKS)
def test_wrong_picks_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch14.pick_metric(answer)


@pytest.fixture(scope="module")
def answers():
    return solutions(NOTEBOOK)


@pytest.fixture(scope="module")
def pair():
    return torch.rand(2, 4, 3, 16, 20, generator=torch.Generator().manual_seed(4)).unbind(0)


def test_the_students_ratio_is_that_of_the_package(answers, pair):
    generated, real = pair
    ours = psnr(generated, real, data_range=1.0)
    theirs = torch.stack([answers.peak_ratio(a, b, 1.0) for a, b in zip(generated, real, strict=True)])
    torch.testing.assert_close(theirs, ours)


def test_the_students_ratio_of_the_mouth_is_that_of_the_package(answers, pair):
    mask = torch.zeros(4, 16, 20, dtype=torch.bool)
    mask[:, 6:12, 3:15] = True
    torch.testing.assert_close(answers.mouth_ratio(*pair, mask), psnr(*pair, data_range=1.0, mask=mask))


def test_the_students_distance_is_that_of_the_package_on_axes_of_their_own(answers):
    rng = torch.Generator().manual_seed(5)
    rows = torch.randn(200, 4, generator=rng, dtype=torch.float64)
    rows = torch.linalg.qr(rows - rows.mean(0))[0]  # exactly uncorrelated
    sets = 5 * rows + 1, rows * torch.tensor([1.0, 2.0, 3.0, 4.0])
    moments = [part for part_of in sets for part in (part_of.mean(0), part_of.var(0))]
    ours = frechet_distance(*(Moments.of(part_of, name="rows") for part_of in sets))
    assert answers.independent_distance(*moments).item() == pytest.approx(ours)


WRONG = {
    name: [answer for _, answer in table]
    for name, table in zip(
        NAMES, (WRONG_RATIOS, WRONG_WINDOWS, WRONG_MOUTHS, WRONG_DISTANCES, WRONG_PICKS), strict=True
    )
}
"""What ``test_exercises`` asks of every chapter: the wrong answers above, by exercise."""
