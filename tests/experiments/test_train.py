from __future__ import annotations

import pytest
import torch
from torch import nn

from thlab.experiments.train import TrainConfig, fit


def regression(seed: int = 0):
    """A linear map to be found: y = 2x − 1."""
    torch.manual_seed(seed)
    network = nn.Linear(1, 1)
    rng = torch.Generator().manual_seed(seed)

    def losses(step: int) -> dict[str, torch.Tensor]:
        x = torch.rand(32, 1, generator=rng)
        return {"square": (network(x) - (2 * x - 1)).square().mean()}

    return network, losses


def test_a_line_is_found():
    network, losses = regression()
    trained = fit(network, losses, TrainConfig(400, learning_rate=0.05, average=0.9), quiet=True)
    assert trained.weights["weight"].item() == pytest.approx(2, abs=0.05)
    assert trained.weights["bias"].item() == pytest.approx(-1, abs=0.05)
    assert trained.history[-1]["square"] < trained.history[0]["square"] / 100


def test_the_same_seed_gives_the_same_weights():
    first, second = (fit(*regression(3), TrainConfig(20), quiet=True).weights for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_loss_that_is_not_a_number_stops_the_training_and_names_the_step():
    network, losses = regression()

    def broken(step: int) -> dict[str, torch.Tensor]:
        part = losses(step)
        return {"square": part["square"] * (float("nan") if step == 7 else 1)}

    with pytest.raises(ValueError, match="step 7"):
        fit(network, broken, TrainConfig(20), quiet=True)
