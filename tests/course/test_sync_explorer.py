"""The sync explorer: sound that is moved is found to be moved, and what cannot be in sync is told from what is."""

from __future__ import annotations

import pytest
import torch

from thlab.audio.features import log_mel
from thlab.course.widgets.sync_explorer import (
    CLIPS,
    EXPLORER,
    OWN,
    SILENCE,
    STRANGER,
    VOICES,
    heard,
    measured,
    piece,
    scene,
)
from thlab.experiments.sync_scores import judge
from thlab.metrics.sync import LEAST, REACH, sync_of
from thlab.timebase import SYNC_FRAMES, frames_to_samples


@pytest.mark.parametrize("clip", CLIPS)
def test_sound_that_is_moved_is_found_to_be_moved_to_within_a_frame(clip: str):
    found = [int(measured(clip, shift, 75, "mask").offset) for shift in (-12, -4, 0, 5, 12)]
    assert max(abs(a - b) for a, b in zip(found, (-12, -4, 0, 5, 12), strict=True)) <= 1


def test_a_slice_of_what_was_heard_once_is_what_would_be_heard_anew():
    """The panel hears each sound once; here the sound is really moved, and heard again."""
    clip, shift, length = "the beekeeper", -6, 60
    first = piece(clip, length)
    silence = torch.zeros(frames_to_samples(REACH))
    sound = torch.cat([silence, scene(clip).audio, silence])[frames_to_samples(first + REACH - shift) :]
    vectors = judge().hear(log_mel(sound[: frames_to_samples(length)])[None])[0]
    anew = sync_of(scene(clip).seen[first : first + length - SYNC_FRAMES + 1], vectors)
    quick = measured(clip, shift, length, "mask")
    assert quick.offset == anew.offset
    torch.testing.assert_close(quick.curve, anew.curve, atol=0.02, rtol=0)


def test_a_strangers_voice_and_silence_are_less_sure_than_the_own_voice():
    for clip in CLIPS:
        own, *others = (float(measured(clip, 0, 75, "mask", voice=voice).confidence) for voice in VOICES)
        assert max(others) < own
    assert float(measured("the doctor", 0, 75, "mask", voice=SILENCE).confidence) < 0.1


def test_noise_takes_confidence_away():
    sure = [float(measured("the farmer", 0, 75, "mask", noise=noise).confidence) for noise in ("none", "as loud")]
    assert sure[1] < sure[0]


def test_a_short_piece_has_no_distance_where_too_few_windows_meet_unless_zeros_are_met():
    masked, padded = (measured("his wife", 0, 20, edges).curve for edges in ("mask", "pad"))
    windows = 20 - SYNC_FRAMES + 1
    assert int(torch.isnan(masked).sum()) == 2 * (REACH - (windows - LEAST))
    assert bool(torch.isfinite(padded).all())


def test_every_sound_lasts_as_long_as_the_clip_and_what_is_around_it():
    for clip in CLIPS:
        lengths = {len(heard(clip, voice, "none").vectors) for voice in (OWN, STRANGER, SILENCE)}
        assert lengths == {len(scene(clip).seen) + 2 * REACH}


def test_the_alt_text_says_what_was_done_and_what_was_found():
    alt = EXPLORER.alt(clip="the doctor", shift=-3, length=50, edges="pad", noise="as loud", voice=STRANGER)
    for words in ("young doctor", "-3 frames", "2.0 seconds", "pad", "as loud", "a stranger's", "confidence"):
        assert words in alt
