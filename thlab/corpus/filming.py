"""Making one clip: a plan is spoken, performed and filmed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from thlab.audio.synthesis import Speech
from thlab.corpus.performance import Performance, acting_style, perform
from thlab.corpus.plan import ClipPlan, CorpusConfig, plan
from thlab.corpus.sentences import sentence
from thlab.corpus.voices import Line, padded, say, voice_of
from thlab.face.head.avatar import Avatar
from thlab.face.head.background import sample_background
from thlab.face.head.camera import FACE_CROP, Camera
from thlab.face.head.light import sample_light
from thlab.face.head.person import sample_person
from thlab.face.head.renderer import Renderer
from thlab.face.head.truth import FrameTruth
from thlab.face.motion import Motion
from thlab.media import Clip, Truth
from thlab.timebase import frames_to_samples, nearest_sample, video_frames

LEAD_SECONDS = (0.20, 0.50)
"""Silence before the first word."""
TAIL_SECONDS = (0.25, 0.45)
"""Silence after the last one."""
ZOOM = (0.94, 1.06)
"""Nuisance: factor on the framing's zoom, another in each clip."""
SHIFT = 0.05
"""Nuisance: how far the camera points aside, in head units, at most."""


def make_clips(config: CorpusConfig, indices: Sequence[int]) -> Iterator[tuple[int, Clip]]:
    """Make clips from nothing, their voices in one go: (index, clip) in the order given."""
    plans = [plan(config, index) for index in indices]
    for scheme, speech in zip(plans, say([_line(scheme) for scheme in plans]), strict=True):
        yield scheme.index, film(config, scheme, speech)


def film(config: CorpusConfig, scheme: ClipPlan, speech: Speech) -> Clip:
    """Let a speech be performed, and film it."""
    rng = np.random.default_rng([*scheme.seed, 0xF11])
    speech = _with_silence(speech, scheme)
    performance = perform(
        speech, acting_style(scheme.actor), emotion=scheme.emotion, intensity=scheme.intensity, rng=rng.spawn(1)[0]
    )
    avatar, light, background = avatar_of(scheme.actor), sample_light(rng), sample_background(rng, config.size)
    camera = _camera(config.framing, rng)
    draw = Renderer(config.size, supersample=config.supersample, shadows=config.shadows, camera=camera)
    pictures, seen = [], []
    for row in _rows(performance.motion):
        pictures.append(draw.render(avatar, *row, light, background))
        seen.append(draw.truth(avatar, *row, maps=config.maps))
    truth = _truth(config, scheme, performance, seen)
    return Clip(torch.from_numpy(np.stack(pictures)), speech.audio, speech.transcript, truth)


@lru_cache(maxsize=2)
def avatar_of(actor: int) -> Avatar:
    """The person with this seed, ready to be filmed; the last two are kept."""
    return Avatar(sample_person(actor))


def _line(scheme: ClipPlan) -> Line:
    voice = voice_of(sample_person(scheme.actor))
    return Line(sentence(scheme.sentence), voice, scheme.emotion, scheme.intensity, scheme.keep_time)


def _with_silence(speech: Speech, scheme: ClipPlan) -> Speech:
    """Silence at both ends that fills whole frames; in a scene it is the same, so that aligned clips stay aligned."""
    rng = np.random.default_rng([scheme.actor, scheme.sentence, 0x511])
    lead, tail = nearest_sample(rng.uniform(*LEAD_SECONDS)), nearest_sample(rng.uniform(*TAIL_SECONDS))
    length = lead + len(speech.audio) + tail
    return padded(speech, lead=lead, tail=tail + frames_to_samples(video_frames(length)) - length)


def _camera(framing: str, rng: np.random.Generator) -> Camera:
    """The framing, a little off as a hand holds it."""
    base = FACE_CROP if framing == "face" else Camera()
    aside, up = rng.uniform(-SHIFT, SHIFT, 2)
    shift = (float(base.shift[0] + aside), float(base.shift[1] + up))
    return Camera(distance=base.distance, zoom=float(base.zoom * rng.uniform(*ZOOM)), shift=shift)


def _rows(motion: Motion) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    return zip(motion.expression, motion.pose, motion.gaze, strict=True)


def _truth(config: CorpusConfig, scheme: ClipPlan, performance: Performance, seen: list[FrameTruth]) -> Truth:
    """All that is known, as far as the configuration wants it."""

    def stacked(name: str, wanted: bool = True) -> Tensor | None:
        return torch.from_numpy(np.stack([getattr(frame, name) for frame in seen])) if wanted else None

    motion = performance.motion
    return Truth(
        landmarks=stacked("landmarks"),
        visible=stacked("visible"),
        expression=torch.from_numpy(motion.expression),
        identity=torch.from_numpy(sample_person(scheme.actor).identity),
        pose=torch.from_numpy(motion.pose),
        gaze=torch.from_numpy(motion.gaze),
        blink=torch.from_numpy(performance.blink.astype(np.float32)),
        viseme=torch.from_numpy(performance.viseme),
        emotion=scheme.emotion,
        emotion_intensity=scheme.intensity,
        actor=scheme.actor,
        masks=stacked("regions", config.masks),
        depth=stacked("depth", config.maps),
        normals=stacked("normals", config.maps),
        uv=stacked("uv", config.maps),
    )
