"""How Speech2Vid is trained, and how it is tried on people, voices and sentences it has never met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import torch

from thlab.corpus.plan import CORPUS_VERSION, CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.corpus.windows import WindowConfig, Windows
from thlab.experiments.parallel import first_alone
from thlab.experiments.recipes.recipe import Recipe
from thlab.experiments.scores import Scores, mean_scores, score
from thlab.experiments.train import TrainConfig
from thlab.media import Batch, Clip
from thlab.systems.speech2vid import Speech2Vid, Speech2VidConfig

CLIPS_EACH = 3
PAINTED = 3
"""Frames of a window that are painted; its edges only lend their sound."""
HELD_OUT = 12
"""People on whom it is tried."""


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
    budget: str, seed: int, *, quiet: bool, changes: dict | None = None, clips: Sequence[Clip] | None = None
) -> Recipe:
    """Everything that the training needs.

    Args:
        changes: fields of the configuration that differ from the budget's, for an ablation.
        clips: what to learn from in place of the synthetic corpus; one clip is enough.
    """
    amount = BUDGETS[budget]
    config = replace(Speech2VidConfig(size=amount.size, channels=amount.channels), **(changes or {}))
    told = f"{amount.people} people × {CLIPS_EACH} clips of the synthetic corpus, version {CORPUS_VERSION}"
    if clips is None:
        clips = clips_of("train", range(amount.people * CLIPS_EACH), amount.size, quiet=quiet)
    else:
        told = f"{len(clips)} clip{'s' * (len(clips) > 1)} of the user's"
    windows = Windows(clips, WindowConfig(frames=PAINTED + 2 * config.context, stills=config.stills))
    check_landmarks(clips)
    torch.manual_seed(seed)
    system = Speech2Vid(config)

    def draw(rng: torch.Generator) -> Batch:
        return windows.sample(amount.batch, rng=rng)

    return Recipe(
        learner=system,
        network=system,
        draw=draw,
        config=TrainConfig(amount.steps, amount.learning_rate, amount.warm_up, average=amount.average),
        settings=asdict(config),
        corpus=told,
        figures=lambda network: figures(network, held_out_clips(budget, quiet=quiet)),
    )


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
