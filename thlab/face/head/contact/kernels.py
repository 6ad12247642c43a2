"""Compiled loops of :mod:`thlab.face.head.contact.settling`; they change ``v`` (vertices) in place."""

from __future__ import annotations

from math import atan2, cos, sin, sqrt

import numba


@numba.njit(nogil=True, cache=True)
def ramp(low, high, x):
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3 - 2 * t)


@numba.njit(nogil=True, cache=True)
def along_row(v, row, x, axis):
    """Interpolate a coordinate along a row of vertices sorted by x; its ends continue."""
    count = len(row)
    if x <= v[row[0], 0]:
        return v[row[0], axis]
    for k in range(1, count):
        if x < v[row[k], 0]:
            a, b = row[k - 1], row[k]
            share = (x - v[a, 0]) / (v[b, 0] - v[a, 0])
            return v[a, axis] * (1 - share) + v[b, axis] * share
    return v[row[count - 1], axis]


@numba.njit(nogil=True, cache=True)
def tuck_lower_lip(v, mouth, falls, upper_row, edge, tuck):
    """Raise the lower lip until it touches the upper teeth's edge, which is ``edge`` below their middle row."""
    if tuck <= 0:
        return
    columns = mouth.shape[1]
    for i in range(1, columns // 2):
        j = columns - i
        lip = v[mouth[1, j], 1]
        wanted = along_row(v, upper_row, v[mouth[1, j], 0], 1) - edge
        centre = ramp(0.0, 0.6, sin(6.283185307179586 * i / columns))
        lift = max(wanted - lip, 0.0) * tuck * centre
        for ring in range(len(falls)):
            v[mouth[ring, j], 1] += lift * falls[ring]


@numba.njit(nogil=True, cache=True)
def close_lips(v, mouth, falls, seal, touch):
    """Where lips cross they meet half-way; ``seal`` brings parted lips together."""
    columns = mouth.shape[1]
    for i in range(1, columns // 2):
        j = columns - i
        u, l = mouth[0, i], mouth[0, j]  # noqa: E741
        gap = v[u, 1] - v[l, 1]
        target = max(gap - touch, 0.0) * (1 - seal)
        excess = gap - target
        upper = 0.35 if excess > 0 else 0.5
        for ring in range(len(falls)):
            v[mouth[ring, i], 1] -= excess * upper * falls[ring]
            v[mouth[ring, j], 1] += excess * (1 - upper) * falls[ring]
        meet = 1 - ramp(0.0, 0.04, target)
        for axis in (0, 2):
            middle = 0.5 * (v[u, axis] + v[l, axis])
            v[u, axis] += meet * (middle - v[u, axis])
            v[l, axis] += meet * (middle - v[l, axis])
        if target <= 0:
            for axis in range(3):
                middle = 0.5 * (v[u, axis] + v[l, axis])
                v[u, axis] = middle
                v[l, axis] = middle


@numba.njit(nogil=True, cache=True)
def order_lips(v, mouth):
    """Keep each lip's rings above one another: no lip folds over the other, or over itself."""
    columns = mouth.shape[1]
    for i in range(1, columns // 2):
        least = 0.003 * sin(6.283185307179586 * i / columns)
        for ring in range(1, 4):
            a, b = mouth[ring, i], mouth[ring - 1, i]
            v[a, 1] = max(v[a, 1], v[b, 1] + least)
            a, b = mouth[ring, columns - i], mouth[ring - 1, columns - i]
            v[a, 1] = min(v[a, 1], v[b, 1] - least)


@numba.njit(nogil=True, cache=True)
def keep_before_teeth(v, mouth, upper_row, lower_row, edge, clearance):
    """Lips, and the skin around them, lie in front of the teeth they cover."""
    columns = mouth.shape[1]
    for i in range(columns):
        for ring in range(6):
            k = mouth[ring, i]
            x = v[k, 0]
            if i <= columns // 2:
                floor = along_row(v, upper_row, x, 2)
            else:
                floor = along_row(v, lower_row, x, 2)
                covers = ramp(-0.03, 0.0, v[k, 1] - along_row(v, edge, x, 1))
                floor = max(floor, covers * along_row(v, upper_row, x, 2) + (1 - covers) * floor)
            v[k, 2] = max(v[k, 2], floor + clearance)
    for i in range(1, columns // 2):
        a, b = mouth[0, i], mouth[0, columns - i]
        if v[a, 1] == v[b, 1]:
            v[a, 2] = max(v[a, 2], v[b, 2])
            v[b, 2] = v[a, 2]


@numba.njit(nogil=True, cache=True)
def hold_tongue(v, mouth, tongue, upper_row, edge):
    """The tongue stays behind the teeth while lips are closed; as they open it may come out above the lower lip."""
    columns = mouth.shape[1]
    top, bottom = mouth[0, columns // 4], mouth[0, columns - columns // 4]
    gap = v[top, 1] - v[bottom, 1]
    free = ramp(0.015, 0.06, gap)
    for n in range(len(tongue)):
        k = tongue[n]
        limit = along_row(v, upper_row, v[k, 0], 2) - 0.020
        over = v[k, 2] - limit
        if over > 0:
            v[k, 2] -= over * (1 - free)
        out = ramp(-0.06, -0.01, v[k, 2] - limit - 0.020)
        if out > 0:
            floor = along_row(v, mouth[0, columns // 2 :], v[k, 0], 1) + 0.004
            roof = max(along_row(v, upper_row, v[k, 0], 1) - edge, floor + 0.012)
            held = min(max(v[k, 1], floor), roof)
            v[k, 1] += out * (held - v[k, 1])


@numba.njit(nogil=True, cache=True)
def line_bag(v, mouth, bag):
    """The first ring of the mouth's bag hangs just behind the inner lips."""
    for i in range(mouth.shape[1]):
        k, inner = bag[i], mouth[0, i]
        lift = 0.004 * sin(6.283185307179586 * i / mouth.shape[1])
        v[k, 0] = 0.97 * v[inner, 0]
        v[k, 1] = v[inner, 1] + lift
        v[k, 2] = v[inner, 2] - 0.04


@numba.njit(nogil=True, cache=True)
def close_lids(v, rings, shares, upper_share, rest_gaps, blink, look, radius):
    """A blink leaves 1 − blink of the opening that the lids would otherwise have; lids follow the gaze up and down."""
    columns = rings.shape[1]
    closed = min(max(blink, 0.0), 1.0)
    for i in range(1, columns // 2):
        j = columns - i
        arc = sin(6.283185307179586 * i / columns)
        down = radius * sin(look) * arc
        u, l = rings[0, i], rings[0, j]  # noqa: E741
        now = v[u, 1] - v[l, 1]
        follow_upper, follow_lower = 0.75 * down, 0.45 * down
        opened = max(now + blink * rest_gaps[i] - (follow_upper - follow_lower), 0.0)
        excess = now - (follow_upper - follow_lower) - opened * (1 - closed)
        for ring in range(rings.shape[0]):
            v[rings[ring, i], 1] -= shares[ring] * (excess * upper_share + follow_upper)
            v[rings[ring, j], 1] += shares[ring] * (excess * (1 - upper_share) - follow_lower)
        if closed >= 1 or opened <= 0:
            for axis in range(2):
                middle = 0.5 * (v[u, axis] + v[l, axis])
                v[u, axis] = middle
                v[l, axis] = middle


@numba.njit(nogil=True, cache=True)
def lay_on_eyeball(v, rings, centre, least, sliding):
    """Lid margins lie on the eyeball; the rings around do not sink into it."""
    for ring in range(sliding):
        for i in range(rings.shape[1]):
            k = rings[ring, i]
            x, y, z = v[k, 0] - centre[0], v[k, 1] - centre[1], v[k, 2] - centre[2]
            squared = least * least - x * x - y * y
            if ring == 0:
                v[k, 2] = centre[2] + sqrt(max(squared, 0.0004))
            elif squared > 0:
                v[k, 2] = centre[2] + max(z, sqrt(squared))


@numba.njit(nogil=True, cache=True)
def hang_rim_and_lashes(v, margin, rim, lashes, offsets, rest_rises, centre, depth):
    """The wet rim runs into the eyeball behind the margin; the lashes turn with it."""
    for i in range(len(margin)):
        k, r = margin[i], rim[i]
        x, y, z = v[k, 0] - centre[0], v[k, 1] - centre[1], v[k, 2] - centre[2]
        scale = depth / sqrt(x * x + y * y + z * z)
        v[r, 0], v[r, 1], v[r, 2] = centre[0] + x * scale, centre[1] + y * scale, centre[2] + z * scale
    for n in range(len(lashes)):
        k = margin[n % (len(lashes) // 2)]
        turn = atan2(v[k, 1] - centre[1], v[k, 2] - centre[2]) - rest_rises[n % (len(lashes) // 2)]
        turn *= 1.25 if turn < 0 else 0.4  # a raised lid tucks under its fold without turning its lashes up
        c, s = cos(turn), sin(turn)
        v[lashes[n], 0] = v[k, 0] + offsets[n, 0]
        v[lashes[n], 1] = v[k, 1] + offsets[n, 1] * c + offsets[n, 2] * s
        v[lashes[n], 2] = v[k, 2] + offsets[n, 2] * c - offsets[n, 1] * s
