"""Train the network of ``thlab talk``: three ears that fail in turn, so that none is trusted alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from thlab.audio.phonemes import PHONES
from thlab.corpus.cache import cache_root
from thlab.experiments.checkpoints import load_system
from thlab.experiments.own_clips import OwnClips, fingerprint
from thlab.experiments.parallel import first_alone
from thlab.experiments.recipes.recipe import Recipe
from thlab.experiments.talker_lessons import LESSON_VERSION, Lesson, lesson_of, lessons
from thlab.experiments.train import TrainConfig
from thlab.face.action_units import EXPRESSION_INDEX
from thlab.face.head import lip_gap_of
from thlab.systems.talker import (
    LIP_LIMIT,
    SPOKEN_INDEX,
    Hearing,
    LessonBatch,
    Talker,
    TalkerConfig,
    draft,
    level,
    one_hot,
)
from thlab.timebase import Interval, frames_to_hops, hops_to_frames, hops_to_seconds


@dataclass(frozen=True)
class Budget:
    """How much is learned from how much."""

    lessons: int
    held_out: int
    steps: int


FINE = {"smoke": (5, 3e-4), "laptop": (300, 3e-4), "gpu": (600, 3e-4)}
"""Steps and peak of the learning rate from a checkpoint on."""
FINE_AVERAGE = 0.99
"""Decay of the average of the weights on own clips."""
BUDGETS = {"smoke": Budget(6, 2, 5), "laptop": Budget(300, 30, 900), "gpu": Budget(900, 60, 2000)}


@dataclass(frozen=True)
class EarConfig:
    """How the ears fail while the network learns; each draw is for one lesson."""

    frames: int = 64
    """Length of a training window."""
    batch: int = 16
    deaf_to_mel: float = 0.5
    """Chance that the sound itself is not heard."""
    deaf_to_phones: float = 0.2
    """Chance that the free phone decoder is not heard."""
    deaf_to_words: float = 0.2
    """Chance that the word recogniser is not heard."""
    invented: float = 0.4
    """Chance that a decoder's answer is replaced by the truth with mistakes, of more kinds than were recorded."""
    told: float = 0.15
    """Chance that the phones are known, as with a text or a transcript."""
    worst_mistakes: float = 0.4
    """Largest share of phones that an invented answer gets wrong."""
    jitter: float = 1.5
    """Spread of an invented answer's boundaries, in hops."""
    mel_noise: float = 0.5
    """Largest spread of noise on the levelled log-mel."""


# -- batches ----------------------------------------------------------------------------------------------------------


def draw_batch(course: Sequence[Lesson], config: EarConfig, rng: np.random.Generator) -> LessonBatch:
    """Random windows of random lessons, each with its own failures of hearing."""
    windows = [draw_window(course[int(rng.integers(len(course)))], config, rng) for _ in range(config.batch)]
    columns = [torch.stack(column) for column in zip(*windows, strict=True)]
    return LessonBatch(Hearing(*columns[:5]), *columns[5:])


def draw_window(lesson: Lesson, config: EarConfig, rng: np.random.Generator) -> tuple[Tensor, ...]:
    """The fields of Hearing, then of LessonBatch, for one window; silence fills a lesson that is too short."""
    start = int(rng.integers(max(1, len(lesson.blink) - config.frames + 1)))
    hops = slice(frames_to_hops(start), frames_to_hops(start + config.frames))
    frames = slice(start, start + config.frames)
    told = rng.random() < config.told
    ears = (lesson.spoken[hops],) * 2 if told else (lesson.decoded[hops], lesson.words[hops])
    deaf = (0.0, 0.0) if told else (config.deaf_to_phones, config.deaf_to_words)
    invented = 0.0 if told else config.invented
    heard = [
        hear_phones(misheard(ear, lesson.spoken[hops], invented, config, rng), rng.random() < chance)
        for ear, chance in zip(ears, deaf, strict=True)
    ]
    phones = (fill(said, frames_to_hops(config.frames)) for said, _ in heard)
    drafts = fill(torch.cat([track for _, track in heard], 1), config.frames)
    mel = fill(hear_mel(lesson, hops, config, rng), frames_to_hops(config.frames))
    done = [torch.from_numpy(track[frames]).float() for track in (lesson.expression, lesson.pose, lesson.blink)]
    return mel, *phones, drafts, torch.tensor(float(told)), *(fill(track, config.frames) for track in done)


def fill(track: Float[Tensor, "steps ..."], steps: int) -> Float[Tensor, "filled ..."]:
    """Zeros at the end up to ``steps``."""
    missing = steps - len(track)
    return torch.cat([track, track.new_zeros(missing, *track.shape[1:])]) if missing else track


def hear_mel(lesson: Lesson, hops: slice, config: EarConfig, rng: np.random.Generator) -> Float[Tensor, "hops mels"]:
    """The sound with noise, another colour and a band missing; or nothing of it."""
    mel = level(torch.from_numpy(lesson.mel).float())[hops]
    if rng.random() < config.deaf_to_mel:
        return torch.zeros_like(mel)
    colour = rng.normal(0, 0.3, (1, mel.shape[1]))
    mel = mel + torch.from_numpy(colour + rng.uniform(0, config.mel_noise) * rng.standard_normal(mel.shape)).float()
    band = int(rng.integers(mel.shape[1]))
    mel[:, band : band + int(rng.integers(20))] = 0
    return mel


def misheard(
    heard: UInt8[np.ndarray, "hops"],
    spoken: UInt8[np.ndarray, "hops"],
    chance: float,
    config: EarConfig,
    rng: np.random.Generator,
) -> UInt8[np.ndarray, "hops"]:
    """What a decoder answered, or by chance the truth with invented mistakes."""
    if rng.random() >= chance:
        return heard
    return mistaken(spoken, rng.uniform(0, config.worst_mistakes), config.jitter, rng)


def hear_phones(
    classes: UInt8[np.ndarray, "hops"], deaf: bool = False
) -> tuple[Float[Tensor, "hops phones"], Float[Tensor, "frames spoken_modes"]]:
    """One-hot phones and the draft of a mouth that says them; both zero to a deaf ear."""
    if deaf:
        return torch.zeros(len(classes), len(PHONES)), torch.zeros(hops_to_frames(len(classes)), len(SPOKEN_INDEX))
    return one_hot(classes), draft(runs(classes), hops=len(classes))


def runs(classes: UInt8[np.ndarray, "hops"]) -> list[Interval]:
    """Runs of one class as phones with times; silence is left out."""
    edges = np.flatnonzero(np.diff(classes, prepend=-1, append=-1)).tolist()
    spans = [(first, last, PHONES[classes[first]]) for first, last in pairwise(edges)]
    return [Interval(hops_to_seconds(a), hops_to_seconds(b), label) for a, b, label in spans if label]


def mistaken(
    spoken: UInt8[np.ndarray, "hops"], share: float, jitter: float, rng: np.random.Generator
) -> UInt8[np.ndarray, "hops"]:
    """Replace a share of the phones by others and move all boundaries a little."""
    starts = np.flatnonzero(np.diff(spoken, prepend=-1 if len(spoken) else 0))
    labels = spoken[starts].copy()
    wrong = rng.random(len(labels)) < share
    labels[wrong] = rng.integers(len(PHONES), size=int(wrong.sum()))
    moved = np.sort(np.clip(starts + np.rint(rng.normal(0, jitter, len(starts))).astype(int), 0, len(spoken)))
    moved[:1] = 0
    return np.repeat(labels, np.diff(moved, append=len(spoken)))


# -- training ---------------------------------------------------------------------------------------------------------


def recipe(
    budget: str, seed: int, *, quiet: bool, cache: Path | None = None, own: OwnClips | None = None,
    start: Path | None = None,
) -> Recipe:  # fmt: skip
    """Everything that the training needs; makes the lessons first, where they are not kept from another time.

    Args:
        cache: where lessons are kept.
        own: clips of the user's to learn from: what their faces are estimated to do is taken for the performance.
        start: a checkpoint to go on from with those.
    """
    if own is not None:
        return own_recipe(budget, seed, own, start)
    amount, ears = BUDGETS[budget], EarConfig()
    with first_alone():
        course = lessons(amount.lessons + amount.held_out, cache or lesson_folder(), quiet=quiet)
    held_out, course = course[: amount.held_out], course[amount.held_out :]
    torch.manual_seed(seed)
    talker = Talker(TalkerConfig())
    return Recipe(
        learner=talker,
        network=talker,
        draw=lambda rng: draw_batch(course, ears, numpy_generator(rng)),
        config=TrainConfig(amount.steps),
        settings=asdict(talker.config),
        corpus=f"{amount.lessons} lessons of synthetic speech (thlab.experiments.talker_lessons)",
        figures=lambda network: held_out_figures(network, held_out),
    )


def own_recipe(budget: str, seed: int, own: OwnClips, start: Path | None) -> Recipe:
    """Learn how one person acts, from their clips; from a checkpoint on, or from nothing.

    Raises:
        ValueError: the checkpoint is another system's or damaged, or a clip lacks expression, pose or blinks.
    """
    course, held_out = ([lesson_of(clip) for clip in clips] for clips in (own.train, own.test))
    torch.manual_seed(seed)
    talker = Talker(TalkerConfig()) if start is None else load_system("talker", start)
    assert isinstance(talker, Talker)
    before = None if start is None else deepcopy(talker).eval()
    steps, peak = (BUDGETS[budget].steps, TrainConfig(1).learning_rate) if start is None else FINE[budget]

    def figures(network: nn.Module) -> dict[str, float]:
        after = held_out_figures(network, held_out)
        first = {} if before is None else held_out_figures(before, held_out)
        return after | {f"{name}, before": value for name, value in first.items()}

    return Recipe(
        learner=talker,
        network=talker,
        draw=lambda rng: draw_batch(course, EarConfig(), numpy_generator(rng)),
        config=TrainConfig(steps, peak, average=FINE_AVERAGE),
        settings=asdict(talker.config),
        corpus=own.told if start is None else f"{own.told}; begun from {start.name}, {fingerprint(start)}",
        figures=figures,
    )


def numpy_generator(rng: torch.Generator) -> np.random.Generator:
    """NumPy's generator, seeded from torch's."""
    return np.random.default_rng(torch.randint(2**31, (4,), generator=rng).tolist())


def lesson_folder() -> Path:
    """Where lessons are kept between runs; may be deleted at any time."""
    return cache_root() / f"talker_lessons-{LESSON_VERSION}"


EARS: dict[str, Callable[[Lesson], tuple[UInt8[np.ndarray, "hops"], UInt8[np.ndarray, "hops"], float]]] = {
    "recognised": lambda lesson: (lesson.decoded, lesson.words, 0.0),
    "known": lambda lesson: (lesson.spoken, lesson.spoken, 1.0),
}


@torch.no_grad()
def held_out_figures(talker: nn.Module, held_out: Sequence[Lesson]) -> dict[str, float]:
    """Correlation of lip gap and rounding with the performer's, over all held-out frames, for both ways of hearing."""
    assert isinstance(talker, Talker)
    figures = {}
    for name, ears in EARS.items():
        given, wanted = [], []
        for lesson in held_out:
            decoded, words, known = ears(lesson)
            mel = level(torch.from_numpy(lesson.mel).float())
            (phones, first), (said, second) = hear_phones(decoded), hear_phones(words)
            drafts = torch.cat([first, second], 1)[None]
            heard = Hearing(mel[None], phones[None], said[None], drafts, torch.tensor([known]))
            given.append(talker.network(heard).expression[0].numpy().clip(0, LIP_LIMIT))
            track = np.zeros_like(given[-1])
            track[:, SPOKEN_INDEX] = lesson.expression
            wanted.append(track)
        for measure, of in (("lip gap", lip_gap_of), ("rounding", rounding_of)):
            r = np.corrcoef(of(np.concatenate(given)), of(np.concatenate(wanted)))[0, 1]
            figures[f"{measure} r, {name} phones"] = round(float(r), 3)
    return figures


def rounding_of(expression: Float[np.ndarray, "frames modes"]) -> Float[np.ndarray, "frames"]:
    """How round the lips are: pucker plus funnel."""
    return expression[:, EXPRESSION_INDEX["pucker"]] + expression[:, EXPRESSION_INDEX["funnel"]]
