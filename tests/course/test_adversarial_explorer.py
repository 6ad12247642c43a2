"""The adversarial explorer paints what the system paints, and its sliders do what they say."""

from __future__ import annotations

import torch

from thlab.course.widgets.adversarial_explorer import MOMENTS, covered, painted, scene
from thlab.experiments.checkpoints import load_system
from thlab.experiments.scores import planes

ACTOR, VOICE = "the plumber", "their own"


def likeness(shift: int) -> float:
    """Correlation of the painted with the filmed lip gaps."""
    gap = painted(ACTOR, VOICE, shift, 0, 0.5)["gap"]
    return torch.corrcoef(torch.stack([gap, scene(ACTOR).gap[list(MOMENTS)]]))[0, 1].item()


def test_at_rest_it_shows_what_the_system_paints():
    clip = scene(ACTOR).clip
    whole = load_system("wav2lip").repaint(clip, clip[:1], clip.audio[: len(clip) * 640])
    shown = painted(ACTOR, VOICE, 0, 0, 0.5)["painted"]
    assert (planes(whole[list(MOMENTS)]) - shown).abs().max() <= 1.01 / 255


def test_mouths_fit_the_film_while_the_sound_is_not_moved():
    assert likeness(0) > 0.8
    assert likeness(0) > max(likeness(4), likeness(-4)) + 0.2


def test_less_or_more_may_be_hidden():
    frames = torch.rand(1, 3, 96, 96)
    rows = [int((covered(frames, share) == 0.5).all(-1).all(1)[0].sum()) for share in (0.35, 0.5, 0.75)]
    assert rows == [62, 45, 24]
    assert not torch.equal(painted(ACTOR, VOICE, 0, 0, 0.65)["painted"], painted(ACTOR, VOICE, 0, 0, 0.5)["painted"])
