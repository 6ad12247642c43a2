"""What a training needs beside the loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import nn

from thlab.experiments.train import Draw, TrainConfig


@dataclass(frozen=True)
class Recipe:
    """A learner, its data, and how it is measured in the end."""

    learner: nn.Module
    """What the loop trains: a ``System``, or a ``Lone`` network."""
    network: nn.Module
    """What the checkpoint holds: the learner itself, or the network within it."""
    draw: Draw
    config: TrainConfig
    settings: dict
    """The configuration of the network, for the card."""
    corpus: str
    """What it learns from, for the card."""
    figures: Callable[[nn.Module], dict[str, float]]
    """Held-out figures of the trained network, for the card."""
    teachers: dict = field(default_factory=dict)
    """What else decides the training, so that none goes on from the state of another."""
