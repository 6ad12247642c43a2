"""What a picture of a face is made of: photograph (or painting), black and white, stone, or flat drawing.

What we paint into a face must be of the same stuff: a statue has no white teeth, and a drawing no pores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float32, UInt8

from thlab.render import opencv as cv2

Picture = UInt8[np.ndarray, "height width 3"]
Mask = Bool[np.ndarray, "height width"]
Polyline = Float32[np.ndarray, "points 2"]
"""x, y in pixels, x right and y down, pixel centres at .5."""
Kind = Literal["photograph", "monochrome", "stone", "drawing"]
SUBPIXEL_BITS = 4
SMALL_CHROMA = 2.5
"""Below this distance from the grey axis (CIELAB units) a colour is grey to the eye."""
SAME_COLOUR = 5.0
"""Lips of flesh differ from the skin beside them by 7 to 23 units of a, b in our portraits; those of stone by 3."""
DARK_OF_BLIND_EYES = 0.70
"""The darker quarter of an eye with an iris ends below 0.65 of the lightness of the skin; in stone it is above 0.75."""
FLAT_SHARE = 0.55
"""Share of the skin without any gradient from which a picture counts as drawn in flat colours; photographs and
paintings of ours have 2 to 40 %, the one flat drawing 76 %."""
FLAT_GRADIENT = 0.15
"""Change of lightness a pixel that nobody sees."""


@dataclass(frozen=True)
class Medium:
    """The stuff of a picture, with the measurements that decided it."""

    kind: Kind
    chroma: float
    """Distance of the skin from grey, CIELAB units."""
    lip_contrast: float
    """Distance between the colours of lips and skin in a, b; lightness left out."""
    dark_of_eyes: float
    """Lightness below which a quarter of the eyes' opening lies, in shares of the skin's."""
    flatness: float
    """Share of the skin that is of one colour with its surroundings."""

    @property
    def has_teeth(self) -> bool:
        """Whether this is flesh: an opening mouth shows teeth, and eyes have lashes."""
        return self.kind in ("photograph", "monochrome")

    @property
    def reason(self) -> str:
        """One sentence for the reader of a log."""
        return (
            f"taken for {self.kind}: skin {self.chroma:.0f} from grey, lips {self.lip_contrast:.0f} from skin, "
            f"dark of the eyes {self.dark_of_eyes:.2f} of the skin, {self.flatness:.0%} of the skin flat"
        )


def recognise(picture: Picture, *, skin: Mask, lips: Mask, eyes: Mask) -> Medium:
    """Tell stone, drawings and black-and-white pictures from photographs and paintings.

    Stone has lips of the colour of its skin and eyes without a dark pupil; a drawing has large parts without any
    gradient; a monochrome picture has no colour on skin and lips.

    Args:
        picture: the face, at the size at which it is going to be animated.
        skin: cheeks and forehead, without hair.
        lips: between the outer and the inner contours.
        eyes: inside both eye openings.

    Raises:
        ValueError: where a mask holds no pixel.

    Chapter 06. The limits were set on sixteen portraits; they are rules of thumb.
    """
    for name, mask in (("skin", skin), ("lips", lips), ("eyes", eyes)):
        if not mask.any():
            raise ValueError(f"the mask of the {name} should cover some pixels but is empty; check the landmarks")
    lab = colours_as_seen(picture)
    skin_colour, lip_colour = np.median(lab[skin], axis=0), np.median(lab[lips], axis=0)
    chroma = float(np.hypot(*skin_colour[1:]))
    lip_contrast = float(np.hypot(*(lip_colour - skin_colour)[1:]))
    dark_of_eyes = float(np.percentile(lab[eyes][:, 0], 25) / max(skin_colour[0], 1.0))
    flatness = float(np.mean(slopes(lab[..., 0])[skin] < FLAT_GRADIENT))
    grey = max(chroma, float(np.hypot(*lip_colour[1:]))) < SMALL_CHROMA
    kind: Kind = "monochrome" if grey else "photograph"
    if lip_contrast < SAME_COLOUR and dark_of_eyes > DARK_OF_BLIND_EYES:
        kind = "stone"
    elif flatness > FLAT_SHARE:
        kind = "drawing"
    return Medium(kind, chroma, lip_contrast, dark_of_eyes, flatness)


def colours_as_seen(picture: Picture) -> Float32[np.ndarray, "height width 3"]:
    """CIELAB of a slightly blurred picture, so that noise does not count as colour."""
    return cv2.cvtColor(cv2.GaussianBlur(picture.astype(np.float32) / 255, (0, 0), 1.5), cv2.COLOR_RGB2LAB)


def slopes(lightness: Float32[np.ndarray, "height width"]) -> Float32[np.ndarray, "height width"]:
    """Change of lightness a pixel."""
    across = cv2.Sobel(lightness, -1, 1, 0, scale=1 / 8)
    down = cv2.Sobel(lightness, -1, 0, 1, scale=1 / 8)
    return np.hypot(across, down)


def filled(polygons: list[Polyline], size: tuple[int, int]) -> Mask:
    """The pixels inside any of some polygons; size is (height, width)."""
    mask = np.zeros(size, np.uint8)
    for polygon in polygons:
        cv2.fillPoly(mask, [fixed_point(polygon)], 1, shift=SUBPIXEL_BITS)
    return mask > 0


def fixed_point(polyline: Polyline) -> np.ndarray:
    """Points as OpenCV draws them: whole sixteenths of a pixel, centres at whole numbers."""
    return np.round((polyline - 0.5) * (1 << SUBPIXEL_BITS)).astype(np.int32)
