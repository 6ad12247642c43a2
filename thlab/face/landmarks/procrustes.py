"""Shapes laid over each other: what is left of points when place, size and turn are taken away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Shape = Float[np.ndarray, "points axes"]
Shapes = Float[np.ndarray, "shapes points axes"]

ROUNDS = 100
"""Of the generalised analysis at most; it usually needs fewer than ten."""
SETTLED = 1e-10
"""Movement of the mean shape, as a share of its size, that counts as none."""


@dataclass(frozen=True)
class Similarity:
    """x → scale · x R + shift, for points as rows: turn, uniform scale and shift; it never mirrors."""

    rotation: Float[np.ndarray, "axes axes"]
    """R, to be multiplied from the right."""
    scale: float
    shift: Float[np.ndarray, "axes"]

    def __call__(self, points: Float[np.ndarray, "... axes"]) -> Float[np.ndarray, "... axes"]:
        """Points after the map."""
        return self.scale * points @ self.rotation + self.shift

    def inverse(self) -> Similarity:
        """The map back."""
        back = self.rotation.T
        return Similarity(back, 1 / self.scale, -self.shift @ back / self.scale)


@dataclass(frozen=True, eq=False)
class Aligned:
    """The outcome of a generalised Procrustes analysis."""

    mean: Float[np.ndarray, "points axes"]
    """The consensus shape: centred, of unit size, turned as the first shape is."""
    shapes: Float[np.ndarray, "shapes points axes"]
    """Every shape after its map."""
    maps: tuple[Similarity, ...]
    """From each shape, as it came, to its place over the mean."""

    @property
    def spread(self) -> float:
        """Root mean squared distance of the points from those of the mean, in sizes of the mean."""
        return float(np.sqrt(((self.shapes - self.mean) ** 2).sum(-1).mean()))


def size_of(points: Float[np.ndarray, "points axes"]) -> float:
    """The centroid size: the root of the summed squared distances from the centre."""
    return float(np.linalg.norm(points - points.mean(0)))


def normalised(points: Float[np.ndarray, "points axes"]) -> Float[np.ndarray, "points axes"]:
    """Centred at zero, of centroid size 1.

    Raises:
        ValueError: all points lie in one place.
    """
    size = size_of(points)
    if size == 0:
        raise ValueError("points that all lie in one place have no shape; give at least two places")
    return (points - points.mean(0)) / size


def best_similarity(
    moving: Float[np.ndarray, "points axes"],
    fixed: Float[np.ndarray, "points axes"],
    weights: Float[np.ndarray, "points"] | None = None,
) -> Similarity:
    """The turn, scale and shift that bring points closest to others: argmin Σ w |s x R + t − y|².

    With U S Vᵀ the decomposition of the covariance Xᵀ Y of the centred points, R = U D Vᵀ and s = tr(S D) / Σ |x|²,
    where D holds ones, and in its last place the sign that keeps R from mirroring. Two axes or three.

    Args:
        moving: the points x.
        fixed: the points y, in the same order.
        weights: how much each point counts; all alike when None.

    Raises:
        ValueError: the moving points lie in one place.

    Source: Umeyama 1991, "Least-squares estimation of transformation parameters between two point patterns".
    Chapter 06.
    """
    share = np.full(len(moving), 1 / len(moving)) if weights is None else weights / weights.sum()
    from_centre, to_centre = share @ moving, share @ fixed
    x, y = moving - from_centre, fixed - to_centre
    power = float((share[:, None] * x**2).sum())
    if power == 0:
        raise ValueError("points that all lie in one place have neither turn nor scale; give at least two places")
    u, stretch, v = np.linalg.svd((share[:, None] * x).T @ y)
    signs = np.ones(len(stretch))
    signs[-1] = np.sign(np.linalg.det(u @ v)) or 1.0
    rotation = (u * signs) @ v
    scale = float(stretch @ signs) / power
    return Similarity(rotation, scale, to_centre - scale * from_centre @ rotation)


def generalised_procrustes(shapes: Float[np.ndarray, "shapes points axes"], *, rounds: int = ROUNDS) -> Aligned:
    """Lay many shapes over their own mean: align each to the mean, take the mean again, until it rests.

    The mean is centred, has size 1 and keeps the turn of the first shape, without which all of them could drift
    together. In full fitting a shape that fits badly is also made smaller: its best scale is the cosine to the mean.

    Args:
        shapes: points in the same order.
        rounds: at most so many.

    Raises:
        ValueError: no shape, or one whose points lie in one place.

    Source: Gower 1975, "Generalized Procrustes analysis". Chapter 06.
    """
    if len(shapes) == 0:
        raise ValueError("expected at least one shape to align, got none")
    first = normalised(shapes[0])
    mean = first
    for _ in range(rounds):
        maps = tuple(best_similarity(shape, mean) for shape in shapes)
        laid = np.stack([to_mean(shape) for to_mean, shape in zip(maps, shapes, strict=True)])
        fresh = normalised(laid.mean(0))
        fresh = fresh @ best_similarity(fresh, first).rotation
        moved, mean = float(np.linalg.norm(fresh - mean)), fresh
        if moved < SETTLED:
            break
    maps = tuple(best_similarity(shape, mean) for shape in shapes)
    return Aligned(mean, np.stack([to_mean(shape) for to_mean, shape in zip(maps, shapes, strict=True)]), maps)


def disparity(one: Float[np.ndarray, "points axes"], other: Float[np.ndarray, "points axes"]) -> float:
    """How different two shapes are: the summed squared distances that are left when one, of size 1, is fitted to the
    other, of size 1; 0 for the same shape, at most 1.

    Source: as ``scipy.spatial.procrustes``, but that a mirrored shape counts as another.
    """
    target = normalised(one)
    return float(((best_similarity(other, target)(other) - target) ** 2).sum())
