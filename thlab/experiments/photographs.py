"""The main job with a photograph: a picture and a sound become a clip in which the person in the picture speaks.

Sound → :mod:`thlab.systems.talker` → :mod:`thlab.systems.photograph` → an mp4, frame by frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8
from torch import Tensor
from tqdm import tqdm

from thlab.audio.synthesis import Speech
from thlab.corpus.voices import Line, say, voice_of
from thlab.experiments.talk import timed, trained_talker
from thlab.face.head import sample_person
from thlab.face.landmarks import FaceMesh, chosen_face
from thlab.face.mesh.completion import complete_mesh
from thlab.face.motion import Motion
from thlab.media import ClipWriter, read_picture, stamp
from thlab.media.points_files import read_points
from thlab.systems.photograph import TURNS, PhotographConfig, Portrait
from thlab.systems.talker import EYES_STAY
from thlab.timebase import Transcript

Picture = UInt8[np.ndarray, "height width 3"]
NARRATOR = 10
"""The synthetic person whose voice reads a text for a photograph, unless another is asked for."""
ACCENT = "en-us"


@dataclass(frozen=True)
class FaceConfig:
    """Whose face speaks, and how."""

    face: Path
    """The picture."""
    face_index: int | None = None
    """Which of several faces, counted from 0 by size; by default the largest."""
    landmarks: Path | None = None
    """A file with the points of the face, for pictures in which none is found."""
    emotion: str = "neutral"
    intensity: float = 0.8
    """Strength of the emotion, 0 to 1."""
    seed: int = 0
    """Of head motion and blinks."""
    mark: bool = False
    """Whether 'synthetic' is drawn into the picture; the note in the file is always there."""
    limits: PhotographConfig = field(default_factory=PhotographConfig)
    """How large the output may become."""


def portrait_of(config: FaceConfig) -> Portrait:
    """Read a picture, find its face and prepare it.

    Raises:
        ValueError: not a picture, no face in it, none of that index, or a file of points that does not fit.
    """
    picture = read_picture(config.face)
    return Portrait(picture, points_of(picture, config), config.limits, seed=config.seed)


def points_of(picture: Picture, config: FaceConfig) -> Float[np.ndarray, "478 3"]:
    """The mesh of the chosen face, from the file of its points or from the detector."""
    if config.landmarks is not None:
        points = complete_mesh(read_points(config.landmarks))
        check_inside(points, picture, config)
        return points
    faces = FaceMesh().detect(picture, most=max(8, (config.face_index or 0) + 1))
    return chosen_face(faces, config.face_index, where=str(config.face)).points


def check_inside(points: Float[np.ndarray, "478 3"], picture: Picture, config: FaceConfig) -> None:
    """Refuse points of another picture.

    Raises:
        ValueError: their middle lies outside.
    """
    height, width = picture.shape[:2]
    x, y = points[:, :2].mean(0)
    if not (0 <= x <= width and 0 <= y <= height):
        raise ValueError(
            f"the points of {config.landmarks} lie around ({x:.0f}, {y:.0f}), but {config.face} has {width}×{height} "
            "pixels; give the points of this picture"
        )


def say_for_face(text: str, config: FaceConfig, *, accent: str | None = None, rate: int | None = None) -> Speech:
    """Speak a text for a photograph, whose voice nobody knows, in a neutral one.

    Raises:
        ValueError: nothing to say, or no such voice.
    """
    voice = replace(voice_of(sample_person(NARRATOR)), accent=accent or ACCENT)
    (speech,) = say([Line(text, replace(voice, rate=float(rate or voice.rate)), config.emotion, config.intensity)])
    return speech


def talk_face(
    portrait: Portrait,
    audio: Float[Tensor, "samples"],
    output: Path,
    config: FaceConfig,
    *,
    transcript: Transcript | None = None,
    quiet: bool = True,
) -> Transcript | None:
    """Write a clip in which the face of a photograph says a sound.

    Args:
        portrait: whose face, see :func:`portrait_of`.
        audio: mono sound at 16 kHz.
        output: the mp4; written whole or not at all.
        config: how it speaks.
        transcript: what is said, when that is known.
        quiet: no progress bar.

    Returns:
        The transcript with its times, or None when nothing was known.

    Raises:
        ValueError: the transcript cannot be aligned with the sound, or the output cannot be written.
    """
    with ClipWriter(output, size=portrait.size, audio=audio) as writer:
        transcript = timed(audio, transcript)
        motion = trained_talker().act(
            audio, transcript, emotion=config.emotion, intensity=config.intensity, seed=config.seed
        )
        frames = portrait.frames(eyes_on_camera(motion))
        for frame in tqdm(frames, "painting", len(motion), unit=" frames", disable=quiet):
            writer.write(stamp(frame) if config.mark else frame)
    return transcript


def eyes_on_camera(motion: Motion) -> Motion:
    """The same motion with eyes that make up for what a photograph turns, which is less than the head would."""
    not_turned = motion.pose[:, :2] * (1 - TURNS[:2])
    return replace(motion, gaze=(motion.gaze + EYES_STAY * not_turned).astype(np.float32))
