"""The checks of chapter 01 tell typical wrong answers apart; ``test_exercises`` tries solutions and stubs."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.course.checks import ch01
from thlab.course.checks.base import WrongAnswer

NAMES = ("cut_window", "blink_onsets", "split_clips", "permutation_test", "read_alignment", "choose_threshold")


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


# -- alignments -------------------------------------------------------------------------------------------------------


def _seconds(units, rate):
    return units / rate


def _read(text, rate, *, silent=("sil", "sp"), when=_seconds, lines=str.splitlines, strict=True):
    """A reader with one part exchanged."""
    words = []
    for number, line in enumerate(lines(text), 1):
        if line.strip() or lines is not str.splitlines:
            fields = line.split()
            if strict and (len(fields) < 3 or not fields[1].isdigit() or int(fields[1]) < int(fields[0])):
                raise ValueError(f"line {number} is damaged: {line}")
            if fields[2].lower() not in silent:
                words.append((fields[2], when(int(fields[0]), rate), when(int(fields[1]), rate)))
    return words


def _without_numbers(text, rate):
    try:
        return _read(text, rate)
    except ValueError:
        raise ValueError("a line is damaged") from None


def _case_matters(text, rate):
    rows = [line.split() for line in text.splitlines() if line.strip()]
    return [(row[2], int(row[0]) / rate, int(row[1]) / rate) for row in rows if row[2] not in ("sil", "sp")]


ALIGNMENTS = {
    "silence among the words": (lambda t, r: _read(t, r, silent=()), "without silence"),
    "pauses among the words": (lambda t, r: _read(t, r, silent=("sil",)), "without silence"),
    "SIL is a word": (_case_matters, "however these are written"),
    "units": (lambda t, r: _read(t, r, when=lambda units, rate: units), "times are seconds"),
    "frames": (lambda t, r: _read(t, r, when=lambda units, rate: units / 1000), "times are seconds"),
    "whole seconds": (lambda t, r: _read(t, r, when=lambda units, rate: units // rate), "times are seconds"),
    "always the rate of GRID": (lambda t, r: _read(t, 25_000), "the same seconds"),
    "empty lines": (lambda t, r: _read(t, r, lines=lambda text: text.rstrip().split("\n")), "raised ValueError"),
    "times first": (lambda t, r: [(a, b, w) for w, a, b in _read(t, r)], "a word comes first"),
    "words alone": (lambda t, r: [word for word, *_ in _read(t, r)], "a list of"),
    "damage passes": (lambda t, r: _read(t, r, strict=False), "names its number"),
    "which line": (_without_numbers, "names its number"),
}


@pytest.mark.parametrize("wrong", ALIGNMENTS)
def test_wrong_alignments_are_told_apart(wrong):
    answer, message = ALIGNMENTS[wrong]
    with pytest.raises(WrongAnswer, match=message):
        ch01.read_alignment(answer)


# -- thresholds -------------------------------------------------------------------------------------------------------


def _best(good, bad, *, cost=None, widest=True):
    values = np.unique(np.concatenate([good, bad]))
    middles, gaps = (values[1:] + values[:-1]) / 2, np.diff(values)
    costs = np.array([(cost or _shares)(good, bad, middle) for middle in middles])
    best = np.isclose(costs, costs.min())
    return middles[best][gaps[best].argmax() if widest else 0]


def _shares(good, bad, threshold):
    return np.mean(good > threshold) + np.mean(bad <= threshold)


def _sorts_in_place(good, bad):
    good.sort()
    return _best(good, bad)


THRESHOLDS = {
    "the middle of the means": (lambda g, b: (g.mean() + b.mean()) / 2, "have no say"),
    "the largest good one": (lambda g, b: g.max(), "the middle between them"),
    "no good one dropped": (lambda g, b: (g.max() + b[b > g.max()].min()) / 2, "fewest mistakes"),
    "no bad one kept": (lambda g, b: (b.min() + g[g < b.min()].max()) / 2, "widest gap"),
    "steps of a hundredth": (
        lambda g, b: min(np.arange(0, 100, 0.01), key=lambda m: (_shares(g, b, m), abs(m - 5))), "same choice",
    ),
    "three spreads": (lambda g, b: 5 if len(b) == 2 and g.max() < 4 else g.mean() + 3 * g.std(), "same choice"),
    "the first of equals": (lambda g, b: _best(g, b, widest=False), "widest gap"),
    "numbers of mistakes": (lambda g, b: _best(g, b, cost=lambda g, b, m: (g > m).sum() + (b <= m).sum()), "shares"),
    "in place": (_sorts_in_place, "left as they were"),
    "two numbers": (lambda g, b: (_best(g, b), 0.0), "expected the shape"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", THRESHOLDS)
def test_wrong_thresholds_are_told_apart(wrong):
    answer, message = THRESHOLDS[wrong]
    with pytest.raises(WrongAnswer, match=message):
        ch01.choose_threshold(answer)


TABLES = (WINDOWS, BLINKS, SPLITS, PERMUTATIONS, ALIGNMENTS, THRESHOLDS)


@pytest.mark.parametrize(("name", "table"), zip(NAMES, TABLES, strict=True), ids=NAMES)
def test_no_answer_that_breaks_a_law_leaves_a_traceback(name, table):
    for answer, _ in table.values():
        with pytest.raises(WrongAnswer) as caught:
            getattr(ch01, name)(answer)
        assert "\n" not in str(caught.value)


WRONG = {name: [answer for answer, _ in table.values()] for name, table in zip(NAMES, TABLES, strict=True)}
"""What ``test_exercises`` asks of every chapter: the wrong answers above, by exercise."""
