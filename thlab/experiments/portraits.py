"""Pictures of a synthetic person for a system to start from: the face that looks at the camera, saying five sounds."""

from __future__ import annotations

import numpy as np
import torch

from thlab.face.action_units import expression
from thlab.face.head import FACE_CROP, Avatar, Renderer, sample_background, sample_light, sample_person
from thlab.face.visemes import TARGETS
from thlab.media import Clip, Truth

SOUNDS = ("sil", "PP", "AA", "IY", "UW")
"""A mouth at rest first, since the head stays as it is in the first picture; then closed, open, wide and round."""


def portrait(actor: int, *, size: int, seed: int = 0) -> Clip:
    """Five pictures of a person, with landmarks.

    Args:
        actor: seed of the person.
        size: pixels a side.
        seed: of light and background.
    """
    rng = np.random.default_rng([seed, 0x9027])
    avatar, light, background = Avatar(sample_person(actor)), sample_light(rng), sample_background(rng, size)
    draw = Renderer(size, camera=FACE_CROP)
    still, ahead = np.zeros(6, np.float32), np.zeros(2, np.float32)
    faces = [expression(**TARGETS[name]) for name in SOUNDS]
    pictures = [draw.render(avatar, face, still, ahead, light, background).copy() for face in faces]
    points = [draw.truth(avatar, face, still, ahead).landmarks for face in faces]
    truth = Truth(landmarks=torch.from_numpy(np.stack(points)), blink=torch.zeros(len(faces)), actor=actor)
    return Clip(torch.from_numpy(np.stack(pictures)), truth=truth)
