"""Warp explorer: pull a landmark or move the face, and see the photograph follow; with a photograph of one's own.

Chapter 06, "Probe it".
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from matplotlib.figure import Figure
from scipy.interpolate import RBFInterpolator
from scipy.spatial import Delaunay

from thlab.course.photographs import (
    ASTRONAUT,
    FACES,
    PhotographExplorer,
    Portrait,
    box_axes,
    draw_lines,
    portrait,
    show_pixels,
)
from thlab.course.plot import INK, PALETTE, SMALL
from thlab.course.widgets.explorer import Choice, Explorer, Slider
from thlab.face.action_units import expression
from thlab.face.landmarks.conversion import MESH_OF_IBUG
from thlab.face.landmarks.laplacian import from_laplacian, ibug_edges, laplacian_coordinates
from thlab.face.mesh import fit_pose, mesh_basis
from thlab.face.points import LEFT_CORNER, RIGHT_CORNER
from thlab.render.warp import sample

MOTIONS: dict[str, dict[str, float]] = {
    "rest": {},
    "open the jaw": {"jaw_open": 1.0},
    "smile": {"smile": 1.0},
    "purse the lips": {"pucker": 1.0},
    "raise the brows": {"brow_inner": 1.0, "brow_outer": 1.0},
    "close the eyes": {"blink": 1.0},
}
"""What the face may do, as coefficients of the expression basis."""
ALONE, TOGETHER = "alone", "with its neighbours (Laplacian)"
TRIANGLES, SMOOTH = "triangles", "smooth (thin plate)"
HELD = (0, 4, 12, 16, 27, 36, 39, 42, 45)
"""Landmarks that stay where they are when another is pulled with its neighbours."""
SIDE, GAP, LOW = 3.55, 0.10, 0.34
"""Inches: of the pictures, between them, and beneath them."""
COARSE = 40
"""Points a side at which the smooth warp is computed; between them it is interpolated."""
FRAME = 3
"""Points of the border a side, which hold the picture in place."""


def pulled(
    points: Float[np.ndarray, "68 2"], point: int, by: Float[np.ndarray, "2"], follow: str
) -> Float[np.ndarray, "68 2"]:
    """The landmarks after one of them is pulled.

    Args:
        points: in pixels.
        point: which one.
        by: how far, in pixels.
        follow: ``ALONE``, or ``TOGETHER``: then the others keep their Laplacian coordinates as well as they can.
    """
    if follow == ALONE:
        moved = points.copy()
        moved[point] += by
        return moved
    anchors = {index: points[index] for index in HELD} | {point: points[point] + by}
    return from_laplacian(laplacian_coordinates(points, ibug_edges()), ibug_edges(), anchors)


def expressed(shown: Portrait, motion: str, amount: float) -> Float[np.ndarray, "68 2"]:
    """The landmarks of a portrait after a motion of the face."""
    coefficients = amount * expression(**MOTIONS[motion])
    fields = np.einsum("m,mpa->pa", coefficients, mesh_basis().expression)[MESH_OF_IBUG]
    return shown.points + fit_pose(shown.found.points.astype(float)).displacement(fields)[:, :2]


def backward_places(
    size: tuple[int, int], before: Float[np.ndarray, "points 2"], after: Float[np.ndarray, "points 2"], how: str
) -> Float[np.ndarray, "height width 2"]:
    """Where each pixel of the warped picture comes from, in pixels, when ``before`` moves to ``after``.

    Args:
        size: height and width of the picture.
        how: ``TRIANGLES``: in each triangle of points one affine map; ``SMOOTH``: the map that bends least.

    Source: Bookstein 1989, "Principal warps: thin-plate splines and the decomposition of deformations" (smooth).
    """
    height, width = size
    if how == TRIANGLES:
        pixels = _grid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        return _by_triangles(pixels, before, after).reshape(height, width, 2)
    x, y = np.linspace(0, width, COARSE), np.linspace(0, height, COARSE)
    bent = RBFInterpolator(after, before, kernel="thin_plate_spline")(_grid(x, y)).reshape(1, COARSE, COARSE, 2)
    return _between(torch.from_numpy(bent), size)


def _grid(x: Float[np.ndarray, "columns"], y: Float[np.ndarray, "rows"]) -> Float[np.ndarray, "places 2"]:
    return np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)


def _by_triangles(
    pixels: Float[np.ndarray, "places 2"], before: Float[np.ndarray, "points 2"], after: Float[np.ndarray, "points 2"]
) -> Float[np.ndarray, "places 2"]:
    """Barycentric coordinates in the triangles of ``after``, taken to those of ``before``."""
    net = Delaunay(after)
    inside = np.maximum(net.find_simplex(pixels), 0)
    maps = net.transform[inside]
    first = np.einsum("pij,pj->pi", maps[:, :2], pixels - maps[:, 2])
    shares = np.concatenate([first, 1 - first.sum(1, keepdims=True)], 1)
    return np.einsum("pk,pka->pa", shares, before[net.simplices[inside]])


def _between(coarse: torch.Tensor, size: tuple[int, int]) -> Float[np.ndarray, "height width 2"]:
    options: dict[str, Any] = {"mode": "bilinear", "align_corners": True}
    fine = torch.nn.functional.interpolate(coarse.movedim(-1, 1), (size[0] + 1, size[1] + 1), **options)
    corners = fine.movedim(1, -1)[0].numpy()
    return (corners[:-1, :-1] + corners[1:, 1:]) / 2


def warped(
    pixels: UInt8[np.ndarray, "height width 3"],
    before: Float[np.ndarray, "68 2"],
    after: Float[np.ndarray, "68 2"],
    how: str,
) -> UInt8[np.ndarray, "height width 3"]:
    """The picture after its landmarks have moved; its border stays."""
    size = pixels.shape[:2]
    edge = _border(size)
    places = backward_places(size, np.concatenate([before, edge]), np.concatenate([after, edge]), how)
    where = torch.from_numpy(2 * places / [size[1], size[0]] - 1).float()
    picture = torch.from_numpy(pixels.copy()).movedim(-1, 0).float()
    return sample(picture[None], where[None])[0].movedim(0, -1).round().byte().numpy()


def _border(size: tuple[int, int]) -> Float[np.ndarray, "points 2"]:
    height, width = size
    x, y = np.linspace(0, width, FRAME), np.linspace(0, height, FRAME)
    places = _grid(x, y)
    on_edge = (places % [width, height] == 0).any(1)
    return places[on_edge]


def draw(
    *,
    face: str = ASTRONAUT,
    motion: str = "open the jaw",
    amount: float = 0.5,
    point: int = 8,
    right: float = 0.0,
    down: float = 0.06,
    follow: str = TOGETHER,
    how: str = TRIANGLES,
    net: str = "landmarks",
    own: Portrait | None = None,
) -> Figure:
    """Draw a photograph with its landmarks before and after, and the photograph warped.

    Args:
        face: one of ``FACES``.
        motion: one of ``MOTIONS``.
        amount: of the motion; 1 is a full one.
        point: number of the landmark that is pulled.
        right: how far to the right, in distances of the eyes.
        down: how far down.
        follow: whether the others follow: ``ALONE`` or ``TOGETHER``.
        how: the warp: ``TRIANGLES`` or ``SMOOTH``.
        net: what is drawn over the left picture: ``landmarks`` or ``triangles``.
        own: a portrait to take in the place of ``face``.

    Chapter 06.
    """
    shown = own or portrait(face)
    eyes = float(np.linalg.norm(shown.points[RIGHT_CORNER] - shown.points[LEFT_CORNER]))
    after = pulled(expressed(shown, motion, float(amount)), int(point), np.array([right, down]) * eyes, follow)
    fig = Figure((2 * SIDE + GAP, SIDE + LOW), facecolor="white")
    _plan(fig, shown, after, int(point), net)
    ax = box_axes(fig, SIDE + GAP, SIDE, LOW)
    show_pixels(ax, warped(shown.pixels, shown.points, after, how))
    fig.text(SIDE / (2 * SIDE + GAP) + 0.015, 0.03, f"warped: {how}", fontsize=SMALL, color=INK, va="bottom")
    return fig


def _plan(fig: Figure, shown: Portrait, after: Float[np.ndarray, "68 2"], point: int, net: str) -> None:
    """The photograph with landmarks as found and as moved, or with the triangles of those that moved."""
    ax = box_axes(fig, 0, SIDE, LOW)
    show_pixels(ax, shown.pixels, light=0.35)
    if net == "triangles":
        whole = np.concatenate([after, _border(shown.pixels.shape[:2])])
        ax.triplot(*whole.T, _triangles(whole), color=PALETTE[0], linewidth=0.8)
    else:
        draw_lines(ax, shown.points, colour=INK, width=0.9, dash=":")
        draw_lines(ax, after, colour=PALETTE[1], width=1.8)
    ax.plot(*after[point], "o", color=PALETTE[3], markersize=8, markeredgecolor=INK)
    fig.text(0.0, 0.03, f"dotted: found; red: moved; point {point} marked", fontsize=SMALL, color=INK, va="bottom")


def _triangles(points: Float[np.ndarray, "points 2"]) -> Int[np.ndarray, "triangles 3"]:
    return np.asarray(Delaunay(points).simplices)


def _alt(**parameters: Any) -> str:
    """What is seen, in words."""
    p = {name: control.value for name, control in CONTROLS.items()} | parameters
    return (
        f"The face of {p['face']} with its landmarks and where they move: {p['motion']} by {p['amount']:.1f}, and "
        f"point {p['point']} pulled by {p['right']:+.2f} to the right and {p['down']:+.2f} down, in distances of eyes, "
        f"{p['follow']}; beside it the photograph warped, {p['how']}."
    )


CONTROLS: dict[str, Slider | Choice] = {
    "face": Choice(FACES, ASTRONAUT, "face"),
    "motion": Choice(tuple(MOTIONS), "open the jaw", "the face"),
    "amount": Slider(0.0, 1.2, 0.1, 0.5, "how much"),
    "point": Slider(0, 67, 1, 8, "pull point"),
    "right": Slider(-0.3, 0.3, 0.02, 0.0, "to the right", "eyes"),
    "down": Slider(-0.3, 0.3, 0.02, 0.06, "down", "eyes"),
    "follow": Choice((ALONE, TOGETHER), TOGETHER, "it moves"),
    "how": Choice((TRIANGLES, SMOOTH), TRIANGLES, "warp"),
    "net": Choice(("landmarks", "triangles"), "landmarks", "left picture"),
}
EXPLORER: Explorer = PhotographExplorer("warp explorer", draw, CONTROLS, _alt)
