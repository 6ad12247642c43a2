"""What MediaPipe's mesh reads from generated lips: a second reader, trained by others on photographs of people.

The judge of ``thlab.experiments.scores`` has seen synthetic people alone; where real faces are painted, it is not to be
trusted by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from thlab.experiments.own_clips import resized
from thlab.face.landmarks import FaceMesh
from thlab.media import Clip
from thlab.metrics.landmark import align, landmark_distance, lip_follow, lip_gap

SIZE = 256
"""Pixels a side to which smaller pictures are enlarged before they are read."""


@dataclass(frozen=True)
class MeshScores:
    """What is read of one clip, beside the real one read alike."""

    mesh_found: float
    """Share of the generated frames in which the face is found; 1 is best."""
    mesh_lip_r: float
    """Correlation of the lip gap with that of the real frames; more."""
    mesh_lip_spread: float
    """Standard deviation of the gap over that of the real frames; near 1."""
    mesh_lmd: float
    """Mouth landmark distance after eyes and nose are laid over each other, over the distance of the eyes; less."""


def mesh_is_there() -> bool:
    """Whether MediaPipe is installed."""
    return find_spec("mediapipe") is not None


def read_mesh(
    frames: UInt8[Tensor, "frames height width 3"],
) -> tuple[Float[Tensor, "frames 68 2"], Bool[Tensor, "frames"]]:
    """The 68 landmarks of every frame, and whether a face was found there; frames without one repeat the last.

    Raises:
        ValueError: MediaPipe is not installed.
    """
    mesh, points, rows, found = FaceMesh(still=False, most=1), np.zeros((68, 2), np.float32), [], []
    for frame in frames:
        large = resized(frame[None], SIZE)[0] if max(frame.shape) < SIZE else frame
        faces = mesh.detect(large.numpy())
        points = faces[0].ibug() if faces else points
        rows.append(points)
        found.append(bool(faces))
    return torch.from_numpy(np.stack(rows)), torch.tensor(found)


def mesh_score(generated: Clip, real: Clip) -> MeshScores:
    """Read both clips and compare their lips, over the frames in which both faces are found.

    Raises:
        ValueError: a clip has no pictures, or lengths differ.
    """
    if generated.frames is None or real.frames is None or len(generated) != len(real):
        raise ValueError("lips are compared between two clips with pictures and of one length; cut them alike")
    (ours, seen), (theirs, there) = read_mesh(generated.frames), read_mesh(real.frames)
    both = seen & there
    if both.sum() < 3:
        return MeshScores(seen.float().mean().item(), 0.0, 0.0, float("inf"))
    ours, theirs = ours[both], theirs[both]
    following = lip_follow(lip_gap(ours), lip_gap(theirs))
    apart = landmark_distance(align(ours, theirs), theirs, convention="mean", unit="eyes")
    return MeshScores(seen.float().mean().item(), following.r.item(), following.spread.item(), apart.item())
