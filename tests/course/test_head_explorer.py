"""The head explorer: its layers add up as the face does, each control moves what it names, and it is quick."""

from __future__ import annotations

import time
from itertools import islice
from statistics import median

import numpy as np
import pytest

from thlab.course.plot import Still
from thlab.course.widgets import EXPLORERS
from thlab.course.widgets.head_explorer import CONTROLS, EXPLORER, PARTS, draw, face_layers
from thlab.face.action_units import EXPRESSION_INDEX, expression
from thlab.face.head import Region

SLOWEST = 0.6
"""Seconds of the median drawing on a machine that is busy and checks types; bench: about 0.06 s when it is neither."""


@pytest.fixture(autouse=True, scope="module")
def warm():
    draw()


def picture(figure, panel=0):
    """The pixels of one of the panels."""
    return np.asarray(figure.findobj(Still)[panel].pixels)


def texts(figure, panel):
    return [figure.texts[panel].get_text()]


def test_the_explorer_is_listed():
    assert EXPLORERS["head_explorer"] == "thlab.course.widgets.head_explorer"


def test_layers_of_a_silent_neutral_face_are_the_sliders_alone():
    own = expression(smile=0.4)
    layers = face_layers(own, "sil", "neutral", 1.0)
    assert list(layers) == ["sliders", "viseme", "emotion"]
    assert np.array_equal(layers["sliders"], own)
    assert not layers["viseme"].any()
    assert not layers["emotion"].any()


def test_rounded_lips_leave_less_room_for_a_smile():
    def smile(viseme):
        return face_layers(expression(), viseme, "happy", 1.0)["emotion"][EXPRESSION_INDEX["smile_L"]]

    assert smile("UW") < 0.5 * smile("sil")


def test_closed_lips_keep_the_jaw_shut_in_surprise():
    def jaw(viseme):
        return sum(face_layers(expression(), viseme, "surprise", 1.0).values())[EXPRESSION_INDEX["jaw_open"]]

    assert jaw("sil") > 0.1
    assert jaw("PP") == pytest.approx(0, abs=1e-6)


def test_no_coefficient_goes_beyond_1_whatever_is_added():
    for viseme, emotion in (("AA", "surprise"), ("IY", "happy"), ("PP", "sad")):
        total = sum(face_layers(expression(jaw_open=1.0, smile=1.0, blink=1.0), viseme, emotion, 1.0).values())
        assert total.max() <= 1 + 1e-6


@pytest.mark.parametrize("wrong", [{"viseme": "ZZ"}, {"emotion": "bored"}])
def test_what_is_no_viseme_or_emotion_is_refused_with_the_names_there_are(wrong):
    with pytest.raises(ValueError, match="choose one of"):
        draw(**wrong)


@pytest.mark.parametrize("name", [name for name in CONTROLS if name not in {"truth", "intensity"}])
def test_each_control_changes_the_face(name):
    control = CONTROLS[name]
    moved = control.places()[-1]
    assert (picture(draw(**{name: moved})) != picture(draw())).any()


def test_the_intensity_changes_a_face_that_feels():
    weak, strong = (picture(draw(emotion="angry", intensity=amount)) for amount in (0.0, 1.0))
    assert np.array_equal(weak, picture(draw(intensity=0.0)))
    assert (weak != strong).any()


def test_the_lower_picture_shows_what_was_chosen():
    parts, normals, depth = (picture(draw(truth=truth), panel=2) for truth in ("parts", "normals", "depth"))
    assert not np.array_equal(parts, normals)
    assert (depth[..., 0] == depth[..., 2]).all()


def test_a_slide_shows_the_same_pictures_without_bars():
    whole, slide = draw(actor=4), EXPLORER.projected(actor=4)
    assert [np.array_equal(picture(whole, i), picture(slide, i)) for i in range(3)] == [True] * 3
    assert (len(whole.axes), len(slide.axes)) == (1, 0)


def test_every_part_has_a_colour_of_its_own():
    assert set(PARTS) == set(Region)
    assert len(set(PARTS.values())) == len(Region)


def test_a_head_that_turns_hides_landmarks():
    def in_view(**pose):
        return int(texts(draw(**pose), 1)[0].split()[2])

    assert in_view(yaw=35.0) < in_view()


def test_the_same_setting_gives_the_same_pixels():
    assert np.array_equal(picture(draw(actor=3, yaw=10.0)), picture(draw(actor=3, yaw=10.0)))


def test_the_alt_text_says_who_what_and_where():
    alt = EXPLORER.alt(actor=5, viseme="UW", emotion="sad", intensity=0.5, yaw=-20.0, truth="depth")
    for words in ("actor 5", "UW", "sad at 50%", "-20°", "depth"):
        assert words in alt
    assert "no emotion" in EXPLORER.alt(emotion="neutral")


def test_a_drawing_follows_a_slider():
    seconds = []
    for setting in islice(EXPLORER.settings(), 0, None, 6):
        begin = time.perf_counter()
        draw(**setting)
        seconds.append(time.perf_counter() - begin)
    assert median(seconds) < SLOWEST
