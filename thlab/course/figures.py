"""Figures and stills in the page, each with words for those who cannot see it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import UInt8
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from thlab.course.page import Page, data_uri, figure, image, labelled, needs_alt, rows
from thlab.course.pixels import Pixels, hasty, packed

POINTS = 72
"""Of a letter's height an inch."""
INCH = 96
"""CSS pixels an inch: a figure 8 inches wide takes 768 pixels of the page."""
SHARPNESS = 1.5
"""Pixels of the file for each of the page, for screens with small ones."""


def show(fig: Figure, alt: str, caption: str = "", *, zoom: float | int = 1) -> None:
    """Show a figure beneath the cell, and close it.

    Args:
        fig: what to show.
        alt: what is *seen*, in a sentence or two, for those who cannot see it.
        caption: what stands beneath; may hold simple HTML.
        zoom: how many times larger than in a chapter it stands on the page, its letters too: for slides.

    Raises:
        ValueError: the alt text is empty.
    """
    html = figure(figure_image(fig, alt, zoom=zoom), caption)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(fig)
    Page(html, f"[figure: {alt}]").display()


def figure_image(fig: Figure, alt: str, *, quick: bool = False, zoom: float | int = 1) -> str:
    """A figure as an ``<img>`` whose bytes lie in the page.

    Args:
        fig: the figure.
        alt: what is seen.
        quick: for widgets: no sharper than the page, and the first encoding will do.
        zoom: how many times larger it stands on the page.

    Raises:
        ValueError: the alt text is empty.
    """
    alt = needs_alt(alt, what="a figure")
    width = round(fig.get_figwidth() * INCH * zoom)
    if quick:
        return image(data_uri(*hasty(drawn(fig, sharpness=1.0))), alt=alt, width=width)
    encoded = packed(drawn(fig, sharpness=SHARPNESS * zoom**0.5))
    return image(data_uri(*encoded), alt=alt, width=width, smallest=smallest_text(fig) * zoom)


def smallest_text(fig: Figure) -> float:
    """The height of the smallest letters that are drawn in a figure, in CSS pixels; 0 where it has none."""
    letters = _Letters()
    fig.draw(letters)
    return min(letters.points, default=0.0) * INCH / POINTS


class _Letters(RendererBase):
    """Draws nothing, and remembers how large the letters would have been."""

    def __init__(self) -> None:
        super().__init__()
        self.points: list[float] = []

    def draw_text(self, gc: Any, x: float, y: float, s: str, prop: FontProperties, *rest: Any, **named: Any) -> None:
        """Remember the size."""
        self.points += [prop.get_size_in_points()] if s.strip() else []

    def draw_path(self, *shape: Any, **named: Any) -> None:
        """Skip lines and areas."""

    def draw_image(self, *image: Any, **named: Any) -> None:
        """Skip pictures."""


def drawn(fig: Figure, *, sharpness: float | int = SHARPNESS) -> UInt8[np.ndarray, "height width 3"]:
    """The pixels of a figure, on white."""
    dpi, fig.dpi = fig.dpi, INCH * sharpness
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())
    fig.dpi = dpi
    cover = pixels[..., 3:].astype(np.float32) / 255
    return (pixels[..., :3] * cover + 255 * (1 - cover) + 0.5).astype(np.uint8)


def pictures(
    stills: Mapping[str, Pixels], *, alt: str, caption: str = "", columns: int | None = None, scale: int = 1
) -> None:
    """Show stills side by side, each with its label beneath.

    Args:
        stills: pictures by label.
        alt: what is seen in them together.
        columns: how many stand in a row; as many as fit when None.
        scale: how many pixels of the page, a side, each pixel becomes; it keeps its edges.

    Raises:
        ValueError: there is no picture, the alt text is empty, or the scale is below 1.
    """
    if not stills or scale < 1:
        raise ValueError(f"expected pictures and a scale of at least 1, got {len(stills)} pictures and scale {scale}")
    first, *others = stills
    words = {first: needs_alt(alt, what="a row of pictures"), **dict.fromkeys(others, "")}
    cells = [labelled(_still(stills[label], words[label] or label, scale), label) for label in stills]
    Page(figure(rows(cells, columns), caption), f"[pictures: {alt}]").display()


def _still(picture: Pixels, alt: str, scale: int) -> str:
    pixels = np.asarray(picture)
    data, kind = packed(pixels.repeat(scale, 0).repeat(scale, 1))
    return image(data_uri(data, kind), alt=alt, width=pixels.shape[1] * scale)
