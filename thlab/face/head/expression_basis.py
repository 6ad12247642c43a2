"""The expression basis: what each action of the face does to the vertices of the mean head.

Every mode is a short recipe over a map of the face (:class:`FaceMap`). What a linear mode cannot do, such as lids that
slide on the eyeball or lips that stop where they meet, is left to ``thlab.face.head.contact``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32

from thlab.face.action_units import EXPRESSIONS
from thlab.face.head.face_surface import MOUTH_HALF_WIDTH, MOUTH_Y, lip_line
from thlab.face.head.geometry import mean_head
from thlab.face.head.identity_basis import follow_lids
from thlab.face.head.mesh import HeadMesh, Part
from thlab.face.head.skin import across
from thlab.face.head.solid import Pair, bump, smoothstep

Weight = Float[np.ndarray, "vertices"]
Displacement = Float[np.ndarray, "vertices 3"]

JAW_ANGLE = 0.30
"""Radians by which the jaw turns at ``jaw_open`` = 1."""
JAW_HINGE = (-0.22, -0.02)
"""y and z of the axis through the jaw joints, in front of the ears."""
LID_SHARES = (1.0, 0.86, 0.46, 0.15, 0.04)
"""How much of the lid margin's way each eye ring goes in a blink: the lid unrolls from beneath its crease."""
UPPER_LID_SHARE = 0.93
"""The upper lid does nearly all the closing; the lower one hardly moves (Doane 1980, Am. J. Ophthalmol. 89)."""


@dataclass(frozen=True)
class FaceMap:
    """Coordinates and soft regions of the mean head that the recipes share; one value a vertex."""

    head: HeadMesh
    x: Weight
    y: Weight
    z: Weight
    a: Weight
    """Distance from the middle of the face, |x|."""
    side: Weight
    """+1 on the subject's left, −1 on the right, 0 in the middle."""
    above_mouth: Weight
    """y measured from the mouth."""
    skin: Weight
    """1 on the front of the face's skin, falling to 0 at the ears; 0 on all other parts."""
    lip: Weight
    """1 on the red of the lips, falling to 0 at the outermost mouth ring."""
    upper: Weight
    """``lip`` of the upper lip only."""
    lower: Weight
    ring: Weight
    """Number of the mouth ring, 9 elsewhere."""
    arch: Weight
    """On mouth rings: 0 at the corners, 1 in the middle (|sine| of the ring's angle)."""
    red: Weight
    """On the red: height above the line where lips meet; beyond, that of the border, fading out."""
    corner: Weight
    """A bump at each mouth corner."""
    around_mouth: Weight
    """1 on the lips and the skin that moves with them, with a flat top."""
    lips_only: Weight
    jaw: Weight
    """How much of the jaw's turn a vertex takes part in."""
    upper_lid: Weight
    """0 to 1 over the arc of the upper lid margin, falling off to the brow."""
    lower_lid: Weight
    below_brow: Weight
    """1 on the skin, 0 on the lids' margin: what the brow pulls along."""

    def bump(self, centre: Pair, width: Pair) -> Weight:
        """A hill on both sides of the face's skin."""
        return bump(self.a, self.y, centre, width) * self.skin

    def left(self, sign: int, blend: float = 0.10) -> Weight:
        """1 on one side of the face, 0 on the other, mixed in the middle."""
        return smoothstep(-blend, blend, sign * self.x)


def move(x: Any = 0.0, y: Any = 0.0, z: Any = 0.0) -> Displacement:
    """Stack three columns, broadcasting numbers."""
    return np.stack(np.broadcast_arrays(*(np.asarray(column, float) for column in (x, y, z))), 1)


def face_map(head: HeadMesh) -> FaceMap:
    """Measure the mean head."""
    x, y, z = head.vertices.T.astype(float)
    a, v = np.abs(x), y - MOUTH_Y
    is_skin = np.arange(len(x)) < head.skin_count
    skin = is_skin * smoothstep(0.02, 0.25, z)
    ring, on_lips = head.lip_ring.astype(float), head.lip_ring < 9
    sine = np.where(on_lips, np.sin(head.lip_angle), 0)
    lip = np.where(on_lips, np.clip(1 - (ring - 3) / 3, 0, 1), 0)
    arch = np.where(np.abs(sine) < 1e-6, 0, np.abs(sine))
    lid = np.where(head.eye_side > 0, np.exp(-2 * (head.lid_ring - 1)) * np.sin(head.lid_angle), 0)
    return FaceMap(
        head=head, x=x, y=y, z=z, a=a, side=np.sign(np.round(x, 6)), above_mouth=v, skin=skin, lip=lip,
        upper=lip * (sine > 1e-6), lower=lip * (sine < -1e-6), ring=ring, arch=arch, red=red_heights(head),
        corner=np.exp(-(((a - MOUTH_HALF_WIDTH) / 0.13) ** 2) - (v / 0.12) ** 2) * skin,
        around_mouth=np.exp(-(((x / 0.44) ** 2 + (v / 0.27) ** 2) ** 1.5)) * skin,
        lips_only=np.exp(-(((x / 0.30) ** 2 + (v / 0.15) ** 2) ** 2)) * skin,
        jaw=jaw_weight(head, is_skin), upper_lid=np.maximum(lid, 0), lower_lid=np.maximum(-lid, 0),
        below_brow=np.where(head.eye_side > 0, np.clip((head.lid_ring - 1.12) / 0.7, 0, 1), 1.0) * skin,
    )  # fmt: skip


def red_heights(head: HeadMesh) -> Weight:
    """Height above the lip line on the red of the lips; outside, the border's height, fading to the last ring."""
    heights = np.zeros(len(head.vertices))
    for ring in range(7):
        loop = head.loops[f"mouth_{ring}"]
        within = head.loops[f"mouth_{min(ring, 3)}"]
        height = head.vertices[within, 1] - lip_line(head.vertices[within, 0].astype(float))
        heights[loop] = height * np.clip(1 - (ring - 3) / 3, 0, 1)
    return heights


def jaw_weight(head: HeadMesh, is_skin: Bool[np.ndarray, "vertices"]) -> Weight:
    """The jaw turns with all below the mouth; the cheeks stretch between; the upper lip is hardly drawn along."""
    x, y, z = head.vertices.T.astype(float)
    beside = np.maximum(np.abs(x) - MOUTH_HALF_WIDTH, 0)
    level = MOUTH_Y + 0.015 + 0.85 * beside
    soft = 0.05 + 0.55 * np.maximum(np.abs(x) - MOUTH_HALF_WIDTH + 0.12, 0)
    height = np.clip((y - level + soft) / (1.55 * soft), 0, 1)
    beneath = smoothstep(-0.78, -0.98, y)  # the skin under the chin stays with the neck
    weight = (1 - height**2 * (3 - 2 * height)) * smoothstep(-0.30 + 0.46 * beneath, 0.40 + 0.16 * beneath, z)
    on_lips = head.lip_ring < 9
    arch = np.where(on_lips, np.abs(np.sin(head.lip_angle)), 0)
    arch = np.where(arch < 1e-6, 0, arch)
    lower = np.sin(head.lip_angle) < -1e-6
    lips = np.where(lower, 0.40 + 0.60 * arch**0.65, 0.40 * (1 - arch**0.6))
    outside = np.clip((head.lip_ring - 3) / 3.5, 0, 1)
    weight = np.where(on_lips, lips * (1 - outside) + weight * outside, weight)
    weight[~is_skin] = 0
    weight[np.isin(head.part, [Part.TEETH_LOWER, Part.TONGUE])] = 1
    return weight


def jaw_open(face: FaceMap) -> Displacement:
    """The jaw turns about its joints; the corners are drawn in a little."""
    y, z = face.y - JAW_HINGE[0], face.z - JAW_HINGE[1]
    c, s = np.cos(JAW_ANGLE), np.sin(JAW_ANGLE)
    turned = move(0 * y, y * c - z * s - y, y * s + z * c - z)
    return turned * face.jaw[:, None] + move(-0.025 * face.side * face.corner)


def pucker(face: FaceMap) -> Displacement:
    """Corners in, lips forward and fuller (AU 18)."""
    fuller = face.arch * (0.020 * face.upper - 0.012 * face.lower) * (face.ring > 0)
    return move(
        -0.40 * face.x * face.around_mouth,
        fuller - 0.012 * face.corner,
        0.105 * face.lips_only + 0.012 * face.arch * ((face.ring == 1) | (face.ring == 2)),
    )


def funnel(face: FaceMap) -> Displacement:
    """Lips forward and flared, teeth uncovered (AU 22)."""
    part = face.arch**0.6
    return move(
        -0.27 * face.x * face.around_mouth,
        (0.022 * face.upper - 0.042 * face.lower) * part,
        0.080 * face.lips_only + 0.028 * face.arch * (face.ring < 2),
    )


def stretch(face: FaceMap) -> Displacement:
    """Corners straight outwards and back, lips thinner (AU 20)."""
    return move(
        0.080 * face.side * face.corner,
        -0.016 * face.corner - 0.15 * face.red,
        -0.045 * face.corner - 0.010 * face.lips_only,
    )


def fold(face: FaceMap) -> tuple[Weight, Weight]:
    """The crease from the nose's wing to beside the mouth, and the cheek that bulges outside it."""
    down = np.clip((-0.40 - face.y) / 0.26, 0, 1)
    off = face.a - (0.165 + 0.205 * down**1.1)
    along = smoothstep(-0.76, -0.62, face.y) * smoothstep(-0.36, -0.44, face.y) * face.skin
    return np.exp(-((off / 0.032) ** 2)) * along, np.exp(-(((off - 0.10) / 0.085) ** 2)) * along


def smile(sign: int) -> Callable[[FaceMap], Displacement]:
    def one_side(face: FaceMap) -> Displacement:
        """One corner up, out and back; the cheek rises, its fold deepens, the lower lid follows (AU 12, some of 6)."""
        half = face.left(sign)
        pull = (
            np.exp(-(((face.a - MOUTH_HALF_WIDTH - 0.02) / 0.20) ** 2) - (face.above_mouth / 0.15) ** 2)
            * face.skin
            * half
        )
        cheek = face.bump((0.37, -0.34), (0.17, 0.18)) * half * face.below_brow
        crease, bulge = (weight * half for weight in fold(face))
        lid = face.lower_lid * (sign * face.x > 0)
        return move(
            face.side * (0.058 * pull + 0.022 * cheek + 0.012 * bulge),
            0.066 * pull + 0.034 * cheek + 0.012 * bulge + 0.016 * lid - 0.12 * face.red * half,
            -0.055 * pull + 0.048 * cheek + 0.030 * bulge - 0.024 * crease,
        )

    return one_side


def frown(face: FaceMap) -> Displacement:
    """Corners down, the chin a little up (AU 15)."""
    beside = face.bump((0.30, -0.76), (0.10, 0.10))
    return move(
        0.006 * face.side * face.corner,
        -0.072 * face.corner - 0.020 * beside + 0.012 * face.bump((0, -0.90), (0.16, 0.10)),
        -0.012 * face.corner + 0.014 * beside,
    )


def press(face: FaceMap) -> Displacement:
    """Lips tight against each other and narrow (AU 24)."""
    flat = face.arch * ((face.ring == 1) | (face.ring == 2))
    around = face.bump((0, -0.55), (0.20, 0.04)) + face.bump((0, -0.75), (0.18, 0.04))
    return move(0.010 * face.side * face.corner, -0.34 * face.red, -0.018 * flat - 0.010 * face.corner + 0.010 * around)


def roll_in(face: FaceMap) -> Displacement:
    """The red of both lips rolled inwards (AU 28)."""
    inwards = face.arch * np.select([face.ring == 1, face.ring == 2, face.ring == 3], [0.026, 0.036, 0.018], 0)
    return move(0.0, -0.52 * face.red, -inwards - 0.010 * face.lips_only)


def upper_raise(face: FaceMap) -> Displacement:
    """The upper lip lifted, the wings of the nose with it (AU 10)."""
    wing = face.bump((0.12, -0.38), (0.09, 0.08))
    crease, bulge = fold(face)
    lift = face.arch**0.6 * np.where(face.a < 0.14, 1.0, 0.9)
    return move(
        0.0, 0.060 * face.upper * lift + 0.014 * wing + 0.010 * bulge, 0.008 * face.upper * face.arch - 0.010 * crease
    )


def lower_drop(face: FaceMap) -> Displacement:
    """The lower lip drawn down (AU 16)."""
    return move(0.0, -0.060 * face.lower * face.arch**0.6, 0.006 * face.lower * face.arch)


def lip_tuck(face: FaceMap) -> Displacement:
    """The lower lip rolled in beneath the upper teeth, as for f and v."""
    back = face.arch * np.select([face.ring <= 1, face.ring == 2, face.ring == 3], [0.034, 0.044, 0.024], 0)
    rolled = -0.55 * np.minimum(face.red, 0)
    raised = 0.012 * face.lower * face.arch + 0.019 * face.upper * face.arch
    return move(0.0, raised + rolled, -(back + 0.012 * face.arch) * face.lower)


def chin_raise(face: FaceMap) -> Displacement:
    """The chin boss pushed up, and both lips with it (AU 17)."""
    chin = face.bump((0, -0.90), (0.18, 0.13))
    lips = face.lip * face.arch
    return move(0.0, 0.042 * chin + 0.028 * lips, 0.022 * chin + 0.016 * face.lower * face.arch)


def jaw_side(face: FaceMap) -> Displacement:
    return move(0.07 * face.jaw)


def jaw_forward(face: FaceMap) -> Displacement:
    return move(0.0, 0.0, 0.08 * face.jaw)


def puff(face: FaceMap) -> Displacement:
    """Cheeks blown up (AU 33)."""
    cheek = face.bump((0.42, -0.56), (0.17, 0.16))
    return move(0.09 * face.side * cheek, 0.0, 0.09 * cheek + 0.02 * face.lips_only)


def nose_wrinkle(face: FaceMap) -> Displacement:
    """Wings and upper lip up, inner brows down, the bridge bunched, eyes narrowed from below (AU 9)."""
    wing = face.bump((0.12, -0.36), (0.10, 0.09))
    bridge = face.bump((0.07, -0.04), (0.06, 0.09))
    brow = bump(face.a, face.y, (0.13, 0.21), (0.14, 0.09)) * face.below_brow
    crease, bulge = fold(face)
    return move(
        0.012 * face.side * wing - 0.014 * face.side * brow,
        0.045 * wing
        + 0.026 * face.upper * face.arch
        - 0.038 * brow
        + 0.020 * bulge
        + 0.014 * face.lower_lid
        + 0.02 * bridge,
        0.018 * bridge - 0.016 * crease + 0.018 * bulge,
    )


def brow_inner(face: FaceMap) -> Displacement:
    """The inner ends of the brows up (AU 1)."""
    brow = bump(face.a, face.y, (0.10, 0.26), (0.16, 0.17)) * face.below_brow
    return move(0.0, 0.092 * brow, -0.012 * brow)


def brow_outer(sign: int) -> Callable[[FaceMap], Displacement]:
    def one_side(face: FaceMap) -> Displacement:
        """The outer part of one brow up (AU 2)."""
        brow = bump(face.a, face.y, (0.38, 0.27), (0.20, 0.18)) * face.below_brow * face.left(sign)
        return move(0.0, 0.080 * brow, -0.020 * brow)

    return one_side


def brow_lower(face: FaceMap) -> Displacement:
    """Brows down and together, the skin between them bunched (AU 4)."""
    brow = bump(face.a, face.y, (0.20, 0.22), (0.20, 0.12)) * face.below_brow
    inner = bump(face.a, face.y, (0.13, 0.21), (0.10, 0.10)) * face.below_brow
    middle = bump(face.x, face.y, (0, 0.18), (0.03, 0.10)) * face.below_brow
    return move(
        -face.side * (0.030 * brow + 0.022 * inner) * np.tanh(face.a / 0.04),
        -0.060 * brow * (1.1 - face.a) - 0.018 * inner,
        0.014 * brow + 0.026 * inner - 0.022 * middle,
    )


def blink(sign: int) -> Callable[[FaceMap], Displacement]:
    def one_eye(face: FaceMap) -> Displacement:
        """One eye's lids meet at 1: the upper margin comes down, the lid unrolls from beneath its crease (AU 45)."""
        name = "L" if sign > 0 else "R"
        margin = face.head.loops[f"eye_{name}_0"]
        gap = face.y[margin] - face.y[across(margin)]
        way = np.where(gap > 0, -UPPER_LID_SHARE, -(1 - UPPER_LID_SHARE)) * gap
        moved = np.zeros((len(face.x), 3))
        for ring, share in enumerate(LID_SHARES):
            moved[face.head.loops[f"eye_{name}_{ring}"], 1] = share * way
        crease = face.head.loops[f"eye_{name}_2"]
        moved[crease, 2] += 0.012 * np.maximum(np.sin(face.head.lid_angle[crease]), 0)
        return moved

    return one_eye


def eye_wide(face: FaceMap) -> Displacement:
    """Upper lids up, lower lids a little down (AU 5)."""
    return move(0.0, 0.030 * face.upper_lid - 0.008 * face.lower_lid)


def squint(face: FaceMap) -> Displacement:
    """Lids tightened, mostly from below (AU 7)."""
    below = face.bump((0.32, -0.13), (0.16, 0.05))
    return move(0.0, -0.022 * face.upper_lid + 0.034 * face.lower_lid + 0.012 * below, 0.012 * below)


def mouth_side(face: FaceMap) -> Displacement:
    return move(0.06 * face.around_mouth)


def cheek_raise(face: FaceMap) -> Displacement:
    """Cheeks up, lower lids up, the outer corners of the eyes gathered (AU 6)."""
    cheek = face.bump((0.37, -0.29), (0.18, 0.17)) * face.below_brow
    outside = face.bump((0.53, 0.0), (0.07, 0.12))
    return move(
        -0.012 * face.side * outside,
        0.036 * cheek + 0.024 * face.lower_lid - 0.008 * face.upper_lid,
        0.036 * cheek + 0.008 * outside,
    )


def tongue_up(face: FaceMap) -> Displacement:
    """The tip of the tongue to the ridge behind the upper teeth."""
    tip = tongue_tip(face)
    return move(0.0, 0.095 * tip, 0.010 * tip)


def tongue_out(face: FaceMap) -> Displacement:
    """The tip of the tongue between the teeth."""
    return move(0.0, 0.030 * tongue_tip(face), 0.16 * tongue_tip(face) + 0.05 * (face.head.part == Part.TONGUE))


def tongue_tip(face: FaceMap) -> Weight:
    return smoothstep(0.45, 0.85, face.z) * (face.head.part == Part.TONGUE)


def dimple(face: FaceMap) -> Displacement:
    """Corners drawn back into the cheeks (AU 14)."""
    pit = bump(face.a, face.above_mouth, (MOUTH_HALF_WIDTH + 0.05, 0.0), (0.07, 0.07)) * face.skin
    return move(0.020 * face.side * face.corner, 0.0, -0.05 * pit)


RECIPES: Mapping[str, Callable[[FaceMap], Displacement]] = MappingProxyType({
    "jaw_open": jaw_open, "pucker": pucker, "funnel": funnel, "stretch": stretch, "smile_L": smile(1),
    "smile_R": smile(-1), "frown": frown, "press": press, "roll_in": roll_in, "upper_raise": upper_raise,
    "lower_drop": lower_drop, "lip_tuck": lip_tuck, "chin_raise": chin_raise, "jaw_side": jaw_side,
    "jaw_forward": jaw_forward, "puff": puff, "nose_wrinkle": nose_wrinkle, "brow_inner": brow_inner,
    "brow_outer_L": brow_outer(1), "brow_outer_R": brow_outer(-1), "brow_lower": brow_lower, "blink_L": blink(1),
    "blink_R": blink(-1), "eye_wide": eye_wide, "squint": squint, "mouth_side": mouth_side,
    "cheek_raise": cheek_raise, "tongue_up": tongue_up, "tongue_out": tongue_out, "dimple": dimple,
})  # fmt: skip

BAG_FOLLOWS = (1.0, 0.8, 0.45, 0.2, 0.1)
BAG_FOLLOWS_JAW = (1.0, 1.0, 0.95, 0.8, 0.6)
"""How much of the inner lips' way each ring of the mouth's bag goes."""


@cache
def expression_basis() -> Float32[np.ndarray, "modes vertices 3"]:
    """The expression modes over the vertices of the mean head, in the order of ``action_units.EXPRESSIONS``.

    Units of 10 cm at a coefficient of 1, which is the strongest movement seen in life.

    Source: the actions are those of the Facial Action Coding System (Ekman & Friesen 1978); their shapes are ours.
    Notebook: 09, "The morphable face".
    """
    face = face_map(mean_head())
    basis = np.stack([RECIPES[name](face) for name in EXPRESSIONS])
    inner = face.head.loops["mouth_0"]
    for ring in range(len(BAG_FOLLOWS)):
        basis[:, face.head.loops[f"bag_{ring}"]] = basis[:, inner] * BAG_FOLLOWS[ring]
        jaw = EXPRESSIONS.index("jaw_open")
        basis[jaw, face.head.loops[f"bag_{ring}"]] = basis[jaw, inner] * BAG_FOLLOWS_JAW[ring]
    follow_lids(face.head, basis)
    basis[np.abs(basis) < 1e-9] = 0
    return np.ascontiguousarray(basis, np.float32)
