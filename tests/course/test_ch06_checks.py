"""The checks of chapter 06 tell typical mistakes apart; ``test_exercises`` tries solutions and stubs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from course.notebooks import solutions

from thlab.course.checks import ch06
from thlab.course.checks.base import WrongAnswer
from thlab.face.landmarks import heatmaps
from thlab.face.landmarks.procrustes import generalised_procrustes
from thlab.face.landmarks.rasters import segment_distances
from thlab.face.landmarks.shape_model import ShapeModel

NOTEBOOK = "06_landmarks.ipynb"
NAMES = ("mean_shape", "principal_components", "soft_argmax", "landmark_error", "segment_distance")


def consensus(shapes, *, rounds=10, centred=True, conjugate=True, scaled=True, unit=True):
    """A generalised Procrustes analysis of the plane, or a wrong variant of it."""
    shapes = shapes - shapes.mean(1, keepdims=True) if centred else shapes
    first = mean = shapes[0] / (np.linalg.norm(shapes[0]) if unit else 1)
    for _ in range(rounds):
        a = ((shapes.conj() if conjugate else shapes) * mean).sum(1) / (abs(shapes) ** 2).sum(1)
        a = a if scaled else a / abs(a)
        mean = (a[:, None] * shapes).mean(0)
        turn = (mean.conj() * first).sum()
        mean = mean * turn / abs(turn) / (np.linalg.norm(mean) if unit else 1)
    return mean


def not_turned_back(shapes):
    mean = consensus(shapes)
    return mean * np.exp(0.3j) if len(shapes) == 30 else mean


def changed_in_place(shapes):
    shapes -= shapes.mean(1, keepdims=True)
    return consensus(shapes)


def never_turned(shapes):
    away = shapes - shapes.mean(1, keepdims=True)
    mean = (away / np.linalg.norm(away, axis=1, keepdims=True)).mean(0)
    return mean / np.linalg.norm(mean)


WRONG_MEANS = [
    ("one shape comes out", lambda shapes: shapes - shapes.mean(1, keepdims=True)),
    ("the mean has size 1", lambda shapes: consensus(shapes, unit=False)),
    ("the mean is centred", lambda shapes: consensus(shapes, centred=False)),
    ("turned copies of one shape", never_turned),
    ("a large shape counts no more", lambda shapes: consensus(shapes, scaled=False)),
    ("does not matter", lambda shapes: consensus(shapes, conjugate=False)),
    ("have the mean of a generalised Procrustes", lambda shapes: consensus(shapes, rounds=1)),
    ("have the mean of a generalised Procrustes", not_turned_back),
    ("are left as they were", changed_in_place),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_MEANS)
def test_wrong_means_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch06.mean_shape(answer)


def components(rows, count, *, centred=True, last=False, columns=False, divisor=1.0, spread="root"):
    """Principal components, or a wrong variant of them."""
    mean = rows.mean(0)
    left, sizes, right = np.linalg.svd(rows - (mean if centred else 0), full_matrices=False)
    directions = left.T[:, : rows.shape[1]] if columns else right
    chosen = slice(-count, None) if last else slice(0, count)
    along = sizes[chosen] / {"root": np.sqrt(len(rows) - divisor), "none": 1.0, "count": len(rows) - 1}[spread]
    return mean, directions[chosen], along


def without_the_mean(rows, count):
    mean, directions, along = components(rows, count)
    return np.full_like(mean, mean.mean()), directions, along


def stretched(rows, count):
    mean, directions, along = components(rows, count)
    return mean, directions * along[:, None], along


def always_three(rows, count):
    mean, directions, along = components(rows, 3)
    return mean, directions, along


WRONG_COMPONENTS = [
    ("come out", lambda rows, count: components(rows, count)[1]),
    ("as many directions come out", lambda rows, count: components(rows, count + 1)),
    ("as many directions come out", lambda rows, count: (rows.mean(0), components(rows, count)[1].T, np.ones(count))),
    ("the mean of the rows comes with them", without_the_mean),
    ("have length 1", stretched),
    ("of largest spread", lambda rows, count: components(rows, count, last=True)),
    ("of largest spread", lambda rows, count: components(rows, count, centred=False)),
    ("the standard deviation along it", lambda rows, count: components(rows, count, spread="none")),
    ("the standard deviation along it", lambda rows, count: components(rows, count, spread="count")),
    (r"directions come out as are asked for|come back from two numbers|fewer rows", always_three),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_COMPONENTS)
def test_wrong_components_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch06.principal_components(answer)


def centre(maps, *, half=0.5, swap=False, power=1.0, normal=True, square=False):
    """The centre of mass, or a wrong variant of it."""
    height, width = maps.shape[-2:]
    x = torch.arange(width, dtype=maps.dtype) + half
    y = torch.arange(width if square else height, dtype=maps.dtype)[:height] + half
    maps = maps**power
    mass = maps.sum((-2, -1)) if normal else 1.0
    both = [(maps.sum(-2) * x).sum(-1) / mass, (maps.sum(-1) * y).sum(-1) / mass]
    return torch.stack(both[::-1] if swap else both, -1)


def all_at_once(maps):
    height, width = maps.shape[-2:]
    x, y = torch.arange(width) + 0.5, torch.arange(height) + 0.5
    places = torch.stack([(maps.sum(-2) * x).sum(-1), (maps.sum(-1) * y).sum(-1)], -1)
    return places / maps.sum() if maps.dim() == 2 else places / maps.sum() * 6


WRONG_CENTRES = [
    ("a map gives two numbers", lambda maps: maps.flatten(-2).argmax(-1)),
    ("found at its middle, x first", lambda maps: centre(maps, half=0.0)),
    ("found at its middle, x first", lambda maps: centre(maps, swap=True)),
    ("draws the place nearer", lambda maps: heatmaps.hard_argmax(maps[None])[0]),
    ("draws the place nearer", lambda maps: centre(maps, power=2.0)),
    ("found at its middle", lambda maps: centre(maps, normal=False)),
    ("how bright the whole map is", lambda maps: centre(maps) * (1 + 0.1 * (maps.amax() > 5))),
    ("are read one by one", all_at_once),
    ("float64 in", lambda maps: centre(maps.float())),
    ("view size", lambda maps: centre(maps.view(-1).view(maps.shape))),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_CENTRES)
def test_wrong_centres_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch06.soft_argmax(answer)


def error(found, true, *, eyes=(36, 45), by_found=False):
    """The normalised mean error, or a wrong variant of it."""
    right, left = (found if by_found else true)[:, list(eyes)].unbind(1)
    return (found - true).norm(dim=-1).mean(1) / (right - left).norm(dim=-1)


WRONG_ERRORS = [
    ("each face has one error", lambda found, true: error(found, true).mean()),
    ("each face has one error", lambda found, true: (found - true).norm(dim=-1)),
    ("an error of 0.1", lambda found, true: (found - true).norm(dim=-1).mean(1)),
    ("an error of 0.1", lambda found, true: error(found, true, eyes=(39, 42))),
    ("an error of 0.1", lambda found, true: (found - true).abs().mean((1, 2)) / 50),
    ("are worth 5", lambda found, true: error(found, true, by_found=True)),
    ("are worth 5", lambda found, true: (found - true).square().sum(-1).mean(1).sqrt() /
     (true[:, 36] - true[:, 45]).norm(dim=-1)),
    ("twice as large", lambda found, true: (found - true).norm(dim=-1).mean(1) / 50),
    ("float64 in", lambda found, true: error(found, true).float()),
]  # fmt: skip


@pytest.mark.parametrize(("message", "answer"), WRONG_ERRORS)
def test_wrong_errors_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch06.landmark_error(answer)


def distance(size, start, end, *, half=0.5, clamped=True, root=False, flipped=False, floor=1e-12):
    """The distance to a segment, or a wrong variant of it."""
    y, x = (torch.arange(count, dtype=start.dtype) + half for count in size)
    pixels = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)
    pixels = pixels.flip(-1) if flipped else pixels
    along = end - start
    length = (along**2).sum() + floor
    share = ((pixels - start) * along).sum(-1) / (length.sqrt() if root else length)
    share = share.clamp(0, 1) if clamped else share
    return (pixels - start - share[..., None] * along).norm(dim=-1)


def to_the_ends(size, start, end):
    both = torch.stack([distance(size, point, point) for point in (start, end)])
    return both.amin(0)


WRONG_DISTANCES = [
    ("each pixel has a distance", lambda size, start, end: distance(size[::-1], start, end)),
    ("on the line the distance is 0", lambda size, start, end: distance(size, start, end, half=0.0)),
    ("on the line the distance is 0", lambda size, start, end: distance(size, start, end, flipped=True)),
    ("on the line the distance is 0", to_the_ends),
    ("beyond an end", lambda size, start, end: distance(size, start, end, clamped=False)),
    ("beside the line|on the line|slanted", lambda size, start, end: distance(size, start, end, root=True)),
    ("a line of no length is a point", lambda size, start, end: distance(size, start, end, floor=0.0)),
    ("beside the line", lambda size, start, end: distance(size, start, end).square()),
    ("float64 in", lambda size, start, end: distance(size, start.float(), end.float())),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_DISTANCES)
def test_wrong_distances_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch06.segment_distance(answer)


def as_complex(shapes: np.ndarray) -> np.ndarray:
    return shapes[..., 0] + 1j * shapes[..., 1]


@pytest.fixture(scope="module")
def answers():
    return solutions(NOTEBOOK)


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    rng = np.random.default_rng(5)
    return rng.standard_normal((1, 68, 2)) + 0.1 * rng.standard_normal((40, 68, 2))


def test_the_students_mean_is_that_of_the_package(answers, faces):
    mean = generalised_procrustes(faces).mean
    np.testing.assert_allclose(answers.mean_shape(as_complex(faces)), as_complex(mean), atol=1e-5)


def test_the_students_components_are_those_of_the_package(answers, faces):
    mean, directions, spread = answers.principal_components(faces.reshape(40, 136), 5)
    ours = ShapeModel.fit(faces, components=5)
    np.testing.assert_allclose(mean, ours.mean.ravel())
    np.testing.assert_allclose(np.abs((directions * ours.components.reshape(5, 136)).sum(1)), 1, atol=1e-9)
    np.testing.assert_allclose(spread, ours.spread)


def test_the_students_centre_of_mass_is_that_of_the_package(answers):
    maps = torch.rand(3, 4, 7, 9, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(answers.soft_argmax(maps), heatmaps.soft_argmax(maps))


def test_the_students_lines_are_those_of_the_package(answers):
    points = 20 * torch.rand(1, 68, 2, generator=torch.Generator().manual_seed(1))
    ours = segment_distances(points, [(3, 9)], size=(18, 22))[0]
    theirs = answers.segment_distance((18, 22), points[0, 3], points[0, 9])
    torch.testing.assert_close(theirs, ours, atol=1e-4, rtol=1e-4)


WRONG = {
    name: [answer for _, answer in table]
    for name, table in zip(
        NAMES, (WRONG_MEANS, WRONG_COMPONENTS, WRONG_CENTRES, WRONG_ERRORS, WRONG_DISTANCES), strict=True
    )
}
"""What ``test_exercises`` asks of every chapter: the wrong answers above, by exercise."""
