"""Stone, drawings and black and white are told from flesh in colour."""

from __future__ import annotations

import numpy as np
import pytest
from render.painted_faces import SKIN, drawn, grey, learned

from thlab.render import medium


def test_a_coloured_face_is_a_photograph():
    assert learned(drawn()).medium.kind == "photograph"


def test_a_grey_face_is_monochrome_and_has_teeth():
    kind = learned(grey(drawn())).medium
    assert kind.kind == "monochrome"
    assert kind.has_teeth


def test_lips_like_skin_and_eyes_without_pupils_are_stone():
    kind = learned(drawn(lip=0.85 * SKIN, iris=185.0)).medium
    assert kind.kind == "stone"
    assert not kind.has_teeth


def test_lips_like_skin_under_dark_eyes_are_still_flesh():
    assert learned(drawn(lip=0.85 * SKIN)).medium.kind == "photograph"


def test_a_face_without_gradients_is_a_drawing():
    picture = drawn(noise=0.0)
    picture[60:110] = SKIN.astype(np.uint8)
    assert learned(picture).medium.kind == "drawing"


def test_the_reason_names_the_kind():
    assert "stone" in learned(drawn(lip=0.85 * SKIN, iris=185.0)).medium.reason


def test_an_empty_mask_is_refused():
    empty, full = np.zeros((16, 16), bool), np.ones((16, 16), bool)
    with pytest.raises(ValueError, match="mask of the eyes"):
        medium.recognise(np.zeros((16, 16, 3), np.uint8), skin=full, lips=full, eyes=empty)


def test_a_polygon_is_filled_to_its_area():
    square = np.array([[2, 3], [12, 3], [12, 9], [2, 9]], np.float32)
    filled = medium.filled([square], (20, 20))
    assert filled[3:9, 2:12].all()
    assert filled.sum() <= 11 * 7
