"""Controls, settings, panels and stills of explorers."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from course.media import embedded, pixels
from ipywidgets import HTML, Dropdown, FloatSlider, IntSlider, Stack
from matplotlib.figure import Figure

from thlab.course.page import Page
from thlab.course.widgets import explorer
from thlab.course.widgets.explorer import Choice, Explorer, Slider, a_page_asks


def draw(height: float | int = 0.5, count: int = 2, colour: str = "red") -> Figure:
    if colour == "none":
        raise ValueError("no colour <here>")
    fig = Figure((2, 1))
    ax = fig.add_axes((0, 0, 1, 1), xlim=(0, 8), ylim=(0, 1))
    ax.bar(range(count), [height] * count, color=colour)
    return fig


def alt(height: float | int = 0.5, count: int = 2, colour: str = "red") -> str:
    return f"{count} {colour} bars of {height:.1f}"


BARS = Explorer(
    "bars",
    draw,
    {
        "height": Slider(0.0, 1.0, 0.1, 0.5, "height", "m"),
        "count": Slider(1, 6, 1, 2, "how many"),
        "colour": Choice(("red", "blue", "none"), "red", "colour"),
    },
    alt,
)


def test_settings_move_one_control_at_a_time_through_ends_middle_and_options():
    settings = list(BARS.settings())
    assert settings[0] == {"height": 0.5, "count": 2, "colour": "red"}
    assert [s["height"] for s in settings[1:4]] == [0.0, 0.5, 1.0]
    assert [s["count"] for s in settings[4:7]] == [1, 3, 6]
    assert [s["colour"] for s in settings[7:]] == ["red", "blue", "none"]
    assert all(sum(s[name] != settings[0][name] for name in s) <= 1 for s in settings)


def test_whole_sliders_give_whole_numbers():
    assert all(isinstance(s["count"], int) for s in BARS.settings())


def controls_of(panel) -> dict:
    return {control.description: control for control in panel.children[0].children}


def test_a_panel_has_a_labelled_control_for_each_parameter_and_a_described_picture():
    panel = BARS.widget(count=3)
    controls = controls_of(panel)
    assert {name: type(control) for name, control in controls.items()} == {
        "height (m)": FloatSlider, "how many": IntSlider, "colour": Dropdown
    }  # fmt: skip
    assert controls["how many"].value == 3
    assert isinstance(panel.children[1], HTML)
    assert 'alt="3 red bars of 0.5"' in panel.children[1].value


def test_moving_a_control_redraws_the_picture():
    panel = BARS.widget()
    before = pixels(embedded(panel.children[1].value, "image")[0])
    controls_of(panel)["height (m)"].value = 0.9
    after = pixels(embedded(panel.children[1].value, "image")[0])
    assert "bars of 0.9" in panel.children[1].value
    assert not np.array_equal(before, after)


def test_what_was_wrong_stands_in_place_of_the_picture_and_the_panel_lives_on():
    panel = BARS.widget()
    colour = controls_of(panel)["colour"]
    colour.value = "none"
    assert "no colour &lt;here&gt;" in panel.children[1].value
    colour.value = "blue"
    assert "blue bars" in panel.children[1].value


def test_the_still_shows_what_the_parameters_say(shown):
    BARS.static(colour="blue", caption="Bars.")
    assert "2 blue bars" in shown[0].html
    assert "Bars." in shown[0].html


@pytest.mark.parametrize("ask", [BARS.panel, BARS.widget, BARS.static])
def test_a_control_that_is_not_there_is_named(ask):
    with pytest.raises(ValueError, match=r"no control \['width'\]; it has height, count, colour"):
        ask(width=3)


def as_kernel(monkeypatch: pytest.MonkeyPatch, metadata: dict) -> None:
    kernel = SimpleNamespace(get_parent=lambda channel: {"metadata": metadata})
    monkeypatch.setattr(explorer, "get_ipython", lambda: SimpleNamespace(kernel=kernel))


def test_a_page_that_names_its_cell_gets_the_controls(monkeypatch: pytest.MonkeyPatch):
    as_kernel(monkeypatch, {"cellId": "abc"})
    assert a_page_asks()
    assert set(controls_of(BARS.panel())) == {"height (m)", "how many", "colour"}


def test_where_no_page_asks_nothing_is_left_that_needs_a_kernel(monkeypatch: pytest.MonkeyPatch):
    as_kernel(monkeypatch, {})
    panel = BARS.panel()
    assert isinstance(panel, Page)
    assert "run this cell" in panel.html
    assert "run this cell" in repr(panel)


@pytest.mark.parametrize("values", [(0, 1, 0.1, 2), (1, 0, 0.1, 1), (0, 1, 0, 0.5)])
def test_sliders_that_cannot_be_are_refused(values):
    with pytest.raises(ValueError, match="low ≤ value ≤ high"):
        Slider(*values, label="x")


@pytest.mark.parametrize(("options", "value"), [(("a", "b"), "c"), (("a",), "a"), (("a", "a"), "a")])
def test_choices_that_cannot_be_are_refused(options, value):
    with pytest.raises(ValueError, match="two options"):
        Choice(options, value, "x")


def test_leaves_are_few_even_and_from_end_to_end():
    assert Slider(0.0, 1.0, 0.1, 0.5, "x").leaves() == (0.0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9, 1.0)
    assert Slider(1, 3, 1, 2, "x").leaves() == (1, 2, 3)
    assert len(Slider(0, 199, 1, 12, "x").leaves()) == explorer.LEAVES
    assert Choice(("a", "b"), "b", "x").leaves() == ("a", "b")


def test_a_page_without_kernel_leafs_through_pictures_of_one_control(monkeypatch: pytest.MonkeyPatch):
    links = []
    monkeypatch.setattr(explorer.ipywidgets, "jslink", lambda *ends: links.append(ends))
    panel = BARS.leafing("count", colour="blue")
    slider, stack = panel.children
    assert slider.options == ("1", "2", "3", "4", "5", "6")
    assert (slider.index, stack.selected_index) == (1, 1)
    assert [re.search(r'alt="([^"]*)"', leaf.value).group(1) for leaf in stack.children] == [
        f"{count} blue bars of 0.5" for count in range(1, 7)
    ]
    assert links == [((slider, "index"), (stack, "selected_index"))]


def test_leaves_hold_the_place_where_the_control_begins():
    slider, stack = BARS.leafing("height", height=0.32).children
    assert slider.options == ("0", "0.1", "0.2", "0.32", "0.5", "0.6", "0.8", "0.9", "1")
    assert (slider.description, slider.value, stack.selected_index) == ("height (m)", "0.32", 3)


def test_a_slide_shows_a_panel_or_leaves_or_a_still(shown, monkeypatch: pytest.MonkeyPatch):
    assert BARS.on_slide("count") is None
    assert "2 red bars" in shown[0].html
    monkeypatch.setenv(explorer.PUBLISHING, "1")
    assert isinstance(BARS.on_slide("count").children[1], Stack)
    monkeypatch.setattr(explorer, "a_page_asks", lambda: True)
    assert isinstance(BARS.on_slide("count").children[1], HTML)


def test_slides_show_the_drawing_that_is_made_for_them(shown):
    slim = replace(BARS, projected=lambda **parameters: draw(**{**parameters, "colour": "blue"}))
    slim.on_slide("count", zoom=1)
    BARS.static(colour="blue")
    assert embedded(shown[0].html, "image") == embedded(shown[1].html, "image")


def test_a_control_that_is_not_there_cannot_be_leafed():
    with pytest.raises(ValueError, match="no control"):
        BARS.leafing("weight")
