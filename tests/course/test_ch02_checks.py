"""The checks of chapter 02 tell typical mistakes from one another; ``test_exercises`` tries solutions and stubs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import torch

from thlab.audio.filterbank import dct_matrix, mel_filters
from thlab.course.checks import ch02
from thlab.course.checks.base import WrongAnswer

CHAPTER = "02_from_sound_to_mfcc.ipynb"
EXERCISES = ("frame_signal", "mel_to_hz", "mel_triangles", "dct_matrix", "deltas")


def in_numpy_singles(sound, window, hop):
    return sound.float().unfold(-1, window, hop)


def as_strides(sound, window, hop):
    count = 1 + (sound.shape[-1] - window) // hop
    return sound.as_strided((*sound.shape[:-1], max(count, 0), window), (*sound.stride()[:-1], hop, 1))


def first_axis(sound, window, hop):
    return sound.unfold(0, window, hop)


def filters(bands, rate, fft, low, high, **convention):
    convention = {"scale": "htk", "norm": "none", **convention}
    return mel_filters(bands, rate=rate, fft=fft, low=low, high=high, **convention)


def even_in_hertz(bands, rate, fft, low, high):
    corners = torch.linspace(low, high, bands + 2)
    bins = torch.arange(fft // 2 + 1)[:, None] * rate / fft
    step = corners[1] - corners[0]
    return (1 - (bins - corners[1:-1]).abs() / step).clamp(min=0)


def rounded_to_bins(bands, rate, fft, low, high):
    mel = torch.linspace(*(2595 * torch.log10(1 + torch.tensor([low, high]) / 700)).tolist(), bands + 2)
    corners = torch.floor((fft + 1) * 700 * (10 ** (mel / 2595) - 1) / rate)
    bins = torch.arange(fft // 2 + 1)[:, None]
    sides = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2]), (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    return torch.minimum(*sides).clamp(min=0)


def below_zero(bands, rate, fft, low, high):
    mel = torch.linspace(*(2595 * torch.log10(1 + torch.tensor([low, high]) / 700)).tolist(), bands + 2)
    corners = 700 * (10 ** (mel / 2595) - 1)
    bins = torch.arange(fft // 2 + 1)[:, None] * rate / fft
    begin, peak, end = corners[:-2], corners[1:-1], corners[2:]
    return torch.minimum((bins - begin) / (peak - begin), (end - bins) / (end - peak))


def cosines(bands, coefficients, *, half=0.5, first=0.5, scale=2.0, among=None):
    k, n = torch.arange(bands)[:, None] + half, torch.arange(coefficients)
    matrix = (scale / bands) ** 0.5 * torch.cos(torch.pi / (among or bands) * k * n)
    matrix[:, 0] *= first**0.5
    return matrix


def slopes(features, reach, *, sign=1.0, both=2.0, square=True, zeros=False, axis=-2, fixed=None):
    reach = fixed or reach
    moved = features.movedim(axis, -1)
    pad = torch.zeros_like if zeros else torch.clone
    ends = [pad(moved[..., :1]).expand(*moved.shape[:-1], reach), pad(moved[..., -1:]).expand(*moved.shape[:-1], reach)]
    long, count = torch.cat([ends[0], moved, ends[1]], -1), moved.shape[-1]
    total = sum(
        k * (long[..., reach + k :][..., :count] - long[..., reach - k :][..., :count]) for k in range(1, reach + 1)
    )
    norm = both * sum(k * k if square else k for k in range(1, reach + 1))
    return (sign * total / norm).movedim(-1, axis)


MISTAKES: dict[str, dict[str, Callable]] = {
    "frame_signal": {
        "no overlap": lambda x, window, hop: x.unfold(-1, window, window),
        "the last piece is missing": lambda x, window, hop: (
            x[..., : max(x.shape[-1] - 1, 0)].unfold(-1, window, hop)
            if x.shape[-1] > window
            else x.new_zeros(*x.shape[:-1], 0, window)
        ),
        "padded to a whole piece": lambda x, window, hop: torch.nn.functional.pad(
            x, (0, max(0, window - x.shape[-1]))
        ).unfold(-1, window, hop),
        "transposed": lambda x, window, hop: x.unfold(-1, window, hop).mT,
        "backwards": lambda x, window, hop: (
            x.unfold(-1, window, hop).flip(-1) if len(x) < 30 else x.unfold(-1, window, hop)
        ),
        "hop and window exchanged": lambda x, window, hop: x.unfold(-1, hop, window),
        "relies on memory": lambda x, window, hop: as_strides(x, window, hop),
        "single precision": lambda x, window, hop: _or_none(in_numpy_singles, x, window, hop),
        "frames the batch": lambda x, window, hop: _or_none(first_axis, x, window, hop),
    },
    "mel_to_hz": {
        "natural exponent": lambda m: 700 * (torch.exp(m / 2595) - 1),
        "forgot the 1": lambda m: 700 * 10 ** (m / 2595),
        "the same direction": lambda m: 2595 * torch.log10(1 + m / 700),
        "a straight line": lambda m: m,
        "single precision": lambda m: 700 * (10 ** (m.float() / 2595) - 1),
    },
    "mel_triangles": {
        "even in hertz": even_in_hertz,
        "transposed": lambda *settings: filters(*settings).mT,
        "equal areas": lambda *settings: filters(*settings, norm="slaney"),
        "another mel curve": lambda *settings: filters(*settings, scale="slaney"),
        "straight in mel": lambda *settings: filters(*settings, triangles="mel"),
        "corners rounded to bins": rounded_to_bins,
        "below zero": below_zero,
        "not from low": lambda bands, rate, fft, low, high: filters(bands, rate, fft, 0.0, high),
    },
    "dct_matrix": {
        "not normalised": lambda b, c: cosines(b, c, scale=b),
        "first column too long": lambda b, c: cosines(b, c, first=1.0),
        "at the edges of bands": lambda b, c: cosines(b, c, half=0.0),
        "transposed": lambda b, c: dct_matrix(b, c).mT,
        "divided by the coefficients": lambda b, c: cosines(b, c, among=c),
        "upside down": lambda b, c: -dct_matrix(b, c),
    },
    "deltas": {
        "a difference": lambda x, reach: torch.diff(x, dim=-2, prepend=x[..., :1, :]),
        "backwards in time": lambda x, reach: slopes(x, reach, sign=-1.0),
        "without the 2": lambda x, reach: slopes(x, reach, both=1.0),
        "without squares": lambda x, reach: slopes(x, reach, square=False),
        "zeros at the ends": lambda x, reach: slopes(x, reach, zeros=True),
        "reach is always 2": lambda x, reach: slopes(x, reach, fixed=2),
        "along the channels": lambda x, reach: slopes(x, reach, axis=-1),
        "first axis is time": lambda x, reach: slopes(x, reach, axis=0),
        "single precision": lambda x, reach: slopes(x.float(), reach),
    },
}
CASES = [(exercise, mistake) for exercise, mistakes in MISTAKES.items() for mistake in mistakes]


def _or_none(frame: Callable, sound, window, hop):
    """Right for short sounds, so that only the mistake in question is met."""
    return frame(sound, window, hop) if sound.shape[-1] >= window else sound.new_zeros(*sound.shape[:-1], 0, window)


def complaint(exercise: str, answer: object) -> str:
    with pytest.raises(WrongAnswer) as wrong:
        getattr(ch02, exercise)(answer)
    return str(wrong.value)


@pytest.mark.parametrize(("exercise", "mistake"), CASES)
def test_a_typical_mistake_is_named_in_one_line(exercise: str, mistake: str):
    message = complaint(exercise, MISTAKES[exercise][mistake])
    assert "broken law" in message or "it raised" in message
    assert "\n" not in message


@pytest.mark.parametrize("exercise", EXERCISES)
def test_mistakes_are_told_apart(exercise: str):
    """At least three messages of an exercise differ, even without their numbers."""
    messages = {re.sub(r"\(.*\)", "", complaint(exercise, answer)) for answer in MISTAKES[exercise].values()}
    assert len(messages) >= 3


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_answer_that_fails_is_told_on_what(exercise: str):
    assert "it raised ZeroDivisionError" in complaint(exercise, lambda *_: 1 / 0)


WRONG = {name: [*mistakes.values()] for name, mistakes in MISTAKES.items()}
"""What ``test_exercises`` asks of every chapter: the wrong answers above, by exercise."""
