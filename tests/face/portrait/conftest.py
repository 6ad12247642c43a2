"""A synthetic person's photograph and the mesh in it, found once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from thlab.face.action_units import expression
from thlab.face.head import Stage, sample_person
from thlab.face.landmarks import FaceMesh
from thlab.face.motion import Motion
from thlab.face.portrait import RestFace, Rig, frame_face, rest_face


@dataclass(frozen=True, eq=False)
class Photograph:
    """A picture, the part with the face, and what was read of it."""

    picture: np.ndarray
    points: np.ndarray
    part: np.ndarray
    rest: RestFace
    rig: Rig


def photograph(actor: int, *, yaw: float = 0.0, **face: float) -> Photograph:
    """A synthetic person with a face, photographed at 320 pixels."""
    pose = np.zeros((1, 6), np.float32)
    pose[0, 0] = yaw
    motion = Motion(expression(**face)[None].astype(np.float32), pose, np.zeros((1, 2), np.float32))
    picture = next(Stage(sample_person(actor), size=320).frames(motion))
    points = FaceMesh().detect(picture)[0].points
    framing = frame_face(picture, points)
    rest = rest_face(framing.part, framing.points)
    rig = Rig(rest, height=framing.part.shape[0], width=framing.part.shape[1])
    return Photograph(picture, points, framing.part, rest, rig)


@pytest.fixture(scope="session")
def closed_mouth() -> Photograph:
    return photograph(18)


@pytest.fixture(scope="session")
def open_smile() -> Photograph:
    return photograph(18, jaw_open=0.25, smile=0.8, upper_raise=0.3)


@pytest.fixture(scope="session")
def turned() -> Photograph:
    return photograph(18, yaw=0.6)
