"""What a linear face cannot do: lips that stop where they meet, lids that slide on the eyeball.

Every renderer applies :func:`settle` to what the model gives. The measures of the mouth are also at hand without
vertices, for whole tracks at once: :func:`lip_gap_of`, :func:`mouth_shape_of`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from jaxtyping import Float, Int

from thlab.face.action_units import EXPRESSION_INDEX
from thlab.face.head.contact import kernels
from thlab.face.head.expression_basis import LID_SHARES, UPPER_LID_SHARE, expression_basis
from thlab.face.head.eyes import LASHES, RIM_DEPTH
from thlab.face.head.face_surface import EYE_RINGS, LID_CLEARANCE, MOUTH_COLUMNS, MOUTH_RINGS
from thlab.face.head.geometry import eye_centres, mean_head
from thlab.face.head.identity_basis import Eyes
from thlab.face.head.mouth_parts import ARCH_COLUMNS
from thlab.face.head.solid import smoothstep

Vertices = Float[np.ndarray, "vertices 3"]
Expressions = Float[np.ndarray, "*frames modes"]
Measure = Float[np.ndarray, "*frames"] | np.floating
"""One number a frame; a number of numpy's for a single frame."""

LIP_FALLS = np.array([1.0, 1.0, 1.0, 1.0, 0.72, 0.36, 0.10])
"""How far each mouth ring follows when lips are brought together or pushed apart."""
TOUCH = 2e-4
"""Lips nearer than so (0.02 mm) touch."""
SEAL_FROM, SEAL_AT = 0.35, 0.90
"""``roll_in`` + ``press`` at which lips begin to be drawn together, and at which they are closed, open jaw or not."""
TUCK_FROM, TUCK_AT = 0.40, 0.90
"""``lip_tuck`` at which the lower lip begins to seek the upper teeth, and at which it touches them."""
TOP, BOTTOM = MOUTH_COLUMNS // 4, MOUTH_COLUMNS - MOUTH_COLUMNS // 4
"""Columns of the mouth rings in the middle of the upper and of the lower lip."""
CORNER_L, CORNER_R = 0, MOUTH_COLUMNS // 2
TEETH_CLEARANCE = 0.010
EDGE_BELOW_ROW = 0.026
"""The lower lip of f and v rests so far below the middle row of the upper teeth, on their edge."""
SLIDING_RINGS = 4


@dataclass(frozen=True)
class ContactMap:
    """Vertex numbers and rest measures that settling needs."""

    mouth: Int[np.ndarray, "rings columns"]
    bag: Int[np.ndarray, "columns"]
    upper_row: Int[np.ndarray, "teeth"]
    lower_row: Int[np.ndarray, "teeth"]
    upper_edge: Int[np.ndarray, "teeth"]
    tongue: Int[np.ndarray, "tongue"]
    eyes: Int[np.ndarray, "2 eye_rings eye_columns"]
    rims: Int[np.ndarray, "2 eye_columns"]
    lashes: Int[np.ndarray, "2 lashes"]
    lash_offsets: Float[np.ndarray, "2 lashes 3"]
    rest_rises: Float[np.ndarray, "2 roots"]
    """Elevation of the upper lid margin above the eyeball's centre, radians."""
    rest_gaps: Float[np.ndarray, "2 eye_columns"]
    """How much ``blink`` = 1 closes each column of the lids."""


@cache
def contact_map() -> ContactMap:
    """Look up the mean head once."""
    head = mean_head()
    loops, places = head.loops, head.vertices.astype(float)
    upper = loops["teeth_upper"].reshape(-1, ARCH_COLUMNS)
    lower = loops["teeth_lower"].reshape(-1, ARCH_COLUMNS)
    eyes = np.stack([[loops[f"eye_{side}_{ring}"] for ring in range(len(EYE_RINGS))] for side in "LR"])
    lashes = np.stack([loops[f"lash_{side}"] for side in "LR"])
    roots = eyes[:, 0, :LASHES]
    away = places[roots] - eye_centres()[:, None]
    blinks = expression_basis()[[EXPRESSION_INDEX["blink_L"], EXPRESSION_INDEX["blink_R"]], :, 1].astype(float)
    margins = np.stack([blinks[eye, eyes[eye, 0]] for eye in range(2)])
    return ContactMap(
        mouth=np.stack([loops[f"mouth_{ring}"] for ring in range(MOUTH_RINGS)]),
        bag=loops["bag_0"],
        upper_row=upper[2],
        lower_row=lower[2],
        upper_edge=upper[3],
        tongue=loops["tongue"],
        eyes=eyes,
        rims=np.stack([loops[f"lid_rim_{side}"] for side in "LR"]),
        lashes=lashes,
        lash_offsets=places[lashes] - np.concatenate([places[roots], places[roots]], 1),
        rest_rises=np.arctan2(away[..., 1], away[..., 2]),
        rest_gaps=margins[:, -np.arange(margins.shape[1])] - margins,
    )


def lip_seal(expression: Expressions) -> Measure:
    """How much of the gap between the lips is taken away, 0 to 1: by rolling them in or pressing them.

    This is why a closed mouth stays closed when an emotion also opens the jaw or lifts the lip.
    """
    closing = expression[..., EXPRESSION_INDEX["roll_in"]] + expression[..., EXPRESSION_INDEX["press"]]
    return smoothstep(SEAL_FROM, SEAL_AT, closing)


def lip_to_teeth(expression: Expressions) -> Measure:
    """How much of the way from the lower lip to the upper teeth is made up, 0 to 1."""
    return smoothstep(TUCK_FROM, TUCK_AT, expression[..., EXPRESSION_INDEX["lip_tuck"]])


def settle(
    vertices: Vertices, eyes: Eyes, expression: Float[np.ndarray, "modes"], *, gaze_pitch: float = 0.0
) -> Vertices:
    """Bring lips, lids, lashes and tongue to where contact puts them.

    Lips that would cross meet on a common line, and ``roll_in`` + ``press`` of 0.9 or more seals them; ``lip_tuck`` of
    0.9 or more lays the lower lip against the upper teeth. A ``blink`` of b leaves 1 − b of the opening that the other
    modes and the identity give, so 1 closes every eye exactly. Lid margins slide on the eyeball and follow the gaze.

    Args:
        vertices: what the linear model gives for this identity and ``expression``; not changed.
        eyes: the identity's eyeballs (``identity_basis.eyes_of``).
        expression: the coefficients that made ``vertices``.
        gaze_pitch: radians, positive downwards.

    Returns:
        A new array of the same type.

    Raises:
        ValueError: there are not as many vertices as the head has.
    """
    if len(vertices) != len(mean_head().vertices):
        raise ValueError(
            f"settle takes the {len(mean_head().vertices)} vertices of the head, got {len(vertices)}; add hair later"
        )
    settled, there = vertices.copy(), contact_map()
    kernels.tuck_lower_lip(
        settled, there.mouth, LIP_FALLS, there.upper_row, EDGE_BELOW_ROW, float(lip_to_teeth(expression))
    )
    kernels.close_lips(settled, there.mouth, LIP_FALLS, float(lip_seal(expression)), TOUCH)
    kernels.order_lips(settled, there.mouth)
    kernels.keep_before_teeth(settled, there.mouth, there.upper_row, there.lower_row, there.upper_edge, TEETH_CLEARANCE)
    kernels.line_bag(settled, there.mouth, there.bag)
    kernels.hold_tongue(settled, there.mouth, there.tongue, there.upper_row, EDGE_BELOW_ROW)
    for eye, name in enumerate(("blink_L", "blink_R")):
        settle_eye(settled, eye, eyes, float(expression[EXPRESSION_INDEX[name]]), gaze_pitch)
    return settled


def settle_eye(vertices: Vertices, eye: int, eyes: Eyes, blink: float, gaze_pitch: float) -> None:
    there = contact_map()
    rings, centre, look = there.eyes[eye], eyes.centres[eye], float(np.clip(gaze_pitch, -0.5, 0.5))
    kernels.close_lids(
        vertices, rings, LID_WAYS, UPPER_LID_SHARE, there.rest_gaps[eye], blink, look, float(eyes.radius)
    )
    kernels.lay_on_eyeball(vertices, rings, centre, float(eyes.radius + LID_CLEARANCE), SLIDING_RINGS)
    kernels.hang_rim_and_lashes(
        vertices,
        rings[0],
        there.rims[eye],
        there.lashes[eye],
        there.lash_offsets[eye],
        there.rest_rises[eye],
        centre,
        float(eyes.radius - RIM_DEPTH),
    )


LID_WAYS = np.array(LID_SHARES)


@dataclass(frozen=True)
class MouthShape:
    """Measures of a mouth, in head units of 10 cm; rest is subtracted from none of them."""

    gap: Measure
    """Opening between the inner lips in the middle; 0 when closed."""
    width: Measure
    """Distance between the corners."""
    protrusion: Measure
    """How far the middle of the red of the lips stands in front of the base of the nose; rounding pushes it out."""


def mouth_shape(vertices: Float[np.ndarray, "*frames vertices 3"]) -> MouthShape:
    """Measure settled vertices, in the head's own frame."""
    return measure(vertices[..., measured_vertices(), :])


def measured_vertices() -> Int[np.ndarray, "points"]:
    """Corners, middle of the inner lips, middle of the full lips, the base of the nose."""
    mouth, nose = contact_map().mouth, mean_head().loops["nose_base"][2]
    return np.array([*mouth[0, [CORNER_L, CORNER_R, TOP, BOTTOM]], *mouth[2, [TOP, BOTTOM]], nose])


def measure(places: Float[np.ndarray, "*frames 7 3"]) -> MouthShape:
    left, right, top, bottom, upper, lower, nose = np.moveaxis(places, -2, 0)
    return MouthShape(
        gap=top[..., 1] - bottom[..., 1],
        width=np.linalg.norm(left - right, axis=-1),
        protrusion=(upper[..., 2] + lower[..., 2]) / 2 - nose[..., 2],
    )


def lip_gap(vertices: Float[np.ndarray, "*frames vertices 3"]) -> Measure:
    """Opening between the inner lips in the middle, in head units of 10 cm; settled vertices give 0 when closed."""
    return mouth_shape(vertices).gap


def mouth_shape_of(expression: Expressions) -> MouthShape:
    """Measure the mean head's mouth straight from coefficients, for a whole track at once, contact included.

    Equal to settling the mean head's vertices frame by frame, except that lips are not held off the teeth.
    """
    ids = np.append(measured_vertices(), contact_map().mouth[1, BOTTOM])
    places = mean_head().vertices[ids] + np.tensordot(expression, expression_basis()[:, ids], 1)
    edge = mean_head().vertices[contact_map().upper_row[ARCH_COLUMNS // 2], 1] - EDGE_BELOW_ROW
    lift = np.maximum(edge - places[..., -1, 1], 0) * lip_to_teeth(expression)
    shape = measure(places[..., :-1, :])
    return replace(shape, gap=np.maximum(shape.gap - lift - TOUCH, 0) * (1 - lip_seal(expression)))


def lip_gap_of(expression: Expressions) -> Measure:
    """The mean head's :func:`lip_gap` straight from coefficients, contact included."""
    return mouth_shape_of(expression).gap


def eye_gap(vertices: Float[np.ndarray, "*frames vertices 3"]) -> Float[np.ndarray, "*frames 2"]:
    """Opening between the lids in the middle of each eye, the subject's left first; head units of 10 cm."""
    margins = contact_map().eyes[:, 0]
    top, bottom = margins.shape[1] // 4, margins.shape[1] - margins.shape[1] // 4
    return vertices[..., margins[:, top], 1] - vertices[..., margins[:, bottom], 1]
