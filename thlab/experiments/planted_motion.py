"""Long performances without pictures, and what can be wrong with them: defects to plant, for metrics to find.

The corpus has clips of three seconds; how somebody moves shows in ten to sixty. So several sentences are said in a row
and acted in one go, and only the tracks are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from scipy.ndimage import gaussian_filter1d

from thlab.audio.synthesis import Speech
from thlab.corpus.performance import acting_style, perform
from thlab.corpus.sentences import nth_of_split, sentence
from thlab.corpus.voices import Line, say, voice_of
from thlab.experiments.naturalness_scores import UPPER_COLUMNS
from thlab.experiments.takes import Take
from thlab.face.action_units import EXPRESSION_INDEX
from thlab.face.blinks import blink_track
from thlab.face.head.person import sample_person
from thlab.timebase import (
    Interval,
    Transcript,
    cut,
    frame_at,
    frames_to_samples,
    frames_to_seconds,
    nearest_sample,
    samples_to_seconds,
)

PAUSE_SECONDS = (0.3, 0.9)
"""Silence between two sentences."""
SENTENCE_SECONDS = 2.0
"""No sentence is shorter, so that there are enough of them."""
SHORTEST_LOOP = 1.0
"""Seconds; the longest period is half the clip."""
SEAM = 0.24
"""Seconds over which a loop is blended, as whoever makes one well does."""
CANNED = 4
"""Expressions of a face that has a few only."""
HELD_SECONDS = (0.4, 1.2)
"""How long it holds one."""
CHANGE_FRAMES = 2.0
"""Standard deviation of the step from one to the next."""
SHAKE = 0.012
"""Spread of what jitter adds to every frame, in radians and head units."""
TIMID = 0.35
"""What a timid head keeps of its movement."""
LATE_SECONDS = (2.0, 5.0)
"""How far the sound is moved when the beats are."""
LIDS = [EXPRESSION_INDEX[name] for name in ("blink_L", "blink_R")]
OTHERS = [index for name, index in EXPRESSION_INDEX.items() if index not in LIDS]
"""Every mode but the lids."""


def speeches(people: Sequence[int], seconds: float, *, seed: int = 0) -> Iterator[Speech]:
    """One long speech a person: sentences with pauses between them, cut after so many seconds.

    Args:
        people: seeds of the speakers; sentences follow from them and from ``seed``.
        seconds: how long.
        seed: another one, other sentences.
    """
    count = int(np.ceil(seconds / SENTENCE_SECONDS))
    for who in people:
        rng = np.random.default_rng([who, seed, 0x5A1D])
        voice = voice_of(sample_person(who))
        chosen = rng.integers(0, 1_000_000, count)
        said = say([Line(sentence(nth_of_split("test", int(number))), voice) for number in chosen])
        yield _in_a_row(said, rng, seconds)


def _in_a_row(said: Sequence[Speech], rng: np.random.Generator, seconds: float) -> Speech:
    """Speeches one after another with pauses between them, cut to whole frames."""
    sounds, phones, start = [], [], 0
    for speech in said:
        gap = nearest_sample(rng.uniform(*PAUSE_SECONDS))
        begin = samples_to_seconds(start + gap)
        sounds += [torch.zeros(gap), speech.audio]
        phones += [Interval(i.start + begin, i.end + begin, i.label) for i in speech.transcript.phones]
        start += gap + len(speech.audio)
    audio = torch.cat(sounds)[: frames_to_samples(frame_at(seconds))]
    kept = cut(phones, 0.0, samples_to_seconds(len(audio)))
    return Speech(audio, Transcript(" ".join(speech.transcript.text for speech in said), (), kept))


def act(speech: Speech, person: int, *, seed: int) -> Take:
    """One take of a speech, neutral in mood; another seed, another take by the same person."""
    performance = perform(speech, acting_style(person), rng=np.random.default_rng([person, seed, 0x7A4E]))
    motion = performance.motion
    return Take(
        motion.pose.astype(float), motion.expression.astype(float), performance.blink, speech.audio.numpy()
    )


def first(take: Take, seconds: float) -> Take:
    """The beginning of a take."""
    frames = frame_at(seconds)
    sound = None if take.audio is None else take.audio[: frames_to_samples(frames)]
    return Take(take.pose[:frames], take.expression[:frames], take.blink[:frames], sound)


# -- defects of the head ----------------------------------------------------------------------------------------------


def looped(take: Take, rng: np.random.Generator) -> Take:
    """The head repeats its first seconds, anything from one to half the clip, with seams that are not seen."""
    period, seam = _period(take, rng), frame_at(SEAM)
    loop, beyond = take.pose[:period].copy(), take.pose[period : period + seam]
    share = (np.arange(seam) / seam)[:, None]
    loop[:seam] = share * loop[:seam] + (1 - share) * beyond
    return replace(take, pose=loop[np.arange(len(take)) % period])


def to_and_fro(take: Take, rng: np.random.Generator) -> Take:
    """The head plays its first seconds forwards and backwards in turn."""
    period = _period(take, rng)
    place = np.arange(len(take)) % (2 * period - 2)
    return replace(take, pose=take.pose[np.minimum(place, 2 * period - 2 - place)])


def _period(take: Take, rng: np.random.Generator) -> int:
    return int(rng.integers(frame_at(SHORTEST_LOOP), len(take) // 2 + 1))


def frozen(take: Take, rng: np.random.Generator) -> Take:
    """The head stays as it is in the first frame."""
    return replace(take, pose=np.repeat(take.pose[:1], len(take), 0))


def shaking(take: Take, rng: np.random.Generator) -> Take:
    """Every frame is a little off on its own: 0.7 degrees or 1.2 millimetres."""
    return replace(take, pose=take.pose + rng.normal(0, SHAKE, take.pose.shape))


def timid(take: Take, rng: np.random.Generator) -> Take:
    """The head keeps a third of its movement, as after training with a mean error."""
    middle = take.pose.mean(0)
    return replace(take, pose=middle + TIMID * (take.pose - middle))


def out_of_time(take: Take, rng: np.random.Generator) -> Take:
    """The head nods some seconds after the voice: the sound is turned round by two to five seconds."""
    assert take.audio is not None
    return replace(take, audio=np.roll(take.audio, -nearest_sample(rng.uniform(*LATE_SECONDS))))


# -- defects of the face ----------------------------------------------------------------------------------------------


def four_faces(take: Take, rng: np.random.Generator) -> Take:
    """Four expressions of the clip in turn, and nothing else; lids blink as before."""
    return _canned(take, rng, OTHERS)


def four_brows(take: Take, rng: np.random.Generator) -> Take:
    """The same above the mouth only, which speaks as before."""
    return _canned(take, rng, UPPER_COLUMNS)


def _canned(take: Take, rng: np.random.Generator, columns: list[int]) -> Take:
    chosen = take.expression[rng.integers(len(take), size=CANNED)]
    held = np.concatenate([np.full(frame_at(rng.uniform(*HELD_SECONDS)), rng.integers(CANNED)) for _ in take.pose])
    face = take.expression.copy()
    face[:, columns] = gaussian_filter1d(chosen[held[: len(take)]][:, columns], CHANGE_FRAMES, axis=0)
    return replace(take, expression=face)


def no_blinks(take: Take, rng: np.random.Generator) -> Take:
    """The eyes stay open."""
    return _blinking(take, np.zeros(len(take)))


def clockwork(take: Take, rng: np.random.Generator) -> Take:
    """As many blinks as before, at equal distances: at least three, or there would be no clock."""
    count = max(3, int(((take.blink[1:] >= 0.5) & (take.blink[:-1] < 0.5)).sum()))
    every = frames_to_seconds(len(take)) / count
    moments = every * (rng.random() + np.arange(count))
    return _blinking(take, blink_track(rng, moments, len(take)))


def _blinking(take: Take, blink: Float[np.ndarray, "frames"]) -> Take:
    """Other blinks; lids that follow the eyes stay as they are where nobody blinked."""
    face = take.expression.copy()
    rest = np.where(take.blink > 0.02, 0, face[:, LIDS].max(1))
    face[:, LIDS] = np.maximum(rest, blink)[:, None]
    return replace(take, expression=face, blink=blink)


DEFECTS: dict[str, Callable[[Take, np.random.Generator], Take]] = {
    defect.__name__: defect
    for defect in (
        looped, to_and_fro, frozen, shaking, timid, out_of_time, four_faces, four_brows, no_blinks, clockwork,
    )
}  # fmt: skip
"""What can be planted, by name."""
