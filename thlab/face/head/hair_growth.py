"""How hair comes to lie: from roots on the scalp along the comb, then down, and out of whatever it has entered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Bool, Float, Float32

from thlab.face.head import solid
from thlab.face.head.hair_styles import COMBS, Combing, Points, Style, field, tail_root
from thlab.face.head.person import Person
from thlab.face.head.scalp import hairline
from thlab.face.head.solid import smoothstep

Curves = Float[np.ndarray, "strands nodes 3"]
ROOT_CANDIDATES = 4000
EAR_Y = -0.1
"""Down to here hair lies on the skull; below it hangs."""


def unit(vectors: Float[np.ndarray, "*many 3"]) -> Float[np.ndarray, "*many 3"]:
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)


@dataclass(frozen=True, eq=False)
class Obstacle:
    """Distance to head, neck and shoulders, and the direction out of them, on a grid."""

    low: Float[np.ndarray, "3"]
    step: float
    values: Float32[np.ndarray, "columns rows layers 4"]
    """Distance, and its gradient."""

    def __call__(self, points: Points) -> tuple[Float[np.ndarray, "points"], Points]:
        """Distance and unit outward direction at points, interpolated."""
        size = np.array(self.values.shape[:3])
        place = np.clip((points - self.low) / self.step, 0, size - 1.001)
        corner = place.astype(int)
        share = place - corner
        flat = self.values.reshape(-1, 4)
        total = np.zeros((len(points), 4))
        for offset in np.ndindex(2, 2, 2):
            i, j, k = (corner + offset).T
            part = np.where(np.array(offset) == 1, share, 1 - share).prod(1)
            total += flat[(i * size[1] + j) * size[2] + k] * part[:, None]
        return total[:, 0], unit(total[:, 1:])


BODY = (
    ((0.74, -0.15, -0.12), (0.10, 0.26, 0.16)),  # ears
    ((0.00, -0.90, -0.08), (0.44, 0.60, 0.43)),  # neck
    ((0.00, -1.98, -0.17), (1.55, 0.64, 0.56)),  # shoulders
)
"""Centres (x mirrored) and radii of ellipsoids beside the head that hair must not enter."""


@cache
def obstacle() -> Obstacle:
    """The mean head with neck and shoulders, as what hair lies on; computed once."""
    low, high, step = np.array([-1.75, -2.1, -1.55]), np.array([1.75, 1.6, 1.55]), 0.065
    axes = [np.arange(a, b, step) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    total = solid.distance(grid)
    mirrored = np.concatenate([np.abs(grid[..., :1]), grid[..., 1:]], -1)
    for centre, radii in BODY:
        scaled = (mirrored - centre) / radii
        level, slope = np.linalg.norm(scaled, axis=-1), np.linalg.norm(scaled / radii, axis=-1) + 1e-9
        total = solid.smooth_union(total, level * (level - 1) / slope, 0.10)
    gradient = np.stack(np.gradient(total, step), -1)
    return Obstacle(low, step, np.concatenate([total[..., None], gradient], -1).astype(np.float32))


@cache
def root_candidates() -> tuple[Points, Points]:
    """Even places all over the mean head (a spiral of golden angles), and the way out of it there."""
    i = np.arange(ROOT_CANDIDATES) + 0.5
    polar, around = np.arccos(1 - 1.75 * i / ROOT_CANDIDATES), np.pi * (1 + 5**0.5) * i
    directions = np.stack([np.sin(polar) * np.sin(around), np.cos(polar), np.sin(polar) * np.cos(around)], 1)
    centre = np.array([0, 0.2, -0.1])
    points = centre + directions * solid.cast(centre, directions)[:, None]
    return points, obstacle()(points)[1]


def near_the_ear(points: Points) -> Bool[np.ndarray, "points"]:
    """On and just beneath the ears, where loose hairs would look like earrings."""
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    return (x > 0.45) & (y < 0.10) & (np.abs(z + 0.14) < 0.24)


def roots_of(person: Person, style: Style, rng: np.random.Generator) -> tuple[Points, Points]:
    """Places on the scalp, and the way out of it: more where they show, at the front, the border and a parting."""
    points, normals = root_candidates()
    x, y, z = points.T
    above = np.where(near_the_ear(points), -1.0, y - hairline(person, x, z))
    odds = np.where(z > 0.15, 1.5, 1.0) * np.where(above < 0.15, 1.4, 1.0)
    if style.comb == "part":
        odds *= np.where((np.abs(x) < 0.4) & (y > 0.5), 2.0, 1.0)
    odds *= above + rng.normal(0, 0.02, len(above)) > 0
    count = min(style.ribbons, int(np.count_nonzero(odds)))
    picked = rng.choice(len(points), count, replace=False, p=odds / odds.sum())
    return points[picked], normals[picked]


def in_fringe(roots: Points, style: Style) -> Bool[np.ndarray, "points"]:
    """Which roots carry hair that is cut over the forehead."""
    inside = (roots[:, 2] > 0.22) & (roots[:, 1] > 0.35) & (np.abs(roots[:, 0]) < 0.48)
    return inside & (style.fringe > 0)


def lengths_of(style: Style, roots: Points, rng: np.random.Generator) -> Float[np.ndarray, "points"]:
    """How long each ribbon is."""
    x, y, _ = roots.T
    if style.comb == "gather":
        length = 1.08 * np.linalg.norm(roots - tail_root(style), axis=1)
    elif style.level is None:
        length = style.length * (1 - 0.70 * smoothstep(0.50, 0.15, y) * (style.comb != "out"))
    else:
        length = 1.18 * np.maximum(y - EAR_Y, 0) + np.minimum(y, EAR_Y) - style.level
    cut = style.fringe + 0.25 * np.abs(x) + 0.6 * (y - 0.65)
    length = np.where(in_fringe(roots, style), cut, length)
    ragged = np.exp(rng.normal(0, style.ragged, len(roots)) - 0.5 * rng.exponential(style.ragged, len(roots)))
    return np.maximum(length, 0.05) * ragged


FACE_HALF_WIDTH = ((-1.1, 0.40), (-0.85, 0.47), (-0.4, 0.555), (0.1, 0.585), (0.45, 0.50))
"""Height, and how far from the middle falling hair stays off the face."""


def out_of_the_face(points: Points, free: Bool[np.ndarray, "points"]) -> Points:
    """Move what hangs before the face aside, a fringe excepted."""
    heights, widths = zip(*FACE_HALF_WIDTH, strict=True)
    x, y, z = points.T
    before = smoothstep(-0.05, 0.30, z) * smoothstep(0.50, 0.25, y) * free
    short = np.maximum(np.interp(y, heights, widths) - np.abs(x), 0) * before
    return points + np.stack([np.sign(x) * short, 0 * short, -0.5 * short], 1)


def tangential(directions: Points, normals: Points) -> Points:
    """What of a direction runs along the surface."""
    return unit(directions - normals * np.einsum("pk,pk->p", directions, normals)[:, None])


def wavering(points: Points, waves: Float[np.ndarray, "waves 4"]) -> Points:
    """A smooth random direction, so that neighbours bend alike: this makes locks."""
    angles = 5 * points @ waves[:, :3].T + waves[:, 3]
    return np.stack([np.sin(angles[:, k::3]).sum(1) for k in range(3)], 1)


@dataclass(frozen=True, eq=False)
class Growth:
    """All ribbons of a head while they grow, one step at a time."""

    combing: Combing
    lengths: Float[np.ndarray, "points"]
    layers: Float[np.ndarray, "points"]
    """How far out each lies among the others, 0 to 1; the outermost come first, so that they are drawn first."""
    fringe: Bool[np.ndarray, "points"]
    stand_off: Float[np.ndarray, "points"]
    lift: Float[np.ndarray, "points"]
    waves: Float[np.ndarray, "waves 4"]

    def heading(self, points: Points, normals: Points, s: float) -> Points:
        """Where hair goes on from a share s of its length: along the comb, then down, at first off the scalp."""
        style = self.combing.style
        if style.comb == "out":
            combed = normals
        else:
            wanted = COMBS[style.comb](points, self.combing)
            over_the_forehead = field(0.2 * points[:, 0], -1.0, 1.0, len(points))
            combed = tangential(np.where(self.fringe[:, None], over_the_forehead, wanted), normals)
        heavy = style.weight * smoothstep(0.0, 0.7, s * self.lengths)[:, None]
        bend = 0.03 if style.comb == "gather" else 0.10
        along = unit(combed * (1 - heavy) + heavy * np.array([0, -1, 0]) + bend * wavering(points, self.waves))
        return unit(along + normals * (self.lift * (1 - s))[:, None])

    def settled(self, points: Points, s: float) -> tuple[Points, Points]:
        """Push hair out of head and shoulders to its layer, and what lies on the skull back onto it."""
        style = self.combing.style
        if style.level is not None:
            points = out_of_the_face(points, ~self.fringe)
        distance, normals = obstacle()(points)
        gap = self.stand_off * smoothstep(0.0, 0.30, np.float64(s)) + 0.012 - distance
        hug = smoothstep(-0.35, 0.05, points[:, 1]) * smoothstep(0.9, 0.2, self.lift) * (style.comb != "out")
        return points + normals * np.where(gap > 0, gap, 0.6 * hug * gap)[:, None], normals


def grow(person: Person, style: Style, rng: np.random.Generator) -> tuple[Curves, Curves, Float[np.ndarray, "strands"]]:
    """The middle lines of all ribbons, the way out of the head along them, and the layer of each (0 to 1)."""
    roots, normals = roots_of(person, style, rng)
    side = float(rng.choice([-1, 1]))
    part = side * float(rng.uniform(0.0, 0.28)) * (-1 if style.comb == "sweep" else 1)
    layers = np.sort(np.sqrt(rng.random(len(roots))))[::-1]
    growth = Growth(
        combing=Combing(style, side, part),
        lengths=lengths_of(style, roots, rng),
        layers=layers,
        fringe=in_fringe(roots, style),
        stand_off=style.volume * layers * (0.62 + 0.38 * smoothstep(0.2, 0.8, roots[:, 1])),
        lift=style.lift * (0.35 + 0.65 * smoothstep(0.1, 0.5, roots[:, 2])),
        waves=rng.normal(0, 0.6, (9, 4)) * [1, 1, 1, 4],
    )
    points = roots - 0.010 * normals
    lines, out = [points], [normals]
    step = growth.lengths / (style.nodes - 1)
    for node in range(1, style.nodes):
        s = node / (style.nodes - 1)
        points = points + growth.heading(points, normals, s) * step[:, None]
        points, normals = growth.settled(points, s)
        lines.append(points)
        out.append(normals)
    return np.stack(lines, 1), np.stack(out, 1), layers


LOOSE_CURL = 0.03
"""Curls of a larger radius turn each as they like; smaller ones are waves that neighbours share."""


def curled(lines: Curves, out: Curves, style: Style, rng: np.random.Generator) -> Curves:
    """Wind the lines into curls that widen from the root."""
    count = len(lines)
    along = np.linalg.norm(np.diff(lines, axis=1, prepend=lines[:, :1]), axis=2).cumsum(1)
    shared = 3 * lines[:, :1, 0] + rng.normal(0, 0.5, (count, 1))
    phase = rng.uniform(0, 2 * np.pi, (count, 1)) if style.curl > LOOSE_CURL else shared
    angle = 2 * np.pi * style.turns * along * np.exp(rng.normal(0, 0.12, (count, 1))) + phase
    across = unit(np.cross(np.gradient(lines, axis=1), out))
    radius = style.curl * smoothstep(0.02, 0.35, along)
    return lines + (0.8 * radius * np.cos(angle))[..., None] * out + (radius * np.sin(angle))[..., None] * across


def bun(rng: np.random.Generator, *, count: int = 90, nodes: int = 12) -> tuple[Curves, Curves]:
    """Strands wound over a knot on top of the head."""
    axis = unit(rng.normal(0, 1, (count, 3)) * [0.5, 1.0, 0.5])
    first = unit(np.cross(axis, [0.3, 0.1, 1.0]))
    second = np.cross(axis, first)
    angle = rng.uniform(0, 2 * np.pi, (count, 1)) + np.linspace(0, 2.6, nodes)
    out = first[:, None] * np.cos(angle)[..., None] + second[:, None] * np.sin(angle)[..., None]
    radius = rng.uniform(0.80, 1.0, (count, 1, 1)) * [0.25, 0.20, 0.24]
    return np.array([0, 1.14, -0.60]) + out * radius, out


def ponytail(style: Style, rng: np.random.Generator, *, count: int = 70, nodes: int = 14) -> tuple[Curves, Curves]:
    """Strands that fall from where they are tied at the back of the head."""
    s = np.linspace(0, 1, nodes)
    start = tail_root(style) + rng.normal(0, 0.04, (count, 1, 3))
    girth = 0.16 * np.sin(np.pi * np.clip(s * 0.8 + 0.12, 0, 1))
    spread = unit(rng.normal(0, 1, (count, 3)))[:, None]
    fall = np.stack([0.10 * np.sin(2 * s), -1.55 * s**1.15, -0.35 * np.sin(np.pi * s * 0.75)], 1)
    lines = start + fall + spread * girth[:, None] * [1, 0.2, 1]
    return lines, np.broadcast_to(spread, lines.shape).copy()
