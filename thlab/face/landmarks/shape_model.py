"""Faces in a few numbers: principal components of aligned landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from thlab.face.landmarks.procrustes import Similarity, best_similarity, generalised_procrustes


@dataclass(frozen=True, eq=False)
class ShapeModel:
    """A mean shape, and the directions in which shapes differ from it, the strongest first. Chapter 06.

    x = mean + Σ_k b_k e_k with orthonormal e_k; the numbers b are what a shape is compressed to.

    Source: Cootes et al. 1995, "Active shape models: their training and application".
    """

    mean: Float[np.ndarray, "points axes"]
    components: Float[np.ndarray, "components points axes"]
    """The e_k: together orthonormal as vectors of all coordinates."""
    spread: Float[np.ndarray, "components"]
    """Standard deviation of each b_k over the shapes that the model was fitted to."""

    @classmethod
    def fit(cls, shapes: Float[np.ndarray, "shapes points axes"], *, components: int | None = None) -> ShapeModel:
        """The model of shapes that are aligned already, as ``generalised_procrustes`` leaves them.

        Args:
            shapes: at least two.
            components: how many are kept; all that differ from zero when None.

        Raises:
            ValueError: fewer than two shapes, or more components than they can have.
        """
        if len(shapes) < 2:
            raise ValueError(f"a shape model needs at least two shapes to tell how they differ, got {len(shapes)}")
        mean = shapes.mean(0)
        away = (shapes - mean).reshape(len(shapes), -1)
        _, sizes, directions = np.linalg.svd(away, full_matrices=False)
        most = min(len(shapes) - 1, away.shape[1])
        kept = most if components is None else components
        if not 0 <= kept <= most:
            raise ValueError(f"{len(shapes)} shapes have from 0 to {most} components, but {kept} are asked for")
        spread = sizes[:kept] / np.sqrt(len(shapes) - 1)
        return cls(mean, directions[:kept].reshape(kept, *mean.shape), spread)

    @classmethod
    def of_faces(cls, shapes: Float[np.ndarray, "shapes points axes"], *, components: int | None = None) -> ShapeModel:
        """The model of shapes as they come: they are aligned by generalised Procrustes analysis first."""
        return cls.fit(generalised_procrustes(shapes).shapes, components=components)

    def compress(
        self, shapes: Float[np.ndarray, "*batch points axes"], count: int | None = None
    ) -> Float[np.ndarray, "*batch numbers"]:
        """The numbers of aligned shapes: b_k = e_k · (x − mean), the first ``count`` of them.

        Raises:
            ValueError: more numbers are asked for than the model has components.
        """
        count = self._checked(count)
        return np.einsum("...pa,kpa->...k", shapes - self.mean, self.components[:count])

    def reconstruct(self, numbers: Float[np.ndarray, "*batch numbers"]) -> Float[np.ndarray, "*batch points axes"]:
        """The shapes that numbers stand for; numbers that are left off are zero."""
        count = self._checked(numbers.shape[-1])
        return self.mean + np.einsum("...k,kpa->...pa", numbers, self.components[:count])

    def encode(
        self, points: Float[np.ndarray, "points axes"], count: int | None = None
    ) -> tuple[Float[np.ndarray, "numbers"], Similarity]:
        """Points of a photograph as a few numbers, and the map that brings the model's shape back into its pixels.

        The points are laid over the mean by :func:`best_similarity`; ``back(model.reconstruct(numbers))`` is near them.
        """
        to_mean = best_similarity(points, self.mean)
        return self.compress(to_mean(points), count), to_mean.inverse()

    def explained(self) -> Float[np.ndarray, "components"]:
        """The share of the variance that the first 1, 2, … components hold, of all that the model kept."""
        power = self.spread**2
        return np.cumsum(power) / max(float(power.sum()), np.finfo(float).tiny)

    def errors(self, shapes: Float[np.ndarray, "shapes points axes"]) -> Float[np.ndarray, "counts"]:
        """Mean distance of a point from its reconstruction with 0, 1, 2, … all components, in the unit of the shapes.

        Args:
            shapes: aligned; best those that the model was not fitted to.
        """
        numbers = self.compress(shapes)
        counts = range(len(self.components) + 1)
        rebuilt = (self.reconstruct(numbers[:, :count]) for count in counts)
        return np.array([np.linalg.norm(shapes - again, axis=-1).mean() for again in rebuilt])

    def _checked(self, count: int | None) -> int:
        count = len(self.components) if count is None else count
        if not 0 <= count <= len(self.components):
            raise ValueError(f"this shape model has {len(self.components)} components, but {count} are asked for")
        return count
