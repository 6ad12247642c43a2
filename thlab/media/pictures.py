"""Pictures: read from any file, a sheet of many for people to look at, and a visible note in one."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError
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
SMALLEST, LARGEST = 16, 100_000_000
"""Pixels that a picture has at least a side, and at most in all."""
WANTED_SIZE = f"at least {SMALLEST} pixels a side and at most {LARGEST // 10**6} million pixels"


def is_picture(path: str | Path) -> bool:
    """Whether a file is one that :func:`read_picture` knows; a damaged picture is one, too."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            Image.open(path).close()
    except Image.DecompressionBombError:
        return True
    except (OSError, SyntaxError):
        return False
    return True


def read_picture(path: str | Path) -> Picture:
    """The picture of a file, as a viewer would show it: turned as its camera noted, white where it is transparent.

    Grey becomes red, green and blue; of 16 bits the upper 8 are kept; of an animation the first frame. JPEG, PNG, WebP,
    BMP, TIFF, GIF and what else Pillow reads.

    Raises:
        ValueError: no such file, not a picture, a damaged one, a side below 16 pixels or more than 100 million pixels.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"expected a picture at {path}, but {'it is a folder' if path.is_dir() else 'found no file'}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                _check_size(opened.size, path)
                return np.array(_over_white(ImageOps.exif_transpose(opened)))
    except UnidentifiedImageError:
        raise ValueError(f"{path} is not a picture; expected JPEG, PNG, WebP, BMP, TIFF or GIF") from None
    except Image.DecompressionBombError:
        raise ValueError(f"expected a picture of {WANTED_SIZE}, but {path} has more; scale it first") from None
    except (OSError, SyntaxError, EOFError) as error:
        raise ValueError(f"the picture {path} cannot be read ({error}); save or fetch it again") from None


def _check_size(size: tuple[int, int], path: Path) -> None:
    width, height = size
    if min(size) < SMALLEST or width * height > LARGEST:
        raise ValueError(f"expected a picture of {WANTED_SIZE}, but {path} has {width}×{height}; scale it first")


def _over_white(picture: Image.Image) -> Image.Image:
    """Any mode of Pillow as RGB."""
    if picture.mode.startswith("I") or picture.mode == "F":
        deep = np.asarray(picture, np.float64)
        most = 65535 if picture.mode.startswith("I") else max(1.0, float(deep.max(initial=0)))
        picture = Image.fromarray(np.clip(deep * (255 / most), 0, 255).astype(np.uint8))
    if picture.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, (*PAPER, 255))
        return Image.alpha_composite(paper, picture).convert("RGB")
    return picture.convert("RGB")


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
