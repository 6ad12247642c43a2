"""Both towers are dense, exact and differentiable, and refuse what they cannot judge."""

from __future__ import annotations

import math

import pytest
import torch

from thlab.nn.experts.syncnet import SyncNet, SyncNetConfig, contrast, level, pair_loss

SMALL = SyncNetConfig(channels=4, width=16, numbers=8)


@pytest.fixture(scope="module")
def net() -> SyncNet:
    torch.manual_seed(0)
    made = SyncNet(SMALL)
    for _ in range(3):  # norms that have seen something
        made.see(torch.rand(2, 8, 3, 28, 40))
        made.hear(4 * torch.randn(2, 32, 80) - 6)
    return made.eval()


@pytest.fixture
def mouths() -> torch.Tensor:
    return torch.rand(1, 9, 3, 28, 40, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def mel() -> torch.Tensor:
    return 4 * torch.randn(1, 36, 80, generator=torch.Generator().manual_seed(2)) - 6


def test_one_pass_over_a_clip_equals_scoring_it_window_by_window(net, mouths, mel):
    windows = [net.see(mouths[:, w : w + 5])[0, 0] for w in range(5)]
    assert torch.allclose(net.see(mouths)[0], torch.stack(windows), atol=1e-5)
    heard = [net.hear(mel[:, 4 * w : 4 * w + 20])[0, 0] for w in range(5)]
    assert torch.allclose(net.hear(mel)[0], torch.stack(heard), atol=1e-5)


def test_a_window_depends_on_its_own_frames_and_hops_alone(net, mouths, mel):
    other_mouths, other_mel = mouths.clone(), mel.clone()
    other_mouths[:, 5], other_mel[:, 20] = 0, 0
    assert torch.equal(net.see(mouths)[0, 0], net.see(other_mouths)[0, 0])
    assert torch.equal(net.hear(mel)[0, 0], net.hear(other_mel)[0, 0])
    assert not torch.equal(net.see(mouths)[0, 1], net.see(other_mouths)[0, 1])
    assert not torch.equal(net.hear(mel)[0, 1], net.hear(other_mel)[0, 1])


def test_answers_are_unit_vectors_one_a_window(net, mouths, mel):
    for answer in (net.see(mouths), net.hear(mel)):
        assert answer.shape == (1, 5, 8)
        assert answer.norm(dim=-1).flatten().tolist() == pytest.approx([1] * 5, abs=1e-5)


def test_brightness_and_contrast_change_next_to_nothing(net, mouths):
    assert torch.allclose(level(0.5 * mouths + 0.2), level(mouths), atol=0.1)
    near = (net.see(mouths) * net.see(0.7 * mouths + 0.1)).sum(-1)
    assert near.min() > 0.99


def test_pictures_of_one_colour_and_silence_have_a_defined_answer(net):
    assert torch.isfinite(net.see(torch.full((1, 6, 3, 28, 40), 0.4))).all()
    assert torch.isfinite(net.hear(torch.full((1, 24, 80), math.log(1e-6)))).all()
    assert level(torch.full((1, 1, 3, 28, 40), 0.4)).abs().max() < 1e-4


def test_gradients_reach_the_pictures_and_every_parameter(mouths, mel):
    torch.manual_seed(0)
    made = SyncNet(SMALL)
    mouths.requires_grad_()
    contrast(made.see(mouths), made.hear(mel)).backward()
    # a bias before a normalisation, and the mean that ``level`` takes away, have none by construction
    dead = {name for name, p in made.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0}
    assert dead <= {"bands.0.bias"}
    assert (mouths.grad.abs().sum((0, 2, 3, 4)) > 0).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m, a: (m[:, :4], a), "windows of 5 frames, but the clip has 4"),
        (lambda m, a: (m[:, :1], a), "the clip has 1; take a longer one"),
        (lambda m, a: (m, a[:, :19]), "windows of 20 hops, but the clip has 19"),
        (lambda m, a: (m[..., 1:], a), "mouths of rows and columns"),
        (lambda m, a: (m, a[..., 1:]), "sound with bands"),
        (lambda m, a: (m * torch.nan, a), "pictures are no numbers"),
        (lambda m, a: (m, a / 0), "sound features are no numbers"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_one_line(net, mouths, mel, change, message):
    seen, heard = change(mouths, mel)
    with pytest.raises(ValueError, match=message) as refused:
        net.see(seen), net.hear(heard)
    assert "\n" not in str(refused.value)


def test_contrast_of_answers_that_say_nothing_is_the_logarithm_of_the_windows():
    same = torch.nn.functional.normalize(torch.ones(2, 7, 8), dim=-1)
    assert contrast(same, same).item() == pytest.approx(math.log(7), abs=1e-5)
    apart = torch.eye(7, 8).expand(2, 7, 8)
    assert contrast(apart, apart).item() < 1e-5
    assert contrast(apart, apart.roll(1, 1)).item() > 10


def test_pairs_that_all_look_half_alike_cost_the_logarithm_of_two():
    half = torch.tensor([[1.0, 0.0]]).expand(6, 2), torch.tensor([[0.5, 0.75**0.5]]).expand(6, 2)
    for together in (torch.zeros(6), torch.ones(6), torch.tensor([0.0, 1, 0, 1, 0, 1])):
        assert pair_loss(*half, together).item() == pytest.approx(math.log(2), abs=1e-4)


def test_nothing_that_is_said_blindly_costs_less_than_the_logarithm_of_two():
    together = torch.tensor([0.0, 1.0]).repeat(20)
    for cosine in torch.linspace(0.05, 0.95, 19).tolist():
        blind = torch.tensor([[cosine, (1 - cosine**2) ** 0.5]]).expand(40, 2)
        loss = pair_loss(torch.tensor([[1.0, 0.0]]).expand(40, 2), blind, together)
        assert loss.item() >= math.log(2) - 1e-6
