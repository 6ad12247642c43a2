from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from thlab.corpus.cleaning.cuts import CUT
from thlab.corpus.cleaning.rules import RULES
from thlab.experiments.cleaning_thresholds import Record, Sample, balanced, choose, judge_rules, read_record, shares


def test_between_what_is_apart_the_threshold_lies_in_the_middle():
    right, planted = np.array([1.0, 2.0, 3.0]), np.array([7.0, 8.0])
    assert choose(right, planted, drop="above") == (5.0, 1.0)
    assert choose(planted, right, drop="below") == (5.0, 1.0)


def test_no_other_threshold_is_better_than_the_chosen_one():
    rng = np.random.default_rng(0)
    right, planted = rng.normal(0, 1, 60), rng.normal(1.2, 1, 40)
    threshold, best = choose(right, planted, drop="above")
    assert best == balanced(right, planted, threshold, drop="above")
    assert all(balanced(right, planted, float(t), drop="above") <= best + 1e-12 for t in np.linspace(-4, 5, 200))


def test_shares_count_both_sides():
    assert shares(np.array([0.0, 1.0, 2.0, 9.0]), np.array([5.0, 1.0]), 4.0, drop="above") == (0.5, 0.75)


def test_rules_are_judged_on_people_who_had_no_part_in_choosing():
    values = {(0, ""): 0.5, (0, "soft"): 4.0, (1, ""): 5.0, (1, "soft"): 6.0}
    samples = [Sample("blur", defect, person, value) for (person, defect), value in values.items()]
    (choice,) = judge_rules(samples)
    assert choice.chosen == pytest.approx(2.25)
    assert (choice.caught, choice.spared) == (1.0, 0.0)
    assert (choice.planted, choice.right) == (1, 1)


def test_the_kept_record_is_of_the_thresholds_in_force():
    used = {rule.name: rule.threshold for rule in RULES} | {"cuts": CUT}
    assert {choice.rule: choice.used for choice in read_record().choices} == {
        choice.rule: used[choice.rule] for choice in read_record().choices
    }


def test_a_record_is_read_as_it_was_written(tmp_path: Path):
    record = read_record()
    record.save(tmp_path / "again.json")
    again: Record = read_record(tmp_path / "again.json")
    assert again == record
    assert again.lines() == record.lines()


def test_a_record_that_is_not_there_says_how_to_make_it(tmp_path: Path):
    with pytest.raises(ValueError, match="cleaning_thresholds"):
        read_record(tmp_path / "none.json")
