"""The loop over the pixels of a closing lid."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

import numpy as np

from thlab.render.kernels import compiled, step


class Lid(NamedTuple):
    """One frame's lid as numbers; lengths in pixels."""

    origin_x: float
    origin_y: float
    along_x: float
    along_y: float
    down_x: float
    down_y: float
    length: float
    beyond: float
    """Shares of the length by which the columns reach beyond the corners."""
    closure: float
    presence: float
    """0 where the lid has not begun to close, 1 soon after."""
    feather: float
    softness: float
    thickness: float
    line: float
    """How strongly the line of lashes is drawn."""
    flat: bool


@compiled
def along(line, index, share):
    """A line's value between two of its columns."""
    return line[index] + share * (line[index + 1] - line[index])


@compiled
def textured(skin, down, index, share, channel):
    """The lid's colour between two of its columns and rows."""
    place = down * (skin.shape[0] - 1.001)
    row = int(place)
    below = place - row
    upper = skin[row, index, channel] * (1.0 - share) + skin[row, index + 1, channel] * share
    lower = skin[row + 1, index, channel] * (1.0 - share) + skin[row + 1, index + 1, channel] * share
    return upper * (1.0 - below) + lower * below


@compiled
def lash_line(below, fringe, lid):
    """How dark the line of lashes is at a distance below the rim: sharp above, fraying below."""
    wide = lid.thickness * (0.45 if below < 0.0 else 0.55 * fringe)
    if lid.flat:
        return 1.0 - step(0.5 * lid.thickness, 0.5 * lid.thickness + 1.0, abs(below))
    return exp(-((below / max(wide, 0.6 * lid.softness)) ** 2))


@compiled
def paint_lid(picture, box, lines, skin, lashes, fringes, lid, tile, shift):
    """Paint a lid and its lashes into a box (x, y, width, height) of a picture.

    `lines` holds, for each column from corner to corner, the upper end of the lid, the rim now, and the lower rim.
    """
    columns, side = lines.shape[1], tile.shape[0]
    for row in range(box[1], box[1] + box[3]):
        for column in range(box[0], box[0] + box[2]):
            dx, dy = column + 0.5 - lid.origin_x, row + 0.5 - lid.origin_y
            x, y = lid.along_x * dx + lid.along_y * dy, lid.down_x * dx + lid.down_y * dy
            place = x / lid.length
            inward = min(place, 1.0 - place)
            ends = step(-lid.beyond, -0.4 * lid.beyond, inward)
            line_ends = step(-0.5 * lid.beyond, 0.5 * lid.beyond, inward)
            if ends <= 0.0:
                continue
            spot = (place + lid.beyond) / (1.0 + 2.0 * lid.beyond) * (columns - 1.001)
            index = int(spot)
            share = spot - index
            top, rim = along(lines[0], index, share), along(lines[1], index, share)
            if y < top - lid.feather or y > rim + 4.0 * lid.thickness + 2.0:
                continue
            down = min(max((y - top) / max(rim - top, 0.5), 0.0), 1.0)
            cover = step(-lid.feather, 0.0, y - top) * (1.0 - step(-lid.softness, lid.softness, y - rim))
            cover *= lid.presence * ends
            line = lid.line * line_ends * lash_line(y - rim, along(fringes, index, share), lid)
            ball = (1.0 - cover) * lid.presence * ends * (0.0 if lid.flat or y < rim else 0.30)
            ball *= exp(-max(y - rim, 0.0) / (2.0 * lid.thickness)) * (1.0 - lid.closure)
            for channel in range(3):
                new = textured(skin, down, index, share, channel)
                new += tile[(row + shift[1]) % side, (column + shift[0]) % side, channel]
                old = picture[row, column, channel]
                value = (old + cover * (new - old)) * (1.0 - ball)
                value += line * (lashes[channel] - value)
                picture[row, column, channel] = np.uint8(min(max(value + 0.5, 0.0), 255.0))
