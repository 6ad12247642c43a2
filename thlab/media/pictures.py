"""Pictures for people to look at: a sheet of many frames, and a visible note in one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

Picture = UInt8[np.ndarray, "height width 3"]
Sheet = UInt8[np.ndarray, "rows columns 3"]

MARK = "synthetic"
"""The visible note."""
GAP = 4
"""Pixels between the tiles of a sheet."""
PAPER, INK = (255, 255, 255), (40, 40, 40)
LEGIBLE = 10
"""The smallest size of letters that can still be read, in pixels."""
OPACITY = 0.75
"""Of the letters of a stamp; their plate is half as opaque."""


def contact_sheet(
    frames: UInt8[Tensor, "frames height width 3"] | UInt8[np.ndarray, "frames height width 3"],
    columns: int,
    labels: Sequence[str] | None = None,
) -> Sheet:
    """Put frames side by side, row after row, each with its label underneath.

    Raises:
        ValueError: when there is no frame, no column, or another number of labels than of frames.
    """
    tiles = [np.asarray(frame) for frame in frames]
    if not tiles or columns < 1:
        raise ValueError(f"expected frames and at least 1 column, but got {len(tiles)} frames and {columns} columns")
    if labels is not None and len(labels) != len(tiles):
        raise ValueError(f"expected a label a frame, but got {len(labels)} labels for {len(tiles)} frames")
    height, width = tiles[0].shape[:2]
    font = _font(max(LEGIBLE, height // 16))
    below = _line_height(font) if labels is not None else 0
    columns, rows = min(columns, len(tiles)), -(-len(tiles) // columns)
    size = (columns * (width + GAP) + GAP, rows * (height + below + GAP) + GAP)
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, tile in enumerate(tiles):
        left, top = GAP + number % columns * (width + GAP), GAP + number // columns * (height + below + GAP)
        sheet.paste(Image.fromarray(tile), (left, top))
        if labels is not None:
            text = _shortened(labels[number], font, width)
            draw.text((left + width / 2, top + height + below / 2), text, INK, font, anchor="mm")
    return np.asarray(sheet)


def stamp(frame: Picture | UInt8[Tensor, "height width 3"]) -> Picture:
    """A copy of the frame with "synthetic" in its lower right corner: small and light, on a half transparent plate."""
    stamped = np.array(frame)
    colour, cover = _plate(max(LEGIBLE, round(len(stamped) / 22)))
    height, width = min(len(cover), len(stamped)), min(cover.shape[1], stamped.shape[1])
    corner = stamped[-height:, -width:]
    corner[:] = (corner + (colour[-height:, -width:] - corner) * cover[-height:, -width:] + 0.5).astype(np.uint8)
    return stamped


@lru_cache(maxsize=8)
def _plate(size: int) -> tuple[Float32[np.ndarray, "height width 3"], Float32[np.ndarray, "height width 1"]]:
    """Colour and opacity of the note with letters of this size."""
    font = _font(size)
    left, top, right, bottom = font.getbbox(MARK)
    pad = round(size / 3)
    letters = Image.new("L", (int(right - left) + 2 * pad, int(bottom - top) + 2 * pad))
    ImageDraw.Draw(letters).text((pad - left, pad - top), MARK, 255, font)
    ink = np.asarray(letters, np.float32)[..., None] / 255
    cover = OPACITY * (0.5 + 0.5 * ink)
    return np.broadcast_to(255 * ink, (*letters.size[::-1], 3)), cover


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that comes with Pillow."""
    return ImageFont.load_default(size)


def _line_height(font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> int:
    _, top, _, bottom = font.getbbox("Áğ")
    return round((bottom - top) * 1.6)


def _shortened(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """As much of the text as fits, with an ellipsis."""
    short = text
    while short and font.getbbox(short + "…" * (short != text))[2] > width:
        short = short[:-1]
    return short if short == text else short.rstrip() + "…"
