"""Click the points: for faces that no detector finds, a dozen clicks become 68 landmarks, in a file for ``thlab talk``.

Chapter 06, "Break it". ``EXPLORER`` shows how well a few clicks do where the answer is known.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.figure import Figure

from thlab.course.page import Page
from thlab.course.photographs import ASTRONAUT, FACES, box_axes, draw_lines, portrait, show_pixels
from thlab.course.plot import INK, PALETTE, SMALL
from thlab.course.shapes import SLACK, Clicks, points_from_clicks
from thlab.course.widgets._clicking import ORDER, ClickPanel
from thlab.course.widgets.explorer import Choice, Explorer, Slider, a_page_asks
from thlab.course.widgets.landmark_explorer import eye_share
from thlab.face.points import LEFT_CORNER, RIGHT_CORNER
from thlab.media.points_files import write_points


class ClickPoints:
    """A picture to click on: 68 landmarks follow, and are written to a file.

    Args:
        picture: of one face.
        file: where *save* writes to; its ending says how, see ``thlab.media.points_files``.
    """

    def __init__(self, picture: UInt8[np.ndarray, "height width 3"], *, file: Path | str = "face.pts") -> None:
        self.picture, self.file = picture, Path(file)
        self.clicks: dict[int, tuple[float, float]] = {}

    @property
    def points(self) -> Float[np.ndarray, "68 2"]:
        """The landmarks, in pixels."""
        return points_from_clicks(self.clicks, self.picture.shape[:2])

    def click(self, point: int, x: float | int, y: float | int) -> None:
        """Say where a landmark is, in pixels.

        Raises:
            ValueError: there is no such landmark, or the place is outside of the picture.
        """
        height, width = self.picture.shape[:2]
        if not 0 <= point < 68 or not (0 <= x <= width and 0 <= y <= height):
            raise ValueError(
                f"expected a landmark from 0 to 67 in {width}×{height} pixels, got landmark {point} at ({x:g}, {y:g})"
            )
        self.clicks[point] = float(x), float(y)

    def save(self, path: Path | str | None = None) -> Path:
        """Write the 68 points, for ``thlab talk --face PICTURE --landmarks FILE``.

        Raises:
            ValueError: fewer than two points were clicked, or the file cannot be written.
        """
        if len(self.clicks) < 2:
            raise ValueError(
                f"click at least two points before saving, best the outer eye corners; so far {len(self.clicks)}"
            )
        path = Path(path or self.file)
        write_points(self.points, path)
        return path

    def open(self) -> Any:
        """The picture to click on, as the last line of a cell; without a page in a browser a line that says so."""
        if a_page_asks():
            return self.widget()
        text = "click the points: run this cell in JupyterLab to click on the picture"
        return Page(f"<p><em>{escape(text)}</em></p>", f"[{text}]")

    def widget(self) -> Any:
        """The panel, whoever asks."""
        return ClickPanel(self).box


def draw(*, face: str = ASTRONAUT, clicks: int = 6, slack: float = SLACK, shake: float = 0.0) -> Figure:
    """Draw what becomes of a few clicks on a face whose landmarks are known.

    Args:
        face: one of ``FACES``.
        clicks: how many points are clicked, in the order of ``ORDER``.
        slack: how far a click may be off, as a share of the distance of the eyes.
        shake: how far the hand is off, as a share of the distance of the eyes.

    Chapter 06.
    """
    shown, given, points = _clicked(face, clicks, slack, shake)
    side, low = 3.6, 0.36
    fig = Figure((2 * side + 0.1, side + low), facecolor="white")
    for place, light in ((0.0, 0.0), (side + 0.1, 0.55)):
        ax = box_axes(fig, place, side, low)
        show_pixels(ax, shown.pixels, light=light)
        draw_lines(ax, points, colour=PALETTE[0] if light else PALETTE[3], width=2.0)
        ax.plot(*np.array(list(given.values())).T, "o", color="#ffffff", markersize=6, markeredgecolor=INK)
        if light:
            ax.plot(*shown.points.T, "o", color=PALETTE[1], markersize=2.6)
    miss = 100 * eye_share(shown.points, points)
    fig.text(0.0, 0.03, f"{clicks} clicks, and the face through them", fontsize=SMALL, color=INK, va="bottom")
    fig.text(
        (side + 0.1) / (2 * side + 0.1), 0.03, f"red: the detector's, {miss:.1f} % of eye distance away",
        fontsize=SMALL, color=INK, va="bottom",
    )  # fmt: skip
    return fig


def _clicked(face: str, clicks: int, slack: float, shake: float) -> tuple[Any, Clicks, Float[np.ndarray, "68 2"]]:
    shown = portrait(face)
    eyes = np.linalg.norm(shown.points[RIGHT_CORNER] - shown.points[LEFT_CORNER])
    hand = np.random.default_rng(0).standard_normal((68, 2)) * shake * eyes
    places = {point: shown.points[point] + hand[point] for point in list(ORDER)[: int(clicks)]}
    given = {point: (float(x), float(y)) for point, (x, y) in places.items()}
    return shown, given, points_from_clicks(given, shown.pixels.shape[:2], slack=float(slack))


def _alt(**parameters: Any) -> str:
    """What is seen, in words."""
    p = {name: control.value for name, control in CONTROLS.items()} | parameters
    shown, _, points = _clicked(p["face"], p["clicks"], p["slack"], p["shake"])
    return (
        f"The face of {p['face']} with {p['clicks']} white dots and the lines of a face that goes through them; on the "
        f"right the same over the detector's 68 points, {100 * eye_share(shown.points, points):.1f} percent of the "
        "distance of the eyes away."
    )


CONTROLS: dict[str, Slider | Choice] = {
    "face": Choice(FACES, ASTRONAUT, "face"),
    "clicks": Slider(2, len(ORDER), 1, 6, "clicks"),
    "slack": Slider(0.01, 0.3, 0.01, SLACK, "distrust of clicks", "eyes"),
    "shake": Slider(0.0, 0.1, 0.01, 0.0, "shaking hand", "eyes"),
}
EXPLORER = Explorer("ten clicks", draw, CONTROLS, _alt)
