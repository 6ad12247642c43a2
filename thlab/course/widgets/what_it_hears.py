"""What it hears: mute some bands for a moment, and see what that does to the mouth that Speech2Vid paints."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor
from torch.nn import functional

from thlab.audio.features import COURSE, cepstra, log_mel
from thlab.audio.filterbank import mel_edges
from thlab.audio.hearing import hear
from thlab.corpus.synthetic import CorpusConfig, SyntheticCorpus
from thlab.course.plot import INK, PALETTE, blank, dress, legend_above, plot_mel
from thlab.course.widgets.explorer import Choice, Explorer, Slider
from thlab.experiments.checkpoints import load_system
from thlab.experiments.scores import judge, read_faces
from thlab.face.points import MOUTH
from thlab.media import Clip
from thlab.systems.speech2vid import Speech2Vid
from thlab.timebase import (
    HOPS_PER_FRAME,
    frame_times,
    frames_to_hops,
    frames_to_samples,
    frames_to_seconds,
    hop_at,
    hops_to_seconds,
    labels_at,
    video_frames,
)

ACTORS = {"the plumber": 6, "his wife": 12}
"""Clips of the test split, by words of their sentences: neither the people nor their voices were in training."""
STEP = 2
"""Every second of the frames that change is painted anew; between them the gap is interpolated."""
BOX = (0.42, 0.58)
"""Height and width of the pictures of the mouth, in shares of the face picture."""
AMPLIFIED = 4
"""Differences are drawn so many times as strong."""
GREY = "#8a94a3"
PLACES = ((0.69, 0.26), (0.385, 0.22), (0.01, 0.3))
"""Bottom and height of sound, lip gap and mouths, in shares of the figure."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A person, a voice, and what the network made of them with all of the sound."""

    clip: Clip
    network: Speech2Vid
    stills: Float[Tensor, "1 stills 3 size size"]
    maps: list[Tensor]
    """What the identity encoder said of the stills."""
    mel: Float[Tensor, "hops mels"]
    """Sound, four hops a frame."""
    painted: Float[Tensor, "frames 3 size size"]
    gap: Float[Tensor, "frames"]
    """Between the lips, as the judge reads it from what is painted; head units of 10 cm."""
    mouth: tuple[slice, slice]
    """Rows and columns of the pictures that show it."""


@dataclass(frozen=True, eq=False)
class Muted:
    """What became of a scene when a part of its sound was muted."""

    mel: Float[Tensor, "hops mels"]
    gap: Float[Tensor, "frames"]
    frame: int
    """The frame whose lips changed most, of those painted anew."""
    picture: Float[Tensor, "3 size size"]
    """That frame."""


@cache
def network() -> Speech2Vid:
    """The trained network."""
    system = load_system("speech2vid")
    assert isinstance(system, Speech2Vid)
    return system


@cache
@torch.no_grad()
def scene(actor: str) -> Scene:
    """Look at a person, hear the voice, and paint: once."""
    corpus = SyntheticCorpus(CorpusConfig(split="test", size=network().config.size, emotions=("neutral",)))
    clip = corpus[ACTORS[actor]]
    assert clip.audio is not None
    stills = network().stills_of(clip)
    maps = network().identity(stills.flatten(1, 2))
    frames = video_frames(len(clip.audio))
    mel = log_mel(functional.pad(clip.audio, (0, frames_to_samples(frames) - len(clip.audio))))
    painted = network().paint_from(windows(mel), maps, stills[:, 0]).clamp(0, 1)
    seen = read_faces(judge(), painted)
    return Scene(clip, network(), stills, maps, mel, painted, seen.lip_gap, box(seen.landmarks, stills.shape[-1]))


def box(landmarks: Float[Tensor, "frames 68 2"], size: int) -> tuple[slice, slice]:
    """Rows and columns around the middle of the lips; landmarks in shares of the picture."""
    middle = landmarks[:, MOUTH].mean((0, 1)).flip(0).tolist()
    sides = [round(share * size) for share in BOX]
    starts = [round(min(max(0, at * size - side / 2), size - side)) for at, side in zip(middle, sides, strict=True)]
    rows, columns = (slice(start, start + side) for start, side in zip(starts, sides, strict=True))
    return rows, columns


def windows(mel: Float[Tensor, "hops mels"]) -> Float[Tensor, "1 frames window coefficients"]:
    """The cepstra around every frame; the ends are held."""
    edge = frames_to_hops(network().config.context)
    held = functional.pad(mel.T[None], (edge, edge), mode="replicate").transpose(1, 2)
    return hear(held, network().config.context)


def muted_mel(
    mel: Float[Tensor, "hops mels"], first: int, hops: int, lowest: float | int, highest: float | int
) -> Float[Tensor, "hops mels"]:
    """Log-mel energies in which some bands are as quiet, for so many hops, as they are in the pauses of the clip."""
    rows, columns = slice(max(0, first), max(0, first + hops)), bands(lowest, highest)
    result = mel.clone()
    result[rows, columns] = mel.amin(0)[columns].expand_as(result[rows, columns])
    return result


def bands(lowest: float | int, highest: float | int) -> slice:
    """The mel bands whose peaks lie between two frequencies, whichever is the higher."""
    low, high = sorted((float(lowest), float(highest)))
    inside = np.flatnonzero((peaks() >= low) & (peaks() <= high))
    return slice(int(inside[0]), int(inside[-1]) + 1) if len(inside) else slice(0, 0)


@cache
def peaks() -> Float[np.ndarray, "mels"]:
    """Hertz at the top of each band."""
    return mel_edges(COURSE.mels, low=COURSE.low, high=COURSE.high, scale=COURSE.scale)[1:-1].numpy()


@lru_cache(maxsize=256)
@torch.no_grad()
def mute(actor: str, moment: float | int, length: int, lowest: int, highest: int) -> Muted:
    """Paint anew what can have changed, the frames that hear the muted hops; the arguments are those of ``draw``."""
    seen, context, first, hops = scene(actor), network().config.context, hop_at(moment), hop_at(length / 1000)
    mel, count = muted_mel(seen.mel, first, hops, lowest, highest), len(seen.gap)
    begin, last = first // HOPS_PER_FRAME - context, (first + hops - 1) // HOPS_PER_FRAME + context
    chosen = list(range(max(0, begin), min(count, last + 1), STEP))
    painted = seen.network.paint_from(windows(mel)[:, chosen], seen.maps, seen.stills[:, 0]).clamp(0, 1)
    change = (read_faces(judge(), painted).lip_gap - seen.gap[chosen]).numpy()
    places, values = [chosen[0] - 1, *chosen, chosen[-1] + 1], [0.0, *change, 0.0]
    gap = (seen.gap + torch.from_numpy(np.interp(np.arange(count), places, values)).float()).clamp(min=0)
    most = int(np.abs(change).argmax())
    return Muted(mel, gap, chosen[most], painted[most])


def draw(
    actor: str = "the plumber",
    moment: float | int = 1.75,
    length: int = 160,
    lowest: int = 0,
    highest: int = 8000,
    slide: bool = False,
) -> Figure:
    """Draw the sound with what is muted, the lip gap with and without it, and the mouth that changed most.

    Args:
        actor: a name of ``ACTORS``.
        moment: seconds at which muting begins.
        length: milliseconds that are muted.
        lowest: hertz from which bands are muted …
        highest: … to here.
        slide: whether the lip gap is left out, so that the figure is low.
    """
    seen, heard = scene(actor), mute(actor, moment, length, lowest, highest)
    if slide:
        return _draw_slide(seen, heard, moment, length, (lowest, highest))
    fig, axes = blank(3, height=6.2)
    fig.set_layout_engine("none")  # to find the places anew takes a good part of the time that a redraw has
    for ax, (bottom, height) in zip(axes, PLACES, strict=True):
        ax.set_position((0.095, bottom, 0.895, height))
    _draw_sound(axes[0], seen, heard, moment, length, (lowest, highest))
    _draw_gap(axes[1], seen, heard, moment, length)
    axes[2].axis("off")
    _draw_mouths(axes[2], seen, heard)
    return fig


def _draw_slide(seen: Scene, heard: Muted, moment: float | int, length: int, hertz: tuple[int, int]) -> Figure:
    fig = Figure((8.0, 3.6))
    _draw_sound(fig.add_axes((0.095, 0.58, 0.895, 0.32)), seen, heard, moment, length, hertz)
    mouths = fig.add_axes((0.095, 0.0, 0.895, 0.5))
    mouths.axis("off")
    _draw_mouths(mouths, seen, heard)
    return fig


def _draw_sound(ax: Axes, seen: Scene, heard: Muted, moment: float | int, length: int, hertz: tuple[int, int]) -> None:
    plot_mel(heard.mel, ax=ax)
    columns = bands(*hertz)
    low, high = columns.start - 0.5, columns.stop - 0.5
    corner = (float(moment), low)
    ax.add_patch(Rectangle(corner, length / 1000, high - low, facecolor=GREY, edgecolor="white", linewidth=1.5))
    marks = [200, 500, 1000, 2000, 4000]
    ax.set_yticks([float(np.interp(mark, peaks(), np.arange(len(peaks())))) for mark in marks], [str(m) for m in marks])
    dress(ax, y="frequency (Hz)", title=f"“{_text(seen)}”")
    ax.set(xlabel="", xlim=(0, frames_to_seconds(len(seen.gap))))
    ax.tick_params(labelbottom=False)


def _text(seen: Scene) -> str:
    return seen.clip.transcript.text if seen.clip.transcript else ""


def _draw_gap(ax: Axes, seen: Scene, heard: Muted, moment: float | int, length: int) -> None:
    times = frame_times(len(seen.gap))
    ax.axvspan(float(moment), float(moment) + length / 1000, color="#e4e7ec", linewidth=0)
    ax.plot(times, 10 * seen.gap, color=PALETTE[0], linewidth=1.8, label="with all of the sound")
    ax.plot(times, 10 * heard.gap, color=PALETTE[1], linewidth=1.8, linestyle="--", label="muted")
    ax.plot(times[heard.frame], 10 * heard.gap[heard.frame], "o", color=PALETTE[1], markersize=7)
    ax.set_xlim(0, frames_to_seconds(len(times)))
    legend_above(ax, ["with all of the sound", "muted"])
    dress(ax, x="time (s)", y="lip gap (cm)")


def _draw_mouths(ax: Axes, seen: Scene, heard: Muted) -> None:
    """Three pictures of the mouth in a row, at the moment that changed most."""
    before, after = (picture[:, *seen.mouth] for picture in (seen.painted[heard.frame], heard.picture))
    apart = (0.5 + AMPLIFIED / 2 * (after - before)).clamp(0, 1)
    when = f"{frame_times(len(seen.gap))[heard.frame]:.2f} s, {sounding(seen, heard.frame)}"
    names = (f"all of the sound ({when})", "muted", f"difference, ×{AMPLIFIED}")
    for index, (name, picture) in enumerate(zip(names, (before, after, apart), strict=True)):
        inset = ax.inset_axes((index * 0.345, 0, 0.31, 0.86))
        inset.imshow(picture.movedim(0, -1).numpy(), interpolation="nearest")
        inset.set(xticks=[], yticks=[])
        inset.set_title(name, fontsize=10, color=INK, loc="left")


def sounding(seen: Scene, frame: int) -> str:
    """The phone that is spoken in the middle of a frame."""
    assert seen.clip.transcript is not None
    label = labels_at(seen.clip.transcript.phones, [float(frame_times(frame + 1)[-1])])[0]
    return f"[{label}]" if label else "a pause"


def alt(
    actor: str = "the plumber",
    moment: float | int = 1.75,
    length: int = 160,
    lowest: int = 0,
    highest: int = 8000,
) -> str:
    """What is seen, in words."""
    seen, heard = scene(actor), mute(actor, moment, length, lowest, highest)
    change = 10 * float(heard.gap[heard.frame] - seen.gap[heard.frame])
    verb = "opens wider" if change > 0 else "closes"
    what = f"{verb} by {abs(change):.2f} cm" if abs(change) >= 0.05 else "hardly changes"
    return (
        f"A spectrogram of “{_text(seen)}” with a grey rectangle of {length} ms at {moment:.2f} s over {lowest} to "
        f"{highest} Hz; below, two tracks of the lip gap; below, the mouth with all of the sound, the mouth with the "
        f"rectangle muted, and their difference: the mouth {what} at {frame_times(heard.frame + 1)[-1]:.2f} s."
    )


# -- the map: every band and every moment in turn ----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """How much the lips depend on each piece of what is heard."""

    change: Float[np.ndarray, "bands moments"]
    """Mean absolute change of the lip gap when the piece is muted, in cm."""
    hertz: Float[np.ndarray, "edges"]
    """Where bands begin and end."""
    seconds: Float[np.ndarray, "times"]
    """Where moments begin and end, counted from the beginning of the frame."""


@cache
@torch.no_grad()
def sensitivity(actor: str = "the plumber", *, frames: int = 14, band_count: int = 8, hops: int = 4) -> Sensitivity:
    """Mute one piece after another of what some frames hear, and read what the lips do.

    Args:
        actor: a name of ``ACTORS``.
        frames: how many frames are asked, spread over those where somebody speaks.
        band_count: pieces along frequency, each with as many mel bands.
        hops: length of a piece.
    """
    seen, context = scene(actor), network().config.context
    around = _speech_windows(seen, frames)
    window, mels = around.shape[1:]
    change = np.zeros((band_count, window // hops))
    plain = _gaps(seen, around)
    edges = np.linspace(0, mels, band_count + 1).round().astype(int)
    for band, moment in np.ndindex(change.shape):
        quiet = around.clone()
        piece = (slice(None), slice(moment * hops, (moment + 1) * hops), slice(edges[band], edges[band + 1]))
        quiet[piece] = seen.mel.amin(0)[piece[2]].expand_as(quiet[piece])
        change[band, moment] = 10 * float((_gaps(seen, quiet) - plain).abs().mean())
    limits = np.array([COURSE.low, *peaks()[edges[1:] - 1]])
    starts = hops_to_seconds(1) * (hops * np.arange(change.shape[1] + 1)) - frames_to_seconds(context)
    return Sensitivity(change, limits, starts)


def _speech_windows(seen: Scene, frames: int) -> Float[Tensor, "frames window mels"]:
    """The log-mel around frames in which somebody speaks."""
    context = network().config.context
    spoken = [f for f in range(context, len(seen.gap) - context) if sounding(seen, f) != "a pause"]
    chosen = [spoken[int(i)] for i in np.linspace(0, len(spoken) - 1, frames)]
    reach = frames_to_hops(2 * context + 1)
    return torch.stack([seen.mel[frames_to_hops(f - context) :][:reach] for f in chosen])


def _gaps(seen: Scene, around: Float[Tensor, "frames window mels"]) -> Float[Tensor, "frames"]:
    painted = seen.network.paint_from(cepstra(around)[None], seen.maps, seen.stills[:, 0]).clamp(0, 1)
    return read_faces(judge(), painted).lip_gap


def draw_sensitivity(actor: str = "the plumber", **options: Any) -> Figure:
    """Draw :func:`sensitivity` as a map: moments to the right, frequency upwards, dark where it matters."""
    found = sensitivity(actor, **options)
    fig, ax = blank(width=6.4, height=3.4)
    image = ax.pcolormesh(1000 * found.seconds, np.arange(len(found.hertz)), found.change, cmap="cividis_r")
    ax.set_yticks(np.arange(len(found.hertz)), [f"{hertz:.0f}" for hertz in found.hertz])
    ax.set_xticks(1000 * found.seconds)
    for edge in (0, 1000 * frames_to_seconds(1)):
        ax.axvline(edge, color=PALETTE[1], linewidth=2)
    bar = fig.colorbar(image, ax=ax)
    bar.set_label("change of the lip gap (cm)", fontsize=11, color=INK)
    dress(ax, x="time from the beginning of the frame (ms)", y="frequency (Hz)")
    return fig


EXPLORER = Explorer(
    name="what it hears",
    draw=draw,
    controls={
        "actor": Choice(tuple(ACTORS), "the plumber", "sentence"),
        "moment": Slider(0.2, 2.8, 0.05, 1.75, "mute from", "s"),
        "length": Slider(40, 320, 40, 160, "for", "ms"),
        "lowest": Slider(0, 4000, 100, 0, "from", "Hz"),
        "highest": Slider(500, 8000, 100, 8000, "to", "Hz"),
    },
    alt=alt,
    projected=partial(draw, slide=True),
)
