"""On what features a Fréchet distance is measured: extractors with names, from pictures to one row of numbers each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from thlab.experiments.scores import judge
from thlab.metrics.frechet import INCEPTION, Frechet, Moments, frechet
from thlab.nn.experts.inception import WEIGHTS, load_inception

Pictures = Float[Tensor, "batch 3 height width"]
"""From 0 to 1."""

SEED = 20
"""Of the frozen stack of random convolutions; another seed makes other features."""
LOOKS_AT = 64
"""Pixels a side to which the stack's pictures are scaled."""
WIDTHS = (3, 16, 32, 64)
"""Channels of the stack."""
BLOCK = 64
"""Pictures that are looked at together."""
INCEPTION_VARIABLE = "THLAB_INCEPTION"
"""Environment variable that names Inception's weights file."""


@dataclass(frozen=True)
class Extractor:
    """A way from pictures to features, and the name that goes with every distance on them."""

    name: str
    look: Callable[[Pictures], Float[Tensor, "batch features"]]
    """One row a picture."""

    @torch.no_grad()
    def moments(self, batches: Iterable[Float[Tensor, "_ 3 _ _"]]) -> Moments:
        """The moments of all pictures of some batches, of which one at a time is held in memory.

        Raises:
            ValueError: there is no batch, or as :meth:`Moments.of`.
        """
        total: Moments | None = None
        for batch in batches:
            for part in batch.split(BLOCK):
                found = Moments.of(self.look(part), name=self.name)
                total = found if total is None else total + found
        if total is None:
            raise ValueError(f"there are no pictures to take features of {self.name} from; give at least two")
        return total


def extractor(name: str, *, weights: Path | None = None) -> Extractor:
    """The extractor of a name, one of :data:`EXTRACTORS`.

    ``face_reader`` is the layer of our judge on which landmarks, lip gap and identity rest: 256 numbers that know
    synthetic faces. ``random-conv`` has never learned anything: means and spreads of three layers of frozen random
    convolutions, 224 numbers that know colours and textures. ``inception`` is the network of the FID, 2048 numbers that
    know a thousand sorts of things in photographs.

    Args:
        name: of the features.
        weights: Inception's weights file; by default the one that ``THLAB_INCEPTION`` names.

    Raises:
        ValueError: the name is unknown, or Inception's weights are missing, damaged, or another file.

    Source: Naeem et al. 2020, "Reliable fidelity and diversity metrics for generative models", Sec. 4, on random
    features where nobody has trained better ones. Chapter 14.
    """
    if name not in EXTRACTORS:
        raise ValueError(f"no features are called {name!r}; choose one of {', '.join(EXTRACTORS)}")
    return Extractor(name, EXTRACTORS[name](weights))


def frechet_score(generated: Pictures, real: Float[Tensor, "others 3 rows columns"], *, features: str) -> Frechet:
    """The Fréchet distance of two sets of pictures, on named features. The sets may differ in number and in size.

    Raises:
        ValueError: a set has fewer than two pictures, or as :func:`extractor`.
    """
    look = extractor(features)
    return frechet(look.moments([generated]), look.moments([real]))


def _face_reader(weights: Path | None = None) -> Callable[[Pictures], Tensor]:
    reader = judge()

    def look(pictures: Pictures) -> Tensor:
        return reader.sum_up(reader.look(_scaled(pictures, reader.config.size) - 0.5))

    return look


@cache
def _random_stack() -> nn.ModuleList:
    """Convolutions with the variance of He et al. 2015, drawn from a seed of their own."""
    rng = torch.Generator().manual_seed(SEED)
    layers = []
    for inputs, outputs in pairwise(WIDTHS):
        layer = nn.utils.skip_init(nn.Conv2d, inputs, outputs, 3, stride=2, padding=1, padding_mode="reflect")
        nn.init.normal_(layer.weight, std=(2 / (9 * inputs)) ** 0.5, generator=rng)
        nn.init.zeros_(layer.bias)
        layers.append(layer)
    return nn.ModuleList(layers).requires_grad_(False)


def _random_conv(weights: Path | None = None) -> Callable[[Pictures], Tensor]:
    layers = _random_stack()

    def look(pictures: Pictures) -> Tensor:
        x, rows = 2 * _scaled(pictures, LOOKS_AT) - 1, []
        for layer in layers:
            x = functional.leaky_relu(layer(x), 0.2)
            rows += [x.mean((-2, -1)), x.std((-2, -1))]
        return torch.cat(rows, 1)

    return look


def _inception(weights: Path | None = None) -> Callable[[Pictures], Tensor]:
    named = weights or os.environ.get(INCEPTION_VARIABLE)
    return load_inception(Path(named) if named else Path(WEIGHTS))


def _scaled(pictures: Pictures, size: int) -> Float[Tensor, "batch 3 {size} {size}"]:
    if pictures.shape[-2:] == (size, size):
        return pictures
    return functional.interpolate(pictures, (size, size), mode="bilinear", antialias=True)


EXTRACTORS: dict[str, Callable[[Path | None], Callable[[Pictures], Tensor]]] = {
    "face_reader": _face_reader, "random-conv": _random_conv, INCEPTION: _inception,
}  # fmt: skip
"""The features there are, by name."""
