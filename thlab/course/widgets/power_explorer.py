"""How many raters? Power over raters and clips by the formula, and beside it forty simulated studies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thlab.course.plot import DASHES, GRID, INK, PALETTE, SMALL, blank, dress
from thlab.course.widgets.explorer import Explorer, Slider
from thlab.experiments.raters import MIDDLE, Crowd, rate
from thlab.metrics.opinion import Components, components_of, power, spread_of_mean

STUDIES = 40
GREY = "#6b7480"
LIMIT = 1.96
"""Standard errors on either side of a mean."""
MOST = 100
"""Raters, at the right end of the curves."""
OTHERS = (5, 10, 20, 50)
"""Numbers of clips that have a curve of their own, thin."""


@dataclass(frozen=True)
class Studied:
    """What simulated studies found, each a mean difference and half the width of its interval."""

    means: np.ndarray
    margins: np.ndarray

    @property
    def seen(self) -> np.ndarray:
        """Whether the interval lies above 0."""
        return self.means > self.margins


@lru_cache(maxsize=64)
def studies(difference: float, raters: int, clips: int, careless: int, noise: float) -> Studied:
    """Forty studies of a difference, their intervals from the spreads that each study shows.

    Args:
        difference: planted, points of the scale.
        raters: of each study.
        clips: contents of each study.
        careless: percent of the raters who click anywhere.
        noise: of one rating, points.
    """
    quality = np.array([[MIDDLE + difference / 2] * clips, [MIDDLE - difference / 2] * clips])
    crowd = Crowd(raters=raters, noise=noise, clickers=round(raters * careless / 100))
    tables = [np.subtract(*rate(quality, crowd, seed=seed).swapaxes(0, 1)) for seed in range(STUDIES)]
    spreads = [spread_of_mean(raters, clips, components_of(table)) for table in tables]
    return Studied(np.array([table.mean() for table in tables]), LIMIT * np.array(spreads))


def assumed(noise: float) -> Components:
    """The spreads that the curves assume: those of a crowd without clickers, its ratings rounded."""
    crowd = Crowd()
    return Components(2**0.5 * crowd.taste, 2**0.5 * crowd.content, (2 * noise**2 + 1 / 6) ** 0.5)


def draw(
    difference: float = 0.3,
    raters: int = 24,
    clips: int = 20,
    careless: int = 0,
    noise: float = 0.7,
    slide: bool = False,
) -> Figure:
    """Draw the power over the number of raters, and the intervals of forty simulated studies.

    Args:
        difference: of two systems, points of the scale.
        raters: of a study.
        clips: contents that both systems show.
        careless: percent of the raters who click anywhere.
        noise: how much a rater differs from himself, points.
        slide: whether the figure is low, for slides.

    Chapter 16.
    """
    fig, axes = blank(1, 2, height=3.0 if slide else 3.6)
    fig.set_layout_engine("none")  # to find the places anew takes a good part of the time that a redraw has
    for ax, (left, width) in zip(axes, ((0.075, 0.43), (0.6, 0.385)), strict=True):
        ax.set_position((left, 0.16, width, 0.74))
    _draw_curves(axes[0], difference, raters, clips, assumed(noise))
    _draw_studies(axes[1], studies(difference, int(raters), int(clips), int(careless), noise), difference)
    return fig


def _draw_curves(ax: Axes, difference: float, raters: int, clips: int, spreads: Components) -> None:
    """One curve a number of clips; the chosen one thick, with a dot where the study is."""
    counts = np.arange(2, MOST + 1, 2)

    def curve(number: int) -> list[float]:
        return [power(difference, raters=int(n), clips=number, components=spreads) for n in counts]

    for number, dash in zip(OTHERS, DASHES[1:], strict=True):
        values = curve(number)
        ax.plot(counts, values, color=GREY, linestyle=dash, linewidth=1.2)
        place = "bottom" if number == max(OTHERS) else "top"
        ax.text(MOST + 1, values[-1], f"{number}", fontsize=SMALL, color=GREY, va=place)
    ax.plot(counts, curve(int(clips)), color=PALETTE[0], linewidth=2.6)
    here = power(difference, raters=int(raters), clips=int(clips), components=spreads)
    ax.plot(raters, here, "o", color=PALETTE[1], markersize=9)
    ax.axhline(0.8, color=GRID, linewidth=1.5, zorder=0)
    ax.set(xlim=(0, MOST), ylim=(0, 1.02))
    dress(ax, x="raters (grey: other numbers of clips)", y="power", title=f"formula: {here:.2f} with {clips} clips")


def _draw_studies(ax: Axes, found: Studied, difference: float) -> None:
    """An interval a study, sorted by its mean; dark where it lies above 0."""
    order = found.means.argsort()
    means, margins = found.means[order], found.margins[order]
    colours = [PALETTE[0] if seen else PALETTE[3] for seen in found.seen[order]]
    ax.hlines(range(STUDIES), means - margins, means + margins, colors=colours, linewidth=2.0)
    ax.plot(means, range(STUDIES), ".", color="white", markersize=2.5)
    ax.axvline(0, color=INK, linewidth=1)
    ax.axvline(difference, color=PALETTE[1], linewidth=1.5, linestyle="--")
    ax.set(xlim=(-0.6, 1.4), yticks=[])
    dress(ax, x="difference (points)", y="studies", title=f"simulated: {found.seen.sum()} of {STUDIES} see it")


def alt(**parameters: Any) -> str:
    """What is seen, in words."""
    p = {name: control.value for name, control in EXPLORER.controls.items()} | parameters
    found = studies(p["difference"], int(p["raters"]), int(p["clips"]), int(p["careless"]), p["noise"])
    spreads = assumed(p["noise"])
    here = power(p["difference"], raters=int(p["raters"]), clips=int(p["clips"]), components=spreads)
    return (
        f"Left: curves that rise with the number of raters and level off, the lower the fewer the clips; a dot at "
        f"{p['raters']} raters and {p['clips']} clips, power {here:.2f}. Right: the intervals of {STUDIES} simulated "
        f"studies of a difference of {p['difference']:g}, of which {found.seen.sum()} lie above 0."
    )


EXPLORER = Explorer(
    name="how many raters?",
    draw=draw,
    controls={
        "difference": Slider(0.1, 1.0, 0.1, 0.3, "difference", "points"),
        "raters": Slider(4, 100, 4, 24, "raters"),
        "clips": Slider(2, 60, 2, 20, "clips"),
        "careless": Slider(0, 50, 10, 0, "click anywhere", "%"),
        "noise": Slider(0.3, 1.5, 0.1, 0.7, "noise of a rating", "points"),
    },
    alt=alt,
    projected=partial(draw, slide=True),
)
