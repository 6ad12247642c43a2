"""The test of the Fréchet distance finds closed forms, a bias that shrinks, and distortions that grow; and is kept."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from thlab.corpus.samples import read_sample, sample_names
from thlab.experiments.scores import planes
from thlab.experiments.validation import frechet, read_validation
from thlab.experiments.validation.base import Validation
from thlab.experiments.validation.frechet import LEFT_OUT, LEVELS, blurred, closed_forms
from thlab.media import Clip

SAMPLES = Path(__file__).parents[2] / "data_samples"


@pytest.fixture(scope="module")
def small() -> Validation:
    """The test on frames of four people, at few counts."""
    clips = [read_sample(SAMPLES, name) for name in sample_names()[::3]]
    frames = [shrunk(clip) for clip in clips]
    person = torch.arange(len(frames)).float().repeat_interleave(40)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frechet, "album", lambda clips, quiet: (torch.cat(frames), person))
        patch.setattr(frechet, "SHARES", (0.25, 0.5))
        return frechet.run(quiet=True, counts=(10, 40, 80), draws=2)


def shrunk(clip: Clip) -> torch.Tensor:
    """Forty frames of 64 pixels."""
    assert clip.frames is not None
    return functional.interpolate(planes(clip.frames[:40]), (64, 64), mode="area")


@pytest.fixture(scope="module")
def kept() -> Validation:
    return read_validation("frechet")


def test_closed_forms_are_found_to_nine_digits():
    assert all(abs(row["found"] - row["wanted"]) < 1e-9 for row in closed_forms())


def test_a_small_run_has_every_table_and_is_plain_json(small: Validation):
    assert json.loads(json.dumps(small.figures)) == small.figures
    for name in frechet.FEATURES:
        assert [row["frames"] for row in small.figures["same frames"][name]] == [10, 40, 80]
        assert set(small.figures["distortions"][name]) == {*LEVELS, LEFT_OUT}
    text = "\n".join(small.lines)
    assert "too few" in text
    assert "FID" not in text


def test_of_the_same_frames_the_distance_shrinks_and_with_distortion_it_grows(small: Validation):
    for name in frechet.FEATURES:
        found = [row["found"] for row in small.figures["same frames"][name]]
        assert found[0] > found[1] > found[2] > 0
        strongest = [rows[-1]["distance"] for rows in small.figures["distortions"][name].values()]
        assert min(strongest) > small.figures["distortions"][name][LEFT_OUT][0]["distance"]


def test_too_few_frames_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(frechet, "album", lambda clips, quiet: (torch.zeros(30, 3, 64, 64), torch.zeros(30)))
    with pytest.raises(ValueError, match="more than 30 frames"):
        frechet.run(quiet=True, counts=(10, 20))


def test_blur_keeps_what_is_flat_and_the_mean_of_the_rest():
    flat = torch.full((1, 3, 32, 32), 0.3)
    torch.testing.assert_close(blurred(flat, 2.0), flat)
    dot = torch.zeros(1, 3, 33, 33)
    dot[..., 16, 16] = 1
    assert blurred(dot, 1.5).sum().item() == pytest.approx(3, abs=1e-5)
    across = blurred(dot, 1.5)[0, 0].sum(0)
    assert ((torch.arange(33) - 16.0).square() * across).sum().item() == pytest.approx(1.5**2, rel=0.03)


def test_the_kept_test_shows_the_bias_and_the_gaussian_floor_near_it(kept: Validation):
    for table in kept.figures["same frames"].values():
        large = [row for row in table if row["frames"] >= 1024]
        assert all(0.5 < row["found"] / row["floor"] < 2 for row in large)
        found = [row["found"] for row in table]
        assert all(a > b for a, b in pairwise(found))


def test_in_the_kept_test_the_extrapolation_is_nearer_to_zero_than_the_estimate(kept: Validation):
    rows = [row for table in kept.figures["same frames"].values() for row in table if row["extrapolated"] is not None]
    assert len(rows) >= 2
    assert all(abs(row["extrapolated"]) < 0.5 * row["found"] for row in rows)


def test_in_the_kept_test_strong_distortions_and_missing_people_are_noticed(kept: Validation):
    for kinds in kept.figures["distortions"].values():
        for rows in kinds.values():
            assert rows[-1]["distance"] > 1.5 * rows[0]["distance"]
            assert rows[-1]["distance"] == max(row["distance"] for row in rows)
