"""Motion explorer: plant a defect in the motion of a head, and see which numbers notice.

Chapter 16, "Probe it".
"""

from __future__ import annotations

from functools import cache, lru_cache, partial

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thlab.course.plot import INK, PALETTE, SMALL, dress
from thlab.course.widgets.explorer import Choice, Explorer, Slider
from thlab.experiments.planted_motion import DEFECTS, act, speeches
from thlab.experiments.takes import Take
from thlab.metrics.naturalness import (
    beat_alignment,
    head_beats,
    loop_score,
    motion_frechet,
    sound_beats,
    spectrum_distance,
)  # fmt: skip
from thlab.metrics.naturalness.loops import STILL, windows_of
from thlab.timebase import frame_times

PLANTED = {
    "a loop": "looped", "to and fro": "to_and_fro", "a frozen head": "frozen", "shaking": "shaking",
    "a timid head": "timid",
}  # fmt: skip
"""Defects of a head by what the menu calls them."""
PERSON, SECONDS = 1_000_001, 16.0
SCALES = {"loop": 1.0, "spectrum (dB)": 20.0, "Fréchet": 20.0, "beats": 1.0}
"""The length of a full bar of each metric."""
EVERY = 4
"""Frames from one row of the picture of likeness to the next."""
WIDTH, PAGE, SLIDE = 8.4, 3.2, 3.0
"""Inches: of the figure, and its heights."""
HEALTHY = "#8a94a3"


@cache
def takes() -> tuple[Take, Take]:
    """Two takes of one speech by one person: one to spoil, one to compare with."""
    speech = next(speeches([PERSON], SECONDS))
    first, second = (act(speech, PERSON, seed=seed) for seed in (0, 1))
    return first, second


@lru_cache(maxsize=64)
def spoilt(defect: str, amount: int) -> Take:
    """The first take with so many percent of a defect: the pose lies between the healthy one and the spoilt one."""
    healthy, _ = takes()
    planted = DEFECTS[PLANTED[defect]](healthy, np.random.default_rng(1))
    share = amount / 100
    return Take((1 - share) * healthy.pose + share * planted.pose, healthy.expression, healthy.blink, healthy.audio)


@lru_cache(maxsize=64)
def measured(defect: str, amount: int) -> dict[str, float]:
    """What the metrics of head motion say."""
    pose, (healthy, real) = spoilt(defect, amount).pose, takes()
    assert healthy.audio is not None
    return {
        "loop": loop_score(pose),
        "spectrum (dB)": spectrum_distance([pose], [real.pose]),
        "Fréchet": motion_frechet([pose], [real.pose]),
        "beats": beat_alignment(head_beats(pose), sound_beats(healthy.audio)),
    }


def likeness(pose: Float[np.ndarray, "frames 6"]) -> Float[np.ndarray, "rows rows"]:
    """How alike any two windows of 2 s are: 1 for the same motion, 0 for none in common, −1 for the opposite."""
    windows = windows_of(pose)[::EVERY]
    flat = windows.reshape(len(windows), -1)
    power = (flat**2).sum(1) + windows.shape[1] * STILL**2
    return flat @ flat.T / np.sqrt(np.outer(power, power))


def draw(*, defect: str = "a loop", amount: int = 100, slide: bool = False) -> Figure:
    """Draw the nods of a head, how alike its moments are, and what four metrics say.

    Args:
        defect: one of ``PLANTED``.
        amount: percent of the way from the healthy motion to the spoilt one.
        slide: fewer words, larger.

    Chapter 16.
    """
    take, (healthy, _) = spoilt(defect, int(amount)), takes()
    fig = Figure((WIDTH, SLIDE if slide else PAGE), facecolor="white")
    track, square, bars = (fig.add_axes(box) for box in
                           ((0.075, 0.2, 0.36, 0.64), (0.5, 0.2, 0.22, 0.64), (0.855, 0.2, 0.135, 0.64)))  # fmt: skip
    _draw_nods(track, take, healthy)
    _draw_likeness(square, take)
    _draw_bars(bars, measured(defect, int(amount)), measured(defect, 0))
    return fig


def _draw_nods(ax: Axes, take: Take, healthy: Take) -> None:
    times = frame_times(len(take))
    ax.plot(times, np.degrees(healthy.pose[:, 1]), color=HEALTHY, linewidth=1.2)
    ax.plot(times, np.degrees(take.pose[:, 1]), color=PALETTE[1], linewidth=1.6)
    low, high = np.degrees(healthy.pose[:, 1].min()), np.degrees(healthy.pose[:, 1].max())
    ax.set(xlim=(0, times[-1]), ylim=(high + 4, low - 4))
    ax.set_title("nods: healthy (grey), spoilt", fontsize=SMALL, color=INK, loc="left")
    dress(ax, x="time (s)", y="down (degrees)")


def _draw_likeness(ax: Axes, take: Take) -> None:
    picture = likeness(take.pose)
    end = frame_times(EVERY * len(picture))[-1]
    ax.imshow(picture, vmin=-1, vmax=1, cmap="RdBu_r", extent=(0, end, end, 0), interpolation="nearest", aspect="auto")
    ax.set(xticks=range(0, int(end) + 1, 5), yticks=range(0, int(end) + 1, 5))
    ax.set_title("alike (red)", fontsize=SMALL, color=INK, loc="left")
    dress(ax, x="from (s)")


def _draw_bars(ax: Axes, values: dict[str, float], usual: dict[str, float]) -> None:
    rows = np.arange(len(values))
    for offset, found, colour in ((-0.2, usual, HEALTHY), (0.2, values, PALETTE[1])):
        shares = [min(1.0, found[name] / SCALES[name]) for name in values]
        ax.barh(rows + offset, shares, height=0.36, color=colour)
    for row, (name, value) in enumerate(values.items()):
        place = min(1.0, value / SCALES[name]) + 0.04
        ax.text(place, row + 0.22, f"{value:.2g}", fontsize=SMALL, color=INK, va="center")
    ax.set(xlim=(0, 1.3), ylim=(len(values) - 0.5, -0.5), xticks=[])
    ax.set_yticks(rows, list(values))
    ax.set_title("metrics", fontsize=SMALL, color=INK, loc="left")
    dress(ax)


def _alt(*, defect: str = "a loop", amount: int = 100) -> str:
    """What is seen, in words."""
    values, usual = measured(defect, int(amount)), measured(defect, 0)
    told = ", ".join(f"{name} {values[name]:.2g} (healthy {usual[name]:.2g})" for name in values)
    return (
        f"The nods of a head over {SECONDS:g} seconds, healthy in grey and with {int(amount)} percent of {defect} in "
        f"colour; a square that is red where two moments are alike, with stripes where they come again; bars: {told}."
    )


EXPLORER = Explorer(
    name="motion explorer",
    draw=draw,
    controls={
        "amount": Slider(0, 100, 25, 100, "how much of it", "%"),
        "defect": Choice(tuple(PLANTED), "a loop", "the head has"),
    },
    alt=_alt,
    projected=partial(draw, slide=True),
)
