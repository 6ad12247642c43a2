"""Hair lies on the head, not in it, and leaves the face free."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from thlab.face.head import solid
from thlab.face.head.hair import make_hair
from thlab.face.head.hair_growth import obstacle, out_of_the_face
from thlab.face.head.hair_styles import STYLES
from thlab.face.head.person import Person, sample_person


def mean_face(style: str) -> Person:
    """The mean head, so that hair can be compared with it."""
    person = sample_person(2)
    return replace(person, hair_style=style, identity=np.zeros_like(person.identity))


def test_the_grid_of_distances_agrees_with_the_formula():
    points = np.random.default_rng(0).uniform([-0.5, 0.5, -0.8], [0.5, 1.4, 0.9], (500, 3))
    distance, out = obstacle()(points)
    np.testing.assert_allclose(distance, solid.distance(points), atol=0.03)
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("style", sorted(STYLES))
def test_hair_stays_out_of_the_head(style: str):
    hair = make_hair(mean_face(style))
    assert hair is not None
    distance = obstacle()(hair.vertices.astype(float))[0]
    assert np.quantile(distance, 0.05) > -0.05
    assert distance.min() > -0.20
    assert np.isfinite(hair.vertices).all()


@pytest.mark.parametrize("style", sorted(STYLES))
def test_normals_are_unit_and_tangents_run_along_the_ribbons(style: str):
    hair = make_hair(mean_face(style))
    assert hair is not None
    np.testing.assert_allclose(np.linalg.norm(hair.normals, axis=1), 1, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(hair.tangents, axis=1), 1, atol=1e-3)
    steps = hair.vertices[hair.triangles[::2, 2]] - hair.vertices[hair.triangles[::2, 0]]
    steps /= np.linalg.norm(steps, axis=1, keepdims=True) + 1e-9
    assert np.median(np.einsum("pk,pk->p", steps, hair.tangents[hair.triangles[::2, 0]])) > 0.8


def test_long_hair_is_longer_than_short_hair():
    lowest = {style: make_hair(mean_face(style)).vertices[:, 1].min() for style in ("long", "bob", "crop")}
    assert lowest["long"] < lowest["bob"] < lowest["crop"]


def test_hair_that_falls_leaves_eyes_and_mouth_free():
    hair = make_hair(mean_face("long"))
    x, y, z = hair.vertices.T
    before_the_face = (np.abs(x) < 0.42) & (y < 0.15) & (y > -0.8) & (z > 0.5)
    assert before_the_face.mean() < 0.002


def test_a_fringe_may_hang_before_the_face():
    points = np.array([[0.1, 0.1, 0.8]])
    assert abs(out_of_the_face(points, np.array([True]))[0, 0]) > 0.5
    np.testing.assert_array_equal(out_of_the_face(points, np.array([False])), points)


def test_the_same_person_is_combed_the_same():
    first, second = make_hair(mean_face("curls")), make_hair(mean_face("curls"))
    np.testing.assert_array_equal(first.vertices, second.vertices)


@pytest.mark.parametrize("style", ["bald", "buzz"])
def test_bald_and_shorn_heads_have_no_ribbons(style: str):
    assert make_hair(mean_face(style)) is None
