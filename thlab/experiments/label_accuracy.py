"""Learn automatic labels from synthetic people, and measure on others how often they are right.

``python -m thlab.experiments.label_accuracy`` makes the corpus, learns, measures, and writes both the numbers behind
``thlab.corpus.cleaning.labels`` and ``data_samples/label_accuracy.json``, which ``thlab clean --labels`` prints.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Float32, Int
from scipy.optimize import minimize
from tqdm import tqdm

from thlab.corpus.cleaning.labels import (
    ACTIVE,
    EVERY,
    FILE,
    SURE_OF_EMOTION,
    UNKNOWN,
    LabelModel,
    emotion_features,
    expressions_of,
    label_emotion,
    label_units,
    unit_features,
    with_one,
)
from thlab.corpus.plan import CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.experiments.checkpoints import ROOT
from thlab.face.action_units import EMOTION_NAMES, EXPRESSIONS
from thlab.media import Clip, atomic_path

RECORD = ROOT / "data_samples" / "label_accuracy.json"
LEARNED = CorpusConfig(size=160, framing="head", clips_an_actor=3, masks=False, supersample=1)
TESTED = replace(LEARNED, split="test")
LEARNED_CLIPS, TESTED_CLIPS = 120, 90
PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""Weights of the squared coefficients that are tried, by leaving out a fifth of the people at a time."""
FOLDS = 5
RAREST = 0.005
"""Share of the frames in which a unit must be active to be learned."""
HIDDEN = ("tongue_up", "tongue_out")
"""Units that no mesh of the face shows."""
DRAWS = 2000
CAUTION = (
    "All this holds for synthetic faces. On recordings labels are less often right than their confidence says; and how "
    "a face looks is not what somebody feels (Barrett et al. 2019)."
)


@dataclass(frozen=True, eq=False)
class Observed:
    """One clip: what was fitted to its pictures, and what is true."""

    actor: int
    emotion: str
    fitted: Float32[np.ndarray, "frames modes"]
    true: Float32[np.ndarray, "frames modes"]


@dataclass(frozen=True)
class Accuracy:
    """How often the labels are right, on people who were not learned from. Intervals hold 95 %, drawn by person."""

    learned_people: int
    tested_people: int
    emotion: dict[str, tuple[float, float, float]]
    """Share of the clips: right, right among those that are told, told at all; each with its interval."""
    confusion: list[list[int]]
    """Rows: true emotion; columns: told emotion, the last one unknown."""
    units: dict[str, dict[str, float]]
    """By unit: F1 of its frames with its interval, that of always saying yes, and the share of frames it is active."""

    def save(self, path: Path = RECORD) -> None:
        """Write it as JSON."""
        with atomic_path(path) as part:
            part.write_text(json.dumps(asdict(self), indent=1) + "\n")

    def lines(self) -> list[str]:
        """The tables, as text."""
        return [*_emotion_lines(self), "", *_unit_lines(self), "", CAUTION]


def read_accuracy(path: Path = RECORD) -> Accuracy:
    """What was measured last.

    Raises:
        ValueError: the file is not there.
    """
    if not path.is_file():
        raise ValueError(f"{path} is not there; run python -m thlab.experiments.label_accuracy to measure it")
    known = json.loads(path.read_text())
    return Accuracy(**(known | {"emotion": {name: tuple(row) for name, row in known["emotion"].items()}}))


def observe(clip: Clip) -> Observed:
    """Fit expressions to the pictures of a synthetic clip.

    Raises:
        ValueError: MediaPipe is not there, or loses the face: then truth and fit would not be of the same frames.
    """
    truth = clip.truth
    assert truth is not None
    assert truth.expression is not None
    assert clip.frames is not None
    fitted = expressions_of(clip.frames.numpy())
    true = truth.expression.numpy()[::EVERY]
    if len(true) != len(fitted):
        raise ValueError(f"the face was found in {len(fitted)} of {len(true)} frames only; take larger pictures")
    return Observed(truth.actor or 0, truth.emotion or "neutral", fitted, true)


# -- learning ---------------------------------------------------------------------------------------------------------


def learn(clips: Sequence[Observed], *, penalties: Sequence[float] = PENALTIES) -> LabelModel:
    """Logistic regressions: one a unit over frames, one of seven classes over clips.

    Features are centred and scaled for learning; the weights are given for features as they are. The penalty of each
    is the one that is best on people left out.
    """
    frames = np.concatenate([unit_features(clip.fitted) for clip in clips])
    people = np.concatenate([np.full(len(clip.fitted), clip.actor) for clip in clips])
    active = np.concatenate([clip.true for clip in clips]) >= ACTIVE
    often = active.mean(0) >= RAREST
    units = np.array([k for k, name in enumerate(EXPRESSIONS) if often[k] and name not in HIDDEN])
    columns = [_learned(frames, _two(active[:, unit]), people, penalties) for unit in units]
    moods = np.array([EMOTION_NAMES.index(clip.emotion) for clip in clips])
    looks = np.stack([emotion_features(clip.fitted) for clip in clips])
    actors = np.array([clip.actor for clip in clips])
    emotions = _learned(looks, np.eye(len(EMOTION_NAMES))[moods], actors, penalties)
    return LabelModel(units, np.stack([column[:, 1] - column[:, 0] for column in columns], 1), emotions)


def _two(active: Bool[np.ndarray, "rows"]) -> Float[np.ndarray, "rows 2"]:
    return np.stack([~active, active], 1).astype(np.float64)


def _learned(
    features: Float[np.ndarray, "rows features"],
    wanted: Float[np.ndarray, "rows classes"],
    people: Int[np.ndarray, "rows"],
    penalties: Sequence[float],
) -> Float[np.ndarray, "features_and_one classes"]:
    """Weights with the penalty that suits people left out best."""
    centre, spread = features.mean(0), features.std(0) + 1e-3
    scaled = with_one((features - centre) / spread)
    fold = np.unique(people, return_inverse=True)[1] % FOLDS
    losses = [_left_out(scaled, wanted, fold, penalty) for penalty in penalties] if len(penalties) > 1 else [0.0]
    weights = regress(scaled, wanted, penalties[int(np.argmin(losses))])
    slopes = weights[:-1] / spread[:, None]
    return np.concatenate([slopes, weights[-1:] - centre @ slopes])


def _left_out(
    features: Float[np.ndarray, "rows features"],
    wanted: Float[np.ndarray, "rows classes"],
    fold: Int[np.ndarray, "rows"],
    penalty: float,
) -> float:
    """The loss on people who were left out, the mean over folds."""
    kept = [(fold != k, fold == k) for k in range(FOLDS)]
    return float(np.mean([_loss(regress(features[a], wanted[a], penalty), features[b], wanted[b]) for a, b in kept]))


def regress(
    features: Float[np.ndarray, "rows features"], wanted: Float[np.ndarray, "rows classes"], penalty: float
) -> Float[np.ndarray, "features classes"]:
    """Multinomial logistic regression by L-BFGS; the last feature, a 1, is not penalised.

    Minimises −Σ log p(class) + ½ penalty Σ w².
    """
    shape = (features.shape[1], wanted.shape[1])
    held = np.full(shape, penalty)
    held[-1] = 0.0

    def cost(flat: Float[np.ndarray, "weights"]) -> tuple[float, Float[np.ndarray, "weights"]]:
        weights = flat.reshape(shape)
        share, log_share = _softmax(features @ weights)
        value = -(wanted * log_share).sum() + 0.5 * (held * weights**2).sum()
        return float(value), (features.T @ (share - wanted) + held * weights).ravel()

    start = np.zeros(shape).ravel()
    return minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x.reshape(shape)


def _softmax(odds: Float[np.ndarray, "rows classes"]) -> tuple[np.ndarray, np.ndarray]:
    """Shares, and their logarithms."""
    logs = odds - odds.max(1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(1, keepdims=True))
    return np.exp(logs), logs


def _loss(
    weights: Float[np.ndarray, "features classes"],
    features: Float[np.ndarray, "rows features"],
    wanted: Float[np.ndarray, "rows classes"],
) -> float:
    return float(-(wanted * _softmax(features @ weights)[1]).sum(1).mean())


def keep(model: LabelModel, path: Path = FILE) -> None:
    """Write the numbers, in single precision."""
    with atomic_path(path) as part, part.open("wb") as file:
        np.savez_compressed(
            file,
            units=model.units,
            unit_weights=model.unit_weights.astype(np.float32),
            emotion_weights=model.emotion_weights.astype(np.float32),
        )


# -- measuring --------------------------------------------------------------------------------------------------------


def measure(model: LabelModel, clips: Sequence[Observed], *, learned_people: int) -> Accuracy:
    """Compare labels and truth of people who were not learned from."""
    people = np.array([clip.actor for clip in clips])
    emotion, confusion = _emotions(model, clips, people)
    return Accuracy(learned_people, len(np.unique(people)), emotion, confusion, _units(model, clips, people))


def _emotions(
    model: LabelModel, clips: Sequence[Observed], people: Int[np.ndarray, "clips"]
) -> tuple[dict[str, tuple[float, float, float]], list[list[int]]]:
    labels = [label_emotion(clip.fitted, model=model) for clip in clips]
    likeliest = np.array([max(label.probabilities, key=label.probabilities.__getitem__) for label in labels])
    true = np.array([clip.emotion for clip in clips])
    told = np.array([label.name != UNKNOWN for label in labels])
    right = likeliest == true
    columns = [*EMOTION_NAMES, UNKNOWN]
    table = [[sum(t == row and label.name == column for t, label in zip(true, labels, strict=True))
              for column in columns] for row in EMOTION_NAMES]  # fmt: skip
    shares = {
        "right": by_person(lambda rows: float(right[rows].mean()), people),
        "right where told": by_person(lambda rows: float(right[rows][told[rows]].mean()), people),
        "told": by_person(lambda rows: float(told[rows].mean()), people),
    }
    return shares, [[int(count) for count in row] for row in table]


def _units(
    model: LabelModel, clips: Sequence[Observed], people: Int[np.ndarray, "clips"]
) -> dict[str, dict[str, float]]:
    yes = np.concatenate([label_units(clip.fitted, model=model).probability >= 0.5 for clip in clips])
    true = np.concatenate([clip.true for clip in clips])[:, model.units] >= ACTIVE
    person = np.repeat(people, [len(clip.fitted) for clip in clips])
    table = {}
    for column, unit in enumerate(model.units):
        said, real = yes[:, column], true[:, column]
        score, low, high = by_person(partial(_f1_of, said, real), person)
        always, share = f1(np.ones_like(real), real), float(real.mean())
        table[EXPRESSIONS[int(unit)]] = {"f1": score, "low": low, "high": high, "always": always, "active": share}
    return table


def _f1_of(said: Bool[np.ndarray, "rows"], real: Bool[np.ndarray, "rows"], drawn: Int[np.ndarray, "drawn"]) -> float:
    return f1(said[drawn], real[drawn])


def f1(said: Bool[np.ndarray, "rows"], real: Bool[np.ndarray, "rows"]) -> float:
    """2 hits / (said + real): the harmonic mean of precision and recall; NaN where nothing is there or said."""
    both = int(said.sum() + real.sum())
    return float(2 * (said & real).sum() / both) if both else float("nan")


def by_person(
    score: Callable[[Int[np.ndarray, "rows"]], float], people: Int[np.ndarray, "rows"], *, seed: int = 0
) -> tuple[float, float, float]:
    """A score with its 95 % interval: people are drawn anew, with replacement, and all rows of each with them."""
    rng = np.random.default_rng(seed)
    rows_of = [np.flatnonzero(people == person) for person in np.unique(people)]
    drawn = [score(np.concatenate([rows_of[k] for k in rng.integers(len(rows_of), size=len(rows_of))]))
             for _ in range(DRAWS)]  # fmt: skip
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return score(np.arange(len(people))), float(low), float(high)


# -- tables -----------------------------------------------------------------------------------------------------------


def _emotion_lines(measured: Accuracy) -> list[str]:
    said = [f"{name}: {share:.0%} (95 % interval {low:.0%} to {high:.0%})"
            for name, (share, low, high) in measured.emotion.items()]  # fmt: skip
    head = f"{'is':10}" + "".join(f"{name:>10}" for name in (*EMOTION_NAMES, UNKNOWN))
    rows = [f"{name:10}" + "".join(f"{count:10d}" for count in counts)
            for name, counts in zip(EMOTION_NAMES, measured.confusion, strict=True)]  # fmt: skip
    return [
        f"emotion of a clip, learned from {measured.learned_people} synthetic people, tried on "
        f"{measured.tested_people} others; told from a probability of {SURE_OF_EMOTION:g} on:",
        *said,
        head,
        *rows,
    ]


def _unit_lines(measured: Accuracy) -> list[str]:
    head = f"{'unit':14}{'F1':>7}{'interval':>16}{'always yes':>12}{'active':>9}"
    rows = [
        f"{name:14}{row['f1']:7.2f}{row['low']:10.2f}–{row['high']:.2f}{row['always']:12.2f}{row['active']:9.0%}"
        for name, row in measured.units.items()
    ]
    mean = np.mean([row["f1"] for row in measured.units.values()])
    return [f"action units of a frame, active from {ACTIVE:g} on; mean F1 {mean:.2f}:", head, *rows]


def observe_corpus(config: CorpusConfig, count: int, *, quiet: bool = True) -> list[Observed]:
    """Fit expressions to the first clips of a corpus."""
    corpus = SyntheticCorpus(config)
    return [observe(corpus[index]) for index in tqdm(range(count), desc=config.split, disable=quiet)]


if __name__ == "__main__":
    seen = observe_corpus(LEARNED, LEARNED_CLIPS, quiet=False)
    trained = learn(seen)
    keep(trained)
    others = observe_corpus(TESTED, TESTED_CLIPS, quiet=False)
    answer = measure(trained, others, learned_people=len({clip.actor for clip in seen}))
    answer.save()
    print("\n".join(answer.lines()))
