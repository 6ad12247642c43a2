"""Close an eye of a photograph: a lid slides over the open eye, which itself does not move.

Nothing is dragged, so lashes do not smear and glasses stay rigid: only the eye opening, and the band of old lashes
above it, is painted over.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

from thlab.render.lids import kernels
from thlab.render.lids.look import BEYOND, FEATHER, SHARES, EyeLines, LidLook, Line
from thlab.render.medium import Picture

OVERLAP = 0.10
"""Shares of the eye's height that a closed lid hangs over the lower rim, so that no white shows."""
PRESENT = 0.12
"""The closure from which the lid hides the lashes of the open eye entirely."""
GOLDEN = 0.6180339887


def paint(picture: Picture, look: LidLook, eye: EyeLines, closure: float) -> Picture:
    """Close an eye by a share of its opening.

    Args:
        picture: the frame so far, the eye open.
        look: learned from the photograph.
        eye: the contours of the open eye in this frame.
        closure: 0 open, the same array is returned; 1 closed.

    Returns:
        A new picture that differs only between the old lashes and the lower rim.

    Raises:
        ValueError: where closure is not between 0 and 1.

    Notebook: 06.
    """
    if not 0.0 <= closure <= 1.0:
        raise ValueError(f"an eye closes by a share between 0 and 1, but got {closure:g}; clip the blink coefficient")
    if closure == 0.0:
        return picture
    lines, lid = lines_of(look, eye, closure), numbers(look, eye, closure)
    box = box_around(eye, lines, lid, picture.shape)
    if box is None:
        return picture
    painted = picture.copy()
    shift = (int(-np.floor(eye.origin[0])), int(-np.floor(eye.origin[1])))
    kernels.paint_lid(painted, box, lines, look.skin, look.lashes, fringes(look), lid, look.grain.tile, shift)
    return painted


def lines_of(look: LidLook, eye: EyeLines, closure: float) -> Float32[np.ndarray, "3 columns"]:
    """Heights of the lid's upper end, of its rim, and of the lower rim, in pixels of the eye's own frame."""
    upper, lower = eye.heights(eye.upper), eye.heights(eye.lower)
    top = upper - look.hidden * look.unit
    end = lower + look.white * look.unit + OVERLAP * (lower - upper).max()
    rim = upper + closure * np.maximum(end - upper, 0.0)
    return np.stack([top, rim, lower]).astype(np.float32)


def numbers(look: LidLook, eye: EyeLines, closure: float) -> kernels.Lid:
    """This frame's lid as the kernel wants it."""
    (along_x, down_x), (along_y, down_y) = eye.axes
    presence = min(closure / PRESENT, 1.0)
    return kernels.Lid(
        origin_x=float(eye.origin[0]),
        origin_y=float(eye.origin[1]),
        along_x=float(along_x),
        along_y=float(along_y),
        down_x=float(down_x),
        down_y=float(down_y),
        length=max(eye.length, 1.0),
        beyond=BEYOND,
        closure=float(closure),
        presence=presence * presence * (3.0 - 2.0 * presence),
        feather=1.0 if look.flat else float(max(FEATHER * look.unit, 1.0)),
        softness=float(np.clip(0.8 * look.grain.blur, 0.5, 1.5)),
        thickness=float(max(look.thickness * look.unit, 0.8)),
        line=float((0.75 if look.has_lashes else 0.45) * presence),
        flat=look.flat,
    )


def fringes(look: LidLook) -> Line:
    """How far the lashes fray below the rim, by column: longer towards the outer corner, never regular."""
    uneven = np.arange(len(SHARES)) * GOLDEN % 1.0 if look.has_lashes else 0.5
    return (0.4 + 0.6 * uneven + 0.7 * (1.0 - SHARES)).astype(np.float32)


def box_around(
    eye: EyeLines, lines: Float32[np.ndarray, "3 columns"], lid: kernels.Lid, shape: tuple[int, ...]
) -> tuple[int, int, int, int] | None:
    """x, y, width and height of the pixels that may change, or None where all is outside the picture."""
    reach = np.stack([lines[0] - lid.feather, np.maximum(lines[1], lines[2]) + 4 * lid.thickness + 2])
    places = eye.pixels(reach.astype(np.float32)).reshape(-1, 2)
    low = np.maximum(np.floor(places.min(0)).astype(int) - 3, 0)
    high = np.minimum(np.ceil(places.max(0)).astype(int) + 3, [shape[1], shape[0]])
    width, height = high - low
    return (int(low[0]), int(low[1]), int(width), int(height)) if min(width, height) > 0 else None
