"""The checks of chapter 15 tell typical mistakes apart; ``test_exercises`` tries solutions and stubs."""

from __future__ import annotations

import pytest
import torch
from course.notebooks import solutions
from torch.nn import functional

from thlab.course.checks import ch15
from thlab.course.checks.base import WrongAnswer
from thlab.metrics import landmark, sync

NOTEBOOK = "15_is_the_mouth_right.ipynb"
NAMES = ("mouth_distance", "lip_gap", "contrastive_loss", "sync_curve", "offset_and_confidence")


def distance(found, real, *, points=slice(48, 68), eyes=(36, 45), of=None, square=False, each=True):
    """The landmark distance in eye distances, or a wrong variant of it."""
    away = (found - real)[:, points].norm(dim=-1)
    away = away.square() if square else away
    ruler = real if of is None else of
    unit = (ruler[:, eyes[0]] - ruler[:, eyes[1]]).norm(dim=-1)
    return (away.mean(1) / unit).mean() if each else away.mean() / unit.mean()


WRONG_DISTANCES = [
    ("one number comes out", lambda found, real: (found - real)[:, 48:68].norm(dim=-1).mean(1)),
    ("only lips count", lambda found, real: distance(found, real, points=slice(0, 68))),
    ("only lips count", lambda found, real: distance(found, real, points=slice(31, 68))),
    ("worth 0.1", lambda found, real: 20 * distance(found, real)),
    ("worth 0.1", lambda found, real: distance(found, real, square=True)),
    ("worth 0.1", lambda found, real: (found - real)[:, 48:68].norm(dim=-1).mean()),
    ("worth 0.1", lambda found, real: distance(found, real, eyes=(39, 42))),
    ("twice the size", lambda found, real: (found - real)[:, 48:68].norm(dim=-1).mean() / 50),
    ("twice as far away", lambda found, real: (found - real)[:, 48:68].square().sum(-1).mean().sqrt() / 50
     * 50 / (real[:, 36] - real[:, 45]).norm(dim=-1).mean()),
    ("eyes of each frame", lambda found, real: (found - real)[:, 48:68].norm(dim=-1).mean()
     / (real[0, 36] - real[0, 45]).norm()),
    ("taken from the real face", lambda found, real: distance(found, real, of=found)),
    ("float64 in", lambda found, real: distance(found, real).float()),
]  # fmt: skip


@pytest.mark.parametrize(("message", "answer"), WRONG_DISTANCES)
def test_wrong_distances_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch15.mouth_distance(answer)


def gap(points, *, upper=(61, 62, 63), lower=(67, 66, 65), total=False, unit=True, each=True):
    """The gap of the lips in eye distances, or a wrong variant of it."""
    open_ = (points[:, list(upper)] - points[:, list(lower)]).norm(dim=-1)
    open_ = open_.sum(1) if total else open_.mean(1)
    eyes = (points[:, 36] - points[:, 45]).norm(dim=-1)
    return open_ / (eyes if each else eyes.mean()) if unit else open_


WRONG_GAPS = [
    ("one number a frame", lambda points: gap(points).mean()),
    ("lips that touch", lambda points: gap(points, upper=(50, 51, 52), lower=(58, 57, 56))),
    ("lips that touch", lambda points: gap(points, lower=(65, 66, 67))),
    ("are worth 0.2", lambda points: gap(points, unit=False)),
    ("are worth 0.2", lambda points: gap(points, total=True)),
    ("head that is tilted", lambda points: (points[:, [67, 66, 65], 1] - points[:, [61, 62, 63], 1]).mean(1) / 50),
    ("each of the three pairs", lambda points: gap(points, upper=(62,), lower=(66,))),
    ("coming nearer", lambda points: gap(points, each=False)),
    ("float64 in", lambda points: gap(points).float()),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_GAPS)
def test_wrong_gaps_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch15.lip_gap(answer)


def loss(seen, heard, temperature, *, sign=1, rows=True, columns=True, reduction="mean"):
    """The contrastive loss, or a wrong variant of it."""
    table, right = sign * seen @ heard.T / temperature, torch.arange(len(seen))
    parts = [functional.cross_entropy(side, right, reduction=reduction)
             for side, wanted in ((table, rows), (table.T, columns)) if wanted]  # fmt: skip
    return sum(parts) / len(parts)


def one_against_one(seen, heard, temperature):
    """Binary: the right pair against the next one."""
    table = seen @ heard.T / temperature
    right, wrong = table.diagonal(), table.roll(1, 1).diagonal()
    return functional.softplus(wrong - right).mean()


WRONG_LOSSES = [
    ("one number comes out", lambda seen, heard, t: loss(seen, heard, t, reduction="none")),
    ("ln 7", lambda seen, heard, t: loss(seen, heard, t, reduction="sum")),
    ("ln 7", one_against_one),
    ("ln 7", lambda seen, heard, t: -(seen * heard).sum(1).mean() / t),
    ("cost nothing", lambda seen, heard, t: loss(seen, heard, t, sign=-1)),
    ("cost nothing", lambda seen, heard, t: loss(seen, heard, 1 / t)),
    ("divided by the temperature", lambda seen, heard, t: loss(seen, heard, min(t, 0.1))),
    ("sounds choose mouths", lambda seen, heard, t: loss(seen, heard, t, columns=False)),
    ("sounds choose mouths", lambda seen, heard, t: loss(seen, heard, t, rows=False)),
    ("float64 in", lambda seen, heard, t: loss(seen, heard, t).float()),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_LOSSES)
def test_wrong_losses_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch15.contrastive_loss(answer)


def curve_of(seen, heard, reach, *, sign=1, square=False, shifts=None):
    """The curve of sync, or a wrong variant of it."""
    table = (seen[:, None] - heard).norm(dim=-1)
    table = table.square() if square else table
    return torch.stack([table.diagonal(sign * k).mean() for k in shifts or range(-reach, reach + 1)])


def padded_curve(seen, heard, reach):
    longer = functional.pad(heard, (0, 0, reach, reach))
    count = len(seen)
    return torch.stack([(seen - longer[k : k + count]).norm(dim=1).mean() for k in range(2 * reach + 1)])


def rolled_curve(seen, heard, reach):
    return torch.stack([(seen - heard.roll(-k, 0)).norm(dim=1).mean() for k in range(-reach, reach + 1)])


def means_first(seen, heard, reach):
    """The length of the mean difference, in place of the mean length."""
    count = len(seen)
    parts = [(seen[max(0, -k) : count - max(0, k)] - heard[max(0, k) : count - max(0, -k)]).mean(0).norm()
             for k in range(-reach, reach + 1)]  # fmt: skip
    return torch.stack(parts)


WRONG_CURVES = [
    ("gives 9 distances", lambda seen, heard, reach: curve_of(seen, heard, reach, shifts=range(-reach, reach))),
    ("in the middle", lambda seen, heard, reach: curve_of(seen, heard, reach, shifts=range(2 * reach + 1))),
    ("all shifts are", padded_curve),
    ("all shifts are", lambda seen, heard, reach: curve_of(seen, heard, reach, square=True)),
    ("all shifts are", lambda seen, heard, reach: len(seen) * curve_of(seen, heard, reach)),
    (r"shift of \+3", lambda seen, heard, reach: curve_of(seen, heard, reach, sign=-1)),
    ("that have a partner", rolled_curve),
    ("that have a partner", means_first),
    ("float64 in", lambda seen, heard, reach: curve_of(seen, heard, reach).float()),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_CURVES)
def test_wrong_curves_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch15.sync_curve(answer)


WRONG_READINGS = [
    ("two numbers come out", lambda curve: curve.median() - curve.min()),
    ("two numbers come out", lambda curve: (curve, curve.min())),
    ("offset of 0", lambda curve: (curve.argmin(), curve.median() - curve.min())),
    ("offset of 0", lambda curve: (curve.argmin() - 15, curve.median() - curve.min())),
    ("median less the minimum", lambda curve: (curve.argmin() - len(curve) // 2, curve.mean() - curve.min())),
    ("median less the minimum", lambda curve: (curve.argmin() - len(curve) // 2, curve.min())),
    ("median less the minimum", lambda curve: (curve.argmin() - len(curve) // 2, curve.min() - curve.median())),
    ("2 frames late", lambda curve: (len(curve) // 2 - curve.argmin(), curve.median() - curve.min())),
    ("31 distances", lambda curve: (curve.argmin() - 3, curve.median() - curve.min())),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_READINGS)
def test_wrong_readings_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch15.offset_and_confidence(answer)


@pytest.fixture(scope="module")
def answers():
    return solutions(NOTEBOOK)


@pytest.fixture(scope="module")
def faces() -> torch.Tensor:
    return 100 * torch.rand(2, 12, 68, 2, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def tracks() -> torch.Tensor:
    return functional.normalize(torch.randn(2, 40, 16, generator=torch.Generator().manual_seed(1)), dim=-1)


def test_the_students_distance_is_that_of_the_package(answers, faces):
    ours = landmark.landmark_distance(*faces, convention="mean", unit="eyes")
    torch.testing.assert_close(answers.mouth_distance(*faces), ours)


def test_the_students_gap_is_that_of_the_package(answers, faces):
    torch.testing.assert_close(answers.lip_gap(faces[0]), landmark.lip_gap(faces[0]))


def test_the_students_curve_is_that_of_the_package(answers, tracks):
    ours = sync.shift_distances(*tracks, reach=9)
    torch.testing.assert_close(answers.sync_curve(*tracks, 9), ours, atol=1e-5, rtol=1e-5)


def test_the_students_offset_and_confidence_are_those_of_the_package(answers, tracks):
    late = tracks[0][4:], tracks[0][:-4]
    curve = sync.shift_distances(*late, reach=9)
    offset, confidence = answers.offset_and_confidence(curve)
    assert int(offset) == int(sync.offset_of(curve)) == 4
    assert float(confidence) == pytest.approx(float(sync.confidence_of(curve)))


WRONG = {
    name: [answer for _, answer in table]
    for name, table in zip(
        NAMES, (WRONG_DISTANCES, WRONG_GAPS, WRONG_LOSSES, WRONG_CURVES, WRONG_READINGS), strict=True
    )
}
"""What ``test_exercises`` asks of every chapter: the wrong answers above, by exercise."""
