"""How each network is trained: one module a network, whose ``recipe`` makes data, learner and figures for a budget."""

from __future__ import annotations

import importlib
from pathlib import Path

from thlab.experiments.own_clips import OwnClips
from thlab.experiments.recipes.recipe import Recipe

RECIPES = ("talker", "speech2vid", "wav2lip", "face_reader", "landmarker", "sync_coach", "sync_judge")
"""What ``thlab train`` can train: the stems of the systems, and the judges."""
BUDGETS = ("smoke", "laptop", "gpu")
"""Seconds, to show that the loop learns; minutes on two cores; what the kept checkpoints were trained with."""


def recipe_of(
    name: str, budget: str, seed: int, *, quiet: bool = False, own: OwnClips | None = None, start: Path | None = None
) -> Recipe:
    """Everything that a training needs.

    Args:
        name: a system's stem, or a judge's.
        budget: how much.
        seed: of the weights and of all that is drawn.
        quiet: no progress bars.
        own: clips of the user's to learn from, in place of the synthetic corpus.
        start: a checkpoint to go on from with fewer and smaller steps, in place of random weights.

    Raises:
        ValueError: nothing of that name can be trained, there is no such budget, the checkpoint is another's, or the
            clips are not for this network.
    """
    if name not in RECIPES:
        raise ValueError(f"nothing called {name!r} can be trained; choose one of {', '.join(RECIPES)}")
    if budget not in BUDGETS:
        raise ValueError(f"no budget is called {budget!r}; choose one of {', '.join(BUDGETS)}")
    return importlib.import_module(f"thlab.experiments.recipes.{name}").recipe(
        budget, seed, quiet=quiet, own=own, start=start
    )
