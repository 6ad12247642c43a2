"""How strong the planted correlations are, measured on tracks of performances: the table of data_samples/README.md.

``python tests/benchmarks/bench_planted.py`` prints its rows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from thlab.audio.synthesis import Speech
from thlab.corpus.performance import Performance, acting_style, perform
from thlab.corpus.prosody import prosody
from thlab.corpus.sentences import nth_of_split, sentence
from thlab.corpus.voices import Line, Voice, build_of, padded, say, voice_of
from thlab.face.action_units import EXPRESSION_INDEX
from thlab.face.head.person import Person, sample_person
from thlab.face.visemes import VISEME_INDEX
from thlab.timebase import frames_to_seconds, video_frames

ACTORS, TAKES = 30, 8
SILENCE = 5000
"""Samples before and after each sentence."""


@dataclass(frozen=True)
class Take:
    actor: int
    speech: Speech
    acted: Performance

    def mode(self, name: str) -> np.ndarray:
        return self.acted.motion.expression[:, EXPRESSION_INDEX[name]]


def correlation(a: Iterable[float], b: Iterable[float]) -> float:
    a, b = np.asarray(list(a)), np.asarray(list(b))
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else float("nan")


def film(actors: list[int]) -> list[Take]:
    lines = [Line(sentence(nth_of_split("train", k)), voice_of(sample_person(a))) for k, a in enumerate(actors)]
    speeches = [padded(speech, lead=SILENCE, tail=SILENCE) for speech in say(lines)]
    return [
        Take(actor, speech, perform(speech, acting_style(actor), rng=np.random.default_rng([actor, take])))
        for actor, speech in zip(actors, speeches, strict=True)
        for take in range(TAKES)
    ]


def within(takes: list[Take], a: Callable[[Take], np.ndarray], b: Callable[[Take], np.ndarray]) -> str:
    """Mean over takes of a correlation along time."""
    return f"r = {np.nanmean([correlation(a(take), b(take)) for take in takes]):+.2f} along time"


def across(takes: list[Take], style: Callable[[int], float], measured: Callable[[Take], float]) -> str:
    """Correlation over people of a trait of style with what is measured of their takes."""
    people = sorted({take.actor for take in takes})
    means = [np.mean([measured(take) for take in takes if take.actor == actor]) for actor in people]
    return f"r = {correlation(map(style, people), means):+.2f} over {len(people)} people"


def blinks(takes: list[Take]) -> tuple[str, str]:
    """Blinks a minute, and how much likelier they begin in a pause than in speech."""
    begun, pause = [], []
    for take in takes:
        begun.append((take.acted.blink[1:] > 0.3) & (take.acted.blink[:-1] <= 0.3))
        pause.append(take.acted.pause[1:])
    onset, silent = np.concatenate(begun), np.concatenate(pause)
    rate = onset.mean() / frames_to_seconds(1) * 60
    return f"{rate:.0f} a minute", f"× {onset[silent].mean() / onset[~silent].mean():.1f}"


def random_share(takes: list[Take], axis: int) -> str:
    """Share of the variance of a pose track that differs between takes of one speech."""
    total, between = [], []
    for actor in {take.actor for take in takes}:
        tracks = np.stack([take.acted.motion.pose[:, axis] for take in takes if take.actor == actor])
        total.append(tracks.var())
        between.append(tracks.var(0).mean())
    return f"{100 * np.sum(between) / np.sum(total):.0f} % of the variance"


def voices(people: list[Person], trait: Callable[[Person], float], value: Callable[[Voice], float]) -> str:
    """Correlation within each sex, averaged."""
    found = []
    for female in (True, False):
        these = [person for person in people if person.female == female]
        found.append(correlation(map(trait, these), [value(voice_of(person)) for person in these]))
    return f"r = {np.mean(found):+.2f} within a sex"


def heard_pitch(take: Take) -> float:
    audio = take.speech.audio.numpy()
    return prosody(audio, video_frames(len(audio))).median_pitch


def pitch_of_sexes(takes: list[Take]) -> str:
    hertz: dict[bool, list[float]] = {True: [], False: []}
    for take in takes[::TAKES]:
        hertz[sample_person(take.actor).female].append(heard_pitch(take))
    return f"{np.median(hertz[True]):.0f} against {np.median(hertz[False]):.0f} Hz in the median"


def opening(take: Take) -> float:
    return float(take.mode("jaw_open")[take.acted.viseme == VISEME_INDEX["AA"]].mean())


def restlessness(take: Take) -> float:
    return float(np.abs(np.diff(take.acted.motion.pose[:, :3], axis=0)).mean())


def side(take: Take) -> float:
    return float(take.mode("mouth_side").mean())


def rows(takes: list[Take], people: list[Person]) -> list[tuple[str, str]]:
    spoken = [take for take in takes if (take.acted.viseme == VISEME_INDEX["AA"]).any()]
    rate, ratio = blinks(takes)
    return [
        ("head pitch ~ emphasis (loudness and melody)", within(takes, lambda t: t.acted.motion.pose[:, 1], emphasis)),
        ("head yaw ~ emphasis", within(takes, lambda t: t.acted.motion.pose[:, 0], emphasis)),
        ("yaw that sound and person leave open", random_share(takes, 0)),
        ("pitch that sound and person leave open", random_share(takes, 1)),
        ("brow raise ~ emphasis", within(takes, lambda t: t.mode("brow_inner"), emphasis)),
        ("eyes ~ turning of the head", within(takes, lambda t: t.acted.motion.gaze[:, 0], yaw)),
        ("blinks", rate),
        ("blinks begin in a pause rather than in speech", ratio),
        ("opening on open vowels ~ the person's amplitude", across(spoken, amplitude, opening)),
        ("sideways pull ~ the person's asymmetry", across(takes, lambda a: acting_style(a).speaking.asymmetry, side)),
        ("liveliness of the head ~ the person's gain", across(takes, pose_gain, restlessness)),
        ("pitch of voices, women against men", pitch_of_sexes(takes)),
        ("pitch setting ~ age", voices(people, lambda p: p.age, lambda v: v.pitch)),
        ("pitch setting ~ build", voices(people, build_of, lambda v: v.pitch)),
        ("length of the vocal tract ~ age", voices(people, lambda p: p.age, lambda v: v.tract)),
        ("length of the vocal tract ~ build", voices(people, build_of, lambda v: v.tract)),
    ]


def emphasis(take: Take) -> np.ndarray:
    return take.acted.emphasis


def yaw(take: Take) -> np.ndarray:
    return take.acted.motion.pose[:, 0]


def amplitude(actor: int) -> float:
    return acting_style(actor).speaking.amplitude


def pose_gain(actor: int) -> float:
    return acting_style(actor).pose_gain


def main() -> int:
    takes = film(list(range(ACTORS)))
    people = [sample_person(seed) for seed in range(1000)]
    print("| planted | measured |\n| --- | --- |")
    for name, value in rows(takes, people):
        print(f"| {name} | {value} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
