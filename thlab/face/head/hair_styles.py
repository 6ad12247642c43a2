"""Hair styles: in which direction hair is combed, how long it is, how far it stands off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float

from thlab.face.head.solid import smoothstep

Points = Float[np.ndarray, "points 3"]

CROWN = np.array([0.0, 1.0, -0.45])
"""The whorl, from which short hair grows outwards."""


@dataclass(frozen=True)
class Style:
    """A hair style; lengths in head units of 10 cm."""

    comb: str
    """The direction: one of :data:`COMBS`."""
    ribbons: int
    nodes: int
    """Points along each ribbon."""
    width: float
    """Half the width of a ribbon."""
    volume: float
    """How far the outermost layer stands off on top; a third less at the sides."""
    length: float = 0.0
    """Of every strand on top, less at the sides; unless the hair falls to a level."""
    level: float | None = None
    """The height to which the hair falls."""
    ragged: float = 0.12
    """How much lengths differ, as a share."""
    weight: float = 0.0
    """How soon hair follows gravity rather than the comb, 0 to 1."""
    lift: float = 0.0
    """How steeply strands leave the scalp at the front."""
    curl: float = 0.0
    """Radius of the curls."""
    turns: float = 0.0
    """Turns of a curl per head unit."""
    tail: str = ""
    """``"bun"`` or ``"ponytail"``: where gathered hair goes."""
    fringe: float = 0.0
    """Length of the hair over the forehead, if it is cut there."""


STYLES: Mapping[str, Style] = MappingProxyType({
    "long": Style("part", 460, 18, 0.040, 0.10, level=-1.45, weight=0.9, ragged=0.10, curl=0.012, turns=0.9),
    "long_waves": Style("part", 460, 24, 0.042, 0.12, level=-1.40, weight=0.85, ragged=0.12, curl=0.035, turns=1.9),
    "long_curls": Style("part", 440, 30, 0.042, 0.17, level=-1.15, weight=0.8, ragged=0.2, curl=0.060, turns=3.0),
    "bob": Style("part", 460, 16, 0.040, 0.13, level=-0.72, weight=0.95, ragged=0.06, curl=0.010, turns=1.0),
    "fringe": Style(
        "crown", 500, 16, 0.038, 0.11, level=-1.00, weight=0.95, ragged=0.08, curl=0.010, turns=1.0, fringe=0.40
    ),
    "ponytail": Style("gather", 420, 12, 0.036, 0.055, weight=0.0, tail="ponytail"),
    "bun": Style("gather", 420, 12, 0.036, 0.060, weight=0.0, tail="bun"),
    "pixie": Style("sweep", 560, 10, 0.034, 0.12, length=0.42, ragged=0.25, weight=0.35, lift=0.25),
    "afro": Style("out", 900, 10, 0.040, 0.36, length=0.36, ragged=0.15, lift=1.0, curl=0.040, turns=5.0),
    "crop": Style("forward", 720, 7, 0.028, 0.075, length=0.20, ragged=0.25, weight=0.2, lift=0.3),
    "side": Style("sweep", 560, 10, 0.034, 0.12, length=0.40, ragged=0.2, weight=0.3, lift=0.35),
    "swept": Style("back", 520, 10, 0.034, 0.12, length=0.45, ragged=0.2, weight=0.15, lift=0.4),
    "quiff": Style("back", 560, 9, 0.034, 0.19, length=0.34, ragged=0.25, weight=0.1, lift=0.8),
    "curls": Style("crown", 620, 14, 0.036, 0.17, length=0.34, ragged=0.3, weight=0.3, lift=0.5, curl=0.045, turns=4.5),
    "shoulder": Style("back", 440, 18, 0.040, 0.10, level=-1.05, weight=0.8, curl=0.02, turns=1.3, lift=0.2),
})  # fmt: skip
"""Bald and shorn heads have none; what is left of the latter is painted on the scalp."""


@dataclass(frozen=True)
class Combing:
    """How one person combs their style."""

    style: Style
    side: float
    """+1 or −1: to which side hair is swept."""
    part: float
    """x of the parting."""


def tail_root(style: Style) -> Float[np.ndarray, "3"]:
    """Where gathered hair is tied."""
    return np.array([0, 1.02, -0.60]) if style.tail == "bun" else np.array([0, 0.62, -1.05])


def field(
    x: Float[np.ndarray, "points"] | float, y: float, z: Float[np.ndarray, "points"] | float, count: int
) -> Points:
    """A direction at every point, from three numbers or arrays."""
    return np.stack([np.broadcast_to(k, count) for k in (x, y, z)], 1).astype(float)


def downwards(points: Points, slant: float = 0.0) -> Points:
    """Down, and a little back."""
    return field(0.0, -1.0, slant - 0.15 - 0.2 * (points[:, 2] < 0.3), len(points))


def on_top(points: Points, top: Points, sides: Points) -> Points:
    """One direction on top of the head, another at its sides."""
    share = smoothstep(0.35, 0.75, points[:, 1])[:, None]
    return top * share + sides * (1 - share)


def from_the_crown(points: Points, combing: Combing) -> Points:
    return points - CROWN


def parted(points: Points, combing: Combing) -> Points:
    x, z = points[:, 0], points[:, 2]
    away = field(np.tanh((x - combing.part) / 0.05), -0.15, np.where(z > 0.25, -0.30, -0.15), len(points))
    return on_top(points, away, downwards(points))


def swept_aside(points: Points, combing: Combing) -> Points:
    over = (points[:, 0] - combing.part) * combing.side >= 0
    across = np.where(over, combing.side, -combing.side)
    return on_top(points, field(across, 0.1, np.where(over, 0.55, -0.2), len(points)), downwards(points))


def forwards(points: Points, combing: Combing) -> Points:
    return on_top(points, field(0.25 * combing.side, -0.1, 1.0, len(points)), downwards(points, 0.5))


def backwards(points: Points, combing: Combing) -> Points:
    aside = 0.25 * points[:, 0] + 0.15 * combing.side
    return on_top(points, field(aside, 0.2, -1.0, len(points)), downwards(points, -0.6))


def gathered(points: Points, combing: Combing) -> Points:
    return tail_root(combing.style) - points


COMBS: Mapping[str, Callable[[Points, Combing], Points]] = MappingProxyType({
    "crown": from_the_crown, "part": parted, "sweep": swept_aside, "forward": forwards, "back": backwards,
    "gather": gathered,
})  # fmt: skip
"""Directions to comb in; what of them leaves the scalp is taken off later. ``out`` (not here) is straight out."""
