from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from thlab.experiments.claims import run_claim
from thlab.experiments.claims.claim import Result, found
from thlab.experiments.claims.speech2vid import findings
from thlab.experiments.scores import Scores


def test_an_interval_covers_the_truth_as_often_as_it_says():
    """Seeds and clips both vary; of 200 intervals for a mean of 0.5 most cover it, and few are absurdly wide."""
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(200):
        effects = 0.5 + 0.2 * rng.standard_normal((8, 1)) + rng.standard_normal((8, 30)) * 0.3
        one = found("", "", effects)
        covered.append(one.low < 0.5 < one.high)
        assert one.high - one.low < 0.8
    assert np.mean(covered) > 0.85


def test_nothing_is_found_where_nothing_is():
    rng = np.random.default_rng(1)
    false = [found("", "", rng.standard_normal((3, 12))).holds for _ in range(200)]
    assert np.mean(false) < 0.1


def test_a_clear_effect_holds_and_its_opposite_does_not():
    clear = 1 + 0.1 * np.random.default_rng(2).standard_normal((3, 12))
    assert found("", "", clear).holds
    assert not found("", "", -clear).holds
    assert found("", "", clear).mean == pytest.approx(clear.mean())


def rows(**better: float) -> list[list[Scores]]:
    """Three seeds of twelve clips, a little noisy, with some scores set."""
    rng = np.random.default_rng(3)
    plain = {"lip_r": 0.0, "lip_spread": 1.0, "psnr": 20.0, "ssim": 0.7, "lmd": 0.06, "identity": 0.5,
             "detail": 0.5, "jitter": 1.0}  # fmt: skip
    return [
        [Scores(**{n: v + 0.01 * float(rng.standard_normal()) for n, v in (plain | better).items()}) for _ in range(12)]
        for _ in range(3)
    ]


def test_the_statements_hold_where_they_are_true_and_fail_where_they_are_not():
    good = rows(lip_r=0.8, psnr=22, identity=0.9, jitter=1.3)
    true = findings({"full": good, "bare": rows(detail=0.3), "shuffled": rows()})
    assert all(finding.holds for finding in true)
    frozen = findings({"full": rows(jitter=0.0, detail=1.0), "bare": rows(detail=1.1), "shuffled": rows()})
    assert not any(finding.holds for finding in frozen)


def test_a_result_is_kept_as_json_with_what_holds(tmp_path: Path):
    finding = found("it is so", "by", np.ones((2, 3)))
    result = Result("x", "a claim", "thlab claims x", "abc", 1.0, {"full": {"a": 1.0}}, {"full": {"a": 0.1}}, [finding])
    kept = json.loads(result.save(tmp_path).read_text())
    assert kept["findings"][0]["holds"] is True
    assert kept["arms"] == {"full": {"a": 1.0}}
    assert any("holds: it is so" in line for line in result.lines())


def test_the_claim_of_speech2vid_runs_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("THLAB_CACHE", str(tmp_path))
    result = run_claim("speech2vid", budget="smoke", seeds=2, quiet=True)
    assert set(result.arms) == {"full", "bare", "shuffled"}
    assert len(result.findings) == 7
    assert all(np.isfinite(f.mean) and f.low <= f.mean <= f.high for f in result.findings)


def test_a_claim_that_is_not_there_and_a_single_seed_are_refused():
    with pytest.raises(ValueError, match="no claim is there for 'talker'"):
        run_claim("talker", budget="smoke", seeds=3)
    with pytest.raises(ValueError, match="at least 2"):
        run_claim("speech2vid", budget="smoke", seeds=1)
