"""What it hears: muting changes what is muted, only the frames that hear it, and what is drawn is what was painted."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from thlab.audio.features import COURSE
from thlab.course.widgets.what_it_hears import (
    ACTORS,
    EXPLORER,
    alt,
    bands,
    draw,
    mute,
    muted_mel,
    network,
    peaks,
    scene,
    sensitivity,
    sounding,
    windows,
)
from thlab.experiments.scores import judge, read_faces
from thlab.timebase import frame_at, frame_times

ACTOR = next(iter(ACTORS))
VOWEL = {"moment": 1.75, "length": 160, "lowest": 0, "highest": 8000}
"""Of “box”."""


def test_only_the_rectangle_is_muted_and_as_quiet_as_the_pauses():
    mel = torch.rand(100, COURSE.mels, generator=torch.Generator().manual_seed(0))
    muted, columns = muted_mel(mel, 20, 8, 500, 2000), bands(500, 2000)
    assert torch.equal(muted[20:28, columns], mel.amin(0)[columns].expand(8, -1))
    outside = torch.ones_like(mel, dtype=torch.bool)
    outside[20:28, columns] = False
    assert torch.equal(muted[outside], mel[outside])


def test_bands_are_those_between_the_two_frequencies_in_either_order():
    chosen = peaks()[bands(2000, 500)]
    assert chosen[0] >= 500
    assert chosen[-1] <= 2000
    assert bands(500, 2000) == bands(2000, 500)
    assert bands(0, 8000) == slice(0, COURSE.mels)
    assert bands(500.0, 500.1) == slice(0, 0)


def test_the_scene_is_what_the_system_paints():
    seen = scene(ACTOR)
    theirs = network().animate(seen.clip, seen.clip).frames.movedim(-1, 1) / 255
    assert float((seen.painted - theirs).abs().max()) < 0.01


def test_muting_a_vowel_closes_the_mouth_and_leaves_distant_frames_alone():
    seen, heard = scene(ACTOR), mute(ACTOR, **VOWEL)
    first, last = frame_at(1.75) - network().config.context, frame_at(1.90) + network().config.context
    assert torch.equal(heard.gap[: first - 1], seen.gap[: first - 1])
    assert torch.equal(heard.gap[last + 2 :], seen.gap[last + 2 :])
    assert sounding(seen, heard.frame) == "[ɑ]"
    assert heard.gap[heard.frame] < 0.6 * seen.gap[heard.frame]


@torch.no_grad()
def test_what_is_painted_anew_is_what_a_whole_painting_of_the_muted_sound_shows():
    seen, heard = scene(ACTOR), mute(ACTOR, **VOWEL)
    painted = network().paint_from(windows(heard.mel), seen.maps, seen.stills[:, 0]).clamp(0, 1)
    torch.testing.assert_close(heard.picture, painted[heard.frame], rtol=1e-3, atol=1e-3)
    gap = read_faces(judge(), painted).lip_gap
    assert float((gap - heard.gap).abs().max()) < 0.5 * float((gap - seen.gap).abs().max())
    assert float(gap[heard.frame]) == pytest.approx(float(heard.gap[heard.frame]), abs=1e-3)


def test_muting_a_pause_or_no_band_changes_nothing():
    for nothing in (VOWEL | {"moment": 3.3}, VOWEL | {"lowest": 600, "highest": 600}):
        heard = mute(ACTOR, **nothing)
        torch.testing.assert_close(heard.gap, scene(ACTOR).gap, rtol=0, atol=2e-3)
    assert "hardly changes" in alt(ACTOR, **VOWEL | {"moment": 3.3})


def test_the_figure_shows_both_tracks_and_three_mouths_and_says_so():
    fig = draw(ACTOR, **VOWEL)
    seen, heard = scene(ACTOR), mute(ACTOR, **VOWEL)
    with_all, muted, dot = fig.axes[1].lines
    np.testing.assert_allclose(with_all.get_ydata(), 10 * seen.gap)
    np.testing.assert_allclose(muted.get_ydata(), 10 * heard.gap)
    assert float(np.asarray(dot.get_xdata()).item()) == pytest.approx(frame_times(len(seen.gap))[heard.frame])
    assert len(fig.axes[2].child_axes) == 3
    assert "closes by" in alt(ACTOR, **VOWEL)


def test_controls_stay_inside_of_every_clip():
    for actor in ACTORS:
        last = EXPLORER.controls["moment"].places()[-1]
        assert isinstance(last, float)
        assert last + 0.32 < scene(actor).clip.duration


def test_the_map_is_largest_near_the_frame():
    found = sensitivity(ACTOR, frames=3, band_count=2, hops=4)
    assert found.change.shape == (2, 5)
    assert found.hertz.tolist() == sorted(found.hertz.tolist())
    np.testing.assert_allclose(found.seconds, [-0.08, -0.04, 0, 0.04, 0.08, 0.12])
    assert found.change[:, 1:4].sum() > found.change[:, [0, 4]].sum()
