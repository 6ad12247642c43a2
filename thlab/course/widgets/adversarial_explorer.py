"""What Wav2Lip sees and hears: move the sound, exchange the other picture, hide less or more, and watch the mouth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from thlab.audio.hearing import listen
from thlab.corpus.synthetic import CorpusConfig, SyntheticCorpus
from thlab.course.plot import INK, NORMAL, PALETTE, SMALL
from thlab.course.widgets.explorer import Choice, Explorer, Slider
from thlab.experiments.checkpoints import load_system
from thlab.experiments.scores import judge, planes, read_faces
from thlab.media import Clip, Truth
from thlab.render.halves import hidden, joined, lower
from thlab.systems.wav2lip import Wav2Lip, fitting
from thlab.timebase import frames_to_samples

ACTORS = {"the plumber": 6, "his wife": 12, "a stranger": 60}
"""Clips of the test split: neither the people nor their voices were in training."""
VOICES = ("their own", "another's")
MOMENTS = tuple(range(18, 74, 8))
"""Frames of the strip."""
WIDTH, HEIGHT = 8.0, 4.5
NAMES = ("what is shown", "another, laid over it", "painted", "as filmed")


@dataclass(frozen=True, eq=False)
class Scene:
    """A person, and what was filmed."""

    clip: Clip
    frames: Float[Tensor, "frames 3 size size"]
    heard: dict[str, Float[Tensor, "frames hops coefficients"]]
    """By voice: the sound around every frame."""
    gap: Float[Tensor, "frames"]
    """Between the lips as filmed, as the judge reads it; head units of 10 cm."""


@cache
def network() -> Wav2Lip:
    """The trained network."""
    system = load_system("wav2lip")
    assert isinstance(system, Wav2Lip)
    return system


@cache
@torch.no_grad()
def scene(actor: str) -> Scene:
    """Look at a person, and hear both voices: once."""
    corpus = SyntheticCorpus(CorpusConfig(split="test", size=network().config.size, emotions=("neutral",)))
    names = list(ACTORS)
    clip, other = corpus[ACTORS[actor]], corpus[ACTORS[names[(names.index(actor) + 1) % len(names)]]]
    assert clip.frames is not None
    frames = planes(clip.frames)
    sounds = [c.audio[: frames_to_samples(len(clip))] for c in (clip, other) if c.audio is not None]
    heard = {voice: listen(sound, len(clip)) for voice, sound in zip(VOICES, sounds, strict=True)}
    return Scene(clip, frames, heard, read_faces(judge(), frames).lip_gap)


@lru_cache(maxsize=64)
@torch.no_grad()
def painted(actor: str, voice: str, shift: int, other: int, share: float) -> dict[str, Tensor]:
    """What is shown, laid over, and painted at each moment of the strip."""
    seen, system = scene(actor), network()
    clip, moments = seen.clip, torch.tensor(MOMENTS)
    assert clip.frames is not None
    assert clip.truth is not None
    video = at_moments(clip, moments)
    stills = fitting(clip[other : other + 1], video, system.config.size)
    real = seen.frames[moments]
    shown = covered(real, share)
    heard = seen.heard[voice][(moments + shift).clamp(0, len(clip) - 1)]
    halves = system.decoder(system.sound(heard), system.faces(torch.cat([shown, stills], 1)), stills)
    whole = joined(real, halves).clamp(0, 1)
    return {"shown": shown, "laid": stills, "painted": whole, "gap": read_faces(judge(), whole).lip_gap}


def at_moments(clip: Clip, moments: Tensor) -> Clip:
    """Some frames of a clip, with their landmarks."""
    assert clip.frames is not None
    assert clip.truth is not None
    assert clip.truth.landmarks is not None
    return Clip(clip.frames[moments], truth=Truth(landmarks=clip.truth.landmarks[moments]))


def covered(frames: Float[Tensor, "frames 3 size size"], share: float) -> Float[Tensor, "frames 3 size size"]:
    """Frames that are grey from a share of their height on; from one half on as the network has learned it."""
    if abs(share - 0.5) < 1e-6:
        return hidden(frames)
    shown = frames.clone()
    shown[:, :, round(share * frames.shape[-2]) :] = 0.5
    return shown


def draw(
    actor: str = "the plumber",
    voice: str = "their own",
    shift: int = 0,
    other: int = 0,
    moment: int = 3,
    share: float | int = 0.5,
) -> Figure:
    """Draw what the network is shown at one moment, and the mouths that it paints at seven.

    Args:
        actor: a name of ``ACTORS``.
        voice: whose sound is heard.
        shift: frames by which the sound is taken later than the picture.
        other: which frame of the clip is the other picture.
        moment: which picture of the strip is shown in full.
        share: from which share of the height on the frame is hidden.
    """
    seen, made = scene(actor), painted(actor, voice, shift, other, round(float(share), 2))
    fig = Figure((WIDTH, HEIGHT), facecolor="white")
    real = seen.frames[list(MOMENTS)]
    shown = (made["shown"], made["laid"], made["painted"], real)
    for column, (name, pictures) in enumerate(zip(NAMES, shown, strict=True)):
        ax = fig.add_axes((0.005 + 0.25 * column, 0.53, 0.24, 0.24 * WIDTH / HEIGHT))
        _picture(ax, pictures[moment], name)
    _strip(fig, {"filmed": real, "painted": made["painted"]}, moment)
    _gaps(fig, 10 * seen.gap[list(MOMENTS)], 10 * made["gap"], moment)
    return fig


def _picture(ax: Axes, pixels: Float[Tensor, "3 height width"], title: str = "") -> None:
    ax.imshow(pixels.movedim(0, -1).numpy(), interpolation="nearest", aspect="auto")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    if title:
        ax.set_title(title, fontsize=SMALL, color=INK, loc="left", pad=3)


def _strip(fig: Figure, rows: dict[str, Float[Tensor, "moments 3 size size"]], moment: int) -> None:
    """The lower halves of all moments, a row each for filmed and painted."""
    count, size = len(MOMENTS), next(iter(rows.values())).shape[-1]
    halves = [torch.cat(list(lower(pictures)), 2) for pictures in rows.values()]
    ax = fig.add_axes((0.115, 0.245, 0.86, 0.86 / count * WIDTH / HEIGHT))
    _picture(ax, torch.cat(halves, 1))
    for line in range(1, count):
        ax.axvline(line * size - 0.5, color="white", linewidth=2)
    ax.axhline(size // 2 - 0.5, color="white", linewidth=2)
    corner = (moment * size + 0.5, 0.5)
    ax.add_patch(Rectangle(corner, size - 2, size - 2, fill=False, edgecolor=PALETTE[1], linewidth=2.5))
    ax.set_yticks([size // 4, 3 * size // 4], list(rows), fontsize=SMALL, color=INK)
    ax.tick_params(length=0)


def _gaps(fig: Figure, filmed: Float[Tensor, "moments"], made: Float[Tensor, "moments"], moment: int) -> None:
    """How far both mouths are open at each moment."""
    ax = fig.add_axes((0.115, 0.03, 0.86, 0.16))
    ax.plot(filmed, "o-", color=INK, linewidth=1.6, label="filmed")
    ax.plot(made, "s--", color=PALETTE[1], linewidth=1.6, label="painted")
    ax.axvline(moment, color="#dddddd", zorder=0)
    ax.set(xlim=(-0.5, len(MOMENTS) - 0.5), ylim=(-0.1, 2.6), xticks=[])
    ax.set_ylabel("lip gap (cm)", fontsize=SMALL, color=INK)
    ax.tick_params(labelsize=SMALL, colors=INK)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=SMALL, ncols=2, loc="upper right", borderaxespad=0)


def _alt(**parameters: Any) -> str:
    """What is seen, in words."""
    p = {name: control.value for name, control in CONTROLS.items()} | parameters
    made = painted(p["actor"], p["voice"], p["shift"], p["other"], round(float(p["share"]), 2))
    real = scene(p["actor"]).gap[list(MOMENTS)]
    r = float(torch.corrcoef(torch.stack([real, made["gap"]]))[0, 1])
    return (
        f"A face that is grey below {p['share']:.0%} of its height, another picture of the person laid over it, the "
        f"painted and the filmed frame; below, seven filmed and seven painted mouths and their lip gaps, with the "
        f"sound of {p['voice']} voice moved by {p['shift']} frames. Over these seven the gaps correlate with {r:.2f}."
    )


CONTROLS: dict[str, Slider | Choice] = {
    "actor": Choice(tuple(ACTORS), "the plumber", "person"),
    "voice": Choice(VOICES, "their own", "voice"),
    "shift": Slider(-10, 10, 1, 0, "sound moved by", "frames"),
    "other": Slider(0, 70, 5, 0, "other picture", "frame"),
    "moment": Slider(0, len(MOMENTS) - 1, 1, 3, "moment"),
    "share": Slider(0.35, 0.75, 0.05, 0.5, "hidden from", "height"),
}


def draw_wall(actor: str, voice: str, shift: int, other: int, moment: int, share: float | int) -> Figure:
    """Draw, for a wall, seven mouths as filmed and as painted, and their gaps; parameters as :func:`draw`."""
    seen = scene(actor)
    made = painted(actor, voice, shift, other, round(float(share), 2))
    moments = list(MOMENTS)
    rows = [torch.cat(list(lower(faces)), 2) for faces in (seen.frames[moments], made["painted"])]
    fig, size = Figure((8, 2.9), facecolor="white"), rows[0].shape[1]
    ax = fig.add_axes((0.11, 0.56, 0.88, 0.43))
    ax.imshow(torch.cat(rows, 1).movedim(0, -1).numpy(), aspect="auto")
    ax.set_yticks([size // 2, 3 * size // 2], ["filmed", "painted"], fontsize=NORMAL)
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
    ax = fig.add_axes((0.11, 0.03, 0.88, 0.46))
    ax.plot(10 * seen.gap[moments], "o-", color=INK, linewidth=2, label="filmed")
    ax.plot(10 * made["gap"], "s--", color=PALETTE[1], linewidth=2, label="painted")
    ax.axvline(moment, color="#999999", linewidth=1)
    ax.set(xlim=(-0.5, len(moments) - 0.5), ylim=(-0.1, 2.6), xticks=[])
    ax.set_ylabel("lip gap (cm)", fontsize=NORMAL)
    ax.tick_params(labelsize=NORMAL)
    ax.legend(frameon=False, fontsize=NORMAL, ncols=2, loc="upper right")
    return fig


EXPLORER = Explorer("adversarial explorer", draw, CONTROLS, _alt, projected=draw_wall)
