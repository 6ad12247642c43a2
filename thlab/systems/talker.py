"""The main job's system: sound → expression, pose and blinks by a small network → the procedural head → pixels.

The survey calls this the render-engine route. A temporal convolutional network reads the sound three ways: as log-mel
energies, as phones that a recogniser decodes without knowing the language, and as the phones of the words it
recognises (or of the text, when that is known). It answers with the coefficients of the face and with distributions
over head pose and blinks, from which a seed draws one performance.

It is not one of the survey's 17 systems; its nearest relatives there drive a 3-D model by regressed coefficients
(FACIAL, Audio2Head). What is ours: the recogniser as a second ear, so that lips close on m, b and p of voices that
the network, trained on synthetic speech alone, has never heard.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, Integer
from torch import Tensor, nn

from thlab.audio.features import log_mel
from thlab.audio.phonemes import PHONES, classes_at
from thlab.audio.recognition import recognise_phones, recognise_words
from thlab.face.action_units import EXPRESSION_INDEX, EXPRESSIONS, add_emotion
from thlab.face.blinks import blink_track
from thlab.face.head import Stage, head_model, landmark_ids, sample_person
from thlab.face.motion import Motion
from thlab.face.points import MOUTH
from thlab.face.random_motion import brow_flashes, saccades, smooth_noise
from thlab.face.visemes import articulate
from thlab.media import Clip
from thlab.nn.sequence import TemporalConvNet
from thlab.systems.base import Card, System, sound_of
from thlab.timebase import (
    HOPS_PER_FRAME,
    Interval,
    Transcript,
    frame_times,
    frames_to_hops,
    frames_to_samples,
    hop_times,
    hops_to_frames,
    seconds_to_frames,
    video_frames,
)

SPOKEN = tuple(name for name in EXPRESSIONS if not name.startswith(("blink", "puff", "cheek", "dimple", "frown")))
"""Modes that the network drives; blinks are events of their own, and emotions are added afterwards."""
SPOKEN_INDEX = [EXPRESSION_INDEX[name] for name in SPOKEN]
SIZE = 256
"""Pixels a side where the reference shows no picture."""
POSE_NUMBERS = 6
"""Yaw, pitch, roll, x, y, z."""
USUAL_SPREAD = (0.12, 0.06, 0.05, 0.04, 0.03, 0.06)
"""Spread of the pose around its mean with which the network begins to learn, in radians and head units."""
USUAL_BLINKS = 0.013
"""Chance of a blink in a frame with which it begins: twenty a minute."""


@dataclass(frozen=True)
class TalkerConfig:
    """Sizes of the network; the defaults train in minutes on two cores."""

    mels: int = 80
    """Bands of the log-mel input."""
    channels: int = 128
    """Width of every layer."""
    hop_dilations: tuple[int, ...] = (1, 2, 4, 8, 16)
    """Layers at 100 steps a second: ± 0.3 s, the reach of coarticulation."""
    frame_dilations: tuple[int, ...] = (1, 2, 4, 8, 16)
    """Layers at 25 steps a second: ± 1.2 s more, the reach of a phrase."""
    dropout: float = 0.1


@dataclass(frozen=True)
class Hearing:
    """What the network is told about sounds, 4 hops to a frame."""

    mel: Float[Tensor, "batch hops mels"]
    """Log energies; each band with the mean 0 and the spread 1 over its clip."""
    phones: Float[Tensor, "batch hops phones"]
    """Phones decoded without a vocabulary, one-hot."""
    words: Float[Tensor, "batch hops phones"]
    """Phones of the recognised words, or of the known text, one-hot."""
    drafts: Float[Tensor, "batch frames drafts"]
    """What a mouth does that articulates ``phones``, and beside it one that articulates ``words``: all modes of
    ``SPOKEN`` for the one, then for the other."""
    known: Float[Tensor, "batch"]
    """1 where ``words`` comes from a text that is known, 0 where it is a guess."""

    def cut(self, first: int, last: int) -> Hearing:
        """The hops from ``first`` to before ``last``."""
        drafts = self.drafts[:, hops_to_frames(first) : hops_to_frames(last)]
        return Hearing(
            self.mel[:, first:last], self.phones[:, first:last], self.words[:, first:last], drafts, self.known
        )


@dataclass(frozen=True)
class Acting:
    """What the network makes of it, 25 frames a second."""

    expression: Float[Tensor, "batch frames modes"]
    """Coefficients of the whole expression basis; blinks and what emotions move are 0."""
    pose: Float[Tensor, "batch frames 6"]
    """Mean of the head pose, in the units of ``face.motion.PoseTrack``."""
    pose_log_spread: Float[Tensor, "batch frames 6"]
    """Log standard deviation of the pose around that mean."""
    blink: Float[Tensor, "batch frames"]
    """Log-odds that a blink begins in the frame."""

    def cut(self, first: int, last: int) -> Acting:
        """The frames from ``first`` to before ``last``."""
        return Acting(*(track[:, first:last] for track in vars(self).values()))

    @staticmethod
    def joined(parts: Sequence[Acting]) -> Acting:
        """Parts after one another."""
        return Acting(*(torch.cat(tracks, 1) for tracks in zip(*(vars(part).values() for part in parts), strict=True)))


class TalkerNet(nn.Module):
    """Three ears, two clocks: convolutions at 100 steps a second, then at 25, then small heads.

    The face is a mixture, mode by mode and frame by frame: w₁ · draft of the phones + w₂ · draft of the words + w₃ ·
    the network's own idea, with Σ w = 1. Where the recogniser is right its articulation passes unblurred; where it
    errs, or the language is another, the network speaks for itself (a mixture of experts, Jacobs et al. 1991).
    """

    def __init__(self, config: TalkerConfig) -> None:
        super().__init__()
        width = config.channels
        self.mel = nn.Conv1d(config.mels, width, 5, padding=2)
        self.phones = nn.Conv1d(len(PHONES), width, 1)
        self.words = nn.Conv1d(len(PHONES), width, 1)
        self.known = nn.Linear(1, width)
        self.hops = TemporalConvNet(width, config.hop_dilations, dropout=config.dropout)
        self.to_frames = nn.Conv1d(width, width, HOPS_PER_FRAME, stride=HOPS_PER_FRAME)
        self.frames = TemporalConvNet(width, config.frame_dilations, dropout=config.dropout)
        self.drafts = nn.Conv1d(2 * len(SPOKEN), width, 1)
        self.expression = nn.Conv1d(width, len(SPOKEN), 1)
        self.trust = nn.Conv1d(width, 3 * len(SPOKEN), 1)
        self.pose = nn.Conv1d(width, 2 * POSE_NUMBERS, 1)
        self.blink = nn.Conv1d(width, 1, 1)
        self._begin_plausibly()
        self.reach = self.hops.reach + 2 + HOPS_PER_FRAME * self.frames.reach
        """Hops that a frame depends on to each side."""
        self.register_buffer("spoken", torch.tensor(SPOKEN_INDEX), persistent=False)

    @torch.no_grad()
    def _begin_plausibly(self) -> None:
        """Start with heads that sway and blink as heads do, so that few steps are spent on finding the scale."""
        self.pose.weight.mul_(0.1)
        assert self.pose.bias is not None
        assert self.blink.bias is not None
        self.pose.bias.copy_(torch.tensor([0.0] * POSE_NUMBERS + [math.log(spread) for spread in USUAL_SPREAD]))
        self.blink.bias.fill_(math.log(USUAL_BLINKS))

    def forward(self, heard: Hearing) -> Acting:
        steps = self.mel(heard.mel.transpose(1, 2))
        steps = steps + self.phones(heard.phones.transpose(1, 2)) + self.words(heard.words.transpose(1, 2))
        steps = self.hops(steps + self.known(heard.known[:, None])[:, :, None])
        drafts = heard.drafts.transpose(1, 2)
        frames = self.frames(self.to_frames(steps) + self.drafts(drafts))
        opinions = torch.stack([*drafts.chunk(2, 1), self.expression(frames)], 1)
        trust = self.trust(frames).unflatten(1, (3, len(SPOKEN))).softmax(1)
        spoken = (trust * opinions).sum(1).transpose(1, 2)
        expression = spoken.new_zeros(*spoken.shape[:2], len(EXPRESSIONS)).index_copy(2, self.spoken, spoken)
        mean, log_spread = self.pose(frames).transpose(1, 2).split(POSE_NUMBERS, dim=2)
        return Acting(expression, mean, log_spread.clamp(-7, 0), self.blink(frames).squeeze(1))


@dataclass(frozen=True)
class LessonBatch:
    """Windows of lessons: what is heard and what is to be done."""

    heard: Hearing
    expression: Float[Tensor, "batch frames spoken_modes"]
    pose: Float[Tensor, "batch frames 6"]
    blink: Float[Tensor, "batch frames"]

    def to(self, device: torch.device | str) -> LessonBatch:
        """The same on another device."""
        heard = Hearing(*(tensor.to(device) for tensor in vars(self.heard).values()))
        return LessonBatch(heard, self.expression.to(device), self.pose.to(device), self.blink.to(device))


def lip_basis() -> Float[Tensor, "spoken_modes coordinates"]:
    """How each spoken mode moves the twenty points of the mouth, in head units."""
    basis = head_model().expression[SPOKEN_INDEX][:, landmark_ids()[MOUTH]]
    return torch.from_numpy(basis.reshape(len(SPOKEN_INDEX), -1).astype(np.float32))


def distance(
    acting: Acting, batch: LessonBatch, lips: Float[Tensor, "spoken_modes coordinates"]
) -> dict[str, Tensor]:
    """How far a performance is from the performer's: coefficients, lips, and how likely its pose and blinks are."""
    error = acting.expression[..., SPOKEN_INDEX] - batch.expression
    spread = acting.pose_log_spread
    surprise = 0.5 * ((batch.pose - acting.pose) / spread.exp()).square() + spread
    blink = nn.functional.binary_cross_entropy_with_logits(acting.blink, batch.blink)
    return {
        "coefficients": 2 * error.abs().mean(),
        "lips": 400 * (error @ lips).square().mean(),
        "pose": 0.05 * surprise.mean(),
        "blink": 0.5 * blink,
    }


# -- hearing ----------------------------------------------------------------------------------------------------------


def hear(audio: Float[Tensor, "samples"], transcript: Transcript | None = None) -> Hearing:
    """Listen to a recording in the three ways of :class:`Hearing`.

    Args:
        audio: mono sound at 16 kHz.
        transcript: what is said, with the times of its phones; None has it guessed.

    Returns:
        A batch of one, padded with silence to whole frames.
    """
    audio = pad_to_frames(audio)
    decoded = recognise_phones(audio) if transcript is None else transcript.phones
    words = recognise_words(audio).phones if transcript is None else transcript.phones
    mel = level(log_mel(audio))
    said = [phones_to_hops(phones, hops=len(mel)) for phones in (decoded, words)]
    drafts = torch.cat([draft(phones, hops=len(mel)) for phones in (decoded, words)], 1)
    known = torch.tensor([float(transcript is not None)])
    return Hearing(mel[None], said[0][None], said[1][None], drafts[None], known)


def pad_to_frames(audio: Float[Tensor, "samples"]) -> Float[Tensor, "padded"]:
    """Silence at the end up to a whole number of frames, at least one."""
    missing = frames_to_samples(max(1, video_frames(len(audio)))) - len(audio)
    return nn.functional.pad(audio, (0, missing))


def level(mel: Float[Tensor, "hops mels"]) -> Float[Tensor, "hops mels"]:
    """Give each band the mean 0 and the spread 1: takes away the microphone, the room's colour and the volume."""
    return (mel - mel.mean(0)) / (mel.std(0, correction=0) + 1e-3)


def phones_to_hops(phones: Sequence[Interval], *, hops: int) -> Float[Tensor, "hops phones"]:
    """One-hot phone classes at the middle of each hop; gaps are silence."""
    return one_hot(classes_at(phones, hop_times(hops)))


def one_hot(classes: Integer[np.ndarray, "hops"]) -> Float[Tensor, "hops phones"]:
    """Phone classes as the network reads them."""
    return nn.functional.one_hot(torch.from_numpy(classes.astype(np.int64)), len(PHONES)).float()


def draft(phones: Sequence[Interval], *, hops: int) -> Float[Tensor, "frames spoken_modes"]:
    """What a mouth does that says these phones."""
    track = articulate(phones, frame_times(hops_to_frames(hops)))
    return torch.from_numpy(track[:, SPOKEN_INDEX])


# -- acting -----------------------------------------------------------------------------------------------------------

CHUNK_SECONDS = 30.0
"""The network listens to long recordings in pieces of this length, with enough beside each to change nothing."""
LEANING = 0.3
"""Share of the recognised words' draft in the face. Of 0, 0.25, 0.4, 0.5 and 0.6, those from 0.25 to 0.4 agreed best
with lips tracked in ten videos of people (not in this repository); synthetic voices of other languages lose some."""
POSE_SECONDS = (0.9, 0.3)
"""Time scales of the random part of the pose: where the head points, and how it stirs."""
POSE_SHARES = (0.85, 0.5)
"""Spread of the two parts, relative to the predicted one; their squares add up to about 1."""
BLINK_REST = 0.5
"""Seconds after a blink in which no other begins."""
EYES_STAY = 0.75
"""Share of a turn of the head that the eyes take back, so that they stay on the camera."""
BROWS = {"brow_inner": 1.0, "brow_outer_L": 0.8, "brow_outer_R": 0.8}
"""Modes that a raise of the brows moves, and how far."""
LIP_LIMIT = 1.2
"""Largest coefficient that the head takes without looking wrong."""


class Talker(System):
    """The trained network and what makes a performance of its answers. Chapter 00."""

    card = Card(
        name="Talker",
        title="",
        authors="thlab",
        venue="",
        year=2026,
        drivers=("text", "sound"),
        framework="Render engine",
        intermediate="3D",
        disentangled=False,
        anyone=False,
        head_motion=True,
        expression=True,
        knobs=("emotion",),
        in_survey=False,
    )
    config_class = TalkerConfig

    def __init__(self, config: TalkerConfig | None = None) -> None:
        super().__init__()
        self.config = config or TalkerConfig()
        self.network = TalkerNet(self.config).eval()
        self.lips: Tensor
        self.register_buffer("lips", lip_basis(), persistent=False)

    def losses(self, batch: LessonBatch, *, player: str, rng: torch.Generator) -> dict[str, Tensor]:
        """Coefficients and lips near the performer's, pose and blinks likely."""
        del player, rng
        return distance(self.network(batch.heard), batch, self.lips)

    def animate(
        self,
        reference: Clip,
        driving: Clip,
        *,
        pose: Clip | None = None,
        emotion: str | None = None,
        seed: int = 0,
    ) -> Clip:
        """Film a synthetic person who says a sound.

        Args:
            reference: a clip whose truth names the actor; pictures are taken for their size alone (else 256 px).
            driving: a clip with sound, and with a transcript where the words are known.
            pose: no such knob.
            emotion: a name in ``action_units.EMOTIONS``.
            seed: of head motion, blinks, light and background.

        Raises:
            ValueError: no actor is named, there is no sound, or the emotion is unknown.
        """
        self.refuse_knobs(pose=pose)
        if reference.truth is None or reference.truth.actor is None:
            raise ValueError("the Talker animates synthetic people: the reference clip's truth must name the actor")
        audio = sound_of(driving, self.card.name)
        size = SIZE if reference.frames is None else reference.frames.shape[1]
        motion = self.act(audio, driving.transcript, emotion=emotion or "neutral", seed=seed)
        stage = Stage(sample_person(reference.truth.actor), size=size, seed=seed)
        frames = torch.from_numpy(np.stack(list(stage.frames(motion))))
        return Clip(frames, audio, driving.transcript)

    def act(
        self,
        audio: Float[Tensor, "samples"],
        transcript: Transcript | None = None,
        *,
        emotion: str = "neutral",
        intensity: float = 1.0,
        seed: int = 0,
    ) -> Motion:
        """Turn a sound into the motion of a head.

        Args:
            audio: mono sound at 16 kHz.
            transcript: what is said, with the times of its phones; None has it recognised.
            emotion: a name in ``action_units.EMOTIONS``, laid over the speaking face.
            intensity: 0 to 1.
            seed: draws head motion, blinks and gaze.

        Returns:
            A motion as long as the sound, the last frame filled with silence.

        Raises:
            ValueError: an unknown emotion.
        """
        heard = hear(audio, transcript)
        acting = lean_on_words(self.answer(heard), heard)
        faces, poses, eyes = np.random.default_rng([seed, 0x7A11]).spawn(3)
        pose = draw_pose(acting, poses)
        face = draw_face(acting, faces, emotion, intensity)
        gaze = saccades(eyes, len(pose)) - EYES_STAY * pose[:, :2]
        return Motion(face.astype(np.float32), pose.astype(np.float32), gaze.astype(np.float32))

    @torch.no_grad()
    def answer(self, heard: Hearing) -> Acting:
        """Run the network over a sound of any length: piece by piece, and the same as in one piece."""
        margin = -(-self.network.reach // HOPS_PER_FRAME)  # frames, rounded up
        piece, frames = seconds_to_frames(CHUNK_SECONDS), hops_to_frames(heard.mel.shape[1])
        answers = []
        for start in range(0, frames, piece):
            first, last = max(0, start - margin), min(frames, start + piece + margin)
            acting = self.network(heard.cut(frames_to_hops(first), frames_to_hops(last)))
            answers.append(acting.cut(start - first, min(start + piece, frames) - first))
        return Acting.joined(answers)


def draw_face(
    acting: Acting, rng: np.random.Generator, emotion: str, intensity: float
) -> Float[np.ndarray, "frames modes"]:
    """One face: the predicted speech, brows that now and then go up, the emotion, and blinks over all."""
    face = acting.expression[0].numpy().clip(0, LIP_LIMIT)
    raised = brow_flashes(rng, len(face)).clip(0)
    for mode, share in BROWS.items():
        face[:, EXPRESSION_INDEX[mode]] += share * raised
    face = add_emotion(face, emotion, intensity)
    lids = blink_track(rng, draw_blinks(acting.blink[0].sigmoid().numpy(), rng), len(face))
    for mode in ("blink_L", "blink_R"):
        face[:, EXPRESSION_INDEX[mode]] = np.maximum(face[:, EXPRESSION_INDEX[mode]], lids)
    return face


def lean_on_words(acting: Acting, heard: Hearing) -> Acting:
    """Trust recognised words somewhat more than the network learned to.

    It learned on synthetic voices, of which the recogniser understands less than of people, who taught it.
    """
    words = torch.zeros_like(acting.expression)
    words[..., SPOKEN_INDEX] = heard.drafts.chunk(2, -1)[1]
    share = LEANING * (1 - heard.known)[:, None, None]
    return replace(acting, expression=torch.lerp(acting.expression, words, share.expand_as(words)))


def draw_pose(acting: Acting, rng: np.random.Generator) -> Float[np.ndarray, "frames 6"]:
    """One head movement: the predicted mean plus smooth noise of the predicted spread."""
    mean, spread = acting.pose[0].numpy(), acting.pose_log_spread[0].exp().numpy()
    parts = zip(POSE_SECONDS, POSE_SHARES, strict=True)
    noise = sum(share * smooth_noise(rng, len(mean), POSE_NUMBERS, seconds=seconds) for seconds, share in parts)
    return mean + spread * noise


def draw_blinks(chance: Float[np.ndarray, "frames"], rng: np.random.Generator) -> Float[np.ndarray, "blinks"]:
    """Moments of blinks, in seconds, from the chance that one begins in each frame."""
    moments: list[float] = []
    draws = rng.random(len(chance))
    for time, drawn in zip(frame_times(len(chance)), draws < chance, strict=True):
        if drawn and (not moments or time - moments[-1] > BLINK_REST):
            moments.append(float(time))
    return np.array(moments)
