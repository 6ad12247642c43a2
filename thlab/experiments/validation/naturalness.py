"""Does a metric of naturalness call a planted defect worse than its healthy twin? Every defect against every metric.

A pair is one performance, and the same with a defect. Metrics that compare with real people get other takes of the same
speech by the same performer. Nothing was tuned on the people and sentences that are drawn here: constants were chosen
on others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from thlab.audio.synthesis import Speech
from thlab.experiments.checkpoints import git_revision
from thlab.experiments.naturalness_scores import METRICS, Codebooks
from thlab.experiments.planted_motion import DEFECTS, act, first, speeches
from thlab.experiments.takes import Take
from thlab.experiments.validation.base import Validation
from thlab.metrics.naturalness import beat_alignment, head_beats, sound_beats
from thlab.metrics.naturalness.beats import HeadBeat

PAIRS = 100
LENGTHS = (5.0, 10.0, 20.0, 30.0)
"""Seconds of the clips."""
MAIN = 30.0
"""Seconds of those in the main table."""
REAL_TAKES = 4
"""How many takes of the real performer metrics may compare with."""
PEOPLE_FROM = 3_000_000
"""The first of the performers that are scored; constants were chosen on those from 1 000 004 on."""
BOOK_PEOPLE, BOOK_SECONDS = range(4_000_000, 4_000_012), 20.0
"""Who shows the codebooks' expressions, and for how long."""
DELAYS = tuple(round(0.08 * step, 2) for step in range(-9, 10))
"""Seconds by which the head may come after the voice: two frames from one to the next."""
CURVES = 25
"""Performers, the first ones, whose beats are tried at every delay."""
KINDS: tuple[HeadBeat, ...] = ("low", "still")
ENOUGH = 0.95
"""Share of the pairs in which a defect must be called worse."""
TWIN = "healthy"
"""The row of what is no defect: another take."""
AIMED = {
    "looped": "loop", "to_and_fro": "loop", "frozen": "spectrum", "shaking": "spectrum", "timid": "spectrum",
    "out_of_time": "beats", "four_faces": "patterns", "four_brows": "upper_patterns", "no_blinks": "intervals",
    "clockwork": "blink_regularity",
}  # fmt: skip
"""The metric that each defect is made for."""

Row = dict[str, float]
"""Values by metric; metrics that a clip is too short for are left out."""
Pair = dict[str, tuple[Row, Row]]
"""By defect, and :data:`TWIN`: the values, and how bad each is. ``""`` is the take before anything was planted."""


def run(
    *, quiet: bool, pairs: int = PAIRS, lengths: Sequence[float] = LENGTHS, main: float = MAIN,
    books: Codebooks | None = None,
) -> Validation:  # fmt: skip
    """Plant every defect in so many performances, and count how often each metric says worse.

    Args:
        quiet: no progress bar.
        pairs: performers.
        lengths: seconds of the clips.
        main: the length whose table is printed, one of them.
        books: what counts as one expression; by default :func:`learned_books`.

    Chapter 16.
    """
    books = books or learned_books()
    people = range(PEOPLE_FROM, PEOPLE_FROM + pairs)
    found: dict[float, list[Pair]] = {seconds: [] for seconds in lengths}
    curves: list[dict[str, list[float]]] = []
    for person, speech in tqdm(zip(people, speeches(people, max(lengths)), strict=True), total=pairs, disable=quiet):
        takes = takes_of(speech, person)
        for seconds in lengths:
            cut = [first(take, seconds) for take in takes]
            found[seconds].append(score_pair(cut[0], cut[1], cut[2:], books, seed=person))
        if len(curves) < CURVES:
            curves.append(beat_curves(first(takes[0], main)))
    figures = {**figures_of(found, main), "beats": mean_curves(curves)}
    return Validation("naturalness", "thlab validate naturalness", git_revision(), lines_of(figures), figures)


def learned_books() -> Codebooks:
    """Codebooks of people who are not scored."""
    said = zip(BOOK_PEOPLE, speeches(BOOK_PEOPLE, BOOK_SECONDS), strict=True)
    return Codebooks.of([act(speech, person, seed=0).expression for person, speech in said])


def takes_of(speech: Speech, person: int) -> list[Take]:
    """One to plant defects in, another that is healthy, and the real ones to compare with."""
    return [act(speech, person, seed=seed) for seed in range(2 + REAL_TAKES)]


def score_pair(take: Take, other: Take, real: Sequence[Take], books: Codebooks, *, seed: int) -> Pair:
    """Every defect in one take, the take itself and another one, by every metric."""
    usual = {name: mean_of(name, real, books) for name in METRICS}
    healthy = values_of(take, real, books)
    pair = {"": (healthy, badness(healthy, usual))}
    spoilt = {name: plant(take, np.random.default_rng([seed, k])) for k, (name, plant) in enumerate(DEFECTS.items())}
    for name, clip in {TWIN: other, **spoilt}.items():
        values = values_of(clip, real, books, before=take, known=healthy)
        pair[name] = (values, badness(values, usual))
    return pair


def values_of(
    take: Take, real: Sequence[Take], books: Codebooks, *, before: Take | None = None, known: Row | None = None
) -> Row:
    """Every metric of a take; what reads only tracks that are as they were before is taken over."""
    row = {}
    for name, metric in METRICS.items():
        same = before is not None and all(getattr(take, track) is getattr(before, track) for track in metric.reads)
        value = known.get(name) if same and known is not None else metric.value(take, real, books)
        if value is not None:
            row[name] = float(value)
    return row


def mean_of(name: str, real: Sequence[Take], books: Codebooks) -> float:
    """What the real takes score, for metrics that are good near it; elsewhere 0."""
    if name != "blinks_a_minute":
        return 0.0
    return float(np.mean([METRICS[name].value(take, [], books) for take in real]))


def badness(values: Row, usual: Row) -> Row:
    """How bad each value is; larger is worse."""
    return {name: METRICS[name].worse(value, usual[name]) for name, value in values.items()}


def beat_curves(take: Take) -> dict[str, list[float]]:
    """Alignment of both kinds of beats of the head with the voice, the head being taken back by each of the delays."""
    assert take.audio is not None
    sound = sound_beats(take.audio)
    heads = {kind: head_beats(take.pose, kind=kind) for kind in KINDS}
    return {kind: [beat_alignment(head - delay, sound) for delay in DELAYS] for kind, head in heads.items()}


def mean_curves(curves: Sequence[dict[str, list[float]]]) -> dict[str, list[float]]:
    """The mean over performers, with the delays in seconds."""
    means = {kind: np.mean([curve[kind] for curve in curves], 0).round(4).tolist() for kind in curves[0]}
    return {"delays": list(DELAYS), **means}


# -- what came of it --------------------------------------------------------------------------------------------------


def figures_of(found: dict[float, list[Pair]], main: float) -> dict[str, Any]:
    """Shares of pairs, and what healthy and spoilt clips score, as plain JSON."""
    return {
        "pairs": len(found[main]),
        "seconds": main,
        "aimed": AIMED,
        "share": {f"{seconds:g}": shares(pairs, against="") for seconds, pairs in found.items()},
        "share_against_another_take": {f"{seconds:g}": shares(pairs, against=TWIN) for seconds, pairs in found.items()},
        "scores": {f"{seconds:g}": spreads(pairs) for seconds, pairs in found.items()},
    }


def shares(pairs: Sequence[Pair], *, against: str) -> dict[str, Row]:
    """By defect and metric, the share of pairs in which the defect is called worse; ties count half."""
    table = {}
    for defect in [name for name in pairs[0] if name not in ("", against)]:
        names = pairs[0][defect][1]
        table[defect] = {name: round(float(np.mean([_won(pair, defect, against, name) for pair in pairs])), 3)
                         for name in names}  # fmt: skip
    return table


def _won(pair: Pair, defect: str, against: str, name: str) -> float:
    spoilt, healthy = pair[defect][1][name], pair[against][1][name]
    return 0.5 if spoilt == healthy else float(spoilt > healthy)


def spreads(pairs: Sequence[Pair]) -> dict[str, dict[str, list[float]]]:
    """By defect (healthy first) and metric, the 5, 50 and 95 % quantiles of the values."""
    return {
        defect or TWIN: {
            name: np.quantile([pair[defect][0][name] for pair in pairs], (0.05, 0.5, 0.95)).round(4).tolist()
            for name in pairs[0][defect][0]
        }
        for defect in pairs[0]
        if defect != TWIN
    }


def lines_of(figures: dict[str, Any]) -> list[str]:
    """The table, the share by length, and what people score."""
    main = f"{figures['seconds']:g}"
    table, pairs = figures["share"][main], figures["pairs"]
    names = list(METRICS)
    head = f"pairs in which a clip of {main} s with the defect is called worse than its twin, of {pairs}, in percent"
    lines = [head, "(* the metric made for it; 50 is a coin)", "", _line("", [name[:9] for name in names])]
    for defect, row in table.items():
        cells = [("*" if AIMED.get(defect) == n else "") + (f"{100 * row[n]:.0f}" if n in row else "–") for n in names]
        lines.append(_line(defect, cells))
    lines += ["", "the metric made for it, by seconds of the clip (in brackets: against another healthy take)"]
    lines.append(_line("", list(figures["share"])))
    other = figures["share_against_another_take"]
    for defect, name in AIMED.items():
        lines.append(_line(defect, [_both(figures["share"][n][defect], other[n][defect], name) for n in other]))
    lines += ["", f"what healthy performers score at {main} s: 5, 50 and 95 % quantiles"]
    lines += [f"{n:<17}" + "  ".join(f"{v:.3g}" for v in values) for n, values in figures["scores"][main][TWIN].items()]
    lines += ["", _beats_said(figures["beats"])]
    missed = [defect for defect, name in AIMED.items() if table[defect].get(name, 0) < ENOUGH]
    verdict = "every defect" if not missed else f"every defect but {', '.join(missed)}"
    return [*lines, "", f"{verdict} is called worse by its metric in at least {100 * ENOUGH:.0f} % of the pairs"]


def _beats_said(beats: dict[str, list[float]]) -> str:
    """Where nods and stops of the head meet the voice best."""
    best = int(np.argmax(beats["low"]))
    low, still = (f"{min(beats[kind]):.2f} to {max(beats[kind]):.2f}" for kind in KINDS)
    return f"alignment over delays: nods {low}, best {beats['delays'][best]:g} s after the voice; stops {still}"


def _both(twin: Row, other: Row, name: str) -> str:
    return f"{100 * twin[name]:.0f} ({100 * other[name]:.0f})" if name in twin else "–"


def _line(head: str, cells: Sequence[str]) -> str:
    return f"{head:<12}" + "".join(f"{cell:>11}" for cell in cells)
