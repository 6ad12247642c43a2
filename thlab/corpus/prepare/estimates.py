"""What a recording does not say and a mesh of the face lets one estimate: expression, blinks, gaze, what is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32

from thlab.corpus.cleaning.geometry import lips_seen
from thlab.corpus.prepare.poses import Poses, fit_poses
from thlab.face.action_units import EXPRESSION_INDEX, EXPRESSIONS
from thlab.face.head import eyes_of
from thlab.face.head.identity_basis import IDENTITY_MODES
from thlab.face.landmarks.conversion import mesh_to_ibug
from thlab.face.landmarks.visibility import faces_camera
from thlab.face.mesh.basis import ROUNDS, STRONGEST, TO_BOTH_SIDES, UNSEEN, mesh_basis
from thlab.face.mesh.topology import IRIS, LOWER_LID, POINTS, UPPER_LID

Mesh = Float[np.ndarray, "frames points 3"]
"""The 478 points of the mesh in pixels; x right, y down, z away."""
RESTRAINT = 0.02
"""Weight of the squares of the coefficients, as in ``thlab.face.mesh.basis.fit_expression``."""
SWEEPS = 40
"""Rounds of the coordinate descent."""
AT_REST = 0.25
"""Share of the frames, those with the mouth most closed, whose median is the person's face at rest."""
OPEN_EYES = 0.75
"""Quantile of the gap between the lids that counts as a person's open eye: blinks take few frames, wide eyes too."""
SHUT_EYES = 0.07
"""Share of that gap that is left between the detector's lids when the eyes are shut."""


@dataclass(frozen=True, eq=False)
class Person:
    """What is personal about a face, learned from all of its video."""

    rest: Float[np.ndarray, "468 3"]
    """The mesh at rest, in head units."""
    open_eye: float
    """Gap between the lids of open eyes, in head units."""
    gaze: Float[np.ndarray, "2"]
    """Where the eyes look most of the time, before it is taken for straight ahead; radians."""


def know(mesh: Mesh) -> Person:
    """Learn what a person's face is like from frames all over the video.

    Raises:
        ValueError: there are none.
    """
    if not len(mesh):
        raise ValueError("a person is learned from frames that show the face, but there is none")
    head = fit_poses(mesh).to_head(mesh)
    opening = lips_seen(mesh_to_ibug(mesh)).gap
    calm = head[opening <= np.quantile(opening, AT_REST)]
    gaps = lid_gaps(head).mean(1)
    return Person(np.median(calm[:, :POINTS], 0), float(np.quantile(gaps, OPEN_EYES)), np.median(raw_gaze(head), 0))


# -- expression -------------------------------------------------------------------------------------------------------


def fit_expressions(mesh: Mesh, rest: Float[np.ndarray, "468 3"]) -> tuple[Float32[np.ndarray, "frames modes"], Poses]:
    """``thlab.face.mesh.basis.fit_expression`` for many frames at once, against one person's face at rest.

    Minimises |D c − d|² + λ |c|² within bounds by coordinate descent, all frames side by side; then the pose is fitted
    again to the mesh without that expression, and so on.

    Args:
        mesh: the points in pixels.
        rest: the same person at rest, in head units.

    Returns:
        Coefficients, and the poses that go with them.
    """
    modes = [EXPRESSION_INDEX[name] for name in EXPRESSIONS if name not in UNSEEN]
    fields = mesh_basis().expression[modes].reshape(len(modes), -1).astype(float)
    poses, found = fit_poses(mesh), np.zeros((len(mesh), len(modes)))
    for _ in range(ROUNDS):
        apart = (poses.to_head(mesh[:, :POINTS]) - rest).reshape(len(mesh), -1)
        found = descend(fields, apart, found)
        poses = fit_poses(mesh[:, :POINTS] - poses.displacement((found @ fields).reshape(len(mesh), POINTS, 3)))
    track = np.zeros((len(mesh), len(EXPRESSIONS)), np.float32)
    track[:, modes] = found
    return track, poses


def descend(
    fields: Float[np.ndarray, "seen coordinates"],
    apart: Float[np.ndarray, "frames coordinates"],
    found: Float[np.ndarray, "frames seen"],
) -> Float[np.ndarray, "frames seen"]:
    """Bounded least squares of every frame, one coefficient after the other, from a first guess on."""
    names = [name for name in EXPRESSIONS if name not in UNSEEN]
    lowest = [-STRONGEST if name in TO_BOTH_SIDES else 0.0 for name in names]
    gram, wanted, found = fields @ fields.T + RESTRAINT * np.eye(len(fields)), apart @ fields.T, found.copy()
    for _ in range(SWEEPS):
        for k, least in enumerate(lowest):
            step = (wanted[:, k] - found @ gram[k]) / gram[k, k]
            found[:, k] = np.clip(found[:, k] + step, least, STRONGEST)
    return found


# -- eyes -------------------------------------------------------------------------------------------------------------


def lid_gaps(head: Float[np.ndarray, "frames points 3"]) -> Float[np.ndarray, "frames 2"]:
    """Between the lids in the middle of each eye, the subject's right first; head units."""
    gaps = []
    for side in "RL":
        upper, lower = UPPER_LID[side][0], LOWER_LID[side][0]
        middle = slice(len(upper) // 2 - 1, len(upper) // 2 + 2)
        above, below = head[:, upper[middle], 1].mean(1), head[:, lower[middle], 1].mean(1)
        gaps.append(above - below)
    return np.stack(gaps, 1)


def blinks(head: Float[np.ndarray, "frames points 3"], open_eye: float) -> Float32[np.ndarray, "frames"]:
    """How far the lids are closed, 0 to 1: the gap between them against that of the person's own open eyes."""
    closed = (1 - lid_gaps(head).mean(1) / open_eye) / (1 - SHUT_EYES)
    return np.clip(closed, 0, 1).astype(np.float32)


def raw_gaze(head: Float[np.ndarray, "frames points 3"]) -> Float[np.ndarray, "frames 2"]:
    """Yaw and pitch of the eyes from the place of the irises between the corners of the eyes, the mean of both eyes."""
    radius, looks = eyes_of(np.zeros(len(IDENTITY_MODES))).radius, []
    for side in "RL":
        corners = head[:, UPPER_LID[side][0][[0, -1]]].mean(1)
        away = (head[:, IRIS[side][0]] - corners)[:, :2] / radius
        looks.append(np.arcsin(np.clip(away * [1, -1], -0.9, 0.9)))
    return np.mean(looks, 0)


def gaze(head: Float[np.ndarray, "frames points 3"], usual: Float[np.ndarray, "2"]) -> Float32[np.ndarray, "frames 2"]:
    """Yaw and pitch of the eyes relative to the head; where they look most of the time is straight ahead.

    Shut lids hide the irises, so that the mesh guesses them.
    """
    return (raw_gaze(head) - usual).astype(np.float32)


# -- what the camera sees ---------------------------------------------------------------------------------------------


def visible(landmarks: Float[np.ndarray, "frames 68 2"], poses: Poses, size: int) -> Bool[np.ndarray, "frames 68"]:
    """Landmarks that lie in the picture and on the side of the head that is turned to the camera."""
    return ((landmarks >= 0) & (landmarks < size)).all(2) & faces_camera(poses.rotation)
