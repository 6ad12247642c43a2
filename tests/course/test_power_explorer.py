"""The explorer of power: curves are those of the formula, and its studies see what was planted as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.course.widgets.power_explorer import EXPLORER, STUDIES, alt, assumed, draw, studies
from thlab.metrics.opinion import power


def test_the_dot_lies_on_the_curve_of_the_formula():
    fig = draw(difference=0.5, raters=40, clips=10)
    *_, chosen, dot, _ = fig.axes[0].lines
    here = power(0.5, raters=40, clips=10, components=assumed(0.7))
    assert dot.get_ydata()[0] == pytest.approx(here)
    assert chosen.get_ydata()[40 // 2 - 1] == pytest.approx(here)
    assert f"{here:.2f}" in fig.axes[0].get_title(loc="left")


@pytest.mark.parametrize("settings", [(0.3, 24, 20), (0.5, 16, 10), (0.3, 60, 30)])
def test_simulated_studies_see_it_about_as_often_as_the_formula_says(settings):
    difference, raters, clips = settings
    found = studies(difference, raters, clips, 0, 0.7)
    assert found.seen.mean() == pytest.approx(
        power(difference, raters=raters, clips=clips, components=assumed(0.7)), abs=0.15
    )
    assert abs(found.means.mean() - difference) < 0.06


def test_who_clicks_anywhere_shrinks_the_difference():
    careful, careless = (studies(0.6, 40, 20, share, 0.7).means.mean() for share in (0, 50))
    assert careless == pytest.approx(careful / 2, rel=0.2)


def test_every_study_is_drawn_and_told():
    fig = draw()
    found = studies(0.3, 24, 20, 0, 0.7)
    assert len(fig.axes[1].collections[0].get_segments()) == STUDIES
    assert f"{found.seen.sum()} of {STUDIES} see it" in fig.axes[1].get_title(loc="left")
    assert f"of which {found.seen.sum()} lie above 0" in alt(**EXPLORER.defaults())


def test_the_drawing_is_the_same_twice():
    np.testing.assert_array_equal(studies(0.3, 24, 20, 0, 0.7).means, studies(0.3, 24, 20, 0, 0.7).means)
