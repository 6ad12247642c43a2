"""From the name of a network and a budget to its checkpoint: recipe, loop, held-out figures, card."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from thlab.corpus.cache import cache_root
from thlab.experiments.checkpoints import CheckpointCard, git_revision, save_checkpoint
from thlab.experiments.own_clips import read_own_clips
from thlab.experiments.parallel import first_alone, rank, together, world_size
from thlab.experiments.recipes import recipe_of
from thlab.experiments.recipes.recipe import Recipe
from thlab.experiments.train import Trained, fit


def train(
    name: str, *, budget: str, seed: int, folder: Path, fresh: bool = False, device: str = "", quiet: bool = False,
    clips: Path | None = None, start: Path | None = None,
) -> Path | None:  # fmt: skip
    """Train a network, try it on held-out data and save its checkpoint. A killed training goes on where it was.

    Args:
        name: a system's stem, or a judge's.
        budget: ``smoke``, ``laptop`` or ``gpu``.
        seed: of the weights and of everything drawn.
        folder: where the checkpoint goes.
        fresh: whether to begin anew even where a killed training could go on.
        device: as torch names it; by default the GPU where there is one.
        quiet: no progress bars.
        clips: a folder of ``thlab prepare`` to learn from in place of the synthetic corpus.
        start: a checkpoint to go on from with those clips, in place of random weights.

    Returns:
        The path of the weights; None in all but the first of several processes.

    Raises:
        ValueError: no such network or budget; a loss that is no number; a damaged state of a killed training; clips or
            a checkpoint that do not fit.
    """
    if start is not None and clips is None:
        raise ValueError("--from goes on with your own clips; give them with --clips FOLDER (thlab prepare makes them)")
    with together(torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))) as place:
        quiet = quiet or rank() > 0
        own = None if clips is None else read_own_clips(clips)
        recipe = recipe_of(name, budget, seed, quiet=quiet, own=own, start=start)
        state = state_path(name, budget, seed, recipe)
        with first_alone():
            if fresh and rank() == 0:
                state.unlink(missing_ok=True)
        trained = fit(recipe.learner, recipe.draw, recipe.config, seed=seed, state=state, device=place, quiet=quiet)
        if rank() > 0:
            return None
        path = finish(recipe, trained, name, budget, seed, folder, told(clips, start))
        state.unlink(missing_ok=True)
        return path


def check_device(name: str) -> str:
    """A device that torch knows and this machine has; '' is left to :func:`train`.

    Raises:
        ValueError: there is no such device.
    """
    try:
        torch.empty(0, device=name or "cpu")
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0].split(":")[-1].strip()
        raise ValueError(f"--device {name!r} cannot be used here ({reason}); take cpu, or leave it out") from None
    return name


def state_path(name: str, budget: str, seed: int, recipe: Recipe) -> Path:
    """Where a training keeps its state: another place for every configuration, so that none goes on from another's."""
    told = json.dumps([
            name, budget, seed, recipe.settings, asdict(recipe.config), recipe.corpus, recipe.teachers, world_size(),
        ])
    return cache_root() / "training" / f"{name}-{budget}-{seed}-{hashlib.sha256(told.encode()).hexdigest()[:12]}.state"


def told(clips: Path | None, start: Path | None) -> str:
    """The options of a training on own clips, for the card."""
    given = (("--clips", clips), ("--from", start))
    return "".join(f" {option} {shlex.quote(str(path))}" for option, path in given if path is not None)


def finish(
    recipe: Recipe, trained: Trained, name: str, budget: str, seed: int, folder: Path, options: str = ""
) -> Path:
    """Measure the averaged weights and save them with their card."""
    network = network_of(recipe, trained)
    card = CheckpointCard(
        system=name,
        command=f"thlab train {name} --budget {budget} --seed {seed}{options}",
        config=recipe.settings,
        seed=seed,
        budget=budget,
        minutes=round(trained.minutes, 2),
        revision=git_revision(),
        corpus=recipe.corpus,
        metrics=recipe.figures(network),
    )
    return save_checkpoint(network.state_dict(), card, folder=folder)


def own_weights(weights: Mapping[str, Tensor], recipe: Recipe) -> dict[str, Tensor]:
    """The weights of the recipe's network among those of its learner."""
    names = {id(module): name for name, module in recipe.learner.named_modules()}
    prefix = names[id(recipe.network)]
    start = f"{prefix}." if prefix else ""
    return {name.removeprefix(start): tensor for name, tensor in weights.items() if name.startswith(start)}


def network_of(recipe: Recipe, trained: Trained) -> nn.Module:
    """The network with its averaged weights, ready to be used."""
    recipe.network.load_state_dict(own_weights(trained.weights, recipe))
    return recipe.network.cpu().eval()
