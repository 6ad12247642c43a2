from __future__ import annotations

import numpy as np
import pytest

from thlab.corpus.cleaning.exposure import exposure


def face(skin: tuple[int, int, int], whites: int = 210) -> tuple[np.ndarray, np.ndarray]:
    """A face of one colour with two eyes."""
    picture = np.zeros((120, 120, 3), np.uint8)
    picture[10:110, 10:110] = skin
    landmarks = np.full((68, 2), 60.0)
    landmarks[17], landmarks[57] = (20, 20), (100, 100)
    box = np.array([(0, 6), (6, 0), (14, 0), (20, 6), (14, 12), (6, 12)])
    for eye, corner in ((slice(36, 42), (28, 40)), (slice(42, 48), (72, 40))):
        landmarks[eye] = box + corner
        picture[40:53, corner[0] : corner[0] + 21] = whites
    return picture, landmarks


@pytest.mark.parametrize("skin", [(60, 40, 30), (130, 90, 70), (235, 200, 180)])
def test_the_whites_of_the_eyes_do_not_depend_on_the_skin(skin: tuple[int, int, int]):
    light = exposure(*face(skin))
    assert light is not None
    assert light.whites == pytest.approx(210, abs=1)
    assert light.bright == 0


def test_a_clipped_face_is_bright():
    light = exposure(*face((255, 240, 230)))
    assert light is not None
    assert light.bright > 0.8


def test_less_light_makes_the_whites_darker():
    picture, landmarks = face((130, 90, 70))
    light = exposure((picture * 0.4).astype(np.uint8), landmarks)
    assert light is not None
    assert light.whites == pytest.approx(84, abs=1)


def test_nothing_can_be_said_of_a_face_outside():
    picture, landmarks = face((130, 90, 70))
    assert exposure(picture, landmarks - 500) is None
    half = exposure(picture, landmarks + np.array([0, 62]))  # the eyes are below the picture's edge, the brows are not
    assert half is not None
    assert 0 <= half.contrast <= 255
