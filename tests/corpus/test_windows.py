"""Pictures, sound and truth of a window belong together."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from thlab.audio.features import log_mel
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.corpus.windows import Places, WindowConfig, Windows, lower_half, mouth_crop
from thlab.media import Clip

LENGTHS = (20, 31, 4)


def marked(index: int, frames: int) -> Clip:
    """A clip whose pictures hold their frame's number, and whose sound holds it too."""
    pictures = torch.arange(frames, dtype=torch.uint8)[:, None, None, None].expand(-1, 8, 8, 3).clone()
    pictures[..., 1] = index
    sound = torch.arange(frames).repeat_interleave(640).float() / 1000
    return Clip(pictures, sound)


@pytest.fixture
def windows() -> Windows:
    clips = [marked(index, frames) for index, frames in enumerate(LENGTHS)]
    return Windows(clips, WindowConfig(frames=5, stills=2, apart=2, audio=True))


def test_pictures_and_sound_of_a_window_are_of_the_same_frames(windows: Windows):
    batch = windows.sample(32, rng=torch.Generator().manual_seed(0))
    frame = (255 * batch.frames[:, :, 0, 0, 0]).round()
    assert batch.audio is not None
    heard = (1000 * batch.audio.view(32, 5, 640)).round()
    assert torch.equal(heard, frame[..., None].expand_as(heard))
    assert torch.equal(frame - frame[:, :1], torch.arange(5.0).expand(32, 5))


def test_a_frame_has_four_hops_of_the_clips_own_log_mel(windows: Windows):
    places = Places(torch.tensor([1]), torch.tensor([7]), torch.tensor([7]), torch.tensor([[0, 1]]))
    batch = windows.at(places)
    whole = log_mel(windows.clips[1].audio)
    torch.testing.assert_close(batch.mel[0], whole[28:48])


def test_stills_are_of_the_same_clip_and_away_from_the_window(windows: Windows):
    rng = torch.Generator().manual_seed(0)
    for _ in range(5):
        batch = windows.sample(16, rng=rng)
        assert torch.equal(batch.reference[:, :, 1, 0, 0], batch.frames[:, :2, 1, 0, 0])
        still, first = (255 * batch.reference[:, :, 0, 0, 0]).round(), (255 * batch.frames[:, :1, 0, 0, 0]).round()
        assert ((still < first - 2) | (still >= first + 7)).all()


def test_every_window_is_met_and_short_clips_are_left_out(windows: Windows):
    rng = torch.Generator().manual_seed(0)
    met = set()
    for _ in range(30):
        places = windows.draw(64, rng=rng)
        met |= set(zip(places.clip.tolist(), places.start.tolist(), strict=True))
    assert met == {(0, s) for s in range(16)} | {(1, s) for s in range(27)}
    assert len(windows) == len(met)


def test_the_same_generator_state_gives_the_same_batch(windows: Windows):
    a, b, c = (windows.sample(4, rng=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(a.frames, b.frames)
    assert torch.equal(a.reference, b.reference)
    assert not torch.equal(a.frames, c.frames)


def test_sound_can_be_taken_out_of_step(windows: Windows):
    places = Places(torch.tensor([0]), torch.tensor([3]), torch.tensor([9]), torch.tensor([[0, 1]]))
    batch = windows.at(places)
    assert batch.audio is not None
    assert round(float(batch.audio[0, 0]) * 1000) == 9
    assert round(float(batch.frames[0, 0, 0, 0, 0]) * 255) == 3


def test_a_window_beyond_its_clip_is_refused(windows: Windows):
    places = Places(torch.tensor([0]), torch.tensor([16]), torch.tensor([0]), torch.tensor([[0, 1]]))
    with pytest.raises(ValueError, match="beyond clip 0"):
        windows.at(places)


def test_truth_comes_along(tiny: SyntheticCorpus):
    clips = tiny.clips(range(3))
    windows = Windows(clips, WindowConfig(masks=True))
    batch = windows.sample(6, rng=torch.Generator().manual_seed(3))
    places = windows.draw(6, rng=torch.Generator().manual_seed(3))
    for row, (clip, start) in enumerate(zip(places.clip.tolist(), places.start.tolist(), strict=True)):
        truth = clips[clip].truth
        assert truth is not None
        for name, track in truth.tracks().items():
            assert torch.equal(getattr(batch, name)[row], track[start : start + 5])
        assert batch.reference_expression is not None
        assert truth.expression is not None
        assert torch.equal(batch.reference_expression[row], truth.expression[places.stills[row]])
    assert batch.actor is not None
    assert batch.emotion is not None
    assert (batch.actor == tiny.plan(0).actor).all()
    assert batch.emotion.shape == (6,)


def test_stills_have_open_eyes(tiny: SyntheticCorpus):
    clips = tiny.clips(range(3))
    windows = Windows(clips, WindowConfig(stills=8))
    rng = torch.Generator().manual_seed(0)
    places = windows.draw(64, rng=rng)
    for clip, stills in zip(places.clip.tolist(), places.stills, strict=True):
        truth = clips[clip].truth
        assert truth is not None
        assert truth.blink is not None
        assert truth.blink[stills].max() < 0.2


def test_the_lower_half_is_the_lower_half():
    pictures = torch.zeros(1, 2, 3, 8, 8)
    pictures[..., 4:, :] = 1
    assert lower_half(pictures).shape == (1, 2, 3, 4, 8)
    assert lower_half(pictures).min() == 1


def test_a_mouth_crop_is_centred_on_the_lips_and_stays_in_the_picture():
    pictures = torch.zeros(2, 1, 3, 32, 32)
    landmarks = torch.zeros(2, 1, 68, 2)
    landmarks[0, :, 48:] = torch.tensor([15.0, 20.0])
    landmarks[1, :, 48:] = torch.tensor([31.0, 31.0])
    pictures[0, :, :, 20, 15] = 1
    pictures[1, :, :, 31, 31] = 1
    crop = mouth_crop(pictures, landmarks, size=(8, 10))
    assert crop.shape == (2, 1, 3, 8, 10)
    assert crop[0, 0, 0, 4, 5] == 1
    assert crop[1, 0, 0, 7, 9] == 1
    with pytest.raises(ValueError, match="40×10"):
        mouth_crop(pictures, landmarks, size=(40, 10))


@pytest.mark.parametrize(
    ("clips", "message"),
    [
        ([], "at least one"),
        ([Clip(audio=torch.zeros(6400))], "pictures and sound"),
        ([marked(0, 20), Clip(torch.zeros(20, 4, 4, 3, dtype=torch.uint8), torch.zeros(12800))], "one size"),
        ([marked(0, 3)], "as long as"),
    ],
)
def test_clips_that_do_not_fit_are_refused(clips: list[Clip], message: str):
    with pytest.raises(ValueError, match=message):
        Windows(clips)


def test_sound_that_ends_within_the_last_frame_is_padded():
    clip = Clip(torch.zeros(6, 4, 4, 3, dtype=torch.uint8), torch.ones(6 * 640 - 100))
    windows = Windows([clip], WindowConfig(frames=6, audio=True))
    batch = windows.sample(1, rng=torch.Generator().manual_seed(0))
    assert batch.audio is not None
    assert np.asarray(batch.audio[0, -100:]).max() == 0
    assert batch.mel.shape[1] == 24
