"""The 68 points of a mesh lie where a rendered head has them, and move as the mesh does."""

from __future__ import annotations

import numpy as np

from thlab.corpus.snapshots import Snapshots
from thlab.face.landmarks import FaceMesh, mesh_to_ibug
from thlab.face.landmarks.conversion import IBUG_FROM_MESH, MESH_OF_IBUG
from thlab.face.landmarks.visibility import ibug_normals, visible_ibug
from thlab.face.mesh.basis import mesh_basis


def test_every_row_adds_up_to_one_so_place_turn_and_size_do_not_matter():
    assert np.allclose(IBUG_FROM_MESH.sum(1), 1, atol=1e-6)
    mesh = np.random.default_rng(0).normal(size=(478, 3))
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]])
    moved = np.concatenate([3 * mesh[:, :2] @ turn + [5, -2], mesh[:, 2:]], 1)
    assert np.allclose(mesh_to_ibug(moved), 3 * mesh_to_ibug(mesh) @ turn + [5, -2], atol=1e-4)


def test_the_jaw_is_spaced_evenly_and_is_the_same_on_both_sides():
    jaw = mesh_to_ibug(mesh_basis().points)[:17]
    steps = np.linalg.norm(np.diff(jaw, axis=0), axis=1)
    assert steps.max() < 1.25 * steps.min()
    assert np.abs(jaw[:, 0] + jaw[::-1, 0]).max() < 0.03
    assert len(set(MESH_OF_IBUG.tolist())) == 68


def test_it_is_nearer_to_the_truth_of_strangers_than_single_vertices_are(finder: FaceMesh, people: list[Snapshots]):
    errors = []
    pictures, truths = (np.concatenate([getattr(one, name) for one in people]) for name in ("pictures", "landmarks"))
    for picture, truth in zip(pictures, truths, strict=True):
        eyes = np.linalg.norm(truth[36] - truth[45])
        for found in finder.detect(picture):
            both = (mesh_to_ibug(found.points), found.points[MESH_OF_IBUG, :2])
            errors.append([np.linalg.norm(points - truth, axis=1) / eyes for points in both])
    assert len(errors) >= 25
    ours, vertices = np.median(errors, axis=0)
    assert ours[27:36].mean() < vertices[27:36].mean()
    assert ours[6:11].mean() < vertices[6:11].mean()
    assert ours[17:].mean() < 0.08


def test_a_head_turned_away_hides_the_far_side():
    mesh = mesh_basis().points.astype(float) * [100, -100, -100]
    angle = 1.0
    turn = np.array([[np.cos(angle), 0, -np.sin(angle)], [0, 1, 0], [np.sin(angle), 0, np.cos(angle)]])
    front, one, other = (visible_ibug(points) for points in (mesh, mesh @ turn, mesh @ turn.T))
    assert front.all()
    assert sorted([one[:5].any(), one[12:17].any()]) == [False, True]
    assert one[:17].tolist() == other[:17][::-1].tolist()


def test_normals_of_the_landmarks_point_out_of_the_face_on_either_side_alike():
    normals = ibug_normals()
    assert (normals[:, 2] > 0).all()
    assert np.allclose(normals[0] * [-1, 1, 1], normals[16], atol=0.05)
