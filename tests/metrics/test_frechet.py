"""The Fréchet distance: closed forms, SciPy's route, laws, singular covariances, streams, its bias, and its name."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError
from scipy.linalg import sqrtm

from thlab.metrics.frechet import (
    Features,
    Frechet,
    Moments,
    extrapolated_distance,
    frechet,
    frechet_distance,
    noise_floor,
)


def drawn(count: int, size: int, *, seed: int) -> Features:
    """Independent numbers of unit variance."""
    return torch.randn(count, size, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def mixing(size: int, *, seed: int) -> Features:
    """A matrix that gives features variances and correlations."""
    return torch.eye(size, dtype=torch.float64) + 0.5 * drawn(size, size, seed=seed) / size**0.5


def gaussian(mean: list[float], covariance: Features) -> Moments:
    """Moments as they would be of infinitely many examples."""
    count = 1001
    return Moments("features", count, torch.tensor(mean, dtype=torch.float64), covariance.double() * (count - 1))


def test_in_one_dimension_it_is_the_squared_distance_of_means_and_of_deviations():
    one, other = gaussian([1.0], torch.tensor([[4.0]])), gaussian([3.5], torch.tensor([[9.0]]))
    assert frechet_distance(one, other) == pytest.approx(2.5**2 + (3 - 2) ** 2)


def test_of_diagonal_covariances_it_is_the_sum_over_dimensions():
    deviations, others = torch.tensor([1.0, 2.0, 0.5, 0.0]), torch.tensor([1.5, 2.0, 3.0, 0.25])
    one, other = gaussian([0.0] * 4, torch.diag(deviations**2)), gaussian([1.0, 0, 0, 2], torch.diag(others**2))
    assert frechet_distance(one, other) == pytest.approx(5 + float((deviations - others).square().sum()))


def test_of_commuting_covariances_it_compares_their_eigenvalues():
    axes = torch.linalg.qr(drawn(6, 6, seed=1))[0]
    values, others = torch.arange(1.0, 7).double(), torch.tensor([3.0, 1, 4, 1, 5, 9]).double()
    one, other = (gaussian([0.0] * 6, axes @ torch.diag(v) @ axes.T) for v in (values, others))
    assert frechet_distance(one, other) == pytest.approx(float((values.sqrt() - others.sqrt()).square().sum()))


def test_of_equal_covariances_it_is_the_squared_distance_of_means():
    shape = mixing(5, seed=2)
    one, other = gaussian([0.0] * 5, shape @ shape.T), gaussian([3.0, 0, 4, 0, 0], shape @ shape.T)
    assert frechet_distance(one, other) == pytest.approx(25)


def test_it_is_scipys_route_through_the_matrix_square_root():
    one, other = Moments.of(drawn(200, 24, seed=3)), Moments.of(drawn(300, 24, seed=4) @ mixing(24, seed=5) + 0.3)
    root = np.trace(sqrtm(one.covariance.numpy() @ other.covariance.numpy())).real
    traces = float(one.covariance.trace() + other.covariance.trace())
    wanted = float((one.mean - other.mean).square().sum()) + traces - 2 * root
    assert frechet_distance(one, other) == pytest.approx(wanted, rel=1e-9)


def test_it_is_zero_for_itself_symmetric_and_blind_to_turns():
    rows, others = drawn(100, 8, seed=6), drawn(120, 8, seed=7) @ mixing(8, seed=8)
    turn = torch.linalg.qr(drawn(8, 8, seed=9))[0]
    there = frechet_distance(Moments.of(rows), Moments.of(others))
    assert frechet_distance(Moments.of(rows), Moments.of(rows)) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(Moments.of(others), Moments.of(rows)) == pytest.approx(there)
    assert frechet_distance(Moments.of(rows @ turn + 7), Moments.of(others @ turn + 7)) == pytest.approx(there)
    assert frechet_distance(Moments.of(3 * rows), Moments.of(3 * others)) == pytest.approx(9 * there)


def test_its_root_keeps_the_triangle_inequality():
    sets = [Moments.of(drawn(40, 6, seed=seed) @ mixing(6, seed=seed + 50) + seed % 3) for seed in range(6)]
    roots = [[frechet_distance(one, other) ** 0.5 for other in sets] for one in sets]
    assert all(roots[a][c] <= roots[a][b] + roots[b][c] + 1e-9 for a in range(6) for b in range(6) for c in range(6))


@pytest.mark.parametrize("squeeze", [1e-3, 1e-5, 1e-8, 0.0])
def test_directions_that_are_almost_flat_neither_crash_nor_add(squeeze: float):
    scale = torch.tensor([1.0] * 4 + [squeeze] * 60, dtype=torch.float64)
    turn = torch.linalg.qr(drawn(64, 64, seed=10))[0]
    one, other = (drawn(500, 64, seed=seed) * scale for seed in (11, 12))
    seen = frechet_distance(Moments.of(one @ turn), Moments.of(other @ turn))
    alone = frechet_distance(Moments.of(one[:, :4]), Moments.of(other[:, :4]))
    rest = frechet_distance(Moments.of(one[:, 4:]), Moments.of(other[:, 4:])) if squeeze else 0
    assert seen == pytest.approx(alone + rest, rel=0.02 if squeeze > 1e-4 else 1e-5)


def test_with_fewer_examples_than_features_it_is_that_of_the_few_directions_there_are():
    one, other = drawn(10, 40, seed=13), drawn(12, 40, seed=14)
    basis = torch.linalg.qr(torch.cat([one, other]).T)[0]
    inside = frechet_distance(Moments.of(one @ basis), Moments.of(other @ basis))
    assert frechet_distance(Moments.of(one), Moments.of(other)) == pytest.approx(inside, rel=1e-6)
    assert inside > 20


def test_a_constant_feature_and_constant_sets_are_fine():
    rows = drawn(50, 3, seed=15)
    rows[:, 1] = 2.0
    assert frechet_distance(Moments.of(rows), Moments.of(rows + 1)) == pytest.approx(3)
    flat = Moments.of(torch.ones(5, 3))
    assert frechet_distance(flat, flat) == 0
    assert frechet_distance(flat, Moments.of(rows)) == pytest.approx(
        float((Moments.of(rows).mean - 1).square().sum() + Moments.of(rows).covariance.trace())
    )


def test_batches_that_are_added_equal_one_pass_even_far_from_zero():
    rows = 1e6 + drawn(301, 7, seed=16) @ mixing(7, seed=17)
    batches = [Moments.of(part) for part in rows.split([1, 100, 150, 50])]
    total, whole = batches[0] + batches[1] + batches[2] + batches[3], Moments.of(rows)
    assert total.count == 301
    torch.testing.assert_close(total.mean, whole.mean, rtol=1e-14, atol=0)
    torch.testing.assert_close(total.covariance, torch.from_numpy(np.cov((rows - 1e6).T.numpy())), rtol=1e-7, atol=1e-9)
    assert frechet_distance(total, whole) == pytest.approx(0, abs=1e-6)


def test_single_precision_features_are_added_up_in_double():
    found = Moments.of(1000 + drawn(500, 3, seed=18).float())
    assert found.mean.dtype == found.scatter.dtype == torch.float64
    torch.testing.assert_close(found.covariance, Moments.of(drawn(500, 3, seed=18)).covariance, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("examples", [80, 400])
def test_the_noise_floor_is_what_two_samples_of_one_gaussian_show(examples: int):
    shape = mixing(16, seed=19)
    true = gaussian([0.0] * 16, shape.T @ shape)
    seen = [frechet_distance(*(Moments.of(drawn(examples, 16, seed=100 + 2 * k + side) @ shape) for side in (0, 1)))
            for k in range(60)]  # fmt: skip
    floor = noise_floor(true, generated=examples, reference=examples)
    assert np.mean(seen) == pytest.approx(floor, rel=0.05)


def test_the_floor_of_independent_features_is_d_times_d_plus_5_over_2n():
    unit = gaussian([0.0] * 12, torch.eye(12))
    assert noise_floor(unit, generated=100, reference=100) == pytest.approx(12 * 17 / 200)
    assert noise_floor(unit, generated=100) == pytest.approx((1 / 100 + 1 / 1001) * 12 * 17 / 4)


def test_the_estimate_is_too_large_and_the_extrapolation_on_average_right():
    shape, true = torch.linspace(0.8, 1.5, 10).double(), 0.0
    true = 10 * 0.2**2 + float((shape - 1).square().sum())
    plain, straight = [], []
    for seed in range(40):
        one, other = drawn(100, 10, seed=2 * seed) * shape + 0.2, drawn(100, 10, seed=2 * seed + 1)
        plain.append(frechet_distance(Moments.of(one), Moments.of(other)))
        rng = torch.Generator().manual_seed(seed)
        straight.append(extrapolated_distance(one, other, rng=rng))
    error = np.std(straight) / math.sqrt(40)
    assert np.mean(plain) > true + 0.5
    assert abs(np.mean(straight) - true) < 3 * error
    assert error < 0.1


def test_the_extrapolation_is_the_same_for_the_same_seed():
    one, other = drawn(100, 5, seed=20), drawn(90, 5, seed=21)
    found = [extrapolated_distance(one, other, rng=torch.Generator().manual_seed(3)) for _ in range(2)]
    assert found[0] == found[1]


def test_only_inceptions_features_make_an_fid():
    def measured(name: str) -> Frechet:
        return frechet(Moments.of(drawn(30, 3, seed=22), name=name), Moments.of(drawn(20, 3, seed=23), name=name))

    ours = measured("face_reader")
    assert (ours.label, ours.generated, ours.real) == ("FD on face_reader", 30, 20)
    assert "FID" not in str(ours)
    assert measured("inception").label == "FID"
    assert measured("inception-like").label == "FD on inception-like"


def test_features_of_different_names_or_sizes_are_not_compared():
    one, other = (Moments.of(drawn(9, 3, seed=1), name=name) for name in ("face_reader", "random-conv"))
    for work in (frechet_distance, frechet, lambda a, b: a + b):
        with pytest.raises(ValueError, match=r"face_reader.*random-conv"):
            work(one, other)
        with pytest.raises((ValueError, TypeCheckError)):
            work(one, Moments.of(drawn(9, 4, seed=3), name="face_reader"))


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_features_that_are_not_finite_are_refused_by_number(value: float):
    rows = drawn(10, 3, seed=24)
    rows[4, 1] = rows[7, 2] = value
    with pytest.raises(ValueError, match="2 of 10 rows of face_reader"):
        Moments.of(rows, name="face_reader")


def test_too_few_examples_are_refused():
    with pytest.raises(ValueError, match="there are none"):
        Moments.of(torch.zeros(0, 3))
    single = Moments.of(drawn(1, 3, seed=25))
    with pytest.raises(ValueError, match="at least 2 examples"):
        frechet_distance(single, Moments.of(drawn(9, 3, seed=26)))
    with pytest.raises(ValueError, match="at least 2 examples"):
        noise_floor(Moments.of(drawn(9, 3, seed=26)), generated=1)
    with pytest.raises(ValueError, match="give more examples"):
        extrapolated_distance(drawn(20, 6, seed=1), drawn(20, 6, seed=2), rng=torch.Generator())
    with pytest.raises(ValueError, match="two sizes"):
        extrapolated_distance(drawn(20, 2, seed=1), drawn(20, 2, seed=2), rng=torch.Generator(), sizes=[20])
