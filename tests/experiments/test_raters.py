"""Simulated raters are what their numbers say, and studies with them have the power that the formula promises."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.experiments.raters import Crowd, attend, rate
from thlab.experiments.study.plan import plan_study
from thlab.metrics.opinion import compare, components_of, mean_opinion, power, signed_rank, z_scores

PLAIN = Crowd(raters=5, bias=0.0, use=0.0, taste=0.0, content=0.0, noise=0.0)


def two(difference: float, clips: int) -> np.ndarray:
    return np.array([[3 + difference / 2] * clips, [3 - difference / 2] * clips])


def test_raters_without_faults_answer_what_clips_are_worth():
    quality = np.array([[1.0, 2.0, 3.0, 4.0, 5.0]])
    np.testing.assert_array_equal(rate(quality, PLAIN, seed=0), np.broadcast_to(quality, (5, 1, 5)))


def test_ratings_are_whole_numbers_on_the_scale_and_follow_the_seed():
    quality = two(3.0, 40)
    ratings = rate(quality, Crowd(), seed=1)
    assert set(np.unique(ratings)) == {1.0, 2.0, 3.0, 4.0, 5.0}
    np.testing.assert_array_equal(ratings, rate(quality, Crowd(), seed=1))
    assert (ratings != rate(quality, Crowd(), seed=2)).any()


def test_bias_shifts_a_rater_and_z_scores_take_it_out():
    crowd = Crowd(raters=40, bias=0.5, use=0.0, taste=0.0, content=0.0, noise=0.3)
    means = rate(two(0.0, 200), crowd, seed=0).mean((1, 2))
    assert means.std() == pytest.approx(0.5, rel=0.25)
    assert np.abs(z_scores(rate(two(0.0, 200), crowd, seed=0).reshape(40, -1)).mean(1)).max() < 1e-12


def test_lazy_raters_answer_3_and_clickers_anything():
    ratings = rate(two(2.0, 100), Crowd(raters=6, lazy=1, clickers=2), seed=0).reshape(6, -1)
    assert (ratings[0] == 3).all()
    assert np.bincount(ratings[1].astype(int), minlength=6)[1:].min() > 20
    assert np.abs(ratings[1:3].mean(1) - 3).max() < 0.3


def test_differences_spread_as_the_plan_assumes():
    found = [components_of(np.subtract(*rate(two(0.3, 40), Crowd(raters=60), seed=s).swapaxes(0, 1))) for s in range(8)]
    means = {name: np.mean([getattr(c, name) ** 2 for c in found]) ** 0.5 for name in ("rater", "clip", "noise")}
    assert means["rater"] == pytest.approx(0.5, abs=0.06)
    assert means["clip"] == pytest.approx(0.25, abs=0.06)
    assert means["noise"] == pytest.approx(1.1, abs=0.08)


def test_studies_see_a_difference_as_often_as_the_formula_says():
    pairs = [compare({"a": first, "b": second}, seed=0)[0] for first, second in studies(0.3, 60)]
    by_p = np.mean([pair.p < 0.05 for pair in pairs])
    by_both = np.mean([pair.differs for pair in pairs])
    promised = power(0.3, raters=24, clips=20)
    assert by_both - 0.06 < promised < by_p + 0.06
    assert by_p - by_both < 0.25


def test_studies_without_a_difference_raise_few_alarms_and_p_alone_more():
    differences = [first - second for first, second in studies(0.0, 300)]
    by_p = [max(signed_rank(table.mean(axis)) for axis in (0, 1)) < 0.05 for table in differences]
    both = [alarm and mean_opinion(table).excludes(0) for alarm, table in zip(by_p, differences, strict=True)]
    assert np.mean(both) < 0.05 < np.mean(by_p) < 0.1


def studies(difference: float, count: int) -> list[np.ndarray]:
    """The ratings of both systems in simulated studies of 24 raters and 20 clips."""
    return [rate(two(difference, 20), Crowd(raters=24), seed=seed).swapaxes(0, 1) for seed in range(count)]


def test_a_crowd_attends_a_study_in_the_planned_order():
    plan = plan_study([(s, c) for s in ("a", "b") for c in ("x", "y", "z")], seed=0)
    sheets = attend(plan, {"a": 4.0, "b": 2.0}, Crowd(raters=3), seed=0)
    assert [list(sheet.rows) for sheet in sheets] == [list(plan.order(rater)) for rater in (1, 2, 3)]
    assert all(sheet.rating(item.code) == item.answer for sheet in sheets for item in plan.of("check"))
    with pytest.raises(ValueError, match="there is none for b"):
        attend(plan, {"a": 4.0}, Crowd(), seed=0)


IMPOSSIBLE = [{"raters": 0}, {"raters": 2, "lazy": 2, "clickers": 1}, {"lazy": -1}, {"noise": -0.1}]


@pytest.mark.parametrize("named", IMPOSSIBLE)
def test_a_crowd_that_cannot_be_is_refused(named: dict):
    with pytest.raises(ValueError, match="expected"):
        Crowd(**named)
