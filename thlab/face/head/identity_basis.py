"""The identity basis: how faces differ from the mean, as about forty smooth fields, and plausible draws from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Float32

from thlab.face.head.face_surface import EYE_RADIUS, EYE_X, MOUTH_Y
from thlab.face.head.geometry import eye_centres, mean_head
from thlab.face.head.mesh import HeadMesh, Part
from thlab.face.head.solid import Triple, smoothstep

Space = Float[np.ndarray, "points 3"]
Coefficients = Float[np.ndarray, "modes"]
"""One number an identity mode: 0 is the mean, ±1 clearly visible, ±1.6 the most that :func:`sample_identity` draws."""
Field = Callable[[Any], Any]
"""From places to displacements, both ``[points, 3]``."""


def hill(centre: Triple, size: Triple, push: Triple, *, mirrored: bool = True, power: int = 1) -> Field:
    """A displacement that falls off like exp(−d^(2·power)) around a place (and its mirror image, pushed mirrored)."""

    def field(points: Space) -> Space:
        side = np.stack([np.sign(points[:, 0]), np.ones(len(points)), np.ones(len(points))], 1)
        places = points * np.where(side == 0, 1, side) if mirrored else points
        weight = np.exp(-((((places - np.array(centre)) / np.array(size)) ** 2).sum(1) ** power))
        moved = weight[:, None] * np.array(push)
        if mirrored and push[0]:
            moved[:, 0] *= np.tanh(points[:, 0] / 0.10)
        return moved

    return field


def stretch(gain: Triple, weight: Callable[[Any], Any]) -> Field:
    """A displacement in proportion to the place itself."""
    return lambda points: points * np.array(gain) * weight(points)[:, None]


def above_neck(points: Space) -> Float[np.ndarray, "points"]:
    return smoothstep(-1.35, -0.85, points[:, 1])


def on_neck(points: Space) -> Float[np.ndarray, "points"]:
    return smoothstep(-0.7, -0.95, points[:, 1]) * smoothstep(-1.5, -1.3, points[:, 1])


def tapered(points: Space) -> Float[np.ndarray, "points"]:
    return np.clip(points[:, 1] + 0.1, -1, 1) * above_neck(points)


EYE_SIZE = 0.055
"""Share by which the mode ``eye_size`` enlarges eyeball and opening."""
SOCKET = (0.325, 0.02, 0.60)


def grown_eyes(points: Space) -> Space:
    """Enlarge what surrounds each eyeball's centre."""
    moved = np.zeros(points.shape)
    for centre in eye_centres():
        away = points - centre
        moved += EYE_SIZE * away * np.exp(-(((away / [0.26, 0.22, 0.4]) ** 2).sum(1) ** 2))[:, None]
    return moved


def tilted_eyes(points: Space) -> Space:
    """Raise outer corners and lower inner ones."""
    x, y, z = points.T
    out = np.abs(x) - EYE_X
    lift = 0.075 * out * np.exp(-(((out / 0.25) ** 2 + (y / 0.2) ** 2) ** 2)) * smoothstep(0.2, 0.5, z)
    return np.stack([0 * x, lift, 0 * x], 1)


FIELDS: Mapping[str, Field] = MappingProxyType({
    "width": stretch((0.040, 0, 0), above_neck),
    "height": stretch((0, 0.035, 0), above_neck),
    "depth": stretch((0, 0, 0.030), lambda p: above_neck(p) * smoothstep(0.3, -0.4, p[:, 2])),
    "taper": stretch((0.050, 0, 0), tapered),
    "jaw_width": hill((0.42, -0.62, 0.15), (0.30, 0.30, 0.5), (0.050, 0, 0)),
    "jaw_length": hill((0, -1.02, 0.5), (0.6, 0.30, 0.8), (0, -0.040, 0), mirrored=False),
    "chin_forward": hill((0, -0.93, 0.75), (0.25, 0.17, 0.4), (0, 0, 0.035), mirrored=False),
    "chin_width": hill((0.14, -0.93, 0.65), (0.16, 0.16, 0.4), (0.034, 0, 0)),
    "cheekbone": hill((0.52, -0.18, 0.45), (0.20, 0.18, 0.35), (0.025, 0, 0.028)),
    "cheek_fat": hill((0.45, -0.50, 0.40), (0.22, 0.24, 0.4), (0.042, 0, 0.030)),
    "forehead_height": hill((0, 0.75, 0.4), (0.8, 0.4, 0.9), (0, 0.045, 0.015), mirrored=False),
    "forehead_slope": hill((0, 0.62, 0.75), (0.5, 0.25, 0.4), (0, 0, 0.045), mirrored=False),
    "brow_ridge": hill((0.26, 0.20, 0.8), (0.24, 0.08, 0.25), (0, 0, 0.026)),
    "temple": hill((0.68, 0.25, 0.3), (0.2, 0.3, 0.4), (0.028, 0, 0)),
    "nose_length": hill((0, -0.40, 1.05), (0.17, 0.12, 0.35), (0, -0.022, 0), mirrored=False),
    "nose_width": hill((0.10, -0.36, 0.95), (0.09, 0.12, 0.25), (0.018, 0, 0)),
    "nose_bridge": hill((0, -0.10, 0.95), (0.075, 0.17, 0.3), (0, 0, 0.025), mirrored=False),
    "nose_tip": hill((0, -0.34, 1.12), (0.12, 0.12, 0.28), (0, 0, 0.034), mirrored=False),
    "nose_up": hill((0, -0.33, 1.15), (0.11, 0.10, 0.22), (0, 0.022, 0), mirrored=False),
    "nose_bulb": hill((0.05, -0.34, 1.1), (0.06, 0.07, 0.2), (0.014, 0, 0.006)),
    "bridge_width": hill((0.06, -0.08, 0.85), (0.06, 0.14, 0.25), (0.012, 0, 0)),
    "mouth_width": hill((0.25, MOUTH_Y, 0.8), (0.16, 0.14, 0.35), (0.019, 0, 0)),
    "mouth_height": hill((0, MOUTH_Y, 0.85), (0.38, 0.20, 0.4), (0, 0.020, 0), mirrored=False),
    "lip_forward": hill((0, MOUTH_Y, 0.9), (0.28, 0.14, 0.3), (0, 0, 0.024), mirrored=False),
    "eye_spacing": hill(SOCKET, (0.26, 0.22, 0.4), (0.014, 0, 0), power=2),
    "eye_height": hill(SOCKET, (0.28, 0.22, 0.4), (0, 0.016, 0), power=2),
    "eye_size": grown_eyes,
    "eye_tilt": tilted_eyes,
    "eye_hood": hill((0.33, 0.13, 0.72), (0.17, 0.05, 0.2), (0, -0.015, 0.015)),
    "eye_depth": hill(SOCKET, (0.28, 0.24, 0.4), (0, 0, -0.020), power=2),
    "brow_height": hill((0.28, 0.22, 0.8), (0.28, 0.08, 0.3), (0, 0.016, 0)),
    "neck_width": stretch((0.075, 0, 0.045), on_neck),
    "shoulder_width": stretch((0.060, 0, 0), lambda p: smoothstep(-1.3, -1.55, p[:, 1])),
    "mouth_skew": hill((0.2, MOUTH_Y, 0.8), (0.2, 0.15, 0.4), (0, 0.005, 0), mirrored=False),
    "eye_skew": hill((0.325, 0.02, 0.7), (0.24, 0.2, 0.4), (0, 0.004, 0), mirrored=False),
    "nose_skew": hill((0, -0.3, 1.0), (0.15, 0.25, 0.4), (0.006, 0, 0), mirrored=False),
})  # fmt: skip
"""Modes that are fields in space: they also move what is attached later (hair, glasses, beard)."""

RED_OF_LIPS = (0.0, 0.35, 0.75, 1.0, 0.7, 0.3, 0.0)
"""How much of a thicker lip each mouth ring takes up."""


def thicker_lip(head: HeadMesh, *, upper: bool) -> Float[np.ndarray, "vertices 3"]:
    on_ring = head.lip_ring < 9
    sine = np.where(on_ring, np.sin(head.lip_angle), 0)
    half = on_ring & ((sine > 1e-6) if upper else (sine < -1e-6))
    ring = np.where(on_ring, head.lip_ring, 6).astype(int)
    moved = np.zeros(head.vertices.shape)
    moved[:, 1] = (0.016 if upper else -0.017) * np.array(RED_OF_LIPS)[ring] * np.abs(sine) * half
    moved[:, 2] = 0.008 * ((ring == 1) | (ring == 2)) * np.abs(sine) * half
    return moved


def deeper_bow(head: HeadMesh) -> Float[np.ndarray, "vertices 3"]:
    x = head.vertices[:, 0]
    on_ring = head.lip_ring < 9
    ring = np.where(on_ring, head.lip_ring, 6).astype(int)
    share = np.array(RED_OF_LIPS)[ring] * (on_ring & (np.sin(head.lip_angle) > 1e-6))
    moved = np.zeros(head.vertices.shape)
    peaks = 0.004 * np.exp(-(((np.abs(x) - 0.06) / 0.03) ** 2))
    moved[:, 1] = share * (peaks - 0.008 * np.exp(-((x / 0.035) ** 2)))
    return moved


def wider_opening(head: HeadMesh) -> Float[np.ndarray, "vertices 3"]:
    """A higher upper lid; the lashes go with it."""
    moved = np.zeros(head.vertices.shape)
    lift = 0.011 * np.sin(head.lid_angle) * np.exp(-2 * (head.lid_ring - 1))
    moved[:, 1] = np.where(head.eye_side > 0, lift, 0)
    return moved


def ears(head: HeadMesh, *, outwards: bool) -> Float[np.ndarray, "vertices 3"]:
    """Bigger ears, or ears that stand out at the back."""
    moved = np.zeros(head.vertices.shape)
    for loop, side in ((head.loops["ear_L"], 1), (head.loops["ear_R"], -1)):
        root = np.array([0.70 * side, -0.14, -0.02])
        away = head.vertices[loop] - root
        behind = smoothstep(0.0, -0.2, away[:, 2])
        moved[loop] = np.stack([side * 0.035 * behind, 0 * behind, 0 * behind], 1) if outwards else 0.08 * away
    return moved


SHAPES: Mapping[str, Callable[[HeadMesh], Any]] = MappingProxyType({
    "lip_upper": lambda head: thicker_lip(head, upper=True),
    "lip_lower": lambda head: thicker_lip(head, upper=False),
    "cupid_bow": deeper_bow,
    "eye_opening": wider_opening,
    "ear_size": lambda head: ears(head, outwards=False),
    "ear_out": lambda head: ears(head, outwards=True),
})  # fmt: skip
"""Modes that follow the rings and parts of the mesh."""

IDENTITY_MODES: tuple[str, ...] = (*FIELDS, *SHAPES)
"""Names of the identity modes, in the order of the basis."""
IDENTITY_INDEX: Mapping[str, int] = MappingProxyType({name: index for index, name in enumerate(IDENTITY_MODES)})


@cache
def identity_basis() -> Float32[np.ndarray, "modes vertices 3"]:
    """The identity modes over the vertices of the mean head, units of 10 cm per unit of coefficient.

    Eyeballs stay round: they move with their centre, and only ``eye_size`` makes them larger.

    Source: ours, in the role of the identity basis of Blanz & Vetter 1999.
    Notebook: 09, "The morphable face".
    """
    head = mean_head()
    places = head.vertices.astype(float)
    basis = np.stack([*(field(places) for field in FIELDS.values()), *(shape(head) for shape in SHAPES.values())])
    for part, centre in zip((Part.EYEBALL_L, Part.EYEBALL_R), eye_centres(), strict=True):
        ball = head.part == part
        for mode, name in enumerate(IDENTITY_MODES):
            basis[mode, ball] = FIELDS[name](centre[None]) if name in FIELDS else 0
        basis[IDENTITY_INDEX["eye_size"], ball] = EYE_SIZE * (places[ball] - centre)
        basis[IDENTITY_INDEX["eye_tilt"], ball] = 0
    follow_lids(head, basis)
    basis[np.abs(basis) < 1e-9] = 0
    return np.ascontiguousarray(basis, np.float32)


def follow_lids(head: HeadMesh, displacement: Float[np.ndarray, "modes vertices 3"]) -> None:
    """Let wet rims and lashes move with the lid margin."""
    for side in "LR":
        margin, rim, lash = head.loops[f"eye_{side}_0"], head.loops[f"lid_rim_{side}"], head.loops[f"lash_{side}"]
        displacement[:, rim] = displacement[:, margin]
        count = len(lash) // 2
        displacement[:, lash[:count]] = displacement[:, lash[count:]] = displacement[:, margin[:count]]


def identity_displacement(points: Space, coefficients: Coefficients) -> Space:
    """How an identity moves places that are not vertices of the head: hair, glasses.

    Only the modes that are fields in space (:data:`FIELDS`) take part.
    """
    moved = np.zeros(points.shape)
    for name, field in FIELDS.items():
        amount = float(coefficients[IDENTITY_INDEX[name]])
        if amount:
            moved += amount * field(points)
    return moved


class Eyes(NamedTuple):
    """Where a person's eyeballs are."""

    centres: Float32[np.ndarray, "2 3"]
    """The subject's left first; head units of 10 cm."""
    radius: float


def eyes_of(coefficients: Coefficients) -> Eyes:
    """The eyeballs of an identity, which the lids slide on (see ``contact.settle``)."""
    centres = eye_centres()
    still = np.array(coefficients, float)
    still[[IDENTITY_INDEX["eye_tilt"]]] = 0
    moved = centres + identity_displacement(centres, still)
    return Eyes(moved.astype(np.float32), EYE_RADIUS * (1 + EYE_SIZE * float(coefficients[IDENTITY_INDEX["eye_size"]])))


SPREAD = 0.75
"""Standard deviation of each coefficient before the limits."""
LARGEST = 1.6
FACTORS: tuple[Mapping[str, float], ...] = (
    {"width": 0.35, "jaw_width": 0.30, "cheek_fat": 0.60, "neck_width": 0.45, "chin_width": 0.25, "nose_width": 0.20},
    {"nose_length": 0.40, "nose_tip": 0.40, "nose_bridge": 0.35, "nose_width": 0.20},
    {"height": 0.35, "jaw_length": 0.30, "forehead_height": 0.30, "nose_length": 0.20},
    {"lip_upper": 0.45, "lip_lower": 0.45, "lip_forward": 0.30},
)
"""What varies together: weight, a large nose, a long face, full lips."""
WOMEN: Mapping[str, float] = MappingProxyType({
    "jaw_width": -0.60, "brow_ridge": -1.00, "lip_upper": 0.50, "lip_lower": 0.50, "eye_size": 0.35,
    "neck_width": -1.00, "shoulder_width": -1.10, "nose_length": -0.30, "chin_width": -0.30, "nose_width": -0.35,
    "nose_tip": -0.20, "width": -0.25, "eye_opening": 0.40, "forehead_slope": 0.40, "brow_height": 0.30,
    "height": -0.30,
})  # fmt: skip
MEN: Mapping[str, float] = MappingProxyType({
    "jaw_width": 0.45, "brow_ridge": 0.60, "neck_width": 0.70, "chin_width": 0.45, "shoulder_width": 0.50,
    "jaw_length": 0.20, "eye_opening": -0.15,
})  # fmt: skip
TOGETHER: tuple[tuple[Mapping[str, float], float], ...] = (
    ({"jaw_width": 1.0, "chin_width": 0.8, "taper": -0.9, "cheek_fat": 0.4}, 1.5),
    ({"nose_length": 1.0, "nose_tip": 0.8, "nose_up": -0.6}, 1.5),
    ({"nose_width": 1.0, "nose_bulb": 0.8, "bridge_width": 0.6}, 1.5),
    ({"eye_size": 1.0, "eye_opening": 0.8, "eye_hood": -0.5}, 1.3),
    ({"height": 1.0, "jaw_length": 0.8, "forehead_height": 0.6, "width": -1.0}, 1.6),
    ({"lip_upper": 1.0, "lip_lower": 1.0, "mouth_width": 0.7, "lip_forward": 0.6}, 1.9),
    ({"eye_spacing": 1.0, "width": 0.4}, 1.2),
    ({"mouth_width": 1.0, "width": 0.6}, 1.4),
    ({"chin_forward": 1.0, "jaw_length": 0.7}, 1.4),
    ({"mouth_skew": 1.0, "eye_skew": 0.8, "nose_skew": 0.8}, 1.2),
)
"""Sums that may not exceed a limit either way: pointed chins, long noses, huge eyes, narrow heads are rare in life."""


def weights(amounts: Mapping[str, float]) -> Coefficients:
    vector = np.zeros(len(IDENTITY_MODES))
    for name, amount in amounts.items():
        vector[IDENTITY_INDEX[name]] = amount
    return vector


def sample_identity(rng: np.random.Generator, *, female: bool) -> Float32[np.ndarray, "modes"]:
    """Draw a plausible face: a Gaussian with common factors, shifted by sex, kept from its extremes.

    The chance part's length is limited to what is usual for its dimension, each coefficient to ±1.6, and telling sums
    (:data:`TOGETHER`) to their limits.
    """
    chance = SPREAD * rng.standard_normal(len(IDENTITY_MODES))
    for factor in FACTORS:
        chance += weights(factor) * rng.standard_normal()
    usual = SPREAD * np.sqrt(len(IDENTITY_MODES))
    chance *= min(1.0, usual / float(np.linalg.norm(chance)))
    drawn = np.clip(chance + weights(WOMEN if female else MEN), -LARGEST, LARGEST)
    for _ in range(2):  # the sums share modes
        for amounts, limit in TOGETHER:
            direction = weights(amounts)
            total = float(direction @ drawn)
            drawn -= direction * (total - np.clip(total, -limit, limit)) / float(direction @ direction)
    return np.clip(drawn, -LARGEST, LARGEST).astype(np.float32)
