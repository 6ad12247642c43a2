from __future__ import annotations

import numpy as np
import pytest
import torch

from thlab.corpus.cleaning import defects
from thlab.media import Clip
from thlab.timebase import frames_to_samples


def clip(seed: int, frames: int = 12) -> Clip:
    draws = torch.Generator().manual_seed(seed)
    pictures = torch.randint(0, 256, (frames, 24, 32, 3), generator=draws, dtype=torch.uint8)
    return Clip(pictures, torch.rand(frames_to_samples(frames), generator=draws))


def same(one: torch.Tensor | None, other: torch.Tensor | None) -> bool:
    assert one is not None
    assert other is not None
    return torch.equal(one, other)


@pytest.mark.parametrize("ms", [-80.0, 37.5, 400.0])
def test_moved_sound_is_as_long_and_the_same_but_later(ms: float):
    before, after = clip(1).audio, defects.late_sound(clip(1), ms=ms).audio
    assert before is not None
    assert after is not None
    shift = round(16 * ms)
    assert len(after) == len(before)
    kept = (after[shift:], before[: len(before) - shift]) if shift > 0 else (after[:shift], before[-shift:])
    assert torch.equal(*kept)
    silent = after[:shift] if shift > 0 else after[shift:]
    assert not silent.any()


def test_no_light_more_or_less_is_no_change():
    assert same(defects.exposed(clip(1), stops=0.0).frames, clip(1).frames)


def test_less_light_and_more_are_in_order():
    means = [float(defects.exposed(clip(1), stops=s).frames.float().mean()) for s in (-3.0, -1.0, 0.0, 1.0, 3.0)]  # type: ignore[union-attr]
    assert means == sorted(means)
    assert means[-1] < 255


def test_a_cut_shows_the_other_from_its_frame_on():
    cut = defects.cut_to(clip(1), clip(2, frames=9), at=4)
    assert len(cut) == 9
    assert same(cut.frames[:4], clip(1).frames[:4])  # type: ignore[index]
    assert same(cut.frames[4:], clip(2, frames=9).frames[4:])  # type: ignore[index]
    assert same(cut.audio, clip(1)[:9].audio)


def test_a_flash_touches_its_frames_only():
    flashed = defects.flashed(clip(1), at=5, frames=2)
    changed = (flashed.frames != clip(1).frames).flatten(1).any(1)  # type: ignore[union-attr]
    assert changed.nonzero().flatten().tolist() == [5, 6]


def test_a_smaller_face_is_in_the_middle_of_a_picture_of_the_old_size():
    small = defects.smaller(clip(1), factor=0.5).frames
    assert small is not None
    assert small.shape == (12, 24, 32, 3)
    assert bool((small[:, :6] == defects.GREY).all())
    assert not bool((small[:, 6:18, 8:24] == defects.GREY).all())


def test_two_people_stand_side_by_side_with_the_sound_of_one():
    both = defects.side_by_side(clip(1), clip(2, frames=10), sound=clip(3))
    assert both.frames is not None
    assert both.frames.shape == (10, 24, 64, 3)
    assert same(both.frames[:, :, :32], clip(1).frames[:10])  # type: ignore[index]
    assert same(both.audio, clip(3)[:10].audio)


def test_another_voice_leaves_the_pictures():
    dubbed = defects.with_sound_of(clip(1), clip(2, frames=10))
    assert same(dubbed.frames, clip(1)[:10].frames)
    assert same(dubbed.audio, clip(2, frames=10).audio)


def test_a_jump_moves_the_picture_from_its_frame_on():
    jumped = defects.jump_cut(clip(1), at=4, shift=0.25).frames
    assert same(jumped[:4], clip(1).frames[:4])  # type: ignore[index]
    np.testing.assert_array_equal(jumped[4:, :, 8:].numpy(), clip(1).frames[4:, :, :-8].numpy())  # type: ignore[index]


def test_defects_of_pictures_need_pictures():
    with pytest.raises(ValueError, match="pictures"):
        defects.blurred(Clip(audio=torch.zeros(640)), spread=2.0)
