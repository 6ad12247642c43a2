"""Light on the head: a key, a fill and a rim lamp, and an even glow from the sky and the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

LightTable = Float32[np.ndarray, "8 3"]
"""One row each: key direction and colour, fill direction and colour, rim direction and colour, sky, ground."""


@dataclass(frozen=True, eq=False)
class Light:
    """Directions point from the head to the lamp (x subject's left, y up, z to the camera); colours are linear."""

    table: LightTable

    @property
    def key(self) -> Float32[np.ndarray, "3"]:
        """The direction of the key lamp, which casts the shadows."""
        return self.table[0]


def unit(direction: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3"]:
    return direction / np.linalg.norm(direction)


def towards(azimuth: float, elevation: float) -> Float[np.ndarray, "3"]:
    """A direction; azimuth 0 is the camera, π/2 the subject's left."""
    return np.array([np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)])


def sample_light(rng: np.random.Generator) -> Light:
    """A flattering set of lamps: the key in front and above, to one side; a weak fill opposite; a rim behind."""
    side = rng.choice([-1.0, 1.0])
    warmth = rng.normal(0, 0.5)
    table = np.zeros((8, 3))
    table[0] = towards(side * rng.uniform(0.25, 0.85), rng.uniform(0.35, 0.75))
    table[1] = np.array([1 + 0.06 * warmth, 1, 1 - 0.09 * warmth]) * rng.uniform(0.74, 0.92)
    table[2] = unit(np.array([-side * 0.9, 0.2, 0.8]))
    table[3] = np.array([1 - 0.06 * warmth, 1, 1 + 0.08 * warmth]) * rng.uniform(0.14, 0.28)
    table[4] = unit(np.array([-side * 0.8, 0.5, -0.6]))
    table[5] = np.array([1, 0.97, 0.92]) * rng.uniform(0.3, 0.9)
    table[6] = np.array([0.94, 0.98, 1.06]) * rng.uniform(0.24, 0.33)
    table[7] = np.array([1.05, 0.93, 0.84]) * rng.uniform(0.13, 0.20)
    return Light(table.astype(np.float32))


def studio_light() -> Light:
    """The same light every time, for figures and tests."""
    return sample_light(np.random.default_rng(3))
