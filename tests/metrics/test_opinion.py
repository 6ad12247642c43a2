"""Opinion scores against published examples, brute force, SciPy, and the laws that each keeps."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import wilcoxon

from thlab.metrics.opinion import (
    Components,
    alpha_of,
    clips_at_least,
    compare,
    components_of,
    holm,
    intraclass_correlation,
    mean_opinion,
    normalised,
    power,
    ranks,
    raters_needed,
    signed_rank,
    spread_of_mean,
    without_bias,
    z_scores,
)
from thlab.metrics.opinion.agreement import distances
from thlab.metrics.opinion.power import MOST_RATERS

NAN = float("nan")
KRIPPENDORFF = np.array([
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
])  # fmt: skip
"""Four observers and twelve units, from Krippendorff (2011), part D."""
SHROUT = np.array([[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]], float)
"""Four judges and six targets, Shrout & Fleiss (1979), Table 2."""


def table(raters: int = 8, clips: int = 6, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 6, (raters, clips)).astype(float)


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_that_of_krippendorffs_own_example(level, published: float):
    assert alpha_of(KRIPPENDORFF, level=level) == pytest.approx(published, abs=5e-4)


def test_alpha_is_one_for_equal_raters_and_near_zero_for_shuffled_ones():
    row = table(1, 400)
    assert alpha_of(np.repeat(row, 5, 0)) == 1.0
    shuffled = np.stack([np.random.default_rng(seed).permutation(row[0]) for seed in range(5)])
    assert abs(alpha_of(shuffled)) < 0.05


def test_alpha_of_the_ordinal_level_knows_only_the_order():
    ratings = table(5, 30)
    stretched = np.array([0.0, 1.0, 2.0, 10.0, 11.0, 50.0])[ratings.astype(int)]
    assert alpha_of(ratings) == pytest.approx(alpha_of(stretched))
    assert alpha_of(ratings, level="interval") != pytest.approx(alpha_of(stretched, level="interval"))


def test_a_clip_with_one_rating_says_nothing_about_agreement():
    alone = np.full((4, 1), NAN)
    alone[2] = 5.0
    assert alpha_of(np.hstack([KRIPPENDORFF, alone])) == pytest.approx(alpha_of(KRIPPENDORFF))
    assert np.isnan(alpha_of(table(1, 5)))
    assert alpha_of(np.full((3, 4), 3.0)) == 1.0


def test_an_unknown_level_is_refused():
    with pytest.raises(ValueError, match="nominal, ordinal or interval"):
        distances(np.arange(3.0), np.ones(3), "ratio")


def test_intraclass_correlations_are_those_of_shrout_and_fleiss():
    assert intraclass_correlation(SHROUT) == pytest.approx(0.62, abs=5e-3)
    assert intraclass_correlation(SHROUT, mean_of_all=False) == pytest.approx(0.29, abs=5e-3)


@pytest.mark.parametrize("ratings", [KRIPPENDORFF, table(1, 5), table(5, 1)])
def test_intraclass_correlation_refuses_missing_ratings_and_single_rows(ratings: np.ndarray):
    with pytest.raises(ValueError, match="two raters, two clips and no missing"):
        intraclass_correlation(ratings)


def by_brute_force(differences: np.ndarray) -> float:
    """All signs that the differences could have had."""
    kept = differences[differences != 0]
    sizes = np.abs(kept)
    rank = (sizes[:, None] > sizes).sum(1) + 0.5 * (sizes[:, None] == sizes).sum(1) + 0.5
    sums = np.array([rank[np.array(signs, bool)].sum() for signs in product((0, 1), repeat=len(kept))])
    seen = rank[kept > 0].sum()
    return min(1.0, 2 * min((sums <= seen).mean(), (sums >= seen).mean()))


@pytest.mark.parametrize("seed", range(6))
def test_the_signed_rank_test_counts_all_signs_with_ties_and_zeros(seed: int):
    differences = np.random.default_rng(seed).integers(-3, 5, 10).astype(float)
    assert signed_rank(differences) == pytest.approx(by_brute_force(differences))


@pytest.mark.parametrize("count", [5, 20, 60])
def test_the_signed_rank_test_is_that_of_scipy(count: int):
    differences = np.random.default_rng(count).normal(0.3, 1, count)
    assert signed_rank(differences) == pytest.approx(wilcoxon(differences, method="exact").pvalue)


def test_five_pairs_cannot_show_anything_and_six_can():
    assert signed_rank(np.arange(1.0, 6.0)) == pytest.approx(2 / 2**5)
    assert signed_rank(np.arange(1.0, 7.0)) == pytest.approx(2 / 2**6)
    assert signed_rank(np.zeros(4)) == 1.0
    with pytest.raises(ValueError, match="finite"):
        signed_rank(np.array([1.0, NAN]))


def test_holm_is_what_one_computes_by_hand():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.9, 0.6]), [1.0, 1.0])
    assert holm([]).size == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([1.2])


def test_holm_never_raises_an_alarm_that_the_uncorrected_test_does_not():
    chances = np.random.default_rng(0).uniform(size=20)
    corrected = holm(list(chances))
    assert (corrected >= chances).all()
    assert (np.diff(corrected[chances.argsort()]) >= 0).all()


def test_z_scores_undo_bias_and_scale_of_every_rater_exactly():
    worth = np.random.default_rng(1).normal(3, 1, 12)
    raters = np.array([[0.0, 1.0], [1.5, 0.4], [-2.0, 3.0]])
    scores = z_scores(raters[:, :1] + raters[:, 1:] * worth)
    np.testing.assert_allclose(scores, np.broadcast_to(scores[0], scores.shape), atol=1e-12)
    np.testing.assert_allclose((scores.mean(1), scores.std(1)), ([0] * 3, [1] * 3), atol=1e-12)


def test_ranks_undo_whatever_keeps_the_order():
    ratings = table(4, 9)
    np.testing.assert_allclose(ranks(ratings), ranks(np.exp(ratings)))
    np.testing.assert_allclose(ranks(np.array([[1.0, 3.0, 3.0, 5.0]])), [[0.125, 0.5, 0.5, 0.875]])


def test_taking_bias_out_gives_one_mean_and_keeps_the_opinion_of_each_clip():
    ratings = table()
    fair = without_bias(ratings)
    np.testing.assert_allclose(fair.mean(1), ratings.mean())
    np.testing.assert_allclose(fair.mean(0), ratings.mean(0))


def test_bias_is_taken_out_where_raters_saw_different_clips():
    worth, bias = np.array([1.0, 2.0, 4.0, 5.0]), np.array([[0.0], [0.0], [1.0]])
    ratings = worth + bias
    ratings[2, :2] = NAN  # the mild one saw only the good clips: her mean alone would tell little
    fair = without_bias(ratings)
    assert np.nanmean(fair[2] - fair[0]) == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(fair[2, :2]).all()


@pytest.mark.parametrize(("how", "value"), [("z", 0.0), ("rank", 0.5), ("none", 3.0)])
def test_a_rater_who_always_answers_3_has_a_defined_score(how: str, value: float):
    ratings = np.vstack([table(2, 5), np.full((1, 5), 3.0)])
    ratings[2, 4] = NAN
    scores = normalised(ratings, how)[2]
    np.testing.assert_allclose(scores[:4], value)
    assert np.isnan(scores[4])


def test_an_unknown_normalisation_is_refused():
    with pytest.raises(ValueError, match="none, bias, z, rank"):
        normalised(table(), "zscore")


def test_the_mean_opinion_is_the_mean_of_what_was_given():
    found = mean_opinion(KRIPPENDORFF)
    assert found.mean == pytest.approx(np.nanmean(KRIPPENDORFF))
    assert (found.raters, found.clips, found.ratings) == (4, 12, 41)
    assert found.low < found.mean < found.high
    assert found == mean_opinion(KRIPPENDORFF)


@pytest.mark.parametrize(("raters", "clips"), [(1, 9), (9, 1)])
def test_one_rater_or_one_clip_has_an_interval_over_the_other(raters: int, clips: int):
    found = mean_opinion(table(raters, clips))
    assert found.low < found.mean < found.high


def test_a_single_rating_has_no_interval_and_no_rating_no_mean():
    found = mean_opinion(np.array([[4.0]]))
    assert found.mean == 4.0
    assert np.isnan(found.low)
    assert not found.excludes(0)
    with pytest.raises(ValueError, match="expected ratings"):
        mean_opinion(np.full((2, 2), NAN))


def covered(raters: int, clips: int, spread: Components, *, studies: int = 200) -> float:
    """The share of studies whose interval holds the truth."""
    rng, hits = np.random.default_rng(0), 0
    for study in range(studies):
        noise = spread.noise * rng.standard_normal((raters, clips))
        crowd = spread.rater * rng.standard_normal((raters, 1)) + spread.clip * rng.standard_normal((1, clips))
        found = mean_opinion(0.3 + crowd + noise, seed=study, draws=500)
        hits += not found.excludes(0.3)
    return hits / studies


@pytest.mark.parametrize(
    ("raters", "clips", "spread", "least", "most"),
    [
        (24, 20, Components(0.5, 0.25, 1.1), 0.93, 0.985),
        (8, 8, Components(0.5, 0.25, 1.1), 0.95, 1.0),  # on the safe side: noise is drawn three times
        (24, 6, Components(0.1, 0.5, 0.1), 0.89, 0.95),  # six clips are few
    ],
)
def test_intervals_hold_the_truth_as_often_as_they_say(
    raters: int, clips: int, spread: Components, least: float, most: float
):
    assert least <= covered(raters, clips, spread) <= most


def test_missing_ratings_widen_the_interval_and_do_not_move_it_far():
    ratings = table(20, 20)
    holes = np.where(np.random.default_rng(1).uniform(size=ratings.shape) < 0.6, NAN, ratings)
    full, partial = mean_opinion(ratings), mean_opinion(holes)
    assert partial.margin > full.margin
    assert abs(partial.mean - full.mean) < 0.2


def test_what_raters_add_to_all_systems_cancels_in_a_comparison():
    better, worse, bias = table(8, 7), table(8, 7, seed=1), 5 * np.random.default_rng(2).standard_normal((8, 1))
    plain, biased = (compare({"a": better + b, "b": worse + b})[0] for b in (np.zeros((8, 1)), bias))
    assert plain.difference.low == pytest.approx(biased.difference.low)
    assert plain.p == pytest.approx(biased.p)


def test_every_pair_is_compared_and_the_larger_chance_is_corrected():
    systems = {name: np.clip(table(10, 8, seed=3) + shift, 1, 5) for name, shift in (("a", 3), ("b", 0), ("c", 0))}
    pairs = compare(systems)
    assert [(pair.first, pair.second) for pair in pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    np.testing.assert_allclose([pair.p for pair in pairs], holm([max(pair.p_raters, pair.p_clips) for pair in pairs]))
    assert pairs[0].differs
    assert not pairs[2].differs


def test_with_five_clips_nothing_differs_however_large_the_difference():
    found = compare({"a": np.full((30, 5), 5.0), "b": np.full((30, 5), 1.0)})[0]
    assert found.p_raters < 1e-6
    assert found.p_clips == pytest.approx(2 / 2**5)
    assert not found.differs


@pytest.mark.parametrize("systems", [{"a": table()}, {"a": table(), "b": table(3, 6)}])
def test_a_comparison_needs_two_tables_of_one_shape(systems: dict[str, np.ndarray]):
    with pytest.raises(ValueError, match="two systems or more"):
        compare(systems)


def test_systems_that_nobody_rated_together_cannot_be_compared():
    seen = table(2, 3)
    seen[0] = NAN
    other = table(2, 3)
    other[1] = NAN
    with pytest.raises(ValueError, match="nobody rated both a and b"):
        compare({"a": seen, "b": other})


def test_components_are_found_in_what_was_made_of_them():
    rng, true = np.random.default_rng(0), Components(0.5, 0.3, 1.0)
    found = components_of(
        true.rater * rng.standard_normal((400, 1)) + true.clip * rng.standard_normal((1, 400))
        + true.noise * rng.standard_normal((400, 400))
    )  # fmt: skip
    np.testing.assert_allclose(list(vars(found).values()), list(vars(true).values()), rtol=0.1)


def test_components_need_a_whole_pilot():
    with pytest.raises(ValueError, match="a pilot needs two raters and two clips"):
        components_of(KRIPPENDORFF)
    with pytest.raises(ValueError, match="0 or more"):
        Components(rater=-0.1)


def test_power_is_the_share_of_normal_studies_that_see_the_difference():
    spread, rng = Components(0.5, 0.25, 1.1), np.random.default_rng(0)
    error = spread_of_mean(30, 15, spread)
    means = 0.3 + error * rng.standard_normal(20_000)
    seen = (np.abs(means) > 1.959964 * error).mean()
    assert power(0.3, raters=30, clips=15, components=spread) == pytest.approx(seen, abs=0.01)


def test_power_without_a_difference_is_the_level_and_grows_with_everything():
    assert power(0.0, raters=10, clips=10) == pytest.approx(0.05)
    assert power(0.3, raters=20, clips=10) < power(0.3, raters=40, clips=10) < power(0.3, raters=40, clips=40)
    assert power(0.3, raters=20, clips=10, comparisons=6) < power(0.3, raters=20, clips=10)
    assert power(0.3, raters=2, clips=2, components=Components(0.0, 0.0, 0.0)) == 1.0


@pytest.mark.parametrize("clips", [10, 20, 50])
def test_the_raters_that_are_needed_are_the_fewest(clips: int):
    count = raters_needed(0.3, clips=clips)
    assert power(0.3, raters=count, clips=clips) >= 0.8 > power(0.3, raters=count - 1, clips=clips)


def test_too_few_clips_are_told_and_no_number_of_raters_helps():
    with pytest.raises(ValueError, match=r"with 5 clips no number of raters .* at least 6"):
        raters_needed(0.3, clips=5)
    assert clips_at_least(0.3) == 6
    assert power(0.3, raters=MOST_RATERS, clips=5) < 0.8
    assert power(0.3, raters=MOST_RATERS, clips=6) > 0.8


@pytest.mark.parametrize(
    ("named", "told"),
    [({"difference": 0.0}, "difference of 0"), ({"wanted": 1.0}, "power from 0.5"), ({"comparisons": 0}, "comparison")],
)
def test_a_plan_that_makes_no_sense_is_refused(named: dict, told: str):
    with pytest.raises(ValueError, match=told):
        raters_needed(**{"difference": 0.3, "clips": 20, **named})
    with pytest.raises(ValueError, match="at least one rater"):
        spread_of_mean(0, 5, Components())
