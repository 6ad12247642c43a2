"""Which clip is which: from a number to the person, the sentence, the mood and the take, without making anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from thlab.corpus.sentences import SPLITS, nth_of_split
from thlab.face.action_units import EMOTION_NAMES

CORPUS_VERSION = 2
"""Part of the name of every cache; raise it when the same number would give another clip."""
SCENE = 3
"""Clips of one sentence: neutral, then an emotion that keeps its time, then another that warps it."""
SEED_STRIDE = 1_000_003
"""Persons and sentences between the beginnings of two corpora with neighbouring seeds."""
FRAMINGS = ("face", "head")


@dataclass(frozen=True)
class CorpusConfig:
    """What a synthetic corpus is like; two equal configurations give the same clips."""

    split: str = "train"
    """``train``, ``validation`` or ``test``: they share neither persons nor sentences."""
    size: int = 64
    """Width and height of the pictures in pixels."""
    framing: str = "face"
    """``face``: forehead to chin; ``head``: head and shoulders."""
    emotions: tuple[str, ...] = EMOTION_NAMES
    """Moods that occur; with ``("neutral",)`` each clip has a sentence of its own."""
    intensity: tuple[float, float] = (0.6, 1.0)
    """Weakest and strongest emotion."""
    clips_an_actor: int = 6
    """Clips in a row by one person."""
    actors: int | None = None
    """How many persons there are before the first speaks again, other sentences; None: always somebody new."""
    masks: bool = True
    """Whether truth says which part of the face each pixel shows."""
    maps: bool = False
    """Whether truth holds depth, normals and texture coordinates: 24 bytes a pixel."""
    supersample: int = 2
    """Samples a pixel along each side."""
    shadows: bool = True
    seed: int = 0
    """Another seed, other persons and sentences."""

    def __post_init__(self) -> None:
        unknown = set(self.emotions) - set(EMOTION_NAMES)
        if self.split not in SPLITS:
            raise ValueError(f"no split is called {self.split!r}; choose one of {', '.join(SPLITS)}")
        if self.framing not in FRAMINGS:
            raise ValueError(f"no framing is called {self.framing!r}; choose one of {', '.join(FRAMINGS)}")
        if unknown or not self.emotions:
            raise ValueError(f"emotions must be some of {', '.join(EMOTION_NAMES)}, but are {self.emotions}")
        if self.clips_an_actor < 1 or (self.actors is not None and self.actors < 1) or self.size < 8:
            raise ValueError("a corpus needs at least 1 actor, 1 clip an actor and 8 pixels; give larger numbers")

    @property
    def feelings(self) -> tuple[str, ...]:
        """The emotions apart from neutral."""
        return tuple(name for name in self.emotions if name != "neutral")


@dataclass(frozen=True)
class ClipPlan:
    """Everything that decides a clip."""

    index: int
    actor: int
    """Seed of the person."""
    sentence: int
    """Number of the sentence."""
    emotion: str
    intensity: float
    keep_time: bool
    """Whether the emotion leaves the timing of the neutral clip as it is."""
    seed: tuple[int, int]
    """Of what is random in this clip alone: performance, light, background, camera, silences."""


def plan(config: CorpusConfig, index: int) -> ClipPlan:
    """Look up what a clip will be.

    Raises:
        ValueError: the index is negative.
    """
    if index < 0:
        raise ValueError(f"clips are numbered from 0, but {index} was asked for")
    visit, place = divmod(index, config.clips_an_actor)
    actor = visit if config.actors is None else visit % config.actors
    scene_length = SCENE if config.feelings else 1
    scenes = -(-config.clips_an_actor // scene_length)
    scene = config.seed * SEED_STRIDE + visit * scenes + place // scene_length
    emotion, intensity, keep_time = _mood(config, scene, place % scene_length)
    return ClipPlan(
        index,
        nth_of_split(config.split, config.seed * SEED_STRIDE + actor),
        nth_of_split(config.split, scene),
        emotion,
        intensity,
        keep_time,
        (config.seed, index),
    )


def _mood(config: CorpusConfig, scene: int, member: int) -> tuple[str, float, bool]:
    """Emotion, intensity, and whether the timing is kept, of the first, second and third clip of a scene."""
    rng = np.random.default_rng([scene, 0x300D])
    feelings, neutral = config.feelings, "neutral" in config.emotions
    if not feelings:
        return "neutral", 0.0, True
    order = rng.permutation(len(feelings))
    intensity = float(rng.uniform(*config.intensity, 2 * SCENE)[member])
    if neutral and member == 0:
        return "neutral", 0.0, True
    return feelings[int(order[(member - neutral) % len(feelings)])], intensity, member < SCENE - 1
