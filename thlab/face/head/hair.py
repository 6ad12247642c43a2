"""Hair as some hundred ribbons, each of which parts into strands at its tip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int32

from thlab.face.head.hair_growth import Curves, bun, curled, grow, ponytail, unit
from thlab.face.head.hair_styles import STYLES, Style
from thlab.face.head.identity_basis import identity_displacement
from thlab.face.head.person import Person
from thlab.face.head.solid import smoothstep

STRANDS_A_RIBBON = 2
ROUNDNESS = 0.35
"""How far the normals at the edges of a ribbon lean outwards."""


@dataclass(frozen=True, eq=False)
class Hair:
    """Ribbons ready to be drawn, at rest, on one person's head."""

    vertices: Float32[np.ndarray, "vertices 3"]
    normals: Float32[np.ndarray, "vertices 3"]
    tangents: Float32[np.ndarray, "vertices 3"]
    """From the root to the tip."""
    triangles: Int32[np.ndarray, "triangles 3"]
    strands: Float32[np.ndarray, "vertices 2"]
    """A coordinate across that counts strands, and how far they have parted; see ``thlab.render.rasterize``."""
    tint: Float32[np.ndarray, "vertices"]
    """Lighter and darker ribbons."""
    casts: Bool[np.ndarray, "triangles"]
    """Whether a ribbon casts a shadow: every second does, for both."""
    hugs: Bool[np.ndarray, "triangles"]
    """Whether a ribbon lies on the scalp, so that it need not be drawn when it is on the far side of the head."""


@dataclass(frozen=True, eq=False)
class Cut:
    """What turns lines into ribbons."""

    width: Float[np.ndarray, "strands"]
    """Half the width of each."""
    tint: Float[np.ndarray, "strands nodes"]
    full: float
    """The share of the length from which a ribbon tapers."""
    loose: bool
    """Lies on nothing."""


def ribbon_triangles(count: int, nodes: int) -> Int32[np.ndarray, "triangles 3"]:
    """Two triangles a step; vertices are numbered ribbon by ribbon, step by step, left and right."""
    ids = np.arange(count * nodes * 2).reshape(count, nodes, 2)
    a, b, c, d = ids[:, :-1, 0], ids[:, :-1, 1], ids[:, 1:, 0], ids[:, 1:, 1]
    both = np.stack([np.stack([a, b, c], -1), np.stack([c, b, d], -1)], 2)
    return np.ascontiguousarray(both.reshape(-1, 3), np.int32)


def strand_coordinates(
    count: int, nodes: int, full: float, rng: np.random.Generator
) -> Float32[np.ndarray, "vertices 2"]:
    """Strands are apart a little at the root, joined along the ribbon, and apart again at the tip."""
    s = np.linspace(0, 1, nodes)
    apart = np.maximum(0.72 * smoothstep(full - 0.1, 1.0, s), 0.45 * smoothstep(0.12, 0.0, s))
    first = rng.uniform(0, 1000, (count, 1, 1)).round() + np.array([0.02, STRANDS_A_RIBBON - 0.02])
    strands = np.stack(np.broadcast_arrays(first + 0 * s[:, None], apart[:, None]), -1)
    return strands.reshape(-1, 2).astype(np.float32)


def ribbons(lines: Curves, out: Curves, cut: Cut, rng: np.random.Generator) -> Hair:
    """Widen lines into ribbons that lie flat on the head and taper to their tips. The first are drawn first."""
    count, nodes, _ = lines.shape
    tangents = unit(np.gradient(lines, axis=1))
    twist = rng.normal(0, 0.35, (count, 1, 1))
    flat = unit(out + twist * unit(np.cross(tangents, out)))
    across = unit(np.cross(tangents, flat))
    s = np.linspace(0, 1, nodes)
    taper = (0.45 + 0.55 * smoothstep(0, 0.15, s)) * (1 - 0.75 * smoothstep(cut.full, 1.0, s))
    reach = (cut.width[:, None] * taper)[..., None] * across
    normals = unit(np.stack([flat - ROUNDNESS * across, flat + ROUNDNESS * across], 2))
    triangles = ribbon_triangles(count, nodes)
    on_scalp = (lines[:, :-1, 1] > -0.25).repeat(2, 1).reshape(-1)
    return Hair(
        vertices=np.stack([lines - reach, lines + reach], 2).reshape(-1, 3).astype(np.float32),
        normals=normals.reshape(-1, 3).astype(np.float32),
        tangents=tangents.repeat(2, 1).reshape(-1, 3).astype(np.float32),
        triangles=triangles,
        strands=strand_coordinates(count, nodes, cut.full, rng),
        tint=cut.tint.repeat(2, 1).reshape(-1).astype(np.float32),
        casts=np.repeat(np.arange(count) % 2 == 0, len(triangles) // count),
        hugs=on_scalp & (not cut.loose),
    )


def joined(pieces: list[Hair]) -> Hair:
    """Several heaps of ribbons as one."""
    offsets = np.cumsum([0] + [len(piece.vertices) for piece in pieces[:-1]])
    return Hair(
        vertices=np.concatenate([piece.vertices for piece in pieces]),
        normals=np.concatenate([piece.normals for piece in pieces]),
        tangents=np.concatenate([piece.tangents for piece in pieces]),
        triangles=np.concatenate([p.triangles + o for p, o in zip(pieces, offsets, strict=True)]).astype(np.int32),
        strands=np.concatenate([piece.strands for piece in pieces]),
        tint=np.concatenate([piece.tint for piece in pieces]),
        casts=np.concatenate([piece.casts for piece in pieces]),
        hugs=np.concatenate([piece.hugs for piece in pieces]),
    )


def moved_with(person: Person, lines: Curves) -> Curves:
    """Lines on the mean head, moved as the person's head differs from it."""
    points = lines.reshape(-1, 3)
    return (points + identity_displacement(points, person.identity)).reshape(lines.shape)


def shades(rng: np.random.Generator, count: int, nodes: int) -> Float[np.ndarray, "strands nodes"]:
    """Ribbons differ a little, and are darker at their roots."""
    each = np.exp(rng.normal(0, 0.13, (count, 1)))
    return each * (0.80 + 0.25 * smoothstep(0, 0.5, np.linspace(0, 1, nodes)))


def scalp_hair(person: Person, style: Style, rng: np.random.Generator) -> Hair:
    """The hair on the head."""
    lines, out, layers = grow(person, style, rng)
    if style.curl:
        lines = curled(lines, out, style, rng)
    falls = style.level is not None
    cut = Cut(
        width=style.width * rng.uniform(0.7, 1.25, len(lines)) * (1.15 if falls else 1.0),
        tint=shades(rng, *lines.shape[:2]) * (0.72 + 0.28 * layers[:, None]),
        full=0.78 if falls else 0.5,
        loose=style.comb == "out",
    )
    return ribbons(moved_with(person, lines), out, cut, rng)


def tail_hair(person: Person, style: Style, rng: np.random.Generator) -> Hair:
    """Gathered hair beyond where it is tied."""
    lines, out = bun(rng) if style.tail == "bun" else ponytail(style, rng)
    cut = Cut(np.full(len(lines), 1.2 * style.width), shades(rng, *lines.shape[:2]), full=0.5, loose=True)
    return ribbons(moved_with(person, lines), out, cut, rng)


def make_hair(person: Person) -> Hair | None:
    """Comb a person's hair; none for a bald or shorn head."""
    style = STYLES.get(person.hair_style)
    if style is None:
        return None
    rng = np.random.default_rng([person.seed, 5])
    pieces = [scalp_hair(person, style, rng)]
    if style.tail:
        pieces.append(tail_hair(person, style, rng))
    return joined(pieces)
