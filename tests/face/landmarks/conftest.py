"""Pictures of an invented person with the truth about them, and a detector that is loaded once."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.corpus.snapshots import Snapshots, photographed
from thlab.face.action_units import expression
from thlab.face.head import Avatar, Camera, Renderer, sample_person, studio_light
from thlab.face.head.background import plain_background
from thlab.face.landmarks import FaceMesh

FRAMES = 24


@pytest.fixture(scope="session")
def finder() -> FaceMesh:
    return FaceMesh()


@pytest.fixture(scope="session")
def people() -> list[Snapshots]:
    """Pictures of six people whom nothing was fitted to."""
    framing = Camera(zoom=1.3, shift=(0.0, -0.14))
    return [photographed(53_000_000 + number, each=5, size=224, framing=framing) for number in range(6)]


@pytest.fixture(scope="session")
def speaking() -> tuple[np.ndarray, np.ndarray]:
    """A clip of a mouth that opens and closes every eight frames, and its landmarks."""
    draw, avatar = Renderer(224, camera=Camera(zoom=1.3, shift=(0.0, -0.14))), Avatar(sample_person(5))
    still, light, wall = np.zeros(6, np.float32), studio_light(), plain_background(224)
    faces = [expression(jaw_open=0.3 - 0.3 * np.cos(2 * np.pi * frame / 8)) for frame in range(FRAMES)]
    pictures = [draw.render(avatar, face, still, still[:2], light, wall).copy() for face in faces]
    points = [draw.truth(avatar, face, still, still[:2], maps=False).landmarks for face in faces]
    return np.stack(pictures), np.stack(points)
