"""A face in a square picture with its points, and explorers that also take a photograph of one's own."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.figure import Figure
from PIL import Image, ImageDraw
from skimage.data import astronaut

from thlab.course.figures import figure_image
from thlab.course.plot import PALETTE
from thlab.course.widgets.explorer import Explorer, Value
from thlab.face.action_units import expression
from thlab.face.head import Avatar, Renderer, plain_background, sample_person, studio_light
from thlab.face.landmarks import Detection, FaceMesh, chosen_face
from thlab.face.landmarks.rasters import LINES
from thlab.media.pictures import read_picture

SIZE = 320
"""Pixels a side."""
MARGIN = 0.30
"""Of the face's size, on each side of it."""
LEAST = 40
"""Pixels of a face: below, too little is left to be enlarged."""
ASTRONAUT, INVENTED = "astronaut (a photograph)", "an invented person"
FACES = (ASTRONAUT, INVENTED)
OWN = "your own photograph"


@dataclass(frozen=True, eq=False)
class Portrait:
    """A square picture of one face."""

    pixels: UInt8[np.ndarray, "height width 3"]
    found: Detection
    """The points of the detector, in pixels of this picture."""

    @property
    def points(self) -> Float[np.ndarray, "68 2"]:
        """The 68 landmarks."""
        return self.found.ibug().astype(float)


@cache
def face_mesh() -> FaceMesh:
    """The detector, loaded once."""
    return FaceMesh()


def portrait_of(picture: UInt8[np.ndarray, "height width 3"], *, where: str, size: int = SIZE) -> Portrait:
    """Cut the largest face out of a picture, and find its points.

    Raises:
        ValueError: there is no face, or it is tiny.
    """
    whole = chosen_face(face_mesh().detect(picture), None, where=where)
    left, top, right, bottom = whole.box
    height, width = picture.shape[:2]
    side = min((1 + 2 * MARGIN) * max(right - left, bottom - top), height, width)
    if max(right - left, bottom - top) < LEAST:
        raise ValueError(f"the face in {where} has fewer than {LEAST} pixels; take a picture from nearer by")
    around = np.array([(left + right - side) / 2, (top + bottom - side) / 2 - 0.04 * side])
    corner = np.clip(around, 0, [width - side, height - side])
    box = (*corner, *(corner + side))
    cut = Image.fromarray(picture).transform((size, size), Image.Transform.EXTENT, box, Image.Resampling.BICUBIC)
    points = (whole.points - [*corner, 0]) * (size / side)
    return Portrait(np.asarray(cut), Detection(points.astype(np.float32), whole.scheme, whole.score))


@cache
def portrait(name: str) -> Portrait:
    """One of :data:`FACES`."""
    picture = astronaut() if name == ASTRONAUT else invented()
    return portrait_of(picture, where=name)


def invented(seed: int = 29, *, yaw: float = 0.15, size: int = 480) -> UInt8[np.ndarray, "height width 3"]:
    """A picture of somebody who does not exist."""
    pose = np.array([yaw, 0, 0, 0, 0, 0], np.float32)
    camera = Renderer(size)
    face = expression(), pose, np.zeros(2, np.float32)
    return camera.render(Avatar(sample_person(seed)), *face, studio_light(), plain_background(size)).copy()


def cartoon(size: int = 320) -> UInt8[np.ndarray, "height width 3"]:
    """A face that is drawn with eight shapes, for detectors to miss."""
    picture = Image.new("RGB", (2 * size, 2 * size), "#bfe3ea")
    pen, unit = ImageDraw.Draw(picture), size / 160

    def oval(x: int, y: int, across: int, down: int, fill: str, outline: str | None = "#2b2b2b") -> None:
        box = [unit * number for number in (x - across, y - down, x + across, y + down)]
        pen.ellipse(box, fill=fill, outline=outline, width=round(2.5 * unit))

    oval(160, 150, 96, 118, "#f5c542")
    for x in (122, 198):
        oval(x, 118, 20, 26, "#ffffff")
        oval(x + 4, 122, 8, 11, "#2b2b2b", None)
        pen.arc([unit * (x - 26), unit * 74, unit * (x + 26), unit * 100], 200, 340, "#2b2b2b", round(5 * unit))
    oval(160, 158, 12, 16, "#e79a2d")
    pen.chord([unit * 112, unit * 160, unit * 208, unit * 236], 12, 168, "#a02a20", "#2b2b2b", round(2.5 * unit))
    return np.asarray(picture.resize((size, size), Image.Resampling.LANCZOS))


def read_upload(upload: Mapping[str, Any]) -> Portrait:
    """The face of a file that was uploaded; nothing is kept.

    Raises:
        ValueError: not a picture, or no face in it.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photograph"
        path.write_bytes(bytes(upload["content"]))
        try:
            picture = read_picture(path)
        except ValueError as error:
            raise ValueError(str(error).replace(str(path), upload["name"])) from None
    return portrait_of(picture, where=upload["name"])


@dataclass(frozen=True)
class PhotographExplorer(Explorer):
    """An explorer whose ``draw`` takes ``own``, a portrait to show in the place of the one that ``face`` names."""

    def widget(self, **overrides: Value) -> Any:
        """The panel with a button for a photograph of one's own; the picture stays in the kernel's memory."""
        panel = super().widget(**overrides)
        box, picture = panel.children
        controls = dict(zip(self.controls, box.children, strict=True))
        upload = ipywidgets.FileUpload(
            accept="image/*", description="your own photograph", layout={"width": "260px", "margin": "2px 0 2px 154px"}
        )
        own: list[Portrait] = []

        def redraw(_: Mapping[str, Any]) -> None:
            picture.value = self._own_html({name: control.value for name, control in controls.items()}, own)

        def take(change: Mapping[str, Any]) -> None:
            try:
                own[:] = [read_upload(change["new"][0])] if change["new"] else []
            except ValueError as error:
                picture.value = f"<p>{escape(str(error))}</p>"
                return
            redraw(change)

        def back(change: Mapping[str, Any]) -> None:
            own.clear()
            redraw(change)

        for name, control in controls.items():
            control.unobserve_all("value")
            control.observe(back if name == "face" else redraw, names="value")
        upload.observe(take, names="value")
        box.children = (*box.children, upload)
        return panel

    def _own_html(self, values: Mapping[str, Value], own: list[Portrait]) -> str:
        if not own:
            return self._html(values)
        alt = self.alt(**values).replace(str(values["face"]), OWN)
        try:
            return figure_image(self.draw(**values, own=own[0]), alt, quick=True)
        except ValueError as error:
            return f"<p>{escape(str(error))}</p>"


def box_axes(fig: Figure, left: float | int, side: float, low: float = 0.0) -> Any:
    """Square axes for a picture at so many inches, with pixels as their unit and y downwards."""
    width, height = fig.get_size_inches()
    ax = fig.add_axes((left / width, low / height, side / width, side / height))
    ax.set_axis_off()
    return ax


def show_pixels(ax: Any, pixels: UInt8[np.ndarray, "height width 3"], *, light: float = 0.0) -> None:
    """A picture in axes, lightened towards white by a share."""
    height, width = pixels.shape[:2]
    lightened = (255 * light + (1 - light) * pixels.astype(np.float32)).astype(np.uint8)
    ax.imshow(lightened, extent=(0, width, height, 0), interpolation="antialiased")
    ax.set(xlim=(0, width), ylim=(height, 0))


def draw_lines(
    ax: Any, points: Float[np.ndarray, "68 2"], *, colour: str = PALETTE[0], width: float = 1.6, dash: str = "-"
) -> None:
    """The nine lines of a face."""
    for line in LINES.values():
        ax.plot(*points[list(line)].T, color=colour, linewidth=width, linestyle=dash, solid_capstyle="round")
