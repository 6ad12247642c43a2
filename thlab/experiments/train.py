"""One plain loop that trains a network: losses, backward, step, and a moving average of the weights."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from tqdm import tqdm

Losses = Callable[[int], Mapping[str, Tensor]]
"""Step number → named losses; their sum is minimised."""


@dataclass(frozen=True)
class TrainConfig:
    """How long and how fast to learn."""

    steps: int
    learning_rate: float = 2e-3
    """Peak of a one-cycle schedule: a short rise, then a cosine down to nothing."""
    warm_up: float = 0.1
    """Share of the steps on the rise."""
    weight_decay: float = 1e-2
    gradient_limit: float = 1.0
    """Largest norm of the gradient."""
    average: float = 0.998
    """Decay of the moving average of the weights (EMA)."""


@dataclass(frozen=True)
class Trained:
    """What a training leaves behind."""

    weights: dict[str, Tensor]
    """Averaged weights."""
    history: list[dict[str, float]]
    """Losses of each step."""
    minutes: float


def fit(network: nn.Module, losses: Losses, config: TrainConfig, *, quiet: bool = False) -> Trained:
    """Train a network in place and return the average of its weights over the last steps.

    Raises:
        ValueError: a loss is not a number any more; says at which step.
    """
    optimizer = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=config.steps, pct_start=config.warm_up
    )
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(config.average), use_buffers=True
    )
    history: list[dict[str, float]] = []
    began = time.perf_counter()
    bar = tqdm(range(config.steps), desc="training", disable=quiet)
    for step in bar:
        parts = losses(step)
        total = torch.stack(list(parts.values())).sum()
        if not torch.isfinite(total):
            raise ValueError(f"the loss became {total.item()} at step {step}; lower the learning rate and train again")
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(network.parameters(), config.gradient_limit)
        optimizer.step()
        schedule.step()
        average.update_parameters(network)
        history.append({name: value.item() for name, value in parts.items()})
        if step % 20 == 0:
            bar.set_postfix({name: f"{value:.3f}" for name, value in history[-1].items()})
    weights = {name: tensor.clone() for name, tensor in average.module.state_dict().items()}
    return Trained(weights, history, (time.perf_counter() - began) / 60)
