"""One look for all figures: colours that differ in lightness, units on every axis, seconds to the right.

Each function draws onto ``ax`` or makes a figure, and returns both. Nothing global is touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from thlab.timebase import frame_times, hops_to_seconds, samples_to_seconds

INK = "#222222"
"""Text, axes, and what is real."""
PALETTE = ("#12305a", "#a02a20", "#258c7d", "#e09a28", "#e0d9f1")
"""From dark to light, so that they differ in grey and to colour-blind eyes: navy, brick, teal, amber, lilac."""
DASHES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)))
"""Lines differ in these too."""
GRID = "#dddddd"
MEL_COLOURS = "magma"
"""Dark is silent; its lightness rises evenly, so it reads in grey."""
SMALL, NORMAL = 10, 11
"""Points of letters: on ticks, and elsewhere."""
WIDTH, HEIGHT = 8.0, 2.4
"""Inches of a plain figure."""

Box = tuple[float, float, float, float]
"""Left, bottom, width and height in shares of a figure."""

Track = Float[np.ndarray, "frames"] | Float[Tensor, "frames"]


def blank(
    rows: int = 1, columns: int = 1, *, width: float | int = WIDTH, height: float | int = HEIGHT, **options: Any
) -> tuple[Figure, Any]:
    """A figure with empty axes in the look of the course, as ``Figure.subplots`` gives them.

    Args:
        width: inches of the whole figure; 8 fill the page.
        height: inches of the whole figure.
        options: for ``Figure.subplots``: ``sharex``, ``width_ratios`` …
    """
    fig = Figure((width, height), layout="constrained")
    axes = fig.subplots(rows, columns, **options)
    for ax in np.ravel(axes):
        dress(ax)
    return fig, axes


def dress(ax: Axes, *, x: str = "", y: str = "", title: str = "") -> Axes:
    """Give axes the look of the course, and names with units."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(INK)
    ax.tick_params(labelsize=SMALL, colors=INK)
    for name, text in (("x", x), ("y", y)):
        if text:
            ax.set(**{f"{name}label": text})
    for label in (ax.xaxis.label, ax.yaxis.label):
        label.set(fontsize=NORMAL, color=INK)
    if title:
        ax.set_title(title, fontsize=NORMAL, color=INK, loc="left")
    if ax.get_shared_x_axes().get_siblings(ax) != [ax] and ax.get_subplotspec() is not None:
        ax.label_outer()  # one time axis under all that share it
    return ax


def _on(ax: Axes | None, height: float | int = HEIGHT) -> tuple[Figure, Axes]:
    """The figure of the axes, or a new one."""
    if ax is None:
        return blank(height=height)
    fig = ax.get_figure()
    assert isinstance(fig, Figure)
    return fig, ax


def plot_wave(
    audio: Float[np.ndarray, "samples"] | Float[Tensor, "samples"],
    *,
    ax: Axes | None = None,
    start: float | int = 0.0,
    **style: Any,
) -> tuple[Figure, Axes]:
    """Draw a sound over time.

    Args:
        audio: samples at 16 kHz.
        start: seconds at which it begins.
        style: for ``Axes.plot``.
    """
    fig, ax = _on(ax, 1.8)
    values = np.asarray(audio)
    times = start + samples_to_seconds(1) * np.arange(len(values))
    ax.plot(times, values, **{"color": PALETTE[0], "linewidth": 0.7, **style})
    if len(values):
        ax.set_xlim(times[0], times[-1] + samples_to_seconds(1))
    return fig, dress(ax, x="time (s)", y="amplitude")


def plot_mel(
    mel: Float[np.ndarray, "hops mels"] | Float[Tensor, "hops mels"],
    *,
    ax: Axes | None = None,
    start: float | int = 0.0,
    **style: Any,
) -> tuple[Figure, Axes]:
    """Draw log-mel energies (or any features of 100 rows a second) as a picture: time to the right, bands upwards.

    Args:
        mel: a row a hop.
        start: seconds at which the first hop begins.
        style: for ``Axes.imshow``.
    """
    fig, ax = _on(ax)
    values = np.asarray(mel)
    extent = (start, start + hops_to_seconds(len(values)), -0.5, values.shape[1] - 0.5)
    ax.imshow(
        values.T, **{"origin": "lower", "aspect": "auto", "extent": extent, "cmap": MEL_COLOURS,
                     "interpolation": "nearest", **style},
    )  # fmt: skip
    return fig, dress(ax, x="time (s)", y="mel band")


def plot_tracks(
    tracks: Mapping[str, Track], *, ax: Axes | None = None, start: float | int = 0.0, y: str = "", **style: Any
) -> tuple[Figure, Axes]:
    """Draw numbers that change from frame to frame, each with its name, colour and dash.

    Args:
        tracks: 25 values a second, by name.
        start: seconds at which the first frame begins.
        y: name and unit of the values.
        style: for ``Axes.plot``.
    """
    fig, ax = _on(ax)
    for (name, track), colour, dash in zip(tracks.items(), cycle(PALETTE[:4]), cycle(DASHES), strict=False):
        values = np.asarray(track)
        look = {"color": colour, "linestyle": dash, "linewidth": 2.0, **style}
        ax.plot(start + frame_times(len(values)), values, label=name, **look)
    ax.grid(axis="y", color=GRID, linewidth=0.7)
    ax.set_axisbelow(True)
    legend_above(ax, list(tracks))
    ax.margins(x=0.01)
    return fig, dress(ax, x="time (s)", y=y)


def legend_above(ax: Axes, names: Sequence[str]) -> None:
    """A legend over the axes, where it hides nothing."""
    if any(names):
        place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1.0), "borderaxespad": 0.2}
        ax.legend(ncols=len(names), fontsize=SMALL, frameon=False, labelcolor=INK, handlelength=2.6, **place)


class Still(Artist):
    """A picture that fills a box of a figure, drawn more quickly than by ``imshow``, for widgets."""

    def __init__(self, pixels: UInt8[np.ndarray, "height width 3"], box: Box) -> None:
        super().__init__()
        self.pixels, self.box = Image.fromarray(pixels), box

    def draw(self, renderer: Any) -> None:
        """Scale the picture to the pixels of the box, and lay it there; renderers count rows from below."""
        (left, low, width, height), figure = self.box, self.get_figure(root=True)
        assert figure is not None
        x = [round(share * figure.bbox.width) for share in (left, left + width)]
        y = [round(share * figure.bbox.height) for share in (low, low + height)]
        scaled = self.pixels.resize((x[1] - x[0], y[1] - y[0]), Image.Resampling.BILINEAR).convert("RGBA")
        renderer.draw_image(renderer.new_gc(), x[0], y[0], np.array(scaled)[::-1].copy())


def place_still(fig: Figure, pixels: UInt8[np.ndarray, "height width 3"], box: Box) -> None:
    """Lay a picture into a figure.

    Args:
        fig: the figure.
        pixels: red, green, blue from 0 to 255.
        box: left, bottom, width and height in shares of the figure.
    """
    fig.add_artist(Still(np.ascontiguousarray(pixels), box))
