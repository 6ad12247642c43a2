"""Landmarks of invented people who speak, straight from the geometry of the head without pixels; the shape model of
them; and the likeliest face through a few clicks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32

from thlab.corpus.cache import read_archive
from thlab.corpus.samples import sample_names
from thlab.course import ROOT
from thlab.face.head import Camera, eyes_of, head_model, landmark_ids, rotation, sample_identity, settle
from thlab.face.head.camera import PIVOT
from thlab.face.landmarks.laplacian import from_laplacian, ibug_edges, laplacian_coordinates
from thlab.face.landmarks.procrustes import best_similarity
from thlab.face.landmarks.shape_model import ShapeModel
from thlab.face.points import LEFT_CORNER, RIGHT_CORNER

MANY = 400
"""Faces that the course's shape model is fitted to: by then a new one changes it little."""
COMPONENTS = 40
SLACK = 0.02
"""How far a click may be off, as a share of the distance of the eyes."""
ROUNDS = 8
"""Of fitting place and shape in turn; the points then move by less than a hundredth of the eyes' distance."""
START = 0.30
"""The distance of the eyes before the first click, as a share of the picture's smaller side."""
Clicks = Mapping[int, tuple[float, float]]
"""Places in pixels by the number of the landmark."""


def points_of(
    identity: Float[np.ndarray, "identities"],
    expression: Float[np.ndarray, "modes"],
    pose: Float[np.ndarray, "6"] | None = None,
) -> Float[np.ndarray, "68 2"]:
    """The 68 landmarks of a face as a camera sees them.

    Args:
        identity: coefficients of the identity modes.
        expression: coefficients of the expression modes.
        pose: yaw, pitch, roll (radians) and shift; facing the camera when None.

    Returns:
        x right, y down, in units of 10 cm at the bridge of the nose, from the middle of the picture.
    """
    head = head_model().vertices(identity, expression)
    places = settle(head, eyes_of(identity), expression)[landmark_ids()].astype(float)
    if pose is not None:
        yaw, pitch, roll = (float(angle) for angle in pose[:3])
        places = (places - PIVOT) @ rotation(yaw, pitch, roll).T + PIVOT + pose[3:]
    nearer = Camera().distance / (Camera().distance - places[:, 2:])
    return (places[:, :2] - [0, Camera.MIDDLE]) * [1, -1] * nearer


@cache
def performances() -> tuple[Float32[np.ndarray, "frames modes"], Float32[np.ndarray, "frames 6"]]:
    """What the faces of the twelve sample clips do, frame by frame: expressions, and poses of the head."""
    tracks = [_acted(ROOT / "data_samples" / f"{name}.npz") for name in sample_names()]
    expressions, poses = zip(*tracks, strict=True)
    return np.concatenate(expressions), np.concatenate(poses)


def _acted(path: Path) -> tuple[Float32[np.ndarray, "frames modes"], Float32[np.ndarray, "frames 6"]]:
    truth = read_archive(path).truth
    assert truth is not None, path
    assert truth.expression is not None, path
    assert truth.pose is not None, path
    return truth.expression.numpy(), truth.pose.numpy()


def one_speaks(count: int = 200, *, turns: bool, seed: int = 0) -> Float[np.ndarray, "shapes 68 2"]:
    """One person in many moments of speech; ``turns`` is whether the head moves as well."""
    return _faces(count, people=1, turns=turns, seed=seed)


def many_speak(count: int = MANY, *, turns: bool, seed: int = 0) -> Float[np.ndarray, "shapes 68 2"]:
    """As many people as faces, each in one moment of speech; ``turns`` is whether heads move as well."""
    return _faces(count, people=count, turns=turns, seed=seed)


def _faces(count: int, *, people: int, turns: bool, seed: int) -> Float[np.ndarray, "shapes 68 2"]:
    rng = np.random.default_rng([seed, people])
    identities = [sample_identity(rng, female=bool(person % 2)) for person in range(people)]
    expressions, poses = performances()
    rows = rng.integers(0, len(expressions), count)
    return np.stack([
        points_of(identities[face % people], expressions[row], poses[row] if turns else None)
        for face, row in enumerate(rows)
    ])  # fmt: skip


@cache
def face_model() -> ShapeModel:
    """The shape model of many people who speak and turn their heads."""
    return ShapeModel.of_faces(many_speak(turns=True), components=COMPONENTS)


def points_from_clicks(clicks: Clicks, size: tuple[int, int], *, slack: float = SLACK) -> Float[np.ndarray, "68 2"]:
    """The 68 landmarks of the likeliest face that goes through some clicks.

    Two clicks say where the face is, how large and how it is turned; the rest is the mean of the course's shape model,
    and each further click moves its numbers: min |clicks − points(b)|² / slack² + Σ (b / σ)². Last, the net of
    landmarks is drawn to the clicks themselves, and keeps its Laplacian coordinates.

    Args:
        clicks: places in pixels; none gives the mean face in the middle.
        size: height and width of the picture.
        slack: large values trust the model, small ones the clicks.

    Source: the prior is that of Cootes et al. 1995, "Active shape models: their training and application".
    """
    if len(set(clicks.values())) < 2:  # one place says nothing about size and turn
        return _start(clicks, size)
    model, held = face_model(), list(clicks)
    wanted, numbers = np.array([clicks[point] for point in held], float), np.zeros(len(face_model().spread))
    fields = model.components[:, held].reshape(len(numbers), -1).T
    eyes = np.linalg.norm(model.mean[RIGHT_CORNER] - model.mean[LEFT_CORNER])
    doubt = (slack * float(eyes)) ** 2 / model.spread**2
    for _ in range(ROUNDS):
        here = best_similarity(model.reconstruct(numbers)[held], wanted)
        away = (here.inverse()(wanted) - model.mean[held]).ravel()
        numbers = np.linalg.solve(fields.T @ fields + np.diag(doubt), fields.T @ away)
    points = best_similarity(model.reconstruct(numbers)[held], wanted)(model.reconstruct(numbers))
    edges = ibug_edges()
    return from_laplacian(laplacian_coordinates(points, edges), edges, dict(zip(held, wanted, strict=True)))


def _start(clicks: Clicks, size: tuple[int, int]) -> Float[np.ndarray, "68 2"]:
    """The mean face in the middle of the picture, or where the only click wants it."""
    mean = face_model().mean
    eyes = float(np.linalg.norm(mean[RIGHT_CORNER] - mean[LEFT_CORNER]))
    points = mean * (START * min(size) / eyes) + [size[1] / 2, size[0] / 2]
    for point, place in clicks.items():
        points = points + (np.array(place) - points[point])
    return points
