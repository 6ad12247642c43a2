"""The loops of relighting: triangles into a coarse map, and the map onto the pixels."""

from __future__ import annotations

from math import ceil, floor

import numpy as np

from thlab.render.kernels import compiled


@compiled
def fill(field, places, values, triangles):
    """Write values, linear on each triangle, into the cells whose centres it covers; later triangles win."""
    height, width = field.shape
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = places[a, 0], places[a, 1]
        bx, by = places[b, 0] - ax, places[b, 1] - ay
        cx, cy = places[c, 0] - ax, places[c, 1] - ay
        area = bx * cy - by * cx
        if abs(area) < 1e-6:
            continue
        left, right = min(0.0, bx, cx) + ax - 0.5, max(0.0, bx, cx) + ax - 0.5
        top, bottom = min(0.0, by, cy) + ay - 0.5, max(0.0, by, cy) + ay - 0.5
        for row in range(max(ceil(top), 0), min(floor(bottom), height - 1) + 1):
            for column in range(max(ceil(left), 0), min(floor(right), width - 1) + 1):
                x, y = column + 0.5 - ax, row + 0.5 - ay
                second, third = (x * cy - y * cx) / area, (bx * y - by * x) / area
                if second >= -1e-4 and third >= -1e-4 and second + third <= 1.0001:
                    field[row, column] = (
                        values[a] + second * (values[b] - values[a]) + third * (values[c] - values[a])
                    )


@compiled
def shade(picture, field, cell, first_row, last_row, first_column, last_column):
    """Multiply pixels by 1 + field, with the field's cells `cell` pixels wide and linear between their centres."""
    height, width = field.shape
    for row in range(first_row, last_row):
        y = min(max((row + 0.5) / cell - 0.5, 0.0), height - 1.001)
        upper = int(y)
        down = np.float32(y - upper)
        for column in range(first_column, last_column):
            x = min(max((column + 0.5) / cell - 0.5, 0.0), width - 1.001)
            left = int(x)
            right = np.float32(x - left)
            above = field[upper, left] + right * (field[upper, left + 1] - field[upper, left])
            below = field[upper + 1, left] + right * (field[upper + 1, left + 1] - field[upper + 1, left])
            change = above + down * (below - above)
            if change != 0.0:
                for channel in range(3):
                    lit = picture[row, column, channel] * (np.float32(1.0) + change) + np.float32(0.5)
                    picture[row, column, channel] = np.uint8(min(max(lit, np.float32(0.0)), np.float32(255.0)))
