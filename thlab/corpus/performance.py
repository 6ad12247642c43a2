"""How an actor moves while speaking, with every correlation that the papers claim to learn.

What sound explains, what the person explains, what the emotion explains and what nothing explains are separate terms,
each with its size in a constant or in :class:`ActingStyle`, so that a claim about learning one of them can be tested.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from thlab.audio.synthesis import Speech
from thlab.corpus.prosody import Prosody, prosody
from thlab.face.action_units import EXPRESSION_INDEX, add_emotion, closed_lips
from thlab.face.blinks import blink_times, blink_track
from thlab.face.motion import Motion
from thlab.face.random_motion import FRAME, brow_flashes, gestures, saccades, smooth_noise, turns
from thlab.face.visemes import SpeakingStyle, articulate, viseme_labels
from thlab.timebase import Interval, frame_times, video_frames

NOD_WITH_EMPHASIS = 0.030
"""Planted: radians by which the head lowers for one standard deviation of emphasis (Munhall et al. 2004)."""
LEAN_WITH_EMPHASIS = 0.05
"""Planted: head units towards the camera for the same."""
EMPHASIS_DELAY = 0.08
"""Seconds by which the head comes after the voice."""
BROWS_WITH_EMPHASIS = 0.03
"""Planted, and small on purpose: brow raise for one standard deviation of emphasis; more would betray the sound."""
LOUDNESS_OPENS = 0.25
"""Planted: the mouth opens this much more at the loudest than at the mean, as a share."""
SWAY_SECONDS = 0.7
SWAY = (0.045, 0.030, 0.028, 0.040, 0.025, 0.050)
"""Spread of the slow random part: yaw, pitch, roll in radians, x, y, z in head units."""
GAZE_COMPENSATION = 0.85
"""Share of a turn of the head that the eyes undo to stay on the camera (vestibulo-ocular reflex)."""
LIDS_FOLLOW_GAZE = 0.9
"""How far the upper lid comes down, for a radian of looking down."""
LIMITS = (0.60, 0.40, 0.40, 0.9, 0.7, 1.2)
"""Pose never goes beyond these, in the order of SWAY."""
POSTURE = {
    "neutral": (0.0, 0.0, 1.0), "happy": (-0.03, 0.05, 1.25), "sad": (0.10, -0.05, 0.55), "angry": (0.05, 0.22, 1.15),
    "surprise": (-0.05, -0.18, 1.0), "disgust": (-0.04, -0.15, 0.85), "fear": (0.02, -0.25, 0.80),
}  # fmt: skip
"""Planted: pitch in radians, lean in head units, and factor on movement of each emotion at full intensity."""


@dataclass(frozen=True)
class ActingStyle:
    """How one person moves, whatever is said: what MakeItTalk calls the speaker."""

    speaking: SpeakingStyle
    """Amplitude and asymmetry of the mouth."""
    pose_gain: float
    """Factor on every movement of the head, 0.5 to 1.6."""
    nod_gain: float
    """Factor on nodding with emphasis, 0.4 to 1.6."""
    brow_gain: float
    """Factor on brows, 0.3 to 1.6."""
    smile_asymmetry: float
    """How much stronger the left half smiles than the right, −0.35 to 0.35."""
    blinks_a_minute: float
    """10 to 34 (Bentivoglio et al. 1997: 26 in conversation, widely spread)."""
    directions: Float[np.ndarray, "3 3"]
    """Preferred yaw, pitch, roll: towards the camera and to either side of it; head pose is multi-modal."""
    rest: Float[np.ndarray, "3"]
    """How the head is held: pitch, roll, and z in head units."""


def acting_style(seed: int) -> ActingStyle:
    """The style of the person with this seed; the same on every machine."""
    rng = np.random.default_rng([seed, 0xAC7])
    speaking = SpeakingStyle(
        amplitude=float(rng.uniform(0.75, 1.25)),
        rounding=float(rng.uniform(0.85, 1.15)),
        asymmetry=float(rng.uniform(-0.35, 0.35)),
        closure=float(rng.uniform(0.95, 1.05)),
    )
    return ActingStyle(
        speaking=speaking,
        pose_gain=float(rng.uniform(0.5, 1.6)),
        nod_gain=float(rng.uniform(0.4, 1.6)),
        brow_gain=float(rng.uniform(0.3, 1.6)),
        smile_asymmetry=float(rng.uniform(-0.35, 0.35)),
        blinks_a_minute=float(rng.uniform(10, 34)),
        directions=_directions(rng),
        rest=rng.normal(0, (0.04, 0.03, 0.2)),
    )


def _directions(rng: np.random.Generator) -> Float[np.ndarray, "3 3"]:
    """Straight, to the left and to the right, each with its own tilt."""
    yaw = np.array([0.0, 1.0, -1.0]) * rng.uniform(0.16, 0.30, 3) + rng.normal(0, 0.02, 3)
    return np.stack([yaw, rng.normal(0, 0.03, 3), rng.normal(0, 0.04, 3)], 1)


@dataclass(frozen=True)
class Performance:
    """What the actor does, a row a frame, and what it comes from."""

    motion: Motion
    """Drives the head; its expression holds blinks and emotion."""
    blink: Float[np.ndarray, "frames"]
    """How far blinks close the lids, 0 to 1."""
    viseme: Int[np.ndarray, "frames"]
    """What is being said, as index into ``VISEMES``."""
    emotion: str
    intensity: float
    emphasis: Float[np.ndarray, "frames"]
    """Prosody, which moves the head and, a little, the brows."""
    unexplained_pose: Float[np.ndarray, "frames 6"]
    """The part of the pose that is random given sound and person."""
    regime: Int[np.ndarray, "frames"]
    """Gesture of the head, as index into ``random_motion.GESTURES``."""
    direction: Int[np.ndarray, "frames"]
    """Preferred direction that the head aims at."""
    pause: Bool[np.ndarray, "frames"]
    """Where nothing is said."""


def perform(
    speech: Speech, style: ActingStyle, *, emotion: str = "neutral", intensity: float = 1.0, rng: np.random.Generator
) -> Performance:
    """Act a speech.

    Args:
        speech: the sound with its phones.
        style: who acts; see :func:`acting_style`.
        emotion: a name in ``EMOTIONS``.
        intensity: 0 to 1.
        rng: chooses gestures, turns, blinks, saccades: all that is random given sound, person and emotion.

    Notebook: 01, "What an actor does".
    """
    audio = speech.audio.numpy()
    frames = video_frames(len(audio))
    heard = prosody(audio, frames)
    pause = pauses(speech.transcript.phones, frames)
    streams = rng.spawn(5)
    blink = blink_track(streams[0], blink_times(streams[0], pause, per_minute=style.blinks_a_minute), frames)
    loose, regime, direction = _unexplained_pose(streams[1], pause, style)
    pose = _pose(heard, loose, style, emotion, intensity)
    gaze = _gaze(streams[2], pose)
    mouth = _mouth(speech, heard, style)
    face = _face(streams[3], mouth, heard, style, emotion, intensity)
    face = _lids(face, blink, gaze)
    labels = viseme_labels(speech.transcript.phones, frame_times(frames))
    motion = Motion(face.astype(np.float32), pose.astype(np.float32), gaze.astype(np.float32))
    return Performance(motion, blink, labels, emotion, intensity, heard.emphasis, loose, regime, direction, pause)


def pauses(phones: tuple[Interval, ...], frames: int) -> Bool[np.ndarray, "frames"]:
    """Frames in which nothing is said: where people blink and look away."""
    return viseme_labels(phones, frame_times(frames)) == 0


# -- head -------------------------------------------------------------------------------------------------------------


def _unexplained_pose(
    rng: np.random.Generator, pause: Bool[np.ndarray, "frames"], style: ActingStyle
) -> tuple[Float[np.ndarray, "frames 6"], Int[np.ndarray, "frames"], Int[np.ndarray, "frames"]]:
    """Directions, gestures and sway; with the number of the gesture and of the direction."""
    pose = smooth_noise(rng, len(pause), 6, seconds=SWAY_SECONDS) * SWAY
    turned, direction = turns(rng, pause, style.directions)
    gesture, regime = gestures(rng, len(pause))
    pose[:, :3] += turned + gesture
    return pose, regime, direction


def _pose(
    heard: Prosody, loose: Float[np.ndarray, "frames 6"], style: ActingStyle, emotion: str, intensity: float
) -> Float[np.ndarray, "frames 6"]:
    """Random part, emphasis, posture and the person's rest together."""
    pitch, lean, liveliness = POSTURE[emotion]
    gain = style.pose_gain * (1 + intensity * (liveliness - 1))
    pose = gain * loose
    emphasis = _delayed(heard.emphasis, EMPHASIS_DELAY)
    pose[:, 1] += gain * style.nod_gain * NOD_WITH_EMPHASIS * emphasis + style.rest[0] + intensity * pitch
    pose[:, 2] += style.rest[1]
    pose[:, 5] += gain * LEAN_WITH_EMPHASIS * emphasis + style.rest[2] + intensity * lean
    limits = np.array(LIMITS)
    return limits * np.tanh(pose / limits)


def _delayed(track: Float[np.ndarray, "frames"], seconds: float) -> Float[np.ndarray, "frames"]:
    index = np.arange(len(track))
    return np.interp(index - seconds / FRAME, index, track)


# -- eyes -------------------------------------------------------------------------------------------------------------


def _gaze(rng: np.random.Generator, pose: Float[np.ndarray, "frames 6"]) -> Float[np.ndarray, "frames 2"]:
    """Eyes relative to the head: they undo most of its turning, and jump."""
    return np.clip(saccades(rng, len(pose)) - GAZE_COMPENSATION * pose[:, :2], -0.5, 0.5)


def _lids(
    face: Float[np.ndarray, "frames modes"], blink: Float[np.ndarray, "frames"], gaze: Float[np.ndarray, "frames 2"]
) -> Float[np.ndarray, "frames modes"]:
    """Blinks close the lids, and lids follow the eyes down; a blink overrules wide and narrowed eyes."""
    lids = np.maximum(blink, np.clip(LIDS_FOLLOW_GAZE * gaze[:, 1], 0, 0.4))
    closed = face.copy()
    for mode in ("blink_L", "blink_R"):
        closed[:, EXPRESSION_INDEX[mode]] = lids
    for mode in ("eye_wide", "squint"):
        closed[:, EXPRESSION_INDEX[mode]] *= 1 - blink
    return closed


# -- face -------------------------------------------------------------------------------------------------------------


def _mouth(speech: Speech, heard: Prosody, style: ActingStyle) -> Float[np.ndarray, "frames modes"]:
    """Articulation in the person's style; louder syllables open further."""
    spoken = heard.loudness > 0.2
    mean = float(heard.loudness[spoken].mean()) if spoken.any() else 0.5
    gain = np.clip(1 + LOUDNESS_OPENS * (heard.loudness - mean) / max(1 - mean, 0.1), 0.7, 1.3)
    times = frame_times(len(heard.loudness))
    return articulate(speech.transcript.phones, times, style=style.speaking, loudness=gain)


def _face(
    rng: np.random.Generator,
    mouth: Float[np.ndarray, "frames modes"],
    heard: Prosody,
    style: ActingStyle,
    emotion: str,
    intensity: float,
) -> Float[np.ndarray, "frames modes"]:
    """Brows and emotion on top of the mouth; the emotion's strength drifts a little."""
    face = mouth.copy()
    raised = style.brow_gain * (BROWS_WITH_EMPHASIS * heard.emphasis + brow_flashes(rng, len(mouth)))
    for mode, share in (("brow_inner", 1.0), ("brow_outer_L", 0.8), ("brow_outer_R", 0.8)):
        face[:, EXPRESSION_INDEX[mode]] += share * raised.clip(0, 0.6)
    drift = np.clip(1 + 0.12 * smooth_noise(rng, len(mouth), 1, seconds=0.8)[:, 0], 0.7, 1.2)
    felt = add_emotion(face, emotion, (intensity * drift).astype(np.float32))
    return _lopsided(felt, style)


def _lopsided(face: Float[np.ndarray, "frames modes"], style: ActingStyle) -> Float[np.ndarray, "frames modes"]:
    """A smile stronger on one side; less where the lips must meet."""
    skew = style.smile_asymmetry * (1 - 0.5 * closed_lips(face))
    uneven = face.copy()
    uneven[:, EXPRESSION_INDEX["smile_L"]] *= 1 + skew
    uneven[:, EXPRESSION_INDEX["smile_R"]] *= 1 - skew
    return uneven
