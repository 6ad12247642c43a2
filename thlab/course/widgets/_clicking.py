"""The page side of clicking: a picture that tells where it was clicked, and the controls around it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
from jaxtyping import Float

from thlab.course.page import data_uri
from thlab.course.pixels import hasty
from thlab.course.plot import INK, PALETTE
from thlab.face.landmarks.rasters import LINES

if TYPE_CHECKING:
    from thlab.course.widgets.click_points import ClickPoints

ORDER: dict[int, str] = {
    36: "eye on the left: outer corner", 45: "eye on the right: outer corner", 30: "tip of the nose", 8: "chin",
    48: "mouth: left corner", 54: "mouth: right corner", 51: "middle of the upper lip, above",
    57: "middle of the lower lip, below", 39: "eye on the left: inner corner", 42: "eye on the right: inner corner",
    19: "brow on the left: middle", 24: "brow on the right: middle", 4: "edge of the face on the left, at the mouth",
    12: "edge of the face on the right, at the mouth",
}  # fmt: skip
"""What is asked for, in this order; left and right are those of the picture."""
SHOWN = 560
"""CSS pixels that a picture takes at most, a side."""
TELL = """
const box = this.getBoundingClientRect(), field = document.querySelector('.TAG input');
const share = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
field.value = share.join(' ') + ' ' + Date.now();
for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {bubbles: true}));
"""
"""What the picture does when it is clicked: it writes shares of its width and height into a text field that nobody
sees, and that the kernel listens to. The time makes two clicks on one place differ."""
_numbers = itertools.count()


class ClickPanel:
    """The choice of a point, its place for those who use keys, the picture, and a button that saves."""

    def __init__(self, clicked: ClickPoints) -> None:
        self.clicked, self.tag = clicked, f"thlab-clicks-{next(_numbers)}"
        self.height, self.width = clicked.picture.shape[:2]
        self.chosen = ipywidgets.Dropdown(options=_names(), description="point", **_look(330))
        self.x, self.y = (_number(most, name) for most, name in ((self.width, "right"), (self.height, "down")))
        self.picture, self.said = ipywidgets.HTML(), ipywidgets.HTML()
        self.heard = ipywidgets.Text(layout={"display": "none"})
        self.heard.add_class(self.tag)
        self.save = ipywidgets.Button(description=f"save {clicked.file}", icon="save")
        self._moving = False
        self._listen()
        self.show()
        above, below = ipywidgets.HBox([self.chosen, self.x, self.y]), ipywidgets.HBox([self.save, self.said])
        self.box = ipywidgets.VBox([above, self.picture, below, self.heard])

    def _listen(self) -> None:
        self.chosen.observe(self.show, names="value")
        self.x.observe(self._typed, names="value")
        self.y.observe(self._typed, names="value")
        self.heard.observe(self._hear, names="value")
        self.save.on_click(self._save)

    def show(self, _: Any = None) -> None:
        """Draw the picture anew, with the numbers of the chosen point."""
        self._moving = True
        self.x.value, self.y.value = (round(float(number), 1) for number in self.clicked.points[self.chosen.value])
        self._moving = False
        self.picture.value = self.drawn()

    def _typed(self, _: Any) -> None:
        if not self._moving:
            self.clicked.click(self.chosen.value, self.x.value, self.y.value)
            self.show()

    def _hear(self, change: Mapping[str, Any]) -> None:
        """A click: the chosen point lies there, and the next one that is asked for is chosen."""
        across, along, _ = (float(number) for number in change["new"].split())
        self.clicked.click(self.chosen.value, across * self.width, along * self.height)
        left = [point for point in ORDER if point not in self.clicked.clicks]
        if self.chosen.value in ORDER and left:
            self.chosen.value = left[0]
        self.show()

    def _save(self, _: Any) -> None:
        try:
            self.said.value = f"<p>written: {escape(str(self.clicked.save()))}</p>"
        except ValueError as error:
            self.said.value = f"<p>{escape(str(error))}</p>"

    def drawn(self) -> str:
        """The picture with the lines of the face over it, as SVG."""
        scale, unit = SHOWN / max(self.height, self.width), max(self.height, self.width) / SHOWN
        alt = f"the picture with the lines of a face; {len(self.clicked.clicks)} points are clicked"
        size = f'width="{self.width * scale:.0f}" height="{self.height * scale:.0f}"'
        return (
            f'<svg viewBox="0 0 {self.width} {self.height}" {size} role="img" aria-label="{escape(alt)}" '
            f'style="cursor:crosshair" onclick="{escape(TELL.replace("TAG", self.tag))}">'
            f'<image href="{data_uri(*hasty(self.clicked.picture))}" width="{self.width}" height="{self.height}"/>'
            f"{''.join(self._marks(unit))}</svg>"
        )

    def _marks(self, unit: float) -> list[str]:
        """Lines through all landmarks, white dots where somebody clicked, red where the next click goes."""
        points = self.clicked.points
        style = f'fill="none" stroke="{PALETTE[3]}" stroke-width="{1.8 * unit:.2f}"'
        paths = [" ".join(f"{x:.1f},{y:.1f}" for x, y in points[list(line)]) for line in LINES.values()]
        lines = [f'<polyline points="{path}" {style}/>' for path in paths]
        dots = [_dot(points[point], 4 * unit, "#ffffff", unit) for point in self.clicked.clicks]
        return [*lines, *dots, _dot(points[self.chosen.value], 6 * unit, PALETTE[1], unit)]


def _names() -> list[tuple[str, int]]:
    """The points that are asked for by name, then all others by number."""
    asked = [(f"{place}. {name}", point) for place, (point, name) in enumerate(ORDER.items(), 1)]
    return [*asked, *((f"landmark {point}", point) for point in range(68) if point not in ORDER)]


def _look(width: int) -> dict[str, Any]:
    return {"style": {"description_width": "50px"}, "layout": {"width": f"{width}px"}}


def _number(most: int, name: str) -> Any:
    limits = {"min": 0, "max": most, "step": 1}
    return ipywidgets.BoundedFloatText(description=name, continuous_update=False, **limits, **_look(160))


def _dot(place: Float[np.ndarray, "2"], radius: float, colour: str, unit: float) -> str:
    x, y = place
    look = f'fill="{colour}" stroke="{INK}" stroke-width="{unit:.2f}"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.2f}" {look}/>'
