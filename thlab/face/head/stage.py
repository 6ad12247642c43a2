"""A person in light and before a background, filmed on all cores: a motion goes in, pictures come out in order."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from jaxtyping import UInt8

from thlab.face.head.avatar import Avatar
from thlab.face.head.background import sample_background
from thlab.face.head.light import sample_light
from thlab.face.head.person import Person
from thlab.face.head.renderer import Renderer
from thlab.face.motion import Motion

Picture = UInt8[np.ndarray, "height width 3"]
AHEAD = 2
"""Frames that each thread may be ahead of the one that is asked for: memory stays flat however long the motion is."""


class Stage:
    """Where a person is filmed.

    Args:
        person: who is filmed.
        size: pixels a side.
        seed: draws light and background.
        threads: how many frames are drawn at once; by default one a core. Their number changes no pixel.
    """

    def __init__(self, person: Person, *, size: int = 256, seed: int = 0, threads: int | None = None) -> None:
        rng = np.random.default_rng([seed, 0x57A6E])
        self.avatar = Avatar(person)
        self.light = sample_light(rng)
        self.background = sample_background(rng, size)
        self.size = size
        self.threads = threads or os.cpu_count() or 1

    def frames(self, motion: Motion) -> Iterator[Picture]:
        """Film a motion, frame by frame and in order."""
        own = threading.local()

        def draw(index: int) -> Picture:
            if not hasattr(own, "renderer"):
                own.renderer = Renderer(self.size)
            row = (motion.expression[index], motion.pose[index], motion.gaze[index])
            return own.renderer.render(self.avatar, *row, self.light, self.background).copy()

        with ThreadPoolExecutor(self.threads) as pool:
            yield from in_order(pool, draw, len(motion), ahead=AHEAD * self.threads)


def in_order(pool: ThreadPoolExecutor, draw: Callable[[int], Picture], count: int, *, ahead: int) -> Iterator[Picture]:
    """``draw(0), draw(1) …`` on the threads of a pool, with at most ``ahead`` results waiting."""
    waiting: deque[Future[Picture]] = deque()
    try:
        for index in range(count):
            waiting.append(pool.submit(draw, index))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
