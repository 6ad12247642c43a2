"""Click the points: clicks become landmarks, the page tells where it was clicked, and files are read back."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from thlab.course.page import Page
from thlab.course.photographs import ASTRONAUT, cartoon, portrait
from thlab.course.widgets._clicking import ORDER, ClickPanel
from thlab.course.widgets.click_points import EXPLORER, ClickPoints
from thlab.course.widgets.landmark_explorer import eye_share
from thlab.media.points_files import read_points


@pytest.fixture
def clicks(tmp_path: Path) -> ClickPoints:
    return ClickPoints(cartoon(200), file=tmp_path / "face.pts")


def test_clicks_of_a_face_bring_its_other_points_along():
    shown = portrait(ASTRONAUT)
    clicked = ClickPoints(shown.pixels)
    misses = [eye_share(shown.points, clicked.points)]
    for point in ORDER:
        clicked.click(point, *shown.points[point])
        misses.append(eye_share(shown.points, clicked.points))
    assert misses[-1] < 0.06 < 0.5 * misses[0]


def test_every_named_point_is_one_of_68_and_named_once():
    assert set(ORDER) <= set(range(68))
    assert len(set(ORDER.values())) == len(ORDER)


@pytest.mark.parametrize(("point", "x", "y"), [(68, 10, 10), (-1, 10, 10), (30, 201, 10), (30, 10, -1)])
def test_a_click_beside_the_picture_or_on_no_landmark_is_refused(clicks, point: int, x: int, y: int):
    with pytest.raises(ValueError, match="expected a landmark from 0 to 67 in 200×200 pixels"):
        clicks.click(point, x, y)


def test_what_is_saved_is_read_back_to_a_hundredth_of_a_pixel(clicks, tmp_path: Path):
    clicks.click(36, 80, 70)
    clicks.click(45, 120, 70)
    assert clicks.save() == tmp_path / "face.pts"
    np.testing.assert_allclose(read_points(tmp_path / "face.pts"), clicks.points, atol=0.006)


def test_nothing_is_saved_before_two_points_are_clicked(clicks, tmp_path: Path):
    clicks.click(36, 80, 70)
    with pytest.raises(ValueError, match="at least two points"):
        clicks.save()
    assert not (tmp_path / "face.pts").exists()


def tell(panel: ClickPanel, across: float, along: float, moment: int = 0) -> None:
    """What the page does when the picture is clicked."""
    panel.heard.value = f"{across} {along} {moment}"


def test_a_click_on_the_page_places_the_chosen_point_and_asks_for_the_next(clicks):
    panel = ClickPanel(clicks)
    first, second, *_ = ORDER
    assert panel.chosen.value == first
    tell(panel, 0.25, 0.5)
    assert clicks.clicks == {first: (50.0, 100.0)}
    assert panel.chosen.value == second


def test_two_clicks_on_one_place_are_two_clicks(clicks):
    panel = ClickPanel(clicks)
    tell(panel, 0.5, 0.5, 1)
    tell(panel, 0.5, 0.5, 2)
    assert len(clicks.clicks) == 2


def test_after_the_last_named_point_the_choice_stays(clicks):
    panel = ClickPanel(clicks)
    for moment, _ in enumerate(ORDER):
        tell(panel, 0.3 + 0.02 * moment, 0.5, moment)
    last = panel.chosen.value
    tell(panel, 0.31, 0.52, 99)
    assert panel.chosen.value == last
    assert len(clicks.clicks) == len(ORDER)


def test_numbers_can_be_typed_in_the_place_of_a_click(clicks):
    panel = ClickPanel(clicks)
    panel.chosen.value = 30
    panel.x.value = 77.0
    assert clicks.clicks[30][0] == 77.0
    assert panel.x.value == pytest.approx(clicks.points[30, 0], abs=0.5)


def test_choosing_a_point_clicks_nothing(clicks):
    panel = ClickPanel(clicks)
    for point in (30, 8, 66):
        panel.chosen.value = point
    assert clicks.clicks == {}


def test_the_picture_writes_into_the_field_that_the_kernel_listens_to(clicks):
    panel, other = ClickPanel(clicks), ClickPanel(clicks)
    script = unescape(re.findall(r'onclick="([^"]*)"', panel.drawn())[0])
    assert f".{panel.tag} input" in script
    assert panel.tag in panel.heard._dom_classes
    assert panel.tag != other.tag


def test_the_picture_shows_lines_clicks_and_the_point_that_is_next(clicks):
    panel = ClickPanel(clicks)
    assert panel.drawn().count("<circle") == 1
    tell(panel, 0.4, 0.4)
    drawn = panel.picture.value
    assert drawn.count("<polyline") == 9
    assert drawn.count("<circle") == 2
    assert "1 points are clicked" in drawn


def test_the_button_saves_or_says_why_not(clicks):
    panel = ClickPanel(clicks)
    panel.save.click()
    assert "at least two points" in panel.said.value
    tell(panel, 0.3, 0.4, 1)
    tell(panel, 0.6, 0.4, 2)
    panel.save.click()
    assert "face.pts" in panel.said.value


def test_without_a_page_a_line_says_where_to_click(clicks):
    assert isinstance(clicks.open(), Page)
    assert "JupyterLab" in repr(clicks.open())


def test_the_alt_text_tells_the_error():
    alt = EXPLORER.alt(clicks=9)
    assert "9 white dots" in alt
    assert re.search(r"[\d.]+ percent", alt)
