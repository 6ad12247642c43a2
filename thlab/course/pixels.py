"""Pictures to few bytes: a palette where it shows no difference, JPEG otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import numpy as np
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

Pixels = UInt8[np.ndarray, "height width 3"] | UInt8[Tensor, "height width 3"]
"""Red, green, blue from 0 to 255; row 0 is the top."""

MOST_BYTES = 100_000
"""Of a picture in a notebook."""
COLOURS = 256
INVISIBLE = 1.5
"""Root mean square error of a palette, in levels of 255, that nobody sees."""
QUALITIES = (92, 86, 80, 72, 62, 50)
"""Of JPEG, tried in turn."""
SMALLER = 0.75
"""What is still too large is scaled by this, again and again."""


def packed(picture: Pixels, *, most: int = MOST_BYTES) -> tuple[bytes, str]:
    """Encode a picture in at most so many bytes; returns them and their MIME type."""
    opened = Image.fromarray(np.ascontiguousarray(picture))
    while True:
        for data, kind in _encodings(opened):
            if len(data) <= most:
                return data, kind
        smaller = (round(opened.width * SMALLER), round(opened.height * SMALLER))
        opened = opened.resize(smaller, Image.Resampling.LANCZOS)


def hasty(picture: Pixels) -> tuple[bytes, str]:
    """Encode a picture that will be replaced soon, in a few milliseconds; returns bytes and MIME type."""
    return _saved(Image.fromarray(np.ascontiguousarray(picture)), "JPEG", quality=92, subsampling=0), "image/jpeg"


def _encodings(picture: Image.Image) -> Iterator[tuple[bytes, str]]:
    """From the best to the smallest."""
    indexed = picture.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    if _difference(picture, indexed) < INVISIBLE:
        yield _saved(indexed, "PNG", optimize=True), "image/png"
    for quality in QUALITIES:
        colour = 0 if quality > 80 else 2  # whether colour is kept for every pixel, or for blocks of 2×2
        yield _saved(picture, "JPEG", quality=quality, subsampling=colour), "image/jpeg"


def _difference(picture: Image.Image, indexed: Image.Image) -> float:
    levels = np.asarray(picture, np.float32) - np.asarray(indexed.convert("RGB"), np.float32)
    return float(np.sqrt(np.mean(levels**2)))


def _saved(picture: Image.Image, kind: str, **options: bool | int) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
