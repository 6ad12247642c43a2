"""What is behind the head: soft, out of focus, never brighter than the face needs."""

from __future__ import annotations

import colorsys

import numpy as np
from jaxtyping import Float, Float32
from scipy.ndimage import gaussian_filter

Background = Float32[np.ndarray, "height width 3"]
"""Linear colours, one a pixel of the picture."""


def wall_colour(rng: np.random.Generator, *, brightest: float) -> Float[np.ndarray, "3"]:
    """A muted colour."""
    return np.array(colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.05, 0.42), rng.uniform(0.25, brightest))) ** 2.2


def gradient(rng: np.random.Generator, size: int) -> Float[np.ndarray, "height width 3"]:
    """From one colour to another, in any direction."""
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    share = np.clip(0.5 + x * np.cos(angle) + y * np.sin(angle), 0, 1)[..., None]
    return wall_colour(rng, brightest=0.85) * (1 - share) + wall_colour(rng, brightest=0.75) * share


def add_lamps(
    rng: np.random.Generator, picture: Float[np.ndarray, "height width 3"]
) -> Float[np.ndarray, "height width 3"]:
    """Discs of light out of focus, as a lens draws them."""
    size = len(picture)
    y, x = np.mgrid[0:size, 0:size] / size
    for _ in range(rng.integers(6, 15)):
        radius = rng.uniform(0.035, 0.11)
        distance = np.hypot(x - rng.random(), y - rng.random())
        glow = np.array(colorsys.hsv_to_rgb(rng.random(), 0.35, 1.0)) * rng.uniform(0.06, 0.24)
        picture = picture + np.clip((radius - distance) / (0.12 * radius), 0, 1)[..., None] * glow
    return picture


def add_furniture(
    rng: np.random.Generator, picture: Float[np.ndarray, "height width 3"]
) -> Float[np.ndarray, "height width 3"]:
    """Upright boxes, blurred: shelves, windows, doors."""
    size = len(picture)
    y, x = np.mgrid[0:size, 0:size] / size
    for _ in range(rng.integers(3, 8)):
        left, top = rng.uniform(-0.2, 0.9, 2)
        inside = (x > left) & (x < left + rng.uniform(0.1, 0.5)) & (y > top) & (y < top + rng.uniform(0.2, 0.7))
        picture = np.where(inside[..., None], 0.65 * wall_colour(rng, brightest=0.9) + 0.35 * picture, picture)
    return gaussian_filter(picture, (0.025 * size, 0.025 * size, 0))


def sample_background(rng: np.random.Generator, size: int) -> Background:
    """A wall, lamps or furniture out of focus, ``size`` × ``size`` pixels."""
    kind = rng.choice(["wall", "lamps", "furniture"], p=[0.45, 0.2, 0.35])
    picture = gradient(rng, size)
    if kind == "lamps":
        picture = add_lamps(rng, picture * 0.6)
    if kind == "furniture":
        picture = add_furniture(rng, picture)
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    return (picture * 0.7 * (1 - 0.5 * (x**2 + y**2))[..., None]).astype(np.float32)


def plain_background(size: int, shade: tuple[float, float, float] = (0.16, 0.19, 0.23)) -> Background:
    """One colour, for figures and tests."""
    return np.broadcast_to(np.array(shade, np.float32), (size, size, 3)).copy()
