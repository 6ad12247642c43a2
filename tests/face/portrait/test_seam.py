"""The inner lips come to lie on the line that the picture shows."""

from __future__ import annotations

import cv2
import numpy as np

from thlab.face.head import rotation
from thlab.face.mesh import MeshPose, mesh_basis
from thlab.face.mesh.topology import INNER_LOWER, INNER_UPPER, LOWER_LIP, UPPER_LIP
from thlab.face.portrait.seam import cheapest_path, clear_of_teeth, sampled, snap_to_seam

POSE = MeshPose(180.0, rotation(0.0, 0.0, 0.0).astype(float), np.array([200.0, -80.0, 0.0]))
MESH = POSE.to_picture(mesh_basis().points.astype(float))
SKIN, RED, TOOTH = (205, 165, 140), (170, 80, 80), (250, 245, 235)


def drawn_mouth(offset: float, bend: float) -> tuple[np.ndarray, np.ndarray]:
    """A picture of skin with a dark line where lips meet, and the line at the columns of the mesh."""
    picture = np.full((360, 400, 3), SKIN, np.uint8)
    line = 0.5 * (MESH[INNER_UPPER, :2] + MESH[INNER_LOWER, :2])
    line[:, 1] += offset + bend * np.linspace(-1, 1, 11) ** 2
    cv2.polylines(picture, [np.round((line - 0.5) * 16).astype(np.int32)], False, (60, 25, 30), 2, cv2.LINE_AA, 4)
    return picture, line


def test_a_line_beside_the_lips_is_found():
    for offset, bend in ((0.0, 0.0), (4.0, 0.0), (-4.0, 2.0), (3.0, -3.0)):
        picture, line = drawn_mouth(offset, bend)
        snapped = snap_to_seam(picture, MESH, POSE)
        assert np.abs(snapped[INNER_UPPER[1:-1], 1] - line[1:-1, 1]).max() < 0.9
        assert np.array_equal(snapped[INNER_UPPER, :2], snapped[INNER_LOWER, :2])


def test_the_red_goes_along_and_its_border_stays():
    picture, _ = drawn_mouth(5.0, 0.0)
    moved = snap_to_seam(picture, MESH, POSE)[:, 1] - MESH[:, 1]
    assert 1.0 < moved[UPPER_LIP[1, 5]] < 5.0
    assert moved[LOWER_LIP[2, 5]] < moved[LOWER_LIP[1, 5]]
    assert np.array_equal(moved[UPPER_LIP[3]], np.zeros(11))


def test_the_cheapest_path_follows_a_valley_and_not_a_pit_beside_it():
    cost = np.ones((9, 21))
    cost[np.arange(9), 10 + np.arange(9) // 3] = 0
    cost[4, 0] = -1.0
    assert np.array_equal(cheapest_path(cost), 10 + np.arange(9) // 3)


def test_colours_are_read_at_pixel_centres():
    picture = np.random.default_rng(0).random((5, 6, 3))
    assert np.allclose(sampled(picture, np.array([[2.5, 1.5]])), picture[1, 2])
    assert np.allclose(sampled(picture, np.array([[3.0, 1.5]])), 0.5 * (picture[1, 2] + picture[1, 3]))


def test_bared_teeth_are_left_out_of_the_lips():
    """The detector put the lips' border on the teeth by 3 pixels; it must not stay there."""
    mesh = MESH.copy()
    mesh[INNER_UPPER[1:-1], 1] -= 4
    mesh[INNER_LOWER[1:-1], 1] += 4
    picture = np.full((360, 400, 3), SKIN, np.uint8)
    reds = np.concatenate([mesh[UPPER_LIP[3], :2], mesh[LOWER_LIP[3, ::-1], :2]])
    cv2.fillPoly(picture, [np.round(reds).astype(np.int32)], RED)
    hole = np.concatenate([mesh[INNER_UPPER, :2] - [0, 3], (mesh[INNER_LOWER, :2] + [0, 3])[::-1]])
    cv2.fillPoly(picture, [np.round(hole).astype(np.int32)], TOOTH)
    cleared = clear_of_teeth(picture, mesh, POSE)
    assert (mesh[INNER_UPPER[3:8], 1] - cleared[INNER_UPPER[3:8], 1]).min() > 2
    assert (cleared[INNER_LOWER[3:8], 1] - mesh[INNER_LOWER[3:8], 1]).min() > 2
