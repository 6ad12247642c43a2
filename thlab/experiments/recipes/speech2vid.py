"""How Speech2Vid is trained, and how it is tried on people, voices and sentences it has never met."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from thlab.corpus.plan import CORPUS_VERSION, CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.corpus.windows import WindowConfig, Windows
from thlab.experiments.checkpoints import load_system
from thlab.experiments.mesh_scores import mesh_is_there, mesh_score
from thlab.experiments.own_clips import OwnClips, fingerprint, in_size
from thlab.experiments.parallel import first_alone
from thlab.experiments.recipes.recipe import Recipe
from thlab.experiments.scores import Scores, mean_scores, score
from thlab.experiments.train import Draw, TrainConfig
from thlab.media import Clip
from thlab.systems.speech2vid import Speech2Vid, Speech2VidConfig

CLIPS_EACH = 3
PAINTED = 3
"""Frames of a window that are painted; its edges only lend their sound."""
HELD_OUT = 12
"""People on whom it is tried."""


FINE_STEPS = {"smoke": 3, "laptop": 400, "gpu": 2000}
"""Steps from a checkpoint on."""
FINE_RATE = 5e-4
"""Peak of the learning rate from a checkpoint on."""
FINE_AVERAGE = 0.99
"""Decay of the average of the weights then."""


@dataclass(frozen=True)
class Budget:
    """How much is learned from how much."""

    people: int
    steps: int
    batch: int
    size: int
    channels: int = 24
    learning_rate: float = 2e-3
    warm_up: float = 0.1
    average: float = 0.998
    """Decay of the average of the weights: a short training must not remember its beginning."""


BUDGETS = {
    "smoke": Budget(2, 4, 2, 32, 8),
    "laptop": Budget(40, 1200, 8, 64, learning_rate=1e-3, warm_up=0.03, average=0.99),
    "gpu": Budget(120, 3600, 8, 96, 22, learning_rate=1e-3, warm_up=0.03),
}


def recipe(
    budget: str, seed: int, *, quiet: bool, changes: dict | None = None, clips: Sequence[Clip] | None = None,
    own: OwnClips | None = None, start: Path | None = None,
) -> Recipe:  # fmt: skip
    """Everything that the training needs.

    Args:
        changes: fields of the configuration that differ from the budget's, for an ablation.
        clips: what to learn from in place of the synthetic corpus; one clip is enough.
        own: the same with a test of its own, on which the held-out figures are.
        start: a checkpoint to go on from with the user's own clips.
    """
    if own is not None:
        return own_recipe(budget, seed, own, start)
    amount = BUDGETS[budget]
    config = replace(Speech2VidConfig(size=amount.size, channels=amount.channels), **(changes or {}))
    told = f"{amount.people} people × {CLIPS_EACH} clips of the synthetic corpus, version {CORPUS_VERSION}"
    if clips is None:
        clips = clips_of("train", range(amount.people * CLIPS_EACH), amount.size, quiet=quiet)
    else:
        told = f"{len(clips)} clip{'s' * (len(clips) > 1)} of the user's"
    torch.manual_seed(seed)
    system = Speech2Vid(config)
    return Recipe(
        learner=system,
        network=system,
        draw=drawing(clips, config, amount.batch),
        config=TrainConfig(amount.steps, amount.learning_rate, amount.warm_up, average=amount.average),
        settings=asdict(config),
        corpus=told,
        figures=lambda network: figures(network, held_out_clips(budget, quiet=quiet)),
    )


def own_recipe(budget: str, seed: int, own: OwnClips, start: Path | None) -> Recipe:
    """Learn from the user's clips: from a checkpoint on, or from nothing.

    Raises:
        ValueError: the checkpoint is another system's or damaged, or the clips lack something.
    """
    amount = BUDGETS[budget]
    system = fresh(amount, seed) if start is None else load_system("speech2vid", start)
    assert isinstance(system, Speech2Vid)
    train, test = ([in_size(clip, system.config.size) for clip in clips] for clips in (own.train, own.test))
    steps, peak = (amount.steps, amount.learning_rate) if start is None else (FINE_STEPS[budget], FINE_RATE)
    before = None if start is None else deepcopy(system).eval()
    return Recipe(
        learner=system,
        network=system,
        draw=drawing(train, system.config, amount.batch),
        config=TrainConfig(steps, peak, amount.warm_up, average=FINE_AVERAGE),
        settings=asdict(system.config),
        corpus=own.told if start is None else f"{own.told}; begun from {start.name}, {fingerprint(start)}",
        figures=lambda network: own_figures(network, train, test, before),
    )


def fresh(amount: Budget, seed: int) -> Speech2Vid:
    """A system with random weights."""
    torch.manual_seed(seed)
    return Speech2Vid(Speech2VidConfig(size=amount.size, channels=amount.channels))


def drawing(clips: Sequence[Clip], config: Speech2VidConfig, batch: int) -> Draw:
    """What draws batches from clips.

    Raises:
        ValueError: a clip lacks pictures, sound or landmarks, or none is as long as a window.
    """
    windows = Windows(clips, WindowConfig(frames=PAINTED + 2 * config.context, stills=config.stills))
    check_landmarks(clips)
    return lambda rng: windows.sample(batch, rng=rng)


def check_landmarks(clips: Sequence[Clip]) -> None:
    """Refuse clips whose frames cannot be laid over each other."""
    for index, clip in enumerate(clips):
        if clip.truth is None or clip.truth.landmarks is None:
            raise ValueError(f"Speech2Vid learns from registered frames, but clip {index} has no landmarks; add them")


def clips_of(split: str, numbers: Sequence[int], size: int, *, quiet: bool) -> list[Clip]:
    """Neutral clips of a split, each with a sentence of its own, three a person."""
    corpus = SyntheticCorpus(
        CorpusConfig(split=split, size=size, emotions=("neutral",), clips_an_actor=CLIPS_EACH, masks=False)
    )
    with first_alone():
        corpus.prepare(numbers, quiet=quiet)
    return corpus.clips(numbers)


def held_out_clips(budget: str, *, quiet: bool) -> list[Clip]:
    """One clip each of people of the test split."""
    people = HELD_OUT if budget != "smoke" else 2
    return clips_of("test", range(0, people * CLIPS_EACH, CLIPS_EACH), BUDGETS[budget].size, quiet=quiet)


@torch.no_grad()
def figures(system: torch.nn.Module, clips: Sequence[Clip]) -> dict[str, float]:
    """Mean scores over held-out clips, and the lip correlation when each clip is driven by another's sound."""
    assert isinstance(system, Speech2Vid)
    own = mean_scores([try_on(system, clip) for clip in clips])
    shuffled = mean_scores([try_on(system, *pair) for pair in shuffle(clips)])
    return {name: round(value, 4) for name, value in own.items()} | {
        "lip_r, shuffled sound": round(shuffled["lip_r"], 4)
    }


def try_on(system: Speech2Vid, clip: Clip, driving: Clip | None = None) -> Scores:
    """Show a system the first half of a clip, let it paint the second half from its sound, and score that.

    Args:
        driving: whose sound to take instead, for the control.
    """
    half = len(clip) // 2
    reference, rest = clip[:half], clip[half:]
    sound = replace(rest if driving is None else driving, frames=None, truth=None)
    length = min(len(rest), len(sound))
    assert reference.truth is not None
    assert reference.truth.landmarks is not None
    over = reference.truth.landmarks[system.chosen(reference)[0]]
    return score(system.animate(reference, sound[:length]), rest[:length], over=over)


def shuffle(clips: Sequence[Clip]) -> list[tuple[Clip, Clip]]:
    """Each clip with the middle of the next one's, where nobody is silent: rests alike in both would correlate."""
    others = [*clips[1:], clips[0]]
    return [(clip, other[len(other) // 4 : 3 * len(other) // 4]) for clip, other in zip(clips, others, strict=True)]


# -- on the user's own clips ------------------------------------------------------------------------------------------


@torch.no_grad()
def own_figures(
    system: torch.nn.Module, train: Sequence[Clip], test: Sequence[Clip], before: Speech2Vid | None
) -> dict[str, float]:
    """Mean scores over the test clips: after the training, before it, and driven by other sound.

    The stills come from the last clip of the training. Two readers look at the lips: our judge, who knows synthetic
    people alone, and MediaPipe's mesh, where it is installed.

    Args:
        system: after the training.
        train: stills are taken from these.
        test: what is painted.
        before: the system as it began; None when it began from nothing.
    """
    assert isinstance(system, Speech2Vid)
    told = paint_and_score(system, train[-1], [(clip, clip) for clip in test])
    others = paint_and_score(system, train[-1], [(clip, train[0]) for clip in test])
    told |= {f"{name}, other sound": others[name] for name in others if name.endswith("lip_r")}
    if before is not None:
        first = paint_and_score(before, train[-1], [(clip, clip) for clip in test])
        told |= {f"{name}, before": value for name, value in first.items()}
    return {name: round(value, 4) for name, value in told.items()}


def paint_and_score(system: Speech2Vid, reference: Clip, pairs: Sequence[tuple[Clip, Clip]]) -> dict[str, float]:
    """Let a system paint clips from sounds, and compare with the clips as filmed.

    Args:
        reference: lends the stills.
        pairs: what was filmed, and whose sound drives; the longer one is cut.
    """
    assert reference.truth is not None
    assert reference.truth.landmarks is not None
    over = reference.truth.landmarks[system.chosen(reference)[0]]
    rows, read = [], []
    for real, driving in pairs:
        length = min(len(real), len(driving))
        painted = system.animate(reference, replace(driving, frames=None, truth=None)[:length])
        rows.append(score(painted, real[:length], over=over))
        if mesh_is_there():
            read.append(mesh_score(painted, real[:length]))
    return mean_scores(rows) | (mean_scores(read) if read else {})
