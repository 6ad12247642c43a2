"""The loops of the head's renderer: brushes, the placing of vertices, and the colour of every sample.

Directions and positions are in the room: x the subject's left, y up, z to the camera. Colours are linear.
"""

from __future__ import annotations

from math import floor, sqrt

import numba
import numpy as np

# forceinline: a call would count references to every array it is handed, which would double the time of a frame
compiled = numba.njit(cache=True, fastmath=True, nogil=True, error_model="numpy", forceinline=True)

# materials, as in thlab.face.head.mesh.Material
SKIN, MOUTH, TEETH, TONGUE, BUST, EYE, LASH, WET_RIM, HAIR, GLASSES = range(10)
# rows of the palette, see thlab.face.head.avatar.palette
P_SKIN, P_CLOTH, P_TRIM, P_HAIR, P_IRIS, P_LASH, P_FRAME, P_NECK = range(8)
# rows of the light table, see thlab.face.head.light.Light
KEY, KEY_COLOUR, FILL, FILL_COLOUR, RIM, RIM_COLOUR, SKY, GROUND = range(8)
# columns of a vertex's traits, see thlab.face.head.avatar.Traits
U, V, OCCLUSION, A, B, C, SHADE = range(7)

COLLAR = 0.085
"""Height of the trim along the neckline."""
SHADOW_BIAS, SHADOW_SOFTNESS = 0.045, 25.0


@compiled
def tint(colour, where, amount, gains):
    """Multiply the picture by a colour, in so far as ``where`` says."""
    for y in range(colour.shape[0]):
        for x in range(colour.shape[1]):
            share = min(max(where[y, x] * amount, np.float32(0)), np.float32(1))
            for k in range(3):
                colour[y, x, k] *= np.float32(1) + share * (gains[k] - np.float32(1))


@compiled
def cover(colour, where, amount, paint):
    """Paint over the picture, in so far as ``where`` says."""
    for y in range(colour.shape[0]):
        for x in range(colour.shape[1]):
            share = min(max(where[y, x] * amount, np.float32(0)), np.float32(1))
            for k in range(3):
                colour[y, x, k] += share * (paint[k] - colour[y, x, k])


@compiled
def place(rest, follow, turn, pivot, shift, torso_shift, offset, world):
    """Turn and shift the head; what follows it only in part (``follow`` < 1) stays with the torso for the rest."""
    for i in range(rest.shape[0]):
        x, y, z = rest[i, 0] - pivot[0], rest[i, 1] - pivot[1], rest[i, 2] - pivot[2]
        w = follow[offset + i]
        for k in range(3):
            turned = turn[k, 0] * x + turn[k, 1] * y + turn[k, 2] * z + pivot[k] + shift[k]
            world[offset + i, k] = w * turned + (1 - w) * (rest[i, k] + torso_shift[k])


@compiled
def turn_all(directions, turn, offset, turned):
    """Rotate directions."""
    for i in range(directions.shape[0]):
        for k in range(3):
            turned[offset + i, k] = (
                turn[k, 0] * directions[i, 0] + turn[k, 1] * directions[i, 1] + turn[k, 2] * directions[i, 2]
            )


@compiled
def project(world, camera, focal, centre_x, centre_y, level, screen):
    """A pinhole camera on the z axis, looking back along it; the third coordinate is focal length / distance."""
    for i in range(world.shape[0]):
        scale = focal / (camera - world[i, 2])
        screen[i, 0] = centre_x + world[i, 0] * scale
        screen[i, 1] = centre_y - (world[i, 1] - level) * scale
        screen[i, 2] = scale


@compiled
def project_parallel(world, matrix, screen):
    """A lamp's view: three rows of a direction and an offset."""
    for i in range(world.shape[0]):
        for k in range(3):
            screen[i, k] = (
                matrix[k, 0] * world[i, 0] + matrix[k, 1] * world[i, 1] + matrix[k, 2] * world[i, 2] + matrix[k, 3]
            )


@compiled
def smooth(low, high, x):
    """0 below low, 1 above high, a cubic between."""
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3 - 2 * t)


@compiled
def height_at(x, vertices, curve):
    """The y of a curve of vertices (in order along x, either way) above x."""
    first, last = curve[0], curve[curve.shape[0] - 1]
    rising = vertices[last, 0] > vertices[first, 0]
    if (x <= vertices[first, 0]) == rising:
        return vertices[first, 1]
    for i in range(curve.shape[0] - 1):
        a, b = curve[i], curve[i + 1]
        if (x <= vertices[b, 0]) == rising:
            share = (x - vertices[a, 0]) / (vertices[b, 0] - vertices[a, 0] + 1e-9)
            return vertices[a, 1] + share * (vertices[b, 1] - vertices[a, 1])
    return vertices[last, 1]


@compiled
def shade_eyeball(vertices, ball, upper, lower, centre, radius, traits):
    """How much light the lids and their lashes let onto an eyeball."""
    for k in range(ball.shape[0]):
        i = ball[k]
        x, y = vertices[i, 0], vertices[i, 1]
        above = height_at(x, vertices, upper) - y
        below = y - height_at(x, vertices, lower)
        corner = abs(x - centre[0]) / radius
        lit = (0.42 + 0.58 * smooth(0.0, 0.085, above)) * (0.75 + 0.25 * smooth(-0.01, 0.04, below))
        traits[i, SHADE] = lit * (1 - 0.35 * smooth(0.5, 0.95, corner))


@compiled
def power8(x):
    x = x * x
    x = x * x
    return x * x


@compiled
def hash_noise(n):
    """A number from −1 to 1 that looks random.

    Source: the integer hash of Perlin's noise, as given by Elias 1998.
    """
    n = (n << 13) ^ n
    return 1.0 - ((n * (n * n * 15731 + 789221) + 1376312589) & 0x7FFFFFFF) / 1073741824.0


@compiled
def noise(x):
    """Smooth noise along a line."""
    i = floor(x)
    f = x - i
    f = f * f * (3 - 2 * f)
    return hash_noise(i) * (1 - f) + hash_noise(i + 1) * f


@compiled
def texel(texture, u, v):
    """Bilinear look-up of four channels."""
    rows, columns, _ = texture.shape
    x = min(max(u * columns - 0.5, 0.0), columns - 1.001)
    y = min(max(v * rows - 0.5, 0.0), rows - 1.001)
    i, j = int(x), int(y)
    fx, fy = np.float32(x - i), np.float32(y - j)
    one = np.float32(1)
    w00, w10, w01, w11 = (one - fx) * (one - fy), fx * (one - fy), (one - fx) * fy, fx * fy
    k, n = i + 1, j + 1
    return (
        texture[j, i, 0] * w00 + texture[j, k, 0] * w10 + texture[n, i, 0] * w01 + texture[n, k, 0] * w11,
        texture[j, i, 1] * w00 + texture[j, k, 1] * w10 + texture[n, i, 1] * w01 + texture[n, k, 1] * w11,
        texture[j, i, 2] * w00 + texture[j, k, 2] * w10 + texture[n, i, 2] * w01 + texture[n, k, 2] * w11,
        texture[j, i, 3] * w00 + texture[j, k, 3] * w10 + texture[n, i, 3] * w01 + texture[n, k, 3] * w11,
    )


@compiled
def lit_share(px, py, pz, matrix, shadow_map, taps):
    """How much of the key lamp reaches a point: a tent over 2 × 2 or 4 × 4 texels of the shadow map."""
    rows, columns = shadow_map.shape
    x = matrix[0, 0] * px + matrix[0, 1] * py + matrix[0, 2] * pz + matrix[0, 3] - 0.5
    y = matrix[1, 0] * px + matrix[1, 1] * py + matrix[1, 2] * pz + matrix[1, 3] - 0.5
    z = matrix[2, 0] * px + matrix[2, 1] * py + matrix[2, 2] * pz + matrix[2, 3]
    i, j = floor(x), floor(y)
    if i < 1 or j < 1 or i >= columns - 2 or j >= rows - 2:
        return 1.0
    fx, fy = x - i, y - j
    first = 1 - taps // 2
    total = 0.0
    for n in range(taps):
        wy = 1 - fy if n == 0 else (fy if n == taps - 1 else 1.0)
        for m in range(taps):
            wx = 1 - fx if m == 0 else (fx if m == taps - 1 else 1.0)
            over = shadow_map[j + first + n, i + first + m] - z - SHADOW_BIAS
            total += wx * wy * (1 - min(max(over * SHADOW_SOFTNESS, 0.0), 1.0))
    return total / ((taps - 1) * (taps - 1))


# A surface is (red, green, blue, wrap of red, green, blue, broad gloss, sharp gloss, open to the sky, rim, glow).


@compiled
def skin_surface(r, g, b, gloss, liner, occlusion, palette, wet):
    ink = liner * 0.8
    r += ink * (palette[P_LASH, 0] - r)
    g += ink * (palette[P_LASH, 1] - g)
    b += ink * (palette[P_LASH, 2] - b)
    broad, sharp = 0.055 + 0.03 * gloss, 0.05 * gloss + max(0.0, gloss - 1.2) * 0.30
    if wet:
        r, g, b = r * 0.9 + 0.04, g * 0.66 + 0.01, b * 0.64 + 0.01
        sharp += 0.25
    return r, g, b, 0.42, 0.25, 0.18, broad, sharp, occlusion, 0.7, 0.0


@compiled
def plain_surface(palette, row, polish):
    r, g, b = palette[row, 0], palette[row, 1], palette[row, 2]
    return r, g, b, 0.15, 0.15, 0.15, 0.06 * polish, 0.45 * polish, 1.0, 0.5 * polish, 0.0


@compiled
def mouth_surface(light):
    d = light * light
    return 0.16 + 0.20 * d, 0.035 + 0.06 * d, 0.035 + 0.055 * d, 0.4, 0.4, 0.4, 0.0, 0.03 * d, 0.02 + 0.30 * d, 0.0, 0.0


@compiled
def tooth_surface(u, v, light, opening):
    within = u - floor(u)
    seam = smooth(0.0, 0.12, min(within, 1 - within))
    gum = smooth(0.80, 0.88, v + 0.10 * (1 - 4 * (within - 0.5) ** 2) - 0.05)
    r, g, b = 0.84 * (0.76 + 0.24 * seam), 0.75 * (0.72 + 0.28 * seam), 0.62 * (0.66 + 0.34 * seam)
    r, g, b = r + gum * (0.45 - r), g + gum * (0.17 - g), b + gum * (0.17 - b)
    lit = light * (0.55 + 0.35 * opening) * (1 - 0.45 * smooth(0.25, 1.0, v))
    return r, g, b, 0.25, 0.25, 0.25, 0.03 * lit, 0.22 * lit, lit, 0.0, 0.0


@compiled
def tongue_surface(light, opening):
    lit = light * (0.18 + 0.55 * opening)
    return 0.46, 0.17, 0.17, 0.35, 0.22, 0.22, 0.05 * lit, 0.08 * lit, lit, 0.0, 0.0


@compiled
def bust_surface(x, y, z, occlusion, palette):
    above = y - (palette[P_NECK, 0] + palette[P_NECK, 1] * x * x - palette[P_NECK, 2] * z)
    if above > 0:
        open_ = occlusion * (0.55 + 0.45 * smooth(0.0, 0.10, above))
        return palette[P_SKIN, 0], palette[P_SKIN, 1], palette[P_SKIN, 2], 0.42, 0.25, 0.18, 0.06, 0.01, open_, 0.5, 0.0
    row = P_CLOTH
    fold = 1.0
    if above > -COLLAR:
        row = P_TRIM
        fold = 0.6 + 0.4 * smooth(-COLLAR, -COLLAR + 0.02, above)
    elif palette[P_NECK, 3] > 0:
        stripe = y * palette[P_NECK, 3]
        if stripe - floor(stripe) < 0.35:
            row = P_TRIM
    weave = fold * (1 + 0.04 * noise(y * 60 + 7) * noise(x * 60 + 3))
    r, g, b = palette[row, 0] * weave, palette[row, 1] * weave, palette[row, 2] * weave
    return r, g, b, 0.14, 0.14, 0.14, 0.02, 0.0, occlusion, 0.25, 0.0


@compiled
def iris_colour(x, y, t, palette):
    """Fibres, a lighter lower half, a warm ring around the pupil, a dark one at the rim."""
    angle = np.arctan2(y, x)
    fibre = 0.5 + 0.30 * noise(angle * 9 + 40) + 0.20 * noise(angle * 23 + 90 + 2 * t)
    light = (0.60 + 0.75 * fibre) * (0.62 + 0.55 * smooth(-0.9, 0.9, -y))
    warm = 1 - smooth(0.40, 0.65, t)
    rim = 1 - 0.72 * smooth(0.70, 1.0, t)
    pupil = smooth(palette[P_LASH, 3], palette[P_LASH, 3] + 0.08, t)
    k = rim * pupil
    return (
        (palette[P_IRIS, 0] * light + warm * 0.07) * k + 0.003,
        (palette[P_IRIS, 1] * light + warm * 0.04) * k + 0.003,
        (palette[P_IRIS, 2] * light + warm * 0.01) * k + 0.003,
    )


@compiled
def eye_surface(x, y, light, key_glint, fill_glint, palette):
    """The eyeball; x and y in its own frame, in radii from the middle of the pupil."""
    r = sqrt(x * x + y * y)
    radius = palette[P_IRIS, 3]
    t = r / radius
    towards_rim = smooth(0.50, 1.0, r)
    red, green, blue = 0.74 - 0.16 * towards_rim, 0.70 - 0.26 * towards_rim, 0.68 - 0.26 * towards_rim
    if t < 1.12:
        k = 1 - smooth(0.90, 1.10, t)
        r0, g0, b0 = iris_colour(x / radius, y / radius, t, palette)
        red, green, blue = red + k * (r0 - red), green + k * (g0 - green), blue + k * (b0 - blue)
    glow = (0.85 * smooth(0.9945, 0.9985, key_glint) + 0.22 * smooth(0.994, 0.999, fill_glint)) * smooth(
        0.35, 0.7, light
    )
    return red, green, blue, 0.35, 0.35, 0.35, 0.0, 0.03, light, 0.0, glow


@compiled
def ambient(lights, channel, fill, above):
    """The fill lamp, the sky and the ground together."""
    return fill * lights[FILL_COLOUR, channel] + above * lights[SKY, channel] + (1 - above) * lights[GROUND, channel]


@compiled
def reflected(surface, shadow, ndl, ndf, ndr, ndv, ndh, nfh, ny, lights):
    """Wrapped Lambert, whose red reaches furthest round the edge of a shadow, two lobes of gloss, and a rim."""
    r, g, b, wrap_r, wrap_g, wrap_b, broad, sharp, open_, rim, glow = surface
    edge = (1 - ndv) * (1 - ndv) * (1 - ndv) * (1 - ndv)
    h8, f8 = power8(ndh), power8(nfh)
    h32 = h8 * h8 * h8 * h8
    facing = min(max(ndl * 3, 0.0), 1.0) * shadow
    key_gloss = (broad * h8 + sharp * h32) * (0.7 + 2.0 * edge) * facing
    fill_gloss = (broad * f8 + sharp * f8 * f8 * f8) * 0.6 * open_
    around = max(0.0, ndr) * (1.2 * edge + 0.04) * rim * open_ * smooth(-0.5, 0.3, ny)
    above = 0.5 + 0.5 * ny
    shadow_red = shadow
    open_red = open_
    if wrap_r > wrap_b:
        shadow_red = 0.62 * shadow + 0.38 * sqrt(shadow)
        open_red = 0.7 * open_ + 0.3 * sqrt(open_)
    key_r = max(0.0, (ndl + wrap_r) / (1 + wrap_r)) * shadow_red
    key_g = max(0.0, (ndl + wrap_g) / (1 + wrap_g)) * shadow
    key_b = max(0.0, (ndl + wrap_b) / (1 + wrap_b)) * shadow
    fill = max(0.0, (ndf + wrap_g) / (1 + wrap_g))
    gloss_r = key_gloss * lights[KEY_COLOUR, 0] + fill_gloss * lights[FILL_COLOUR, 0] + around * lights[RIM_COLOUR, 0]
    gloss_g = key_gloss * lights[KEY_COLOUR, 1] + fill_gloss * lights[FILL_COLOUR, 1] + around * lights[RIM_COLOUR, 1]
    gloss_b = key_gloss * lights[KEY_COLOUR, 2] + fill_gloss * lights[FILL_COLOUR, 2] + around * lights[RIM_COLOUR, 2]
    return (
        r * (key_r * lights[KEY_COLOUR, 0] + open_red * ambient(lights, 0, fill, above)) + gloss_r + glow,
        g * (key_g * lights[KEY_COLOUR, 1] + open_ * ambient(lights, 1, fill, above)) + gloss_g + glow,
        b * (key_b * lights[KEY_COLOUR, 2] + open_ * ambient(lights, 2, fill, above)) + gloss_b + glow,
    )


@compiled
def sine_to(tx, ty, tz, x, y, z):
    """The sine of the angle between a strand and a direction, both of length 1."""
    c = tx * x + ty * y + tz * z
    return sqrt(max(0.0, 1 - c * c))


@compiled
def hair_colour(
    u, tx, ty, tz, strand_tint, occlusion, nx, ny, nz, vx, vy, vz, shadow, ndl, ndf, ndr, ndv, lights, palette
):  # fmt: skip
    """Strands (unit tangent t) reflect along a cone: a weak white glint, and a wide one in the colour of the hair.

    Source: Kajiya & Kay 1989; the two shifted glints after Marschner et al. 2003, much simplified.
    """
    fibre = 0.65 * noise(u * 4.3 + 11) + 0.45 * noise(u * 11.7 + 5)
    streak = strand_tint * (1 + 0.34 * fibre)
    r, g, b = palette[P_HAIR, 0] * streak, palette[P_HAIR, 1] * streak, palette[P_HAIR, 2] * streak
    lx, ly, lz = lights[KEY, 0], lights[KEY, 1], lights[KEY, 2]
    hx, hy, hz = lx + vx, ly + vy, lz + vz
    k = 1 / sqrt(hx * hx + hy * hy + hz * hz)
    bend = 0.16 * fibre - 0.06
    ax, ay, az = tx + bend * nx, ty + bend * ny, tz + bend * nz
    s = 1 - 0.5 * bend * bend
    s8 = power8(sine_to(ax * s, ay * s, az * s, hx * k, hy * k, hz * k))
    white = s8 * s8
    white = white * white * white * white
    coloured = s8 * s8 * s8
    lit = smooth(-0.25, 0.6, ndl) * shadow
    diffuse = lit * (0.45 + 0.55 * sine_to(tx, ty, tz, lx, ly, lz)) * 0.85
    fill = smooth(-0.5, 1.0, ndf)
    above = 0.5 + 0.5 * ny
    gloss = palette[P_HAIR, 3] * lit * smooth(0.0, 0.4, ndv)
    edge = (1 - ndv) * (1 - ndv)
    back = max(0.0, ndr) * (0.10 * edge + 0.02) * occlusion * smooth(-0.5, 0.4, ny)
    c0 = diffuse * lights[KEY_COLOUR, 0] + occlusion * ambient(lights, 0, fill, above)
    c1 = diffuse * lights[KEY_COLOUR, 1] + occlusion * ambient(lights, 1, fill, above)
    c2 = diffuse * lights[KEY_COLOUR, 2] + occlusion * ambient(lights, 2, fill, above)
    glint = gloss * 0.07 * white
    body = gloss * 1.1 * coloured
    return (
        r * c0 + (glint + body * (r + 0.01)) * lights[KEY_COLOUR, 0] + back * (r + 0.05) * lights[RIM_COLOUR, 0],
        g * c1 + (glint + body * (g + 0.01)) * lights[KEY_COLOUR, 1] + back * (g + 0.05) * lights[RIM_COLOUR, 1],
        b * c2 + (glint + body * (b + 0.01)) * lights[KEY_COLOUR, 2] + back * (b + 0.05) * lights[RIM_COLOUR, 2],
    )


# what a sample (or the mean of a pixel's samples) knows: normal, place, the traits, and the skin's colour and gloss
N, PLACE, TRAIT, PAINT, POINT_SIZE = 0, 3, 6, 13, 17
SAME_SURFACE = 0.006
"""Samples of a pixel lie on one surface if their nearness differs by less than this share."""


@compiled
def clear(point):
    for k in range(POINT_SIZE):
        point[k] = 0


@compiled
def add_sample(point, t, w1, w2, share, triangles, world, normals, traits, texture, painted):
    """Add a share of what is known of one sample."""
    w0 = np.float32(1) - w1 - w2
    a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
    w0, w1, w2 = w0 * share, w1 * share, w2 * share
    for k in range(3):
        point[N + k] += w0 * normals[a, k] + w1 * normals[b, k] + w2 * normals[c, k]
        point[PLACE + k] += w0 * world[a, k] + w1 * world[b, k] + w2 * world[c, k]
    if not painted:
        for k in range(7):
            point[TRAIT + k] += w0 * traits[a, k] + w1 * traits[b, k] + w2 * traits[c, k]
        return
    u = (w0 * traits[a, U] + w1 * traits[b, U] + w2 * traits[c, U]) / share
    v = (w0 * traits[a, V] + w1 * traits[b, V] + w2 * traits[c, V]) / share
    point[TRAIT + OCCLUSION] += w0 * traits[a, OCCLUSION] + w1 * traits[b, OCCLUSION] + w2 * traits[c, OCCLUSION]
    point[TRAIT + SHADE] += w0 * traits[a, SHADE] + w1 * traits[b, SHADE] + w2 * traits[c, SHADE]
    red, green, blue, gloss = texel(texture, u, v)
    point[PAINT] += share * red
    point[PAINT + 1] += share * green
    point[PAINT + 2] += share * blue
    point[PAINT + 3] += share * gloss


@compiled
def one_material(ids, depth, material, row, column, factor):
    """The material of a pixel that lies wholly within skin, or wholly within the bust, on one surface; else −1."""
    if ids[row, column] < 0:
        return -1
    kind = material[ids[row, column]]
    if kind != SKIN and kind != BUST:
        return -1
    low = high = depth[row, column]
    for j in range(factor):
        for i in range(factor):
            t = ids[row + j, column + i]
            if t < 0 or material[t] != kind:
                return -1
            low, high = min(low, depth[row + j, column + i]), max(high, depth[row + j, column + i])
    return kind if high - low < SAME_SURFACE * high else -1


@compiled
def facing(point, kind, camera):
    """The unit normal of a point, the unit direction to the camera, and the cosine between them, at least 0.03.

    An interpolated normal at a silhouette may point away from the camera: it is bent back.
    """
    nx, ny, nz = point[N], point[N + 1], point[N + 2]
    vx, vy, vz = -point[PLACE], -point[PLACE + 1], camera - point[PLACE + 2]
    k = 1 / sqrt(vx * vx + vy * vy + vz * vz)
    vx, vy, vz = vx * k, vy * k, vz * k
    k = 1 / (sqrt(nx * nx + ny * ny + nz * nz) + 1e-9)
    nx, ny, nz = nx * k, ny * k, nz * k
    ndv = nx * vx + ny * vy + nz * vz
    if kind == GLASSES and ndv < 0:
        nx, ny, nz, ndv = -nx, -ny, -nz, -ndv
    if ndv < 0.03:
        k = 0.03 - ndv
        nx, ny, nz = nx + k * vx, ny + k * vy, nz + k * vz
        k = 1 / sqrt(nx * nx + ny * ny + nz * nz)
        nx, ny, nz, ndv = nx * k, ny * k, nz * k, 0.03
    return nx, ny, nz, vx, vy, vz, ndv


@compiled
def half_way(nx, ny, nz, vx, vy, vz, lights, lamp):
    """The cosine of a normal with the direction half-way between the camera and a lamp."""
    hx, hy, hz = lights[lamp, 0] + vx, lights[lamp, 1] + vy, lights[lamp, 2] + vz
    return max(0.0, (nx * hx + ny * hy + nz * hz) / sqrt(hx * hx + hy * hy + hz * hz))


@compiled
def on_eyeball(point, side, gaze_axes, eye_centres, eye_radius):
    """Where a point is on its eyeball, in radii to the right and up of the middle of the pupil."""
    x = point[PLACE] - eye_centres[side, 0]
    y = point[PLACE + 1] - eye_centres[side, 1]
    z = point[PLACE + 2] - eye_centres[side, 2]
    right = gaze_axes[0, 0] * x + gaze_axes[1, 0] * y + gaze_axes[2, 0] * z
    up = gaze_axes[0, 1] * x + gaze_axes[1, 1] * y + gaze_axes[2, 1] * z
    return right / eye_radius, up / eye_radius


@compiled
def colour_of(
    point, kind, side, palette, lights, camera, opening, turn, gaze_axes, eye_centres, eye_radius,
    shadow_matrix, shadow_map, with_shadow,
):  # fmt: skip
    """The linear colour of a point, from all lamps."""
    nx, ny, nz, vx, vy, vz, ndv = facing(point, kind, camera)
    px, py, pz = point[PLACE], point[PLACE + 1], point[PLACE + 2]
    u, v, occlusion, extra = point[TRAIT + U], point[TRAIT + V], point[TRAIT + OCCLUSION], point[TRAIT + SHADE]
    a, b, c = point[TRAIT + A], point[TRAIT + B], point[TRAIT + C]
    ndl = nx * lights[KEY, 0] + ny * lights[KEY, 1] + nz * lights[KEY, 2]
    ndf = nx * lights[FILL, 0] + ny * lights[FILL, 1] + nz * lights[FILL, 2]
    ndr = nx * lights[RIM, 0] + ny * lights[RIM, 1] + nz * lights[RIM, 2]
    shadowed = with_shadow and kind != GLASSES and ndl > -0.42
    shadow = 1.0
    if kind == HAIR:
        if shadowed:
            shadow = lit_share(px, py, pz, shadow_matrix, shadow_map, 2)
        tx = turn[0, 0] * a + turn[0, 1] * b + turn[0, 2] * c
        ty = turn[1, 0] * a + turn[1, 1] * b + turn[1, 2] * c
        tz = turn[2, 0] * a + turn[2, 1] * b + turn[2, 2] * c
        return hair_colour(
            u, tx, ty, tz, extra, occlusion, nx, ny, nz, vx, vy, vz, shadow, ndl, ndf, ndr, ndv, lights, palette
        )
    if shadowed:
        shadow = lit_share(px, py, pz, shadow_matrix, shadow_map, 4)
    ndh = half_way(nx, ny, nz, vx, vy, vz, lights, KEY)
    nfh = half_way(nx, ny, nz, vx, vy, vz, lights, FILL)
    if kind in (SKIN, WET_RIM):
        red, green, blue, gloss = point[PAINT], point[PAINT + 1], point[PAINT + 2], point[PAINT + 3]
        surface = skin_surface(red, green, blue, gloss, extra, occlusion, palette, kind == WET_RIM)
    elif kind == BUST:
        surface = bust_surface(a, b, c, occlusion, palette)
    elif kind == EYE:
        x, y = on_eyeball(point, side, gaze_axes, eye_centres, eye_radius)
        surface = eye_surface(x, y, extra, ndh, nfh, palette)
        shadow = (0.5 * shadow + 0.5) * extra
    elif kind == TEETH:
        surface = tooth_surface(u, v, extra, opening)
        shadow = (0.4 + 0.6 * shadow) * surface[8]
    elif kind == TONGUE:
        surface = tongue_surface(extra, opening)
        shadow = (0.4 + 0.6 * shadow) * surface[8]
    elif kind == MOUTH:
        surface = mouth_surface(extra)
        shadow = (0.3 + 0.3 * shadow) * surface[8]
    else:
        surface = plain_surface(palette, P_LASH if kind == LASH else P_FRAME, 0.0 if kind == LASH else 1.0)
    return reflected(surface, shadow, ndl, ndf, ndr, ndv, ndh, nfh, ny, lights)


@compiled
def shade(
    ids, weights, depth, triangles, material, world, normals, traits, texture, palette, lights, camera, opening,
    turn, gaze_axes, eye_centres, eye_radius, shadow_matrix, shadow_map, with_shadow, background, factor, point,
    samples,
):  # fmt: skip
    """The linear colour of every sample; a pixel wholly within the skin or the bust is lit once.

    ``turn`` is the head's rotation, ``gaze_axes`` the eyes' (its columns are their right, up and forward in the room).
    ``background`` has one colour for factor × factor samples.
    """
    share = np.float32(1) / np.float32(factor * factor)
    for y in range(background.shape[0]):
        for x in range(background.shape[1]):
            row, column = y * factor, x * factor
            whole = one_material(ids, depth, material, row, column, factor)
            if whole >= 0:
                clear(point)
                for j in range(factor):
                    for i in range(factor):
                        w1, w2 = weights[row + j, column + i, 0], weights[row + j, column + i, 1]
                        add_sample(
                            point, ids[row + j, column + i], w1, w2, share,
                            triangles, world, normals, traits, texture, whole == SKIN,
                        )  # fmt: skip
                red, green, blue = colour_of(
                    point, whole, 0, palette, lights, camera, opening, turn, gaze_axes, eye_centres, eye_radius,
                    shadow_matrix, shadow_map, with_shadow,
                )  # fmt: skip
            for j in range(factor):
                for i in range(factor):
                    t = ids[row + j, column + i]
                    if t < 0:
                        red, green, blue = background[y, x, 0], background[y, x, 1], background[y, x, 2]
                    elif whole < 0:
                        kind = material[t]
                        clear(point)
                        w1, w2 = weights[row + j, column + i, 0], weights[row + j, column + i, 1]
                        painted = kind in (SKIN, WET_RIM)
                        one = np.float32(1)
                        add_sample(point, t, w1, w2, one, triangles, world, normals, traits, texture, painted)
                        side = 0 if traits[triangles[t, 0], A] > 0 else 1
                        red, green, blue = colour_of(
                            point, kind, side, palette, lights, camera, opening, turn, gaze_axes, eye_centres,
                            eye_radius, shadow_matrix, shadow_map, with_shadow,
                        )  # fmt: skip
                    samples[row + j, column + i, 0] = red
                    samples[row + j, column + i, 1] = green
                    samples[row + j, column + i, 2] = blue


@compiled
def gather_openness(screen, normals, direction, depth, slack, softness, seen, possible):
    """Add one direction of the sky to what each vertex sees and could see."""
    rows, columns = depth.shape
    for i in range(screen.shape[0]):
        cosine = normals[i, 0] * direction[0] + normals[i, 1] * direction[1] + normals[i, 2] * direction[2]
        if cosine <= 0:
            continue
        x = min(max(int(screen[i, 0]), 0), columns - 1)
        y = min(max(int(screen[i, 1]), 0), rows - 1)
        hidden = min(max((depth[y, x] - screen[i, 2] - slack) / softness, np.float32(0)), np.float32(1))
        seen[i] += cosine * (1 - hidden)
        possible[i] += cosine
