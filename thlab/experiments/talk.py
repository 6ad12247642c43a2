"""The main job: a text or a recording becomes a clip of a synthetic person who says it.

Sound → :mod:`thlab.systems.talker` → :mod:`thlab.face.head` → an mp4, a frame at a time: memory does not grow with the
length of the sound. Every other system is given a portrait of the person instead (:func:`talk_by`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Float
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from thlab.audio.recognition import align
from thlab.audio.synthesis import Speech
from thlab.corpus.voices import Line, say, voice_of
from thlab.experiments.checkpoints import load_system
from thlab.experiments.portraits import portrait
from thlab.face.head import Stage, sample_person
from thlab.media import Clip, ClipWriter, stamp, write_captions
from thlab.systems.base import System
from thlab.systems.talker import Talker
from thlab.timebase import Transcript


@dataclass(frozen=True)
class TalkConfig:
    """Who speaks, and how the clip looks."""

    actor: int = 10
    """Seed of the synthetic person."""
    emotion: str = "neutral"
    intensity: float = 0.8
    """Strength of the emotion, 0 to 1."""
    size: int = 256
    """Pixels a side."""
    seed: int = 0
    """Seed of head motion, blinks, light and background."""
    mark: bool = False
    """Whether 'synthetic' is drawn into the picture; the note in the file is always there."""


@cache
def trained_talker() -> Talker:
    """The talker with the weights of the repository.

    Raises:
        ValueError: the weights are missing or damaged.
    """
    talker = load_system("talker")
    assert isinstance(talker, Talker)
    return talker


def say_text(text: str, config: TalkConfig, *, accent: str | None = None, rate: int | None = None) -> Speech:
    """Speak a text in the voice and the mood of an actor, if you like with another accent or language, or faster.

    Raises:
        ValueError: nothing to say, or no such voice.
    """
    voice = voice_of(sample_person(config.actor))
    voice = replace(voice, accent=accent or voice.accent, rate=float(rate or voice.rate))
    (speech,) = say([Line(text, voice, config.emotion, config.intensity)])
    return speech


def talk(
    audio: Float[Tensor, "samples"],
    output: Path,
    config: TalkConfig,
    *,
    transcript: Transcript | None = None,
    quiet: bool = True,
) -> Transcript | None:
    """Write a clip of an actor who says a sound.

    Args:
        audio: mono sound at 16 kHz.
        output: the mp4; written whole or not at all.
        config: who speaks, and how the clip looks.
        transcript: what is said, when that is known.
        quiet: no progress bar.

    Returns:
        The transcript with its times, or None when nothing was known.

    Raises:
        ValueError: the transcript cannot be aligned with the sound; the output cannot be written.
    """
    size = (config.size, config.size)
    with ClipWriter(output, size=size, audio=audio) as writer:  # first, so that a bad output is refused at once
        transcript = timed(audio, transcript)
        motion = trained_talker().act(
            audio, transcript, emotion=config.emotion, intensity=config.intensity, seed=config.seed
        )
        stage = Stage(sample_person(config.actor), size=config.size, seed=config.seed)
        for frame in tqdm(stage.frames(motion), "rendering", len(motion), unit=" frames", disable=quiet):
            writer.write(stamp(frame) if config.mark else frame)
    return transcript


def timed(audio: Float[Tensor, "samples"], transcript: Transcript | None) -> Transcript | None:
    """A transcript with the times of its phones, found in the sound where they are not known yet."""
    if transcript is None or transcript.phones:
        return transcript
    return align(audio, transcript.text)


def talk_by(
    system: System,
    audio: Float[Tensor, "samples"],
    output: Path,
    config: TalkConfig,
    *,
    transcript: Transcript | None = None,
    quiet: bool = True,
) -> Transcript | None:
    """Write a clip of an actor who says a sound, as any system makes it from a portrait of the actor.

    Args:
        system: the trained system.
        audio: mono sound at 16 kHz.
        output: the mp4; written whole or not at all.
        config: who speaks, and how the clip looks; what the system paints is scaled to its size.
        transcript: what is said, when that is known.
        quiet: no progress bar.

    Returns:
        The transcript with its times, or None when nothing was known.

    Raises:
        ValueError: the system lacks a knob that is turned, the transcript cannot be aligned with the sound, or the
            output cannot be written.
    """
    emotion = None if config.emotion == "neutral" else config.emotion
    with ClipWriter(output, size=(config.size, config.size), audio=audio) as writer:
        transcript = timed(audio, transcript)
        reference = portrait(config.actor, size=config.size, seed=config.seed)
        clip = system.animate(reference, Clip(audio=audio, transcript=transcript), emotion=emotion, seed=config.seed)
        assert clip.frames is not None
        for frame in tqdm(clip.frames.numpy(), "writing", unit=" frames", disable=quiet):
            picture = np.asarray(Image.fromarray(frame).resize((config.size, config.size), Image.Resampling.LANCZOS))
            writer.write(stamp(picture) if config.mark else picture)
    return transcript


def write_captions_beside(output: Path, transcript: Transcript | None) -> Path:
    """Write the WebVTT file of a clip: the same name, the suffix .vtt.

    Raises:
        ValueError: nothing is known of what is said.
    """
    if transcript is None:
        raise ValueError("--captions needs to know the words: give --text, or --transcript with --audio")
    path = output.with_suffix(".vtt")
    write_captions(path, transcript)
    return path
