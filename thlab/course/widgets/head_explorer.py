"""Head explorer: who somebody is, what the mouth says, what the face feels and where it turns, one slider each.

Chapter 01, "Probe it".
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from thlab.course.figures import drawn
from thlab.course.plot import GRID, INK, place_still
from thlab.course.widgets.explorer import Choice, Explorer, Slider
from thlab.face.action_units import EMOTION_NAMES, EXPRESSIONS, add_emotion, expression
from thlab.face.head import Avatar, Camera, Region, Renderer, plain_background, sample_person, studio_light
from thlab.face.head.identity_basis import IDENTITY_INDEX
from thlab.face.head.truth import FrameTruth
from thlab.face.visemes import TARGETS, VISEMES

SIZE, SMALL = 320, 160
"""Pixels a side: of the picture, and of the truth beside it."""
WIDTH, HEIGHT, GAP, BARS, MARGIN = 8.4, 4.3, 0.06, 1.05, 0.08
"""Inches: of the figure, between its pictures, the width of the bars, and from a picture's corner to its legend."""
PICTURES = HEIGHT + GAP + (HEIGHT - GAP) / 2
"""Inches that the pictures take, side by side."""
PEOPLE = 199
"""The last seed of a person that the slider reaches."""
PORTRAIT = Camera(zoom=1.22, shift=(0.0, -0.10))
NAMES = {"parts": "parts", "normals": "normals", "depth": "depth, near is light"}
"""Of what the lower small picture may show."""
TRUTHS = tuple(NAMES)
Square = tuple[float | int, float | int, float | int]
"""Inches of a figure: left, bottom and side."""
LAYERS = {"sliders": "#b9c4cc", "viseme": "#2f6f9f", "emotion": "#d98a2b"}
"""Where a coefficient comes from, and its colour: light, dark and middle in grey."""
PARTS = {
    Region.BACKGROUND: "#f2f2ef", Region.SKIN: "#e3b89a", Region.NECK: "#c8926f", Region.LIPS: "#b03a48",
    Region.MOUTH: "#4a1420", Region.TEETH: "#ffffff", Region.EYES: "#3f7fb5", Region.BROWS: "#5a3d28",
    Region.HAIR: "#2e2622", Region.EARS: "#d59a74", Region.CLOTH: "#8b95a1", Region.GLASSES: "#111111",
}  # fmt: skip
"""Colour of every part of the picture."""


def draw(
    *,
    actor: int = 12,
    face_width: float = 0.0,
    nose_length: float = 0.0,
    jaw_open: float = 0.0,
    smile: float = 0.0,
    brow_raise: float = 0.0,
    blink: float = 0.0,
    viseme: str = "sil",
    emotion: str = "happy",
    intensity: float = 0.8,
    yaw: float = 0.0,
    pitch: float = 0.0,
    roll: float = 0.0,
    truth: str = "parts",
    bars: bool = True,
) -> Figure:
    """Draw a face and everything that is known about it.

    Args:
        actor: seed of the person.
        face_width: added to the person's own coefficient of the identity mode ``width``; ±1 is clearly visible.
        nose_length: the same for the mode ``nose_length``.
        jaw_open: coefficient of the expression mode, 0 to 1; so are ``smile``, ``brow_raise`` and ``blink``.
        viseme: what the mouth says, a name in ``VISEMES``.
        emotion: what the face feels, a name in ``EMOTIONS``.
        intensity: of the emotion, 0 to 1.
        yaw: degrees towards the subject's left.
        pitch: degrees downwards.
        roll: degrees towards the subject's left shoulder.
        truth: what the small picture below shows, one of ``TRUTHS``.
        bars: whether the coefficients of the expression stand beside the pictures; they are too small for slides.

    Chapter 01.
    """
    own = {"jaw_open": jaw_open, "smile": smile, "brow_inner": brow_raise, "brow_outer": 0.8 * brow_raise}
    layers = face_layers(expression(**own, blink=blink), viseme, emotion, float(intensity))
    figure = Figure(figsize=(WIDTH if bars else PICTURES, HEIGHT), facecolor="white")
    avatar = _avatar(int(actor), float(face_width), float(nose_length))
    _show_pictures(figure, avatar, layers, _pose(yaw, pitch, roll), truth)
    if bars:
        _show_coefficients(figure, layers)
    return figure


def face_layers(
    own: Float[np.ndarray, "modes"], viseme: str, emotion: str, intensity: float
) -> dict[str, Float[np.ndarray, "modes"]]:
    """What the sliders, the viseme and the emotion each add to the face; their sum is its expression.

    A viseme adds to the sliders up to 1; the emotion gives way to both, as ``add_emotion`` does it.

    Raises:
        ValueError: the viseme or the emotion is none.
    """
    if viseme not in TARGETS:
        raise ValueError(f"no viseme is called {viseme!r}; choose one of {', '.join(VISEMES)}")
    spoken = np.minimum(own + expression(**TARGETS[viseme]), np.maximum(own, 1)).astype(np.float32)
    felt = add_emotion(spoken[None], emotion, intensity)[0]
    return dict(zip(LAYERS, (own, spoken - own, felt - spoken), strict=True))


@lru_cache(maxsize=8)
def _avatar(actor: int, face_width: float, nose_length: float) -> Avatar:
    """A person, with some identity modes moved; the last eight are kept."""
    person = sample_person(actor)
    identity = person.identity.copy()
    identity[IDENTITY_INDEX["width"]] += face_width
    identity[IDENTITY_INDEX["nose_length"]] += nose_length
    return Avatar(replace(person, identity=identity))


@lru_cache(maxsize=2)
def _renderer(size: int) -> Renderer:
    return Renderer(size, camera=PORTRAIT)


def _pose(yaw: float, pitch: float, roll: float) -> Float[np.ndarray, "6"]:
    """Degrees to a row of ``Motion.pose`` without translation."""
    return np.array([*np.radians([yaw, pitch, roll]), 0, 0, 0], np.float32)


# -- panels -----------------------------------------------------------------------------------------------------------


def _show_pictures(
    figure: Figure,
    avatar: Avatar,
    layers: dict[str, Float[np.ndarray, "modes"]],
    pose: Float[np.ndarray, "6"],
    truth: str,
) -> None:
    """The face, and beside it what is known: its landmarks above, a map below."""
    face: Float[np.ndarray, "modes"] = np.stack(list(layers.values())).sum(0)
    gaze, person = np.zeros(2, np.float32), avatar.person
    picture = _renderer(SIZE).render(avatar, face, pose, gaze, studio_light(), plain_background(SIZE))
    known = _renderer(SMALL).truth(avatar, face, pose, gaze, maps=truth == "normals")
    half = (HEIGHT - GAP) / 2
    who = f"actor {person.seed} · {'woman' if person.female else 'man'} of {person.age:.0f}"
    _place(figure, picture / 255, (0, 0, HEIGHT), who)
    small = picture.reshape(SMALL, SIZE // SMALL, SMALL, SIZE // SMALL, 3).mean((1, 3))
    above = (HEIGHT + GAP, half + GAP, half)
    _place(figure, 0.55 * small / 255 + 0.40, above, f"68 landmarks, {int(known.visible.sum())} seen")
    _mark(figure, known, above)
    _place(figure, _map(known, truth), (HEIGHT + GAP, 0, half), NAMES[truth])


def _place(figure: Figure, picture: Float[np.ndarray, "height width 3"], square: Square, text: str) -> None:
    """A picture, 0 to 1, in a square of the figure, with a legend in its lower left corner."""
    left, low, side = square
    width = figure.get_figwidth()
    place_still(figure, (255 * picture).astype(np.uint8), (left / width, low / HEIGHT, side / width, side / HEIGHT))
    figure.text(
        (left + MARGIN) / width, (low + MARGIN) / HEIGHT, text, fontsize=11, color="white", va="bottom",
        bbox={"facecolor": "#1d2733", "edgecolor": "none", "alpha": 0.78, "pad": 2.5},
    )  # fmt: skip


def _mark(figure: Figure, known: FrameTruth, square: Square) -> None:
    """Landmarks over a square: filled dots are points that the camera sees, rings those turned away or covered."""
    left, low, side = square
    for seen, face in ((True, "#0b3c5d"), (False, "none")):
        x, y = known.landmarks[known.visible == seen].T / SMALL
        places = (left + x * side) / figure.get_figwidth(), (low + (1 - y) * side) / HEIGHT
        dots = Line2D(*places, linestyle="", marker="o", markersize=3.2, transform=figure.transFigure)
        dots.set(markerfacecolor=face, markeredgecolor="#0b3c5d", markeredgewidth=0.8)
        figure.add_artist(dots)


def _map(known: FrameTruth, truth: str) -> Float[np.ndarray, "height width 3"]:
    """Colours, 0 to 1, of one of ``TRUTHS``."""
    if known.normals is not None:
        return np.where(np.isfinite(known.depth)[..., None], (known.normals + 1) / 2, 0.95)
    if truth == "depth":
        return np.repeat(_nearness(known.depth)[..., None], 3, -1)
    return np.array([to_rgb(PARTS[region]) for region in Region])[known.regions]


def _nearness(depth: Float[np.ndarray, "height width"]) -> Float[np.ndarray, "height width"]:
    """Grey values: the nearest white, the farthest dark, the background black."""
    there = np.isfinite(depth)
    near, far = depth[there].min(), depth[there].max()
    return np.where(there, 1 - 0.85 * (np.where(there, depth, far) - near) / max(far - near, 1e-6), 0.0)


def _show_coefficients(figure: Figure, layers: dict[str, Float[np.ndarray, "modes"]]) -> None:
    """All modes of the expression basis as bars, stacked by where they come from, over their names."""
    place_still(figure, _scale(), (PICTURES / WIDTH, 0.0, 1 - PICTURES / WIDTH, 1.0))
    axes, begin = _bar_axes(figure), np.zeros(len(EXPRESSIONS))
    for name, amounts in layers.items():
        axes.hlines(np.arange(len(EXPRESSIONS)), begin, begin + amounts, colors=LAYERS[name], linewidths=7.5)
        begin = begin + amounts


def _bar_axes(figure: Figure) -> Axes:
    """At the right edge: a row for each mode, three more for what stands above and below."""
    axes = figure.add_axes((1 - BARS / WIDTH, 0, BARS / WIDTH, 1))
    axes.set(xlim=(-0.01, 1.06), ylim=(len(EXPRESSIONS) + 1.6, -1.7))
    axes.set_axis_off()
    return axes


@lru_cache(maxsize=1)
def _scale() -> UInt8[np.ndarray, "height width 3"]:
    """What never changes beside the pictures, drawn once, since 37 texts take a third of the time of a redraw."""
    figure, count = Figure(figsize=(WIDTH, HEIGHT), facecolor="white"), len(EXPRESSIONS)
    axes = _bar_axes(figure)
    axes.text(1.03, -1.1, "expression coefficients", fontsize=9, ha="right", va="center", weight="bold")
    axes.vlines([0, 0.5, 1], -0.6, count - 0.4, colors=[INK, GRID, GRID], linewidths=0.8)
    for row, mode in enumerate(EXPRESSIONS):
        axes.text(-0.04, row, mode.replace("_", " "), fontsize=8, ha="right", va="center_baseline", color=INK)
    for place in (0.0, 0.5, 1.0):
        axes.text(place, count - 0.2, f"{place:g}", fontsize=8, ha="center", va="top", color=INK)
    for left, (name, colour) in zip((-0.80, -0.22, 0.40), LAYERS.items(), strict=True):
        axes.hlines(count + 1.15, left, left + 0.10, colors=colour, linewidths=7.5, clip_on=False)
        axes.text(left + 0.13, count + 1.15, name, fontsize=8, va="center_baseline", color=INK)
    page = drawn(figure, sharpness=2)
    return page[:, round(page.shape[1] * PICTURES / WIDTH) :].copy()


def _alt(**parameters: Any) -> str:
    """What is seen, in words."""
    p = {name: control.value for name, control in CONTROLS.items()} | parameters
    felt = "no emotion" if p["emotion"] == "neutral" else f"{p['emotion']} at {p['intensity']:.0%}"
    return (
        f"An invented person (actor {p['actor']}) with the mouth shape {p['viseme']} and {felt}, turned by "
        f"{p['yaw']:.0f}° to their left and {p['pitch']:.0f}° down, rolled by {p['roll']:.0f}°; beside it the same "
        f"face with its 68 landmarks, its {p['truth']}, and the 30 expression coefficients as bars."
    )


CONTROLS: dict[str, Slider | Choice] = {
    "actor": Slider(0, PEOPLE, 1, 12, "actor (seed)"),
    "face_width": Slider(-1.5, 1.5, 0.25, 0.0, "face width"),
    "nose_length": Slider(-1.5, 1.5, 0.25, 0.0, "nose length"),
    "viseme": Choice(VISEMES, "sil", "viseme"),
    "emotion": Choice(EMOTION_NAMES, "happy", "emotion"),
    "intensity": Slider(0.0, 1.0, 0.1, 0.8, "intensity"),
    "jaw_open": Slider(0.0, 1.0, 0.05, 0.0, "open the jaw"),
    "smile": Slider(0.0, 1.0, 0.05, 0.0, "smile"),
    "brow_raise": Slider(0.0, 1.0, 0.05, 0.0, "raise the brows"),
    "blink": Slider(0.0, 1.0, 0.05, 0.0, "close the eyes"),
    "yaw": Slider(-35.0, 35.0, 1.0, 0.0, "yaw, to their left", "°"),
    "pitch": Slider(-25.0, 25.0, 1.0, 0.0, "pitch, down", "°"),
    "roll": Slider(-25.0, 25.0, 1.0, 0.0, "roll, to their left", "°"),
    "truth": Choice(TRUTHS, "parts", "lower picture"),
}
EXPLORER = Explorer("head explorer", draw, CONTROLS, _alt, partial(draw, bars=False))
