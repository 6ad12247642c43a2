"""How the thresholds of cleaning were chosen: on planted defects, half of the people for choosing, half for the report.

``python -m thlab.experiments.cleaning_thresholds`` measures it again and writes ``data_samples/cleaning.json``;
``thlab clean --thresholds`` prints what was measured last.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float
from tqdm import tqdm

from thlab.corpus.cleaning.cuts import CUT
from thlab.corpus.cleaning.rules import CLEAR, RULES, Rule, Side
from thlab.corpus.plan import CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.experiments.checkpoints import ROOT
from thlab.experiments.cleaning_planted import Sample, pictures_of_person, sizes
from thlab.experiments.cleaning_scenes import LARGEST_OFFSET, RIGHT_WITHIN, Scene, offset_errors, speakers, voices
from thlab.media import atomic_path

RECORD = ROOT / "data_samples" / "cleaning.json"
CORPUS = CorpusConfig(size=160, framing="head", clips_an_actor=3, masks=False, supersample=1)
PEOPLE = 30


@dataclass(frozen=True)
class Choice:
    """How well a rule tells defects from clips that are right, on people who had no part in choosing."""

    rule: str
    defects: str
    chosen: float
    """Threshold with the best balanced accuracy on the first half."""
    used: float
    """The one in force: near the chosen one, set by hand with an eye on recordings, whose light and faces vary more."""
    drop: Side
    caught: float
    """Share of the planted defects that are dropped, on the second half."""
    spared: float
    """Share of the others that are kept, on the second half."""
    planted: int
    right: int


@dataclass(frozen=True)
class Record:
    """All that was measured."""

    people: int
    choices: list[Choice]
    offsets: dict[str, dict[str, float]]
    """By length in seconds: error of the offset in ms, and how many were found."""
    speakers: dict[str, float]
    """Share of two-person clips whose speaker was told, by who spoke."""
    sizes: dict[str, dict[str, float]] = field(default_factory=dict)
    """By pixels between the eyes: how well the lip gap is followed."""

    def save(self, path: Path = RECORD) -> None:
        """Write it as JSON."""
        with atomic_path(path) as part:
            part.write_text(json.dumps(asdict(self), indent=1) + "\n")

    def lines(self) -> list[str]:
        """The tables, as text."""
        return [*_choice_lines(self), "", *_offset_lines(self), "", *_speaker_lines(self), "", *_size_lines(self)]


def read_record(path: Path = RECORD) -> Record:
    """What was measured last.

    Raises:
        ValueError: the file is not there.
    """
    if not path.is_file():
        raise ValueError(f"{path} is not there; run python -m thlab.experiments.cleaning_thresholds to measure it")
    known = json.loads(path.read_text())
    return Record(**(known | {"choices": [Choice(**choice) for choice in known["choices"]]}))


def choose(
    right: Float[np.ndarray, "right"], planted: Float[np.ndarray, "planted"], *, drop: Side
) -> tuple[float, float]:
    """The threshold with the best balanced accuracy, in the middle of the widest gap that has it; and that accuracy."""
    values = np.unique(np.concatenate([right, planted]))
    between = (values[1:] + values[:-1]) / 2 if len(values) > 1 else values
    scores = np.array([balanced(right, planted, threshold, drop=drop) for threshold in between])
    best = np.flatnonzero(scores >= scores.max() - 1e-9)
    widest = best[np.argmax(np.diff(values)[best])] if len(values) > 1 else 0
    return float(between[widest]), float(scores.max())


def balanced(
    right: Float[np.ndarray, "right"], planted: Float[np.ndarray, "planted"], threshold: float, *, drop: Side
) -> float:
    """The mean of the shares that are judged rightly among defects and among the others."""
    caught, spared = shares(right, planted, threshold, drop=drop)
    return (caught + spared) / 2


def shares(
    right: Float[np.ndarray, "right"], planted: Float[np.ndarray, "planted"], threshold: float, *, drop: Side
) -> tuple[float, float]:
    """The share of the defects that are dropped, and that of the others which are kept."""
    above = drop == "above"
    caught = planted > threshold if above else planted < threshold
    dropped = right > threshold if above else right < threshold
    return float(caught.mean()), float(1 - dropped.mean())


def judge_rules(samples: Sequence[Sample]) -> list[Choice]:
    """Choose each threshold on people with even numbers; try the one in force on the others."""
    told = {sample.rule for sample in samples}
    return [_judged(rule, [sample for sample in samples if sample.rule == rule.name]) for rule in RULES
            if rule.name in told]  # fmt: skip


def _judged(rule: Rule, samples: list[Sample]) -> Choice:
    def values(odd: bool, planted: bool) -> Float[np.ndarray, "samples"]:
        return np.array([s.value for s in samples if s.person % 2 == odd and bool(s.defect) == planted])

    chosen, _ = choose(values(False, False), values(False, True), drop=rule.drop)
    right, planted = values(True, False), values(True, True)
    threshold = CUT if rule.name == "cuts" else rule.threshold
    caught, spared = shares(right, planted, threshold, drop=rule.drop)
    names = ", ".join(dict.fromkeys(s.defect for s in samples if s.defect))
    return Choice(rule.name, names, chosen, threshold, rule.drop, caught, spared, len(planted), len(right))


def measure_people(people: int = PEOPLE, *, quiet: bool = True) -> Record:
    """Plant every defect in clips of so many synthetic people, and measure."""
    corpus = SyntheticCorpus(CORPUS)
    rng = np.random.default_rng(0)
    samples: list[Sample] = []
    scenes: list[Scene] = []
    for person in tqdm(range(people), disable=quiet):
        clips = corpus.clips(range(3 * person, 3 * person + 3))
        following = corpus[3 * ((person + 1) % people)]
        samples += pictures_of_person(person, clips[person % 3], following, rng=rng)
        scenes.append(Scene(person, clips, offset_ms=float(rng.uniform(-LARGEST_OFFSET, LARGEST_OFFSET))))
    samples += voices(scenes)
    followed = sizes([scene.clips[0] for scene in scenes[::3]])
    return Record(people, judge_rules(samples), offset_errors(scenes), speakers(scenes), followed)


def _choice_lines(record: Record) -> list[str]:
    head = f"{'rule':8}{'drops':>7}{'chosen':>9}{'used':>9}{'caught':>9}{'spared':>9}   planted"
    rows = [
        f"{c.rule:8}{c.drop:>7}{c.chosen:9.3g}{c.used:9.3g}{c.caught:9.0%}{c.spared:9.0%}"
        f"   {c.defects} (tried on {c.planted} with it, {c.right} without)"
        for c in record.choices
    ]
    return [f"thresholds, chosen on half of {record.people} synthetic people, tried on the others:", head, *rows]


def _offset_lines(record: Record) -> list[str]:
    head = f"{'seconds':8}{'clips':>7}{'median':>9}{'90 %':>9}{'found':>9}{'sure':>9}{'of these found':>16}"
    rows = [
        f"{length:8}{row['clips']:7.0f}{row['median']:6.0f} ms{row['p90']:6.0f} ms{row['found']:9.0%}"
        f"{row['sure']:9.0%}{row['found_of_sure']:16.0%}"
        for length, row in record.offsets.items()
    ]
    return [f"sound moved by −{LARGEST_OFFSET:.0f} to {LARGEST_OFFSET:.0f} ms: error of the offset, found within "
            f"{RIGHT_WITHIN:.0f} ms, confidence of at least {CLEAR:g}:", head, *rows]  # fmt: skip


def _speaker_lines(record: Record) -> list[str]:
    told = [f"{name} speaks: {share:.0%} told rightly" for name, share in record.speakers.items()]
    return ["two faces in clips of 5 s:", *told]


def _size_lines(record: Record) -> list[str]:
    rows = [f"{size:>4} px between the eyes: r {row['r']:.2f}, face found in {row['presence']:.0%} of the frames"
            for size, row in record.sizes.items()]  # fmt: skip
    return ["the lip gap against the true one, by the size of the face:", *rows]


if __name__ == "__main__":
    measured = measure_people(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE, quiet=False)
    measured.save()
    print("\n".join(measured.lines()))
