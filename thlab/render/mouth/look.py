"""What a photograph says about the inside of its mouth: the light that reaches it, its lips, perhaps its own teeth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from thlab.render import opencv as cv2
from thlab.render.grain import Grain
from thlab.render.medium import Mask, Medium, Picture, Polyline, filled

Colour = Float32[np.ndarray, "3"]
"""Red, green, blue in levels of 255."""
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
"""Rec. 601 weights of the channels."""
TOOTH_CHROMA = 0.45
"""Teeth keep this share of the colour cast of lit skin; the rest of it is the skin's own pigment."""
IVORY = np.array([1.02, 1.0, 0.91], np.float32)
"""The cast of teeth in white light."""
COLOURFUL = 15.0
"""CIELAB chroma of the skin from which teeth have their full ivory; a grey picture has grey teeth."""
BRIGHTEST_TEETH = 228.0
UPPER_EDGE = 0.040
"""Head units (10 cm) from the line where the lips meet down to the edge of the upper incisors."""
FEWEST_TOOTH_PIXELS = 40


@dataclass(frozen=True)
class LipLines:
    """Contours of the lips in the photograph, from the corner on the left of the picture to the one on the right."""

    upper_outer: Polyline
    upper_inner: Polyline
    lower_inner: Polyline
    lower_outer: Polyline

    def inside(self) -> Polyline:
        """The polygon of the opening."""
        return np.concatenate([self.upper_inner, self.lower_inner[::-1]])

    def lips(self) -> list[Polyline]:
        """The polygons of the two lips."""
        return [
            np.concatenate([self.upper_outer, self.upper_inner[::-1]]),
            np.concatenate([self.lower_inner, self.lower_outer[::-1]]),
        ]


@dataclass(frozen=True)
class MouthFrame:
    """Where the skull holds its teeth in a picture; it follows the head, never the lips."""

    origin: Float32[np.ndarray, "2"]
    """Pixels: the front of the incisors at the height where closed lips meet."""
    axes: Float32[np.ndarray, "2 2"]
    """Columns: what one head unit to the right, and one down, is in pixels."""

    @property
    def unit(self) -> float:
        """Pixels of a head unit downwards."""
        return float(np.linalg.norm(self.axes[:, 1]))

    def inside(self, points: Polyline) -> Polyline:
        """Pixels to head units."""
        return ((points - self.origin) @ np.linalg.inv(self.axes).T).astype(np.float32)


@dataclass(frozen=True)
class MouthLook:
    """All that is needed of the photograph to paint its mouth open."""

    has_teeth: bool
    flat: bool
    """Drawn in one colour, without light and shade."""
    stone: bool
    teeth: Colour
    tongue: Colour
    gum: Colour
    cavity: Colour
    own_teeth: Float32[np.ndarray, "height width 4"]
    """Colours of the teeth of an open smile and, fourth, 0 to 1 how surely they are teeth; a crop, perhaps empty."""
    own_corner: tuple[int, int]
    """x and y of the crop's first pixel in the photograph."""
    own_frame: MouthFrame
    """The frame of the photograph, in which the own teeth lie."""
    upper_edge: float
    """Head units from the meeting line of the lips down to the edge of the upper incisors."""
    skin_luminance: float
    grain: Grain


def learn(
    picture: Picture, lips: LipLines, frame: MouthFrame, *, skin: Mask, eyes: Mask, medium: Medium, grain: Grain
) -> MouthLook:
    """Read off a photograph what colours the inside of its mouth must have.

    The light in the mouth is that of the brightest skin and of the whites of the eyes. Teeth take its brightness and a
    part of its cast; tongue and cavity are darkened lip. An open smile shows its teeth: they are kept, fixed to
    the skull, and the painted ones take their colour.

    Args:
        picture: the face at rest.
        lips: its contours.
        frame: its skull frame.
        skin: cheeks and forehead.
        eyes: inside both eye openings.
        medium: stone and drawings get no teeth.
        grain: what the painted parts will be roughened with.

    Notebook: 06, from photograph to numbers and back.
    """
    pixels = picture.astype(np.float32)
    skin_colour, light = np.median(pixels[skin], 0), brightest(pixels[skin], 80.0)
    lip = np.median(pixels[filled(lips.lips(), picture.shape[:2])], 0)
    teeth = tooth_colour(0.5 * (skin_colour + light), brightest(pixels[eyes], 85.0), chroma=medium.chroma)
    own, corner = teeth_of_smile(pixels, lips, frame, light)
    sure = own[..., 3] > 0.7 if own.size else np.zeros((0, 0), bool)
    if sure.sum() > FEWEST_TOOTH_PIXELS:
        teeth = 0.8 * np.median(own[sure], 0)[:3] + 0.2 * teeth
    return MouthLook(
        has_teeth=medium.has_teeth,
        flat=medium.kind == "drawing",
        stone=medium.kind == "stone",
        teeth=teeth.astype(np.float32),
        tongue=(0.62 * lip + 0.08 * skin_colour).astype(np.float32),
        gum=(0.60 * lip + 0.20 * skin_colour).astype(np.float32),
        cavity=cavity_colour(pixels, medium, lip, skin_colour, eyes),
        own_teeth=own,
        own_corner=corner,
        own_frame=frame,
        upper_edge=edge_of(own, corner, frame) if sure.sum() > FEWEST_TOOTH_PIXELS else UPPER_EDGE,
        skin_luminance=float(skin_colour @ LUMINANCE),
        grain=grain,
    )


def brightest(pixels: np.ndarray, percentile: float) -> np.ndarray:
    """Mean colour of the pixels above a percentile of luminance."""
    luminance = pixels @ LUMINANCE
    return pixels[luminance >= np.percentile(luminance, percentile)].mean(0)


def tooth_colour(light: np.ndarray, eye_white: np.ndarray, *, chroma: float) -> np.ndarray:
    """Teeth in the light that falls on skin and on the whites of the eyes."""
    brightness = 0.65 * light @ LUMINANCE + 0.35 * eye_white @ LUMINANCE
    cast = light / max(float(light @ LUMINANCE), 1.0)
    ivory = 1.0 + min(chroma / COLOURFUL, 1.0) * (IVORY - 1.0)
    colour = brightness * (1.0 + TOOTH_CHROMA * (cast - 1.0)) * ivory
    return colour * min(1.0, BRIGHTEST_TEETH / float(colour.max() + 1e-3))


def cavity_colour(pixels: np.ndarray, medium: Medium, lip: np.ndarray, skin: np.ndarray, eyes: Mask) -> Colour:
    """The dark behind the teeth: lip in deep shadow, stone in shadow, or the darkest ink of a drawing."""
    if medium.kind == "drawing":
        luminance = pixels[eyes] @ LUMINANCE
        return np.median(pixels[eyes][luminance <= np.percentile(luminance, 25)], 0).astype(np.float32)
    if medium.kind == "stone":
        return (0.30 * skin).astype(np.float32)
    return np.clip(0.16 * lip, 2, 40).astype(np.float32)


def teeth_of_smile(
    pixels: np.ndarray, lips: LipLines, frame: MouthFrame, light: np.ndarray
) -> tuple[Float32[np.ndarray, "height width 4"], tuple[int, int]]:
    """The bright, pale pixels between the lips of an open smile: a crop with their surety, and its corner."""
    nothing = np.zeros((0, 0, 4), np.float32), (0, 0)
    opening = np.linalg.norm(lips.lower_inner - lips.upper_inner, axis=1).max() / frame.unit
    inside = filled([lips.inside()], pixels.shape[:2])
    if opening < 0.035 or inside.sum() < FEWEST_TOOTH_PIXELS:
        return nothing
    bright = brightest(pixels[inside], 75.0)
    if bright @ LUMINANCE < 0.75 * light @ LUMINANCE or saturation(bright) > saturation(light) + 0.03:
        return nothing
    margin = max(1, round(0.008 * frame.unit))
    core = cv2.erode(inside.astype(np.float32), np.ones((2 * margin + 1, 2 * margin + 1)))
    share = cv2.GaussianBlur(pixels, (0, 0), 0.004 * frame.unit) @ LUMINANCE / float(bright @ LUMINANCE)
    surety = cv2.GaussianBlur(core, (0, 0), 0.5 * margin + 0.3) * np.clip((share - 0.45) / 0.25, 0, 1)
    rows, columns = (np.flatnonzero(inside.any(axis)) for axis in (1, 0))
    crop = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return np.dstack([pixels, surety])[crop].astype(np.float32), (int(columns[0]), int(rows[0]))


def saturation(colour: np.ndarray) -> float:
    """0 for grey, 1 for a pure colour."""
    return float(np.ptp(colour) / (colour.max() + 1.0))


def edge_of(own: Float32[np.ndarray, "height width 4"], corner: tuple[int, int], frame: MouthFrame) -> float:
    """Where the upper incisors of a smile end, in head units below the meeting line."""
    middle = own[:, own.shape[1] // 3 : 2 * own.shape[1] // 3, 3] > 0.5
    lowest = own.shape[0] - np.argmax(middle[::-1], axis=0)[middle.any(0)]
    if not lowest.size:
        return UPPER_EDGE
    point = np.array([[corner[0] + own.shape[1] / 2, corner[1] + np.median(lowest)]], np.float32)
    return float(np.clip(frame.inside(point)[0, 1], 0.0, 0.09))
