"""Figures and stills in the page, each with words for those who cannot see it."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import numpy as np
from jaxtyping import UInt8
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from thlab.course.page import Page, data_uri, figure, image, labelled, needs_alt, rows
from thlab.course.pixels import Pixels, hasty, packed

INCH = 96
"""CSS pixels an inch: a figure 8 inches wide takes 768 pixels of the page."""
SHARPNESS = 1.5
"""Pixels of the file for each of the page, for screens with small ones."""


def show(fig: Figure, alt: str, caption: str = "") -> None:
    """Show a figure beneath the cell, and close it.

    Args:
        fig: what to show.
        alt: what is *seen*, in a sentence or two, for those who cannot see it.
        caption: what stands beneath; may hold simple HTML.

    Raises:
        ValueError: the alt text is empty.
    """
    html = figure(figure_image(fig, alt), caption)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(fig)
    Page(html, f"[figure: {alt}]").display()


def figure_image(fig: Figure, alt: str, *, quick: bool = False) -> str:
    """A figure as an ``<img>`` whose bytes lie in the page.

    Args:
        fig: the figure.
        alt: what is seen.
        quick: for widgets: no sharper than the page, and the first encoding will do.

    Raises:
        ValueError: the alt text is empty.
    """
    alt = needs_alt(alt, what="a figure")
    data, kind = hasty(drawn(fig, sharpness=1.0)) if quick else packed(drawn(fig))
    return image(data_uri(data, kind), alt=alt, width=round(fig.get_figwidth() * INCH))


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
