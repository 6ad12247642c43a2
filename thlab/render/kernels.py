"""The loops of the rasteriser: triangles to samples, surfaces to normals, samples to pixels."""

from __future__ import annotations

from math import floor, sqrt

import numba
import numpy as np

compiled = numba.njit(cache=True, fastmath=True, nogil=True, error_model="numpy")
exactly = numba.njit(cache=True, nogil=True, error_model="numpy", forceinline=True)

SUBPIXEL_BITS = 8
SUBPIXELS = 1 << SUBPIXEL_BITS
"""Corners are snapped to 1/256 of a sample, so that edges are decided in exact whole numbers."""
HALF = SUBPIXELS // 2
NARROW = 6
"""Rows of a triangle's box wider than this are first narrowed to the triangle."""
BEHIND = np.float32(-1e30)


@compiled
def step(low, high, value):
    """0 below, 1 above, a smooth cubic between."""
    t = min(max((value - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@compiled
def vertex_normals(vertices, triangles, normals):
    """Write the area-weighted unit normal of every vertex."""
    normals[:] = 0
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ux = vertices[b, 0] - vertices[a, 0]
        uy = vertices[b, 1] - vertices[a, 1]
        uz = vertices[b, 2] - vertices[a, 2]
        wx = vertices[c, 0] - vertices[a, 0]
        wy = vertices[c, 1] - vertices[a, 1]
        wz = vertices[c, 2] - vertices[a, 2]
        nx, ny, nz = uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx
        for corner in (a, b, c):
            normals[corner, 0] += nx
            normals[corner, 1] += ny
            normals[corner, 2] += nz
    for i in range(normals.shape[0]):
        x, y, z = normals[i, 0], normals[i, 1], normals[i, 2]
        scale = np.float32(1.0) / (sqrt(x * x + y * y + z * z) + np.float32(1e-20))
        normals[i, 0] *= scale
        normals[i, 1] *= scale
        normals[i, 2] *= scale


@exactly
def snap(screen, corners):
    """Screen coordinates in whole subpixels."""
    for i in range(screen.shape[0]):
        corners[i, 0] = np.int64(floor(screen[i, 0] * np.float32(SUBPIXELS) + np.float32(0.5)))
        corners[i, 1] = np.int64(floor(screen[i, 1] * np.float32(SUBPIXELS) + np.float32(0.5)))


@exactly
def owns_its_edge(dx, dy):
    """The top-left rule (y down, inside to the left of the edge): a sample on a shared edge belongs to one triangle."""
    return dy > 0 or (dy == 0 and dx < 0)


@exactly
def combed_away(strand, along):
    """Whether a sample lies in the gap between two strands; ``along`` grows from 0 (whole) to 1 (the tips)."""
    across = strand - floor(strand) - np.float32(0.5)
    return abs(across) * np.float32(2.0) > np.float32(1.0) - along


@exactly
def inside_row(edge, step, reciprocal, start, first, last):
    """Narrow a row of samples to where one edge function is not negative, give or take one sample.

    ``edge`` is its value at the sample ``start``, ``step`` what it gains a sample.
    """
    zero = start + np.int64(np.float32(-edge) * reciprocal)
    if step > 0:
        return max(first, zero - 1), last
    if step < 0:
        return first, min(last, zero + 1)
    return first, last


@exactly
def blend(values, column, a, b, c, wb, wc):
    """A value between three corners."""
    return (np.float32(1) - wb - wc) * values[a, column] + wb * values[b, column] + wc * values[c, column]


@exactly
def over_one(step):
    """1 / step, and 0 for 0."""
    return np.float32(0) if step == 0 else np.float32(1) / np.float32(step)


@exactly
def span(low, high, limit):
    """First and last sample centre between two subpixel bounds, within 0 … limit − 1."""
    first = max(np.int64(0), (low - HALF + SUBPIXELS - 1) >> SUBPIXEL_BITS)
    last = min(np.int64(limit - 1), (high - HALF) >> SUBPIXEL_BITS)
    return first, last


@exactly
def fill(
    t, a, b, c, swapped, area, corners, box, screen, frayed, strands, perspective, depth, ids, weights
):  # fmt: skip
    """Write one triangle, whose corners a, b, c run clockwise on the screen, into the samples of a box."""
    xa, ya, xb, yb, xc, yc = corners[a, 0], corners[a, 1], corners[b, 0], corners[b, 1], corners[c, 0], corners[c, 1]
    x0, x1, y0, y1 = box
    # edge k lies opposite corner k; its function is positive inside, and steps by so much a subpixel
    step_xa, step_ya, step_xb, step_yb, step_xc, step_yc = yb - yc, xc - xb, yc - ya, xa - xc, ya - yb, xb - xa
    px, py = x0 * SUBPIXELS + HALF, y0 * SUBPIXELS + HALF
    row_a = (px - xb) * step_xa + (py - yb) * step_ya - (0 if owns_its_edge(step_ya, -step_xa) else 1)
    row_b = (px - xc) * step_xb + (py - yc) * step_yb - (0 if owns_its_edge(step_yb, -step_xb) else 1)
    row_c = (px - xa) * step_xc + (py - ya) * step_yc - (0 if owns_its_edge(step_yc, -step_xc) else 1)
    step_xa, step_xb, step_xc = step_xa * SUBPIXELS, step_xb * SUBPIXELS, step_xc * SUBPIXELS
    za, zb, zc = screen[a, 2], screen[b, 2], screen[c, 2]
    inverse = np.float32(1) / np.float32(area)
    to_b, to_c = (zb - za) * inverse, (zc - za) * inverse
    step_z = np.float32(step_xb) * to_b + np.float32(step_xc) * to_c
    over_a, over_b, over_c = over_one(step_xa), over_one(step_xb), over_one(step_xc)
    for y in range(y0, y1 + 1):
        first, last = x0, x1
        if x1 - x0 > NARROW:
            first, last = inside_row(row_a, step_xa, over_a, x0, first, last)
            first, last = inside_row(row_b, step_xb, over_b, x0, first, last)
            first, last = inside_row(row_c, step_xc, over_c, x0, first, last)
        skipped = first - x0
        ea, eb, ec = row_a + skipped * step_xa, row_b + skipped * step_xb, row_c + skipped * step_xc
        z = za + np.float32(eb) * to_b + np.float32(ec) * to_c
        for x in range(first, last + 1):
            if (ea | eb | ec) >= 0 and z > depth[y, x]:
                wb, wc = np.float32(eb) * inverse, np.float32(ec) * inverse
                if perspective:
                    wb, wc = wb * zb / z, wc * zc / z
                if not (frayed and combed_away(blend(strands, 0, a, b, c, wb, wc), blend(strands, 1, a, b, c, wb, wc))):
                    depth[y, x] = z
                    ids[y, x] = t
                    weights[y, x, 0], weights[y, x, 1] = (wc, wb) if swapped else (wb, wc)
            ea, eb, ec = ea + step_xa, eb + step_xb, ec + step_xc
            z += step_z
        row_a += step_ya * SUBPIXELS
        row_b += step_yb * SUBPIXELS
        row_c += step_yc * SUBPIXELS


@exactly
def rasterize(screen, triangles, one_sided, frayed, strands, perspective, corners, depth, ids, weights):
    """Fill the depth buffer, the triangle of every sample and the weights of its second and third corner.

    See :func:`thlab.render.rasterize.rasterize` for the meaning of the arguments. ``ids`` is −1 where nothing is;
    ``corners`` is room for the snapped vertices.
    """
    height, width = depth.shape
    depth[:] = BEHIND
    ids[:] = -1
    snap(screen, corners)
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        xa, xb, xc = corners[a, 0], corners[b, 0], corners[c, 0]
        ya, yb, yc = corners[a, 1], corners[b, 1], corners[c, 1]
        area = (xb - xa) * (yc - ya) - (xc - xa) * (yb - ya)
        if area == 0 or (area > 0 and one_sided[t]):
            continue
        y0, y1 = span(min(ya, yb, yc), max(ya, yb, yc), height)
        x0, x1 = span(min(xa, xb, xc), max(xa, xb, xc), width)
        if y1 < y0 or x1 < x0:
            continue
        swapped = area < 0
        if swapped:
            b, c = c, b
        box = (x0, x1, y0, y1)
        fill(
            t, a, b, c, swapped, abs(area), corners, box, screen, frayed[t], strands, perspective, depth, ids, weights
        )  # fmt: skip


@compiled
def depth_map(screen, triangles, one_sided, depth):
    """Fill the depth buffer only: what a light sees. Here y points up."""
    height, width = depth.shape
    depth[:] = BEHIND
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        xa, ya, xb, yb, xc, yc = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
        area = (xb - xa) * (yc - ya) - (xc - xa) * (yb - ya)
        if area == 0 or (area < 0 and one_sided[t]):
            continue
        y0 = max(0, floor(min(ya, yb, yc) + np.float32(0.5)))
        y1 = min(height - 1, floor(max(ya, yb, yc) - np.float32(0.5)))
        x0 = max(0, floor(min(xa, xb, xc) + np.float32(0.5)))
        x1 = min(width - 1, floor(max(xa, xb, xc) - np.float32(0.5)))
        if y1 < y0 or x1 < x0:
            continue
        inverse = np.float32(1.0) / area
        bx, by = (yc - ya) * inverse, (xa - xc) * inverse
        cx, cy = (ya - yb) * inverse, (xb - xa) * inverse
        za, zb, zc = screen[a, 2], screen[b, 2] - screen[a, 2], screen[c, 2] - screen[a, 2]
        for y in range(y0, y1 + 1):
            dy = np.float32(y) + np.float32(0.5) - ya
            for x in range(x0, x1 + 1):
                dx = np.float32(x) + np.float32(0.5) - xa
                wb = dx * bx + dy * by
                wc = dx * cx + dy * cy
                if wb >= 0 and wc >= 0 and wb + wc <= np.float32(1.0):
                    z = za + wb * zb + wc * zc
                    depth[y, x] = max(depth[y, x], z)


@compiled
def resolve(samples, factor, limit, table, pixels):
    """Average factor × factor linear samples, each clipped at ``limit``, and encode them through ``table``."""
    height, width, channels = pixels.shape
    scale = np.float32((table.shape[0] - 1) / (limit * factor * factor))
    for y in range(height):
        for x in range(width):
            for channel in range(channels):
                total = np.float32(0)
                for j in range(factor):
                    for i in range(factor):
                        total += min(max(samples[y * factor + j, x * factor + i, channel], np.float32(0)), limit)
                pixels[y, x, channel] = table[int(total * scale + np.float32(0.5))]


@compiled
def interpolate(ids, weights, triangles, attribute, values):
    """Write the attribute of every covered sample, zero elsewhere."""
    for row in range(ids.shape[0]):
        for column in range(ids.shape[1]):
            t = ids[row, column]
            if t < 0:
                for k in range(attribute.shape[1]):
                    values[row, column, k] = 0
                continue
            second, third = weights[row, column, 0], weights[row, column, 1]
            first = 1 - second - third
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            for k in range(attribute.shape[1]):
                values[row, column, k] = first * attribute[a, k] + second * attribute[b, k] + third * attribute[c, k]


@compiled
def fill_sources(corners, sources, triangles, slack, map_x, map_y):
    """Paint triangles over one another in order: a pixel gets the place of the source that lies under its centre.

    ``slack`` widens each triangle, in shares of its height, so that no crack opens between neighbours. The maps count
    pixel centres at whole numbers, as OpenCV does.
    """
    height, width = map_x.shape
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x0, y0 = corners[a, 0], corners[a, 1]
        x1, y1, x2, y2 = corners[b, 0] - x0, corners[b, 1] - y0, corners[c, 0] - x0, corners[c, 1] - y0
        area = x1 * y2 - x2 * y1
        if abs(area) < 1e-6:
            continue
        ux, uy, vx, vy = y2 / area, -x2 / area, -y1 / area, x1 / area
        s1x, s1y = sources[b, 0] - sources[a, 0], sources[b, 1] - sources[a, 1]
        s2x, s2y = sources[c, 0] - sources[a, 0], sources[c, 1] - sources[a, 1]
        low, high = min(0.0, y1, y2), max(0.0, y1, y2)
        first = max(0, int(np.ceil(y0 + low - slack - 0.5)))
        last = min(height - 1, int(np.floor(y0 + high + slack - 0.5)))
        for row in range(first, last + 1):
            y = row + 0.5 - y0
            left, right = -1e9, 1e9
            for side in range(3):  # u ≥ −slack, v ≥ −slack, 1 − u − v ≥ −slack, each as slope · x + rest ≥ 0
                if side == 0:
                    slope, rest = ux, uy * y + slack
                elif side == 1:
                    slope, rest = vx, vy * y + slack
                else:
                    slope, rest = -ux - vx, 1 - (uy + vy) * y + slack
                if slope > 1e-9:
                    left = max(left, -rest / slope)
                elif slope < -1e-9:
                    right = min(right, -rest / slope)
                elif rest < 0:
                    right = -1e9
            begin = max(0, int(np.ceil(max(left, -1e6) + x0 - 0.5)))
            end = min(width - 1, int(np.floor(min(right, 1e6) + x0 - 0.5)))
            for column in range(begin, end + 1):
                x = column + 0.5 - x0
                u, v = ux * x + uy * y, vx * x + vy * y
                map_x[row, column] = sources[a, 0] + u * s1x + v * s2x - 0.5
                map_y[row, column] = sources[a, 1] + u * s1y + v * s2y - 0.5
