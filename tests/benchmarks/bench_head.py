"""How many frames a second one renderer draws, and how long a new person takes, on one core.

``python tests/benchmarks/bench_head.py`` prints a table and fails when a size is slower than it must be. Shadows and
2 × 2 antialiasing are on. Times are those of the processor, so that other work on the machine disturbs less; the best
of several rounds over the same people counts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from thlab.face.action_units import expression
from thlab.face.head import Avatar, Renderer, sample_background, sample_light, sample_person

WANTED = {64: 250, 96: 150, 128: 110, 256: 45}
"""Frames a second at each size."""
SETUP_SECONDS = 0.25
PEOPLE = 8
FRAMES = {64: 30, 96: 24, 128: 16, 256: 8}
ROUNDS = 4


def seconds(work: Callable[[], object]) -> float:
    """The least processor time of several rounds."""
    took = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        work()
        took.append(time.thread_time() - start)
    return min(took)


def frames_a_second(avatars: list[Avatar], size: int) -> float:
    """The mean over people, while they speak and turn."""
    rng = np.random.default_rng(0)
    renderer, light, wall = Renderer(size), sample_light(rng), sample_background(rng, size)
    count = FRAMES[size]
    faces = [expression(jaw_open=float(0.5 + 0.5 * np.sin(k)), smile=0.3) for k in range(count)]
    poses = [np.array([0.3 * np.sin(k / 9), 0, 0, 0, 0, 0], np.float32) for k in range(count)]
    gaze = np.zeros(2, np.float32)

    def film(avatar: Avatar) -> None:
        for face, pose in zip(faces, poses, strict=True):
            renderer.render(avatar, face, pose, gaze, light, wall)

    return count * len(avatars) / sum(seconds(lambda avatar=avatar: film(avatar)) for avatar in avatars)


def main() -> int:
    first = time.perf_counter()
    avatars = [Avatar(sample_person(0))]
    Renderer(64).render(
        avatars[0], expression(), np.zeros(6, np.float32), np.zeros(2, np.float32),
        sample_light(np.random.default_rng(0)), sample_background(np.random.default_rng(0), 64),
    )  # fmt: skip
    print(f"first avatar and frame, with what is built or compiled once: {time.perf_counter() - first:.1f} s")
    avatars += [Avatar(sample_person(seed)) for seed in range(1, PEOPLE)]
    setup = np.mean([seconds(lambda seed=seed: Avatar(sample_person(seed))) for seed in range(PEOPLE)])
    print(f"a new person: {setup:.3f} s (at most {SETUP_SECONDS})")
    failed = setup > SETUP_SECONDS
    for size, wanted in WANTED.items():
        speed = frames_a_second(avatars, size)
        failed |= speed < wanted
        print(f"{size:4d} px: {speed:6.0f} frames a second (at least {wanted})")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
