"""How the coach of lips is trained: a SyncNet that may stand in the loss of a system."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from thlab.corpus.plan import CORPUS_VERSION
from thlab.experiments.own_clips import OwnClips
from thlab.experiments.recipes.recipe import Recipe
from thlab.experiments.recipes.speech2vid import CLIPS_EACH, clips_of
from thlab.experiments.recipes.syncnet import Budget, sync_recipe
from thlab.media import Clip
from thlab.nn.experts.syncnet import SyncNetConfig

SIZE = 64
"""Pixels a side of the clips."""
CONFIG = SyncNetConfig()
BUDGETS = {"smoke": Budget(2, 3, 2, 24, 2), "laptop": Budget(25, 250), "gpu": Budget(40, 900, average=0.995)}


def recipe(
    budget: str, seed: int, *, quiet: bool, own: OwnClips | None = None, start: Path | None = None
) -> Recipe:
    """Everything that the training of the coach needs: people whom the systems know, too.

    Raises:
        ValueError: own clips or a checkpoint to begin with are given.
    """
    if own is not None or start is not None:
        raise ValueError("sync_coach learns from synthetic people alone, as sync_judge does; leave --clips, --from out")
    amount = BUDGETS[budget]
    return sync_recipe(
        clips_of("train", range(amount.people * CLIPS_EACH), SIZE, quiet=quiet),
        amount,
        CONFIG,
        seed=seed,
        corpus=f"{amount.people} people × {CLIPS_EACH} neutral clips of the synthetic corpus, version {CORPUS_VERSION}",
        held_out=lambda: held_out_clips(amount.held_out, quiet=quiet),
    )


def held_out_clips(count: int, *, quiet: bool) -> Sequence[Clip]:
    """Neutral clips of the test split, whose people neither coach nor judge have met; long enough to move their sound.

    Clips shorter than 74 frames, 2 s with 12 frames on both sides, are left out.
    """
    return [clip for clip in clips_of("test", range(count), SIZE, quiet=quiet) if len(clip) >= 74]
