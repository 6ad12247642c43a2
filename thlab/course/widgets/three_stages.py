"""The three stages of a talking head at one moment: what is heard, how the face moves, what is seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thlab.audio.features import log_mel
from thlab.course.plot import INK, NORMAL, PALETTE, SMALL, dress, plot_mel
from thlab.course.widgets.explorer import Choice, Explorer, Slider
from thlab.experiments.talk import TalkConfig, say_text, trained_talker
from thlab.face.action_units import EXPRESSION_INDEX
from thlab.face.head import Avatar, Renderer, plain_background, sample_person, studio_light
from thlab.face.motion import Motion
from thlab.timebase import Interval, frame_at, frames_to_seconds, labels_at

TEXT = "We move both boats to the far shore."
"""Round vowels, open vowels, and lips that close on m and b."""
ACTORS = ("8", "12", "20", "29")
"""Seeds of people who differ."""
EMOTIONS = ("neutral", "happy", "sad", "angry", "surprise")
LAST = 2.04
"""Seconds; the shortest of the performances lasts a little longer."""
AROUND = 0.5
"""Seconds of sound shown to each side."""
SIZE = 192
"""Pixels of the frame."""
BARS = {
    "jaw_open": "jaw open", "pucker": "lips pursed", "stretch": "lips stretched", "press": "lips pressed",
    "smile_L": "smile", "brow_inner": "brows up", "brow_lower": "brows down", "blink_L": "eyes closed",
}  # fmt: skip
"""Modes that are shown, with words for them."""
TURNS = {"turned to its left": 0, "tilted down": 1}
"""Columns of the pose, in radians."""
TURNED = 15.0
"""Degrees that fill the axis of the turns."""


@dataclass(frozen=True, eq=False)
class Performance:
    """One actor's saying of the text."""

    mel: Float[np.ndarray, "hops mels"]
    phones: tuple[Interval, ...]
    motion: Motion


@lru_cache(maxsize=32)
def performance(actor: int, emotion: str) -> Performance:
    """Text to sound to motion: everything but the pixels."""
    speech = say_text(TEXT, TalkConfig(actor=actor, emotion=emotion))
    motion = trained_talker().act(speech.audio, speech.transcript, emotion=emotion, intensity=0.8, seed=actor)
    return Performance(log_mel(speech.audio).numpy(), speech.transcript.phones, motion)


@lru_cache(maxsize=8)
def avatar_of(actor: int) -> Avatar:
    return Avatar(sample_person(actor))


@lru_cache(maxsize=1)
def renderer() -> Renderer:
    return Renderer(SIZE)


def frame(motion: Motion, index: int, actor: int) -> UInt8[np.ndarray, "height width 3"]:
    """The picture of one frame."""
    row = (motion.expression[index], motion.pose[index], motion.gaze[index])
    return renderer().render(avatar_of(actor), *row, studio_light(), plain_background(SIZE)).copy()


def draw(moment: float | int = 0.64, actor: str = "20", emotion: str = "neutral") -> Figure:
    """The three stages at one moment.

    Args:
        moment: seconds from the beginning.
        actor: seed of the person, as in :data:`ACTORS`.
        emotion: as in :data:`EMOTIONS`.

    Raises:
        ValueError: the moment lies outside of the performance, or the emotion is unknown.
    """
    said = performance(int(actor), emotion)
    index = frame_at(moment)
    if not 0 <= index < len(said.motion):
        raise ValueError(f"expected a moment from 0 to {frames_to_seconds(len(said.motion)):.2f} s, got {moment}")
    fig = Figure((8.6, 3.3))
    heard = fig.add_axes((0.075, 0.17, 0.29, 0.64))
    _hear(heard, said, float(moment))
    _act(fig.add_axes((0.515, 0.36, 0.15, 0.45)), fig.add_axes((0.515, 0.17, 0.15, 0.12)), said.motion, index)
    seen = fig.add_axes((0.695, 0.07, 0.3, 0.76))
    seen.imshow(frame(said.motion, index, int(actor)), interpolation="antialiased")
    seen.set_axis_off()
    for place, title in ((0.075, "1  what is heard"), (0.395, "2  how the face moves"), (0.695, "3  what is seen")):
        fig.text(place, 0.93, title, fontsize=NORMAL + 1, weight="bold", color=INK)
    return fig


def _hear(ax: Axes, said: Performance, moment: float) -> None:
    plot_mel(said.mel, ax=ax)
    ax.set_facecolor("#eeeeee")
    ax.set_xlim(moment - AROUND, moment + AROUND)
    ax.axvline(moment, color="white", linewidth=3.5)
    ax.axvline(moment, color=INK, linewidth=1.5)
    for phone in said.phones:
        middle = (phone.start + phone.end) / 2
        if abs(middle - moment) < AROUND - 0.02:
            ax.annotate(phone.label, (middle, 1.01), xycoords=("data", "axes fraction"), ha="center", fontsize=SMALL)


def _act(face: Axes, head: Axes, motion: Motion, index: int) -> None:
    amounts = [float(motion.expression[index][EXPRESSION_INDEX[mode]]) for mode in BARS]
    _bars(face, list(BARS.values()), amounts, 1.0)
    degrees = [float(np.degrees(motion.pose[index][column])) for column in TURNS.values()]
    _bars(head, list(TURNS), degrees, TURNED)
    face.set_xlim(0, 1)
    face.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    head.set_xticks([-TURNED, 0, TURNED], [f"−{TURNED:.0f}°", "0°", f"{TURNED:.0f}°"])
    head.axvline(0, color=INK, linewidth=0.8)


def _bars(ax: Axes, names: list[str], amounts: list[float], most: float) -> None:
    """Horizontal bars, the first on top; what is beyond the axis is cut."""
    ax.barh(range(len(names)), np.clip(amounts, -most, most), color=PALETTE[0], height=0.62)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(-most, most)
    dress(ax)
    ax.tick_params(axis="y", length=0)


def alt(moment: float | int = 0.64, actor: str = "20", emotion: str = "neutral") -> str:
    """What is seen at that moment."""
    said = performance(int(actor), emotion)
    index = frame_at(moment)
    row = said.motion.expression[index]
    amounts = ", ".join(f"{name} {row[EXPRESSION_INDEX[mode]]:.1f}" for mode, name in BARS.items())
    phone = labels_at(said.phones, [float(moment)], gap="silence")[0]
    return (
        f"Three panels at {moment:.2f} s of “{TEXT}”. Left, log-mel energies of half a second to each side, the moment "
        f"marked in the phone {phone}. Middle, bars: {amounts}. Right, the face of actor {actor}, {emotion}."
    )


EXPLORER = Explorer(
    "three stages",
    draw,
    {
        "moment": Slider(0.0, LAST, frames_to_seconds(1), 0.64, "moment", "s"),
        "actor": Choice(ACTORS, "20", "actor"),
        "emotion": Choice(EMOTIONS, "neutral", "emotion"),
    },
    alt,
)
