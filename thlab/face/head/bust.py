"""Ears, and the neck and shoulders beneath the head."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from thlab.face.head.face_surface import ring_angles
from thlab.face.head.mesh import Assembly, Material, Part
from thlab.face.head.solid import smoothstep

EAR_COLUMNS = 36
EAR_PROFILE = (
    (0.00, -0.010), (0.25, -0.030), (0.45, -0.020), (0.62, 0.035), (0.76, 0.012), (0.90, 0.055), (1.00, 0.040),
    (1.00, -0.010), (0.75, -0.050),
)  # fmt: skip
"""From the ear canal outwards: share of the outline, height off the ear's plane (concha, antihelix, helix, back)."""
EAR_PLACE = (0.735, -0.14, -0.10)
EAR_TURN, EAR_LEAN = 0.36, -0.16
BUST_COLUMNS = 44
BUST_SECTIONS = (
    (-0.66, 0.34, 0.28, -0.12), (-0.86, 0.41, 0.40, -0.09), (-1.00, 0.42, 0.43, -0.12), (-1.14, 0.44, 0.44, -0.15),
    (-1.24, 0.51, 0.45, -0.17), (-1.32, 0.64, 0.46, -0.18), (-1.40, 0.86, 0.48, -0.18), (-1.48, 1.10, 0.50, -0.18),
    (-1.58, 1.32, 0.52, -0.18), (-1.74, 1.46, 0.54, -0.17), (-2.10, 1.52, 0.56, -0.15), (-2.90, 1.55, 0.60, -0.15),
)  # fmt: skip
"""Height, half width, half depth and z of the middle of each section, from inside the head down to the frame."""


def add_ears(assembly: Assembly) -> None:
    left = ear()
    assembly.grid("ear_L", left, Part.EAR, Material.SKIN, closed=True)
    assembly.grid("ear_R", left * [-1, 1, 1], Part.EAR, Material.SKIN, closed=True, flipped=True)


def add_bust(assembly: Assembly) -> None:
    assembly.grid("bust", bust(), Part.BUST, Material.BUST, closed=True)


def ear() -> Float[np.ndarray, "rows columns 3"]:
    """The left ear: rings of one outline, raised and sunk by the profile; the lobe is smooth, the front is flush."""
    angles = ring_angles(EAR_COLUMNS)
    c, s = np.cos(angles), np.sin(angles)
    forwards, upwards = 0.155 * c * (1 + 0.18 * s) - 0.05 * s, 0.275 * s - 0.02
    lobe, front = smoothstep(-0.5, -0.9, s), smoothstep(0.5, 0.95, c)
    rows = []
    for share, height in EAR_PROFILE:
        off = height * (1 - 0.6 * lobe) + 0.01 * lobe * (height > 0) - 0.055 * share * front
        rows.append(np.stack([off, upwards * share, forwards * share], 1))
    return np.stack(rows) @ rotation_y(EAR_TURN).T @ rotation_x(EAR_LEAN).T + np.array(EAR_PLACE)


def rotation_x(angle: float) -> Float[np.ndarray, "3 3"]:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def rotation_y(angle: float) -> Float[np.ndarray, "3 3"]:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])


def bust() -> Float[np.ndarray, "rows columns 3"]:
    """Neck and shoulders: superellipses, their front drawn down to the pit of the throat."""
    angles = ring_angles(BUST_COLUMNS)
    c, s = np.cos(angles), np.sin(angles)
    c, s = np.where(np.abs(c) < 1e-9, 0, c), np.where(np.abs(s) < 1e-9, 0, s)
    rows = []
    for height, half_width, half_depth, middle in BUST_SECTIONS:
        x = half_width * np.sign(c) * np.abs(c) ** 0.9
        z = middle + half_depth * np.sign(s) * np.abs(s) ** 0.9
        dip = 0.10 * np.maximum(s, 0) * smoothstep(-1.1, -1.3, np.full(len(x), height)) * np.exp(-((x / 0.5) ** 2))
        rows.append(np.stack([x, height - dip, z], 1))
    return np.stack(rows)
