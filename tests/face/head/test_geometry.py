from __future__ import annotations

import numpy as np
import pytest

from thlab.face.head.face_surface import EYE_RADIUS, LID_CLEARANCE
from thlab.face.head.geometry import HeadMesh, Material, Part, eye_centres, mean_head
from thlab.face.head.mesh import spans_area
from thlab.face.head.skin import across
from thlab.face.head.solid import cast, distance, front_depth


@pytest.fixture(scope="module")
def head() -> HeadMesh:
    return mean_head()


def corners(head: HeadMesh, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middles of triangles, and their normals (as long as twice their areas)."""
    a, b, c = np.moveaxis(head.vertices[head.triangles[chosen]].astype(float), 1, 0)
    return (a + b + c) / 3, np.cross(b - a, c - a)


def test_a_ray_ends_on_the_surface_of_the_solid():
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((300, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    centre = np.array([0.0, -0.15, 0.0])
    ends = centre + directions * cast(centre, directions)[:, None]
    assert np.abs(distance(ends)).max() < 1e-6
    assert (distance(centre + 0.9 * (ends - centre)) < 0).all()
    assert (distance(centre + 1.1 * (ends - centre)) > 0).all()


def test_the_front_is_the_last_place_where_a_forward_ray_is_inside():
    x, y = np.meshgrid(np.linspace(-0.3, 0.3, 9), np.linspace(-0.9, 0.6, 9))
    depth = front_depth(x.ravel(), y.ravel())
    beyond = np.stack([x.ravel(), y.ravel(), depth + 1e-3], 1)
    assert (distance(beyond) > 0).all()
    assert (distance(beyond - [0, 0, 2e-3]) < 0).all()


def test_mesh_is_finite_contiguous_and_single_precision(head: HeadMesh):
    assert np.isfinite(head.vertices).all()
    assert head.vertices.flags.c_contiguous
    assert head.triangles.flags.c_contiguous
    assert head.triangles.min() == 0
    assert head.triangles.max() == len(head.vertices) - 1


def test_the_head_has_the_size_of_a_head(head: HeadMesh):
    """Units of 10 cm; adults are about 1.5 broad and 1.9 long without the nose, with 0.63 between the pupils."""
    skin = head.vertices[: head.skin_count]
    assert 1.35 < np.ptp(skin[:, 0]) < 1.65
    assert 1.8 < np.ptp(skin[:, 2]) < 2.3
    assert 0.58 < np.ptp(eye_centres()[:, 0]) < 0.68


def test_the_mean_is_its_own_mirror_image(head: HeadMesh):
    there = head.mirror
    np.testing.assert_allclose(head.vertices[there] * [-1, 1, 1], head.vertices, atol=1e-6)
    np.testing.assert_array_equal(head.lip_ring[there], head.lip_ring)
    np.testing.assert_array_equal(head.eye_side[there], np.array([0, 2, 1])[head.eye_side])
    once = ~np.isin(head.part, [Part.EAR, Part.EYEBALL_L, Part.EYEBALL_R])  # these have poles of coinciding vertices
    np.testing.assert_array_equal(there[there][once], np.flatnonzero(once))


def test_no_triangle_is_degenerate(head: HeadMesh):
    assert spans_area(head.vertices.astype(float), head.triangles, least=1e-7).all()


def test_the_skin_is_a_closed_sheet_with_three_holes(head: HeadMesh):
    triangles = head.triangles[head.material == Material.SKIN]
    triangles = triangles[(triangles < head.skin_count).all(1)]
    directed = np.concatenate([triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])])
    assert len(np.unique(directed, axis=0)) == len(directed), "neighbours disagree about which side is outside"
    edges, uses = np.unique(np.sort(directed, 1), axis=0, return_counts=True)
    assert uses.max() == 2
    holes = [head.loops[name] for name in ("eye_L_0", "eye_R_0", "mouth_0")]
    assert (uses == 1).sum() == sum(map(len, holes))
    assert np.isin(edges[uses == 1], np.concatenate(holes)).all()


@pytest.mark.parametrize("part", [Part.EYEBALL_L, Part.EYEBALL_R, Part.BUST, Part.TONGUE])
def test_round_parts_are_wound_outwards(head: HeadMesh, part: Part):
    middles, normals = corners(head, (head.part[head.triangles] == part).all(1))
    own = head.vertices[head.part == part].astype(float)
    axis = eye_centres()[part - Part.EYEBALL_L] if part in (Part.EYEBALL_L, Part.EYEBALL_R) else own.mean(0)
    away = middles - axis
    if part == Part.BUST:
        away[:, 1] = np.maximum(0, away[:, 1])
    assert (np.einsum("ij,ij->i", normals, away) > 0).mean() > 0.97


def test_the_face_looks_forwards_and_the_back_of_the_head_backwards(head: HeadMesh):
    skin = (head.material == Material.SKIN) & (head.triangles < head.skin_count).all(1)
    middles, normals = corners(head, skin)
    assert (normals[middles[:, 2] > 0.55][:, 2] > 0).mean() > 0.97
    assert (normals[middles[:, 2] < -0.6][:, 2] < 0).all()
    middles, normals = corners(head, head.material == Material.TEETH)
    assert (normals[:, 2] > 0).all()


def test_the_ears_look_outwards(head: HeadMesh):
    for name, sign in (("ear_L", 1), ("ear_R", -1)):
        _, normals = corners(head, np.isin(head.triangles, head.loops[name]).all(1))
        assert sign * normals[:, 0].sum() > 0


def test_closed_lips_coincide_and_open_eyes_do_not(head: HeadMesh):
    inner = head.loops["mouth_0"]
    np.testing.assert_array_equal(head.vertices[inner], head.vertices[across(inner)])
    margin = head.loops["eye_L_0"]
    gaps = head.vertices[margin, 1] - head.vertices[across(margin), 1]
    assert gaps[1:14].min() > 0.005
    assert 0.1 < gaps.max() < 0.2


def test_lid_margins_lie_on_the_eyeballs(head: HeadMesh):
    for name, centre in zip("LR", eye_centres(), strict=True):
        away = np.linalg.norm(head.vertices[head.loops[f"eye_{name}_0"]] - centre, axis=1)
        np.testing.assert_allclose(away, EYE_RADIUS + LID_CLEARANCE, atol=2e-3)


def test_rings_run_from_the_left_corner_over_the_top(head: HeadMesh):
    for ring in range(7):
        loop = head.loops[f"mouth_{ring}"]
        assert np.argmax(head.vertices[loop, 0]) == 0
        assert (head.lip_ring[loop] == ring).all()
        assert head.vertices[loop[11], 1] >= head.vertices[loop[33], 1]
    for side, outer in (("L", np.argmax), ("R", np.argmin)):
        loop = head.loops[f"eye_{side}_0"]
        assert outer(head.vertices[loop, 0]) == 0
        assert head.vertices[loop[7], 1] > head.vertices[loop[21], 1]


def test_every_vertex_is_used_by_a_triangle(head: HeadMesh):
    """Except those at poles, where a grid's row shrinks to a point."""
    unused = np.setdiff1d(np.arange(len(head.vertices)), head.triangles)
    assert np.isin(head.part[unused], [Part.EYEBALL_L, Part.EYEBALL_R, Part.EAR]).all()
