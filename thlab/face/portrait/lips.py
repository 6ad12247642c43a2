"""What lips do that no sum of modes can: close without crossing, become round, lay themselves against the teeth.

Heights are measured upwards in the plane of the picture, so that lips which meet here meet for whoever looks at it,
on a face seen from below as well. Everything is in head units.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Float32

from thlab.face.action_units import EXPRESSION_INDEX
from thlab.face.head.contact import lip_seal
from thlab.face.head.contact.settling import lip_to_teeth
from thlab.face.mesh.basis import MeshPose, mesh_basis
from thlab.face.mesh.topology import ABOVE_LIPS, BELOW_LIPS, LOWER_LIP, MIDDLE, UPPER_LIP
from thlab.face.portrait.spreading import spreading

Mesh = Float32[np.ndarray, "468 3"]
Row = Float[np.ndarray, "11"]
"""Heights of one ring of a lip, from the subject's right corner to the left."""
Rings = Float[np.ndarray, "4 11"]
"""Heights (or x) of one lip, from where lips meet to the border of the red."""
FOLLOWING = np.array([1.0, 0.95, 0.85, 0.70])[:, None]
"""How far each ring of a lip goes along with the innermost."""
ROUNDING = {"pucker": 1.0, "funnel": 0.75}
"""How much each mode rounds the mouth."""
ROUNDEST = 0.9
"""Share of the way from the line of the lips to an ellipse, fully rounded."""
BORDER_ROUNDED_UPPER, BORDER_ROUNDED_LOWER = 0.3, 0.6
"""The same for the border of the red: the bow of the upper lip is to stay."""
TEETH_SHOWN = 0.020
"""Opening that is left between the upper lip and the lower one on the teeth: of f and v one sees that much tooth."""
CORNERS_LIFTED = 0.016
"""How far the corners rise when the lower lip does, or the mouth would frown on every f."""
NARROWEST = (0.35, 0.35, 0.35, 0.75)
"""Least spacing of each pair of rings, from the inside out, as a share of that at rest: nearer they would fold, and
the shade under the lower lip would be drawn together to a line."""
LEAST_AT_REST = 0.25
"""Spacing of two rings in the photograph, as a share of the mean head's, that is made where a detector saw less."""


class Lips:
    """The lips of one portrait.

    Args:
        rest: its mesh with the mouth as in the photograph, in head units.
        pose: of the photograph.
    """

    def __init__(self, rest: Float[np.ndarray, "468 3"], pose: MeshPose) -> None:
        self.up: Float32[np.ndarray, "3"] = up_in_picture(pose).astype(np.float32)
        points = np.unique(np.concatenate([UPPER_LIP, LOWER_LIP]))
        self._spread = spreading(rest, points)
        self._rows = [np.searchsorted(points, lip) for lip in (UPPER_LIP, LOWER_LIP)]
        height = rest @ self.up
        self._spacing = [
            (least(height[above[1]] - height[above[0]], share), least(height[below[0]] - height[below[1]], share))
            for (above, below), share in zip(neighbours(), NARROWEST, strict=True)
        ]

    def carried(self, upper: Rings, lower: Rings) -> Mesh:
        """Both lips raised, and the skin around with them; the corners, which both have, take the mean."""
        raised = np.zeros(self._spread.shape[1], np.float32)
        for rows, ways in zip(self._rows, (upper, lower), strict=True):
            raised[rows[:, 1:-1]] = ways[:, 1:-1]
            for corner in (0, -1):
                raised[rows[:, corner]] += 0.5 * ways[:, corner]
        return (self._spread @ raised)[:, None] * self.up

    def settle(self, places: Mesh, expression: Float[np.ndarray, "modes"]) -> Mesh:
        """The mesh with round, closed and uncrossed lips, as the coefficients ask.

        Args:
            places: what the sum of modes gives.
            expression: the coefficients that made it.
        """
        upper, lower = places[UPPER_LIP] @ self.up, places[LOWER_LIP] @ self.up
        x_upper, x_lower = places[UPPER_LIP, 0], places[LOWER_LIP, 0]
        amount = rounding(expression)
        middle = float(0.5 * (upper[0, MIDDLE] + lower[0, MIDDLE]))
        round_upper = towards_ellipses(x_upper, upper, middle, amount, border=BORDER_ROUNDED_UPPER)
        round_lower = towards_ellipses(x_lower, lower, middle, amount, border=BORDER_ROUNDED_LOWER)
        tucked = on_teeth(round_upper[0], round_lower[0], float(lip_to_teeth(expression)))
        inner = closed(*tucked, float(lip_seal(expression)))
        raised = (
            round_upper - upper + FOLLOWING * (inner[0] - round_upper[0]),
            round_lower - lower + FOLLOWING * (inner[1] - round_lower[0]),
        )
        return self.in_order(places + self.carried(*raised))

    def in_order(self, places: Mesh) -> Mesh:
        """Push rings outwards where they would come nearer to one another than a share of their distance at rest."""
        height = places @ self.up
        pushed = height.copy()
        for (above, below), (least_above, least_below) in zip(neighbours(), self._spacing, strict=True):
            pushed[above[1]] = np.maximum(pushed[above[1]], pushed[above[0]] + least_above)
            pushed[below[1]] = np.minimum(pushed[below[1]], pushed[below[0]] - least_below)
        return places + (pushed - height)[:, None] * self.up

    def opening(self, places: Mesh) -> float:
        """Between the inner lips in the middle."""
        return float((places[UPPER_LIP[0, MIDDLE]] - places[LOWER_LIP[0, MIDDLE]]) @ self.up)


def up_in_picture(pose: MeshPose) -> Float[np.ndarray, "3"]:
    """The direction in the head, a unit vector, which the picture shows as from the chin to the forehead."""
    shown = np.array([pose.rotation[0, 1], pose.rotation[1, 1], 0.0])
    return pose.rotation.T @ (shown / np.linalg.norm(shown))


def unfolded(rest: Float[np.ndarray, "468 3"], pose: MeshPose) -> Float[np.ndarray, "468 3"]:
    """A mesh whose rings around the lips lie in order, at least a share of the mean head's spacing apart.

    On faces seen from below or above a detector lays rings upon one another; moved apart later they would fold.

    Args:
        rest: the mesh, in head units.
        pose: of the photograph.
    """
    up, mean = up_in_picture(pose), mesh_basis().points[:, 1]
    height = rest @ up
    apart = height.copy()
    for above, below in neighbours():
        for (inner, outer), sign in ((above, 1), (below, -1)):
            usual = sign * (mean[outer] - mean[inner])
            lacking = LEAST_AT_REST * usual - sign * (apart[outer] - apart[inner])
            apart[outer] += sign * np.where(usual > 0, np.maximum(lacking, 0), 0)
    return rest + (apart - height)[:, None] * up


def neighbours() -> Iterator[tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]]:
    """Neighbouring rings, inner and outer, of the upper and of the lower lip, out to the first ring of skin."""
    upper, lower = [*UPPER_LIP, ABOVE_LIPS], [*LOWER_LIP, BELOW_LIPS]
    for ring in range(len(UPPER_LIP)):
        yield (upper[ring], upper[ring + 1]), (lower[ring], lower[ring + 1])


def least(spacing: Float[np.ndarray, "columns"], share: float) -> Float32[np.ndarray, "columns"]:
    """How near two rings may come; those that lie the wrong way round at rest may stay so."""
    return np.where(spacing > 0, share * spacing, spacing).astype(np.float32)


def rounding(expression: Float[np.ndarray, "modes"]) -> float:
    """How round the mouth is to be, 0 to 1."""
    amounts = (share * float(expression[EXPRESSION_INDEX[name]]) for name, share in ROUNDING.items())
    return float(np.clip(sum(amounts), 0, 1))


def towards_ellipses(x: Rings, heights: Rings, middle: float, amount: float, *, border: float) -> Rings:
    """Bring the rings of a lip towards half ellipses over their corners, through their own middle column.

    y = m + b √(1 − ((x − x₀)/a)²), the innermost ring most. Scaling the line that the photograph has, as modes do,
    would keep its bend: a smile drawn together becomes a V.

    Args:
        x: sideways places of the lip's points.
        heights: theirs.
        middle: height of the middle of the opening, m.
        amount: how round, 0 to 1.
        border: share of the innermost ring's way that the border of the red goes.
    """
    if amount <= 0:
        return heights
    centre, half_width = 0.5 * (x[:, :1] + x[:, -1:]), 0.5 * np.abs(x[:, :1] - x[:, -1:]) + 1e-6
    arch = np.sqrt(np.maximum(1 - ((x - centre) / half_width) ** 2, 0))
    wanted = middle + (heights[:, MIDDLE, None] - middle) * arch
    return heights + amount * np.linspace(ROUNDEST, border, len(heights))[:, None] * (wanted - heights)


def on_teeth(upper: Row, lower: Row, amount: float) -> tuple[Row, Row]:
    """Raise the inner lower lip to the edge of the upper teeth, and the corners with it."""
    if amount <= 0:
        return upper, lower
    arch = np.sin(np.linspace(0, np.pi, len(upper)))
    lifted = CORNERS_LIFTED * amount * (1 - arch)
    opening = upper - lower
    return upper + lifted, lower + lifted + amount * np.maximum(opening - TEETH_SHOWN * arch, 0)


def closed(upper: Row, lower: Row, seal: float) -> tuple[Row, Row]:
    """Take a share of the opening away, and all of it where the lips would cross; they meet halfway."""
    opening = upper - lower
    excess = 0.5 * (opening - np.maximum(opening, 0) * (1 - seal))
    return upper - excess, lower + excess
