"""A photograph that speaks: a mesh is laid over one picture and moved by coefficients; what it never showed is painted.

The picture itself is the model: no network knows the person, so their identity cannot drift. MediaPipe's mesh carries
the expressions of this course's head (``thlab.face.mesh``), every triangle takes its pixels along
(``thlab.render.piecewise``), folds are relit, and the inside of the mouth and the closed lids, of which a photograph
says nothing, are painted from its colours (``thlab.render.mouth``, ``lids``).

It is not one of the survey's 17 systems. Its relatives are warps of one photograph: Averbuch-Elor et al. 2017,
"Bringing portraits to life", which moves landmarks as a driving video does, and the landmark route of MakeItTalk for
drawings (Zhou et al. 2020). Ours differs in its driver: coefficients that :mod:`thlab.systems.talker` hears in speech.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, UInt8
from torch import Tensor

from thlab.face.action_units import EXPRESSION_INDEX, add_emotion
from thlab.face.head.stage import AHEAD, in_order
from thlab.face.landmarks import FaceMesh, chosen_face
from thlab.face.mesh import mesh_basis
from thlab.face.mesh.topology import (
    CHEEKS,
    FOREHEAD_PATCH,
    INNER_LOWER,
    INNER_UPPER,
    LOWER_LID,
    LOWER_LIP,
    OUTER_LOWER,
    OUTER_UPPER,
    OVAL,
    POINTS,
    UPPER_LID,
    UPPER_LIP,
)
from thlab.face.motion import Motion
from thlab.face.portrait import Placed, Rig, frame_face, rest_face
from thlab.media import Clip
from thlab.render import grain, lids, medium, mouth, relight
from thlab.render.lids import EyeLines
from thlab.render.mouth import LipLines, MouthFrame
from thlab.render.piecewise import PiecewiseWarp
from thlab.systems.base import Card, System, pictures_of

Picture = UInt8[np.ndarray, "height width 3"]
Mask = Bool[np.ndarray, "height width"]
Mesh = Float32[np.ndarray, "468 3"]
TURNS = np.array([0.30, 0.35, 0.40])
"""Shares of yaw, pitch and roll that a flat picture takes before one sees that it is flat."""
TEETH_HIDDEN = 0.7
"""How far pursed lips hide the teeth: wholly dark, a narrow opening is read as a wide one."""
SHIFTS = np.array([0.40, 0.40, 0.0])
"""Shares of the head's shifts; there is no way towards the camera."""


@dataclass(frozen=True)
class PhotographConfig:
    """How large pictures become."""

    largest_part: int = 512
    """Pixels a side of the part around the face that moves, at most."""
    longest: int = 1080
    """Pixels of the longer side of the output, at most."""


class Photograph(System):
    """Animates anyone of whom there is one picture; it has no weights and learns nothing. Chapter 07."""

    card = Card(
        name="Photograph",
        title="",
        authors="thlab",
        venue="",
        year=2026,
        drivers=("text", "sound"),
        framework="Render engine",
        intermediate="3D, landmarks",
        disentangled=False,
        anyone=True,
        head_motion=True,
        expression=True,
        knobs=("pose", "emotion"),
        in_survey=False,
    )
    config_class = PhotographConfig

    def __init__(self, config: PhotographConfig | None = None) -> None:
        super().__init__()
        self.config = config or PhotographConfig()

    def losses(self, batch: Any, *, player: str, rng: torch.Generator) -> dict[str, Tensor]:
        """There are none.

        Raises:
            ValueError: always.
        """
        raise ValueError("the Photograph has no weights and nothing to learn; use it as it is: thlab talk --face")

    def animate(
        self,
        reference: Clip,
        driving: Clip,
        *,
        pose: Clip | None = None,
        emotion: str | None = None,
        seed: int = 0,
    ) -> Clip:
        """Move the first picture of a clip as the coefficients of another say.

        Args:
            reference: the person: a clip with at least one picture.
            driving: a clip whose truth has expressions, and perhaps pose and gaze: a synthetic one, a prepared one, or
                what the talker hears in a sound (``Talker.act``).
            pose: whose head motion to take instead.
            emotion: a name in ``action_units.EMOTIONS``, laid over the face.
            seed: nothing is random but the grain of what is painted.

        Raises:
            ValueError: there is no picture or no face in it, or the driving clip has no expressions.
        """
        picture = pictures_of(reference, self.card.name)[0].numpy()
        motion = motion_of(driving, pose, emotion)
        face = chosen_face(FaceMesh().detect(picture, most=8), None, where="the first picture of the reference")
        portrait = Portrait(picture, face.points, self.config, seed=seed)
        frames = torch.from_numpy(np.stack(list(portrait.frames(motion))))
        return Clip(frames, driving.audio, driving.transcript)


def motion_of(driving: Clip, pose: Clip | None, emotion: str | None) -> Motion:
    """The motion that a clip's truth records; what it does not know stays as in the photograph.

    Raises:
        ValueError: it has no expressions, the other clip has no pose, or they differ in length.
    """
    truth = driving.truth
    if truth is None or truth.expression is None:
        raise ValueError(
            "the Photograph is driven by coefficients, but the driving clip's truth has no expression; "
            "for a sound use thlab talk --face, for a video thlab prepare"
        )
    expression = truth.expression.numpy().astype(np.float32)
    if emotion is not None:
        expression = add_emotion(expression, emotion)
    posed = truth if pose is None else pose.truth
    if pose is not None and (posed is None or posed.pose is None):
        raise ValueError("the clip given for the pose knows none; take one whose truth has it")
    still = np.zeros((len(expression), 8), np.float32)
    track = still[:, :6] if posed is None or posed.pose is None else posed.pose.numpy().astype(np.float32)
    gaze = still[:, 6:] if truth.gaze is None else truth.gaze.numpy().astype(np.float32)
    if len(track) != len(expression):
        raise ValueError(
            f"the clip given for the pose has {len(track)} frames, but the driving clip {len(expression)}; "
            "they must have one length: slice the longer one"
        )
    return Motion(expression, track, gaze)


class Portrait:
    """One photograph ready to be filmed.

    Args:
        picture: the whole photograph.
        points: the mesh of its face with irises, 478 points in pixels.
        config: how large it becomes.
        seed: of the grain of what is painted.
        threads: how many frames are made at once; by default one a core. Their number changes no pixel.
    """

    def __init__(
        self,
        picture: Picture,
        points: Float[np.ndarray, "478 3"],
        config: PhotographConfig | None = None,
        *,
        seed: int = 0,
        threads: int | None = None,
    ) -> None:
        config = config or PhotographConfig()
        self.framing = frame_face(picture, points, largest_part=config.largest_part, longest=config.longest)
        part = self.framing.part
        self.rest = rest_face(part, self.framing.points)
        self.rig = Rig(self.rest, height=part.shape[0], width=part.shape[1])
        self.painter = Painter(part, self.rig, rng=np.random.default_rng([seed, 0x6AA1]))
        self.threads = threads or os.cpu_count() or 1

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the frames; both even."""
        return self.framing.picture.shape[0], self.framing.picture.shape[1]

    def frames(self, motion: Motion) -> Iterator[Picture]:
        """Film a motion, frame by frame and in order; the head moves by a share of its pose.

        Poses count from that of the photograph.
        """
        own = threading.local()

        def draw(index: int) -> Picture:
            if not hasattr(own, "warp"):
                own.warp = self.warp()
            row = motion.expression[index], held_back(motion.pose[index]), motion.gaze[index]
            return self.framing.paste(self.frame(own.warp, *row))

        with ThreadPoolExecutor(self.threads) as pool:
            yield from in_order(pool, draw, len(motion), ahead=AHEAD * self.threads)

    def warp(self) -> PiecewiseWarp:
        """The moving part with its mesh; one for each thread."""
        rest = np.ascontiguousarray(self.rig.rest_vertices[:, :2])
        return PiecewiseWarp(self.framing.part, rest, self.rig.triangles)

    def frame(
        self,
        warp: PiecewiseWarp,
        expression: Float[np.ndarray, "modes"],
        pose: Float[np.ndarray, "6"],
        gaze: Float[np.ndarray, "2"],
        *,
        closed: float = 1.0,
    ) -> Picture:
        """The moving part in one frame: warped, relit, and what is new painted in. See ``Rig.place``."""
        placed = self.rig.place(expression, pose, gaze, closed=closed)
        return self.painter.paint(warp(placed.vertices[:, :2]), placed, expression)


def held_back(pose: Float[np.ndarray, "6"]) -> Float[np.ndarray, "6"]:
    """What a photograph takes of the movements of a head."""
    return np.concatenate([TURNS * pose[:3], SHIFTS * pose[3:]])


# -- what the photograph never showed ---------------------------------------------------------------------------------


class Painter:
    """Paints the inside of the mouth and the closed lids, and relights folds, in the colours of one photograph."""

    def __init__(self, part: Picture, rig: Rig, *, rng: np.random.Generator) -> None:
        mesh, unit = rig.rest_vertices[:POINTS], rig.pose.scale
        size = part.shape[:2]
        skin, lips, eyes = skin_mask(mesh, size), lip_mask(mesh, size), eye_mask(mesh, size)
        self.medium = medium.recognise(part, skin=skin, lips=lips, eyes=eyes)
        self._grain = grain.learn(part, skin, rng=rng)
        stuff: dict[str, Any] = {"skin": skin, "medium": self.medium, "grain": self._grain}
        at_rest = MouthFrame(*rig.place(np.zeros(len(EXPRESSION_INDEX)), np.zeros(6), np.zeros(2)).mouth_frame)
        self._mouth = mouth.learn(part, lip_lines(mesh), at_rest, eyes=eyes, **stuff)
        self._lids = {side: lids.learn(part, eye_lines(mesh, side), unit=unit, **stuff) for side in "RL"}
        strength = 0.0 if self.medium.kind == "drawing" else 1.0
        self._light = relight.learn(part, mesh, mesh_basis().triangles, relit_weights(), unit=unit, strength=strength)

    def paint(self, warped: Picture, placed: Placed, expression: Float[np.ndarray, "modes"]) -> Picture:
        """Finish a warped picture."""
        amount = {name: float(expression[mode]) for name, mode in EXPRESSION_INDEX.items()}
        picture = relight.apply(warped, self._light, placed.mesh)
        for side in "RL":
            closure = float(np.clip(amount[f"blink_{side}"], 0, 1))
            picture = lids.paint(picture, self._lids[side], eye_lines(placed.mesh, side), closure)
        return mouth.paint(
            picture,
            self._mouth,
            placed.mesh[INNER_UPPER, :2],
            placed.mesh[INNER_LOWER, :2],
            MouthFrame(*placed.mouth_frame),
            jaw=amount["jaw_open"],
            tongue_up=amount["tongue_up"],
            tongue_out=amount["tongue_out"],
            rounding=TEETH_HIDDEN * float(np.clip(amount["pucker"], 0, 1)),
        )


def lip_lines(mesh: Mesh) -> LipLines:
    """The contours of the lips."""
    return LipLines(*(mesh[row, :2] for row in (OUTER_UPPER, INNER_UPPER, INNER_LOWER, OUTER_LOWER)))


def eye_lines(mesh: Mesh, side: str) -> EyeLines:
    """The contours of one eye, from its outer to its inner corner."""
    rows = (*UPPER_LID[side], *LOWER_LID[side][:2])
    return EyeLines(*(mesh[row if side == "R" else row[::-1], :2] for row in rows))


def skin_mask(mesh: Mesh, size: tuple[int, int]) -> Mask:
    """Cheeks and the middle of the forehead."""
    cheeks = medium.filled([mesh[ring, :2] for ring in CHEEKS.values()], size)
    return cheeks | medium.filled([mesh[FOREHEAD_PATCH, :2]], size)


def lip_mask(mesh: Mesh, size: tuple[int, int]) -> Mask:
    """The red of the lips."""
    return medium.filled(lip_lines(mesh).lips(), size)


def eye_mask(mesh: Mesh, size: tuple[int, int]) -> Mask:
    """The openings of the eyes."""
    rims = [np.concatenate([UPPER_LID[side][0], LOWER_LID[side][0][::-1]]) for side in "RL"]
    return medium.filled([mesh[rim, :2] for rim in rims], size)


def relit_weights() -> Float32[np.ndarray, "468"]:
    """Where light follows the folds of the skin: hardly on the red of the lips, not on rims, nor on the oval."""
    weights = np.ones(POINTS, np.float32)
    weights[np.concatenate([UPPER_LIP[2:], LOWER_LIP[2:]])] = 0.4
    lids_rims = [*(UPPER_LID[side][:2] for side in "RL"), *(LOWER_LID[side][:1] for side in "RL")]
    for rows in (UPPER_LIP[:2], LOWER_LIP[:2], *lids_rims, OVAL):
        weights[rows] = 0
    return weights
