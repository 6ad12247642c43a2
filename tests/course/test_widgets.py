"""Every explorer of the course: each control, moved, gives another picture, and says what is seen."""

from __future__ import annotations

import time
from importlib import import_module

import numpy as np
import pytest
from matplotlib.figure import Figure

from thlab.course.figures import drawn
from thlab.course.widgets import EXPLORERS
from thlab.course.widgets.explorer import Explorer, Value

TOO_SLOW = 1.5
"""Seconds: ten times what is aimed at, for machines that are busy."""


def explorer_of(name: str) -> Explorer:
    return import_module(EXPLORERS[name]).EXPLORER


@pytest.fixture(scope="module", params=sorted(EXPLORERS))
def swept(request: pytest.FixtureRequest) -> tuple[Explorer, list[tuple[dict[str, Value], np.ndarray]]]:
    """An explorer with its picture at every setting."""
    explorer = explorer_of(request.param)
    found = []
    for settings in explorer.settings():
        fig = explorer.draw(**settings)
        assert isinstance(fig, Figure), settings
        assert explorer.alt(**settings).strip(), settings
        found.append((settings, drawn(fig, sharpness=0.5)))
    return explorer, found


def test_every_control_moves_the_picture(swept):
    explorer, found = swept
    beginning, picture = found[0]
    for settings, other in found[1:]:
        if settings != beginning:
            assert not np.array_equal(picture, other), f"{explorer.name}: nothing changes at {settings}"


@pytest.mark.parametrize("name", sorted(EXPLORERS))
def test_every_control_moves_the_picture_on_slides_too(name: str):
    explorer = explorer_of(name)
    if explorer.projected is None:
        pytest.skip("slides show the drawing that was swept")
    settings = list(explorer.settings())
    pictures = [drawn(explorer.projected(**setting), sharpness=0.5) for setting in settings]
    for setting, other in zip(settings[1:], pictures[1:], strict=True):
        assert setting == settings[0] or not np.array_equal(pictures[0], other), f"nothing changes at {setting}"


def test_the_same_setting_gives_the_same_picture(swept):
    explorer, found = swept
    settings, picture = found[-1]
    assert np.array_equal(drawn(explorer.draw(**settings), sharpness=0.5), picture)


def test_a_redraw_follows_the_hand(swept):
    explorer, found = swept
    times = []
    for settings, _ in [found[0]] * 3:
        begin = time.perf_counter()
        drawn(explorer.draw(**settings), sharpness=1.0)
        times.append(time.perf_counter() - begin)
    assert min(times) < TOO_SLOW


@pytest.mark.parametrize("name", sorted(EXPLORERS))
def test_panels_are_made_with_a_label_on_every_control(name: str):
    panel = explorer_of(name).widget()
    assert all(control.description for control in panel.children[0].children)
    assert "<img" in panel.children[1].value
