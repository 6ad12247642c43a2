"""Who teaches Wav2Lip to move lips: nobody but L1, a critic that learns beside it, or an expert that is frozen.

The tutors are not part of the system: once trained, it needs none of them, and no checkpoint holds them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from thlab.audio.hearing import CONTEXT
from thlab.face.steady import steady_mouths
from thlab.media import Batch
from thlab.nn.discriminators import PictureCritic, SyncCritic
from thlab.nn.experts.syncnet import SyncNet
from thlab.objectives.adversarial import critic_loss, generator_loss
from thlab.render.halves import lower
from thlab.systems.wav2lip import HOPS, Painted, Wav2Lip
from thlab.timebase import HOPS_PER_FRAME, frames_to_hops

BEGIN = 0.25
"""Share of the training after which tutors are heard: before, there is no mouth to judge."""
PLAYERS = ("generator", "critic")


@dataclass(frozen=True)
class Tutors:
    """Weights of what is added to L1; 0 leaves a tutor out."""

    expert: float = 0.0
    """1 − cosine of the frozen SyncNet's answers, on windows of five frames."""
    sync_critic: float = 0.0
    """A critic of single mouths and their sound, which learns together with the generator (as LipGAN's)."""
    picture_critic: float = 0.0
    """A critic of lower halves, which hears nothing."""

    @property
    def players(self) -> tuple[str, ...]:
        """Who learns."""
        return PLAYERS if self.sync_critic or self.picture_critic else PLAYERS[:1]


class Apprentice(nn.Module):
    """Wav2Lip with its tutors, as the training loop takes it: the generator's step, then the critics'.

    The critics learn from what the generator painted in its own step on the same batch, before it changed.

    Args:
        system: what learns.
        tutors: who teaches.
        steps: of the whole training.
        expert: the frozen SyncNet, where one teaches.

    Raises:
        ValueError: an expert is to teach, but there is none.
    """

    def __init__(self, system: Wav2Lip, tutors: Tutors, *, steps: int, expert: SyncNet | None = None) -> None:
        super().__init__()
        if tutors.expert and expert is None:
            raise ValueError("an expert is to teach, but none was given; give experiments.sync_scores.coach()")
        self.system, self.tutors, self.players = system, tutors, tutors.players
        self.critics = nn.ModuleDict()
        if tutors.sync_critic:
            self.critics["sync"] = SyncCritic()
        if tutors.picture_critic:
            self.critics["picture"] = PictureCritic()
        self.step: Tensor
        self.register_buffer("step", torch.zeros((), dtype=torch.int64))
        self.begin = round(BEGIN * steps)
        self._expert = frozen(expert)
        self._painted: Painted | None = None

    def parameters_of(self, player: str) -> list[nn.Parameter]:
        """The generator's parameters, or those of all critics."""
        return list((self.system if player == "generator" else self.critics).parameters())

    def losses(self, batch: Batch, *, player: str, rng: torch.Generator) -> dict[str, Tensor]:
        """What the generator minimises on a batch; or, after that, what its critics minimise on the same."""
        if player == "critic":
            assert self._painted is not None
            return self.critics_losses(self._painted)
        del rng
        painted = self.system.paint_batch(batch)
        parts = {"L1": self.system.plain_loss(painted)}
        if int(self.step) >= self.begin:
            parts |= self.tutors_losses(painted)
        self.step += 1
        self._painted = Painted(painted.halves.detach(), painted.real, painted.landmarks, painted.mel)
        return parts

    def tutors_losses(self, painted: Painted) -> dict[str, Tensor]:
        """What the tutors say, times their weights."""
        parts: dict[str, Tensor] = {}
        if self._expert is not None and self.tutors.expert:
            parts["expert"] = self.tutors.expert * self._expert(painted)
        if self.tutors.sync_critic:
            said = self.critics["sync"](*mouths_and_sounds(painted, painted.whole))
            parts["sync critic"] = self.tutors.sync_critic * generator_loss(said)
        if self.tutors.picture_critic:
            said = self.critics["picture"](painted.halves.flatten(0, 1))
            parts["picture critic"] = self.tutors.picture_critic * generator_loss(said)
        return parts

    def critics_losses(self, painted: Painted) -> dict[str, Tensor]:
        """What each critic minimises; the sync critic also calls a real mouth with other sound false."""
        parts: dict[str, Tensor] = {}
        if self.tutors.sync_critic:
            critic = self.critics["sync"]
            real, sound = mouths_and_sounds(painted, painted.real)
            made, _ = mouths_and_sounds(painted, painted.whole)
            elsewhere = sound.roll(painted.real.shape[1], 0)  # the sound of the next row
            false = torch.cat([critic(made, sound), critic(real, elsewhere)])
            parts["sync critic's own"] = critic_loss(critic(real, sound), false)
        if self.tutors.picture_critic:
            critic = self.critics["picture"]
            real = lower(painted.real).flatten(0, 1)
            parts["picture critic's own"] = critic_loss(critic(real), critic(painted.halves.flatten(0, 1)))
        return parts


def frozen(expert: SyncNet | None) -> Callable[[Painted], Tensor] | None:
    """1 − cos of what the expert sees and hears, as a function, so that the learner's weights do not hold it."""
    return None if expert is None else lambda painted: expert_loss(expert, painted)


def expert_loss(expert: SyncNet, painted: Painted) -> Float[Tensor, ""]:
    """1 − cos between the expert's answers on the painted mouths and on their sound, the mean over windows.

    Source: Prajwal et al. 2020, Eqs. 1 and 2, who take −log of the cosine after ReLU; ours is a straight line in it,
    since this expert's cosines may be negative. Chapter 11.
    """
    expert = expert.to(painted.halves.device)
    edge = frames_to_hops(CONTEXT)
    seen = expert.see(steady_mouths(painted.whole, painted.landmarks))
    heard = expert.hear(painted.mel[:, edge : painted.mel.shape[1] - edge])
    return 1 - (seen * heard).sum(-1).mean()


def mouths_and_sounds(
    painted: Painted, frames: Float[Tensor, "batch frames 3 size size"]
) -> tuple[Float[Tensor, "each 3 rows columns"], Float[Tensor, "each hops mels"]]:
    """Each single mouth, and the sound around it."""
    windows = painted.mel.unfold(1, HOPS, HOPS_PER_FRAME).transpose(2, 3)
    return steady_mouths(frames, painted.landmarks).flatten(0, 1), windows.flatten(0, 1)
