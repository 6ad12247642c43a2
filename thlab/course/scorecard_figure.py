"""A scorecard as a picture: a small panel a measure, a dot with its interval a subject."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thlab.course.plot import INK, PALETTE, SMALL, blank
from thlab.experiments.scorecard import Measure, Scorecard
from thlab.experiments.scorecard.text import OTHER_SOUND, starred
from thlab.media import atomic_path

SHOWN = (
    "psnr_mouth", "ssim_mouth", "detail", "identity",
    "lip_r", "lip_spread", "sync_distance", "sync_confidence",
    "lmd", "jitter", "frechet", "motion_loop",
    "motion_patterns", "motion_blinks_a_minute", "motion_beats", "motion_spectrum",
)  # fmt: skip
"""Measures that are drawn, where they are known; a sync distance never without the lips beside it."""
COLUMNS = 4
MARKS = ("o", "s", "D", "^", "v", "P")
"""Of subjects, so that they differ without colours."""
ARROWS = {"more": " →", "less": " ←", "one": " → 1", "zero": " → 0", "real": " → real"}
"""Where better is, behind the name of a measure: to the right, to the left, or near a value."""
NEW = {"psnr_mouth": "PSNR of the mouth, dB", "ssim_mouth": "SSIM of the mouth", "detail": "mouth's detail / real",
       "lip_spread": "lip gap, spread / real", "jitter": "jitter / real"}  # fmt: skip
"""Names that are shorter here, or need the line above them in a table."""


def draw_scorecard(card: Scorecard, *, measures: Sequence[str] = SHOWN, width: float | int = 10) -> Figure:
    """One panel a measure; above each, which way is better.

    Args:
        card: what to draw.
        measures: names of its measures; those of which nothing is known are left out.
        width: inches.

    Raises:
        ValueError: none of the measures is known.
    """
    known = [m for name in measures for m in card.measures if m.name == name and drawable(card, m)]
    if not known:
        raise ValueError("nothing that was measured can be drawn; the table says why")
    rows = math.ceil(len(known) / COLUMNS)
    height = rows * (0.75 + 0.24 * len(card.subjects)) + 0.2
    fig, axes = blank(rows, COLUMNS, width=width, height=height, sharey=True)
    panels = np.ravel(axes)
    for ax, measure in zip(panels, known, strict=False):
        draw_measure(ax, card, measure)
    for ax in panels[len(known) :]:
        ax.set_axis_off()
    return fig


def drawable(card: Scorecard, measure: Measure) -> bool:
    """Whether a subject has a finite number."""
    numbers = [card.value(subject, measure.name).mean for subject in card.subjects]
    return any(number is not None and math.isfinite(number) for number in numbers)


def draw_measure(ax: Axes, card: Scorecard, measure: Measure) -> None:
    """A row a subject, the first on top."""
    names = list(card.subjects)
    for row, name in enumerate(names):
        value = card.value(name, measure.name)
        (colour, mark), hollow = look_of(name, names), name.endswith(OTHER_SOUND)
        if value.mean is None or not math.isfinite(value.mean):
            continue
        if value.low is not None and value.high is not None:
            ax.plot([value.low, value.high], [row, row], color=colour, lw=2.2, solid_capstyle="butt", alpha=0.55)
        ax.plot(value.mean, row, mark, color=colour, ms=6, mfc="white" if hollow else colour, clip_on=False)
    real = card.value("real", measure.name).mean if "real" in names else None
    if real is not None and math.isfinite(real):
        ax.axvline(real, color=INK, lw=0.8, ls=":")
    ax.set_title(NEW.get(measure.name, measure.label.strip()) + ARROWS[measure.better], fontsize=SMALL, loc="left")
    ax.set_yticks(range(len(names)), [starred(name) for name in names], fontsize=SMALL)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.locator_params(axis="x", nbins=4)
    ax.margins(x=0.12)
    ax.grid(axis="x", color="#e5e5e5", lw=0.6)
    ax.set_axisbelow(True)


def look_of(name: str, names: Sequence[str]) -> tuple[str, str]:
    """Colour and mark: ink for what is real; a system with other sound has those of the system."""
    if name == "real":
        return INK, MARKS[0]
    others = [other for other in names if other != "real" and not other.endswith(OTHER_SOUND)]
    place = others.index(name.removesuffix(OTHER_SOUND))
    return PALETTE[place % 4], MARKS[1 + place % (len(MARKS) - 1)]


def save_figure(card: Scorecard, path: Path) -> Path:
    """Write it as a PNG; the whole file or none."""
    fig = draw_scorecard(card)
    with atomic_path(path) as part:
        fig.savefig(part, format="png", dpi=130, facecolor="white")
    return path
