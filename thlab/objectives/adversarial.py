"""The game of generator and critic: what each minimises, from the critic's raw answers.

A critic answers with a real number, its logit: above 0 it takes a picture for real. Four versions of one game.
"""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

Game = Literal["saturating", "non-saturating", "least squares", "hinge"]
Logits = Float[Tensor, "..."]


def critic_loss(real: Logits, fake: Logits, *, game: Game = "non-saturating") -> Float[Tensor, ""]:
    """What the critic minimises: take real pictures for real, and made ones for made.

    Saturating and non-saturating: −log σ(real) − log(1 − σ(fake)), which is 2 ln 2 for a critic that knows nothing;
    least squares: (real − 1)² + fake²; hinge: max(0, 1 − real) + max(0, 1 + fake).

    Args:
        real: the critic's answers on real pictures.
        fake: its answers on made ones; the two may differ in number.
        game: which version.

    Raises:
        ValueError: no such game.

    Source: Goodfellow et al. 2014, Eq. 1; Mao et al. 2017, Eq. 2 with a = 0, b = c = 1; Lim & Ye 2017 (hinge).
    Chapter 11.
    """
    if game in ("saturating", "non-saturating"):
        return functional.softplus(-real).mean() + functional.softplus(fake).mean()
    if game == "least squares":
        return (real - 1).square().mean() + fake.square().mean()
    if game == "hinge":
        return functional.relu(1 - real).mean() + functional.relu(1 + fake).mean()
    raise _unknown(game)


def generator_loss(fake: Logits, *, game: Game = "non-saturating") -> Float[Tensor, ""]:
    """What the generator minimises: that the critic takes its pictures for real.

    Saturating: log(1 − σ(fake)), the minimax game to the letter, whose gradient dies where the critic is sure; non-
    saturating: −log σ(fake), whose gradient is largest there; least squares: (fake − 1)²; hinge: −fake.

    Args:
        fake: the critic's answers on made pictures, differentiable back to them.
        game: which version.

    Raises:
        ValueError: no such game.

    Source: as :func:`critic_loss`. Chapter 11.
    """
    if game == "saturating":
        return -functional.softplus(fake).mean()
    if game == "non-saturating":
        return functional.softplus(-fake).mean()
    if game == "least squares":
        return (fake - 1).square().mean()
    if game == "hinge":
        return -fake.mean()
    raise _unknown(game)


def _unknown(game: str) -> ValueError:
    return ValueError(f"no game is called {game!r}; choose saturating, non-saturating, least squares or hinge")
