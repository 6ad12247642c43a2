"""How the thresholds of cleaning were chosen: on planted defects, half of the people for choosing, half for the report.

``python -m thlab.experiments.cleaning_thresholds`` measures it again; ``thlab clean --thresholds`` prints what was
measured last.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from tqdm import tqdm

from thlab.corpus.cleaning import defects
from thlab.corpus.cleaning.association import agreement, who_speaks
from thlab.corpus.cleaning.cuts import CutFinder
from thlab.corpus.cleaning.geometry import FaceTrack, Lips, inter_ocular, lip_opening
from thlab.corpus.cleaning.inspection import inspect_clip
from thlab.corpus.cleaning.people import follow_people
from thlab.corpus.cleaning.rules import CLEAR, RULES, Rule, Side
from thlab.corpus.cleaning.sync import Sync, lips_heard, measure_sync
from thlab.corpus.plan import CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.experiments.checkpoints import ROOT
from thlab.media import Clip, atomic_path
from thlab.timebase import seconds_to_frames

RECORD = ROOT / "data_samples" / "cleaning.json"
CORPUS = CorpusConfig(size=160, framing="head", clips_an_actor=3, masks=False, supersample=1)
PEOPLE = 30
SHORT = slice(20, 45)
"""Frames in which blur and light are judged."""
LENGTHS = (2.0, 3.0, 5.0, 8.0)
"""Seconds of a clip for which the error of the offset is told."""
SIZES = (1.0, 0.7, 0.5, 0.35, 0.25, 0.18)
"""Factors by which faces are made smaller."""
LARGEST_OFFSET = 400.0
"""Milliseconds."""
RIGHT_WITHIN = 60.0
"""Milliseconds of error at which an offset still counts as found: a frame and a half."""


@dataclass(frozen=True)
class Sample:
    """One measurement of a clip with a defect or without."""

    rule: str
    defect: str
    """What was planted; empty where nothing was."""
    person: int
    value: float


@dataclass(frozen=True)
class Choice:
    """How well a rule tells defects from clips that are right, on people who had no part in choosing."""

    rule: str
    defects: str
    chosen: float
    """Threshold with the best balanced accuracy on the first half."""
    used: float
    """The one in force: rounded, or moved towards keeping where several do equally well."""
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
    threshold = chosen if rule.name == "cuts" else rule.threshold
    caught, spared = shares(right, planted, threshold, drop=rule.drop)
    names = ", ".join(dict.fromkeys(s.defect for s in samples if s.defect))
    return Choice(rule.name, names, chosen, threshold, rule.drop, caught, spared, len(planted), len(right))


# -- planting ---------------------------------------------------------------------------------------------------------


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
    return Record(people, judge_rules(samples), offset_errors(scenes), speakers(scenes), sizes(scenes[::3]))


def pictures_of_person(person: int, clip: Clip, other: Clip, *, rng: np.random.Generator) -> Iterator[Sample]:
    """Blur, light, cuts and jumps, each with a strength drawn at random, beside the clip as it is."""
    part = clip[SHORT]
    eyes = float(np.median(inter_ocular(landmarks_of(clip))))
    percent, less, more = rng.uniform(3, 6), rng.uniform(2.3, 3.5), rng.uniform(1.3, 2.5)
    planted = {
        "": part,
        "blur of 3 to 6 %": defects.blurred(part, spread=float(eyes * percent / 100)),
        "2.3 to 3.5 stops less": defects.exposed(part, stops=-float(less)),
        "1.3 to 2.5 stops more": defects.exposed(part, stops=float(more)),
    }
    watched = {"blur": ("", "blur of 3 to 6 %"), "whites": ("", "2.3 to 3.5 stops less"),
               "bright": ("", "1.3 to 2.5 stops more")}  # fmt: skip
    for rule, names in watched.items():
        for name in names:
            yield Sample(rule, name, person, getattr(inspect_clip(replace(planted[name], audio=None)), rule))
    yield from _cuts(person, clip, other, at=int(rng.integers(20, 50)))
    yield from _jumps(person, part, shift=float(rng.uniform(0.2, 0.4)))


def _cuts(person: int, clip: Clip, other: Clip, *, at: int) -> Iterator[Sample]:
    """A cut to another person; and what must not count as one: nothing, a flash, a video three times as fast."""
    yield Sample("cuts", "cut to another person", person, largest_change(defects.cut_to(clip, other, at=at)))
    yield Sample("cuts", "", person, largest_change(clip))
    yield Sample("cuts", "", person, largest_change(defects.flashed(clip, at=at)))
    assert clip.frames is not None
    yield Sample("cuts", "", person, largest_change(Clip(clip.frames[::3])))


def _jumps(person: int, part: Clip, *, shift: float) -> Iterator[Sample]:
    """A jump cut; and what must not count as one: nothing, a video three times as fast."""
    assert part.frames is not None
    names = {"jump by 20 to 40 % of the picture": defects.jump_cut(part, at=12, shift=shift), "": part}
    for name, clip in [*names.items(), ("", Clip(part.frames[::3]))]:
        yield Sample("jump", name, person, inspect_clip(replace(clip, audio=None)).jump)


def largest_change(clip: Clip) -> float:
    """The largest lasting change of colours between neighbouring frames."""
    assert clip.frames is not None
    finder = CutFinder()
    for picture in clip.frames.numpy():
        finder.see(picture)
    return float(finder.changes().max())


def landmarks_of(clip: Clip) -> Float[np.ndarray, "frames 68 2"]:
    """The true landmarks of a synthetic clip."""
    assert clip.truth is not None
    assert clip.truth.landmarks is not None
    return clip.truth.landmarks.double().numpy()


# -- sound ------------------------------------------------------------------------------------------------------------


class Scene:
    """Three clips of one person as one, with the sound in its place and moved."""

    def __init__(self, person: int, clips: Sequence[Clip], *, offset_ms: float) -> None:
        self.person, self.offset_ms, self.clips = person, offset_ms, clips
        audio = torch.cat([clip.audio for clip in clips if clip.audio is not None])
        tracks = [follow_people(clip.frames.numpy()).tracks[0] for clip in clips if clip.frames is not None]
        self.track = FaceTrack(
            np.concatenate([track.landmarks for track in tracks]), np.concatenate([track.found for track in tracks])
        )
        moved = defects.late_sound(Clip(audio=audio), ms=offset_ms).audio
        assert moved is not None
        self.audio = audio
        self.heard, self.heard_late = (lips_heard(sound, len(self.track)) for sound in (audio, moved))

    def __len__(self) -> int:
        return len(self.track)

    def late_sync(self, frames: slice) -> Sync | None:
        """What is measured of a part whose sound was moved."""
        return measure_sync(self.audio, self.track[frames], heard=self.heard_late[frames])


def voices(scenes: Sequence[Scene], *, seconds: float = 5.0) -> Iterator[Sample]:
    """Own sound and another's over the same lips, in clips of five seconds."""
    frames = slice(0, seconds_to_frames(seconds))
    for scene, other in zip(scenes, [*scenes[2:], *scenes[:2]], strict=True):
        yield Sample("voice", "", scene.person, fit(scene, scene.heard, frames))
        yield Sample("voice", "another's voice", scene.person, fit(scene, other.heard, frames))


def fit(scene: Scene, heard: Lips, frames: slice) -> float:
    """How well a sound goes with the lips of a scene, in standard errors."""
    return agreement(measure_sync(scene.audio, scene.track[frames], heard=heard[frames]))


def offset_errors(scenes: Sequence[Scene]) -> dict[str, dict[str, float]]:
    """For each length: quantiles of the error, the share that is found, and how sure it says to be."""
    table = {}
    for length in LENGTHS:
        frames = seconds_to_frames(length)
        found = [
            (scene.late_sync(slice(start, start + frames)), scene.offset_ms)
            for scene in scenes
            for start in range(0, len(scene) - frames + 1, frames)
        ]
        known = [(sync, offset) for sync, offset in found if sync is not None]
        errors = np.array([abs(sync.offset_ms - offset) for sync, offset in known])
        sure = np.array([sync.confidence >= CLEAR for sync, _ in known])
        table[f"{length:g}"] = {
            "clips": len(errors),
            "median": float(np.median(errors)),
            "p90": float(np.quantile(errors, 0.9)),
            "found": float((errors < RIGHT_WITHIN).mean()),
            "sure": float(sure.mean()),
            "found_of_sure": float((errors[sure] < RIGHT_WITHIN).mean()) if sure.any() else float("nan"),
        }
    return table


def speakers(scenes: Sequence[Scene], *, seconds: float = 5.0) -> dict[str, float]:
    """Two people in one picture: who is taken for the speaker when one of them, or a third, speaks."""
    frames = slice(0, seconds_to_frames(seconds))
    told: dict[str, list[bool]] = {"one of the two": [], "somebody else": []}
    count = len(scenes)
    for place, left in enumerate(scenes):
        right, third = scenes[(place + 3) % count], scenes[(place + 7) % count]
        tracks = [left.track[frames], right.track[frames]]
        for name, heard, wanted in (
            ("one of the two", left.heard, 0),
            ("one of the two", right.heard, 1),
            ("somebody else", third.heard, None),
        ):
            told[name].append(who_speaks(left.audio, tracks, heard=heard[frames]).index == wanted)
    return {name: float(np.mean(right)) for name, right in told.items()}


def sizes(scenes: Sequence[Scene]) -> dict[str, dict[str, float]]:
    """How well the lip gap is followed in faces of less and less pixels."""
    rows: dict[float, list[tuple[float, float, float]]] = {factor: [] for factor in SIZES}
    for scene in scenes:
        clip = scene.clips[0]
        true = lip_opening(landmarks_of(clip))
        for factor in SIZES:
            rows[factor].append(_followed(defects.smaller(clip, factor=factor), true))
    medians = {factor: np.nanmedian(np.array(values), axis=0) for factor, values in rows.items()}
    return {f"{size:.0f}": {"r": float(r), "presence": float(there)} for size, r, there in medians.values()}


def _followed(clip: Clip, true: Float[np.ndarray, "frames"]) -> tuple[float, float, float]:
    """Pixels between the eyes, correlation of the lip gap with the true one, share of frames with a face."""
    assert clip.frames is not None
    eyes = float(np.median(inter_ocular(landmarks_of(clip))))
    tracks = follow_people(list(clip.frames.numpy())).tracks
    factor = float("nan")
    if not tracks or tracks[0].found.sum() < 10:
        return factor, factor, 0.0
    track: FaceTrack = tracks[0]
    eyes = float(np.median(inter_ocular(track.landmarks[track.found])))
    seen = lip_opening(track.landmarks)[track.found]
    return eyes, float(np.corrcoef(seen, true[track.found])[0, 1]), track.presence


# -- tables -----------------------------------------------------------------------------------------------------------


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
