"""The expressions of the head, fitted to the mouth of one portrait, and the way back from its smile to closed lips."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float32

from thlab.face.action_units import EXPRESSION_INDEX
from thlab.face.head.solid import smoothstep
from thlab.face.mesh.basis import mesh_basis
from thlab.face.mesh.topology import INNER_LOWER, INNER_UPPER, MIDDLE, MOUTH_CORNERS
from thlab.face.portrait.lips import FOLLOWING, Lips

Mesh = Float[np.ndarray, "468 3"]
Fields = Float32[np.ndarray, "modes 468 3"]
MEAN_HALF_WIDTH = 0.245
"""Of the mouth of the mean head, head units."""
NARROWEST, WIDEST = 0.55, 1.25
"""Mouths outside these multiples of the mean are moved as if they lay at them."""
AROUND_MOUTH = (0.45, 0.30)
"""Half the width and height of the region whose sideways movements scale with the mouth, head units."""
SOFTENED = {"roll_in": 0.45, "press": 0.45, "blink_L": 0.0, "blink_R": 0.0}
"""Shares of modes that a flat picture takes: rolled lips would only look thin, since their red cannot turn away from
the light; lids are painted."""
PROTRUDING = ("pucker", "funnel")
SEEN_FROM_SIDE, SIDEWAYS_KEPT = (0.30, 0.75), 0.2
"""Yaw from which lips are pushed out and drawn together less, and the share left from the second on: from the side
they would leave a silhouette behind which nothing was photographed."""
JAW_SHARE, JAW_MOST = 0.45, 0.5
"""Share of an open mouth that raising the jaw closes, and the most that it may be raised."""
SMILE_RELAXED = 0.35
"""Smile that an open mouth gives up when it closes."""
TUCKED = 0.15
"""Share of the inner lower lip's way in ``lip_tuck``: it stops at the upper teeth, whose edge stays visible."""


def mouth_stretch(rest: Mesh) -> float:
    """How wide a mouth is, compared with the mean head's."""
    half = 0.5 * abs(rest[MOUTH_CORNERS[1], 0] - rest[MOUTH_CORNERS[0], 0])
    return float(np.clip(half / MEAN_HALF_WIDTH, NARROWEST, WIDEST))


def fitted_modes(rest: Mesh, *, yaw: float) -> Fields:
    """The expression fields for this face: what moves sideways around the mouth moves as far as the mouth is wide.

    Args:
        rest: the mesh of the photograph, in head units.
        yaw: of the photograph, radians.
    """
    fields = mesh_basis().expression.copy()
    middle = 0.5 * (rest[MOUTH_CORNERS[0]] + rest[MOUTH_CORNERS[1]])
    away = (rest[:, :2] - middle[:2]) / AROUND_MOUTH
    near = np.exp(-((away**2).sum(1) ** 2))
    fields[..., 0] *= (1 + near * (mouth_stretch(rest) - 1)).astype(np.float32)
    for name, share in SOFTENED.items():
        fields[EXPRESSION_INDEX[name]] *= share
    turned = float(smoothstep(*SEEN_FROM_SIDE, abs(yaw)))
    for name in PROTRUDING:
        fields[EXPRESSION_INDEX[name]][:, [0, 2]] *= 1 - (1 - SIDEWAYS_KEPT) * turned
    fields[EXPRESSION_INDEX["lip_tuck"], INNER_LOWER, :2] *= TUCKED
    return fields


def closing(rest: Mesh, fields: Fields, lips: Lips) -> Mesh:
    """The displacement that closes an open mouth, from which speech starts: jaw up, less of a smile, lips together."""
    opening = float(np.linalg.norm(rest[INNER_UPPER[MIDDLE]] - rest[INNER_LOWER[MIDDLE]]))
    reach = float(np.linalg.norm(fields[EXPRESSION_INDEX["jaw_open"], INNER_LOWER[MIDDLE]]))
    jaw = min(JAW_SHARE * opening / reach, JAW_MOST)
    smile = fields[EXPRESSION_INDEX["smile_L"]] + fields[EXPRESSION_INDEX["smile_R"]]
    moved = -jaw * fields[EXPRESSION_INDEX["jaw_open"]] - SMILE_RELAXED * smile
    upper, lower = (rest + moved)[INNER_UPPER] @ lips.up, (rest + moved)[INNER_LOWER] @ lips.up
    halfway = 0.5 * (upper + lower)
    return moved + lips.carried(FOLLOWING * (halfway - upper), FOLLOWING * (halfway - lower))
