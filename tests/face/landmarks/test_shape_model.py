"""Principal components are scikit-learn's, bring shapes back, and do so the better the more of them are kept."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.face.landmarks.procrustes import Similarity
from thlab.face.landmarks.shape_model import ShapeModel

RNG = np.random.default_rng(1)
SHAPES = np.einsum("sk,kpa->spa", RNG.normal(size=(60, 5)) * [5, 3, 2, 1, 0.5], RNG.normal(size=(5, 68, 2))) + 10
"""Sixty shapes that differ in five ways."""


def test_components_and_spread_are_those_of_scikit_learn():
    decomposition = pytest.importorskip("sklearn.decomposition")
    theirs = decomposition.PCA(4, svd_solver="full").fit(SHAPES.reshape(60, -1))
    ours = ShapeModel.fit(SHAPES, components=4)
    cosines = np.einsum("kd,kd->k", theirs.components_, ours.components.reshape(4, -1))
    assert np.allclose(np.abs(cosines), 1)
    assert np.allclose(ours.spread, np.sqrt(theirs.explained_variance_))
    numbers = ours.compress(SHAPES) * np.sign(cosines)
    assert np.allclose(numbers, theirs.transform(SHAPES.reshape(60, -1)))


def test_as_many_components_as_there_are_ways_to_differ_bring_every_shape_back():
    model = ShapeModel.fit(SHAPES, components=5)
    assert np.allclose(model.reconstruct(model.compress(SHAPES)), SHAPES)
    assert model.explained()[-1] == pytest.approx(1)


def test_the_error_falls_with_every_component_to_nothing():
    errors = ShapeModel.fit(SHAPES, components=5).errors(SHAPES)
    assert len(errors) == 6
    assert (np.diff(errors) < 0).all()
    assert errors[-1] < 1e-9
    assert errors[0] == pytest.approx(np.linalg.norm(SHAPES - SHAPES.mean(0), axis=-1).mean())


def test_numbers_that_are_left_off_are_zero():
    model = ShapeModel.fit(SHAPES, components=5)
    numbers = model.compress(SHAPES[0])
    assert np.allclose(model.reconstruct(numbers[:2]), model.reconstruct(numbers * [1, 1, 0, 0, 0]))


def test_a_face_in_a_photograph_is_a_few_numbers_and_a_place():
    model = ShapeModel.of_faces(SHAPES)
    camera = Similarity(np.array([[0.8, 0.6], [-0.6, 0.8]]), 40.0, np.array([200.0, 120.0]))
    points = camera(SHAPES[7])
    numbers, back = model.encode(points, 4)
    assert numbers.shape == (4,)
    close, far = (np.linalg.norm(back(model.reconstruct(n)) - points, axis=1).mean() for n in (numbers, numbers[:1]))
    assert close < far < 40 * 10
    exact, back = model.encode(points)
    assert np.allclose(back(model.reconstruct(exact)), points, atol=0.5)


def test_too_few_shapes_and_too_many_components_are_refused():
    with pytest.raises(ValueError, match="at least two"):
        ShapeModel.fit(SHAPES[:1])
    with pytest.raises(ValueError, match="from 0 to 2"):
        ShapeModel.fit(SHAPES[:3], components=3)
    with pytest.raises(ValueError, match="5 components, but 6"):
        ShapeModel.fit(SHAPES, components=5).compress(SHAPES, 6)
