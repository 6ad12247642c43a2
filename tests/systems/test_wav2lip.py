from __future__ import annotations

import pytest
import torch

from thlab.audio.features import log_mel, mfcc
from thlab.audio.hearing import hear, listen
from thlab.corpus.windows import WindowConfig, Windows
from thlab.face.points import MOUTH, STABLE
from thlab.media import Batch, Clip
from thlab.render.halves import hidden, joined, lower, moved_half
from thlab.systems.base import scaled
from thlab.systems.wav2lip import (
    CHUNK,
    Wav2Lip,
    Wav2LipConfig,
    fitting,
    laid_over,
    pasted,
    there_and_back,
)
from thlab.timebase import frames_to_hops, frames_to_samples

SMALL = Wav2LipConfig(size=32, channels=8, sound=16)
RNG = torch.Generator()


@pytest.fixture(scope="module")
def batch(clips: list[Clip]) -> Batch:
    return Windows(clips, WindowConfig(frames=9)).sample(4, rng=torch.Generator().manual_seed(0))


@pytest.fixture
def system() -> Wav2Lip:
    torch.manual_seed(0)
    return Wav2Lip(SMALL)


def total(system: Wav2Lip, batch: Batch) -> torch.Tensor:
    return sum(system.losses(batch, player="generator", rng=RNG).values())


# -- what is hidden ---------------------------------------------------------------------------------------------------


def test_nothing_of_the_hidden_half_reaches_the_picture(system: Wav2Lip):
    """The target's lips, chin and cheeks may be anything: what is painted does not change by a bit."""
    frames, other, still = torch.rand(3, 2, 3, 32, 32, generator=torch.Generator().manual_seed(1)).unbind()
    seen = 16 + 1
    other[:, :, :seen] = frames[:, :, :seen]
    heard = torch.randn(2, 20, 13)
    system.eval()
    assert torch.equal(system.paint(heard, frames, still), system.paint(heard, other, still))
    other[:, :, 4] += 0.5
    assert not torch.equal(system.paint(heard, frames, still), system.paint(heard, other, still))


def test_the_lips_of_every_frame_of_the_corpus_lie_in_the_hidden_half(clips: list[Clip]):
    for clip in clips:
        first_hidden = 32 // 2 + 1
        assert (clip.truth.landmarks[:, MOUTH, 1] > first_hidden).all()


def test_hidden_frames_keep_their_upper_half_and_are_grey_below():
    frames = torch.rand(2, 3, 64, 64)
    seen = hidden(frames)
    assert torch.equal(seen[:, :, :34], frames[:, :, :34])
    assert (seen[:, :, 34:] == 0.5).all()


# -- hearing ----------------------------------------------------------------------------------------------------------


def test_a_frame_hears_the_cepstra_of_its_own_hops_and_of_two_frames_to_each_side():
    audio = torch.randn(frames_to_samples(9), generator=torch.Generator().manual_seed(1)) / 10
    heard = hear(log_mel(audio)[None])
    assert heard.shape == (1, 5, 20, 13)
    for painted in range(5):
        first, last = frames_to_hops(painted), frames_to_hops(painted + 5)
        assert torch.allclose(heard[0, painted], mfcc(audio)[first:last], atol=1e-4)


def test_in_a_clip_every_frame_is_heard_as_in_a_window():
    audio = torch.randn(frames_to_samples(12), generator=torch.Generator().manual_seed(1)) / 10
    whole = listen(audio, 12)
    assert len(whole) == 12
    assert torch.allclose(whole[2:10], hear(log_mel(audio)[None])[0], atol=1e-5)


# -- moving, joining --------------------------------------------------------------------------------------------------


def test_no_flow_shows_the_lower_half_of_the_still_and_a_flow_takes_pixels_from_above():
    still = torch.rand(2, 3, 32, 32)
    assert torch.allclose(moved_half(still, torch.zeros(2, 2, 16, 32)), lower(still), atol=1e-5)
    up = torch.zeros(2, 2, 16, 32)
    up[:, 1] = -1.0  # half a picture
    assert torch.allclose(moved_half(still, up), still[:, :, :16], atol=1e-5)


def test_a_still_is_laid_over_a_frame_by_eyes_and_nose_whatever_the_mouth_does():
    rng = torch.Generator().manual_seed(0)
    points = 16 + 6 * torch.randn(1, 68, 2, generator=rng)
    landmarks = points + torch.tensor([3.0, -2.0])
    landmarks[:, MOUTH] += 5 * torch.randn(1, 20, 2, generator=rng)
    still = torch.rand(1, 3, 32, 32, generator=rng)
    laid = laid_over(still, points, landmarks)
    assert torch.allclose(laid[:, :, 4:28, 6:28], still[:, :, 6:30, 3:25], atol=1e-4)


def test_where_landmarks_are_known_the_other_picture_fits_every_frame(clips: list[Clip]):
    """Against the frame that is furthest away: its own landmarks, and those of the first frame once laid over it."""
    clip = clips[0]
    away = (clip.truth.landmarks - clip.truth.landmarks[:1])[:, list(STABLE)].norm(dim=-1).mean(1)
    far = int(away.argmax())
    video, other = clip[far : far + 1], clip[:1]
    stills, real, plain = fitting(other, video, 32), scaled(video.frames, 32), scaled(other.frames, 32)
    apart = [(pictures - real)[:, :, 8:18, 8:24].abs().mean() for pictures in (stills, plain)]
    assert away[far] > 1
    assert apart[0] < 0.9 * apart[1]
    assert torch.equal(fitting(Clip(other.frames), video, 32), plain)


def test_without_landmarks_each_picture_is_its_own_other(system: Wav2Lip, clips: list[Clip]):
    system.eval()
    sound = clips[0][:3].audio
    made = system.animate(Clip(clips[0].frames[:3]), Clip(audio=sound)).frames
    planes = scaled(clips[0].frames[:3], 32)
    alone = pasted(clips[0].frames[:3], system.paint(listen(sound, 3), planes, planes).detach())
    assert torch.equal(made, alone)


def test_joined_pictures_are_the_frame_above_and_the_paint_below_and_fade_between():
    frames, painted = torch.zeros(1, 3, 64, 64), torch.ones(1, 3, 32, 64)
    column = joined(frames, painted)[0, 0, :, 0]
    assert (column[:32] == 0).all()
    assert column[32:34].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert (column[34:] == 1).all()


def test_large_frames_keep_their_own_upper_half():
    frames = torch.randint(0, 256, (2, 128, 128, 3), dtype=torch.uint8)
    made = pasted(frames, torch.zeros(2, 3, 16, 32))
    assert torch.equal(made[:, :64], frames[:, :64])
    assert (made[:, 68:] == 0).all()


def test_pictures_go_there_and_back_without_a_jump():
    assert there_and_back(4, 9) == [0, 1, 2, 3, 2, 1, 0, 1, 2]
    assert there_and_back(1, 3) == [0, 0, 0]
    assert there_and_back(2, 4) == [0, 1, 0, 1]
    assert there_and_back(9, 2) == [0, 1]


# -- the loss ---------------------------------------------------------------------------------------------------------


def test_losses_fall_on_one_batch_and_reach_every_weight(system: Wav2Lip, batch: Batch):
    optimizer = torch.optim.Adam(system.parameters(), 4e-3)
    first = total(system, batch)
    first.backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in system.parameters())
    for _ in range(6):
        optimizer.zero_grad()
        loss = total(system, batch)
        loss.backward()
        optimizer.step()
    assert loss < 0.85 * first


def test_a_painted_batch_is_aligned_with_its_inner_frames(system: Wav2Lip, batch: Batch):
    painted = system.paint_batch(batch)
    assert torch.equal(painted.real, batch.frames[:, 2:-2])
    assert torch.equal(painted.whole[..., :16, :], painted.real[..., :16, :])
    assert torch.equal(lower(painted.whole), painted.halves)


# -- the system -------------------------------------------------------------------------------------------------------


def test_a_clip_is_as_long_as_its_sound_and_keeps_its_upper_half(system: Wav2Lip, clips: list[Clip]):
    sound = Clip(audio=clips[1].audio)
    made = system.eval().animate(clips[0], sound)
    assert len(made) == len(sound)
    order = there_and_back(len(clips[0]), len(sound))
    assert torch.equal(made.frames[:, :16], clips[0].frames[order][:, :16])
    assert not torch.equal(made.frames[:, 16:], clips[0].frames[order][:, 16:])


def test_the_same_sound_gives_the_same_clip_and_another_gives_another(system: Wav2Lip, clips: list[Clip]):
    system.eval()
    made = [system.animate(clips[0], Clip(audio=audio)) for audio in (clips[1].audio, clips[1].audio, clips[0].audio)]
    assert torch.equal(made[0].frames, made[1].frames)
    assert not torch.equal(made[0].frames[:20], made[2].frames[:20])


def test_a_long_sound_is_painted_in_parts_that_equal_the_whole(system: Wav2Lip, clips: list[Clip]):
    """The parts meet at frame 50; the frame after it is that of a clip painted in one part around it."""
    system.eval()
    frames = clips[0].frames[there_and_back(len(clips[0]), CHUNK + 10)]
    audio = torch.randn(frames_to_samples(CHUNK + 10), generator=torch.Generator().manual_seed(3)) / 10
    made = system.repaint(Clip(frames), Clip(frames[:1]), audio)
    planes = scaled(frames, 32)
    whole = system.paint(listen(audio, len(frames)), planes, planes[:1].expand_as(planes))
    assert (made.int() - pasted(frames, whole.detach()).int()).abs().max() <= 1


def test_one_picture_of_another_size_is_enough(system: Wav2Lip):
    large = torch.randint(0, 256, (1, 64, 64, 3), dtype=torch.uint8)
    made = system.eval().animate(Clip(frames=large), Clip(audio=torch.zeros(frames_to_samples(4))))
    assert made.frames.shape == (4, 64, 64, 3)


@pytest.mark.parametrize(
    ("reference", "driving", "told"),
    [
        (Clip(), Clip(audio=torch.zeros(16_000)), "picture of the person"),
        (Clip(frames=torch.zeros(1, 32, 32, 3, dtype=torch.uint8)), Clip(), "driven by sound"),
        (Clip(frames=torch.zeros(1, 32, 48, 3, dtype=torch.uint8)), Clip(audio=torch.zeros(16_000)), "square"),
    ],
)
def test_what_is_missing_is_said(system: Wav2Lip, reference: Clip, driving: Clip, told: str):
    with pytest.raises(ValueError, match=told):
        system.animate(reference, driving)


def test_a_knob_that_it_lacks_is_refused(system: Wav2Lip, clips: list[Clip]):
    with pytest.raises(ValueError, match="no knob 'pose'"):
        system.animate(clips[0], clips[1], pose=clips[1])


@pytest.mark.parametrize("size", [16, 48])
def test_a_size_that_it_cannot_paint_is_refused(size: int):
    with pytest.raises(ValueError, match="multiple of 32"):
        Wav2Lip(Wav2LipConfig(size=size))
