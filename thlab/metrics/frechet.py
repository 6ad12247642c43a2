"""Do generated features have the distribution of real ones? The Fréchet distance of two Gaussians, with named features.

The features carry a name because the number means nothing without it: only on Inception's is it the FID. Moments are
gathered batch by batch and added, so any number of pictures fits into memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

Features = Float[Tensor, "examples features"]
"""One row a picture, a window of motion, or whatever is compared; in any unit, which the distance squares."""

INCEPTION = "inception"
"""Name of the features that make the distance an FID."""
SINGULAR = 1e-8
"""Smallest over largest pivot of Cholesky's factor below which a covariance is taken to be near-singular."""
SUBSETS = 12
"""Sizes at which the extrapolation looks."""


@dataclass(frozen=True, eq=False)
class Moments:
    """How many examples there were, their mean and their covariance: all that the distance needs to know of them."""

    name: str
    """Of the features: moments of different ones are not compared."""
    count: int
    mean: Float[Tensor, "features"]
    """Double precision."""
    scatter: Float[Tensor, "features features"]
    """Σ (x − mean)(x − mean)ᵀ over the examples, double precision."""

    @classmethod
    def of(cls, features: Features, *, name: str = "features") -> Moments:
        """The moments of one batch; add those of the next with ``+``, and the order and sizes of batches do not matter.

        Args:
            features: one row an example; a single row is enough for a batch, not for a distance.
            name: of whatever made the features; it is printed beside every distance.

        Raises:
            ValueError: there is no row, or a value is NaN or infinite.

        Chapter 14.
        """
        if len(features) == 0:
            raise ValueError(f"the Fréchet distance on {name} needs features, but there are none; give at least 2 rows")
        spoilt = int((~torch.isfinite(features)).any(1).sum())
        if spoilt:
            raise ValueError(f"{spoilt} of {len(features)} rows of {name} hold NaN or infinity; mend or drop them")
        exact = features.detach().double()
        mean = exact.mean(0)
        centred = exact - mean
        return cls(name, len(features), mean, centred.T @ centred)

    @property
    def covariance(self) -> Float[Tensor, "features features"]:
        """Over count − 1, as the authors of the FID take it.

        Raises:
            ValueError: there is only one example.
        """
        if self.count < 2:
            raise ValueError(f"a covariance needs at least 2 examples, but {self.name} has {self.count}; give more")
        return self.scatter / (self.count - 1)

    def __add__(self, other: Moments) -> Moments:
        """The moments of both sets together, without the cancellation of sums of squares.

        Raises:
            ValueError: names or sizes of the features differ.

        Source: Chan et al. 1983, "Algorithms for computing the sample variance", for vectors.
        """
        _check_alike(self, other)
        count = self.count + other.count
        apart = other.mean - self.mean
        between = torch.outer(apart, apart) * (self.count * other.count / count)
        mean = self.mean + apart * (other.count / count)
        return Moments(self.name, count, mean, self.scatter + other.scatter + between)


@dataclass(frozen=True)
class Frechet:
    """A Fréchet distance that says on what features, and on how many examples, it was measured."""

    value: float
    """In squared units of the features; 0 for equal Gaussians."""
    features: str
    """Name of the features."""
    generated: int
    """How many examples were generated."""
    real: int
    """How many were real."""

    @property
    def label(self) -> str:
        """``FID`` on Inception's features, and only there; otherwise ``FD on`` the features' name."""
        return "FID" if self.features == INCEPTION else f"FD on {self.features}"

    def __str__(self) -> str:
        return f"{self.label}: {self.value:.3g} ({self.generated} generated, {self.real} real)"


def frechet_distance(generated: Moments, real: Moments) -> float:
    """‖μ − μ̂‖² + tr(Σ + Σ̂ − 2(ΣΣ̂)^½): the *squared* Wasserstein-2 distance of two Gaussians. Lower is better.

    The trace of (ΣΣ̂)^½ is Σ √λ over the eigenvalues λ of A′Σ̂A, where AA′ = Σ. That matrix is symmetric, so nothing
    complex can come out, and singular covariances need no added diagonal. The estimate from n examples is too large, by
    about a constant over n (:func:`noise_floor`); with fewer examples than features it is valid but mostly bias.
    Compare systems at equal numbers of examples only.

    Args:
        generated: of the pictures to judge.
        real: of the pictures they should be like; exchanging both changes nothing.

    Raises:
        ValueError: names or sizes of the features differ, or a set has fewer than 2 examples.

    Source: Dowson & Landau 1982, "The Fréchet distance between multivariate normal distributions"; Heusel et al. 2017,
    Eq. 6, on features of a network. The survey calls it a square root; it is not. Chapter 14.
    """
    _check_alike(generated, real)
    root = _factor(generated.covariance)
    overlap = torch.linalg.eigvalsh(root.T @ real.covariance @ root).clamp_min(0).sqrt().sum()
    traces = generated.covariance.trace() + real.covariance.trace()
    apart = (generated.mean - real.mean).square().sum()
    return float((apart + traces - 2 * overlap).clamp_min(0))


def frechet(generated: Moments, real: Moments) -> Frechet:
    """The distance together with the name of the features and the numbers of examples, as tables print it.

    Raises:
        ValueError: as :func:`frechet_distance`.
    """
    return Frechet(frechet_distance(generated, real), real.name, generated.count, real.count)


def noise_floor(real: Moments, *, generated: int, reference: int | None = None) -> float:
    """What the distance shows on average although nothing differs: two samples of the same Gaussian.

    (1/n + 1/m) · (tr Σ + ½ Σᵢⱼ λᵢλⱼ(1 + δᵢⱼ) / (λᵢ + λⱼ)), with the eigenvalues λ of Σ; d (d + 5) / (2n) for d
    independent features of unit variance and n = m. A distance near it says "no difference was found".

    Args:
        real: gives Σ; take as many examples as there are, well above the number of features.
        generated: n, examples in the one sample.
        reference: m, those in the other; by default as many as ``real`` was gathered from.

    Raises:
        ValueError: a sample has fewer than 2 examples.

    Our own expansion to second order in the errors of both covariances, with the moments of Gaussians; within 5 % of
    drawn samples from n = 5 d on. Features of pictures are no Gaussians: on frames of forty people the distance found
    was 0.7 to 1.5 times the floor (``thlab validate frechet``). Chapter 14.
    """
    counts = (generated, real.count if reference is None else reference)
    if min(counts) < 2:
        raise ValueError(f"a sample needs at least 2 examples, but they have {counts[0]} and {counts[1]}; give more")
    values = torch.linalg.eigvalsh(real.covariance).clamp_min(0)
    pairs = values[:, None] + values
    spread = torch.where(pairs > 0, values[:, None] * values / pairs, 0)
    shape = 0.5 * (spread.sum() + spread.diagonal().sum())
    return float((1 / counts[0] + 1 / counts[1]) * (values.sum() + shape))


def extrapolated_distance(
    generated: Features,
    real: Float[Tensor, "others features"],
    *,
    rng: torch.Generator,
    name: str = "features",
    sizes: Sequence[int] | None = None,
) -> float:
    """The distance that infinitely many examples would have: a straight line over 1/n, read at 1/n = 0.

    At each size n as many rows are drawn from either set, without repeats. Honest from about n = 2 d for the smallest
    size (d features); it can come out slightly below 0 where nothing differs, which is what "unbiased" must allow.

    Args:
        generated: features to judge.
        real: features they should be like.
        rng: draws the rows.
        name: of the features.
        sizes: how many rows; by default 12 sizes, from a quarter of the smaller set to all of it, evenly in 1/n.

    Raises:
        ValueError: a size is below twice the number of features or above that of the examples, there are fewer than
            two sizes, or as :meth:`Moments.of`.

    Source: Chong & Forsyth 2020, "Effectively unbiased FID and Inception Score and where to find them", Sec. 3, for
    the generated side; here both sides are drawn anew, since our real sets are small too. Chapter 14.
    """
    most = min(len(generated), len(real))
    if sizes is None:
        sizes = np.unique((1 / np.linspace(4 / most, 1 / most, SUBSETS)).round().astype(int)).tolist()
    _check_sizes(sizes, most, real.shape[1], name)
    found = [
        frechet_distance(*(Moments.of(rows[torch.randperm(len(rows), generator=rng)[:size]], name=name)
                           for rows in (generated, real)))
        for size in sizes
    ]  # fmt: skip
    return float(np.polyfit(1 / np.asarray(sizes), found, 1)[1])


def _factor(covariance: Float[Tensor, "features features"]) -> Float[Tensor, "features rank"]:
    """A with A Aᵀ = Σ: by Cholesky, or by eigenvectors where that is delicate.

    Then directions without variance are left out, or the square roots of their rounding errors would add up; it makes A
    narrow where examples are few.
    """
    lower, failed = torch.linalg.cholesky_ex(covariance)
    pivots = lower.diagonal().square()
    if not failed and pivots.min() > SINGULAR * pivots.max():
        return lower
    values, vectors = torch.linalg.eigh(covariance)
    kept = values > values[-1].clamp_min(0) * len(values) * torch.finfo(values.dtype).eps
    return vectors[:, kept] * values[kept].sqrt()


def _check_alike(one: Moments, other: Moments) -> None:
    if one.name != other.name or len(one.mean) != len(other.mean):
        raise ValueError(
            f"features to compare must be of one kind, but are {len(one.mean)} numbers of {one.name} and "
            f"{len(other.mean)} of {other.name}; compute both with the same extractor"
        )


def _check_sizes(sizes: Sequence[int], most: int, features: int, name: str) -> None:
    if len(set(sizes)) < 2:
        raise ValueError(f"a line needs at least two sizes, but got {list(sizes)}; give more")
    if min(sizes) < 2 * features or max(sizes) > most:
        raise ValueError(
            f"to extrapolate over {features} numbers of {name}, sizes must be from {2 * features} to {most}, all "
            f"examples there are, but go from {min(sizes)} to {max(sizes)}; give more examples, or take noise_floor"
        )
