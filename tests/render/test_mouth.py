"""What is painted stays between the lips, is dark, grey or white where it must be, and is not there when they close."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from render.painted_faces import MOUTH, SIZE, SKIN, UNIT, arc, drawn, frame, grey, learned, lip_lines
from scipy.ndimage import binary_dilation

from thlab.render import medium, mouth

FACE = learned(drawn())
AWAY = np.array([400, 0])


def painted(face=FACE, *, opening: float = 26.0, jaw: float = 0.6, **shape: float) -> np.ndarray:
    lips = lip_lines(opening)
    return mouth.paint(face.picture, face.mouth, lips.upper_inner, lips.lower_inner, frame(), jaw=jaw, **shape)


def inside(opening: float = 26.0) -> np.ndarray:
    return medium.filled([lip_lines(opening).inside()], (SIZE, SIZE))


def luminance(picture: np.ndarray) -> np.ndarray:
    return picture.astype(float) @ [0.299, 0.587, 0.114]


def upper_teeth(picture: np.ndarray) -> np.ndarray:
    """Pixels on the two central incisors, away from lip, edge and gap."""
    y, x = (int(v) for v in MOUTH)
    return picture[x - 4 : x + 2, [y - 5, y - 4, y - 3, y + 3, y + 4]].reshape(-1, 3).astype(float)


@pytest.mark.parametrize("opening", [0.0, 0.5])
@pytest.mark.parametrize("jaw", [0.0, 1.0])
def test_closed_lips_hide_everything(opening: float, jaw: float):
    assert painted(opening=opening, jaw=jaw, tongue_out=1.0) is FACE.picture


def test_nothing_changes_beyond_three_pixels_of_the_opening():
    changed = (painted() != FACE.picture).any(2)
    assert changed.any()
    assert not (changed & ~binary_dilation(inside(), iterations=4, structure=np.ones((3, 3)))).any()


def test_the_picture_given_is_left_alone():
    before = FACE.picture.copy()
    painted()
    assert np.array_equal(FACE.picture, before)


def test_the_cavity_is_darker_than_the_lips():
    picture = painted(opening=34.0, jaw=0.9, tongue_up=0.0)
    darkest = np.percentile(luminance(picture)[inside(34.0)], 20)
    assert darkest < 0.5 * np.median(luminance(FACE.picture)[FACE.lips])


def test_teeth_are_lighter_than_the_lips_and_not_white():
    teeth = luminance(upper_teeth(painted()))
    assert np.median(luminance(FACE.picture)[FACE.lips]) < np.median(teeth) < 235


def test_a_grey_picture_has_a_grey_mouth():
    face = learned(grey(FACE.picture))
    assert np.ptp(painted(face)[inside()].astype(int), axis=1).max() <= 1


def test_teeth_of_flesh_are_warm():
    red, _, blue = np.median(upper_teeth(painted()), axis=0)
    assert red > blue


@pytest.mark.parametrize("kind", ["stone", "drawing"])
def test_stone_and_drawings_have_no_teeth(kind: str):
    picture = drawn(lip=0.85 * SKIN, iris=185.0) if kind == "stone" else drawn(noise=0.0)
    if kind == "drawing":
        picture[60:110] = SKIN.astype(np.uint8)
    face = learned(picture)
    assert face.medium.kind == kind
    core = inside() & ~binary_dilation(~inside(), iterations=3)
    assert luminance(painted(face))[core].max() < 0.75 * luminance(SKIN)


def test_teeth_are_as_grainy_as_the_picture():
    """The same mouth painted with and without grain differs by the grain."""
    rough, clean = learned(drawn(noise=6.0)), learned(drawn(noise=0.0))
    smooth = mouth.MouthLook(**{**vars(rough.mouth), "grain": clean.grain})
    lips = lip_lines(26.0)
    two = [
        mouth.paint(rough.picture, look, lips.upper_inner, lips.lower_inner, frame(), jaw=0.6)
        for look in (rough.mouth, smooth)
    ]
    difference = (two[0].astype(float) - two[1])[inside()].mean(1)
    lit = luminance(two[1])[inside()] > 0.9 * rough.mouth.skin_luminance
    assert lit.sum() > 30
    assert difference[lit].std() == pytest.approx(rough.grain.spread, rel=0.2)


def test_upper_teeth_stay_when_the_jaw_moves():
    centre = slice(int(MOUTH[1]) - 5, int(MOUTH[1]) + 2), slice(60, 100)
    shut, open_ = (painted(jaw=jaw)[centre].astype(int) for jaw in (0.3, 0.9))
    assert np.abs(shut - open_).max() <= 12


def test_lower_teeth_follow_the_jaw():
    """With the jaw up the lower teeth show between parted lips; with the jaw down they have left."""
    column = slice(int(MOUTH[1]) + 5, int(MOUTH[1]) + 11), slice(70, 90)
    with_teeth, without = (np.median(luminance(painted(jaw=jaw)[column])) for jaw in (0.05, 0.9))
    assert with_teeth > 1.5 * without


def test_rounded_lips_leave_the_teeth_in_the_dark():
    spread, rounded = (luminance(painted(opening=12.0, jaw=0.1, rounding=r))[inside(12.0)] for r in (0.0, 1.0))
    assert np.median(rounded) < 0.7 * np.median(spread)


def test_a_tongue_between_the_teeth_is_seen():
    place = slice(int(MOUTH[1]) + 3, int(MOUTH[1]) + 7), slice(76, 84)
    without, out = (np.median(painted(jaw=0.1, tongue_out=t)[place].reshape(-1, 3), 0) for t in (0.0, 0.9))
    assert out[0] - out[1] > (without[0] - without[1]) + 20


def test_the_mouth_moves_with_the_head():
    """Everything shifted by whole pixels paints the same mouth in another place."""
    flat = np.full((SIZE, SIZE, 3), 150, np.uint8)
    lips, shift = lip_lines(26.0), np.array([7, -5], np.float32)
    first = mouth.paint(flat, FACE.mouth, lips.upper_inner, lips.lower_inner, frame(), jaw=0.5)
    moved = mouth.MouthFrame(frame().origin + shift, frame().axes)
    second = mouth.paint(flat, FACE.mouth, lips.upper_inner + shift, lips.lower_inner + shift, moved, jaw=0.5)
    assert np.abs(np.roll(first, (-5, 7), (0, 1)).astype(int) - second).max() <= 1


def test_an_open_smile_keeps_its_own_teeth():
    """A picture whose own teeth are green: the frame that opens as far as the photograph shows green teeth."""
    picture = drawn()
    lips = lip_lines(16.0)
    hole = medium.filled([lips.inside()], (SIZE, SIZE))
    picture[hole] = [195, 215, 190]
    face = learned(picture, opening=16.0)
    assert face.mouth.own_teeth.size
    shown = mouth.paint(picture, face.mouth, lips.upper_inner, lips.lower_inner, frame(), jaw=0.2)
    centre = shown[int(MOUTH[1]) - 3 : int(MOUTH[1]) + 3, 70:90].reshape(-1, 3).astype(float)
    red, green, _ = np.median(centre, axis=0)
    assert green > red + 8


def test_a_dark_open_mouth_has_no_teeth_to_keep():
    picture = drawn()
    picture[medium.filled([lip_lines(16.0).inside()], (SIZE, SIZE))] = 20
    assert learned(picture, opening=16.0).mouth.own_teeth.size == 0


def test_opening_is_gradual():
    """Small steps of the lips never jump."""
    frames = [painted(opening=float(o), jaw=0.02 * o).astype(int) for o in np.linspace(0.4, 3.0, 40)]
    steps = [np.abs(b - a).max() for a, b in pairwise(frames)]
    assert max(steps) < 60


def test_it_is_the_same_every_time():
    assert np.array_equal(painted(), painted())


def test_a_mouth_outside_the_picture_changes_nothing():
    away = arc(MOUTH + AWAY, 24, -10), arc(MOUTH + AWAY, 24, 10)
    assert mouth.paint(FACE.picture, FACE.mouth, *away, frame(), jaw=0.5) is FACE.picture


def test_the_frame_counts_in_head_units():
    point = (MOUTH + UNIT * np.array([[1.0, -0.5]])).astype(np.float32)
    assert frame().inside(point) == pytest.approx(np.array([[1.0, -0.5]]))
