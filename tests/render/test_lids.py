"""A closing lid covers the eye with the picture's own skin, and touches nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from render.painted_faces import EYE, SIZE, SKIN, UNIT, arc, drawn, eye_lines, grey, learned
from scipy.ndimage import binary_dilation

from thlab.render import lids, medium

FACE = learned(drawn())


def closed(face=FACE, closure: float = 1.0) -> np.ndarray:
    return lids.paint(face.picture, face.lid, eye_lines(), closure)


def opening() -> np.ndarray:
    eye = eye_lines()
    return medium.filled([np.concatenate([eye.upper, eye.lower[::-1]])], (SIZE, SIZE))


def luminance(picture: np.ndarray) -> np.ndarray:
    return picture.astype(float) @ [0.299, 0.587, 0.114]


def middle_of_lid(picture: np.ndarray) -> np.ndarray:
    """Pixels half way between the rims, where the iris was."""
    x, y = (int(v) for v in EYE)
    return picture[y - 4 : y + 1, x - 7 : x + 8].reshape(-1, 3).astype(float)


def test_an_open_eye_is_left_as_it_is():
    assert closed(closure=0.0) is FACE.picture


def test_the_picture_given_is_left_alone():
    before = FACE.picture.copy()
    closed()
    assert np.array_equal(FACE.picture, before)


@pytest.mark.parametrize("closure", [0.3, 1.0])
def test_nothing_changes_away_from_the_eye(closure: float):
    """Glasses, brows and cheeks stay: only the opening, the lashes above it and their line below are painted."""
    changed = (closed(closure=closure) != FACE.picture).any(2)
    reach = binary_dilation(opening(), iterations=round(0.115 * UNIT), structure=np.ones((3, 3)))
    assert changed.any()
    assert not (changed & ~reach).any()


def test_a_closed_lid_is_skin():
    lid, cheek = np.median(middle_of_lid(closed()), 0), np.median(FACE.picture[FACE.skin], 0)
    assert np.abs(lid - cheek).max() < 25


def test_no_eye_shows_through_a_closed_lid():
    iris = luminance(FACE.picture)[opening()].min()
    assert luminance(middle_of_lid(closed())).min() > iris + 60


def test_the_old_lashes_are_gone_and_a_new_line_lies_at_the_lower_rim():
    eye, picture = eye_lines(), luminance(closed())
    column = picture[:, int(EYE[0])]
    upper, lower = round(float(eye.upper[4, 1])), round(float(eye.lower[4, 1]))
    assert luminance(FACE.picture)[upper - 1 : upper + 2, int(EYE[0])].min() < 100
    assert column[upper - 2 : upper + 3].min() > 130
    assert abs(int(np.argmin(column[upper - 3 : lower + 6])) + upper - 3 - lower) <= 3


def test_closing_covers_more_and_more():
    shown = [(luminance(closed(closure=c))[opening()] < 70).sum() for c in (0.15, 0.4, 0.7, 1.0)]
    assert shown[0] > shown[1] > shown[2] >= shown[3]


def test_closing_begins_gently():
    """A hundredth of a blink is not a jump."""
    assert np.abs(closed(closure=0.01).astype(int) - FACE.picture).max() <= 12


def test_lids_of_a_grey_picture_are_grey():
    face = learned(grey(FACE.picture))
    assert np.ptp(closed(face).astype(int), axis=2).max() <= 1


def test_a_lid_is_as_grainy_as_the_picture():
    rough, clean = learned(drawn(noise=6.0)), learned(drawn(noise=0.0))
    smooth = lids.LidLook(**{**vars(rough.lid), "grain": clean.grain})
    with_grain, without = (lids.paint(rough.picture, look, eye_lines(), 1.0) for look in (rough.lid, smooth))
    difference = (middle_of_lid(with_grain) - middle_of_lid(without)).mean(1)
    assert difference.std() == pytest.approx(rough.grain.spread, rel=0.25)


def test_the_lid_of_a_drawing_is_of_one_colour():
    picture = drawn(noise=0.0)
    picture[60:110] = SKIN.astype(np.uint8)
    face = learned(picture)
    assert face.medium.kind == "drawing"
    assert np.ptp(middle_of_lid(closed(face)), axis=0).max() <= 2


def test_a_lid_of_stone_has_no_black_line():
    face = learned(drawn(lip=0.85 * SKIN, iris=185.0))
    assert face.medium.kind == "stone"
    assert luminance(closed(face))[opening()].min() > 0.5 * luminance(SKIN)


def test_the_other_eye_is_the_mirror_image():
    """Contours run from the outer corner to the inner one, so the mirrored picture closes in mirror image."""
    picture = drawn(noise=0.0)
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    eye = eye_lines()
    flip = lids.EyeLines(*((np.array([SIZE, 0]) + line * [-1, 1]).astype(np.float32) for line in vars(eye).values()))
    face = learned(picture)
    other = lids.learn(
        mirrored, flip, unit=UNIT, skin=np.ascontiguousarray(face.skin[:, ::-1]), medium=face.medium, grain=face.grain
    )
    here, there = closed(face).astype(int), lids.paint(mirrored, other, flip, 1.0)[:, ::-1].astype(int)
    assert np.abs(here - there)[opening()].mean() < 3


def test_it_is_the_same_every_time():
    assert np.array_equal(closed(), closed())


@pytest.mark.parametrize("closure", [-0.1, 1.5])
def test_a_closure_beyond_the_lids_is_refused(closure: float):
    with pytest.raises(ValueError, match="between 0 and 1"):
        closed(closure=closure)


def test_an_eye_outside_the_picture_changes_nothing():
    away = lids.EyeLines(*(arc(EYE + np.array([400, 0]), 15, height, 9) for height in (-7, -12, -18, 5, 10)))
    assert lids.paint(FACE.picture, FACE.lid, away, 1.0) is FACE.picture
