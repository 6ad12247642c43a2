"""The motion explorer: what is planted is what is drawn and measured, and nothing planted is the healthy head."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.course.widgets.motion_explorer import PLANTED, SCALES, likeness, measured, spoilt, takes


def test_none_of_a_defect_is_the_healthy_head_and_all_of_it_the_spoilt_one():
    healthy, _ = takes()
    for defect in PLANTED:
        assert np.array_equal(spoilt(defect, 0).pose, healthy.pose)
    still = spoilt("a frozen head", 100).pose
    assert np.ptp(still, 0).max() < 1e-12
    assert np.allclose(spoilt("a frozen head", 50).pose, (healthy.pose + still) / 2)


def test_each_defect_is_noticed_by_a_metric_that_is_made_for_it():
    healthy = measured("a loop", 0)
    assert set(healthy) == set(SCALES)
    assert min(measured(name, 100)["loop"] for name in ("a loop", "to and fro")) > 0.8 > healthy["loop"]
    for name in ("a frozen head", "shaking", "a timid head"):
        assert measured(name, 100)["spectrum (dB)"] > 1.5 * healthy["spectrum (dB)"]


def test_every_moment_is_like_itself_and_likeness_goes_both_ways():
    square = likeness(takes()[0].pose)
    assert np.array_equal(square, square.T)
    assert np.abs(square).max() <= 1
    assert np.diag(square) == pytest.approx(1, abs=0.2)  # less than 1 where the head is still
