"""The loops over the pixels of an open mouth."""

from __future__ import annotations

from math import asin, cos, exp, floor
from typing import NamedTuple

import numpy as np

from thlab.render.kernels import compiled, step

UPPER_ARCH = 0.28
LOWER_ARCH = 0.25
"""Head units: half the width of the dental arches."""
UPPER_TEETH = np.array([0.086, 0.068, 0.076, 0.070, 0.068, 0.080], np.float32)
LOWER_TEETH = np.array([0.054, 0.058, 0.066, 0.068, 0.070, 0.080], np.float32)
"""Head units: widths of central and lateral incisor, canine, two premolars and a molar along the arch."""
CROWN = 0.100
"""Head units: height of a crown; the gum is beyond."""
TONGUE_WIDTH = 0.160
TIP_WIDTH, TIP_HEIGHT = 0.095, 0.030
"""Head units: half the width and height of the tip that a th shows."""
CORNER = 0.012
"""Head units: where lips are less far apart than this, in the corners, the photograph's own seam shows through."""
GAP = 0.0035
"""Head units: width of the dark line between two teeth."""


class Mouth(NamedTuple):
    """One frame's mouth as numbers; lengths in head units."""

    origin_x: float
    origin_y: float
    u_of_x: float
    u_of_y: float
    v_of_x: float
    v_of_y: float
    first_u: float
    step_u: float
    opening: float
    upper_edge: float
    lower_edge: float
    tongue_height: float
    tongue_rise: float
    tongue_out: float
    rounding: float
    softness: float
    has_teeth: bool
    flat: bool
    stone: bool
    skin_luminance: float


class Own(NamedTuple):
    """How the frame of this picture maps into the crop of the photograph's own teeth."""

    x_of_u: float
    x_of_v: float
    y_of_u: float
    y_of_v: float
    x: float
    y: float


@compiled
def sampled(line, u, mouth):
    """A contour's height v at u, from its values on a regular grid of u."""
    place = min(max((u - mouth.first_u) / mouth.step_u, 0.0), line.shape[0] - 1.001)
    index = int(place)
    return line[index] + (place - index) * (line[index + 1] - line[index])


@compiled
def tooth(u, height, half_arch, widths, softness):
    """How far a row of teeth covers a pixel, how light it is there, and how much of it is gum.

    `height` is the distance from the cutting edge towards the gum.
    """
    if abs(u) > 0.98 * half_arch:
        return 0.0, 0.0, 0.0
    angle = asin(abs(u) / half_arch)
    along, start, index = half_arch * angle, 0.0, 0
    while index < widths.shape[0] and along > start + widths[index]:
        start += widths[index]
        index += 1
    if index == widths.shape[0]:
        return 0.0, 0.0, 0.0
    across = 2.0 * (along - start) / widths[index] - 1.0
    height -= 0.007 * across**4 + (0.004 if index == 1 else 0.0)
    wide = max(GAP, 0.7 * softness)
    apart = 0.5 * (1.0 - abs(across)) * widths[index] * cos(angle)
    gap = 0.18 * GAP / wide * exp(-((apart / wide) ** 2))
    light = cos(angle) * (1.0 - gap) * (1.0 - 0.10 * across * across)
    light *= 0.92 + 0.08 * step(0.0, 0.03, height)
    light *= 1.0 - 0.15 * step(0.04, CROWN, height)
    return step(-softness, softness, height), light, step(CROWN - 0.01, CROWN + 0.01, height)


@compiled
def tongue(u, v, mouth):
    """How far the tongue covers a pixel, and how light it is there."""
    out = (v - mouth.tongue_height) / mouth.tongue_rise
    away = (u / TONGUE_WIDTH) ** 2 + out * out
    light = 1.0 - 0.30 * max(-out, 0.0) - 0.35 * (u / TONGUE_WIDTH) ** 2
    groove = 1.0 - 0.16 * exp(-((u / 0.018) ** 2)) * (1.0 - mouth.tongue_out)
    lit = 0.62 + 0.38 * min(mouth.opening / 0.25, 1.0)
    return 1.0 - step(0.60, 1.20, away), min(max(light, 0.15), 1.0) * groove * lit


@compiled
def tongue_tip(u, v, mouth):
    """How far the tip of the tongue, held between the teeth, covers a pixel, and how light it is there."""
    below = (v - mouth.upper_edge - 0.010) / TIP_HEIGHT
    away = (u / TIP_WIDTH) ** 2 + below * below
    return (1.0 - step(0.55, 1.1, away)) * step(0.2, 0.8, mouth.tongue_out), 1.05 - 0.25 * abs(below)


@compiled
def blend(colour, other, share, light):
    """Lay one lit colour over another, in place."""
    for channel in range(3):
        colour[channel] += share * (other[channel] * light - colour[channel])


@compiled
def lay_own_teeth(colour, u, v, own, teeth, light):
    """Lay the photograph's own teeth over the painted ones, between pixels by their distances."""
    x, y = own.x_of_u * u + own.x_of_v * v + own.x, own.y_of_u * u + own.y_of_v * v + own.y
    column, row = floor(x), floor(y)
    if column < 0 or row < 0 or column + 1 >= teeth.shape[1] or row + 1 >= teeth.shape[0]:
        return
    right, down = x - column, y - row
    for channel in range(4):
        top = teeth[row, column, channel] * (1.0 - right) + teeth[row, column + 1, channel] * right
        bottom = teeth[row + 1, column, channel] * (1.0 - right) + teeth[row + 1, column + 1, channel] * right
        colour[3 + channel] = top * (1.0 - down) + bottom * down
    for channel in range(3):
        colour[channel] += colour[6] * (colour[3 + channel] * light - colour[channel])


@compiled
def inside(colour, u, v, above, below, mouth, own, own_teeth, paints):
    """The colour of one place of the mouth; above and below are its distances from the upper and the lower lip."""
    teeth, red, gum, cavity = paints[0], paints[1], paints[2], paints[3]
    deep = min(max(above / 0.25, 0.0), 1.0)
    for channel in range(3):
        colour[channel] = cavity[channel] * (1.15 - 0.5 * deep)
    covered, light = tongue(u, v, mouth)
    blend(colour, red, covered, light)
    shadow = 0.80 + 0.20 * step(-0.01, 0.05, above)
    bright = shadow * (0.84 + 0.16 * min(mouth.opening / 0.20, 1.0)) * (1.0 - 0.55 * mouth.rounding)
    low, low_light, low_gum = tooth(u, v - mouth.lower_edge, LOWER_ARCH, LOWER_TEETH, mouth.softness)
    low *= 1.0 - covered * mouth.tongue_out
    low_light *= 0.84 * bright
    blend(colour, teeth, low * (1.0 - low_gum), low_light)
    blend(colour, gum, low * low_gum, low_light)
    high, high_light, high_gum = tooth(u, mouth.upper_edge - v, UPPER_ARCH, UPPER_TEETH, mouth.softness)
    blend(colour, teeth, high * (1.0 - high_gum), high_light * bright)
    blend(colour, gum, high * high_gum, high_light * bright)
    if own_teeth.shape[0]:
        lay_own_teeth(colour, u, v, own, own_teeth, 0.25 + 0.75 * bright)
    tip, light = tongue_tip(u, v, mouth)
    blend(colour, red, tip, light)


@compiled
def carved(colour, above, below, mouth, cavity):
    """A hole in stone or ink: no flesh, one colour, a little lighter on the ledge of the lower lip."""
    ledge = 0.0 if mouth.flat else 0.9 * (1.0 - step(0.0, 0.05, below)) - 0.3 * step(0.0, 0.15, above)
    for channel in range(3):
        colour[channel] = cavity[channel] * (1.0 + ledge)


@compiled
def paint_mouth(picture, coverage, corner, upper, lower, mouth, own, own_teeth, paints, tile, shift):
    """Paint the inside of a mouth into the box of a picture that starts at `corner`, as far as `coverage` says."""
    colour = np.zeros(7, np.float32)
    side = tile.shape[0]
    for row in range(coverage.shape[0]):
        for column in range(coverage.shape[1]):
            alpha = coverage[row, column]
            if alpha <= 0.0:
                continue
            dx = corner[0] + column + 0.5 - mouth.origin_x
            dy = corner[1] + row + 0.5 - mouth.origin_y
            u = mouth.u_of_x * dx + mouth.u_of_y * dy
            v = mouth.v_of_x * dx + mouth.v_of_y * dy
            above, below = v - sampled(upper, u, mouth), sampled(lower, u, mouth) - v
            alpha *= step(-0.002, CORNER, above + below)
            if mouth.has_teeth:
                inside(colour, u, v, above, below, mouth, own, own_teeth, paints)
            else:
                carved(colour, above, below, mouth, paints[3])
            rim = 1.0 if mouth.flat else 0.82 + 0.18 * step(0.0, 0.022, min(above, below))
            luminance = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
            rough = 0.25 + 0.75 * min(luminance / mouth.skin_luminance, 1.0)
            for channel in range(3):
                speck = tile[(row + shift[1]) % side, (column + shift[0]) % side, channel]
                value = colour[channel] * rim + rough * speck
                old = picture[corner[1] + row, corner[0] + column, channel]
                mixed = old + alpha * (value - old)
                picture[corner[1] + row, corner[0] + column, channel] = np.uint8(min(max(mixed + 0.5, 0.0), 255.0))
