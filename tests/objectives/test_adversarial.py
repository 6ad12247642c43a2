from __future__ import annotations

import math

import pytest
import torch

from thlab.objectives.adversarial import critic_loss, generator_loss

GAMES = ("saturating", "non-saturating", "least squares", "hinge")


def gradient(logit: float, game: str) -> float:
    fake = torch.tensor([logit], requires_grad=True)
    generator_loss(fake, game=game).backward()
    return fake.grad.item()


def test_a_critic_that_knows_nothing_pays_twice_ln_2():
    nothing = torch.zeros(5)
    assert critic_loss(nothing, nothing).item() == pytest.approx(2 * math.log(2))


@pytest.mark.parametrize("game", GAMES)
def test_a_critic_that_is_right_pays_less_than_one_that_is_wrong(game: str):
    sure = torch.full((3,), 4.0)
    right, wrong = (sure, -sure), (-sure, sure)
    if game == "least squares":
        right = (torch.ones(3), torch.zeros(3))
    assert critic_loss(*right, game=game) < 0.1 < critic_loss(*wrong, game=game)


@pytest.mark.parametrize("game", GAMES)
def test_every_generator_goes_uphill_in_the_critics_eyes(game: str):
    assert gradient(-0.5, game) < 0


def test_where_the_critic_is_sure_the_minimax_gradient_dies_and_the_non_saturating_one_does_not():
    """d/dx log(1 − σ(x)) = −σ(x); d/dx −log σ(x) = −σ(−x)."""
    sigma = 1 / (1 + math.exp(6))
    assert gradient(-6.0, "saturating") == pytest.approx(-sigma, rel=1e-4)
    assert gradient(-6.0, "non-saturating") == pytest.approx(-(1 - sigma), rel=1e-4)


def test_the_best_critic_of_two_known_distributions_is_the_log_of_their_ratio():
    """The minimum of the loss lies at D = p / (p + q), so at the logit log p/q (Goodfellow et al. 2014)."""
    p, q = torch.tensor([0.1, 0.2, 0.3, 0.4]), torch.tensor([0.4, 0.3, 0.2, 0.1])
    logits = torch.zeros(4, requires_grad=True)
    rows = torch.arange(4).repeat_interleave((10 * p).long()), torch.arange(4).repeat_interleave((10 * q).long())
    optimizer = torch.optim.LBFGS([logits], max_iter=100)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = critic_loss(logits[rows[0]], logits[rows[1]])
        loss.backward()
        return loss

    optimizer.step(closure)
    assert logits.detach().tolist() == pytest.approx((p / q).log().tolist(), abs=1e-3)


def test_hinge_asks_nothing_more_of_answers_beyond_one():
    assert critic_loss(torch.tensor([1.0, 9.0]), torch.tensor([-1.0, -9.0]), game="hinge").item() == 0


def test_an_unknown_game_is_refused():
    """By the function itself: the annotation is a Literal, so the shape checker refuses it here even earlier."""
    plain = critic_loss.__wrapped__, generator_loss.__wrapped__
    for loss, given in zip(plain, [(torch.zeros(1), torch.zeros(1)), (torch.zeros(1),)], strict=True):
        with pytest.raises(ValueError, match="no game is called"):
            loss(*given, game="wasserstein")
