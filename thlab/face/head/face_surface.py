"""The front of the face as a height above (x, y), and the rings around eyes and mouth that its mesh follows."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from thlab.face.head.solid import bump, cast, front_depth, smooth_union, smoothstep

Column = Float[np.ndarray, "points"]

EYE_X, EYE_Y = 0.318, 0.0
"""Middle of the left eye's opening."""
EYE_HALF_WIDTH, EYE_UPPER, EYE_LOWER = 0.170, 0.079, 0.064
"""The opening: half its width, and how far the lids stand above and below its middle."""
EYE_RADIUS = 0.195
LID_CLEARANCE = 0.012
"""The lid margin lies so far off the eyeball."""
EYE_RINGS = (1.0, 1.12, 1.3, 1.55, 1.9)
"""Rings around the opening, in multiples of it; 1.3 is the crease of the upper lid."""
EYE_COLUMNS = 28

MOUTH_Y, MOUTH_HALF_WIDTH = -0.640, 0.245
MOUTH_RINGS = 7
MOUTH_COLUMNS = 44
RING_SHARE = (0.06, 0.35, 0.7, 1.0, 1.0, 1.0, 1.0)
"""How much of the red of the lip lies within each mouth ring (ring 0 is closed when the lips are placed)."""
RING_MARGIN = (0.0, 0.002, 0.006, 0.012, 0.045, 0.095, 0.160)
"""How far each ring reaches beyond the mouth corner and the border of the red."""
LIP_DEPTH_UPPER = (-0.030, 0.014, 0.034, 0.010, 0.0, 0.0, 0.0)
LIP_DEPTH_LOWER = (-0.030, 0.018, 0.042, 0.010, -0.010, 0.0, 0.0)
"""How far forward of the face each mouth ring stands: lips are pillows, deepest where they meet."""

BROW = ((0.125, 0.178), (0.205, 0.205), (0.295, 0.225), (0.385, 0.222), (0.472, 0.188))
"""x and y of vertices along the left brow, from its inner end."""
NOSE_BRIDGE = ((0.0, 0.02), (0.0, -0.10), (0.0, -0.22), (0.0, -0.335))
NOSE_BASE = ((0.0, -0.445), (0.055, -0.430), (0.110, -0.400))
"""Vertices from beneath the tip to the left wing."""
JAW_POINTS = 9
JAW_START = (0.0, -0.14, 0.06)
"""Rays from here, leaning forward towards the chin, place the left half of the jaw's vertices."""


def nose(x: Column, y: Column) -> Column:
    """The nose's height above the face: bridge, tip, wings, nostrils, columella."""
    root, tip, base = 0.08, -0.335, -0.450
    a = np.abs(x)
    down = np.clip((root - y) / (root - tip), 0, 1)
    height = (0.045 + 0.210 * down**1.25) * smoothstep(base, tip + 0.035, y)
    height = np.where(y > root, 0.045 * np.exp(-(((y - root) / 0.12) ** 2)), height)
    relief = height * np.exp(-((a / (0.060 + 0.040 * down)) ** 1.9))
    relief += 0.085 * smoothstep(-0.465, -0.385, y) * bump(a, y, (0.094, -0.372), (0.052, 0.055))
    relief += 0.045 * bump(x, y, (0, -0.345), (0.080, 0.070))
    relief -= 0.050 * bump(a, y, (0.050, -0.443), (0.026, 0.022))
    return relief + 0.020 * bump(x, y, (0, -0.445), (0.03, 0.04))


def relief(x: Column, y: Column) -> Column:
    """What the face has in front of the bare head: sockets, brows, cheeks, philtrum, chin groove and nose."""
    a = np.abs(x)
    brow = 0.045 * bump(a, y, (0.27, 0.205), (0.22, 0.06)) + 0.012 * bump(x, y, (0, 0.19), (0.10, 0.08))
    socket = -0.105 * bump(a, y, (0.30, -0.01), (0.19, 0.125))
    cheek = 0.030 * bump(a, y, (0.36, -0.36), (0.17, 0.16)) - 0.014 * bump(a, y, (0.24, -0.48), (0.07, 0.13))
    philtrum = -0.012 * bump(x, y, (0, -0.505), (0.03, 0.05)) + 0.008 * bump(a, y, (0.045, -0.52), (0.022, 0.05))
    groove = -0.036 * bump(x, y, (0, -0.810), (0.17, 0.045))
    chin = 0.050 * bump(x, y, (0, -0.93), (0.20, 0.10)) - 0.004 * bump(x, y, (0, -0.93), (0.03, 0.07))
    return brow + socket + cheek + philtrum + groove + chin + nose(x, y)


def face_depth(x: Column, y: Column) -> Column:
    """The z of the face above (x, y), without lids and lips."""
    return front_depth(x, y) + relief(x, y)


def eye_centre() -> Float[np.ndarray, "3"]:
    """Centre of the subject's left eyeball; the right one's x is the negative."""
    depth = face_depth(np.array([EYE_X + 0.007]), np.array([EYE_Y - 0.02]))[0]
    return np.array([EYE_X, EYE_Y, depth - EYE_RADIUS + 0.052])


def lift_over_eyeballs(x: Column, y: Column, z: Column, centre: Float[np.ndarray, "3"]) -> Column:
    """Raise z where an eyeball (with the thickness of a lid) would stick out, with a rounded crease."""
    squared = (EYE_RADIUS + 0.016) ** 2 - (np.abs(x) - centre[0]) ** 2 - (y - centre[1]) ** 2
    ball = np.where(squared > 0, centre[2] + np.sqrt(np.maximum(squared, 0)), -9)
    return np.where(ball > 0, -smooth_union(-z, -ball, 0.035), z)


def anchors() -> dict[str, Float[np.ndarray, "anchors 2"]]:
    """Places in the frontal plane that get a vertex each, because landmarks sit on them; the subject's right first."""
    brow, base = np.array(BROW), np.array(NOSE_BASE)
    return {
        "brow_R": brow[::-1] * [-1, 1],
        "brow_L": brow,
        "nose_bridge": np.array(NOSE_BRIDGE),
        "nose_base": np.concatenate([base[:0:-1] * [-1, 1], base]),
    }


def jaw() -> Float[np.ndarray, "17 3"]:
    """Places along the jaw of the bare head, from before the subject's right ear over the chin to before the left."""
    angles = np.linspace(0, np.pi / 2, JAW_POINTS)
    directions = np.stack([np.sin(angles), -np.cos(angles), 0.56 * np.cos(angles)], 1)
    left = np.array(JAW_START) + directions * cast(np.array(JAW_START), directions)[:, None]
    left[0, 0] = 0
    return np.concatenate([left[:0:-1] * [-1, 1, 1], left])


def ring_angles(columns: int) -> Column:
    """Angles of a ring's vertices, from the corner over the top."""
    return np.linspace(0, 2 * np.pi, columns, endpoint=False)


def eye_ring(multiple: float, side: int) -> tuple[Column, Column]:
    """x and y of a ring around an eye; ``side`` is +1 for the subject's left, −1 for the right."""
    angles = ring_angles(EYE_COLUMNS)
    c, s = np.cos(angles), np.sin(angles)
    beyond = multiple - 1
    half_width = np.where(c > 0, EYE_HALF_WIDTH + 0.130 * beyond, EYE_HALF_WIDTH + 0.075 * beyond)
    height = np.where(s > 0, EYE_UPPER + 0.118 * beyond, EYE_LOWER + 0.150 * beyond)
    power = 1.25 - 0.25 * min(beyond * 2, 1)
    x, y = half_width * c, height * np.sign(s) * np.abs(s) ** power
    tilt = 0.055 * x * np.exp(-beyond)
    tear_duct = -0.012 * np.exp(-(((x + EYE_HALF_WIDTH) / 0.05) ** 2)) * np.exp(-3 * beyond)
    return side * (EYE_X + x), EYE_Y + y + tilt + tear_duct


def lip_line(x: Column) -> Column:
    """The y at which closed lips meet: a bow, a little lower in the middle."""
    return MOUTH_Y + 0.022 * (x / MOUTH_HALF_WIDTH) ** 2 - 0.007 * np.exp(-((x / 0.085) ** 2))


def lip_heights(x: Column) -> tuple[Column, Column]:
    """How far the red of the upper lip (with its bow) rises above the line, and that of the lower lip below it."""
    u = np.minimum(np.abs(x) / MOUTH_HALF_WIDTH, 1)
    upper = 0.074 * (1 - u**2.3) ** 0.9 - 0.012 * np.exp(-((x / 0.036) ** 2))
    upper += 0.004 * np.exp(-(((np.abs(x) - 0.055) / 0.03) ** 2))
    return upper, -0.088 * (1 - u**2.6) ** 0.8


def mouth_ring(ring: int) -> tuple[Column, Column]:
    """x and y of a ring around the mouth: 0 inner, 3 the border of the red, 6 in the cheeks."""
    angles = ring_angles(MOUTH_COLUMNS)
    c, s = np.cos(angles), np.sin(angles)
    inner = MOUTH_HALF_WIDTH * c
    upper, lower = lip_heights(inner)
    margin = RING_MARGIN[ring]
    height = np.where(s >= 0, upper, lower) * RING_SHARE[ring]
    stretch = 1.0 if ring <= 3 else np.where(s >= 0, 0.65, 0.85)  # above, the nose is near
    return (MOUTH_HALF_WIDTH + margin) * c, lip_line(inner) + height + margin * s * stretch
