"""How quickly explorers follow a slider: parameters to the HTML of the picture, as the kernel of a notebook does it.

Run: python tests/benchmarks/bench_widgets.py
"""

from __future__ import annotations

import time
from importlib import import_module
from statistics import median, quantiles

from thlab.course.figures import figure_image
from thlab.course.widgets import EXPLORERS
from thlab.course.widgets.explorer import Explorer, Slider

STEPS = 20
"""Places of each slider."""


def follow(explorer: Explorer, name: str, slider: Slider) -> list[float]:
    """Seconds of each redraw while one slider goes from end to end."""
    steps = (slider.high - slider.low) / slider.step
    places = [slider.low + slider.step * round(steps * i / STEPS) for i in range(STEPS + 1)]
    seconds = []
    for place in places:
        values = explorer.defaults() | {name: place}
        begin = time.perf_counter()
        figure_image(explorer.draw(**values), explorer.alt(**values), quick=True)
        seconds.append(time.perf_counter() - begin)
    return seconds[1:]


def main() -> None:
    for where in EXPLORERS.values():
        explorer = import_module(where).EXPLORER
        figure_image(explorer.draw(), "warm", quick=True)
        sliders = {name: control for name, control in explorer.controls.items() if isinstance(control, Slider)}
        seconds = [1000 * s for name, slider in sliders.items() for s in follow(explorer, name, slider)]
        slowest = quantiles(seconds, n=10)[-1]
        print(f"{explorer.name:22} median {median(seconds):4.0f} ms, 9 of 10 below {slowest:4.0f} ms")


if __name__ == "__main__":
    main()
