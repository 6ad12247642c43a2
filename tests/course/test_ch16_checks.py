"""The checks of chapter 16 tell typical mistakes apart; ``test_exercises`` tries solutions and stubs."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.course.checks import ch16
from thlab.course.checks.base import WrongAnswer

NAMES = ("z_scores", "bootstrap_means", "agreement", "raters_needed", "patterns_in_use")


def scores(table, *, axis=1, ddof=0, mean=np.nanmean, spread=np.nanstd, safe=True):
    """z-scores, or a wrong variant of them."""
    centred = table - mean(table, axis=axis, keepdims=True)
    width = spread(table, axis=axis, keepdims=True, ddof=ddof)
    return centred / np.where(width == 0, 1, width) if safe else centred / width


def scored_in_place(table):
    table -= np.nanmean(table, 1, keepdims=True)
    return scores(table)


def filled(table):
    return np.where(np.isnan(table), np.nan, scores(np.nan_to_num(table)))


def of_all(table):
    width = np.nanstd(table)
    return (table - np.nanmean(table)) / (width or 1)


def common_spread(table):
    own = scores(table)
    return own if len(table) == 3 else own * (1 + 0.1 * np.arange(len(table))[:, None])


WRONG_SCORES = [
    ("a table comes out", lambda table: scores(table).mean(0)),
    ("every rater's scores have mean 0", of_all),
    ("every rater's scores have mean 0", lambda table: scores(table, axis=0)),
    ("have standard deviation 1", lambda table: table - np.nanmean(table, 1, keepdims=True)),
    ("have standard deviation 1", lambda table: scores(table, ddof=1)),
    ("a milder rater", lambda table: scores(table) * np.array([[1.0], [-1.0], [1.0]])[: len(table)]),
    ("left as they were", scored_in_place),
    ("a missing rating stays missing", lambda table: scores(table, mean=np.mean, spread=np.std)),
    ("a missing rating stays missing", lambda table: np.nan_to_num(scores(table))),
    ("do not count, not even as 0", filled),
    ("always answers 3", lambda table: scores(table, safe=False)),
    ("changes nobody's scores", common_spread),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_SCORES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_wrong_scores_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch16.z_scores(answer)


def drawn(table, draws, rng, *, raters=True, clips=True, replace=True):
    """The bootstrap, or a wrong variant of it."""
    means = []
    for _ in range(draws):
        rows = rng.choice(len(table), len(table), replace=replace) if raters else np.arange(len(table))
        columns = rng.choice(table.shape[1], table.shape[1], replace=replace) if clips else np.arange(table.shape[1])
        means.append(table[rows][:, columns].mean())
    return np.array(means)


def drawn_cells(table, draws, rng):
    return rng.choice(table.ravel(), (draws, table.size)).mean(1)


def clips_for_each_rater(table, draws, rng):
    rows = rng.integers(len(table), size=(draws, len(table), 1))
    return table[rows, rng.integers(table.shape[1], size=(draws, *table.shape))].mean((1, 2))


def pairs_of_places(table, draws, rng):
    size = min(table.shape)
    return table[rng.integers(len(table), size=(draws, size)), rng.integers(table.shape[1], size=(draws, size))].mean(1)


WRONG_MEANS = [
    ("as many means", lambda table, draws, rng: drawn(table, draws, rng).mean()),
    ("so are all means", lambda table, draws, rng: drawn(table, draws, rng) - 3),
    ("where only raters differ", lambda table, draws, rng: drawn(table, draws, rng, raters=False)),
    ("where only clips differ", lambda table, draws, rng: drawn(table, draws, rng, clips=False)),
    ("where only raters differ", lambda table, draws, rng: drawn(table, draws, rng, replace=False)),
    ("where only raters differ", drawn_cells),
    ("where only raters differ", pairs_of_places),
    ("the same clips for all|where only clips differ", clips_for_each_rater),
    ("one seed", lambda table, draws, rng: drawn(table, draws, np.random.default_rng())),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_MEANS)
def test_wrong_draws_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch16.bootstrap_means(answer)


def alpha(table, *, within=1, overall=1, weighted=True, single=False):
    """Krippendorff's alpha of the interval level, or a wrong variant of it."""
    count = np.isfinite(table).sum(0)
    kept = table[:, count > (0 if single else 1)]
    count = np.isfinite(kept).sum(0)
    inside = np.nan_to_num(np.nanvar(kept, 0, ddof=within))
    disagreement = (count * inside).sum() / count.sum() if weighted else inside.mean()
    return 1 - disagreement / np.nanvar(kept, ddof=overall)


def correlation(table):
    return np.nanmean(np.corrcoef(table)[np.triu_indices(len(table), 1)])


WRONG_ALPHAS = [
    ("one number", lambda table: 1 - np.nanvar(table, 0, ddof=1) / np.nanvar(table, ddof=1)),
    ("agree on everything have 1", lambda table: 1 - alpha(table)),
    ("another unit", lambda table: 1 - np.nanmean(np.nanstd(table, 0, ddof=1))),
    ("contradict each other", lambda table: alpha(table, within=0)),
    ("contradict each other", lambda table: alpha(table, overall=0)),
    ("contradict each other", correlation),
    ("a clip counts with as many ratings", lambda table: alpha(table, weighted=False)),
    ("a single rating is left out|a clip counts with as many", lambda table: alpha(table, single=True)),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_ALPHAS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_wrong_agreements_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch16.agreement(answer)


def needed(difference, clips, rater, clip, noise, *, z=2.802, square=True, share=True, floor=True, up=np.ceil):
    """How many raters, or a wrong variant of it."""
    most = (difference / z) ** (2 if square else 1)
    room = most - (clip**2 / clips if floor else 0)
    return np.inf if room <= 0 else float(up((rater**2 + noise**2 / (clips if share else 1)) / room))


def below_zero(difference, clips, rater, clip, noise):
    room = (difference / 2.802) ** 2 - clip**2 / clips
    return np.ceil((rater**2 + noise**2 / clips) / room)


WRONG_COUNTS = [
    ("half a rater is no rater", lambda *a: needed(*a, up=np.floor)),
    ("half a rater is no rater", lambda *a: needed(*a, z=1.96)),
    ("half a rater is no rater", lambda *a: needed(*a, up=float)),
    ("half a rater is no rater", lambda *a: needed(*a, square=False)),
    ("noise is averaged", lambda *a: needed(*a, share=False)),
    ("with 20 clips a difference", lambda *a: needed(*a, floor=False)),
    ("with 4 clips no number", below_zero),
    ("half the difference", lambda d, *a: needed(0.5, *a)),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_COUNTS)
def test_wrong_counts_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch16.raters_needed(answer)


def in_use(states, *, base=np.log, back=np.exp, all_numbers=False, divided=True):
    """The exponential of the entropy, or a wrong variant of it."""
    count = np.bincount(states) if all_numbers else np.unique(states, return_counts=True)[1]
    p = count / count.sum() if divided else count
    return back(-(p * base(p)).sum())


def shares(states):
    return np.unique(states, return_counts=True)[1] / len(states)


WRONG_PATTERNS = [
    ("uses 1", lambda states: in_use(states, back=lambda entropy: entropy)),
    ("in equal parts are 6", lambda states: in_use(states, base=np.log2)),
    ("in equal parts are 6", lambda states: in_use(states, back=lambda entropy: 1 + entropy)),
    ("hardly used counts less", lambda states: len(np.unique(states))),
    ("hardly used counts less", lambda states: 1 / (shares(states) ** 2).sum()),
    ("which numbers states have", lambda states: in_use(states, all_numbers=True)),
    ("uses 1", lambda states: in_use(states, divided=False)),
    ("one number", lambda states: shares(states)),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_PATTERNS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_wrong_patterns_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch16.patterns_in_use(answer)


WRONG = {
    name: [answer for _, answer in answers]
    for name, answers in zip(
        NAMES, (WRONG_SCORES, WRONG_MEANS, WRONG_ALPHAS, WRONG_COUNTS, WRONG_PATTERNS), strict=True
    )
}


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("z_scores", scores), ("bootstrap_means", drawn), ("agreement", alpha), ("raters_needed", needed),
        ("patterns_in_use", in_use),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_the_wrong_answers_vary_is_right(shown, name: str, answer):
    getattr(ch16, name)(answer)
    assert "hold" in repr(shown[0])
