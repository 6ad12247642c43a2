"""The three landmark distances, lip tracks and jitter, by hand, by SciPy and on the truth of the corpus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError
from scipy.stats import pearsonr

from thlab.corpus.samples import read_sample
from thlab.face.head import lip_gap_of
from thlab.media import Truth
from thlab.metrics.landmark import (
    FACE,
    MOUTH,
    Landmarks,
    acceleration,
    align,
    eye_distance,
    landmark_distance,
    lip_follow,
    lip_gap,
)

SAMPLES = Path(__file__).parents[2] / "data_samples"


@pytest.fixture(scope="module")
def truth() -> Truth:
    known = read_sample(SAMPLES, "00-neutral").truth
    assert known is not None
    return known


@pytest.fixture
def points() -> Landmarks:
    return 100 * torch.rand(2, 6, 68, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_a_shift_of_3_and_4_pixels_is_25_or_5_or_5_a_point(points: Landmarks):
    moved = points + torch.tensor([3.0, 4.0], dtype=torch.float64)
    for convention, wanted in (("squared", 25.0), ("mean", 5.0), ("summed", 20 * 5.0)):
        distance = landmark_distance(moved, points, convention=convention)
        torch.testing.assert_close(distance, torch.full((2,), wanted, dtype=torch.float64))
    summed = landmark_distance(moved, points, convention="summed", points=FACE)
    torch.testing.assert_close(summed, torch.full((2,), 68 * 5.0, dtype=torch.float64))


def test_the_summed_distance_is_the_loop_of_the_authors_in_numpy(points: Landmarks):
    real, made = points[0].numpy(), points[1].numpy()
    frames = [np.sqrt(((made[t] - real[t]) ** 2).sum(1)).sum() for t in range(6)]
    ours = landmark_distance(points[1], points[0], convention="summed", points=FACE)
    assert float(ours) == pytest.approx(np.mean(frames))


def test_the_conventions_rank_the_same_two_errors_differently(points: Landmarks):
    one_far, all_near = points.clone(), points.clone()
    one_far[..., 60, 0] += 20
    all_near[..., 0] += 2
    far, near = ({c: landmark_distance(made, points, convention=c)[0] for c in ("squared", "mean")}
                 for made in (one_far, all_near))  # fmt: skip
    assert far["mean"] < near["mean"]
    assert far["squared"] > near["squared"]


@pytest.mark.parametrize("convention", ["squared", "mean", "summed"])
def test_a_distance_is_zero_only_for_equal_points_and_symmetric(convention, points: Landmarks):
    other = points.flip(0)
    assert (landmark_distance(points, points, convention=convention) == 0).all()
    there = landmark_distance(other, points, convention=convention)
    assert (there > 0).all()
    torch.testing.assert_close(there, landmark_distance(points, other, convention=convention))


def test_only_the_named_points_count(points: Landmarks):
    moved = points.clone()
    moved[..., :48, :] += 10
    assert (landmark_distance(moved, points, convention="mean") == 0).all()
    face = landmark_distance(moved, points, convention="mean", points=FACE)
    torch.testing.assert_close(face, torch.full((2,), 48 / 68 * 200**0.5, dtype=torch.float64))


def test_hidden_points_do_not_count(points: Landmarks):
    visible = torch.ones(2, 6, 68, dtype=torch.bool)
    visible[:, 2, 50] = visible[:, :, 67] = False
    moved = points + torch.tensor([3.0, 4.0], dtype=torch.float64)
    spoilt = torch.where(visible[..., None], moved, 1000.0)
    for convention in ("squared", "mean"):
        torch.testing.assert_close(
            landmark_distance(spoilt, points, convention=convention, visible=visible),
            landmark_distance(moved, points, convention=convention),
        )
    summed = landmark_distance(spoilt, points, convention="summed", visible=visible)
    torch.testing.assert_close(summed, torch.full((2,), 5.0 * (20 * 6 - 7) / 6, dtype=torch.float64))


def test_a_clip_without_a_visible_point_is_refused(points: Landmarks):
    visible = torch.ones(2, 6, 68, dtype=torch.bool)
    visible[1, :, MOUTH] = False
    with pytest.raises(ValueError, match="no visible point"):
        landmark_distance(points, points, convention="mean", visible=visible)


@pytest.mark.parametrize(("convention", "power"), [("squared", 2), ("mean", 1), ("summed", 1)])
def test_in_units_of_the_eyes_the_size_of_the_picture_does_not_matter(convention, power: int, points: Landmarks):
    other = points.flip(0)
    pixels, eyes = (
        [landmark_distance(s * other, s * points, convention=convention, unit=unit) for s in (1, 2)]
        for unit in ("pixels", "eyes")
    )
    torch.testing.assert_close(pixels[1], 2**power * pixels[0])
    torch.testing.assert_close(eyes[1], eyes[0])


def test_unknown_conventions_and_units_and_lengths_are_refused(points: Landmarks):
    with pytest.raises((ValueError, TypeCheckError)):
        landmark_distance(points, points, convention="usual")
    with pytest.raises((ValueError, TypeCheckError)):
        landmark_distance(points, points, convention="mean", unit="metres")
    with pytest.raises((ValueError, TypeCheckError)):
        landmark_distance(points[:, :5], points, convention="mean")
    with pytest.raises(TypeError, match="convention"):
        landmark_distance(points, points)


def test_alignment_undoes_a_turn_a_scale_and_a_shift(points: Landmarks):
    angle, scale = 0.4, 1.7
    turn = scale * torch.tensor([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    torch.testing.assert_close(align(points @ turn + 12.0, points), points)


def test_alignment_never_mirrors(points: Landmarks):
    mirrored = points * torch.tensor([-1.0, 1.0], dtype=torch.float64)
    assert landmark_distance(align(mirrored, points), points, convention="mean", points=FACE).min() > 5


def test_lips_do_not_move_the_alignment(points: Landmarks):
    talking = points.clone()
    talking[..., 48:, 1] += 9
    torch.testing.assert_close(align(talking, points), talking)


def test_points_that_coincide_cannot_be_aligned(points: Landmarks):
    with pytest.raises(ValueError, match="one place"):
        align(torch.zeros_like(points), points)


def test_the_lip_gap_is_the_opening_of_the_head_behind_the_picture(truth: Truth):
    assert truth.landmarks is not None
    assert truth.expression is not None
    opening = lip_gap_of(truth.expression.numpy())
    assert np.corrcoef(lip_gap(truth.landmarks), opening)[0, 1] > 0.99


def test_the_lip_gap_is_the_same_in_a_picture_twice_as_large_and_turned(truth: Truth):
    assert truth.landmarks is not None
    turned = 2 * truth.landmarks.flip(-1) + 5
    torch.testing.assert_close(lip_gap(turned), lip_gap(truth.landmarks), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(eye_distance(turned), 2 * eye_distance(truth.landmarks))


def test_following_is_scipys_correlation_and_the_ratio_of_spreads():
    rng = torch.Generator().manual_seed(4)
    real, other = torch.rand(2, 3, 40, dtype=torch.float64, generator=rng)
    made = 0.4 * real + 0.1 * other
    r, spread = lip_follow(made, real)
    np.testing.assert_allclose(r, [pearsonr(x, y).statistic for x, y in zip(made, real, strict=True)])
    np.testing.assert_allclose(spread, made.numpy().std(1) / real.numpy().std(1))


def test_a_timid_mouth_follows_perfectly_but_not_far_and_a_late_one_far_but_not_well():
    real = torch.rand(60, generator=torch.Generator().manual_seed(5))
    timid, late = lip_follow(0.3 + 0.2 * real, real), lip_follow(real.roll(7), real)
    assert (float(timid.r), float(timid.spread)) == pytest.approx((1, 0.2), abs=1e-4)
    assert float(late.spread) == pytest.approx(1)
    assert abs(float(late.r)) < 0.4


def test_a_mouth_that_does_not_move_follows_nothing_and_cannot_be_followed():
    real = torch.rand(20, generator=torch.Generator().manual_seed(6))
    still = torch.full((20,), 0.1234)
    assert tuple(float(value) for value in lip_follow(still, real)) == pytest.approx((0, 0), abs=1e-6)
    with pytest.raises(ValueError, match="does not move"):
        lip_follow(real, still)


def test_steady_motion_has_no_acceleration_and_a_parabola_a_constant_one(points: Landmarks):
    t = torch.arange(6, dtype=torch.float64)[:, None, None]
    steady = points[:, :1] + t * torch.tensor([1.5, -0.5], dtype=torch.float64)
    assert float(acceleration(steady).abs().max()) < 1e-12
    falling = steady + 0.5 * t**2 * torch.tensor([0.6, 0.8], dtype=torch.float64)
    torch.testing.assert_close(acceleration(falling), torch.ones(2, dtype=torch.float64))


def test_jitter_raises_acceleration_by_what_independent_noise_must(truth: Truth):
    assert truth.landmarks is not None
    rng = torch.Generator().manual_seed(7)
    still = truth.landmarks[:1].expand(len(truth.landmarks), 68, 2)
    noisy = still + 0.5 * torch.randn(still.shape, generator=rng)
    expected = 0.5 * 6**0.5 * (np.pi / 2) ** 0.5  # variances add as 1 + 4 + 1; the mean length of a Gaussian in 2-D
    assert float(acceleration(noisy, points=FACE)) == pytest.approx(expected, rel=0.03)
    assert acceleration(truth.landmarks + noisy - still) > 2 * acceleration(truth.landmarks)


def test_acceleration_in_units_of_the_eyes_does_not_know_the_size_of_the_picture(truth: Truth):
    assert truth.landmarks is not None
    torch.testing.assert_close(
        acceleration(3 * truth.landmarks, unit="eyes"), acceleration(truth.landmarks, unit="eyes"), rtol=1e-4, atol=1e-7
    )


def test_where_a_point_is_hidden_its_acceleration_does_not_count(points: Landmarks):
    still = points[:, :1].expand(2, 6, 68, 2).clone()
    still[:, 3, 50] = 999
    visible = torch.ones(2, 6, 68, dtype=torch.bool)
    assert (acceleration(still, visible=visible) > 0).all()
    visible[:, 3, 50] = False
    assert (acceleration(still, visible=visible) == 0).all()


def test_two_frames_have_no_acceleration(points: Landmarks):
    with pytest.raises(ValueError, match="3 frames"):
        acceleration(points[:, :2])
    with pytest.raises(ValueError, match="three frames in a row"):
        acceleration(points, visible=torch.tensor([1, 1, 0, 1, 1, 0]).bool()[None, :, None].expand(2, 6, 68))


def test_nan_counts_only_where_its_point_does(points: Landmarks):
    visible = torch.ones(2, 6, 68, dtype=torch.bool)
    visible[0, 2, 50] = False
    spoilt = points.clone()
    spoilt[0, 2, 50] = torch.nan
    for measure in (lambda p, **k: landmark_distance(p, points.flip(0), convention="mean", **k), acceleration):
        assert measure(spoilt).isnan().tolist() == [True, False]
        torch.testing.assert_close(measure(spoilt, visible=visible), measure(points, visible=visible))


def test_eyes_that_coincide_measure_nothing(points: Landmarks):
    squinting = points.clone()
    squinting[1, 3, 36] = squinting[1, 3, 45]
    assert landmark_distance(points, squinting, convention="mean").isfinite().all()
    with pytest.raises(ValueError, match="corners of the eyes coincide"):
        landmark_distance(points, squinting, convention="mean", unit="eyes")
    with pytest.raises(ValueError, match="corners of the eyes coincide"):
        acceleration(squinting, unit="eyes")


def test_a_clip_of_one_frame_has_a_distance(points: Landmarks):
    for convention, wanted in (("squared", 4.0), ("mean", 2.0), ("summed", 40.0)):
        found = landmark_distance(points[:, :1] + torch.tensor([2.0, 0.0]), points[:, :1], convention=convention)
        torch.testing.assert_close(found, torch.full((2,), wanted, dtype=torch.float64))
