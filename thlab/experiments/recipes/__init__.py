"""How each network is trained: one module a network, whose ``recipe`` makes data, learner and figures for a budget."""

from __future__ import annotations

import importlib

from thlab.experiments.recipes.recipe import Recipe

RECIPES = ("talker", "speech2vid", "face_reader")
"""What ``thlab train`` can train: the stems of the systems, and the judges."""
BUDGETS = ("smoke", "laptop", "gpu")
"""Seconds, to show that the loop learns; minutes on two cores; what the kept checkpoints were trained with."""


def recipe_of(name: str, budget: str, seed: int, *, quiet: bool = False) -> Recipe:
    """Everything that a training needs.

    Raises:
        ValueError: nothing of that name can be trained, or there is no such budget.
    """
    if name not in RECIPES:
        raise ValueError(f"nothing called {name!r} can be trained; choose one of {', '.join(RECIPES)}")
    if budget not in BUDGETS:
        raise ValueError(f"no budget is called {budget!r}; choose one of {', '.join(BUDGETS)}")
    return importlib.import_module(f"thlab.experiments.recipes.{name}").recipe(budget, seed, quiet=quiet)
