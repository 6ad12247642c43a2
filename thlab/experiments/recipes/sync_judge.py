"""How the judge of lips is trained: another SyncNet, on people and moods that no system and no coach has seen."""

from __future__ import annotations

from pathlib import Path

from thlab.corpus.plan import CORPUS_VERSION
from thlab.experiments.own_clips import OwnClips
from thlab.experiments.recipes.face_reader import CLIPS_EACH, CORPUS_SEED, clips_of
from thlab.experiments.recipes.recipe import Recipe
from thlab.experiments.recipes.sync_coach import held_out_clips
from thlab.experiments.recipes.syncnet import Budget, Disturbance, sync_recipe
from thlab.nn.experts.syncnet import SyncNetConfig

CONFIG = SyncNetConfig(channels=24, width=144, numbers=112)
"""Not the coach's sizes: what fools one should not fool the other."""
STRONG = Disturbance(
    shift=3.0, zoom=0.2, turn=0.18, colour=0.25, blur=0.8, noise=0.05, loudness=1.5, tilt=1.0, formants=0.12,
)  # fmt: skip
"""The judge is shown worse pictures and sound than the coach: it shall also read what nobody painted for it."""
BUDGETS = {"smoke": Budget(2, 3, 2, 24, 2), "laptop": Budget(25, 250), "gpu": Budget(150, 700, average=0.995)}


def recipe(
    budget: str, seed: int, *, quiet: bool, own: OwnClips | None = None, start: Path | None = None
) -> Recipe:
    """Everything that the training of the judge needs.

    Raises:
        ValueError: own clips or a checkpoint to begin with are given.
    """
    if own is not None or start is not None:
        raise ValueError(
            "sync_judge is the judge: it learns from synthetic people alone, whom no system sees, so that it never "
            "judges its own pupils; leave --clips and --from out"
        )
    amount = BUDGETS[budget]
    moods = f"{amount.people} people × {CLIPS_EACH} clips in all moods of the synthetic corpus"
    return sync_recipe(
        clips_of(amount.people, quiet=quiet),
        amount,
        CONFIG,
        seed=seed,
        corpus=f"{moods}, version {CORPUS_VERSION}, seed {CORPUS_SEED}",
        held_out=lambda: held_out_clips(amount.held_out, quiet=quiet),
        how=STRONG,
    )
