"""One plain loop that trains every system and each of its players: draw, losses, backward, step, moving average.

Everything random in step n follows from the seed and n alone, so a training that was killed goes on from its last state
to the same weights as one that was not. Started by ``torchrun``, several processes share the work: each draws its own
batch, and their gradients are averaged.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from tqdm import tqdm

from thlab.experiments.parallel import average_over_processes, rank, same_start, world_size
from thlab.experiments.training_state import read_state, write_state

SAVE_SECONDS = 20.0
"""How often the state of a training is kept."""
SEED_STRIDE = 1_000_003
"""Steps between two seeds; a prime, so that processes and seeds do not meet."""
Draw = Callable[[torch.Generator], Any]
"""A generator → a batch; nothing else may decide it."""


class Learner(Protocol):
    """What can be trained: every ``System``, and :class:`Lone` for a network with losses of its own."""

    players: tuple[str, ...]

    def losses(self, batch: Any, *, player: str, rng: torch.Generator) -> Mapping[str, Tensor]: ...

    def parameters_of(self, player: str) -> Iterable[nn.Parameter]: ...


class Lone(nn.Module):
    """A network that is no system, with a function from a batch to its losses."""

    players = ("generator",)

    def __init__(self, network: nn.Module, losses: Callable[[Any], Mapping[str, Tensor]]) -> None:
        super().__init__()
        self.network = network
        self._losses = losses

    def losses(self, batch: Any, *, player: str, rng: torch.Generator) -> Mapping[str, Tensor]:
        del player, rng
        return self._losses(batch)

    def parameters_of(self, player: str) -> Iterable[nn.Parameter]:
        del player
        return self.network.parameters()


@dataclass(frozen=True)
class TrainConfig:
    """How long and how fast to learn."""

    steps: int
    learning_rate: float = 2e-3
    """Peak of the schedule: a straight rise, then a cosine down to a hundredth."""
    warm_up: float = 0.1
    """Share of the steps on the rise."""
    weight_decay: float = 1e-2
    gradient_limit: float = 1.0
    """Largest norm of a player's gradient."""
    average: float = 0.998
    """Decay of the moving average of the weights (EMA); less in the first steps, so that the beginning is forgotten."""


@dataclass(frozen=True)
class Trained:
    """What a training leaves behind."""

    weights: dict[str, Tensor]
    """Averaged weights and buffers, on the CPU."""
    history: list[dict[str, float]]
    """Losses of each step."""
    minutes: float
    """Time in the loop, over all its sittings."""


def rate(step: int, config: TrainConfig) -> float:
    """The learning rate of a step."""
    rise = max(1, round(config.warm_up * config.steps))
    if step < rise:
        return config.learning_rate * (step + 1) / rise
    share = (step - rise) / max(1, config.steps - rise)
    return config.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))


def generator_of(step: int, seed: int) -> torch.Generator:
    """The randomness of one step of one process; torch's own generator, which dropout uses, is set alike."""
    number = (seed * SEED_STRIDE + step) * world_size() + rank()
    torch.manual_seed(number)
    return torch.Generator().manual_seed(number)


class Training:
    """Everything that changes while a learner learns."""

    def __init__(
        self, learner: nn.Module, config: TrainConfig, *, seed: int, device: torch.device | str = "cpu"
    ) -> None:
        self.learner, self.config, self.seed = learner.to(device), config, seed
        self.device = torch.device(device)
        self.players: tuple[str, ...] = learner.players  # type: ignore[assignment]
        same_start(self.learner)
        self.optimizers = {player: self._optimizer(player) for player in self.players}
        self.average = {name: tensor.detach().clone() for name, tensor in self.learner.state_dict().items()}
        self.step = 0
        self.kept: int | None = None
        """The step of the state that was last kept."""
        self.seconds = 0.0
        self.history: list[dict[str, float]] = []

    def _optimizer(self, player: str) -> torch.optim.AdamW:
        parameters = list(self.learner.parameters_of(player))  # type: ignore[operator]
        return torch.optim.AdamW(parameters, self.config.learning_rate, weight_decay=self.config.weight_decay)

    def advance(self, draw: Draw) -> dict[str, float]:
        """One step: every player in turn learns from one batch.

        Raises:
            ValueError: a loss is no number; nothing has been learned from it.
        """
        rng = generator_of(self.step, self.seed)
        batch = draw(rng)
        batch = batch.to(self.device) if hasattr(batch, "to") else batch
        parts: dict[str, Tensor] = {}
        for player in self.players:
            parts |= self._improve(player, batch, rng)
        self._update_average()
        self.step += 1
        self.history.append({name: value.item() for name, value in parts.items()})
        return self.history[-1]

    def _improve(self, player: str, batch: Any, rng: torch.Generator) -> dict[str, Tensor]:
        optimizer = self.optimizers[player]
        with self._precision():
            parts: Mapping[str, Tensor] = self.learner.losses(batch, player=player, rng=rng)  # type: ignore[operator]
            total = torch.stack(list(parts.values())).sum()
        if not torch.isfinite(total):
            raise ValueError(f"the loss became {total.item()} at step {self.step}")
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        (group,) = optimizer.param_groups
        average_over_processes(group["params"], self.learner.buffers())
        nn.utils.clip_grad_norm_(group["params"], self.config.gradient_limit)
        group["lr"] = rate(self.step, self.config)
        optimizer.step()
        return {name: value.detach() for name, value in parts.items()}

    def _precision(self) -> AbstractContextManager[Any]:
        """Mixed precision on a GPU: bfloat16 keeps the range of float32, so no loss needs scaling."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda")

    @torch.no_grad()
    def _update_average(self) -> None:
        """average ← d · average + (1 − d) · weights, with d rising to its final value as (1 + n) / (10 + n)."""
        decay = min(self.config.average, (1 + self.step) / (10 + self.step))
        current = self.learner.state_dict()
        floating = [name for name, tensor in current.items() if tensor.is_floating_point()]
        torch._foreach_lerp_([self.average[n] for n in floating], [current[n] for n in floating], 1 - decay)
        for name in current.keys() - set(floating):
            self.average[name].copy_(current[name])

    # -- what is kept between sittings ------------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Keep everything that the next step depends on; written whole or not at all."""
        if rank() == 0:
            write_state(path, self._tensors(), {"step": self.step, "seconds": self.seconds, "history": self.history})
        self.kept = self.step

    def load(self, path: Path) -> None:
        """Go on from what was kept.

        Raises:
            ValueError: the file is damaged, or of another training.
        """
        tensors, facts = read_state(path)
        own = self._tensors()
        if {name for name in tensors if not name.startswith("optimizer")} != own.keys():
            raise ValueError(f"{path} is the state of another training; delete it, or start with --fresh")
        self.learner.load_state_dict({name: tensors[f"weights/{name}"] for name in self.learner.state_dict()})
        for name, tensor in self.average.items():
            tensor.copy_(tensors[f"average/{name}"])
        for player, optimizer in self.optimizers.items():
            put_back(optimizer, player, tensors)
        self.step, self.seconds, self.history = facts["step"], facts["seconds"], facts["history"]
        self.kept = self.step

    def _tensors(self) -> dict[str, Tensor]:
        kept = {f"weights/{name}": tensor for name, tensor in self.learner.state_dict().items()}
        kept |= {f"average/{name}": tensor for name, tensor in self.average.items()}
        for player, optimizer in self.optimizers.items():
            for index, memory in optimizer.state_dict()["state"].items():
                kept |= {f"optimizer/{player}/{index}/{name}": tensor for name, tensor in memory.items()}
        return kept


def put_back(optimizer: torch.optim.Optimizer, player: str, tensors: Mapping[str, Tensor]) -> None:
    """Give an optimizer its memory again: the running moments of each parameter."""
    memory: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        kind, _, rest = name.partition("/")
        owner, _, place = rest.rpartition("/")[0].rpartition("/")
        if kind == "optimizer" and owner == player:
            memory.setdefault(int(place), {})[name.rpartition("/")[2]] = tensor
    optimizer.load_state_dict({"state": memory, "param_groups": optimizer.state_dict()["param_groups"]})


def fit(
    learner: nn.Module,
    draw: Draw,
    config: TrainConfig,
    *,
    seed: int,
    state: Path | None = None,
    device: torch.device | str = "cpu",
    quiet: bool = False,
) -> Trained:
    """Train a learner in place, from its last kept state where there is one.

    Args:
        learner: a ``System`` or a :class:`Lone` network.
        draw: makes a batch from a generator.
        config: how long and how fast.
        seed: of all that is random after the learner was built.
        state: where to keep the state of the training while it runs, and to look for one to go on from; None keeps
            nothing.
        device: where to train.
        quiet: no progress bar.

    Raises:
        ValueError: a loss is no number any more. Says at which step; the last state that was kept stays.

    Chapter 03.
    """
    training = Training(learner.train(), config, seed=seed, device=device)
    if state is not None and state.exists():
        training.load(state)
    bar = tqdm(total=config.steps, initial=training.step, desc="training", disable=quiet or rank() > 0)
    with bar:
        run(training, draw, state, bar)
    weights = {name: tensor.cpu().clone() for name, tensor in training.average.items()}
    return Trained(weights, training.history, training.seconds / 60)


def run(training: Training, draw: Draw, state: Path | None, bar: tqdm) -> None:
    """Advance to the last step, keeping the state every few seconds."""
    began = saved = time.perf_counter()
    before = training.seconds
    while training.step < training.config.steps:
        try:
            parts = training.advance(draw)
        except ValueError as error:
            raise ValueError(f"{error}; {last_words(training, state)}") from None
        now = time.perf_counter()
        training.seconds = before + now - began
        bar.update()
        if training.step % 20 == 0:
            bar.set_postfix({name: f"{value:.3f}" for name, value in parts.items()})
        if state is not None and now - saved > SAVE_SECONDS:
            training.save(state)
            saved = time.perf_counter()


def last_words(training: Training, state: Path | None) -> str:
    """What is left when a loss is no number, and what to do."""
    advice = "lower the learning rate, or take another seed"
    if training.kept is None:
        return f"nothing was kept yet; {advice}"
    return f"the good state of step {training.kept} is kept in {state}; {advice}"
