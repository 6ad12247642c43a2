"""The three panels show one and the same moment."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from thlab.course.widgets import three_stages
from thlab.course.widgets.three_stages import ACTORS, BARS, EMOTIONS, LAST, TEXT, TURNS, draw, performance
from thlab.experiments.talk import TalkConfig, say_text
from thlab.face.action_units import EXPRESSION_INDEX
from thlab.timebase import frame_at, frames_to_seconds, video_frames


def test_bars_are_the_coefficients_of_the_moment():
    moment, motion = 0.88, performance(20, "neutral").motion
    _, face, head, _ = draw(moment).axes
    row = motion.expression[frame_at(moment)]
    assert [bar.get_width() for bar in face.patches] == pytest.approx([row[EXPRESSION_INDEX[mode]] for mode in BARS])
    degrees = np.degrees(motion.pose[frame_at(moment)][list(TURNS.values())])
    assert [bar.get_width() for bar in head.patches] == pytest.approx(degrees)


def test_the_cursor_stands_at_the_moment_in_the_middle_of_the_sound():
    heard = draw(1.0).axes[0]
    assert [line.get_xdata()[0] for line in heard.get_lines()] == [1.0, 1.0]
    assert np.mean(heard.get_xlim()) == pytest.approx(1.0)


def test_the_picture_is_the_frame_of_the_moment():
    motion = performance(20, "neutral").motion
    (image,) = draw(0.2).axes[3].get_images()
    assert np.array_equal(image.get_array(), three_stages.frame(motion, frame_at(0.2), 20))


def test_every_performance_lasts_until_the_end_of_the_slider():
    speeches = [say_text(TEXT, TalkConfig(actor=int(a), emotion=emotion)) for a, emotion in product(ACTORS, EMOTIONS)]
    assert min(frames_to_seconds(video_frames(len(speech.audio))) for speech in speeches) > LAST


@pytest.mark.parametrize("moment", [-0.04, 9.0])
def test_a_moment_outside_is_refused(moment: float):
    with pytest.raises(ValueError, match="expected a moment from 0 to"):
        draw(moment)
