"""How a head moves: the numbers between the voice and the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

ExpressionTrack = Float[np.ndarray, "frames modes"]
"""Coefficients of the expression basis, in the order of ``thlab.face.action_units.EXPRESSIONS``; about 0 to 1."""
PoseTrack = Float[np.ndarray, "frames 6"]
"""Yaw, pitch, roll (radians; positive: towards the subject's left, downwards, towards the subject's left shoulder) and
translation x, y, z (head units of 10 cm; the subject's left, up, towards the camera)."""
GazeTrack = Float[np.ndarray, "frames 2"]
"""Yaw and pitch of both eyes relative to the head, radians, with the signs of the pose."""


@dataclass(frozen=True)
class Motion:
    """Expression, pose and gaze at 25 frames a second: what drives the head."""

    expression: ExpressionTrack
    pose: PoseTrack
    gaze: GazeTrack

    def __post_init__(self) -> None:
        frames = {len(self.expression), len(self.pose), len(self.gaze)}
        if len(frames) != 1:
            raise ValueError(f"the tracks of a motion must have one length, but have {sorted(frames)} frames")

    def __len__(self) -> int:
        return len(self.expression)

    def __getitem__(self, frames: slice) -> Motion:
        return replace(self, expression=self.expression[frames], pose=self.pose[frames], gaze=self.gaze[frames])
