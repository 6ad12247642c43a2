"""Paint the inside of an open mouth between two lips, in the frame of the skull that holds its teeth."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

from thlab.render import opencv as cv2
from thlab.render.medium import SUBPIXEL_BITS, Picture, Polyline
from thlab.render.mouth import kernels
from thlab.render.mouth.look import MouthFrame, MouthLook

CLOSED = 0.008
"""Head units: lips that are nowhere further apart than this hide everything."""
OPEN = 0.018
"""Head units: from this distance on the inside is fully painted; it fades in between."""
REACH = 3
"""Pixels around the lips' polygon beyond which nothing is ever changed."""
FINER = 4
"""Subpixels a pixel and direction of the antialiased outline."""
COLUMNS = 48
PARTED = 0.025
"""Head units that each row of teeth withdraws behind fully rounded lips."""
JAW_DROP = 0.26
"""Head units that the lower teeth sink while the jaw opens from 0 to 1."""


def paint(
    picture: Picture,
    look: MouthLook,
    upper: Polyline,
    lower: Polyline,
    frame: MouthFrame,
    *,
    jaw: float,
    tongue_up: float = 0.0,
    tongue_out: float = 0.0,
    rounding: float = 0.0,
) -> Picture:
    """Paint cavity, tongue and teeth between two lips.

    The teeth are fixed: the upper ones to the skull, the lower ones to the jaw; only the lips decide what is seen
    of them. Sharpness and grain are those of the photograph.

    Args:
        picture: the frame so far, its lips already moved.
        look: learned from the photograph.
        upper: the inner contour of the upper lip, from left to right, pixels.
        lower: that of the lower lip.
        frame: where the skull holds the teeth in this frame.
        jaw: 0 closed to 1 open; moves lower teeth and tongue.
        tongue_up: 0 to 1, towards the palate (t, n, l).
        tongue_out: 0 to 1, between the teeth (th).
        rounding: 0 to 1, pursed lips (u, w): their tunnel leaves the teeth apart and in the dark.

    Returns:
        A new picture; the same array where the lips are closed.

    The layers and sizes (average teeth, rounded) are our own. Notebook: 06.
    """
    apart = np.linalg.norm(lower - upper, axis=1).max() / frame.unit
    box = box_around(np.concatenate([upper, lower]), picture.shape)
    if apart <= CLOSED or box is None:
        return picture
    x, y = box[:2]
    cover = coverage(np.concatenate([upper, lower[::-1]]), box, look.grain.blur)
    cover *= np.float32(np.clip((apart - CLOSED) / (OPEN - CLOSED), 0, 1))
    grid, heights = lines_by_column(frame.inside(upper), frame.inside(lower))
    mouth = numbers(
        look, frame, grid, heights, jaw=jaw, tongue_up=tongue_up, tongue_out=tongue_out, rounding=rounding
    )
    painted = picture.copy()
    kernels.paint_mouth(
        painted, cover, (x, y), heights[0], heights[1], mouth, own_numbers(look), look.own_teeth,
        np.stack([look.teeth, look.tongue, look.gum, look.cavity]), look.grain.tile,
        (int(x - np.floor(frame.origin[0])), int(y - np.floor(frame.origin[1]))),
    )  # fmt: skip
    return painted


def box_around(points: Polyline, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """x, y, width and height of the pixels that may change, or None where all is outside the picture."""
    low = np.maximum(np.floor(points.min(0)).astype(int) - REACH, 0)
    high = np.minimum(np.ceil(points.max(0)).astype(int) + REACH, [shape[1], shape[0]])
    width, height = high - low
    return (int(low[0]), int(low[1]), int(width), int(height)) if min(width, height) > 1 else None


def coverage(
    polygon: Polyline, box: tuple[int, int, int, int], blur: float
) -> Float32[np.ndarray, "height width"]:
    """How far each pixel of a box lies inside a polygon, 0 to 1, with edges as soft as the picture's."""
    x, y, width, height = box
    fine = np.zeros((height * FINER, width * FINER), np.uint8)
    corners = np.round(((polygon - (x, y)) * FINER - 0.5) * (1 << SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillPoly(fine, [corners], 255, shift=SUBPIXEL_BITS)
    share = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return cv2.GaussianBlur(share, (5, 5), float(np.clip(0.6 * blur, 0.3, 0.9)))


def lines_by_column(
    upper: Polyline, lower: Polyline
) -> tuple[Float32[np.ndarray, "columns"], Float32[np.ndarray, "2 columns"]]:
    """A regular grid of u across the mouth, and the heights of both lips on it."""
    ends = np.concatenate([upper, lower])[:, 0]
    grid = np.linspace(ends.min(), ends.max() + 1e-4, COLUMNS, dtype=np.float32)
    ordered = [line[np.argsort(line[:, 0])] for line in (upper, lower)]
    heights = np.stack([np.interp(grid, line[:, 0], line[:, 1]) for line in ordered])
    return grid, heights.astype(np.float32)


def numbers(
    look: MouthLook,
    frame: MouthFrame,
    grid: Float32[np.ndarray, "columns"],
    heights: Float32[np.ndarray, "2 columns"],
    *,
    jaw: float,
    tongue_up: float,
    tongue_out: float,
    rounding: float,
) -> kernels.Mouth:
    """This frame's mouth as the kernel wants it."""
    inverse = np.linalg.inv(frame.axes)
    return kernels.Mouth(
        origin_x=float(frame.origin[0]),
        origin_y=float(frame.origin[1]),
        u_of_x=float(inverse[0, 0]),
        u_of_y=float(inverse[0, 1]),
        v_of_x=float(inverse[1, 0]),
        v_of_y=float(inverse[1, 1]),
        first_u=float(grid[0]),
        step_u=float(grid[1] - grid[0]),
        opening=float((heights[1] - heights[0]).max()),
        upper_edge=float(look.upper_edge - PARTED * rounding),
        lower_edge=float(0.045 + JAW_DROP * jaw - 0.02 * min(8 * jaw, 1.0) + PARTED * rounding),
        tongue_height=float(0.045 + 0.20 * jaw - 0.11 * tongue_up - 0.05 * tongue_out),
        tongue_rise=float(0.085 + 0.02 * tongue_out),
        tongue_out=float(tongue_out),
        rounding=float(rounding),
        softness=float(np.clip(0.9 * look.grain.blur, 0.6, 2.0) / frame.unit),
        has_teeth=look.has_teeth,
        flat=look.flat,
        stone=look.stone,
        skin_luminance=max(look.skin_luminance, 1.0),
    )


def own_numbers(look: MouthLook) -> kernels.Own:
    """Head units to pixels of the crop of own teeth (pixel centres at whole numbers, as the kernel counts)."""
    axes, start = look.own_frame.axes, look.own_frame.origin - look.own_corner - 0.5
    return kernels.Own(
        x_of_u=float(axes[0, 0]), x_of_v=float(axes[0, 1]), y_of_u=float(axes[1, 0]), y_of_v=float(axes[1, 1]),
        x=float(start[0]), y=float(start[1]),
    )  # fmt: skip
