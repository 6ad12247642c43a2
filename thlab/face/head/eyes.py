"""Eyeballs, the wet rims behind the lid margins, and the upper lashes."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from thlab.face.head.face_surface import EYE_COLUMNS, EYE_RADIUS, ring_angles
from thlab.face.head.mesh import Assembly, Material, Part, strip

RIM_DEPTH = 0.020
"""The wet rim runs so far beneath the surface of the eyeball."""
EYEBALL_ROWS, EYEBALL_COLUMNS = 12, 28
EYEBALL_REACH = 1.75
"""The eyeball's grid reaches so many radians from its front pole: what no lid ever uncovers is left out."""
LASHES = EYE_COLUMNS // 2 + 1
"""Lashes stand on the upper half of the lid margin."""


def add_eye(
    assembly: Assembly,
    side: str,
    margin: Int[np.ndarray, "columns"],
    lid: Float[np.ndarray, "columns 3"],
    centre: np.ndarray,
) -> None:
    """Add eyeball, wet rim and lashes of one eye ("L" or "R") whose lid margin is there already."""
    left = side == "L"
    rim = assembly.add(f"lid_rim_{side}", rim_of(lid, centre), Part.LID_RIM_L if left else Part.LID_RIM_R)
    triangles = strip(rim, margin, closed=True)
    assembly.fill(triangles[:, ::-1] if left else triangles, Material.WET_RIM)
    part = Part.EYEBALL_L if left else Part.EYEBALL_R
    assembly.grid(f"eyeball_{side}", eyeball() * EYE_RADIUS + centre, part, Material.EYE, closed=True, flipped=True)
    ribbon = lashes(lid[:LASHES], 1 if left else -1)
    part = Part.LASH_L if left else Part.LASH_R
    assembly.grid(f"lash_{side}", ribbon, part, Material.LASH, closed=False, flipped=left)


def rim_of(lid: Float[np.ndarray, "columns 3"], centre: np.ndarray) -> Float[np.ndarray, "columns 3"]:
    """The inner edge of the lids: the margin, moved into the eyeball."""
    outwards = lid - centre
    return centre + outwards / np.linalg.norm(outwards, axis=1, keepdims=True) * (EYE_RADIUS - RIM_DEPTH)


def eyeball() -> Float[np.ndarray, "rows columns 3"]:
    """The front of a unit sphere, rows around its pole at +z, closer together there."""
    polar = (np.linspace(0, 1, EYEBALL_ROWS) ** 0.9 * EYEBALL_REACH)[:, None]
    around = ring_angles(EYEBALL_COLUMNS)[None]
    return np.stack([np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar) + 0 * around], -1)


def lashes(lid: Float[np.ndarray, "columns 3"], sign: int) -> Float[np.ndarray, "2 columns 3"]:
    """A ribbon from the upper lid margin forwards and up, longest in the middle and swept outwards."""
    along = np.linspace(0, np.pi, len(lid))
    s, outwards = np.clip(np.sin(along), 0, 1), np.cos(along)
    roots = lid + np.array([0, -0.001, 0.004])
    sweep = sign * 0.012 * outwards * (1 + 0.5 * (outwards > 0))
    return np.stack([roots, roots + np.stack([sweep, 0.014 * s**0.5 + 0.004, 0.030 * s**0.4 + 0.004], 1)])
