from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from thlab.experiments.validation import SUMMARIES, VALIDATIONS, Validation, read_validation, validate


def found(**figures: object) -> Validation:
    return Validation("sync", "thlab validate sync", "abc", ["a line"], dict(figures))


def test_a_validation_comes_back_as_it_was_kept(tmp_path: Path):
    kept = found(right=0.97, table=[[1, 2], [3, 4]], note="über")
    assert kept.save(tmp_path / "new").name == "sync.json"
    assert read_validation("sync", tmp_path / "new") == kept


@pytest.mark.parametrize("figure", [np.ones(2), float("nan"), {1, 2}])
def test_figures_that_are_no_plain_json_are_refused_and_nothing_is_written(tmp_path: Path, figure: object):
    with pytest.raises(ValueError, match="must be plain JSON"):
        found(bad=figure).save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_was_never_run_or_is_damaged_is_said(tmp_path: Path):
    with pytest.raises(ValueError, match=r"sync\.json is not in"):
        read_validation("sync", tmp_path)
    for text in ("{}", "no json", '{"name": 3, "extra": 1}'):
        (tmp_path / "sync.json").write_text(text)
        with pytest.raises(ValueError, match="is damaged"):
            read_validation("sync", tmp_path)


def test_every_validation_is_told_in_a_line():
    assert set(SUMMARIES) == set(VALIDATIONS)
    with pytest.raises(ValueError, match="choose one of frechet"):
        validate("beauty")
