"""Inception as the FID uses it: names and shapes of its weights file, its two pools, and which files are refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional

from thlab.nn.experts import inception
from thlab.nn.experts.inception import Inception, InceptionE, load_inception, mean_pool


@pytest.fixture(scope="module")
def network() -> Inception:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Inception().eval()


def test_parameters_are_as_many_as_torchvisions_inception_with_1008_classes(network: Inception):
    with_1000_classes_and_no_auxiliary = 27_161_264 - 3_326_696
    assert sum(p.numel() for p in network.parameters()) == with_1000_classes_and_no_auxiliary + 8 * (2048 + 1)


def test_names_and_shapes_are_those_of_the_weights_file(network: Inception):
    weights = network.state_dict()
    convolutions = [name for name in weights if name.endswith("conv.weight")]
    assert len(convolutions) == 94
    assert len(weights) == 6 * 94 + 2
    wanted = {
        "Conv2d_1a_3x3.conv.weight": (32, 3, 3, 3),
        "Conv2d_3b_1x1.bn.running_mean": (80,),
        "Mixed_5b.branch_pool.conv.weight": (32, 192, 1, 1),
        "Mixed_5d.branch3x3dbl_3.conv.weight": (96, 96, 3, 3),
        "Mixed_6a.branch3x3.conv.weight": (384, 288, 3, 3),
        "Mixed_6b.branch7x7_2.conv.weight": (128, 128, 1, 7),
        "Mixed_6e.branch7x7dbl_4.conv.weight": (192, 192, 7, 1),
        "Mixed_7a.branch7x7x3_4.conv.weight": (192, 192, 3, 3),
        "Mixed_7b.branch3x3_2a.conv.weight": (384, 384, 1, 3),
        "Mixed_7c.branch3x3dbl_1.conv.weight": (448, 2048, 1, 1),
        "fc.weight": (1008, 2048),
    }
    assert {name: tuple(weights[name].shape) for name in wanted} == wanted


def test_it_looks_at_pictures_of_any_size(network: Inception):
    with torch.no_grad():
        features = network(torch.rand(2, 3, 40, 60, generator=torch.Generator().manual_seed(1)))
    assert features.shape == (2, 2048)
    assert features.std(0).max() > 0


def test_means_leave_the_padding_out():
    torch.testing.assert_close(mean_pool(torch.ones(1, 2, 5, 5)), torch.ones(1, 2, 5, 5))


def test_the_last_block_alone_pools_by_maximum(network: Inception):
    assert isinstance(network.Mixed_7b, InceptionE)
    assert isinstance(network.Mixed_7c, InceptionE)
    assert [network.Mixed_7b.pool_by_maximum, network.Mixed_7c.pool_by_maximum] == [False, True]
    block = InceptionE(4, pool_by_maximum=True).eval()
    picture = torch.rand(1, 4, 8, 8, generator=torch.Generator().manual_seed(2))
    pooled = block.branch_pool(functional.max_pool2d(picture, 3, 1, 1))
    torch.testing.assert_close(block(picture)[:, -192:], pooled)


@pytest.fixture
def saved(network: Inception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file whose digits are taken for the right ones."""
    path = tmp_path / "weights.pth"
    torch.save(network.state_dict(), path)
    expect_digits_of(path, monkeypatch)
    return path


def expect_digits_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    monkeypatch.setattr(inception, "WEIGHTS", f"pt_inception-2015-12-05-{digits}.pth")


def test_weights_are_read_back_and_frozen(saved: Path, network: Inception):
    loaded = load_inception(saved)
    assert not loaded.training
    assert not any(p.requires_grad for p in loaded.parameters())
    for name, tensor in network.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor)


def test_a_missing_or_another_file_is_refused_with_the_place_to_get_it(tmp_path: Path):
    with pytest.raises(ValueError, match=r"not at .*fetch https://github.com/mseitzer/pytorch-fid/.*THLAB_INCEPTION"):
        load_inception(tmp_path / "none.pth")
    other = tmp_path / "other.pth"
    torch.save(nn.Linear(2, 2).state_dict(), other)
    with pytest.raises(ValueError, match="instead of 6726825d"):
        load_inception(other)


@pytest.mark.parametrize("content", ["another network", "a pickle", "rubbish"])
def test_what_is_no_state_of_inception_is_refused_in_one_line(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "weights.pth"
    if content == "rubbish":
        path.write_bytes(b"these are no weights")
    else:
        torch.save(nn.Linear(2, 2).state_dict() if content == "another network" else nn.Linear(2, 2), path)
    expect_digits_of(path, monkeypatch)
    with pytest.raises(ValueError, match="does not fit Inception") as refusal:
        load_inception(path)
    assert "\n" not in str(refusal.value)
