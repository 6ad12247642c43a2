"""The checks of chapter 01 tell typical wrong answers apart; ``test_exercises`` tries solutions and stubs."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.course.checks import ch01
from thlab.course.checks.base import WrongAnswer

NAMES = ("cut_window", "blink_onsets", "split_clips", "permutation_test")


# -- windows ----------------------------------------------------------------------------------------------------------


def _slices(first, last, samples=640, hops=4, shift=0):
    """Slices without any question about the ends."""

    def cut(frames, audio, mel, start, length):
        a, b = start + first, start + length + last
        return frames[a:b], audio[a * samples + shift : b * samples + shift], mel[a * hops : b * hops]

    return cut


def _inside(cut):
    """Ends are looked at, before a wrong cut."""

    def checked(frames, audio, mel, start, length):
        if start < 0 or start + length > len(frames):
            raise ValueError("outside")
        return cut(frames, audio, mel, start, length)

    return checked


def _only_at_the_end(frames, audio, mel, start, length):
    if start + length > len(frames):
        raise ValueError("outside")
    return _slices(0, 0)(frames, audio, mel, start, length)


def _raises_index_error(frames, audio, mel, start, length):
    if start < 0 or start + length > len(frames):
        raise IndexError("outside")
    return _slices(0, 0)(frames, audio, mel, start, length)


WINDOWS = {
    "an inclusive end": (_inside(_slices(0, 1)), "has 5 frames"),
    "features at 80 a second, as in Wav2Lip": (_inside(_slices(0, 0, hops=3)), "4 hops"),
    "sound at 48 kHz": (_inside(_slices(0, 0, samples=1920)), "640 samples"),
    "sound from the middle of the frame": (_inside(_slices(0, 0, shift=320)), "the sound of a window in the middle"),
    "no look at the ends": (_slices(0, 0), "beyond the end raises ValueError"),
    "a negative start": (_only_at_the_end, "before the clip raises ValueError"),
    "the wrong exception": (_raises_index_error, "raises ValueError"),
    "the pictures alone": (_inside(lambda f, a, m, s, n: f[s : s + n]), "three parts"),
}


@pytest.mark.parametrize("wrong", WINDOWS)
def test_wrong_windows_are_told_apart(wrong):
    answer, message = WINDOWS[wrong]
    with pytest.raises(WrongAnswer, match=message):
        ch01.cut_window(answer)


# -- blinks -----------------------------------------------------------------------------------------------------------


def _edges(closed):
    return np.flatnonzero(closed[1:] & ~closed[:-1]) + 1


def _writes_into_the_track(opening):
    closed = opening < 0.5 * np.median(opening)
    opening[closed] = 0
    return _edges(closed)


BLINKS = {
    "every closed frame": (lambda o: np.flatnonzero(o < 0.5 * np.median(o)), "found once"),
    "a mask": (lambda o: o < 0.5 * np.median(o), "do not blink"),
    "the frame before": (lambda o: _edges(o < 0.5 * np.median(o)) - 1, "found once"),
    "ends": (lambda o: _edges(o >= 0.5 * np.median(o)), "found once"),
    "a fixed limit": (lambda o: _edges(o < 0.155), "narrow eyes"),
    "too high a limit": (lambda o: _edges(o < 0.72 * np.median(o)), "found once|narrowed by a third"),
    "the middle of the range": (lambda o: _edges(o < (o.min() + o.max()) / 2), "do not blink"),
    "frame 0": (lambda o: _edges(np.append(False, o < 0.5 * np.median(o))) - 1, "under way in frame 0"),
    "writing into the track": (_writes_into_the_track, "left as it was"),
}


@pytest.mark.parametrize("wrong", BLINKS)
def test_wrong_blinks_are_told_apart(wrong):
    answer, message = BLINKS[wrong]
    with pytest.raises(WrongAnswer, match=message):
        ch01.blink_onsets(answer)


# -- splits -----------------------------------------------------------------------------------------------------------


def _split(is_test, is_train=None):
    def split(people, sentences, held_people, held_sentences):
        clips = [
            (i, p in held_people, s in held_sentences) for i, (p, s) in enumerate(zip(people, sentences, strict=True))
        ]
        test = [i for i, person, text in clips if is_test(person, text)]
        train = [i for i, person, text in clips if (is_train(person, text) if is_train else i not in test)]
        return train, test

    return split


SPLITS = {
    "by person alone": (_split(lambda p, s: p), "no sentence is in both"),
    "by sentence alone": (_split(lambda p, s: s), "no person is in both"),
    "the rest trains": (_split(lambda p, s: p and s), "no person is in both"),
    "tests too much": (_split(lambda p, s: p or s, lambda p, s: not (p or s)), "no person is in both"),
    "trains on nothing": (_split(lambda p, s: p and s, lambda p, s: False), "other people with other sentences"),
    "every other clip": (lambda p, s, hp, hs: (list(range(0, 10, 2)), list(range(1, 10, 2))), "no person is in both"),
    "one pile": (lambda p, s, hp, hs: [0, 2, 3, 5], "two parts"),
    "names, not numbers": (lambda p, s, hp, hs: ([11, 12], [13]), "numbers of clips"),
}


@pytest.mark.parametrize("wrong", SPLITS)
def test_wrong_splits_are_told_apart(wrong):
    answer, message = SPLITS[wrong]
    with pytest.raises(WrongAnswer, match=message):
        ch01.split_clips(answer)


# -- permutation test -------------------------------------------------------------------------------------------------


def _r(x, y):
    return float(np.corrcoef(x, y)[0, 1])


def _test(shuffle, reaches=lambda r, found: abs(r) >= abs(found), extra=1, of=_r):
    def test(x, y, rounds, rng):
        found = of(x, y)
        hits = sum(reaches(of(*shuffle(x, y, rng)), found) for _ in range(rounds))
        return found, (hits + extra) / (rounds + extra)

    return test


def _break_pairs(x, y, rng):
    return x, rng.permutation(y)


def _together(x, y, rng):
    order = rng.permutation(len(x))
    return x[order], y[order]


def _in_place(x, y, rng):
    rng.shuffle(y)
    return x, y


def _resampled(x, y, rng):
    order = rng.integers(len(x), size=len(x))
    return x[order], y[order]


PERMUTATIONS = {
    "p may be 0": (_test(_break_pairs, extra=0), "never 0"),
    "one-sided": (_test(_break_pairs, lambda r, found: r >= found), "downwards"),
    "pairs stay pairs": (_test(_together), "1/20"),
    "in place": (_test(_in_place), "left as they were"),
    "a bootstrap": (_test(_resampled), "1/20"),
    "its own randomness": (_test(lambda x, y, rng: (x, np.random.default_rng().permutation(y))), "same generator"),
    "the share below": (_test(_break_pairs, lambda r, found: abs(r) < abs(found)), "1/20"),
    "r squared": (_test(_break_pairs, of=lambda x, y: _r(x, y) ** 2), "Pearson"),
    "r alone": (lambda x, y, rounds, rng: _r(x, y), "two numbers"),
}


@pytest.mark.parametrize("wrong", PERMUTATIONS)
def test_wrong_permutation_tests_are_told_apart(wrong):
    answer, message = PERMUTATIONS[wrong]
    with pytest.raises(WrongAnswer, match=message):
        ch01.permutation_test(answer)


@pytest.mark.parametrize("table", [WINDOWS, BLINKS, SPLITS, PERMUTATIONS], ids=NAMES)
def test_no_answer_that_breaks_a_law_leaves_a_traceback(table):
    for answer, _ in table.values():
        with pytest.raises(WrongAnswer) as caught:
            getattr(ch01, NAMES[(WINDOWS, BLINKS, SPLITS, PERMUTATIONS).index(table)])(answer)
        assert "\n" not in str(caught.value)


WRONG = {
    name: [answer for answer, _ in table.values()]
    for name, table in zip(NAMES, (WINDOWS, BLINKS, SPLITS, PERMUTATIONS), strict=True)
}
"""What ``test_exercises`` asks of every chapter: the wrong answers above, by exercise."""
