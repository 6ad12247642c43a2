"""Distort a face: spoil a picture by degrees, and watch every metric of pictures move beside it.

Chapter 14, "Probe it".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from torch import Tensor

from thlab.corpus.samples import read_sample
from thlab.course import ROOT
from thlab.course.distortions import AS_FILMED, MOUTHS, Distortion, distorted, mouth_mask
from thlab.course.plot import GRID, INK, PALETTE, SMALL, place_still
from thlab.course.widgets.explorer import Choice, Explorer, Slider
from thlab.experiments.frechet_features import extractor
from thlab.experiments.scores import planes
from thlab.metrics.frechet import Moments, frechet_distance
from thlab.metrics.image import WEIGHTS, high_frequency_share, ms_ssim, psnr, ssim, ssim_map

PEOPLE = {"brown curls": "00-neutral", "black hair": "03-neutral", "no hair": "06-neutral", "fair curls": "09-neutral"}
"""Samples of the corpus, by what one sees first."""
LAST = 84
"""The last frame that all of these clips have."""
SCALES = tuple(weight / sum(WEIGHTS[:4]) for weight in WEIGHTS[:4])
"""Of MS-SSIM: the finest four, as the fifth needs 176 pixels and our pictures have 160."""
EACH = 4
"""Frames of every person in the set on which the Fréchet distance is taken."""
FEATURES = "face_reader"
"""On which that distance is taken."""
DETAIL = 0.5
"""Fine detail begins at half of the Nyquist frequency."""
SSIM_MAP, ERROR_MAP = "SSIM", "squared error"
MAPS = (SSIM_MAP, ERROR_MAP)
WIDTH, SIDE, GAP, LOW = 8.4, 2.06, 0.06, 0.30
"""Inches: of the figure, of its pictures, between them, and beneath them."""
COLOURS = colormaps["Blues_r"]
"""White where pictures agree."""
BEST_PSNR, HALFWAY_FD = 50.0, 0.1
"""Where the bars are full, in dB; and half full, in squared units of the features."""


@dataclass(frozen=True)
class Measured:
    """What the metrics say of one spoilt picture."""

    psnr: float
    """dB."""
    ssim: float
    ms_ssim: float
    mouth_psnr: float
    """dB, of the pixels around the real mouth."""
    mouth_ssim: float
    detail: float
    """Share of fine detail over that of the real picture; above 1 where noise passes for detail."""
    frechet: float
    """Between frames of four people and the same frames, spoilt in the same way."""


NAMES = {"psnr": "PSNR", "ssim": "SSIM", "ms_ssim": "MS-SSIM", "mouth_psnr": "mouth PSNR", "mouth_ssim": "mouth SSIM",
         "detail": "detail", "frechet": "FD"}  # fmt: skip


@lru_cache(maxsize=4)
def _clip(person: str) -> tuple[Float[Tensor, "frames 3 size size"], Float[Tensor, "frames 68 2"]]:
    clip = read_sample(ROOT / "data_samples", PEOPLE[person])
    assert clip.frames is not None
    assert clip.truth is not None
    assert clip.truth.landmarks is not None
    return planes(clip.frames), clip.truth.landmarks.float()


@lru_cache(maxsize=64)
def _distance(how: Distortion) -> float:
    """Between frames of all four people, spoilt, and the same as filmed."""
    return frechet_distance(_moments(how), _real_set())


@lru_cache(maxsize=1)
def _real_set() -> Moments:
    return _moments(Distortion())


def _moments(how: Distortion) -> Moments:
    """Of frames of all four people, spoilt."""
    chosen = np.linspace(0, LAST, EACH).round().astype(int)
    clips = [_clip(person) for person in PEOPLE]
    spoilt = [distorted(frames[chosen], points[chosen], how, clip=(frames, points)) for frames, points in clips]
    return extractor(FEATURES).moments([torch.cat(spoilt)])


def measured(real: Float[Tensor, "1 3 size size"], spoilt: Tensor, points: Tensor, how: Distortion) -> Measured:
    """Every metric of one picture, and the Fréchet distance of the set."""
    around = mouth_mask(real, points)
    share = high_frequency_share(spoilt, above=DETAIL) / high_frequency_share(real, above=DETAIL)
    return Measured(
        psnr=psnr(spoilt, real, data_range=1.0).item(),
        ssim=ssim(spoilt, real, data_range=1.0).item(),
        ms_ssim=ms_ssim(spoilt, real, data_range=1.0, weights=SCALES).item(),
        mouth_psnr=psnr(spoilt, real, data_range=1.0, mask=around).item(),
        mouth_ssim=ssim(spoilt, real, data_range=1.0, mask=around).item(),
        detail=share.item(),
        frechet=_distance(how),
    )


def draw(
    *,
    person: str = "fair curls",
    frame: int = 44,
    right: int = 2,
    turn: float = 0.0,
    blur: float = 0.0,
    noise: float = 0.0,
    brightness: float = 0.0,
    contrast: float = 1.0,
    jpeg: int = 0,
    mouth: str = AS_FILMED,
    shown: str = SSIM_MAP,
) -> Figure:
    """Draw a frame as filmed, the same spoilt, a map of where they differ, and what the metrics say.

    Args:
        person: one of ``PEOPLE``.
        frame: of that person's clip.
        right: whole pixels by which the picture is shifted.
        turn: degrees, clockwise.
        blur: standard deviation of a Gaussian, pixels.
        noise: standard deviation of Gaussian noise; 1 is the range of a pixel.
        brightness: added to every pixel.
        contrast: factor on the distance of every pixel from the mean.
        jpeg: 100 less the quality; 0 is without.
        mouth: of which moment the mouth is, one of ``MOUTHS``.
        shown: what the map shows, one of ``MAPS``.

    Chapter 14.
    """
    how = Distortion(mouth, float(turn), int(right), float(brightness), float(contrast), float(blur), float(noise),
                     int(jpeg))  # fmt: skip
    real, spoilt, points = _pair(person, int(frame), how)
    fig = Figure((WIDTH, SIDE + LOW), facecolor="white")
    for place, (picture, text) in enumerate(
        [(_bytes(real[0]), "as filmed"), (_bytes(spoilt[0]), "distorted"), _map(real, spoilt, shown)]
    ):
        _place(fig, picture, place * (SIDE + GAP), text)
    _gauges(fig, measured(real, spoilt, points, how))
    return fig


def _pair(person: str, frame: int, how: Distortion) -> tuple[Tensor, Tensor, Tensor]:
    """A frame, the same spoilt, and its points."""
    clip = _clip(person)
    real, points = (track[frame : frame + 1] for track in clip)
    return real, distorted(real, points, how, clip=clip), points


def _bytes(picture: Float[Tensor, "3 height width"]) -> UInt8[np.ndarray, "height width 3"]:
    return (255 * picture.clamp(0, 1)).round().byte().movedim(0, -1).numpy()


def _map(real: Tensor, spoilt: Tensor, shown: str) -> tuple[UInt8[np.ndarray, "height width 3"], str]:
    """Where the pictures differ: dark is different, for both maps."""
    if shown == ERROR_MAP:
        error = (spoilt - real).square().mean((0, 1))
        return _coloured(1 - (error / 0.04).sqrt()), "squared error: dark is large"
    likeness = ssim_map(spoilt, real, data_range=1.0).mean((0, 1))
    return _coloured(torch.nn.functional.pad(likeness, (5, 5, 5, 5), value=1.0)), "SSIM: dark is unlike"


def _coloured(values: Float[Tensor, "height width"]) -> UInt8[np.ndarray, "height width 3"]:
    return (255 * COLOURS(values.clamp(0, 1).numpy())[..., :3]).astype(np.uint8)


def _place(fig: Figure, pixels: UInt8[np.ndarray, "height width 3"], left: float, text: str) -> None:
    height = SIDE + LOW
    place_still(fig, pixels, (left / WIDTH, LOW / height, SIDE / WIDTH, SIDE / height))
    fig.text(left / WIDTH, 0.03, text, fontsize=SMALL, color=INK, va="bottom")


def goodness(name: str, value: float) -> float:
    """How long the bar of a metric is: 1 for equal pictures, shorter for worse ones."""
    if name.endswith("psnr"):
        return min(max(value / BEST_PSNR, 0.0), 1.0)
    if name == "detail":
        return min(value, 1 / value) if value > 0 else 0.0
    if name == "frechet":
        return HALFWAY_FD / (HALFWAY_FD + value)
    return max(value, 0.0)


def written(name: str, value: float) -> str:
    """A value with its unit."""
    if name.endswith("psnr"):
        return f"{value:.1f} dB" if math.isfinite(value) else "∞ dB"
    return f"{value:.2f}" if name in ("detail", "frechet") else f"{value:.3f}"


def _gauges(fig: Figure, found: Measured) -> None:
    """A name, a number and a bar for each metric."""
    left, right, height = (3 * (SIDE + GAP) + 0.10) / WIDTH, 1 - 0.02 / WIDTH, SIDE + LOW
    step = (SIDE - 0.04) / len(NAMES)
    for row, (name, title) in enumerate(NAMES.items()):
        value, top = getattr(found, name), 1 - (0.04 + row * step) / height
        middle, bar = top - 0.08 / height, top - 0.195 / height
        fig.text(left, middle, title, fontsize=SMALL, color=INK, va="center")
        fig.text(right, middle, written(name, value), fontsize=SMALL, color=INK, va="center", ha="right")
        _bar(fig, left, right, bar, GRID)
        _bar(fig, left, left + goodness(name, value) * (right - left), bar, PALETTE[1 if "mouth" in name else 0])
    fig.text(left, 0.03, "long bars are good", fontsize=SMALL, color=INK, va="bottom")


def _bar(fig: Figure, left: float, right: float, height: float, colour: str) -> None:
    fig.add_artist(Line2D([left, right], [height, height], color=colour, linewidth=4.5, solid_capstyle="butt"))


def _alt(**parameters: Any) -> str:
    """What is seen, in words."""
    p = {name: control.value for name, control in CONTROLS.items()} | parameters
    changed = [f"{CONTROLS[name].title} {p[name]}" for name in DONE if p[name] != NOTHING[name]]
    return (
        f"A frame of the person with {p['person']}, the same frame distorted ({'; '.join(changed) or 'not at all'}), "
        f"a map of their {p['shown']}, and seven metrics with a bar each."
    )


CONTROLS: dict[str, Slider | Choice] = {
    "person": Choice(tuple(PEOPLE), "fair curls", "person"),
    "frame": Slider(0, LAST, 4, 44, "frame"),
    "right": Slider(-8, 8, 1, 2, "shift to the right", "px"),
    "turn": Slider(-8.0, 8.0, 0.5, 0.0, "turn", "°"),
    "blur": Slider(0.0, 4.0, 0.25, 0.0, "blur", "px"),
    "noise": Slider(0.0, 0.2, 0.01, 0.0, "noise"),
    "brightness": Slider(-0.3, 0.3, 0.02, 0.0, "brightness"),
    "contrast": Slider(0.4, 1.6, 0.05, 1.0, "contrast"),
    "jpeg": Slider(0, 98, 2, 0, "JPEG, 100 − quality"),
    "mouth": Choice(MOUTHS, AS_FILMED, "mouth"),
    "shown": Choice(MAPS, SSIM_MAP, "map"),
}
NOTHING = {"right": 0, "turn": 0.0, "blur": 0.0, "noise": 0.0, "brightness": 0.0, "contrast": 1.0, "jpeg": 0,
           "mouth": AS_FILMED}  # fmt: skip
"""Where the controls stand when nothing is done."""
DONE = tuple(NOTHING)
EXPLORER = Explorer("distort a face", draw, CONTROLS, _alt)
