from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from thlab.experiments import checkpoints
from thlab.experiments.checkpoints import CheckpointCard, load_checkpoint, restore, save_checkpoint

CARD = CheckpointCard("talker", "thlab train talker", {"channels": 4}, seed=3, budget="smoke", minutes=0.1)


def weights() -> dict[str, torch.Tensor]:
    return {"weight": torch.randn(5, 4, generator=torch.Generator().manual_seed(0)), "bias": torch.zeros(5)}


def test_what_is_saved_comes_back_to_half_precision(tmp_path: Path):
    path = save_checkpoint(weights(), CARD, folder=tmp_path)
    loaded, card = load_checkpoint("talker", path)
    assert card == CARD
    assert all(torch.equal(loaded[name], tensor.half().float()) for name, tensor in weights().items())
    assert json.loads((tmp_path / "talker.json").read_text())["seed"] == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["talker.json", "talker.safetensors"]


def test_a_missing_file_says_how_to_train_it(tmp_path: Path):
    with pytest.raises(ValueError, match="thlab train talker"):
        load_checkpoint("talker", tmp_path / "talker.safetensors")


@pytest.mark.parametrize("keep", [0, 3, 100, -10])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: int):
    path = save_checkpoint(weights(), CARD, folder=tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match="not a whole safetensors file"):
        load_checkpoint("talker", path)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_is_refused_without_being_opened(tmp_path: Path, zipped: bool):
    path = tmp_path / "talker.safetensors"
    torch.save(weights(), path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(ValueError, match="is a pickle"):
        load_checkpoint("talker", path)


def test_the_weights_of_another_system_are_refused(tmp_path: Path):
    path = save_checkpoint(weights(), replace(CARD, system="wav2lip"), folder=tmp_path)
    with pytest.raises(ValueError, match="holds the weights of 'wav2lip'"):
        load_checkpoint("talker", path)


def test_another_format_is_refused(tmp_path: Path):
    path = save_checkpoint(weights(), replace(CARD, format=99), folder=tmp_path)
    with pytest.raises(ValueError, match="format 99"):
        load_checkpoint("talker", path)


def test_a_file_without_a_card_is_refused(tmp_path: Path):
    checkpoints.save_file(weights(), tmp_path / "talker.safetensors")
    with pytest.raises(ValueError, match="no card"):
        load_checkpoint("talker", tmp_path / "talker.safetensors")


def test_a_save_that_fails_leaves_the_old_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = save_checkpoint(weights(), CARD, folder=tmp_path)
    before = path.read_bytes()

    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, "save_file", full)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint({"weight": torch.ones(2)}, CARD, folder=tmp_path)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_weights_of_other_shapes_are_refused_by_name():
    with pytest.raises(ValueError, match="do not fit 'talker'"):
        restore(nn.Linear(3, 5), weights(), system="talker")


def test_restored_weights_are_those_of_the_file():
    network = nn.Linear(4, 5)
    restore(network, weights(), system="talker")
    assert torch.equal(network.weight, weights()["weight"])
    assert not network.training
