"""How Wav2Lip is trained, and how it is tried on people, voices and sentences it has never met."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from thlab.audio.hearing import CONTEXT
from thlab.corpus.plan import CORPUS_VERSION
from thlab.corpus.windows import WindowConfig, Windows
from thlab.experiments.checkpoints import load_system
from thlab.experiments.lip_scores import LipScores, lip_score
from thlab.experiments.mesh_scores import mesh_is_there, mesh_score
from thlab.experiments.own_clips import OwnClips, fingerprint, in_size
from thlab.experiments.recipes.recipe import Recipe
from thlab.experiments.recipes.speech2vid import (
    CLIPS_EACH,
    FINE_AVERAGE,
    FINE_RATE,
    HELD_OUT,
    Budget,
    clips_of,
    shuffle,
)
from thlab.experiments.recipes.wav2lip_tutors import Apprentice, Tutors
from thlab.experiments.scores import mean_scores
from thlab.experiments.sync_scores import coach
from thlab.experiments.train import Draw, TrainConfig
from thlab.media import Clip
from thlab.nn.experts.syncnet import SyncNet
from thlab.systems.wav2lip import Wav2Lip, Wav2LipConfig

PAINTED = 5
"""Frames of a window that are painted: SyncNet's window."""
TUTORS = Tutors(expert=0.03)
"""Who teaches when nothing else is said; the weight was chosen on the validation split."""
FINE_STEPS = {"smoke": 3, "laptop": 300, "gpu": 1200}
"""Steps from a checkpoint on."""
BUDGETS = {
    "smoke": Budget(2, 4, 2, 32, 8, warm_up=0.03, average=0.99),
    "laptop": Budget(40, 500, 8, 64, 20, warm_up=0.03, average=0.99),
    "gpu": Budget(80, 2600, 8, 96, 20, warm_up=0.03, average=0.995),
}


def recipe(
    budget: str, seed: int, *, quiet: bool, tutors: Tutors = TUTORS, expert: SyncNet | None = None,
    changes: dict | None = None, own: OwnClips | None = None, start: Path | None = None,
) -> Recipe:  # fmt: skip
    """Everything that the training needs.

    Args:
        tutors: who teaches beside L1.
        expert: the frozen SyncNet; by default the coach, where one teaches.
        changes: fields of the configuration that differ from the budget's, for an ablation.
        own: the user's clips to learn from, and to be tried on.
        start: a checkpoint to go on from with the user's own clips.
    """
    if own is not None:
        return own_recipe(budget, seed, own, start, tutors=tutors)
    amount = BUDGETS[budget]
    config = replace(Wav2LipConfig(size=amount.size, channels=amount.channels), **(changes or {}))
    clips = clips_of("train", range(amount.people * CLIPS_EACH), amount.size, quiet=quiet)
    torch.manual_seed(seed)
    learner = taught(Wav2Lip(config), tutors, amount.steps, expert)
    return Recipe(
        learner=learner,
        network=learner.system,
        draw=drawing(clips, amount.batch),
        config=TrainConfig(amount.steps, amount.learning_rate, amount.warm_up, average=amount.average),
        settings=asdict(config),
        corpus=f"{amount.people} people × {CLIPS_EACH} clips of the synthetic corpus, version {CORPUS_VERSION}",
        teachers=asdict(tutors),
        figures=lambda network: figures(network, held_out_clips(budget, quiet=quiet)),
    )


def taught(system: Wav2Lip, tutors: Tutors, steps: int, expert: SyncNet | None = None) -> Apprentice:
    """A system with its tutors."""
    if tutors.expert and expert is None:
        expert = coach()
    return Apprentice(system, tutors, steps=steps, expert=expert)


def own_recipe(budget: str, seed: int, own: OwnClips, start: Path | None, *, tutors: Tutors) -> Recipe:
    """Learn from the user's clips: from a checkpoint on, or from nothing.

    Raises:
        ValueError: the checkpoint is another system's or damaged, or the clips lack something.
    """
    amount = BUDGETS[budget]
    torch.manual_seed(seed)
    fresh = Wav2LipConfig(size=amount.size, channels=amount.channels)
    system = Wav2Lip(fresh) if start is None else load_system("wav2lip", start)
    assert isinstance(system, Wav2Lip)
    train, test = ([in_size(clip, system.config.size) for clip in clips] for clips in (own.train, own.test))
    steps, peak = (amount.steps, amount.learning_rate) if start is None else (FINE_STEPS[budget], FINE_RATE)
    before = None if start is None else deepcopy(system).eval()
    return Recipe(
        learner=taught(system, tutors, steps),
        network=system,
        draw=drawing(train, amount.batch),
        config=TrainConfig(steps, peak, amount.warm_up, average=FINE_AVERAGE),
        settings=asdict(system.config),
        corpus=own.told if start is None else f"{own.told}; begun from {start.name}, {fingerprint(start)}",
        teachers=asdict(tutors),
        figures=lambda network: own_figures(network, train, test, before),
    )


def drawing(clips: Sequence[Clip], batch: int) -> Draw:
    """What draws batches from clips.

    Raises:
        ValueError: a clip lacks pictures, sound or landmarks, or none is as long as a window.
    """
    windows = Windows(clips, WindowConfig(frames=PAINTED + 2 * CONTEXT))
    for index, clip in enumerate(clips):
        if clip.truth is None or clip.truth.landmarks is None:
            raise ValueError(f"Wav2Lip learns where the mouth is, but clip {index} has no landmarks; add them")
    return lambda rng: windows.sample(batch, rng=rng)


def held_out_clips(budget: str, *, quiet: bool, split: str = "test") -> list[Clip]:
    """One clip each of people of the test split; of the validation split, where something is to be chosen."""
    people = HELD_OUT if budget != "smoke" else 2
    return clips_of(split, range(0, people * CLIPS_EACH, CLIPS_EACH), BUDGETS[budget].size, quiet=quiet)


# -- on people whom it never met --------------------------------------------------------------------------------------


@torch.no_grad()
def figures(system: nn.Module, clips: Sequence[Clip]) -> dict[str, float]:
    """Mean scores over held-out clips; and how far lips follow another's sound, and still their own."""
    assert isinstance(system, Wav2Lip)
    told = mean_scores([try_on(system, clip) for clip in clips])
    for name, told_by in (("dubbed", True), ("shuffled", False)):
        rows = [dub(system, *pair, judged_by_sound=told_by) for pair in shuffle(clips)]
        means = mean_scores(rows)
        told |= {f"{score}, {name}": means[score] for score in ("lse_d", "lse_c", "in_step", "lip_r")}
    return {name: round(value, 4) for name, value in told.items()}


@dataclass(frozen=True)
class Task:
    """A clip whose mouth is to be painted, and a picture from before it."""

    real: Clip
    other: Clip
    """One frame."""
    audio: Float[Tensor, "samples"]

    def done_by(self, system: Wav2Lip) -> UInt8[Tensor, "frames size size 3"]:
        """The frames with the mouths that a system paints."""
        return system.repaint(self.real, self.other, self.audio)


def task_of(clip: Clip, driving: Clip | None = None) -> Task:
    """The second half of a clip as the task, the last frame of the first half as the other picture.

    Args:
        driving: whose sound is heard instead; the longer of the two is cut.

    Raises:
        ValueError: a clip has no sound.
    """
    half = len(clip) // 2
    real = clip[half:] if driving is None else clip[half : half + min(len(clip) - half, len(driving))]
    sound = real if driving is None else driving[: len(real)]
    if sound.audio is None:
        raise ValueError("lips are tried on clips with sound; this one has none")
    return Task(real, clip[half - 1 : half], sound.audio)


def try_on(system: Wav2Lip, clip: Clip) -> LipScores:
    """Hide the mouth in the second half of a clip, paint it from the sound, and compare."""
    task = task_of(clip)
    return lip_score(task.done_by(system), task.real)


def dub(system: Wav2Lip, clip: Clip, driving: Clip, *, judged_by_sound: bool) -> LipScores:
    """The same, but painted to fit another's sound.

    Args:
        clip: whose mouth is hidden.
        driving: whose sound is heard.
        judged_by_sound: whether lips are compared with those of the driving clip, which they should follow; or with
            their own, of which no more than the upper face tells is left.
    """
    task = task_of(clip, driving)
    said = driving[: len(task.real)] if judged_by_sound else None
    return lip_score(task.done_by(system), task.real, said=said)


# -- on the user's own clips ------------------------------------------------------------------------------------------


@torch.no_grad()
def own_figures(
    system: nn.Module, train: Sequence[Clip], test: Sequence[Clip], before: Wav2Lip | None
) -> dict[str, float]:
    """Mean scores over the test clips: after the training, before it, and driven by other sound.

    The other picture is the first of the first training clip. Three readers look at the lips: our judges, who know
    synthetic people alone, and MediaPipe's mesh, where it is installed.

    Args:
        system: after the training.
        train: lends the other picture, and the other sound.
        test: what is painted.
        before: the system as it began; None when it began from nothing.
    """
    assert isinstance(system, Wav2Lip)
    told = repaint_and_score(system, train[0], [(clip, clip) for clip in test])
    others = repaint_and_score(system, train[0], [(clip, train[0]) for clip in test])
    told |= {f"{name}, other sound": others[name] for name in others if name.endswith("lip_r")}
    if before is not None:
        first = repaint_and_score(before, train[0], [(clip, clip) for clip in test])
        told |= {f"{name}, before": value for name, value in first.items()}
    return {name: round(value, 4) for name, value in told.items()}


def repaint_and_score(system: Wav2Lip, other: Clip, pairs: Sequence[tuple[Clip, Clip]]) -> dict[str, float]:
    """Let a system paint the mouths of clips from sounds, and compare with the clips as filmed.

    Args:
        other: its first picture is the other picture.
        pairs: what was filmed, and whose sound drives; the longer one is cut.
    """
    rows, read = [], []
    for real, driving in pairs:
        length = min(len(real), len(driving))
        real, sound = real[:length], driving[:length].audio
        assert sound is not None
        made = system.repaint(real, other[:1], sound)
        rows.append(lip_score(made, real))
        if mesh_is_there():
            read.append(mesh_score(Clip(made), Clip(real.frames)))
    return mean_scores(rows) | (mean_scores(read) if read else {})
