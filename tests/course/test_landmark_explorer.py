"""The landmark explorer: numbers stand for points, each slider adds to its own, and one's own picture is taken."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from thlab.course.photographs import (
    ASTRONAUT,
    FACES,
    INVENTED,
    OWN,
    Portrait,
    face_mesh,
    invented,
    portrait,
    portrait_of,
    read_upload,
)
from thlab.course.shapes import face_model
from thlab.course.widgets import EXPLORERS
from thlab.course.widgets.landmark_explorer import EXPLORER, draw, eye_share, numbers_of

STILL = np.zeros(6)


def test_the_explorers_are_listed_and_their_helpers_are_not():
    assert {"landmark_explorer", "warp_explorer", "click_points"} <= EXPLORERS.keys()
    assert not any(name.startswith("_") for name in EXPLORERS)


@pytest.mark.parametrize("name", FACES)
def test_portraits_show_a_face_in_the_middle(name: str):
    shown = portrait(name)
    height, width = shown.pixels.shape[:2]
    assert height == width
    assert (shown.points > 0).all()
    assert (shown.points < width).all()
    assert np.linalg.norm(shown.points.mean(0) - width / 2) < 0.15 * width


def test_points_of_a_portrait_are_those_that_are_found_in_it():
    shown = portrait(INVENTED)
    again = face_mesh().detect(shown.pixels)[0].ibug()
    assert eye_share(shown.points, again.astype(float)) < 0.05


def test_more_numbers_come_closer():
    points = portrait(ASTRONAUT).points
    errors = [eye_share(points, numbers_of(points, count, STILL)[1]) for count in (0, 6, 20, 40)]
    assert errors == sorted(errors, reverse=True)


def test_without_numbers_the_mean_face_is_left_whatever_the_photograph():
    means = [numbers_of(portrait(name).points, 0, STILL)[1] for name in FACES]
    shapes = [(points - points.mean(0)) / np.linalg.norm(points - points.mean(0)) for points in means]
    turn = np.abs(sum(complex(*a).conjugate() * complex(*b) for a, b in zip(*shapes, strict=True)))
    assert turn == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("place", range(6))
def test_a_slider_adds_to_its_own_number_in_standard_deviations(place: int):
    points, moves = portrait(ASTRONAUT).points, np.eye(6)[place]
    before, after = (numbers_of(points, 6, amount * moves)[0] for amount in (0.0, 2.0))
    np.testing.assert_allclose(after - before, 2 * moves, atol=1e-9)


def test_numbers_of_a_face_of_the_model_are_its_own():
    wanted = np.array([1.0, -0.5, 0.8, 0.0, 0.3, -0.2])
    model = face_model()
    face = 100 * model.reconstruct(wanted * model.spread[:6]) + 50
    np.testing.assert_allclose(numbers_of(face, 6, STILL)[0], wanted, atol=0.15)


def uploaded(pixels: np.ndarray, name: str = "me.png") -> dict:
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return {"name": name, "content": memoryview(file.getvalue())}


def test_a_photograph_of_ones_own_is_cut_to_its_face():
    assert isinstance(read_upload(uploaded(invented(4))), Portrait)


@pytest.mark.parametrize(
    ("upload", "message"),
    [
        ({"name": "song.mp3", "content": memoryview(b"ID3 no picture")}, "song.mp3 is not a picture"),
        (uploaded(np.full((64, 64, 3), 200, np.uint8), "wall.png"), "no face was found in wall.png"),
    ],
)
def test_what_has_no_face_is_refused_by_the_name_of_its_file(upload: dict, message: str):
    with pytest.raises(ValueError, match=message):
        read_upload(upload)


def test_a_face_that_is_too_small_is_refused():
    small = np.asarray(Image.fromarray(invented(4)).resize((70, 70)))
    assert face_mesh().detect(small)
    with pytest.raises(ValueError, match="fewer than 40 pixels"):
        portrait_of(small, where="the picture")


@pytest.fixture
def panel():
    return EXPLORER.widget()


def upload_of(panel):
    return panel.children[0].children[-1]


def test_an_upload_is_shown_until_another_face_is_chosen(panel):
    controls, picture = panel.children
    before = picture.value
    upload_of(panel).value = (whole(uploaded(invented(4))),)
    own = picture.value
    assert own != before
    assert OWN in own
    controls.children[1].value = 20
    assert OWN in picture.value
    controls.children[0].value = INVENTED
    assert OWN not in picture.value


def whole(upload: dict) -> dict:
    return {**upload, "type": "image/png", "size": len(upload["content"]), "last_modified": datetime.now(UTC)}


def test_an_upload_without_a_face_says_so_in_the_page(panel):
    upload_of(panel).value = (whole(uploaded(np.full((64, 64, 3), 200, np.uint8), "wall.png")),)
    assert "no face was found in wall.png" in panel.children[1].value


def test_the_alt_text_names_face_numbers_and_moves():
    alt = EXPLORER.alt(face=INVENTED, numbers=12, b2=-1.5)
    for words in (INVENTED, "12 numbers", "number 2 by -1.5", "percent"):
        assert words in alt


def test_a_drawing_holds_the_photograph_the_face_and_the_numbers():
    assert len(draw(numbers=9).axes) == 3
