"""Lay the inner border of the lips where the picture has it: on the dark line of a closed mouth, around bared teeth.

The detector puts these points to within a few hundredths of a mouth's width. That is enough to read lips, but not to
part them: red left on the wrong side of the line becomes speckle on the other lip.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8
from scipy.ndimage import gaussian_filter, map_coordinates

from thlab.face.mesh.basis import MeshPose
from thlab.face.mesh.topology import INNER_LOWER, INNER_UPPER, LOWER_LIP, UPPER_LIP

Picture = UInt8[np.ndarray, "height width 3"]
Mesh = Float[np.ndarray, "468 3"]
COLUMNS, OFFSETS = 41, 41
"""Places along the mouth, and heights tried at each."""
REACH = 0.04
"""The line is sought so far above and below the inner lips, head units."""
BLUR = 0.0064
"""Scale of the smoothing before, head units."""
BENDING = 12.0
"""Cost of a line that changes its height, over darkness from 0 to 1."""
STAYING, STAYING_AT_CORNERS = 0.3, 4.0
"""Cost of a line at the end of its reach."""
FOLLOWING = (1.0, 0.66, 0.33, 0.0)
"""How far each ring of the lip goes along with the innermost."""


def downwards(pose: MeshPose) -> Float[np.ndarray, "2"]:
    """The direction from the nose to the chin in the picture."""
    down = np.array([-pose.rotation[0, 1], pose.rotation[1, 1]])
    return down / np.linalg.norm(down)


def sampled(
    picture: Float[np.ndarray, "height width channels"], places: Float[np.ndarray, "*places 2"]
) -> Float[np.ndarray, "*places channels"]:
    """Colours at places in pixels, centres at .5; bilinear, the border repeated."""
    at = [places[..., 1] - 0.5, places[..., 0] - 0.5]
    colours = [map_coordinates(picture[..., k], at, order=1, mode="nearest") for k in range(picture.shape[-1])]
    return np.stack(colours, -1)


def snap_to_seam(picture: Picture, points: Mesh, pose: MeshPose) -> Mesh:
    """Move the inner lips of a closed mouth onto the darkest line between them.

    The line is the cheapest path from corner to corner: dark, near where the detector saw it, and smooth (found by
    dynamic programming, then a polynomial of the fourth degree). The red of both lips goes along.
    """
    grey = gaussian_filter(picture.mean(2, dtype=np.float64), BLUR * pose.scale)[..., None]
    down = downwards(pose)
    offsets = np.linspace(-REACH, REACH, OFFSETS) * pose.scale
    middle = 0.5 * (points[INNER_UPPER, :2] + points[INNER_LOWER, :2])
    along = np.linspace(0, 10, COLUMNS)
    line = np.stack([np.interp(along, np.arange(11), middle[:, axis]) for axis in (0, 1)], 1)
    heights = offsets[cheapest_path(darkness_cost(sampled(grey, line[:, None] + offsets[:, None] * down)[..., 0]))]
    place = (along - 5) / 5
    smooth = np.polynomial.Polynomial.fit(place, heights, 4, w=1.3 - np.abs(place))(np.linspace(-1, 1, 11))
    smooth[[0, -1]] *= 0.5
    snapped = points.copy()
    snapped[INNER_UPPER, :2] = snapped[INNER_LOWER, :2] = middle + smooth[:, None] * down
    for ring in (1, 2):
        for lip in (UPPER_LIP, LOWER_LIP):
            snapped[lip[ring, 1:-1], :2] += FOLLOWING[ring] * smooth[1:-1, None] * down
    return snapped


def darkness_cost(grey: Float[np.ndarray, "columns offsets"]) -> Float[np.ndarray, "columns offsets"]:
    """0 where a column is darkest, 1 where it is brightest; dearer away from the middle, and most so at the corners."""
    contrast = np.ptp(grey, axis=1, keepdims=True)
    cost = (grey - grey.min(1, keepdims=True)) / (contrast + 8.0)
    away = np.linspace(-1, 1, grey.shape[1]) ** 2
    cost = cost + STAYING * away
    cost[[0, -1]] += STAYING_AT_CORNERS * away
    return cost


def cheapest_path(cost: Float[np.ndarray, "columns offsets"]) -> np.ndarray:
    """The offset at each column of the path that costs least, bends included (Viterbi)."""
    columns, offsets = cost.shape
    place = np.arange(offsets) / offsets
    bend = BENDING * (place[:, None] - place) ** 2
    total, before = cost[0], np.zeros(cost.shape, int)
    for column in range(1, columns):
        ways = total + bend  # from each offset (columns of this matrix) to each (rows)
        before[column] = ways.argmin(1)
        total = cost[column] + ways.min(1)
    path = np.zeros(columns, int)
    path[-1] = total.argmin()
    for column in range(columns - 1, 0, -1):
        path[column - 1] = before[column, path[column]]
    return path


# -- open mouths ------------------------------------------------------------------------------------------------------

OUTWARDS_UPPER, OUTWARDS_LOWER = 0.06, 0.04
"""How far the border may move into the red, head units."""
MARGIN, MARGIN_AT_CORNERS = 0.008, 0.01
TOOTH_LIKE = 0.40
"""Share of the way from the lip's colour to the teeth's from which a pixel counts as tooth."""


def clear_of_teeth(picture: Picture, points: Mesh, pose: MeshPose) -> Mesh:
    """Move the inner lips of an open mouth outwards until no tooth is left on the red."""
    soft = gaussian_filter(picture.astype(np.float64), (0.006 * pose.scale, 0.006 * pose.scale, 0))
    tooth, cleared, down = teeth_colour(soft, points), points.copy(), downwards(pose)
    for lip, sign, reach in ((UPPER_LIP, -1, OUTWARDS_UPPER), (LOWER_LIP, 1, OUTWARDS_LOWER)):
        red = np.median(sampled(soft, points[lip[2, 2:9], :2]), axis=0)
        towards = tooth - red
        steps = np.linspace(0, reach, 33) * pose.scale
        seen = sampled(soft, points[lip[0], :2][:, None] + sign * steps[:, None] * down)
        toothy = (seen - red) @ towards / (towards @ towards + 1e-3) > TOOTH_LIKE
        first_red = np.where(toothy.all(1), 0, np.argmin(toothy, 1))
        way = smooth_way(steps[first_red] + MARGIN * pose.scale, MARGIN_AT_CORNERS * pose.scale)
        for ring, share in ((0, 1.0), (1, 0.6), (2, 0.3)):
            cleared[lip[ring, 1:-1], :2] += sign * share * way[1:-1, None] * down
    return cleared


def teeth_colour(picture: Float[np.ndarray, "height width 3"], points: Mesh) -> Float[np.ndarray, "3"]:
    """The mean of the brightest quarter between the lips."""
    upper, lower = points[INNER_UPPER[2:9], :2], points[INNER_LOWER[2:9], :2]
    share = np.linspace(0.15, 0.85, 8)[:, None, None]
    between = sampled(picture, upper * (1 - share) + lower * share).reshape(-1, 3)
    brightness = between.mean(1)
    return between[brightness >= np.percentile(brightness, 75)].mean(0)


def smooth_way(way: Float[np.ndarray, "columns"], at_corners: float) -> Float[np.ndarray, "columns"]:
    """The way of the border without jumps from column to column, and none at the corners."""
    way = way.copy()
    way[[0, 1, -2, -1]] = np.minimum(way[[0, 1, -2, -1]], at_corners)
    ahead = np.append(0.6 * way[1:], 0)
    padded = np.concatenate([way[:1], np.maximum(way, ahead), way[-1:]])
    arch = np.sin(np.linspace(0, np.pi, len(way))).clip(0) ** 0.4
    return np.convolve(padded, [0.25, 0.5, 0.25], "valid") * arch
