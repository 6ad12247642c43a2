"""Checks of chapter 06: the mean of shapes, principal components, soft-argmax, the error of landmarks, and lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from jaxtyping import Complex, Float
from torch import Tensor

from thlab.course.checks.base import exercise, expect, expect_any_layout, expect_close, expect_double, expect_shape
from thlab.face.landmarks.heatmaps import gaussian_heatmaps
from thlab.face.landmarks.procrustes import generalised_procrustes

Shapes = Complex[np.ndarray, "shapes points"]
Components = tuple[np.ndarray, np.ndarray, np.ndarray]


@exercise("the mean of shapes")
def mean_shape(answer: Callable[[Shapes], Complex[np.ndarray, "points"]]) -> None:
    """Generalised Procrustes analysis in the plane: centred, of size 1, turned as the first shape is."""
    rng = np.random.default_rng(1)
    face = rng.standard_normal(9) + 1j * rng.standard_normal(9)
    face = (face - face.mean()) / np.linalg.norm(face - face.mean())
    same = np.stack([face] * 4)
    expect_shape(answer(same), (9,), law="one shape comes out, with as many points", hint="average over the shapes")
    expect_close(answer(7 * same), face, law="the mean has size 1", hint="the root of the summed squared distances")
    expect_close(answer(same + 3 - 2j), face, law="the mean is centred", hint="subtract from each shape its own mean")
    turns = np.exp(1j * np.array([0.0, 0.9, -1.4, 3.0]))[:, None]
    expect_close(
        answer(turns * same),
        face,
        law="turned copies of one shape have that shape for a mean, turned as the first copy is",
        hint="turn each shape over the mean before you average; else they cancel",
    )
    other = np.roll(face, 1) - face
    pair, larger = np.stack([face, other]), np.stack([face, 1000 * other])
    expect_close(
        answer(larger),
        answer(pair),
        law="a large shape counts no more than a small one",
        hint="the map of each shape takes its size out, too: divide by the sum of its squares",
    )
    _expect_consensus(answer, face, rng)
    expect_any_layout(answer, turns * same + 1)


def _expect_consensus(
    answer: Callable[[Shapes], Complex[np.ndarray, "points"]], face: Complex[np.ndarray, "points"], rng: Any
) -> None:
    """Many shapes that differ: the answer is that of the package, and the same from whichever place they come."""
    noise = rng.standard_normal((30, 9)) + 1j * rng.standard_normal((30, 9))
    shapes = face + 0.12 * noise
    maps = rng.uniform(0.3, 3, (30, 1)) * np.exp(1j * rng.uniform(-3, 3, (30, 1)))
    maps[0] = abs(maps[0])  # the first keeps its turn
    kept = shapes.copy()
    mine = answer(shapes)
    expect_close(
        answer(maps * shapes + rng.standard_normal((30, 1))),
        mine,
        law="where, how large and how turned the shapes came does not matter",
        hint="align each to the mean, average, and repeat: once is not enough",
        atol=2e-4,
    )
    wanted = generalised_procrustes(np.stack([shapes.real, shapes.imag], -1)).mean
    expect_close(
        mine,
        wanted[:, 0] + 1j * wanted[:, 1],
        law="shapes that differ have the mean of a generalised Procrustes analysis",
        hint="after each round give the mean size 1 again, and the turn of the first shape",
        atol=2e-4,
    )
    expect(np.array_equal(kept, shapes), law="the shapes that came in are left as they were")


@exercise("principal components")
def principal_components(answer: Callable[[np.ndarray, int], Components]) -> None:
    """Mean, orthonormal directions of largest spread, and the standard deviation along each."""
    rng = np.random.default_rng(2)
    axes = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    spread = np.array([5.0, 3.0, 2.0, 1.0, 0.5, 0.1])
    chance = np.linalg.qr(rng.standard_normal((200, 7)) - 0)[0]
    chance = np.linalg.qr(chance - chance.mean(0))[0][:, :6] * np.sqrt(199)  # exactly uncorrelated, of variance 1
    middle = np.arange(6.0)
    rows = middle + (chance * spread) @ axes.T
    mean, found, along = _three(answer(rows, 3))
    expect_shape(found, (3, 6), law="as many directions come out as are asked for, a row each")
    expect_close(mean, middle, law="the mean of the rows comes with them", hint="over the rows, not over the numbers")
    expect_close(
        found @ found.T,
        np.eye(3),
        law="the directions have length 1 and stand at right angles",
        hint="the rows of the last matrix that the SVD gives are so by themselves",
        atol=1e-4,
    )
    expect_close(
        np.abs((found * axes.T[:3]).sum(1)),
        np.ones(3),
        law="they are the directions of largest spread, the largest first",
        hint="subtract the mean before the SVD, and take the first rows of its last matrix",
        atol=1e-3,
    )
    expect_close(
        along,
        spread[:3],
        law="each comes with the standard deviation along it",
        hint="a singular value is the root of a sum over rows: divide by the root of their number less 1",
        rtol=1e-3,
    )
    _expect_back(answer, rng)
    expect_any_layout(lambda x: _three(answer(x, 2))[2], rows)


def _expect_back(answer: Callable[[np.ndarray, int], Components], rng: np.random.Generator) -> None:
    flat = rng.standard_normal((30, 2)) @ rng.standard_normal((2, 8)) + 4
    mean, found, _ = _three(answer(flat, 2))
    back = mean + (flat - mean) @ found.T @ found
    expect_close(
        back,
        flat,
        law="rows that differ in two directions come back from two numbers",
        hint="is the number of components written into your code?",
        atol=1e-4,
    )
    few = rng.standard_normal((4, 20))
    expect_shape(
        _three(answer(few, 2))[1],
        (2, 20),
        law="fewer rows than numbers are well",
        hint="transpose nothing: directions live in the space of a row",
    )


def _three(result: Any) -> Components:
    law = "mean, directions and standard deviations come out"
    try:
        mean, found, along = (np.asarray(part, float) for part in result)
    except (TypeError, ValueError):
        expect(False, law=law, hint="end with: return mean, components, spread")
        raise
    expect(True, law=law)
    return mean, found, along


@exercise("soft-argmax")
def soft_argmax(answer: Callable[[Tensor], Tensor]) -> None:
    """The centre of mass of heatmaps, x first, pixel centres at .5."""
    one = torch.zeros(5, 8)
    one[1, 6] = 3.0
    expect_shape(answer(one), (2,), law="a map gives two numbers", hint="stack x and y along a new last axis")
    expect_close(
        answer(one),
        torch.tensor([6.5, 1.5]),
        law="one bright pixel is found at its middle, x first",
        hint="x counts columns; the middle of column 0 lies at 0.5",
    )
    pair = torch.zeros(5, 8)
    pair[2, 2], pair[2, 3] = 1.0, 3.0
    expect_close(
        answer(pair),
        torch.tensor([3.25, 2.5]),
        law="between two pixels the brighter one draws the place nearer",
        hint="a mean of places, weighted by brightness; the largest alone knows no half pixels",
    )
    expect_close(answer(10 * pair), answer(pair), law="how bright the whole map is does not matter")
    wide = gaussian_heatmaps(torch.tensor([[20.3, 17.8]]), size=(40, 48), sigma=2.0)[0]
    expect_close(
        answer(wide),
        torch.tensor([20.3, 17.8]),
        law="the middle of a bump is found to a fraction of a pixel",
        hint="is the size of the map, or a square one, written into your code?",
        atol=1e-3,
    )
    many = torch.stack([one, pair]).expand(3, 2, 5, 8)
    expect_close(
        answer(many),
        torch.stack([answer(one), answer(pair)]).expand(3, 2, 2),
        law="maps in a stack are read one by one",
        hint="sum over the last two axes only",
    )
    expect_any_layout(answer, wide)
    expect_double(answer, wide)


@exercise("the error of landmarks")
def landmark_error(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Mean distance over points, over the distance of the true outer eye corners, for each face."""
    rng = torch.Generator().manual_seed(4)
    true = 100 * torch.rand(3, 68, 2, generator=rng)
    true[:, 36], true[:, 45] = torch.tensor([20.0, 40.0]), torch.tensor([70.0, 40.0])
    expect_shape(answer(true, true), (3,), law="each face has one error", hint="average over points, not over faces")
    expect_close(answer(true, true), torch.zeros(3), law="what is found exactly has the error 0")
    shift = true + torch.tensor([3.0, 4.0])
    expect_close(
        answer(shift, true),
        torch.full((3,), 0.1),
        law="all points off by (3, 4) pixels, with eyes 50 pixels apart, are an error of 0.1",
        hint="the distance is the root of dx² + dy²; the eyes are points 36 and 45",
    )
    half = true.clone()
    half[:, ::2] += torch.tensor([0.0, 10.0])
    half[:, 36], half[:, 45] = true[:, 36], true[:, 45] + torch.tensor([0.0, 10.0])
    off = (half - true).norm(dim=-1).mean(1) / 50
    expect_close(
        answer(half, true),
        off,
        law="half of the points off by 10 pixels are worth 5",
        hint="a mean of distances; not the root of a mean of squares, and divided by the true eyes, not the found ones",
    )
    scale = torch.tensor([1.0, 2.0, 0.5])[:, None, None]
    expect_close(
        answer(scale * shift, scale * true),
        torch.full((3,), 0.1),
        law="a picture twice as large has the same error",
        hint="each face is divided by its own eyes",
    )
    expect_any_layout(answer, shift, true)
    expect_double(answer, shift, true)


@exercise("the distance to a line")
def segment_distance(answer: Callable[[tuple[int, int], Tensor, Tensor], Tensor]) -> None:
    """Distance of each pixel's middle to the nearest point between two ends."""
    start, end = torch.tensor([2.5, 3.5]), torch.tensor([6.5, 3.5])
    got = answer((8, 12), start, end)
    expect_shape(got, (8, 12), law="each pixel has a distance, row by row", hint="size is height and width")
    expect_close(
        got[3, 2:7],
        torch.zeros(5),
        law="on the line the distance is 0",
        hint="the middle of the pixel in row 3 and column 2 is (2.5, 3.5)",
        atol=1e-4,
    )
    expect_close(
        got[:, 4],
        torch.tensor([3.0, 2, 1, 0, 1, 2, 3, 4]),
        law="beside the line it is measured at right angles",
        atol=1e-4,
    )
    expect_close(
        got[3, 7:],
        torch.tensor([1.0, 2, 3, 4, 5]),
        law="beyond an end it is the distance to that end",
        hint="the share along the line must stay between 0 and 1",
        atol=1e-4,
    )
    expect_close(answer((8, 12), end, start), got, law="which end comes first does not matter", atol=1e-4)
    slanted = answer((6, 6), torch.tensor([0.5, 0.5]), torch.tensor([5.5, 5.5]))
    expect_close(
        slanted[1, 2],
        torch.tensor(0.5**0.5),
        law="a slanted line is measured at right angles, too",
        hint="project on the direction of the line, and divide by its squared length",
        atol=1e-4,
    )
    point = answer((6, 6), start, start)
    expect(bool(torch.isfinite(point).all()), law="a line of no length is a point", hint="do not divide by 0")
    expect_close(point[3, 5], torch.tensor(3.0), law="… and its distance is that to the point", atol=1e-3)
    expect(
        _is_double(answer, start, end),
        law="float64 in, float64 out",
        hint="make new tensors with the dtype of the ends",
    )


def _is_double(
    answer: Callable[[tuple[int, int], Tensor, Tensor], Tensor], start: Float[Tensor, "2"], end: Float[Tensor, "2"]
) -> bool:
    return answer((4, 5), start.double(), end.double()).dtype == torch.float64
