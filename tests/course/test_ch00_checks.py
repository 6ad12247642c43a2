"""The checks of chapter 00 tell typical mistakes apart; ``test_exercises`` tries solutions and stubs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from course.notebooks import solutions

from thlab.course.checks import ch00
from thlab.course.checks.base import WrongAnswer
from thlab.face.action_units import EXPRESSION_INDEX
from thlab.face.motion import Motion

NOTEBOOK = "00_your_first_talking_head.ipynb"
JAW = EXPRESSION_INDEX["jaw_open"]


def through_seconds(frame: int):
    first, after = int(frame / 25 * 16_000), int((frame + 1) / 25 * 16_000)
    return first, after + (frame == 28), int(frame * 4), int((frame + 1) * 4)  # as a float one short, for frame 29


WRONG_CLOCKS = {
    "whole numbers": lambda i: (i / 25 * 16_000, (i + 1) / 25 * 16_000, i * 4, (i + 1) * 4),
    "its end not counted": lambda i: (i * 640, i * 640 + 639, i * 4, i * 4 + 3),
    "of hops": lambda i: (i * 640, (i + 1) * 640, i * 80 // 25, (i + 1) * 80 // 25),
    "begins with sample 0": lambda i: ((i + 1) * 640, (i + 2) * 640, i * 4, (i + 1) * 4),
    "where the one before it ends": through_seconds,
    "four numbers": lambda i: (i * 640, (i + 1) * 640),
}


@pytest.mark.parametrize("message", WRONG_CLOCKS)
def test_wrong_clocks_are_told_apart(message: str):
    with pytest.raises(WrongAnswer, match=message):
        ch00.belongs(WRONG_CLOCKS[message])


def best(given, wanted, agreement, shifts) -> int:
    def at(shift: int) -> float:
        frames = len(wanted) - abs(shift)
        return agreement(given[max(0, shift) :][:frames], wanted[max(0, -shift) :][:frames])

    return max(shifts, key=at)


def correlation(a, b) -> float:
    return float(np.corrcoef(a, b)[0, 1])


BOTH_SIDES = range(-6, 7)
WRONG_LAGS = {
    "comes 3 frames late": lambda g, w: -best(g, w, correlation, BOTH_SIDES),
    "comes 2 frames early": lambda g, w: best(g, w, correlation, range(7)),
    "does not lag behind itself": lambda g, w: 6 + best(g, w, correlation, BOTH_SIDES),
    "volume and offset": lambda g, w: best(g, w, lambda a, b: -float(np.abs(a - b).mean()), BOTH_SIDES),
    "does not come round": lambda g, w: max(BOTH_SIDES, key=lambda s: correlation(np.roll(g, -s), w)),
}


@pytest.mark.parametrize("message", WRONG_LAGS)
def test_wrong_lags_are_told_apart(message: str):
    with pytest.raises(WrongAnswer, match=message):
        ch00.lag(WRONG_LAGS[message])


def motion_of(clip) -> Motion:
    return Motion(clip.truth.expression.numpy(), clip.truth.pose.numpy(), clip.truth.gaze.numpy())


def with_own_pose(reference, driving):
    motion, still = motion_of(driving), reference.truth.pose[:1].numpy()
    return reference.truth.actor, Motion(motion.expression, still.repeat(len(motion), 0), motion.gaze)


def spoiling(reference, driving):
    driving.truth.gaze.zero_()
    return reference.truth.actor, motion_of(driving)


WRONG_SWAPS = {
    "the face is that of the reference": lambda r, d: (d.truth.actor, motion_of(d)),
    "lasts as long as the driving": lambda r, d: (r.truth.actor, motion_of(r)),
    "the pose is that of the driving": with_own_pose,
    "the gaze is that of the driving": spoiling,
    "is a Motion": lambda r, d: (r.truth.actor, d.truth.expression),
    "two things": lambda r, d: motion_of(d),
}


@pytest.mark.parametrize("message", WRONG_SWAPS)
def test_wrong_swaps_are_told_apart(message: str):
    with pytest.raises(WrongAnswer, match=message):
        ch00.retarget(WRONG_SWAPS[message])


def mouth(audio, frames: int, *, measure=None, divide=True, column: int | slice = JAW, early: int = 0) -> np.ndarray:
    sound = np.zeros(frames * 640)
    sound[: min(len(audio), len(sound))] = audio[: len(sound)]
    rows = np.roll(sound, -640 * early).reshape(frames, 640)
    loudness = np.sqrt((rows**2).mean(1)) if measure is None else measure(rows)
    face = np.zeros((frames, len(EXPRESSION_INDEX)))
    with np.errstate(invalid="ignore"):
        face[:, column] = (loudness / loudness.max() if divide else loudness).reshape(-1, *[1] * (column != JAW))
    return face


WRONG_MOUTHS = {
    "the loudest frame opens the jaw to 1": lambda a, n: mouth(a, n, divide=False),
    "silence is a closed mouth": lambda a, n: mouth(a, n),
    "only the jaw moves": lambda a, n: mouth(a, n, column=slice(None)),
    "in frame 7 opens the mouth in frame 7": lambda a, n: mouth(a, n, early=1),
    "a fifth of the amplitude": lambda a, n: mouth(a, n, measure=lambda rows: (rows**2).mean(1)),
    "a row a frame": lambda a, n: mouth(a, n)[:, JAW],
    "raised ValueError": lambda a, n: np.asarray(a).reshape(n, 640) if len(a) % 640 else np.nan_to_num(mouth(a, n)),
}


@pytest.mark.parametrize("message", WRONG_MOUTHS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_wrong_mouths_are_told_apart(message: str):
    with pytest.raises(WrongAnswer, match=message):
        ch00.loudness_mouth(WRONG_MOUTHS[message])


def test_tensors_pass_where_arrays_do(shown):
    solution = solutions(NOTEBOOK).loudness_mouth
    ch00.loudness_mouth(lambda audio, frames: torch.from_numpy(solution(audio, frames)))
    assert "✓" in repr(shown[0])


def mean_of_colours(mouths):
    return mouths.astype(float).mean(-1)


def judge(note, mouths, threshold, *, detail=None, grey=mean_of_colours, said=None, sharp="no finding"):
    """A verdict with one part exchanged."""
    if said(note) if said else note and "synthetic" in note.lower():
        return "labelled"
    found = (detail or inner_detail)(grey(mouths))
    return "suspicious" if found < threshold else sharp


def curvature(grey):
    around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    return np.abs(4 * grey[:, 1:-1, 1:-1] - around)


def inner_detail(grey):
    return curvature(grey).mean()


def rolled_detail(grey):
    around = sum(np.roll(grey, shift, axis) for shift in (1, -1) for axis in (1, 2))
    return np.abs(4 * grey - around).mean()


WRONG_VERDICTS = {
    "none of them is \\*real\\*": lambda n, m, t: judge(n, m, t, sharp="real"),
    "three verdicts": lambda n, m, t: inner_detail(mean_of_colours(m)) < t,
    "judged by its mouth": lambda n, m, t: judge(n, m, t) if n else "no finding",
    "full of detail": lambda n, m, t: judge(n, m, -t, detail=lambda grey: -inner_detail(grey)),
    "however sharp": lambda n, m, t: judge(n, m, t, said=lambda note: False),
    "in capitals": lambda n, m, t: judge(n, m, t, said=lambda note: note and "Synthetic" in note),
    "something else": lambda n, m, t: judge(n, m, t, said=bool),
    "raised AttributeError": lambda n, m, t: judge(n, m, t, said=lambda note: "synthetic" in note.lower()),
    "even shading": lambda n, m, t: judge(n, m, t, detail=lambda grey: np.abs(np.diff(grey, axis=2)).mean()),
    "up to the edges": lambda n, m, t: judge(n, m, t, detail=rolled_detail),
    "same grey": lambda n, m, t: judge(n, m, t, grey=lambda mouths: mouths[..., 1].astype(float)),
    "all inner pixels": lambda n, m, t: judge(n, m, t, grey=lambda mouths: mouths.mean(-1).astype(np.uint8)),
    "every frame counts": lambda n, m, t: judge(n, m, t, detail=lambda grey: np.median(curvature(grey).mean((1, 2)))),
}


@pytest.mark.parametrize("message", WRONG_VERDICTS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_wrong_verdicts_are_told_apart(message: str):
    with pytest.raises(WrongAnswer, match=message):
        ch00.verdict(WRONG_VERDICTS[message])


WRONG = {
    "belongs": [*WRONG_CLOCKS.values()],
    "lag": [*WRONG_LAGS.values()],
    "retarget": [*WRONG_SWAPS.values()],
    "loudness_mouth": [*WRONG_MOUTHS.values()],
    "verdict": [*WRONG_VERDICTS.values()],
}
"""What ``test_exercises`` asks of every chapter: the wrong answers above, by exercise."""
