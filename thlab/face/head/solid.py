"""The bare skull and jaw as a signed distance: blended ellipsoids, and rays that find their surface.

Units of the whole head: 1 is 10 cm; x to the subject's left, y up, z forward; the eyes look along +z from y = 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

Points = Float[np.ndarray, "*many 3"]
"""Places in head units of 10 cm."""
Pair = tuple[float | int, float | int]
Triple = tuple[float | int, float | int, float | int]

# centre (x mirrored), radii, and how softly the ellipsoid joins what came before
ELLIPSOIDS = (
    ((0.00, 0.30, -0.12), (0.735, 0.80, 0.93), 0.00),  # cranium
    ((0.00, -0.15, 0.14), (0.615, 0.76, 0.66), 0.16),  # face
    ((0.37, -0.46, 0.05), (0.195, 0.30, 0.32), 0.24),  # angle of the jaw
    ((0.00, -0.70, 0.34), (0.400, 0.30, 0.40), 0.22),  # jaw
    ((0.00, -0.62, 0.50), (0.330, 0.27, 0.35), 0.14),  # muzzle
    ((0.00, -0.90, 0.58), (0.205, 0.13, 0.15), 0.15),  # chin
    ((0.44, -0.22, 0.36), (0.190, 0.16, 0.22), 0.16),  # cheekbone
)
RAY_STEPS = 14


def smoothstep(low: Any, high: Any, x: Any) -> Any:
    """0 below ``low``, 1 above ``high``, a cubic between; ``low`` > ``high`` falls instead of rising.

    All three may be numbers or arrays that broadcast.
    """
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def bump(
    x: Float[np.ndarray, "*many"], y: Float[np.ndarray, "*many"], centre: Pair, width: Pair
) -> Float[np.ndarray, "*many"]:
    """A Gaussian hill of height 1: exp(−((x − x₀)/a)² − ((y − y₀)/b)²)."""
    return np.exp(-(((x - centre[0]) / width[0]) ** 2) - ((y - centre[1]) / width[1]) ** 2)


def smooth_union(
    a: Float[np.ndarray, "*many"], b: Float[np.ndarray, "*many"], softness: float
) -> Float[np.ndarray, "*many"]:
    """The smaller of two distances, with the crease rounded over ``softness``.

    Source: the polynomial smooth minimum, Quilez 2013, https://iquilezles.org/articles/smin.
    """
    if softness == 0:
        return np.minimum(a, b)
    share = np.clip(0.5 + 0.5 * (b - a) / softness, 0, 1)
    return b * (1 - share) + a * share - softness * share * (1 - share)


def distance(points: Points) -> Float[np.ndarray, "*many"]:
    """About how far outside the bare head (no nose, lips, ears) points lie: zero on the surface, negative inside."""
    mirrored = np.concatenate([np.abs(points[..., :1]), points[..., 1:]], -1)
    total = np.full(points.shape[:-1], np.inf)
    for centre, radii, softness in ELLIPSOIDS:
        scaled = (mirrored - centre) / radii
        level = np.sqrt(np.einsum("...k,...k->...", scaled, scaled))
        gradient = np.sqrt(np.einsum("...k,...k->...", scaled / radii, scaled / radii)) + 1e-9
        total = smooth_union(total, level * (level - 1) / gradient, softness)
    return total


def cast(
    origins: Points, directions: Float[np.ndarray, "rays 3"], *, near: float = 0.15, far: float = 2.2
) -> Float[np.ndarray, "rays"]:
    """How far along each ray the surface of the bare head is.

    Rays start inside and leave once; the bracketed root is found by the Illinois variant of regula falsi.

    Args:
        origins: one start for all rays, or one a ray.
        directions: need not have length 1; the answer is in their length.
        near: a multiple of the direction that is still inside.
        far: a multiple that is outside.
    """
    low, high = np.full(len(directions), near), np.full(len(directions), far)
    at_low = distance(origins + directions * low[:, None])
    at_high = distance(origins + directions * high[:, None])
    kept = np.zeros(len(directions))  # +1 where the last step kept the high end, −1 the low end
    for _ in range(RAY_STEPS):
        middle = (low * at_high - high * at_low) / np.where(at_high == at_low, 1, at_high - at_low)
        value = distance(origins + directions * middle[:, None])
        inside = value < 0
        at_high = np.where(inside, np.where(kept == 1, at_high / 2, at_high), value)
        at_low = np.where(inside, value, np.where(kept == -1, at_low / 2, at_low))
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        kept = np.where(inside, 1, -1)
    return middle


def front_start(y: Float[np.ndarray, "points"]) -> Float[np.ndarray, "points"]:
    """A depth that is inside the head at height y: further forward at the jaw, which overhangs the neck."""
    return 0.35 * smoothstep(0.0, -0.6, y) - 0.05


def front_depth(x: Float[np.ndarray, "points"], y: Float[np.ndarray, "points"]) -> Float[np.ndarray, "points"]:
    """The z of the front of the bare head above (x, y), which must be within its outline."""
    start = front_start(y)
    forwards = np.tile([0.0, 0.0, 1.0], (len(x), 1))
    return start + cast(np.stack([x, y, start], 1), forwards, near=0.0, far=1.4)
