"""Landmarks drawn over the picture that they were found in, for people to look at."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

from thlab.face.landmarks.detection import Picture
from thlab.face.landmarks.rasters import LINES

INK = (64, 224, 208)
DOTS = (255, 255, 255)
FINE = 3
"""Samples a pixel: lines are drawn that much larger and averaged down."""
LARGEST_SIDE = 1600
"""Pixels; larger pictures are made smaller first, so that lines can be seen when they are looked at whole."""


def drawn(picture: Picture, faces: list[Float[np.ndarray, "68 2"]]) -> UInt8[np.ndarray, "rows columns 3"]:
    """A copy of a picture with the 68 points of some faces and the lines between them.

    Args:
        picture: shown as it is, or at 1600 pixels when it is larger.
        faces: points in its pixels, centres at .5.
    """
    scale = min(1.0, LARGEST_SIDE / max(picture.shape[:2]))
    image = Image.fromarray(picture)
    if scale < 1:
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    for points in faces:
        _draw(image, points * scale)
    return np.asarray(image)


def _draw(image: Image.Image, points: Float[np.ndarray, "68 2"]) -> None:
    """Draw one face, only within its own box: an overlay in four channels of the whole picture would take too long."""
    span = float((points.max(0) - points.min(0)).max())
    thick = max(1.0, span / 220)
    margin = 4 * thick
    left, top = (int(np.floor(low - margin)) for low in points.min(0))
    size = np.ceil(points.max(0) + margin).astype(int) - (left, top)
    cover = Image.new("L", (int(size[0]) * FINE, int(size[1]) * FINE))
    dots = Image.new("L", cover.size)
    places = [tuple(place) for place in ((points - (left, top)) * FINE).tolist()]
    lines, spots = ImageDraw.Draw(cover), ImageDraw.Draw(dots)
    for line in LINES.values():
        lines.line([places[index] for index in line], 255, round(thick * FINE), joint="curve")
    radius = 1.1 * thick * FINE
    for x, y in places:
        spots.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
    for mask, colour in ((cover, INK), (dots, DOTS)):
        image.paste(colour, (left, top), mask.resize((int(size[0]), int(size[1])), Image.Resampling.BOX))
