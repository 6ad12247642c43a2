"""Alignment undoes what was done to a shape, agrees with scipy's, and settles on one mean for many."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import procrustes as scipys

from thlab.face.landmarks.procrustes import (
    Similarity,
    best_similarity,
    disparity,
    generalised_procrustes,
    normalised,
    size_of,
)

RNG = np.random.default_rng(0)


def turned(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def anyhow(shape: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same shape at another place, turned and scaled."""
    return Similarity(turned(rng.uniform(-3, 3)), rng.uniform(0.2, 5), rng.normal(0, 50, 2))(shape)


def test_a_similarity_is_found_again_and_its_inverse_leads_back():
    shape = RNG.normal(size=(68, 2))
    there = Similarity(turned(0.7), 2.5, np.array([3.0, -4.0]))
    found = best_similarity(shape, there(shape))
    assert np.allclose(found.rotation, there.rotation)
    assert found.scale == pytest.approx(2.5)
    assert np.allclose(found.inverse()(found(shape)), shape)


def test_it_works_in_three_dimensions_too_and_never_mirrors():
    shape = RNG.normal(size=(20, 3))
    mirrored = shape * [-1, 1, 1]
    assert np.linalg.det(best_similarity(shape, mirrored).rotation) == pytest.approx(1)
    assert np.allclose(best_similarity(shape, 3 * shape + 1)(shape), 3 * shape + 1)


def test_no_other_turn_or_scale_comes_closer():
    moving, fixed = RNG.normal(size=(2, 12, 2))
    best = best_similarity(moving, fixed)
    least = ((best(moving) - fixed) ** 2).sum()
    for angle, scale in [(0.01, 1), (-0.01, 1), (0, 1.01), (0, 0.99)]:
        around = best(moving).mean(0)
        other = scale * (best(moving) - around) @ turned(angle) + around
        assert ((other - fixed) ** 2).sum() > least


def test_points_without_weight_do_not_count():
    shape = RNG.normal(size=(10, 2))
    moved = 2 * shape
    moved[0] += 100
    weights = np.ones(10)
    weights[0] = 0
    assert best_similarity(shape, moved, weights).scale == pytest.approx(2)


def test_two_shapes_are_as_different_as_scipy_says():
    """scipy mirrors where that fits better, so the second shape is a disturbed copy of the first."""
    for _ in range(5):
        one = RNG.normal(size=(68, 2))
        other = anyhow(one + 0.2 * RNG.normal(size=one.shape), RNG)
        assert disparity(one, other) == pytest.approx(scipys(one, other)[2], rel=1e-9)


def test_copies_of_one_shape_are_laid_exactly_over_each_other():
    shape = RNG.normal(size=(68, 2))
    aligned = generalised_procrustes(np.stack([anyhow(shape, RNG) for _ in range(8)]))
    assert aligned.spread < 1e-9
    assert size_of(aligned.mean) == pytest.approx(1)
    assert np.allclose(aligned.mean.mean(0), 0, atol=1e-12)


def test_the_mean_is_a_fixed_point_and_its_maps_lead_there():
    shapes = np.stack([anyhow(RNG.normal(size=(10, 2)) + 3 * np.eye(10, 2), RNG) for _ in range(12)])
    aligned = generalised_procrustes(shapes)
    assert np.allclose(normalised(aligned.shapes.mean(0)), aligned.mean, atol=1e-6)
    assert np.allclose(np.stack([to(shape) for to, shape in zip(aligned.maps, shapes, strict=True)]), aligned.shapes)
    again = generalised_procrustes(aligned.shapes)
    assert disparity(again.mean, aligned.mean) < 1e-9


def test_the_outcome_depends_on_the_shapes_and_not_on_how_they_lie():
    shapes = RNG.normal(size=(6, 15, 2))
    first = generalised_procrustes(shapes)
    other = generalised_procrustes(np.stack([shapes[0], *(anyhow(shape, RNG) for shape in shapes[1:])]))
    assert np.allclose(first.mean, other.mean, atol=1e-6)


def test_what_has_no_shape_is_refused():
    with pytest.raises(ValueError, match="one place"):
        best_similarity(np.ones((5, 2)), RNG.normal(size=(5, 2)))
    with pytest.raises(ValueError, match="one place"):
        normalised(np.ones((5, 2)))
    with pytest.raises(ValueError, match="at least one"):
        generalised_procrustes(np.zeros((0, 5, 2)))
