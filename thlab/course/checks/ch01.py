"""Checks of chapter 01: windows on one clock, blinks, splits, a permutation test, alignments and thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from thlab.course.checks.base import brief, exercise, expect, expect_any_layout, expect_close, expect_shape
from thlab.timebase import SYNC_FRAMES, frames_to_hops, frames_to_samples

Answer = Callable[..., Any]
LENGTH = 12
"""Frames of the clip that windows are cut from."""
OPEN = 0.31
"""Opening of the eyes between blinks, in the check of blinks."""
BLINK = (0.24, 0.06, 0.02, 0.10, 0.22)
"""Opening during a blink, a number a frame; the second is the first below half."""
ROUNDS = 99
REPEATS = 6
"""Pairs that are tried twice with the same generator: p of one alone may agree by chance."""
TRIALS = 120
"""Pairs without a link on which a test of links is tried."""


# -- exercise 1 -------------------------------------------------------------------------------------------------------


@exercise("cut a window")
def cut_window(answer: Answer) -> None:
    """``cut_window(frames, audio, mel, start, length)`` gives pictures, sound and features of a window."""
    clip = _numbered_clip()
    last = LENGTH - SYNC_FRAMES
    for start, law in ((3, "a window in the middle"), (0, "the first window"), (last, "the last window")):
        _window_is(answer(*clip, start, SYNC_FRAMES), start, SYNC_FRAMES, law)
    _window_is(answer(*clip, 4, 1), 4, 1, "a window of one frame")
    expect(
        _refuses(answer, *clip, last + 1, SYNC_FRAMES),
        law="a window that reaches beyond the end raises ValueError",
        hint="a slice beyond the end is silently shorter in Python; compare before you cut",
    )
    expect(
        _refuses(answer, *clip, -1, SYNC_FRAMES),
        law="a window that begins before the clip raises ValueError",
        hint="a negative start counts from the end in Python",
    )


def _numbered_clip() -> tuple[Tensor, Tensor, Tensor]:
    """Frames, samples and columns that carry their own numbers."""
    frames = torch.arange(LENGTH, dtype=torch.uint8)[:, None, None, None].expand(-1, 2, 2, 3)
    audio = torch.arange(frames_to_samples(LENGTH), dtype=torch.float32)
    mel = torch.arange(frames_to_hops(LENGTH), dtype=torch.float32)[:, None].expand(-1, 8)
    return frames, audio, mel


def _window_is(got: Any, start: int, length: int, law: str) -> None:
    """The three parts have their lengths and begin where the first frame does."""
    expect(
        isinstance(got, tuple | list) and len(got) == 3,
        law="the answer has three parts: pictures, sound, features",
        hint="return frames[…], audio[…], mel[…]",
    )
    pictures, sound, mel = got
    expect_shape(pictures, (length, 2, 2, 3), law=f"{law} has {length} frames")
    samples, hops = frames_to_samples(length), frames_to_hops(length)
    expect_shape(sound, (samples,), law=f"{law} has {samples} samples", hint="a frame lasts 640 samples")
    expect_shape(mel, (hops, 8), law=f"{law} has {hops} columns of features", hint="a frame lasts 4 hops")
    expect_close(pictures[0, 0, 0, 0], start, law=f"{law} begins with frame {start}")
    expect_close(sound[0], frames_to_samples(start), law=f"the sound of {law} begins when its first frame does")
    expect_close(mel[0, 0], frames_to_hops(start), law=f"the features of {law} begin when its first frame does")


def _refuses(answer: Answer, *arguments: Any) -> bool:
    """Whether the student's own function raises ``ValueError``."""
    try:
        getattr(answer, "__wrapped__", answer)(*arguments)
    except ValueError:
        return True
    except Exception:
        return False
    return False


# -- exercise 2 -------------------------------------------------------------------------------------------------------


@exercise("find blinks")
def blink_onsets(answer: Answer) -> None:
    """``blink_onsets(opening)`` gives the frames at which blinks begin."""
    none, one, two = _opening(), _opening(20), _opening(20, 44)
    before = two.copy()
    expect_shape(answer(none), (0,), law="eyes that stay open do not blink")
    _onsets_are(answer(one), [21], "a blink of five frames is found once", _FIRST)
    _onsets_are(answer(two), [21, 45], "two blinks are found twice", _FIRST)
    expect(np.array_equal(two, before), law="the track that was given is left as it was", hint="copy before you change")
    _onsets_are(
        answer(0.4 * two), [21, 45], "narrow eyes blink as often as wide ones",
        "measure the opening against the person's own, not against a fixed number",
    )  # fmt: skip
    squint = two.copy()
    squint[55:70] *= 0.7
    _onsets_are(answer(squint), [21, 45], "eyes narrowed by a third are not closed", "half of the median is the limit")
    _onsets_are(
        answer(two[21:]), [24], "a blink that is under way in frame 0 does not begin there",
        "an onset needs an open frame before it",
    )  # fmt: skip
    _onsets_are(
        answer(two[:47]), [21, 45], "a blink that the end cuts off has begun", "look at beginnings, not at ends"
    )
    _onsets_are(
        answer(two.astype(np.float32)), [21, 45], "a track of single precision blinks as well", "any type will do"
    )
    expect_any_layout(answer, squint)


_FIRST = "an onset is the first frame below half of the median, the frame after the last open one"


def _opening(*blinks: int) -> Float[np.ndarray, "frames"]:
    """Eyes that are open, with a little noise, and blink at the given frames."""
    track = OPEN + 0.01 * np.random.default_rng(0).standard_normal(80)
    for begin in blinks:
        track[begin : begin + len(BLINK)] = BLINK
    return track


def _onsets_are(got: Any, wanted: list[int], law: str, hint: str) -> None:
    found = np.asarray(got)
    held = found.shape == (len(wanted),) and found.dtype != bool and bool((found == wanted).all())
    expect(held, law=law if held else f"{law} (expected the frames {wanted}, got {brief(found)})", hint=hint)


# -- exercise 3 -------------------------------------------------------------------------------------------------------

PEOPLE = ("Ann", "Ann", "Ann", "Ben", "Ben", "Ben", "Cem", "Cem", "Cem", "Dan")
TEXTS = (1, 2, 3, 1, 2, 4, 2, 3, 4, 5)
HELD_PEOPLE, HELD_TEXTS = {"Cem", "Dan"}, {2, 5}


@exercise("split without a leak")
def split_clips(answer: Answer) -> None:
    """``split_clips(people, sentences, held_people, held_sentences)`` gives the clips to train on, and to test on."""
    train, test = _two_piles(answer(PEOPLE, TEXTS, HELD_PEOPLE, HELD_TEXTS))
    expect(not train & test, law="no clip is in both piles")
    _shares_nothing(train, test, PEOPLE, "person", "nobody held out may be met in training, whatever they say")
    _shares_nothing(train, test, TEXTS, "sentence", "no sentence held out may be trained on, whoever says it")
    expect(
        train == {0, 2, 3, 5},
        law="every clip of other people with other sentences is trained on",
        hint="keep all that is safe; a clip is safe for training if neither its person nor its sentence is held out",
    )
    expect(
        test == {6, 9},
        law="every clip of held-out people with held-out sentences is tested on",
        hint="the test is on clips that are new in both ways",
    )
    nobody = _two_piles(answer(PEOPLE, TEXTS, set(), set()))
    expect(nobody == (set(range(len(PEOPLE))), set()), law="if nothing is held out, everything is trained on")


def _two_piles(got: Any) -> tuple[set[int], set[int]]:
    expect(
        isinstance(got, tuple | list) and len(got) == 2,
        law="the answer has two parts: clips to train on, clips to test on",
    )
    train, test = (list(map(int, pile)) for pile in got)
    inside = all(0 <= index < len(PEOPLE) for index in (*train, *test))
    expect(inside, law="the piles hold numbers of clips", hint="use enumerate or range(len(people))")
    expect(len(set(train)) == len(train) and len(set(test)) == len(test), law="no clip is in a pile twice")
    return set(train), set(test)


def _shares_nothing(train: set[int], test: set[int], trait: Sequence[object], name: str, hint: str) -> None:
    shared = {trait[i] for i in train} & {trait[i] for i in test}
    law = f"no {name} is in both piles"
    expect(not shared, law=law if not shared else f"{law} ({sorted(map(str, shared))} are)", hint=hint)


# -- exercise 4 -------------------------------------------------------------------------------------------------------


@exercise("test a correlation by shuffling")
def permutation_test(answer: Answer) -> None:
    """``permutation_test(x, y, rounds, rng)`` gives the correlation, and how often chance alone would reach it."""
    x, y = _linked(0)
    kept = x.copy(), y.copy()
    r, _ = _result(answer(x, y, ROUNDS, np.random.default_rng(1)))
    expect_close(r, np.corrcoef(*kept)[0, 1], law="the first number is Pearson's correlation, with its sign")
    same = bool(np.array_equal(x, kept[0]) and np.array_equal(y, kept[1]))
    expect(same, law="the numbers that were given are left as they were", hint="shuffle a copy")
    once, again = ([_of_chance(answer, trial) for trial in range(REPEATS)] for _ in range(2))
    expect(once == again, law="the same generator gives the same answer", hint="draw every shuffle from rng")
    _, least = _result(answer(x, x, 19, np.random.default_rng(2)))
    expect_close(
        least, 1 / 20, law="of a perfect link, 19 shuffles leave p = 1/20, never 0",
        hint="what was found is one of the arrangements that chance could give, so count it too",
    )  # fmt: skip
    _, opposite = _result(answer(x, -x, 19, np.random.default_rng(2)))
    expect_close(opposite, 1 / 20, law="a link downwards counts like one upwards", hint="compare sizes without sign")
    chances = [_of_chance(answer, trial)[1] for trial in range(TRIALS)]
    expect(
        0.40 < np.mean(chances) < 0.60,
        law="without a link, p is one half on average",
        hint="shuffle one of the two, so that pairs break; count the shuffles that reach what was found",
    )
    share = float(np.mean(np.array(chances) < 0.1))
    expect(share < 0.2, law="without a link, p falls below 0.1 about one time in ten", hint="shuffle, do not resample")


def _of_chance(answer: Answer, trial: int) -> tuple[float, float]:
    """The answer for a pair that is not linked, with a generator of its own."""
    return _result(answer(*_unlinked(trial), ROUNDS, np.random.default_rng(trial)))


def _result(got: Any) -> tuple[float, float]:
    expect(isinstance(got, tuple | list) and len(got) == 2, law="the answer has two numbers: r and p")
    r, p = float(got[0]), float(got[1])
    expect(0 <= p <= 1, law="p lies between 0 and 1")
    return r, p


def _linked(seed: int) -> tuple[Float[np.ndarray, "people"], Float[np.ndarray, "people"]]:
    """A weak link downwards."""
    rng = np.random.default_rng([seed, 0xC01])
    x = rng.standard_normal(24)
    return x, -0.4 * x + rng.standard_normal(24)


def _unlinked(seed: int) -> tuple[Float[np.ndarray, "people"], Float[np.ndarray, "people"]]:
    x, y = np.random.default_rng([seed, 0xC02]).standard_normal((2, 24))
    return x, y


# -- exercise 5 -------------------------------------------------------------------------------------------------------

ALIGNED = "0 23750 sil\n23750 29500 bin\n29500 34000 blue\n34000 35510 at\n35510 36000 sp\n36000 74500 SIL\n"
"""Two and a half words of GRID, in 1/25,000 s."""


@exercise("read an alignment")
def read_alignment(answer: Answer) -> None:
    """``read_alignment(text, rate)`` gives the words of a label file, with their times in seconds."""
    words = _timed_words(answer(ALIGNED, 25_000))
    expect(
        [word for word, _, _ in words] == ["bin", "blue", "at"],
        law="the words come in their order, without silence (sil) and pauses (sp), however these are written",
        hint="compare the label in small letters",
    )
    times = [seconds for _, *both in words for seconds in both]
    expect_close(
        times, [0.95, 1.18, 1.18, 1.36, 1.36, 1.4204], law="times are seconds",
        hint="a file counts in units, so many a second; which of the two do you divide by? // cuts off",
    )  # fmt: skip
    htk = "0 9500000 sil\n9500000 11800000 bin"
    expect_close(
        _timed_words(answer(htk, 10_000_000))[0][1:], [0.95, 1.18], law="another rate, other units, the same seconds",
        hint="the rate is given; do not write it down",
    )  # fmt: skip
    other = "\r\n" + ALIGNED.replace("\n", "\r\n\r\n") + "  "
    same = answer(other, 25_000) == answer(ALIGNED, 25_000)
    expect(same, law="empty lines and the line ends of Windows mean nothing", hint="splitlines and strip")
    expect(_timed_words(answer("", 25_000)) == [], law="a text without lines has no words")
    for damaged in ("0 100 bin\n100 2oo blue", "0 100 bin\n100 200", "0 100 bin\n300 200 blue"):
        expect(
            _names_line(answer, damaged, "2"), law="a line that cannot be right raises ValueError and names its number",
            hint="say f'line {number}: …'; too few fields, no whole numbers, an end before the start",
        )  # fmt: skip


def _timed_words(got: Any) -> list[tuple[str, float, float]]:
    whole = isinstance(got, list | tuple) and all(isinstance(row, list | tuple) and len(row) == 3 for row in got)
    expect(whole, law="the answer is a list of (word, start, end)")
    expect(all(isinstance(word, str) for word, _, _ in got), law="a word comes first, then its two times")
    return [(word, float(start), float(end)) for word, start, end in got]


def _names_line(answer: Answer, text: str, number: str) -> bool:
    """Whether the student's own function raises ``ValueError`` with the number of the line."""
    try:
        getattr(answer, "__wrapped__", answer)(text, 25_000)
    except ValueError as error:
        return number in str(error).replace("25000", "").replace("2oo", "").replace("200", "")
    except Exception:
        return False
    return False


# -- exercise 6 -------------------------------------------------------------------------------------------------------


CHOICES = (
    ([0, 0, 0, 0, 4], [5, 20, 20], 4.5, "values far from the threshold have no say",
     "count mistakes; means and spreads are no mistakes"),
    ([1, 2, 3, 4, 8], [6, 7, 9, 10, 11], 5.0, "where they overlap, the fewest mistakes win",
     "a mistake is a good one dropped or a bad one kept"),
    ([1, 2, 3, 6], [5, 9, 9, 10], 7.5, "of equally good thresholds the one in the widest gap wins",
     "it bears the most noise"),
    (np.arange(40) / 10, [3.55, 6.0], 3.525,
     "shares are compared, not numbers: how many defects were planted says nothing",
     "add the share of the good that is dropped and the share of the bad that is kept"),
)  # fmt: skip
"""Values of good and of bad clips, the threshold between them, the law that it shows, and a hint."""


@exercise("choose a threshold")
def choose_threshold(answer: Answer) -> None:
    """``choose_threshold(good, bad)`` gives the limit above which a clip is dropped."""
    good, bad = np.array([3.0, 1.0, 2.0]), np.array([9.0, 7.0])
    kept = good.copy(), bad.copy()
    expect_close(
        answer(good, bad), 5.0, law="where good and bad lie apart, the threshold is the middle between them",
        hint="the middle between the largest good and the smallest bad value",
    )  # fmt: skip
    same = bool(np.array_equal(good, kept[0]) and np.array_equal(bad, kept[1]))
    expect(same, law="the values that were given are left as they were", hint="sort a copy")
    expect_close(
        answer(1000 * good, 1000 * bad), 5000.0, law="another unit gives the same choice",
        hint="try the middles between neighbouring values, not steps of your own",
    )  # fmt: skip
    for fine, poor, wanted, law, hint in CHOICES:
        expect_close(answer(np.array(fine, float), np.array(poor, float)), wanted, law=law, hint=hint)
    expect_any_layout(answer, good, bad)
