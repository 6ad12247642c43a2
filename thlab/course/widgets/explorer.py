"""An explorer: a pure function from parameters to a figure, with controls that move the parameters.

The drawing is what is tested; the panel is thin. Where no page in a browser asks (nbconvert, nbval, a reader without a
kernel) the panel is one line of text, and the same figure stands beneath as a picture: ``static``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets
import matplotlib.figure
from IPython.core.getipython import get_ipython

from thlab.course.figures import figure_image, show
from thlab.course.page import Page

Value = float | int | str
"""Of a control."""
LABEL_WIDTH = "150px"
CONTROL_WIDTH = "410px"
PANEL_WIDTH = "860px"
"""Two controls stand side by side where the page is as wide."""
COLAB = "COLAB_RELEASE_TAG"
"""Set in Colab, whose pages do not name the cell they run."""


PUBLISHING = "THLAB_PUBLISHING"
"""Set while pages are made that will have no kernel: explorers then leave pictures to leaf through."""
LEAFING_WIDTH = 760
"""CSS pixels of the slider that leafs."""
LEAVES = 9
"""Most places of a slider that are drawn in advance."""


@dataclass(frozen=True)
class Slider:
    """A number between two others. Whole steps from a whole beginning give whole numbers."""

    low: float | int
    high: float | int
    step: float | int
    value: float | int
    """At the beginning."""
    label: str
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high or self.low >= self.high or self.step <= 0:
            raise ValueError(f"a slider needs low ≤ value ≤ high and a step above 0, got {self}")

    @property
    def title(self) -> str:
        """What stands beside it."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def whole(self) -> bool:
        """Whether it gives whole numbers."""
        return isinstance(self.low, int) and isinstance(self.step, int)

    def places(self) -> tuple[Value, ...]:
        """Lowest, middle and highest."""
        steps = int((self.high - self.low) / self.step + 1e-9) // 2
        middle = self.low + steps * self.step
        return self.low, middle if self.whole else round(float(middle), 9), self.high

    def leaves(self) -> tuple[Value, ...]:
        """At most nine places, evenly spread over the whole steps."""
        steps = int((self.high - self.low) / self.step + 1e-9)
        chosen = sorted({round(steps * i / (LEAVES - 1)) for i in range(LEAVES)})
        places = [self.low + step * self.step for step in chosen]
        return tuple(place if self.whole else round(float(place), 9) for place in places)

    def widget(self, value: Value) -> Any:
        """The control, which answers to the arrow keys."""
        kind = ipywidgets.IntSlider if self.whole else ipywidgets.FloatSlider
        digits = max(0, len(f"{self.step:g}".partition(".")[2]))
        options = {"readout_format": "d" if self.whole else f".{digits}f"}
        limits = {"min": self.low, "max": self.high, "step": self.step}
        return kind(value=value, description=self.title, **limits, **_look(), **options)


@dataclass(frozen=True)
class Choice:
    """One of several names."""

    options: tuple[str, ...]
    value: str
    """At the beginning."""
    label: str

    def __post_init__(self) -> None:
        if self.value not in self.options or len(set(self.options)) < 2:
            raise ValueError(f"a choice needs at least two options and one of them as its value, got {self}")

    @property
    def title(self) -> str:
        """What stands beside it."""
        return self.label

    def places(self) -> tuple[Value, ...]:
        """All options."""
        return self.options

    def leaves(self) -> tuple[Value, ...]:
        """All options."""
        return self.options

    def widget(self, value: Value) -> Any:
        """The control, which answers to the arrow keys."""
        return ipywidgets.Dropdown(options=self.options, value=value, description=self.title, **_look())


def _look() -> dict[str, Any]:
    return {"style": {"description_width": LABEL_WIDTH}, "layout": {"width": CONTROL_WIDTH}}


@dataclass(frozen=True)
class Explorer:
    """A figure with controls.

    Args:
        name: what is explored.
        draw: a pure function: parameters to a new figure, quick enough to follow a slider (below 150 ms).
        controls: by the name of the parameter; those of ``draw`` that have none keep their defaults.
        alt: parameters to a sentence on what is seen.
        projected: the same with fewer parts, wide and low, for slides; where None, slides show ``draw``.
    """

    name: str
    draw: Callable[..., matplotlib.figure.Figure]
    controls: dict[str, Slider | Choice]
    alt: Callable[..., str]
    projected: Callable[..., matplotlib.figure.Figure] | None = None

    def defaults(self) -> dict[str, Value]:
        """Where the controls stand at the beginning."""
        return {name: control.value for name, control in self.controls.items()}

    def settings(self) -> Iterator[dict[str, Value]]:
        """The beginning; then each control at its lowest, middle and highest or at all its options, others unmoved."""
        yield self.defaults()
        for name, control in self.controls.items():
            for place in control.places():
                yield {**self.defaults(), name: place}

    def panel(self, **overrides: Value) -> Any:
        """Controls with the figure beneath, redrawn as they move: the value of the last line of a cell.

        The page sends one change at a time and drops those that are overtaken, so that dragging does not pile up work.

        Args:
            overrides: where controls stand at the beginning.

        Raises:
            ValueError: there is no such control.
        """
        values = self._checked(overrides)
        if not a_page_asks():
            text = f"{self.name}: run this cell in JupyterLab to move its controls; a still follows"
            return Page(f"<p><em>{escape(text)}</em></p>", f"[{text}]")
        return self.widget(**values)

    def widget(self, **overrides: Value) -> Any:
        """The panel, whoever asks."""
        values = self._checked(overrides)
        controls = {name: control.widget(values[name]) for name, control in self.controls.items()}
        picture = ipywidgets.HTML(value=self._html(values))

        def redraw(_: Mapping[str, Any]) -> None:
            picture.value = self._html({name: control.value for name, control in controls.items()})

        for control in controls.values():
            control.observe(redraw, names="value")
        wrapping = {"flex_flow": "row wrap", "max_width": PANEL_WIDTH}
        return ipywidgets.VBox([ipywidgets.Box(list(controls.values()), layout=wrapping), picture])

    def _html(self, values: Mapping[str, Value]) -> str:
        """The figure, or in its place what was wrong."""
        try:
            return figure_image(self.draw(**values), self.alt(**values), quick=True)
        except ValueError as error:
            return f"<p>{escape(str(error))}</p>"

    def static(self, *, caption: str = "", zoom: float | int = 1, **parameters: Value) -> None:
        """Show the figure as a picture, for pages without a kernel.

        Args:
            caption: what stands beneath.
            zoom: how many times larger than in a chapter: for slides.
            parameters: where controls stand.

        Raises:
            ValueError: there is no such control.
        """
        values = self._checked(parameters)
        show(self.draw(**values), self.alt(**values), caption, zoom=zoom)

    def on_slide(self, moving: str, *, zoom: float | int = 1.5, **parameters: Value) -> Any:
        """What a slide shows, as the last line of its cell: the panel where there is a kernel, in published pages one
        slider that leafs through pictures, and a still otherwise.

        Args:
            moving: the control that can be moved without a kernel.
            zoom: how many times larger than in a chapter the pictures are.
            parameters: where controls stand at the beginning.

        Raises:
            ValueError: there is no such control.
        """
        if a_page_asks():
            return self.widget(**parameters)
        if os.environ.get(PUBLISHING):
            return self.leafing(moving, zoom=zoom, **parameters)
        values = self._checked(parameters)
        show(self._on_slide(**values), self.alt(**values), zoom=zoom)
        return None

    @property
    def _on_slide(self) -> Callable[..., matplotlib.figure.Figure]:
        return self.projected or self.draw

    def leafing(self, moving: str, *, zoom: float | int = 1, **parameters: Value) -> Any:
        """One control that leafs through pictures drawn in advance, linked in the page, so that it needs no kernel.

        Raises:
            ValueError: there is no such control.
        """
        values = self._checked({moving: self.defaults().get(moving, 0), **parameters})
        places = _holding(self.controls[moving].leaves(), values[moving])
        pictures = [self._leaf({**values, moving: place}, zoom) for place in places]
        names = [f"{place:g}" if isinstance(place, float) else str(place) for place in places]
        begin = places.index(values[moving])
        look = {"style": {"description_width": "initial"}, "layout": {"width": f"{LEAFING_WIDTH}px", "height": "40px"}}
        title = self.controls[moving].title
        slider = ipywidgets.SelectionSlider(options=names, index=begin, description=title, **look)
        stack = ipywidgets.Stack(pictures, selected_index=begin)
        ipywidgets.jslink((slider, "index"), (stack, "selected_index"))
        return ipywidgets.VBox([slider, stack])

    def _leaf(self, values: Mapping[str, Value], zoom: float | int) -> Any:
        return ipywidgets.HTML(figure_image(self._on_slide(**values), self.alt(**values), zoom=zoom))

    def _checked(self, values: Mapping[str, Value]) -> dict[str, Value]:
        unknown = values.keys() - self.controls.keys()
        if unknown:
            raise ValueError(f"{self.name} has no control {sorted(unknown)}; it has {', '.join(self.controls)}")
        return {**self.defaults(), **values}


def _holding(places: tuple[Value, ...], begin: Value) -> list[Value]:
    """The places, the nearest of them moved to where the control stands at the beginning."""
    kept = list(places)
    if begin not in kept:
        distances = [abs(float(place) - float(begin)) for place in kept]
        kept[distances.index(min(distances))] = begin
    return kept


def a_page_asks() -> bool:
    """Whether a page in a browser runs this cell: it says which cell, and nbconvert and nbval do not.

    A stored widget without its kernel shows as an error; so none is stored when chapters are executed by machine.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return False
    return bool(kernel.get_parent("shell").get("metadata")) or COLAB in os.environ
