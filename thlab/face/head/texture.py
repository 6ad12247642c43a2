"""The skin of one person as a picture: blush, lips, brows, beard, scalp, freckles and lines, painted layer upon layer.

Layers that everyone shares (where a cheek is) are worked out once; a person only mixes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from jaxtyping import Float32
from scipy.ndimage import gaussian_filter

from thlab.face.head import kernels
from thlab.face.head.face_surface import MOUTH_Y
from thlab.face.head.person import Colour, Person, scaled
from thlab.face.head.scalp import hairline
from thlab.face.head.solid import bump, smoothstep
from thlab.face.head.unwrap import TEXELS, SurfaceMap, Texels, surface_map

Picture = Float32[np.ndarray, "texels texels 4"]
"""Linear red, green, blue, and how glossy the skin is (1 is ordinary)."""
BROW_INNER, BROW_LENGTH = 0.115, 0.36
BROW_Y = 0.195


@dataclass(frozen=True, eq=False)
class Texture:
    """A person's skin."""

    pyramid: tuple[Float32[np.ndarray, "_ _ 4"], ...]
    """The picture, and halves of it; see :data:`Picture`."""
    brows: Texels
    """How much of a texel is eyebrow."""
    beard: Texels
    """How much of a texel is beard."""
    scalp: Texels
    """How much of a texel is covered by the hair of the head."""


@cache
def noises() -> Mapping[str, Texels]:
    """Grains of several sizes with unit variance, the same for everyone; a person shifts them."""
    rng = np.random.default_rng(20)
    grains: dict[str, float | tuple[float, float]] = {
        "mottle": 7.0, "blotch": 22.0, "pores": 0.8, "strokes": (2.6, 0.7), "stubble": (1.8, 0.7),
    }  # fmt: skip
    made = {}
    for name, grain in grains.items():
        noise = gaussian_filter(rng.standard_normal((TEXELS, TEXELS)), grain, mode="wrap")
        made[name] = (noise / noise.std()).astype(np.float32)
    return MappingProxyType(made)


@cache
def regions() -> Mapping[str, Texels]:
    """Where the parts of the mean face are, 0 to 1."""
    m = surface_map()
    side, y, height = m.side, m.y, m.lid_height
    cheeks = bump(side, y, (0.40, -0.28), (0.19, 0.15))
    fold_x = 0.160 + 0.15 * np.clip((-0.38 - y) / 0.24, 0, 1) ** 1.2
    fold = np.exp(-(((side - fold_x) / 0.025) ** 2)) * smoothstep(-0.68, -0.55, y) * smoothstep(-0.34, -0.42, y)
    wrinkles = sum(np.exp(-(((y - level - 0.03 * np.cos(6 * m.x)) / 0.011) ** 2)) for level in (0.40, 0.48, 0.56))
    upper = smoothstep(0.05, 0.4, height)
    made = {
        "blush": cheeks + 0.7 * bump(m.x, y, (0, -0.34), (0.10, 0.08)) + 0.3 * bump(m.x, y, (0, -0.93), (0.15, 0.1)),
        "forehead": bump(m.x, y, (0, 0.55), (0.5, 0.28)),
        "socket": bump(side, y, (0.32, 0.0), (0.22, 0.14)),
        "under_eye": bump(side, y, (0.29, -0.125), (0.13, 0.035)),
        "eye_shadow": bump(side, y, (0.34, 0.075), (0.17, 0.055)) * (y > 0),
        "crease": np.exp(-(((m.lid_ring - 1.31) / 0.08) ** 2)) * upper,
        "lower_crease": np.exp(-(((m.lid_ring - 1.45) / 0.10) ** 2)) * smoothstep(-0.2, -0.5, height),
        "fold": fold,
        "ala": np.exp(-(((side - 0.150) / 0.02) ** 2)) * np.exp(-(((y + 0.39) / 0.05) ** 2)),
        "nostril": np.clip(1.1 * bump(side, y, (0.048, -0.438), (0.028, 0.013)), 0, 1),
        "wrinkles": wrinkles * smoothstep(0.45, 0.25, side) * (m.z > 0),
        "crow": np.exp(-(((m.lid_ring - 1.7) / 0.10) ** 2))
        * smoothstep(0.42, 0.50, side)
        * (0.5 + 0.5 * np.sin(70 * y)),
        "lips": smoothstep(3.3, 2.6, m.lip_ring),
        "lip_line": smoothstep(0.8, 0.0, m.lip_ring),
        "nose": bump(m.x, y, (0, -0.2), (0.09, 0.28)),
        "freckles": bump(m.x, y, (0, -0.22), (0.5, 0.20)),
    }
    return MappingProxyType({name: np.asarray(region, np.float32) for name, region in made.items()})


@cache
def beard_regions() -> tuple[Texels, Texels]:
    """Where a full beard grows, and a moustache."""
    m = surface_map()
    side, y = m.side, m.y
    below_cheek = smoothstep(-0.40, -0.62, y - 0.55 * np.maximum(side - 0.30, 0))
    chin_or_jaw = np.maximum(smoothstep(0.28, 0.46, side), smoothstep(-0.73, -0.83, y))
    clear_of_lips = smoothstep(3.1, 4.2, m.lip_ring)
    beard = below_cheek * chin_or_jaw * clear_of_lips * smoothstep(-0.20, 0.0, m.z)
    level = MOUTH_Y + 0.118 - 0.10 * side
    moustache = np.exp(-((side / 0.27) ** 4)) * np.exp(-(((y - level) / 0.055) ** 4)) * smoothstep(3.0, 3.7, m.lip_ring)
    moustache *= 0.55 + 0.45 * smoothstep(0.0, 0.03, side)
    return beard.astype(np.float32), moustache.astype(np.float32)


def shifted(rng: np.random.Generator, name: str) -> Texels:
    """A shared grain at a place of one's own."""
    return np.roll(noises()[name], tuple(rng.integers(0, TEXELS, 2)), (0, 1))


class Canvas:
    """A picture under the brush."""

    def __init__(self, ground: Colour) -> None:
        self.colour: Float32[np.ndarray, "texels texels 3"] = np.empty((TEXELS, TEXELS, 3), np.float32)
        self.colour[:] = ground

    def tint(self, where: Texels, gains: Colour, amount: float = 1.0) -> None:
        """Multiply by a colour, as a thin glaze does."""
        kernels.tint(self.colour, where, np.float32(amount), np.array(gains, np.float32))

    def cover(self, where: Texels, colour: Colour, amount: float = 1.0) -> None:
        """Paint over with a colour."""
        kernels.cover(self.colour, where, np.float32(amount), np.array(colour, np.float32))

    def grain(self, noise: Texels, amount: float) -> None:
        """Lighten and darken by a noise."""
        self.colour *= (1 + np.float32(amount) * noise)[..., None]


def paint_face(canvas: Canvas, person: Person, rng: np.random.Generator) -> None:
    """Blush, shadows around the eyes and nose, make-up, the lines of age."""
    r, tone = regions(), person.skin_tone
    years = float(np.clip((person.age - 18) / 57, 0, 1))
    canvas.tint(r["blush"], (1.0, 0.80, 0.79), 0.45 + 0.25 * rng.random() + 0.25 * person.makeup)
    canvas.tint(r["forehead"], (1.03, 1.0, 0.94), 0.5)
    canvas.tint(r["socket"], (0.90, 0.82, 0.82), 0.40)
    canvas.tint(r["under_eye"], (0.84, 0.74, 0.76), 0.2 + 0.4 * years)
    if person.makeup > 0.45:
        shade = ((0.78, 0.56, 0.54), (0.66, 0.55, 0.62), (0.70, 0.60, 0.48))[rng.integers(3)]
        canvas.tint(r["eye_shadow"], shade, person.makeup)
    canvas.tint(r["crease"], (0.60, 0.47, 0.45), 0.38)
    canvas.tint(r["lower_crease"], (0.78, 0.69, 0.69), 0.20 + 0.25 * years)
    canvas.tint(r["fold"], (0.70, 0.59, 0.56), 0.08 + 0.38 * years)
    canvas.tint(r["ala"], (0.66, 0.54, 0.51), 0.35)
    canvas.cover(r["nostril"], scaled(person.skin, (0.14, 0.08, 0.07)), 0.9)
    canvas.tint(r["wrinkles"], (0.78, 0.69, 0.66), 0.7 * max(0.0, years - 0.4))
    canvas.tint(r["crow"], (0.75, 0.66, 0.64), 0.7 * max(0.0, years - 0.35))
    if person.freckles > 0:
        spots = smoothstep(1.9, 2.6, shifted(rng, "pores")).astype(np.float32)
        canvas.tint(spots * r["freckles"], (0.68, 0.48, 0.36), min(0.7, person.freckles))
    canvas.grain(shifted(rng, "blotch"), 0.012 + 0.01 * tone)
    canvas.grain(shifted(rng, "mottle"), 0.014)
    canvas.grain(shifted(rng, "pores"), 0.016)


def paint_mole(canvas: Canvas, person: Person, rng: np.random.Generator, m: SurfaceMap) -> None:
    """Sometimes, a beauty spot."""
    if rng.random() < 0.25:
        x, y = rng.uniform(-0.5, 0.5), rng.uniform(-0.85, 0.3)
        spot = np.exp(-((m.x - x) ** 2 + (m.y - y) ** 2) / 0.011**2)
        canvas.tint(spot.astype(np.float32), (0.40, 0.30, 0.27), 0.85)


def paint_lips(canvas: Canvas, person: Person, rng: np.random.Generator) -> None:
    r = regions()
    creased = np.float32(1) + np.float32(0.05) * shifted(rng, "strokes")
    canvas.cover(r["lips"], person.lips, 0.88 if person.female else 0.72)
    canvas.colour *= (1 + r["lips"] * (creased - 1))[..., None]
    canvas.tint(r["lip_line"] * r["lips"], (0.62, 0.50, 0.50))


def brow_mask(person: Person, strokes: Texels) -> Texels:
    """Two eyebrows, feathered at their edges, thin at their outer ends."""
    m = surface_map()
    along = (m.side - BROW_INNER) / BROW_LENGTH
    t = np.clip(along, 0, 1)
    arch = 0.040 + 0.020 * person.brow_arch
    middle = BROW_Y + arch * np.sin(np.pi * t**1.25) + 0.008 * (t - 0.5) - 0.030 * t**3
    half_width = (
        0.033 * person.brow_thickness * (1 - 0.72 * smoothstep(0.4, 1.05, t)) * (0.7 + 0.3 * smoothstep(0, 0.2, t))
    )
    off = np.abs(m.y - middle) / half_width
    ends = smoothstep(-0.07, 0.10, along) * smoothstep(1.04, 0.85, along)
    mask = smoothstep(1.35, 0.45, off + 0.22 * strokes) * ends * (m.z > 0.3) * (m.y > 0.05)
    return (mask * np.clip(0.82 + 0.10 * strokes, 0, 1)).astype(np.float32)


def beard_mask(person: Person, stubble: Texels) -> Texels:
    """How much beard covers the skin; full beards are dense, light ones let the skin through evenly."""
    beard, moustache = beard_regions()
    density = np.maximum(beard * person.beard, moustache * person.moustache)
    edge = smoothstep(0.03, 0.55, density + 0.05 * stubble * (density > 0.01))
    return (edge * np.sqrt(np.clip(density, 0, 1)) * (0.90 + 0.035 * stubble)).clip(0, 0.94).astype(np.float32)


def paint_beard(canvas: Canvas, person: Person, beard: Texels) -> None:
    """The beard, and on every man the cool shadow of the shaved one."""
    if person.female:
        return
    region = np.maximum(*beard_regions())
    canvas.tint(region, (0.80, 0.81, 0.85), 0.24 * (1 - person.skin_tone))
    canvas.cover(beard, scaled(person.hair, 0.75 if max(person.hair) < 0.3 else 0.6))


def scalp_mask(person: Person, strokes: Texels, mottle: Texels) -> Texels:
    """Where hair grows, with a soft and uneven border."""
    m = surface_map()
    border = hairline(person, m.x, m.z)
    covered = smoothstep(-0.045, 0.065, m.y - border + 0.014 * strokes + 0.010 * mottle)
    density = {"bald": 0.0, "buzz": 0.80}.get(person.hair_style, 0.985)
    return (covered * density).astype(np.float32)


def gloss(person: Person, scalp: Texels, beard: Texels, mottle: Texels) -> Texels:
    """How much the skin shines: the nose and forehead more, hair hardly, lips most."""
    r = regions()
    skin = 1 + 0.2 * r["nose"] + 0.35 * r["forehead"] - 0.5 * beard - 0.85 * scalp + 0.10 * mottle
    lips = r["lips"]
    return (np.clip(skin, 0.05, 2) * (1 - lips) + (1.5 + 0.4 * person.makeup) * lips).astype(np.float32)


def pyramid(picture: Picture) -> tuple[Float32[np.ndarray, "_ _ 4"], ...]:
    """The picture and three halvings, so that small frames neither flicker nor wait for memory."""
    levels = [picture]
    for _ in range(3):
        p = levels[-1]
        levels.append(np.ascontiguousarray((p[::2, ::2] + p[1::2, ::2] + p[::2, 1::2] + p[1::2, 1::2]) / 4, np.float32))
    return tuple(levels)


def make_texture(person: Person) -> Texture:
    """Paint a person's skin."""
    rng = np.random.default_rng([person.seed, 77])
    canvas = Canvas(person.skin)
    paint_face(canvas, person, rng)
    paint_mole(canvas, person, rng, surface_map())
    paint_lips(canvas, person, rng)
    strokes, mottle = shifted(rng, "strokes"), shifted(rng, "mottle")
    brows, beard = brow_mask(person, strokes), beard_mask(person, shifted(rng, "stubble"))
    paint_beard(canvas, person, beard)
    canvas.cover(brows, person.brow)
    scalp = scalp_mask(person, strokes, mottle)
    canvas.cover(scalp, scaled(person.hair, 0.6 if person.hair_style == "buzz" else 0.45))
    canvas.colour *= (1 + 0.18 * scalp * shifted(rng, "strokes"))[..., None].clip(0.4, 1.6)
    shine = gloss(person, scalp, beard, mottle)
    picture = np.concatenate([np.clip(canvas.colour, 0.002, 1), shine[..., None]], -1)
    return Texture(pyramid(picture.astype(np.float32)), brows, beard, scalp)
