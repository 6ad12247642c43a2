from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from thlab.audio.features import log_mel, mfcc
from thlab.audio.hearing import hear
from thlab.corpus.windows import WindowConfig, Windows
from thlab.face.points import STABLE
from thlab.media import Batch, Clip
from thlab.systems.speech2vid import (
    Speech2Vid,
    Speech2VidConfig,
    blend,
    lay_over,
    nearest_first,
    register,
    spread_out,
)
from thlab.timebase import frames_to_hops, frames_to_samples

SMALL = Speech2VidConfig(size=32, channels=8, sound=16)
RNG = torch.Generator()


@pytest.fixture(scope="module")
def batch(clips: list[Clip]) -> Batch:
    return Windows(clips, WindowConfig(frames=7, stills=5)).sample(4, rng=torch.Generator().manual_seed(0))


@pytest.fixture
def system() -> Speech2Vid:
    torch.manual_seed(0)
    return Speech2Vid(SMALL)


def total(system: Speech2Vid, batch: Batch) -> torch.Tensor:
    return sum(system.losses(batch, player="generator", rng=RNG).values())


# -- hearing and weighing ---------------------------------------------------------------------------------------------


def test_a_frame_hears_the_cepstra_of_its_own_hops_and_of_two_frames_to_each_side():
    audio = torch.randn(frames_to_samples(9), generator=torch.Generator().manual_seed(1)) / 10
    heard = hear(log_mel(audio)[None], 2)
    assert heard.shape == (1, 5, 20, 13)
    for painted in range(5):
        frame = painted + 2
        first, last = frames_to_hops(frame - 2), frames_to_hops(frame + 3)
        assert torch.allclose(heard[0, painted], mfcc(audio)[first:last], atol=1e-4)


def test_what_the_mask_hides_is_painted_and_the_rest_is_moved():
    still, paint = torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8)
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., :4] = 1
    seen = blend(still, torch.zeros(1, 8, 8, 2), mask, paint)
    assert torch.allclose(seen[..., :4], still[..., :4], atol=1e-6)
    assert torch.equal(seen[..., 4:], paint[..., 4:])


# -- registration -----------------------------------------------------------------------------------------------------


def test_registered_frames_have_nose_and_eyes_where_the_first_still_has_them(batch: Batch):
    seen = register(batch)
    _, points = nearest_first(batch.reference, batch.reference_landmarks, batch.landmarks)
    before = (batch.landmarks - points[:, :1])[:, :, list(STABLE)].norm(dim=-1).mean()
    after = (seen.landmarks - points[:, :1])[:, :, list(STABLE)].norm(dim=-1).mean()
    assert after < 0.6 * before


def test_registering_makes_frames_more_like_the_still(batch: Batch):
    seen = register(batch)
    raw = (batch.frames - batch.reference[:, :1]).abs().mean()
    assert (seen.frames - seen.stills[:, :1]).abs().mean() < 0.8 * raw


def test_the_still_with_the_frames_own_landmarks_comes_first(batch: Batch):
    points = batch.reference_landmarks.clone()
    points[:, 3] = batch.landmarks[:, 3]  # the middle of seven frames
    stills, moved = nearest_first(batch.reference, points, batch.landmarks)
    assert torch.equal(moved[:, 0], points[:, 3])
    assert torch.equal(stills[:, 0], batch.reference[:, 3])
    assert torch.equal(stills[:, 3], batch.reference[:, 0])
    assert torch.equal(stills[:, 4], batch.reference[:, 4])


def test_pictures_move_with_their_landmarks():
    """A bright dot on a landmark is still on it after both were registered."""
    rng = torch.Generator().manual_seed(0)
    points = 16 + 5 * torch.randn(1, 1, 68, 2, generator=rng)
    x, y = (points[0, 0, 30] - 0.5).round().long().clamp(8, 24).tolist()
    points[0, 0, 30] = torch.tensor([x, y]) + 0.5
    picture = torch.zeros(1, 1, 3, 32, 32)
    picture[..., y - 1 : y + 2, x - 1 : x + 2] = 1
    moved, landmarks = lay_over(picture, points, points + torch.tensor([2.5, -3.25]))
    weight = moved[0, 0, 0] / moved[0, 0, 0].sum()
    places = torch.arange(32) + 0.5
    centre = torch.stack([(weight.sum(0) * places).sum(), (weight.sum(1) * places).sum()])
    assert torch.allclose(centre, landmarks[0, 0, 30], atol=0.05)


# -- the system -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("skips", [True, False])
def test_every_parameter_learns(batch: Batch, skips: bool):
    torch.manual_seed(0)
    system = Speech2Vid(replace(SMALL, identity_skips=skips))
    total(system, batch).backward()
    assert [name for name, p in system.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


def test_the_loss_falls_on_one_batch(system: Speech2Vid, batch: Batch):
    optimizer = torch.optim.Adam(system.parameters(), 3e-3)
    losses = []
    for _ in range(40):
        loss = total(system, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_it_begins_by_showing_the_still(system: Speech2Vid, batch: Batch):
    seen = register(batch)
    painted = system.paint(hear(batch.mel, 2), seen.stills)
    assert (painted - seen.stills[:, :1]).abs().mean() < 0.2 * (1 - seen.stills).abs().mean()


def test_a_clip_is_as_long_as_its_sound_and_the_same_every_time(system: Speech2Vid, clips: list[Clip]):
    sound = clips[1].audio[: frames_to_samples(30) - 100]
    first, second = (system.eval().animate(clips[0], Clip(audio=sound)) for _ in range(2))
    assert len(first) == 30
    assert torch.equal(first.frames, second.frames)
    assert torch.equal(first.audio, sound)


def test_frames_know_nothing_of_sound_further_away_than_the_window(system: Speech2Vid, clips: list[Clip]):
    sound = clips[1].audio[: frames_to_samples(40)].clone()
    before = system.eval().animate(clips[0], Clip(audio=sound)).frames
    sound[frames_to_samples(20) :] = 0
    after = system.animate(clips[0], Clip(audio=sound)).frames
    assert torch.equal(before[:17], after[:17])  # 2 frames of context, and half a window of the features
    assert not torch.equal(before[22:], after[22:])


def test_one_picture_without_landmarks_is_enough(system: Speech2Vid, clips: list[Clip]):
    still = Clip(frames=clips[0].frames[:1])
    assert len(system.eval().animate(still, Clip(audio=clips[0].audio))) == len(clips[0])


def test_pictures_of_another_size_are_scaled(system: Speech2Vid, clips: list[Clip]):
    large = torch.nn.functional.interpolate(clips[0].frames[:1].movedim(-1, 1).float(), (64, 64)).byte().movedim(1, -1)
    assert system.eval().animate(Clip(frames=large), Clip(audio=clips[0].audio)).frames.shape[1:] == (32, 32, 3)


def test_stills_are_spread_out_and_have_open_eyes():
    blink = torch.tensor([1.0, 0, 0, 0.9, 0, 0, 0, 1.0])
    assert spread_out(8, blink, 3) == [1, 4, 6]
    assert spread_out(3, torch.ones(3), 3) == [0, 1, 2]
    assert spread_out(1, None, 5) == [0] * 5


@pytest.mark.parametrize(
    ("reference", "driving", "told"),
    [
        (Clip(), Clip(audio=torch.zeros(16_000)), "picture of the person"),
        (Clip(frames=torch.zeros(1, 32, 32, 3, dtype=torch.uint8)), Clip(), "driven by sound"),
        (Clip(frames=torch.zeros(1, 32, 48, 3, dtype=torch.uint8)), Clip(audio=torch.zeros(16_000)), "square"),
    ],
)
def test_what_is_missing_is_said(system: Speech2Vid, reference: Clip, driving: Clip, told: str):
    with pytest.raises(ValueError, match=told):
        system.animate(reference, driving)


def test_a_knob_that_it_lacks_is_refused(system: Speech2Vid, clips: list[Clip]):
    with pytest.raises(ValueError, match="no knob 'emotion'"):
        system.animate(clips[0], clips[1], emotion="happy")


@pytest.mark.parametrize("size", [16, 50])
def test_a_size_that_it_cannot_paint_is_refused(size: int):
    with pytest.raises(ValueError, match="multiple of 16"):
        Speech2Vid(Speech2VidConfig(size=size))
