"""Spectacle frames: bent tubes around the eyes, over the nose and to the ears."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32, Int32

from thlab.face.head.identity_basis import identity_displacement
from thlab.face.head.mesh import strip
from thlab.face.head.person import Person

Path = Float[np.ndarray, "points 3"]
SIDES = 8
SHAPES = {"round": (1.0, 0.225, 0.205), "square": (0.55, 0.235, 0.165)}
"""The power that squares a circle, half the width, half the height of a lens."""
LENS_X, LENS_Y, LENS_Z = 0.325, -0.03, 0.885


def tube(
    path: Path, radius: float, *, closed: bool
) -> tuple[Float32[np.ndarray, "vertices 3"], Int32[np.ndarray, "triangles 3"]]:
    """A tube along a path, and its triangles."""
    ahead = np.roll(path, -1, 0) - np.roll(path, 1, 0) if closed else np.gradient(path, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    first = np.cross(ahead, [0.1, 0.2, 1.0])
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(ahead, first)
    angles = np.linspace(0, 2 * np.pi, SIDES, endpoint=False)
    ring = first[:, None] * np.cos(angles)[:, None] + second[:, None] * np.sin(angles)[:, None]
    vertices = (path[:, None] + radius * ring).reshape(-1, 3)
    ids = np.arange(len(vertices)).reshape(-1, SIDES)
    last = len(ids) if closed else len(ids) - 1
    triangles = np.concatenate([strip(ids[k], ids[(k + 1) % len(ids)], closed=True) for k in range(last)])
    return vertices.astype(np.float32), triangles.astype(np.int32)


def lens_rim(shape: str, side: int) -> Path:
    power, half_width, half_height = SHAPES[shape]
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    x = LENS_X + half_width * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** power
    y = LENS_Y + half_height * np.sign(np.sin(t)) * np.abs(np.sin(t)) ** power
    return np.stack([side * x, y, LENS_Z - 0.10 * (x / 0.56) ** 2], 1)


def make_glasses(person: Person) -> tuple[Float32[np.ndarray, "vertices 3"], Int32[np.ndarray, "triangles 3"]] | None:
    """The frame a person wears, placed on their nose; or None."""
    if person.glasses == "none":
        return None
    half_width = SHAPES[person.glasses][1]
    outer, bridge_end = LENS_X + half_width, LENS_X - half_width
    k = np.linspace(-1, 1, 9)
    pieces = [tube(np.stack([bridge_end * k, 0.03 * (1 - k**2), 0.885 + 0.05 * (1 - k**2)], 1), 0.012, closed=False)]
    for side in (1, -1):
        pieces.append(tube(lens_rim(person.glasses, side), 0.013, closed=True))
        temple = [(outer, 0.02, 0.785), (outer + 0.05, 0.02, 0.70), (0.725, 0.03, 0.25), (0.745, 0.02, -0.08)]
        pieces.append(tube(np.array(temple) * [side, 1, 1], 0.012, closed=False))
    offsets = np.cumsum([0] + [len(vertices) for vertices, _ in pieces[:-1]])
    vertices = np.concatenate([vertices for vertices, _ in pieces])
    triangles = np.concatenate([triangles + offset for (_, triangles), offset in zip(pieces, offsets, strict=True)])
    nose = np.array([[0, -0.02, 0.9]], np.float32)
    widened = vertices * [1 + 0.05 * float(person.identity[0]), 1, 1]
    placed = widened + identity_displacement(nose, person.identity)
    return placed.astype(np.float32), triangles.astype(np.int32)
