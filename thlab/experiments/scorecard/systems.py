"""The scorecard of systems: each paints the same held-out clips, and is measured beside what it must beat.

People, voices and sentences are of the test split. A system is shown the first half of a clip and paints the second
from its sound. Where the head stays as in a still, the real frames are laid over that still before anything is
compared; a system that paints new lips into frames is compared with the frames themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import torch
from torch import Tensor
from tqdm import tqdm

from thlab.experiments.checkpoints import git_revision, load_system
from thlab.experiments.lip_scores import mouth_boxes
from thlab.experiments.recipes.speech2vid import held_out_clips, shuffle
from thlab.experiments.scorecard.card import Scorecard
from thlab.experiments.scorecard.compose import ABOUT_SYNC, distance_of
from thlab.experiments.scorecard.differences import differences
from thlab.experiments.scorecard.painters import (
    Painted,
    Painter,
    as_filmed,
    check_driven,
    held_still,
    painter_of,
    pasted,
    repaints,
)
from thlab.experiments.scorecard.pictures import picture_numbers, scales_told
from thlab.experiments.scorecard.sync import sync_tracks
from thlab.experiments.scorecard.text import OTHER_SOUND
from thlab.experiments.scorecard.values import Measured, Missing, Single, Track, over_clips
from thlab.experiments.scores import judge, planes, read_faces, score_pictures
from thlab.experiments.sync_scores import mouths_for_sync
from thlab.media import Clip
from thlab.systems.base import system_class

BUDGET = "gpu"
"""Of the held-out clips: pictures of 96 px, as the kept checkpoints paint them."""
REAL, COPY, PASTED = "real", "copy", "copy, pasted"
ABOUT_COPIES = {
    COPY: "copy: one picture of the reference, held",
    PASTED: "copy, pasted: the lower half of one picture of the reference, laid over the real frames by eyes and nose",
}
ABOUT_TASKS = (
    "the systems have different tasks: some paint a whole face over a still, others a mouth into real frames, of which "
    "they are given the rest; compare each with its own copy first"
)
ABOUT = (
    "*: the same system driven by another clip's sound, judged by the sound and the lips of the real clip",
    "lip gap, identity and LMD are read by a judge (face_reader) that learned from other people than the systems did",
    "motion is not judged: clips last two seconds, and heads stay still or move as in the real frames",
)


def score_systems(names: Sequence[str], *, quiet: bool = True, clips: Sequence[Clip] | None = None) -> Scorecard:
    """One table of some systems, of the real clips, of a copy of the reference, and of the control with other sound.

    Args:
        names: of systems that are driven by sound.
        quiet: no progress bars.
        clips: to try them on, two at least; by default twelve people of the test split.

    Raises:
        ValueError: no system is named, one twice, or one cannot be tried like this.
    """
    if not names or len(set(names)) != len(names):
        raise ValueError(f"expected systems to score, each once, got {' '.join(names) or 'none'}; see thlab systems")
    painters = columns(names)
    clips = held_out_clips(BUDGET, quiet=quiet) if clips is None else clips
    measured: dict[str, list[Measured]] = {}
    features: dict[str, list[Tensor]] = {}
    for label, paint in tqdm(painters.items(), disable=quiet, unit=" columns"):
        pairs = shuffle(clips) if label.endswith(OTHER_SOUND) else [(clip, None) for clip in clips]
        made = [paint(*pair) for pair in pairs]
        measured[label] = [measure(one) for one in made]
        features[label] = [read_faces(judge(), planes(one.frames)).identity for one in made]
    assert clips[0].frames is not None
    return composed(names, measured, features, (clips[0].frames.shape[1], clips[0].frames.shape[2]))


def columns(names: Sequence[str]) -> dict[str, Painter]:
    """Who stands in the table: the real clips, copies of the reference, systems, and systems with other sound.

    Raises:
        ValueError: there is no such system, its weights are missing, or it cannot be tried.
    """
    for name in names:
        check_driven(system_class(name).card, name)
    systems = {name: load_system(name) for name in names}
    found: dict[str, Painter] = {REAL: as_filmed}
    for kind, (label, copy) in {False: (COPY, held_still), True: (PASTED, pasted)}.items():
        alike = [name for name, system in systems.items() if repaints(system) == kind]
        if alike:
            found[label] = copy
        for name in alike:
            painter = painter_of(systems[name])
            found |= {name: painter, name + OTHER_SOUND: painter}
    return found


@torch.no_grad()
def measure(made: Painted) -> Measured:
    """Everything that can be said of one painted clip."""
    painted, real = planes(made.frames), made.real
    assert real.audio is not None
    numbers: dict[str, Track | Single | Missing] = {
        name: Single(value)
        for name, value in asdict(score_pictures(painted, made.wanted, real, points=made.points)).items()
    }
    masks = mouth_boxes(made.points, (painted.shape[-2], painted.shape[-1]))
    for name, found in picture_numbers(painted, made.wanted, masks).items():
        if name not in numbers:
            numbers[name] = Missing(found) if isinstance(found, str) else Single(finite_mean(found))
    return {**numbers, **sync_tracks(mouths_for_sync(made.frames, made.points), real.audio)}


def finite_mean(numbers: Tensor) -> float:
    """The mean over frames; without frames that are equal to the byte, unless all are."""
    known = numbers[numbers.isfinite()]
    return float(known.mean() if len(known) else numbers.mean())


def composed(
    names: Sequence[str], measured: dict[str, list[Measured]], features: dict[str, list[Tensor]], size: tuple[int, int]
) -> Scorecard:
    """The table."""
    subjects = {
        label: {key: over_clips([clip[key] for clip in clips]) for key in clips[0]} for label, clips in measured.items()
    }
    copies = [note for label, note in ABOUT_COPIES.items() if label in subjects]
    copies += [ABOUT_TASKS] * (len(copies) == len(ABOUT_COPIES))
    floor = ""
    for label in subjects:
        if label != REAL:
            pairs = [{label: one, REAL: real} for one, real in zip(features[label], features[REAL], strict=False)]
            subjects[label]["frechet"], floor = distance_of(pairs, label, floor)
    return Scorecard(
        title=f"{', '.join(names)} on {len(features[REAL])} held-out people",
        command=f"thlab scorecard {' '.join(names)}",
        revision=git_revision(),
        unit="clips",
        subjects=subjects,
        notes=[*copies, *ABOUT, *scales_told(size), *([floor] if floor else []), ABOUT_SYNC],
        differences=differences(names, measured, copies=[COPY, PASTED]),
    )
