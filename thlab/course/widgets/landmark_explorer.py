"""Landmark explorer: a face in a few numbers, drawn back, and what each number does; with a photograph of one's own.

Chapter 06, "Probe it".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from thlab.course.photographs import (
    ASTRONAUT,
    FACES,
    SIZE,
    PhotographExplorer,
    Portrait,
    box_axes,
    draw_lines,
    portrait,
    show_pixels,
)
from thlab.course.plot import GRID, INK, NORMAL, PALETTE, SMALL, dress
from thlab.course.shapes import face_model
from thlab.course.widgets.explorer import Choice, Explorer, Slider
from thlab.face.points import LEFT_CORNER, RIGHT_CORNER

MOVED = 6
"""Numbers with a slider of their own: as many as ATVG has."""
MOST = 40
WIDTH, SIDE, GAP, LOW = 8.4, 2.9, 0.08, 0.36
"""Inches: of the figure, of its pictures, between them, and beneath them."""
FOUND, BACK, PAPER = "#ffffff", PALETTE[3], "#f4f1ea"


def numbers_of(
    points: Float[np.ndarray, "68 2"], numbers: int, moves: Float[np.ndarray, "moves"]
) -> tuple[Float[np.ndarray, "all"], Float[np.ndarray, "68 2"]]:
    """A face in some numbers, some of them moved, and the points that they stand for, in the photograph's pixels.

    Args:
        points: the landmarks that were found.
        numbers: how many are kept.
        moves: what is added to the first of them, in standard deviations.

    Returns:
        The numbers in standard deviations, and the points.
    """
    model = face_model()
    kept, to_photograph = model.encode(points, numbers)
    changed = np.zeros(max(numbers, len(moves)))
    changed[:numbers] = kept
    changed[: len(moves)] += moves * model.spread[: len(moves)]
    return changed / model.spread[: len(changed)], to_photograph(model.reconstruct(changed))


def eye_share(found: Float[np.ndarray, "68 2"], back: Float[np.ndarray, "68 2"]) -> float:
    """Mean distance of points, as a share of the distance between the outer corners of the eyes."""
    eyes = np.linalg.norm(found[RIGHT_CORNER] - found[LEFT_CORNER])
    return float(np.linalg.norm(found - back, axis=1).mean() / eyes)


def draw(
    *,
    face: str = ASTRONAUT,
    numbers: int = 6,
    b1: float = 0.0,
    b2: float = 0.0,
    b3: float = 0.0,
    b4: float = 0.0,
    b5: float = 0.0,
    b6: float = 0.0,
    own: Portrait | None = None,
) -> Figure:
    """Draw a photograph with its landmarks, the face that is left of them in a few numbers, and the numbers.

    Args:
        face: one of ``FACES``.
        numbers: how many are kept.
        b1: added to the first number, in standard deviations; so are ``b2`` … ``b6`` to theirs.
        own: a portrait to take in the place of ``face``.

    Chapter 06.
    """
    shown = own or portrait(face)
    coded, back = numbers_of(shown.points, int(numbers), np.array([b1, b2, b3, b4, b5, b6], float))
    fig = Figure((WIDTH, SIDE + LOW), facecolor="white")
    _on_photograph(fig, shown, back)
    _alone(fig, back)
    _below(fig, SIDE + GAP, f"{100 * eye_share(shown.points, back):.1f} % of the eyes' distance away")
    _bars(fig, coded, int(numbers))
    return fig


def _on_photograph(fig: Figure, shown: Portrait, back: Float[np.ndarray, "68 2"]) -> None:
    ax = box_axes(fig, 0, SIDE, LOW)
    show_pixels(ax, shown.pixels)
    draw_lines(ax, back, colour=INK, width=3.4)
    draw_lines(ax, back, colour=BACK, width=2.0)
    ax.plot(*shown.points.T, "o", color=FOUND, markersize=3.0, markeredgecolor=INK, markeredgewidth=0.6)
    _below(fig, 0, "dots: found; lines: from the numbers")


def _below(fig: Figure, left: float | int, text: str) -> None:
    fig.text(left / WIDTH, 0.03, text, fontsize=SMALL, color=INK, va="bottom")


def _alone(fig: Figure, back: Float[np.ndarray, "68 2"]) -> None:
    ax = box_axes(fig, SIDE + GAP, SIDE, LOW)
    ax.set(xlim=(0, SIZE), ylim=(SIZE, 0))
    ax.add_patch(Rectangle((0, 0), SIZE, SIZE, facecolor=PAPER, edgecolor="none"))
    draw_lines(ax, back, colour=PALETTE[0], width=2.2)


def _bars(fig: Figure, coded: Float[np.ndarray, "all"], numbers: int) -> None:
    """The first numbers as bars, in standard deviations."""
    left = 2 * SIDE + GAP + 0.62
    ax: Axes = fig.add_axes((left / WIDTH, 0.54 / (SIDE + LOW), (WIDTH - left - 0.1) / WIDTH, 2.36 / (SIDE + LOW)))
    first = coded[: max(MOVED, min(numbers, 12))]
    colours = [PALETTE[0] if place < numbers else PALETTE[3] for place in range(len(first))]
    ax.barh(np.arange(1, len(first) + 1), first, color=colours, height=0.68)
    ax.axvline(0, color=INK, linewidth=0.8)
    rows = np.arange(1, len(first) + 1)
    ax.set(xlim=(-5.5, 5.5), ylim=(len(first) + 0.6, 0.4), xticks=[-4, -2, 0, 2, 4], yticks=rows)
    ax.grid(axis="x", color=GRID, linewidth=0.7)
    ax.set_axisbelow(True)
    dress(ax, x="standard deviations", title="")
    more = f", {len(first)} shown" if numbers > len(first) else ""
    fig.text(left / WIDTH, 0.955, f"{numbers} numbers{more}", fontsize=NORMAL, color=INK, va="top", ha="left")


def _alt(**parameters: Any) -> str:
    """What is seen, in words."""
    p = {name: control.value for name, control in CONTROLS.items()} | parameters
    moves = np.array([p[f"b{place}"] for place in range(1, MOVED + 1)], float)
    shown = portrait(p["face"]) if p["face"] in FACES else portrait(ASTRONAUT)
    _, back = numbers_of(shown.points, int(p["numbers"]), moves)
    moved = ", ".join(f"number {place} by {amount:+.1f}" for place, amount in enumerate(moves, 1) if amount)
    return (
        f"The face of {p['face']} with 68 dots, and over it the lines of a face that {p['numbers']} numbers stand for"
        f"{', moved: ' + moved if moved else ''}; its points lie {100 * eye_share(shown.points, back):.1f} percent of "
        "the distance of the eyes away from the dots. Beside it the lines alone, and the numbers as bars."
    )


CONTROLS: dict[str, Slider | Choice] = {
    "face": Choice(FACES, ASTRONAUT, "face"),
    "numbers": Slider(0, MOST, 1, MOVED, "numbers kept"),
    **{f"b{place}": Slider(-3.0, 3.0, 0.25, 0.0, f"add to number {place}", "σ") for place in range(1, MOVED + 1)},
}
EXPLORER: Explorer = PhotographExplorer("landmark explorer", draw, CONTROLS, _alt)
