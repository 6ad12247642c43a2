from __future__ import annotations

import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from experiments import training_script
from safetensors.torch import load_file
from torch import nn

from thlab.experiments import train
from thlab.experiments.train import Lone, TrainConfig, Training, fit, rate

SCRIPT = Path(training_script.__file__)


def regression(seed: int = 0) -> Lone:
    """A linear map to be found: y = 2x − 1."""
    torch.manual_seed(seed)
    network = nn.Linear(1, 1)
    return Lone(network, lambda x: {"square": (network(x) - (2 * x - 1)).square().mean()})


def draw(rng: torch.Generator) -> torch.Tensor:
    return torch.rand(32, 1, generator=rng)


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_a_line_is_found():
    config = TrainConfig(400, learning_rate=0.05, average=0.9, weight_decay=0.0)
    trained = fit(regression(), draw, config, seed=0, quiet=True)
    assert trained.weights["network.weight"].item() == pytest.approx(2, abs=0.05)
    assert trained.weights["network.bias"].item() == pytest.approx(-1, abs=0.05)
    assert trained.history[-1]["square"] < trained.history[0]["square"] / 100
    assert len(trained.history) == 400


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    first, second, other = (fit(regression(3), draw, TrainConfig(20), seed=s, quiet=True).weights for s in (1, 1, 2))
    assert same(first, second)
    assert not same(first, other)


def test_the_rate_rises_to_its_peak_and_falls_to_a_hundredth():
    config = TrainConfig(100, learning_rate=1.0, warm_up=0.1)
    rates = [rate(step, config) for step in range(100)]
    assert rates.index(max(rates)) in (9, 10)
    assert max(rates) == pytest.approx(1)
    assert rates[0] == pytest.approx(0.1)
    assert rates[-1] == pytest.approx(0.01, abs=0.001)
    assert all(a < b for a, b in pairwise(rates[:10]))
    assert all(a > b for a, b in pairwise(rates[10:]))


def test_the_average_is_the_sum_of_decaying_weights():
    training = Training(regression(), TrainConfig(20, average=0.5), seed=0)
    wanted = training.learner.state_dict()["network.weight"].clone()
    for step in range(20):
        training.advance(draw)
        decay = min(0.5, (1 + step) / (10 + step))
        wanted = decay * wanted + (1 - decay) * training.learner.state_dict()["network.weight"]
    assert torch.allclose(training.average["network.weight"], wanted, atol=1e-6)
    assert not torch.equal(training.average["network.weight"], training.learner.state_dict()["network.weight"])


class Duel(nn.Module):
    """Two players on one batch: one wants a + b near 1, the other b near 3; each moves its own number alone."""

    players = ("first", "second")

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))
        self.turns: list[str] = []

    def parameters_of(self, player: str) -> list[nn.Parameter]:
        return [self.a if player == "first" else self.b]

    def losses(self, batch: torch.Tensor, *, player: str, rng: torch.Generator) -> dict[str, torch.Tensor]:
        self.turns.append(player)
        return {player: (self.a + self.b - 1).square() if player == "first" else (self.b - 3).square()}


def test_players_take_turns_and_move_only_what_is_theirs():
    duel = Duel()
    trained = fit(duel, draw, TrainConfig(400, 0.1, average=0.5, weight_decay=0.0), seed=0, quiet=True)
    assert duel.turns[:4] == ["first", "second", "first", "second"]
    assert trained.weights["a"].item() == pytest.approx(-2, abs=0.05)
    assert trained.weights["b"].item() == pytest.approx(3, abs=0.05)
    assert set(trained.history[0]) == {"first", "second"}


# -- when things go wrong ---------------------------------------------------------------------------------------------


def broken_at(step: int) -> Lone:
    """A regression whose loss is no number in one step."""
    learner, count = regression(), iter(range(1000))
    healthy = learner._losses
    learner._losses = lambda x: {"square": healthy(x)["square"] * (float("nan") if next(count) == step else 1)}
    return learner


def test_a_loss_that_is_not_a_number_stops_the_training_names_the_step_and_keeps_the_last_good_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(train, "SAVE_SECONDS", 0.0)
    state = tmp_path / "a.state"
    with pytest.raises(ValueError, match=r"nan at step 7.*state of step 7 is kept.*lower the learning rate"):
        fit(broken_at(7), draw, TrainConfig(20), seed=0, state=state, quiet=True)
    kept = Training(regression(), TrainConfig(20), seed=0)
    kept.load(state)
    assert kept.step == 7
    assert all(tensor.isfinite().all() for tensor in kept.learner.state_dict().values())


def test_a_loss_that_is_not_a_number_at_once_says_that_nothing_was_kept(tmp_path: Path):
    with pytest.raises(ValueError, match="step 0; nothing was kept yet"):
        fit(broken_at(0), draw, TrainConfig(20), seed=0, state=tmp_path / "a.state", quiet=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["truncated", "empty", "another"])
def test_a_damaged_state_is_refused_in_one_line(tmp_path: Path, damage: str):
    state = tmp_path / "a.state"
    training = Training(regression() if damage != "another" else Duel(), TrainConfig(20), seed=0)
    training.advance(draw)
    training.save(state)
    whole = state.read_bytes()
    state.write_bytes({"truncated": whole[: len(whole) // 2], "empty": b"", "another": whole}[damage])
    with pytest.raises(ValueError, match="--fresh"):
        fit(regression(), draw, TrainConfig(20), seed=0, state=state, quiet=True)


def run_script(*arguments: object, launcher: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *launcher, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_a_training_killed_twice_ends_with_the_weights_of_an_unbroken_one(tmp_path: Path):
    state = tmp_path / "a.state"
    killed = [run_script(tmp_path / "broken", state, step).returncode for step in (11, 8)]
    assert killed == [-signal.SIGKILL] * 2
    assert state.exists()
    assert run_script(tmp_path / "broken", state).returncode == 0
    assert run_script(tmp_path / "whole").returncode == 0
    assert same(load_file(tmp_path / "broken"), load_file(tmp_path / "whole"))


def test_a_full_disk_stops_the_training_and_leaves_what_was_kept_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(train, "SAVE_SECONDS", 0.0)
    state, training = tmp_path / "a.state", Training(regression(), TrainConfig(20), seed=0)
    training.advance(draw)
    training.save(state)
    before = state.read_bytes()

    def full(tensors: object, path: Path, metadata: object) -> None:
        path.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("thlab.experiments.training_state.save_file", full)
    with pytest.raises(OSError, match="No space left"):
        fit(regression(), draw, TrainConfig(20), seed=0, state=state, quiet=True)
    assert state.read_bytes() == before
    assert list(tmp_path.iterdir()) == [state]


# -- several processes ------------------------------------------------------------------------------------------------


def test_two_processes_of_torchrun_learn_what_one_would_from_both_their_batches(tmp_path: Path):
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    done = run_script(tmp_path / "together", launcher=launcher)
    assert done.returncode == 0, done.stderr[-2000:]
    together, wanted = load_file(tmp_path / "together"), by_hand()
    assert together.keys() == wanted.keys()
    for name, tensor in wanted.items():
        assert torch.allclose(together[name].float(), tensor.float(), atol=1e-5), name


def by_hand() -> dict[str, torch.Tensor]:
    """The same training in one process: two forward passes a step, mean gradients, mean running statistics."""
    network = training_script.network()
    learner = Lone(network, lambda x: {"square": (network(x)[:, 0] - x.sum(1)).square().mean()})
    training = Training(learner.train(), TrainConfig(30, average=0.9), seed=3)
    (optimizer,) = training.optimizers.values()
    for step in range(30):
        start, gradients, statistics = [b.clone() for b in network.buffers()], [], []
        for process in range(2):
            number = (3 * train.SEED_STRIDE + step) * 2 + process
            for buffer, value in zip(network.buffers(), start, strict=True):
                buffer.copy_(value)
            torch.manual_seed(number)
            rng = torch.Generator().manual_seed(number)
            optimizer.zero_grad()
            learner.losses(training_script.draw(rng), player="generator", rng=rng)["square"].backward()
            gradients.append([p.grad.clone() for p in network.parameters()])
            statistics.append([b.clone() for b in network.buffers()])
        for p, *found in zip(network.parameters(), *gradients, strict=True):
            p.grad = torch.stack(found).mean(0)
        for b, *found in zip(network.buffers(), *statistics, strict=True):
            b.copy_(torch.stack(found).mean(0) if b.is_floating_point() else found[0])
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.param_groups[0]["lr"] = rate(step, training.config)
        optimizer.step()
        training._update_average()
        training.step += 1
    return training.average
