"""Sync explorer: slide the sound under a speaking mouth, and see what SyncNet says of it.

Chapter 15, "Probe it".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn import functional

from thlab.audio.features import log_mel
from thlab.corpus.samples import read_sample
from thlab.course import ROOT
from thlab.course.plot import GRID, INK, MEL_COLOURS, PALETTE, SMALL, dress, place_still
from thlab.course.widgets.explorer import Choice, Explorer, Slider
from thlab.experiments.sync_scores import fitted, judge, mouths_for_sync
from thlab.metrics.sync import REACH, Sync, sync_of
from thlab.timebase import HOPS_PER_FRAME, SYNC_FRAMES, frames_to_samples, frames_to_seconds

CLIPS = {
    "the farmer": "00-neutral", "the beekeeper": "03-neutral", "the doctor": "06-neutral", "his wife": "09-neutral",
}  # fmt: skip
"""Clips of ``data_samples``, by words of their sentences: four people whom the judge never met."""
OWN, STRANGER, SILENCE = "that of the clip", "a stranger's", "silence"
VOICES = (OWN, STRANGER, SILENCE)
NOISES: dict[str, float | None] = {"none": None, "20 dB below": -20.0, "10 dB below": -10.0, "as loud": 0.0}
"""White noise by its name: decibels against the voice."""
LONGEST = 80
"""Frames of the longest piece; every clip has as many."""
TILES = 8
"""Mouths in the strip."""
GREY = "#8a94a3"
TOP, BOTTOM = 1.6, 0.6
"""Of the distances in the figure: unit vectors lie between 0 and 2 apart."""
LEFT, WIDTH = 0.085, 0.895
PAGE = (5.3, (0.86, 0.135), (0.585, 0.255), (0.1, 0.32))
SLIDE = (3.55, (0.805, 0.19), (0.64, 0.15), (0.155, 0.355))
"""Shares of the figure: its inches; bottom and height of the mouths, the sound and the curve."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A clip as SyncNet sees it."""

    mouths: UInt8[np.ndarray, "frames rows columns 3"]
    seen: Float[Tensor, "windows numbers"]
    audio: Float[Tensor, "samples"]
    text: str


@dataclass(frozen=True, eq=False)
class Heard:
    """A sound with ``REACH`` frames of its silence before and after it, as SyncNet hears it."""

    mel: Float[Tensor, "hops mels"]
    vectors: Float[Tensor, "windows numbers"]


@cache
@torch.no_grad()
def scene(clip: str) -> Scene:
    """Read a clip and look at its mouth: once."""
    sample = read_sample(ROOT / "data_samples", CLIPS[clip])
    assert sample.frames is not None
    assert sample.audio is not None
    assert sample.transcript is not None
    assert sample.truth is not None
    assert sample.truth.landmarks is not None
    mouths = mouths_for_sync(sample.frames, sample.truth.landmarks)
    pixels = (255 * mouths.movedim(1, -1)).round().byte().numpy()
    audio = fitted(sample.audio, len(sample.frames))
    return Scene(pixels, judge().see(mouths[None])[0], audio, sample.transcript.text)


@lru_cache(maxsize=64)
@torch.no_grad()
def heard(clip: str, voice: str, noise: str) -> Heard:
    """The sound that is laid under a clip, and what SyncNet makes of it: once each."""
    mine = scene(clip)
    sound = {OWN: mine.audio, SILENCE: torch.zeros_like(mine.audio)}.get(voice)
    if sound is None:
        sound = scene(_next(clip)).audio
        sound = functional.pad(sound, (0, max(0, len(mine.audio) - len(sound))))[: len(mine.audio)]
    sound = functional.pad(sound, (frames_to_samples(REACH), frames_to_samples(REACH)))
    decibels = NOISES[noise]
    if decibels is not None:
        hiss = torch.randn(sound.shape, generator=torch.Generator().manual_seed(0))
        sound = sound + 10 ** (decibels / 20) * mine.audio.std() * hiss
    mel = log_mel(sound)
    return Heard(mel, judge().hear(mel[None])[0])


def _next(clip: str) -> str:
    names = list(CLIPS)
    return names[(names.index(clip) + 1) % len(names)]


def piece(clip: str, length: int) -> int:
    """The first frame of the piece of a clip that is looked at: it lies in the middle."""
    return (len(scene(clip).mouths) - length) // 2


def measured(
    clip: str, shift: int, length: int, edges: Literal["mask", "pad"], noise: str = "none", voice: str = OWN
) -> Sync:
    """What the judge says of a piece whose sound was moved.

    Args:
        clip: a name of ``CLIPS``.
        shift: frames by which the sound comes later than it was; silence (or noise) fills the gap.
        length: frames of the piece.
        edges: see :func:`thlab.metrics.sync.shift_distances`.
        noise: a name of ``NOISES``.
        voice: one of ``VOICES``.
    """
    first, windows = piece(clip, length), length - SYNC_FRAMES + 1
    begin = first + REACH - shift
    sound = heard(clip, voice, noise).vectors[begin : begin + windows]
    return sync_of(scene(clip).seen[first : first + windows], sound, edges=edges)


def draw(
    *,
    clip: str = "the farmer",
    shift: int = 5,
    length: int = 75,
    edges: Literal["mask", "pad"] = "mask",
    noise: str = "none",
    voice: str = OWN,
    slide: bool = False,
) -> Figure:
    """Draw the mouths of a clip over the sound that was laid under them, and the curve of sync.

    Args:
        clip: a name of ``CLIPS``.
        shift: frames by which the sound comes later than it was.
        length: frames of the piece that is judged.
        edges: ``mask`` or ``pad``.
        noise: a name of ``NOISES``.
        voice: one of ``VOICES``.
        slide: whether the spectrogram is left low, so that the figure is.

    Chapter 15.
    """
    shift, length = int(shift), int(length)
    height, strip, *places = SLIDE if slide else PAGE
    fig = Figure((8.0, height), facecolor="white")
    place_still(fig, _strip(clip, length), (LEFT, strip[0], WIDTH, strip[1]))
    sound, curve = (fig.add_axes((LEFT, bottom, WIDTH, tall)) for bottom, tall in places)
    _draw_sound(sound, clip, shift, length, noise, voice, slide=slide)
    _draw_curve(curve, measured(clip, shift, length, edges, noise, voice))
    return fig


def _strip(clip: str, length: int) -> UInt8[np.ndarray, "rows columns 3"]:
    """Mouths of moments that are evenly spread, side by side."""
    moments = piece(clip, length) + ((np.arange(TILES) + 0.5) * length / TILES).astype(int)
    tiles = [np.pad(scene(clip).mouths[moment], ((0, 0), (1, 1), (0, 0)), constant_values=255) for moment in moments]
    return np.concatenate(tiles, 1)


def _draw_sound(ax: Axes, clip: str, shift: int, length: int, noise: str, voice: str, *, slide: bool) -> None:
    begin = HOPS_PER_FRAME * (piece(clip, length) + REACH - shift)
    mel = heard(clip, voice, noise).mel[begin : begin + HOPS_PER_FRAME * length].numpy()
    extent = (0.0, frames_to_seconds(length), -0.5, mel.shape[1] - 0.5)
    ax.imshow(mel.T, origin="lower", aspect="auto", extent=extent, cmap=MEL_COLOURS, interpolation="nearest",
              vmin=-14, vmax=0)  # fmt: skip
    dress(ax, x="" if slide else "time (s)", y="" if slide else "mel band")
    ax.set_yticks([] if slide else [0, 40, 79])
    ax.tick_params(labelbottom=not slide, bottom=not slide)


def _draw_curve(ax: Axes, sync: Sync) -> None:
    """The curve with its least and its median distance marked."""
    shifts, curve = np.arange(-REACH, REACH + 1), sync.curve.numpy()
    offset, least = int(sync.offset), float(sync.distance)
    median = least + float(sync.confidence)
    ax.axvline(0, color=GRID, linewidth=1.2)
    ax.axhline(median, color=GREY, linewidth=1.4, linestyle="--")
    ax.plot(shifts, curve, "o-", color=PALETTE[0], linewidth=1.8, markersize=3.5)
    ax.plot(offset, least, "o", color=PALETTE[1], markersize=9)
    ax.annotate("", (offset, least), (offset, median), arrowprops={"arrowstyle": "<->", "color": PALETTE[1]})
    ax.text(REACH + 0.4, median, "median", fontsize=SMALL, color=INK, va="bottom", ha="right")
    ax.set(xlim=(-REACH - 0.6, REACH + 0.6), ylim=(BOTTOM, TOP), xticks=range(-REACH, REACH + 1, 5))
    ax.set_title(_said(sync), fontsize=SMALL + 1, color=INK, loc="left")
    dress(ax, x="shift that is tried (frames)", y="mean distance")


def _said(sync: Sync) -> str:
    """What was measured, in words."""
    offset = int(sync.offset)
    when = f"{abs(offset)} frames {'late' if offset > 0 else 'early'}" if offset else "in time"
    return f"sound {when} · confidence {float(sync.confidence):.2f} · least distance {float(sync.distance):.2f}"


def _alt(
    *,
    clip: str = "the farmer",
    shift: int = 5,
    length: int = 75,
    edges: Literal["mask", "pad"] = "mask",
    noise: str = "none",
    voice: str = OWN,
) -> str:
    """What is seen, in words."""
    sync = measured(clip, int(shift), int(length), edges, noise, voice)
    return (
        f"{TILES} pictures of the mouth that says “{scene(clip).text}”, above a spectrogram of "
        f"{frames_to_seconds(int(length)):.1f} seconds: the sound is {voice}, moved by {int(shift):+d} frames, with "
        f"noise: {noise}. Beneath it the distance over the shift, edges: {edges}; its lowest point says: {_said(sync)}."
    )


EXPLORER = Explorer(
    name="sync explorer",
    draw=draw,
    controls={
        "shift": Slider(-REACH, REACH, 1, 5, "sound comes later by", "frames"),
        "clip": Choice(tuple(CLIPS), "the farmer", "clip"),
        "length": Slider(20, LONGEST, 5, 75, "length", "frames"),
        "edges": Choice(("mask", "pad"), "mask", "edges"),
        "noise": Choice(tuple(NOISES), "none", "noise"),
        "voice": Choice(VOICES, OWN, "the sound is"),
    },
    alt=_alt,
    projected=partial(draw, slide=True),
)
