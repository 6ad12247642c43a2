"""What a photograph says about a closed eye that it does not show: the skin of the lid, and the line of lashes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from thlab.render import opencv as cv2
from thlab.render.grain import Grain
from thlab.render.medium import Mask, Medium, Picture, Polyline

COLUMNS = 48
"""Places along the eye at which lines and colours are kept."""
ROWS = 24
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
LASHES_ABOVE = 0.070
"""Head units above the rim of the lid within which its lashes are looked for."""
LASHES_BELOW = 0.010
WHITE = 1.15
"""Only an eye this much lighter than the skin under it can be told from it."""
WHITE_BELOW = 0.045
"""Head units below the lower rim within which the white of the eye is looked for."""
FEATHER = 0.022
"""Head units over which the upper end of the lid fades into the picture."""
BEYOND = 0.14
"""Shares of the eye's length by which lids and lashes reach beyond its corners."""
SHARES = np.linspace(-BEYOND, 1.0 + BEYOND, COLUMNS)
"""Where the columns lie: 0 at the outer corner, 1 at the inner one."""
INK = 25.0
"""Levels by which the lid of a drawing is lighter than the ink of its lines."""
LIFTED = 0.25
"""A closed lid bulges out of the shade of its socket: its darkness against the cheek shrinks by this power."""
INK_LINE = 0.012
"""Head units: half a line of a drawing, or the edge of a lid of stone."""
SEAM_SHADE = 0.85
"""The upper end of a lid is not darker than this share of the skin above it: what is darker is hair."""
Colours = Float32[np.ndarray, "columns 3"]
Line = Float32[np.ndarray, "columns"]


@dataclass(frozen=True)
class EyeLines:
    """Contours around one eye, in pixels, each from the outer corner (towards the ear) to the inner one."""

    upper: Polyline
    """The rim of the upper lid."""
    crease: Polyline
    """The fold above it."""
    fold: Polyline
    """Half way to the brow."""
    lower: Polyline
    """The rim of the lower lid."""
    bag: Polyline
    """The lower end of the lower lid."""

    @property
    def origin(self) -> Float32[np.ndarray, "2"]:
        """The outer corner."""
        return 0.5 * (self.upper[0] + self.lower[0])

    @property
    def axes(self) -> Float32[np.ndarray, "2 2"]:
        """Columns: the unit vectors along the eye and, at a right angle, down over the ball of the eye."""
        along = 0.5 * (self.upper[-1] + self.lower[-1]) - self.origin
        along = along / max(float(np.linalg.norm(along)), 1e-6)
        down = np.array([-along[1], along[0]], np.float32)
        below = self.bag.mean(0) - self.fold.mean(0)
        return np.stack([along, down * np.sign(down @ below)], axis=1).astype(np.float32)

    @property
    def length(self) -> float:
        """From corner to corner, pixels."""
        return float(np.linalg.norm(0.5 * (self.upper[-1] + self.lower[-1]) - self.origin))

    def heights(self, line: Polyline) -> Line:
        """How far down a contour lies at the places of the columns, pixels; level beyond its ends."""
        local = (line - self.origin) @ self.axes
        local = local[np.argsort(local[:, 0])]
        return smoothed(np.interp(SHARES * self.length, local[:, 0], local[:, 1]).astype(np.float32))

    def pixels(self, heights: Float32[np.ndarray, "rows columns"]) -> Float32[np.ndarray, "rows columns 2"]:
        """Places given by column and height, in pixels of the picture."""
        along = np.broadcast_to(SHARES * self.length, heights.shape)
        return (self.origin + np.stack([along, heights], -1) @ self.axes.T).astype(np.float32)


@dataclass(frozen=True)
class LidLook:
    """All that is needed of the photograph to close one of its eyes."""

    skin: Float32[np.ndarray, "rows columns 3"]
    """The lid from its upper end to its rim, with its light and shade."""
    lashes: Float32[np.ndarray, "3"]
    """Colour of the line of lashes, or of the ink or shadow that stands for it."""
    thickness: float
    """Of that line, head units."""
    white: Line
    """How far below the contour of the lower rim the white of the eye reaches, head units."""
    hidden: Line
    """How far above the rim the lashes of the open eye reach, head units: so much is covered by lid."""
    unit: float
    """Pixels of a head unit in the photograph."""
    flat: bool
    has_lashes: bool
    grain: Grain


def learn(picture: Picture, eye: EyeLines, *, unit: float, skin: Mask, medium: Medium, grain: Grain) -> LidLook:
    """Read off a photograph how one of its eyes looks when it closes.

    Skin is sampled above the lashes and below the lower lid, lighter half only, so that lashes, creases and the rims
    of glasses stay out; lashes are measured across the rim of the upper lid.

    Args:
        picture: the face at rest, its eyes open.
        eye: its contours.
        unit: pixels of a head unit (10 cm).
        skin: cheeks and forehead, to lean on where a lid is all shadow.
        medium: drawings get a flat lid; stone has no lashes.
        grain: roughness and sharpness of the picture.

    Notebook: 06.
    """
    pixels = picture.astype(np.float32)
    hidden, peak, thickness = lash_profile(pixels, eye, unit)
    if not medium.has_teeth:
        hidden = np.full_like(hidden, INK_LINE)
    lid = flat_lid(pixels, eye) if medium.kind == "drawing" else rounded_lid(picture, eye, hidden, skin, unit=unit)
    return LidLook(
        skin=lid,
        lashes=np.minimum(peak, 0.70 * np.median(lid, (0, 1))).astype(np.float32),
        thickness=float(np.clip(thickness, 0.007, 0.025)),
        white=white_below(cv2.GaussianBlur(pixels, (0, 0), max(0.004 * unit, 0.5)), eye, unit),
        hidden=hidden,
        unit=unit,
        flat=medium.kind == "drawing",
        has_lashes=medium.kind != "stone",
        grain=grain,
    )


def rounded_lid(
    picture: Picture, eye: EyeLines, hidden: Line, skin: Mask, *, unit: float
) -> Float32[np.ndarray, "rows columns 3"]:
    """The lid of a photograph: from the skin above the lashes to that below the eye, shaded as over a ball."""
    soft = cv2.GaussianBlur(picture, (0, 0), max(0.008 * unit, 0.5)).astype(np.float32)
    cheek = np.median(picture[skin].astype(np.float32), 0)
    lower, bag, fold = eye.heights(eye.lower), eye.heights(eye.bag), eye.heights(eye.fold)
    top = eye.heights(eye.upper) - (hidden + FEATHER) * unit
    band = between(top, np.minimum(0.4 * eye.heights(eye.crease) + 0.6 * fold, top))
    above = light_half(sampled(soft, eye.pixels(band)), cheek)
    below = light_half(sampled(soft, eye.pixels(between(0.3 * lower + 0.7 * bag, 2.2 * bag - 1.2 * lower))), cheek)
    seam = smoothed(sampled(soft, eye.pixels(top[None]))[0], scale=4.0)
    seam *= np.maximum(1.0, SEAM_SHADE * (above @ LUMINANCE) / np.maximum(seam @ LUMINANCE, 1.0))[:, None]
    ends = np.stack([0.8 * seam + 0.2 * below, 0.25 * above + 0.75 * below, 0.2 * above + 0.8 * below])
    down = np.linspace(0.0, 2.0, ROWS)
    first = np.minimum(down.astype(int), 1)
    share = (down - first)[:, None, None]
    return (((1 - share) * ends[first] + share * ends[first + 1]) * shading()[..., None]).astype(np.float32)


def shading() -> Float32[np.ndarray, "rows columns"]:
    """How light a lid is over the ball of the eye: lighter on the bulge, darker towards the rim and the corners."""
    down, across = np.linspace(0.0, 1.0, ROWS)[:, None], np.clip(2 * SHARES - 1, -1, 1)[None]
    bulge = 0.07 * np.exp(-(((down - 0.42) / 0.26) ** 2) - (across / 0.6) ** 2)
    towards_rim = np.clip((down - 0.5) / 0.5, 0, 1) ** 2
    return ((1.0 + bulge - 0.12 * towards_rim) * (1.0 - 0.06 * across**2 * np.sqrt(down))).astype(np.float32)


def flat_lid(pixels: Float32[np.ndarray, "height width 3"], eye: EyeLines) -> Float32[np.ndarray, "rows columns 3"]:
    """The lid of a drawing: the commonest colour around the eye that is not the ink of its lines."""
    around = np.concatenate([
        sampled(pixels, eye.pixels(between(eye.heights(first), eye.heights(last)))).reshape(-1, 3)
        for first, last in ((eye.fold, eye.crease), (eye.lower, eye.bag))
    ])  # fmt: skip
    luminance = around @ LUMINANCE
    light = around[luminance > np.percentile(luminance, 2) + INK]
    if not len(light):
        light = around
    cells, counts = np.unique((light // 24).astype(int), axis=0, return_counts=True)
    commonest = ((light // 24).astype(int) == cells[counts.argmax()]).all(1)
    return np.broadcast_to(np.median(light[commonest], 0), (ROWS, COLUMNS, 3)).astype(np.float32)


def between(first: Line, last: Line) -> Float32[np.ndarray, "rows columns"]:
    """Equally spaced heights from one line to another."""
    share = np.linspace(0.0, 1.0, ROWS, dtype=np.float32)[:, None]
    return first + share * (last - first)


def sampled(
    pixels: Float32[np.ndarray, "height width 3"], places: Float32[np.ndarray, "rows columns 2"]
) -> Float32[np.ndarray, "rows columns 3"]:
    """Colours at places between the pixels; beyond the picture its border goes on."""
    across, down = (np.ascontiguousarray(places[..., k] - 0.5) for k in (0, 1))
    return cv2.remap(pixels, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def light_half(colours: Float32[np.ndarray, "rows columns 3"], cheek: np.ndarray) -> Colours:
    """For each column the mean of its lighter skin, smoothed along the eye, and lifted towards the cheek's light."""
    luminance = colours @ LUMINANCE
    low, high = np.percentile(luminance, [60, 95], axis=0)
    chosen = ((luminance >= low) & (luminance <= high))[..., None]
    columns = (colours * chosen).sum(0) / np.maximum(chosen.sum(0), 1)
    typical = np.median(columns, 0)
    columns = smoothed(0.7 * columns + 0.3 * typical, scale=4.0)
    shade = np.clip(typical @ LUMINANCE / max(float(cheek @ LUMINANCE), 1.0), 0.3, 1.0)
    return (columns * shade**-LIFTED).astype(np.float32)


def smoothed(values: np.ndarray, *, scale: float = 1.2) -> np.ndarray:
    """A Gaussian along the columns; the ends are repeated."""
    kernel = np.exp(-0.5 * (np.arange(-12, 13) / scale) ** 2)
    padded = np.pad(values, [(12, 12)] + [(0, 0)] * (values.ndim - 1), mode="edge")
    rows = np.lib.stride_tricks.sliding_window_view(padded, 25, axis=0)
    return (rows @ (kernel / kernel.sum())).astype(np.float32)


def lash_profile(
    pixels: Float32[np.ndarray, "height width 3"], eye: EyeLines, unit: float
) -> tuple[Line, np.ndarray, float]:
    """How far the lashes reach above the rim, their darkest colour, and how thick a line of that colour they make."""
    rim = eye.heights(eye.upper)
    offsets = np.linspace(-LASHES_ABOVE, LASHES_BELOW, 2 * ROWS, dtype=np.float32)[:, None]
    colours = sampled(pixels, eye.pixels(rim + offsets * unit))
    luminance = colours @ LUMINANCE
    skin = np.percentile(luminance[: int(1.2 * ROWS)], 80, axis=0)
    darkness = np.clip(1.0 - luminance / np.maximum(skin, 1.0), 0.0, 1.0)
    peak = darkness.max(0)
    middle = slice(COLUMNS // 6, COLUMNS - COLUMNS // 6)
    dark = darkness > np.maximum(0.25 * peak, 0.10)
    first = reach_upwards(dark, darkness.argmax(0))
    typical = np.median(np.maximum(-offsets[first, 0], 0.0)[middle])
    longest = np.minimum(typical + 0.012 + 0.030 * np.clip(1.0 - 3.0 * SHARES, 0, 1), LASHES_ABOVE)
    longest = np.minimum(longest, np.maximum(0.9 * (rim - eye.heights(eye.crease)) / unit, 0.012))
    curled = 0.015 * np.clip(1.0 - 3.0 * SHARES, 0, 1)
    reach = np.maximum(np.clip(-offsets[first, 0], 0.0, longest), 0.8 * typical)
    hidden = smoothed(reach + curled + 0.006, scale=3.0)
    step = float(offsets[1, 0] - offsets[0, 0])
    thickness = float(np.median((darkness.sum(0) / np.maximum(peak, 0.05))[middle])) * step
    above = offsets[:, 0] < 0.004
    line = colours[above][:, middle].reshape(-1, 3)
    darkest = line[line @ LUMINANCE <= np.percentile(line @ LUMINANCE, 12)].mean(0)
    return hidden, darkest, 0.5 * thickness


def white_below(pixels: Float32[np.ndarray, "height width 3"], eye: EyeLines, unit: float) -> Line:
    """How far pixels below the lower rim are nearer to the white of the eye than to the skin under it.

    In photographs hardly at all; the eyes of cartoons are often larger than the landmarks say.
    """
    upper, lower = eye.heights(eye.upper), eye.heights(eye.lower)
    opening = sampled(pixels, eye.pixels(between(upper, lower))).reshape(-1, 3)
    white = np.median(opening[opening @ LUMINANCE >= np.percentile(opening @ LUMINANCE, 80)], 0)
    skin = np.median(sampled(pixels, eye.pixels(eye.heights(eye.bag)[None]))[0], 0)
    if white @ LUMINANCE < WHITE * (skin @ LUMINANCE):
        return np.zeros(COLUMNS, np.float32)
    offsets = np.linspace(0.0, WHITE_BELOW, ROWS, dtype=np.float32)[:, None]
    colours = sampled(pixels, eye.pixels(lower + offsets * unit))
    like_skin = np.linalg.norm(colours - skin, axis=2) < np.linalg.norm(colours - white, axis=2)
    reach = offsets[np.where(like_skin.any(0), like_skin.argmax(0), 0), 0]
    return smoothed(reach, scale=5.0)


def reach_upwards(dark: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The row at which an unbroken dark run above each column's start begins."""
    row = start.copy()
    for _ in range(dark.shape[0]):
        above = np.maximum(row - 1, 0)
        row = np.where(dark[above, np.arange(dark.shape[1])], above, row)
    return row
