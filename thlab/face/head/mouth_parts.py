"""What shows when the mouth opens: the bag behind the lips, two rows of teeth, the tongue."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from thlab.face.head.face_surface import MOUTH_Y, ring_angles
from thlab.face.head.mesh import Assembly, Material, Part, strip

BAG = ((-0.040, 0.004, 0.97), (-0.10, 0.05, 0.95), (-0.20, 0.09, 0.95), (-0.32, 0.10, 0.85), (-0.42, 0.07, 0.65))
"""Rings of the bag behind the inner lips: depth, half height, share of the mouth's width."""
ARCH_COLUMNS = 41
ARCH_ANGLE = 1.25
ARCH_WIDTH, ARCH_DEPTH = 0.235, 0.26
"""A row of teeth is x = width · sin(angle), z = front − depth · (1 − cos(angle))."""
TEETH_BEHIND_LIPS = 0.035
UPPER_ROWS = ((0.085, -0.012), (0.045, 0.0), (0.0, 0.0), (-0.030, 0.0), (-0.038, -0.016))
LOWER_ROWS = ((-0.085, -0.012), (-0.045, 0.0), (-0.010, 0.0), (0.018, 0.0), (0.026, -0.016))
"""Rows from the gum to the back of the edge: height above the row's middle, depth."""
TONGUE_ROWS, TONGUE_COLUMNS = 14, 20


def add_mouth(assembly: Assembly, inner: Int[np.ndarray, "columns"], lips: Float[np.ndarray, "columns 3"]) -> None:
    """Add bag, teeth and tongue behind the inner lips, ring 0."""
    add_bag(assembly, inner, lips)
    front = float(lips[:, 2].max()) - TEETH_BEHIND_LIPS
    assembly.grid("teeth_upper", teeth(front, upper=True), Part.TEETH_UPPER, Material.TEETH, closed=False, flipped=True)
    assembly.grid("teeth_lower", teeth(front, upper=False), Part.TEETH_LOWER, Material.TEETH, closed=False)
    assembly.grid("tongue", tongue(front), Part.TONGUE, Material.TONGUE, closed=True, flipped=True)


def add_bag(assembly: Assembly, inner: Int[np.ndarray, "columns"], lips: Float[np.ndarray, "columns 3"]) -> None:
    angles, previous = ring_angles(len(inner)), inner
    for number, (depth, height, width) in enumerate(BAG):
        ring = lips * [width, 1, 1] + np.stack([0 * angles, height * np.sin(angles), 0 * angles + depth], 1)
        ids = assembly.add(f"bag_{number}", ring, Part.MOUTH_BAG)
        assembly.fill(strip(previous, ids, closed=True), Material.MOUTH)
        previous = ids
    assembly.fill(cap(previous), Material.MOUTH)


def cap(ring: Int[np.ndarray, "columns"]) -> Int[np.ndarray, "triangles 3"]:
    """Close a ring by triangles between its upper and its lower half, facing forwards."""
    half = len(ring) // 2
    upper, lower = ring[: half + 1], ring[-np.arange(half + 1)]
    across = strip(upper, lower, closed=False)
    flat = (across[:, 0] == across[:, 2]) | (across[:, 1] == across[:, 2])
    return across[~flat]


def teeth(front: float, *, upper: bool) -> Float[np.ndarray, "rows columns 3"]:
    """One row of teeth, scalloped along its edge and furrowed between the teeth."""
    angles = np.linspace(-ARCH_ANGLE, ARCH_ANGLE, ARCH_COLUMNS)
    crown = np.abs(np.sin(angles / ARCH_ANGLE * np.pi * 3.5))
    x = ARCH_WIDTH * (1 if upper else 0.94) * np.sin(angles)
    z = front - ARCH_DEPTH * (1 - np.cos(angles)) - (0 if upper else 0.025) + 0.010 * (crown - 1)
    middle, towards_gum = (MOUTH_Y + 0.018, 1) if upper else (MOUTH_Y - 0.055, -1)
    scallop = towards_gum * 0.012 * (1 - crown) ** 2
    rows = [
        np.stack([x, middle + dy + (scallop if number >= 3 else 0 * x), z + dz], 1)
        for number, (dy, dz) in enumerate(UPPER_ROWS if upper else LOWER_ROWS)
    ]
    return np.stack(rows)


def tongue(front: float) -> Float[np.ndarray, "rows columns 3"]:
    """The tongue from its tip backwards, flat with a groove along the middle."""
    u = np.linspace(0, 1, TONGUE_ROWS)[:, None]
    around = ring_angles(TONGUE_COLUMNS)[None]
    girth = np.sin(np.clip(u * 0.98 + 0.01, 0, 1) * np.pi) ** 0.55
    x = 0.155 * girth * np.cos(around)
    groove = 0.012 * np.exp(-((x / 0.02) ** 2)) * (np.sin(around) > 1e-9)
    y = MOUTH_Y - 0.075 + 0.055 * girth * np.sin(around) - groove + 0.05 * u - 0.02 * (1 - u) ** 3
    z = np.broadcast_to(front - 0.075 - 0.50 * u, x.shape)
    return np.stack([x, y, z], -1)
