from __future__ import annotations

import numpy as np
import pytest

from thlab.face.action_units import EXPRESSION_INDEX, EXPRESSIONS, expression
from thlab.face.head.camera import rotation
from thlab.face.head.contact import eye_gap, lip_gap, lip_gap_of, mouth_shape, mouth_shape_of, settle
from thlab.face.head.geometry import Material, mean_head
from thlab.face.head.identity_basis import IDENTITY_MODES, eyes_of, sample_identity
from thlab.face.head.model import head_model
from thlab.face.head.skin import across
from thlab.render.rasterize import rasterize

NOBODY = np.zeros(len(IDENTITY_MODES), np.float32)
SPEECH = ("jaw_open", "pucker", "funnel", "stretch", "upper_raise", "lower_drop", "lip_tuck", "tongue_up", "chin_raise")
FEELING = (
    "smile_L",
    "smile_R",
    "frown",
    "cheek_raise",
    "nose_wrinkle",
    "brow_inner",
    "brow_lower",
    "eye_wide",
    "squint",
)
SEALED = {"roll_in": 0.55, "press": 0.45}


def face(expressed: np.ndarray, identity: np.ndarray = NOBODY, **options: float) -> np.ndarray:
    return settle(head_model().vertices(identity, expressed), eyes_of(identity), expressed, **options)


def person(seed: int) -> np.ndarray:
    return sample_identity(np.random.default_rng(seed), female=seed % 2 == 0)


def speech_like(rng: np.random.Generator) -> np.ndarray:
    """A few speech movements at once, and some feeling."""
    amounts = {name: rng.random() * (rng.random() < 0.5) for name in SPEECH}
    amounts |= {name: 0.7 * rng.random() * (rng.random() < 0.4) for name in FEELING}
    vector = np.zeros(len(EXPRESSIONS), np.float32)
    for name, amount in amounts.items():
        vector[EXPRESSION_INDEX[name]] = amount
    return vector


def lip_columns(vertices: np.ndarray, ring: int = 0) -> tuple[np.ndarray, np.ndarray]:
    loop = mean_head().loops[f"mouth_{ring}"]
    return vertices[loop[1:22]], vertices[across(loop)[1:22]]


def test_settling_changes_nothing_but_a_copy():
    expressed = expression(jaw_open=0.4, blink=0.3)
    before = head_model().vertices(NOBODY, expressed)
    kept = before.copy()
    settled = settle(before, eyes_of(NOBODY), expressed)
    np.testing.assert_array_equal(before, kept)
    assert settled.dtype == before.dtype
    assert not np.shares_memory(settled, before)


def test_vertices_of_something_else_are_refused():
    with pytest.raises(ValueError, match="vertices of the head"):
        settle(np.zeros((7, 3), np.float32), eyes_of(NOBODY), expression())


def test_the_resting_mean_is_settled_already():
    np.testing.assert_allclose(face(expression()), mean_head().vertices, atol=4e-3)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("feeling", [{}, {"eye_wide": 1.0}, {"squint": 1.0}, {"smile": 0.8, "cheek_raise": 1.0}])
def test_a_full_blink_closes_every_eye_exactly(seed: int, feeling: dict[str, float]):
    vertices = face(expression(blink=1.0, **feeling), person(seed))
    np.testing.assert_array_equal(eye_gap(vertices), 0)
    for side in "LR":
        margin = mean_head().loops[f"eye_{side}_0"]
        np.testing.assert_array_equal(vertices[margin], vertices[across(margin)])


def test_half_a_blink_leaves_half_the_opening_and_the_upper_lid_does_it():
    identity = person(3)
    rest, half = face(expression(), identity), face(expression(blink=0.5), identity)
    np.testing.assert_allclose(eye_gap(half), 0.5 * eye_gap(rest), rtol=0.02)
    margin = mean_head().loops["eye_L_0"]
    fall, rise = rest[margin[7], 1] - half[margin[7], 1], half[margin[21], 1] - rest[margin[21], 1]
    assert fall > 8 * rise > 0


def test_one_eye_blinks_alone():
    _, right = eye_gap(face(expression()))
    wink = np.zeros(len(EXPRESSIONS), np.float32)
    wink[EXPRESSION_INDEX["blink_L"]] = 1
    closed, opened = eye_gap(face(wink))
    assert closed == 0
    assert opened == pytest.approx(right, abs=1e-6)


@pytest.mark.parametrize("blink", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_lids_slide_on_the_eyeball_and_never_cut_into_it(blink: float):
    identity = person(1)
    vertices, eyes = face(expression(blink=blink, eye_wide=0.3), identity), eyes_of(identity)
    for side, centre in zip("LR", eyes.centres, strict=True):
        for ring in range(4):
            away = np.linalg.norm(vertices[mean_head().loops[f"eye_{side}_{ring}"]] - centre, axis=1)
            assert away.min() > eyes.radius + 0.008


def test_lids_follow_the_gaze_downwards():
    down, up = eye_gap(face(expression(), gaze_pitch=0.3)), eye_gap(face(expression(), gaze_pitch=-0.2))
    assert (down < eye_gap(face(expression()))).all()
    assert (up > eye_gap(face(expression()))).all()
    np.testing.assert_array_equal(eye_gap(face(expression(blink=1.0), gaze_pitch=0.3)), 0)


def test_lips_never_cross_and_never_fold_in_speech():
    rng = np.random.default_rng(11)
    for seed in range(200):
        vertices = face(speech_like(rng), person(seed % 10))
        upper, lower = lip_columns(vertices)
        assert (upper[:, 1] >= lower[:, 1]).all(), seed
        for ring in range(1, 4):
            outer_upper, outer_lower = lip_columns(vertices, ring)
            assert (outer_upper[:, 1] > upper[:, 1]).all()
            assert (outer_lower[:, 1] < lower[:, 1]).all()
            upper, lower = outer_upper, outer_lower
        assert np.isfinite(vertices).all()


@pytest.mark.parametrize(
    "closed",
    [{}, {"smile": 0.8}, {"press": 0.8}, {"roll_in": 1.0}, {"pucker": 1.0}, {"frown": 1.0}, {"chin_raise": 1.0},
     {"dimple": 1.0}, {"stretch": 1.0}, {"puff": 1.0}, {"mouth_side": 1.0}, {"press": 0.3, "brow_lower": 1.0},
     {"smile": 1.0, "cheek_raise": 1.0, "roll_in": 0.3}],
)  # fmt: skip
def test_expressions_with_a_shut_mouth_have_no_gap_anywhere(closed: dict[str, float]):
    upper, lower = lip_columns(face(expression(**closed), person(4)))
    np.testing.assert_array_equal(upper, lower)


def test_feelings_do_not_open_sealed_lips():
    rng = np.random.default_rng(5)
    for _ in range(50):
        amounts = {name: rng.random() for name in ("smile", "frown", "nose_wrinkle", "upper_raise", "cheek_raise")}
        amounts |= {"jaw_open": 0.4 * rng.random(), "lower_drop": 0.4 * rng.random()}
        upper, lower = lip_columns(face(expression(**SEALED, **amounts), person(2)))
        np.testing.assert_array_equal(upper, lower)


def test_touching_lips_are_watertight():
    """Coinciding vertices leave no crack for the mouth's inside to shine through, and lips bulge before it."""
    vertices = face(expression(**SEALED, jaw_open=0.2), person(6))
    upper, lower = lip_columns(vertices)
    np.testing.assert_array_equal(upper, lower)
    for ring in (1, 2):
        fuller_upper, fuller_lower = lip_columns(vertices, ring)
        assert (fuller_upper[3:-3, 2] > upper[3:-3, 2] - 0.02).all()
        assert (fuller_lower[3:-3, 2] > lower[3:-3, 2] - 0.02).all()
    bag = vertices[mean_head().loops["bag_0"]]
    assert (bag[1:22, 2] < upper[:, 2]).all()


@pytest.mark.parametrize("yaw", [0.0, 0.5, -0.9])
@pytest.mark.parametrize("pitch", [0.0, 0.35, -0.35])
@pytest.mark.parametrize("closed", [{}, {"smile": 0.7}, {**SEALED, "jaw_open": 0.3, "smile": 0.5}, {"pucker": 0.9}])
def test_no_sample_between_closed_lips_shows_the_inside_of_the_mouth(
    closed: dict[str, float], yaw: float, pitch: float
):
    vertices, head = face(expression(**closed), person(8)), mean_head()
    seen = vertices @ rotation(yaw, pitch, 0.0).T
    middle = seen[head.loops["mouth_0"]].mean(0)
    screen = np.stack([200 + 600 * (seen[:, 0] - middle[0]), 150 - 600 * (seen[:, 1] - middle[1]), seen[:, 2]], 1)
    found = rasterize(np.ascontiguousarray(screen, np.float32), head.triangles, 300, 400).ids
    inside = [Material.MOUTH, Material.TEETH, Material.TONGUE]
    shown = head.material[found[found >= 0]]
    assert len(shown) > 50_000
    assert not np.isin(shown, inside).any()


def test_lips_stay_in_front_of_the_teeth():
    head, rng = mean_head(), np.random.default_rng(3)
    row = head.loops["teeth_upper"].reshape(-1, 41)[2]
    for _ in range(40):
        vertices = face(speech_like(rng) * 0.8 + expression(roll_in=0.5 * rng.random()))
        for loop in (head.loops["mouth_0"][:23], head.loops["mouth_1"][:23]):
            lips, teeth = vertices[loop], vertices[row]
            covered = np.abs(lips[:, 0]) < 0.2
            behind = np.interp(lips[covered, 0], teeth[:, 0], teeth[:, 2])
            assert (lips[covered, 2] > behind).all()


def test_the_tongue_stays_in_a_shut_mouth_and_comes_out_of_an_open_one():
    tongue = mean_head().loops["tongue"]
    teeth = mean_head().vertices[mean_head().loops["teeth_upper"], 2].max()
    assert face(expression(tongue_out=1.0))[tongue, 2].max() < teeth
    assert face(expression(tongue_up=1.0, jaw_open=0.3))[tongue, 2].max() < teeth
    assert face(expression(tongue_out=1.0, jaw_open=0.4))[tongue, 2].max() > teeth


def test_f_and_v_lay_the_lower_lip_against_the_upper_teeth():
    head = mean_head()
    for jaw in (0.0, 0.1, 0.2):
        vertices = face(expression(lip_tuck=1.0, upper_raise=0.35, jaw_open=jaw))
        lip = vertices[head.loops["mouth_1"][33]]
        edge = vertices[head.loops["teeth_upper"].reshape(-1, 41)[4, 20]]
        assert abs(lip[1] - edge[1]) < 0.03
        assert lip_gap(vertices) > 0.005, "the teeth show above the lip"


def test_the_gap_grows_with_the_jaw():
    gaps = lip_gap_of(np.stack([expression(jaw_open=amount) for amount in np.linspace(0, 1, 21)]))
    assert gaps[0] == 0
    assert (np.diff(gaps) > 0).all()
    assert 0.2 < gaps[-1] < 0.5


def test_measures_from_coefficients_equal_those_of_settled_vertices():
    rng = np.random.default_rng(9)
    track = np.stack(
        [speech_like(rng) for _ in range(40)] + [expression(**SEALED), expression(roll_in=0.4, jaw_open=0.3)]
    )
    quick = mouth_shape_of(track)
    slow = [mouth_shape(face(frame)) for frame in track]
    np.testing.assert_allclose(quick.gap, [shape.gap for shape in slow], atol=1e-5)
    np.testing.assert_allclose(quick.width, [shape.width for shape in slow], atol=2e-3)
    np.testing.assert_allclose(quick.protrusion, [shape.protrusion for shape in slow], atol=0.02)


def test_rounding_narrows_and_protrudes_and_spreading_widens():
    rest = mouth_shape(face(expression()))
    round_, spread = (mouth_shape(face(expression(**{name: 0.8}))) for name in ("pucker", "stretch"))
    assert round_.width < 0.8 * rest.width < rest.width < spread.width
    assert round_.protrusion > rest.protrusion + 0.03
