from __future__ import annotations

import numpy as np
import pytest

from thlab.face.action_units import EXPRESSION_INDEX, EXPRESSIONS, expression
from thlab.face.head.geometry import Part, eye_centres, mean_head
from thlab.face.head.identity_basis import (
    IDENTITY_INDEX,
    IDENTITY_MODES,
    LARGEST,
    TOGETHER,
    eyes_of,
    identity_displacement,
    sample_identity,
    weights,
)
from thlab.face.head.model import HeadModel, head_model


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return head_model()


def drawn(seed: int, *, female: bool = False) -> np.ndarray:
    return sample_identity(np.random.default_rng(seed), female=female)


def test_vertices_are_literally_mean_plus_identity_plus_expression(model: HeadModel):
    rng = np.random.default_rng(1)
    identity = rng.standard_normal(len(IDENTITY_MODES)).astype(np.float32)
    expressed = rng.random(len(EXPRESSIONS)).astype(np.float32)
    independent = (
        model.mean.astype(float)
        + np.einsum("k,kvc->vc", identity, model.identity, dtype=float)
        + np.einsum("k,kvc->vc", expressed, model.expression, dtype=float)
    )
    np.testing.assert_allclose(model.vertices(identity, expressed), independent, atol=2e-6)


def test_the_model_is_linear(model: HeadModel):
    rng = np.random.default_rng(2)
    a, b = rng.random((2, len(EXPRESSIONS))).astype(np.float32)
    zero = np.zeros(len(IDENTITY_MODES), np.float32)
    both = model.vertices(zero, a + b) - model.mean
    np.testing.assert_allclose(both, model.vertices(zero, a) + model.vertices(zero, b) - 2 * model.mean, atol=3e-6)


def test_zero_coefficients_give_the_mean(model: HeadModel):
    vertices = model.vertices(np.zeros(len(IDENTITY_MODES)), np.zeros(len(EXPRESSIONS)))
    np.testing.assert_array_equal(vertices, mean_head().vertices)
    assert vertices is not mean_head().vertices


def test_bases_are_finite_contiguous_and_every_mode_moves_something(model: HeadModel):
    for basis, names in ((model.identity, IDENTITY_MODES), (model.expression, EXPRESSIONS)):
        assert basis.shape == (len(names), *model.mean.shape)
        assert basis.flags.c_contiguous
        assert np.isfinite(basis).all()
        reach = np.linalg.norm(basis, axis=2).max(1)
        assert reach.min() > 0.003, names[int(reach.argmin())]
        assert reach.max() < 0.35, names[int(reach.argmax())]


@pytest.mark.parametrize("pair", ["smile", "blink", "brow_outer"])
def test_paired_modes_are_mirror_images(model: HeadModel, pair: str):
    left, right = (model.expression[EXPRESSION_INDEX[f"{pair}_{side}"]] for side in "LR")
    np.testing.assert_allclose(left[mean_head().mirror] * [-1, 1, 1], right, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in EXPRESSIONS if name[-2:] not in ("_L", "_R") and "side" not in name])
def test_the_other_expressions_are_symmetric(model: HeadModel, name: str):
    mode = model.expression[EXPRESSION_INDEX[name]]
    np.testing.assert_allclose(mode[mean_head().mirror] * [-1, 1, 1], mode, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in IDENTITY_MODES if "skew" not in name])
def test_identity_modes_are_symmetric_unless_called_skew(model: HeadModel, name: str):
    mode = model.identity[IDENTITY_INDEX[name]]
    np.testing.assert_allclose(mode[mean_head().mirror] * [-1, 1, 1], mode, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "loop", "axis", "sign"),
    [
        ("jaw_open", "teeth_lower", 1, -1),
        ("jaw_forward", "teeth_lower", 2, 1),
        ("jaw_side", "teeth_lower", 0, 1),
        ("pucker", "mouth_2", 2, 1),
        ("funnel", "mouth_2", 2, 1),
        ("brow_inner", "brow_L", 1, 1),
        ("brow_outer_L", "brow_L", 1, 1),
        ("brow_lower", "brow_L", 1, -1),
        ("brow_lower", "brow_L", 0, -1),
        ("brow_lower", "brow_R", 0, 1),
        ("mouth_side", "mouth_0", 0, 1),
        ("nose_wrinkle", "nose_base", 1, 1),
        ("tongue_out", "tongue", 2, 1),
    ],
)
def test_actions_move_what_they_are_named_for(model: HeadModel, name: str, loop: str, axis: int, sign: int):
    moved = model.expression[EXPRESSION_INDEX[name], mean_head().loops[loop], axis]
    assert sign * moved.mean() > 0.005


def test_corners_go_out_in_a_smile_and_a_stretch_and_in_in_a_pucker(model: HeadModel):
    corner = mean_head().loops["mouth_0"][0]
    assert model.expression[EXPRESSION_INDEX["smile_L"], corner, 0] > 0.02
    assert model.expression[EXPRESSION_INDEX["smile_L"], corner, 1] > 0.02
    assert model.expression[EXPRESSION_INDEX["stretch"], corner, 0] > 0.02
    assert model.expression[EXPRESSION_INDEX["pucker"], corner, 0] < -0.05
    assert model.expression[EXPRESSION_INDEX["frown"], corner, 1] < -0.02


def test_expressions_leave_eyeballs_ears_and_shoulders_alone(model: HeadModel):
    still = np.isin(mean_head().part, [Part.EYEBALL_L, Part.EYEBALL_R, Part.EAR, Part.BUST, Part.TEETH_UPPER])
    assert not model.expression[:, still].any()


def test_eyeballs_stay_round_and_where_eyes_of_says(model: HeadModel):
    for seed in range(5):
        identity = drawn(seed, female=seed % 2 == 0)
        vertices, eyes = model.neutral(identity), eyes_of(identity)
        for name, centre in zip("LR", eyes.centres, strict=True):
            away = np.linalg.norm(vertices[mean_head().loops[f"eyeball_{name}"]] - centre, axis=1)
            np.testing.assert_allclose(away, eyes.radius, atol=1e-5)
    assert np.abs(eyes_of(np.zeros(len(IDENTITY_MODES))).centres - eye_centres()).max() < 1e-6


def test_attached_things_move_as_the_skin_beneath_them(model: HeadModel):
    identity = drawn(3)
    skin = np.flatnonzero(mean_head().part == Part.SKIN)
    shapes = [
        IDENTITY_INDEX[name] for name in ("lip_upper", "lip_lower", "cupid_bow", "eye_opening", "ear_size", "ear_out")
    ]
    identity[shapes] = 0
    moved = identity_displacement(model.mean[skin].astype(float), identity)
    np.testing.assert_allclose(model.mean[skin] + moved, model.neutral(identity)[skin], atol=1e-5)


def test_the_same_generator_draws_the_same_person_and_sexes_differ():
    np.testing.assert_array_equal(drawn(7), drawn(7))
    assert not np.array_equal(drawn(7), drawn(8))
    men, women = (np.mean([drawn(seed, female=female) for seed in range(200)], 0) for female in (False, True))
    assert men[IDENTITY_INDEX["brow_ridge"]] - women[IDENTITY_INDEX["brow_ridge"]] > 0.8


def test_no_drawn_person_is_extreme():
    people = np.stack([drawn(seed, female=seed % 2 == 0) for seed in range(400)])
    assert np.abs(people).max() <= LARGEST
    for amounts, limit in TOGETHER:
        assert np.abs(people @ weights(amounts)).max() < 1.25 * limit
    assert people.std(0).min() > 0.3, "but people do differ"


def test_drawn_people_keep_their_features_in_order(model: HeadModel):
    head = mean_head()
    for seed in range(60):
        vertices = model.neutral(drawn(seed, female=seed % 2 == 0))
        middle = [head.loops["brow_L"][0], head.loops["eye_L_0"][7], head.loops["nose_base"][2],
                  head.loops["mouth_3"][11],
                  head.loops["mouth_3"][33], head.loops["jaw"][8]]  # fmt: skip
        heights = vertices[middle, 1]
        assert (np.diff(heights) < -0.02).all(), seed
        assert 0.40 < vertices[head.loops["mouth_0"][0], 0] - vertices[head.loops["mouth_0"][22], 0] < 0.60


def test_all_names_of_the_action_units_have_a_mode(model: HeadModel):
    assert len(model.expression) == len(EXPRESSIONS) == 30
    assert expression(smile=1.0).sum() == 2
