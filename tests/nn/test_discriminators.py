from __future__ import annotations

import torch

from thlab.nn.discriminators import PictureCritic, SyncCritic
from thlab.objectives.adversarial import critic_loss


def test_a_picture_critic_answers_for_every_patch_and_for_each_picture_alone():
    torch.manual_seed(0)
    critic, pictures = PictureCritic(4), torch.rand(3, 3, 32, 64)
    answers = critic(pictures)
    assert answers.shape == (3, 1, 4, 8)
    assert torch.allclose(critic(pictures[:1]), answers[:1], atol=1e-5)


def test_a_picture_critic_learns_to_tell_blurred_from_sharp():
    rng = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    critic = PictureCritic(4)
    optimizer = torch.optim.Adam(critic.parameters(), 5e-3)
    for _ in range(30):
        sharp = torch.rand(8, 3, 16, 32, generator=rng)
        blurred = torch.nn.functional.avg_pool2d(sharp, 3, stride=1, padding=1, count_include_pad=False)
        optimizer.zero_grad()
        critic_loss(critic(sharp), critic(blurred)).backward()
        optimizer.step()
    assert critic(sharp).mean() > 0 > critic(blurred).mean()


def test_a_sync_critic_judges_each_pair_alone_whatever_the_loudness():
    torch.manual_seed(0)
    critic = SyncCritic(channels=4)
    mouths, sound = torch.rand(4, 3, 28, 40), torch.randn(4, 20, 80)
    answers = critic(mouths, sound)
    assert answers.shape == (4,)
    assert torch.allclose(critic(mouths[1:2], sound[1:2]), answers[1:2], atol=1e-5)
    assert torch.allclose(critic(mouths, sound + 3.0), answers, atol=1e-4)


def test_a_sync_critic_learns_which_mouth_belongs_to_which_sound():
    """Bright mouths with rising sounds, dark with falling ones."""
    rng = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    critic = SyncCritic(channels=4)
    optimizer = torch.optim.Adam(critic.parameters(), 5e-3)
    slope = torch.linspace(-1, 1, 20)[None, :, None].expand(16, 20, 80)
    for _ in range(40):
        side = torch.randint(0, 2, (16, 1, 1, 1), generator=rng).float()
        mouths = torch.rand(16, 3, 28, 40, generator=rng) * 0.5 + 0.5 * side
        sound = (2 * side[..., 0] - 1) * slope * 3
        optimizer.zero_grad()
        critic_loss(critic(mouths, sound), critic(mouths, -sound)).backward()
        optimizer.step()
    assert (critic(mouths, sound) > critic(mouths, -sound)).float().mean() > 0.9
