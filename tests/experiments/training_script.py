"""Train a small network to a file; run by tests in processes of its own.

    python training_script.py OUTPUT [STATE [STEP_TO_DIE_AT]]
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from thlab.experiments import train
from thlab.experiments.parallel import rank, together


def network() -> nn.Sequential:
    """With everything that has a memory or a randomness of its own."""
    torch.manual_seed(5)
    # No bias before the normalisation: its gradient is rounding noise, which Adam makes large.
    return nn.Sequential(nn.Linear(4, 16, bias=False), nn.BatchNorm1d(16), nn.GELU(), nn.Dropout(0.2), nn.Linear(16, 1))


def draw(rng: torch.Generator) -> torch.Tensor:
    return torch.randn(8, 4, generator=rng)


def main(output: Path, state: Path | None = None, die_at: int = -1) -> None:
    torch.set_num_threads(1)
    train.SAVE_SECONDS = 0.0
    steps = 0

    def losses(batch: torch.Tensor) -> dict[str, torch.Tensor]:
        nonlocal steps
        if steps == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        steps += 1
        return {"square": (learner.network(batch)[:, 0] - batch.sum(1)).square().mean()}

    learner = train.Lone(network(), losses)
    with together(torch.device("cpu")) as device:
        config = train.TrainConfig(30, average=0.9)
        trained = train.fit(learner, draw, config, seed=3, state=state, device=device, quiet=True)
        if rank() == 0:
            save_file(trained.weights, output)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(Path, sys.argv[2:3]), *map(int, sys.argv[3:4]))
