"""Filter-bank explorer: triangles, and what one moment of a voice looks like through them and in a few cepstra."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from torch import Tensor

from thlab import timebase
from thlab.audio.features import COURSE, MelConfig, spectrum
from thlab.audio.filterbank import Norm, Scale, Triangles, dct_matrix, mel_edges, mel_filters
from thlab.audio.synthesis import Speech, speak
from thlab.course.plot import GRID, INK, PALETTE, SMALL, WIDTH, dress
from thlab.course.widgets.explorer import Choice, Explorer, Slider

SENTENCE, PITCH = "We move both boats.", 85
FLOOR = 1e-9
"""Smallest power that is drawn."""
DECIBELS = (-65, 36)
"""What the spectrum's axis shows; the sample's loudest bin is just below its top."""
CONVENTIONS: dict[str, tuple[Scale, Norm, Triangles]] = {
    "Slaney (librosa, ours)": ("slaney", "slaney", "hertz"),
    "HTK (torchaudio)": ("htk", "none", "hertz"),
    "HTK, sides straight in mel (Kaldi)": ("htk", "none", "mel"),
}
"""By name: the mel curve, the size of a triangle, and on which axis its sides are straight."""
HEIGHT = 5.6
"""Inches."""
PLACES = ((0.085, 0.89, 0.875, 0.065), (0.085, 0.655, 0.875, 0.135), (0.085, 0.085, 0.875, 0.465))
"""Left, bottom, width and height of the three axes: they stand still while sliders move."""
ON_SLIDE = (0.09, 0.17, 0.87, 0.71)
"""The same for the one on a slide."""
LIGHT_FILL = "#dbe4ef"


@dataclass(frozen=True)
class Bank:
    """Triangles on the bins of a spectrum."""

    weights: Float[Tensor, "bins mels"]
    peaks: Float[np.ndarray, "mels"]
    """Hertz."""
    config: MelConfig

    @property
    def heard(self) -> Float[np.ndarray, "mels"]:
        """Sum of the weights of each band; 0 for one that lies between two bins and hears nothing."""
        return self.weights.sum(0).numpy()

    @property
    def bins(self) -> Float[np.ndarray, "bins"]:
        """Hertz of each bin."""
        return np.arange(len(self.weights)) * self.config.rate / self.config.fft


@cache
def sample() -> Speech:
    """The voice that is looked at, made once."""
    return speak(SENTENCE, pitch=PITCH)


def bank(bands: int, lowest: float | int, highest: float | int, scale: str, window: float | int) -> Bank:
    """The triangles of a setting.

    Args:
        bands: how many.
        lowest: hertz at which the first begins.
        highest: hertz at which the last ends.
        scale: a name of ``CONVENTIONS``.
        window: milliseconds of sound that are looked at; the Fourier transform takes the next power of two.
    """
    curve, norm, triangles = CONVENTIONS[scale]
    samples = timebase.nearest_sample(window / 1000)
    fft = max(COURSE.fft, 1 << (samples - 1).bit_length())
    config = MelConfig(window=samples, hop=samples, fft=fft, edges="snip", mels=bands)
    low, high = float(lowest), float(highest)
    weights = mel_filters(
        bands, rate=config.rate, fft=fft, low=low, high=high, scale=curve, norm=norm, triangles=triangles
    )
    return Bank(weights, mel_edges(bands, low=low, high=high, scale=curve)[1:-1].numpy(), config)


def levels(moment: float | int, cepstra: int, filters: Bank) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is drawn, in decibels: the power spectrum, the mean power in each band, and the envelope of the cepstra.

    The cepstra are the cosine transform of the logarithm of the bands; a band that hears nothing counts as the floor.
    """
    power = spectrum(_piece(moment, filters.config.window), filters.config)[0].double()
    energy, heard = power @ filters.weights, torch.from_numpy(filters.heard)
    cosines = dct_matrix(filters.config.mels, cepstra)
    smooth = energy.clamp(min=FLOOR).log() @ cosines @ cosines.mT
    share = heard.clamp(min=FLOOR)
    envelope = 10 / np.log(10) * smooth - _decibel(share)
    return _decibel(power).numpy(), _decibel(energy / share).numpy(), envelope.numpy()


def _decibel(power: Tensor) -> Tensor:
    return 10 * power.clamp(min=FLOOR).log10()


def _piece(moment: float | int, samples: int) -> Float[Tensor, "samples"]:
    """So many samples about a moment, with silence beyond the ends of the sound."""
    padded = torch.nn.functional.pad(sample().audio, (samples, samples))
    first = timebase.nearest_sample(moment) + samples - samples // 2
    return padded[first : first + samples]


def draw(
    bands: int = 40,
    lowest: float | int = 0,
    highest: float | int = 8000,
    scale: str = "Slaney (librosa, ours)",
    window: float | int = 25,
    cepstra: int = 13,
    moment: float | int = 0.12,
    slide: bool = False,
) -> Figure:
    """Draw where we listen, the triangles, and the spectrum of that moment with bands and envelope.

    Args:
        bands: number of triangles.
        lowest: hertz at which the first begins.
        highest: hertz at which the last ends.
        scale: a name of ``CONVENTIONS``.
        window: milliseconds that are looked at.
        cepstra: how many cepstral coefficients are kept; no more than there are bands.
        moment: seconds, the middle of the window.
        slide: whether only the spectrum is drawn, wide and low.
    """
    filters, kept = bank(bands, lowest, highest, scale, window), min(cepstra, bands)
    if slide:
        fig = Figure((WIDTH, 3.4))
        _draw_levels(dress(fig.add_axes(ON_SLIDE)), filters, levels(moment, kept, filters), kept)
        return fig
    fig = Figure((WIDTH, HEIGHT))
    top, middle, bottom = (dress(fig.add_axes(place)) for place in PLACES)
    _draw_sound(top, moment, window)
    _draw_triangles(middle, filters)
    _draw_levels(bottom, filters, levels(moment, kept, filters), kept)
    return fig


def _draw_sound(ax: Axes, moment: float | int, window: float | int) -> None:
    pieces = sample().audio.unfold(0, 64, 64).numpy()  # their lowest and highest: quicker than all samples
    times = timebase.samples_to_seconds(64) * (np.arange(len(pieces)) + 0.5)
    ax.fill_between(times, pieces.min(1), pieces.max(1), color="#9aa7b8", linewidth=0.5)
    ax.axvspan(moment - window / 2000, moment + window / 2000, color=PALETTE[1], alpha=0.7, linewidth=0)
    ax.spines["left"].set_visible(False)
    ax.set(xlim=(0, times[-1]), ylim=(-0.56, 0.56), yticks=[])
    ax.set_xticks([0, 0.5, 1, 1.5], ["0 s", "0.5 s", "1 s", "1.5 s"])
    dress(ax, title=f"We look at {window:g} ms about {moment:.2f} s, in {_sounding(moment)}")


def _sounding(moment: float | int) -> str:
    label = timebase.labels_at(sample().transcript.phones, [float(moment)])[0]
    return f"[{label}]" if label else "a pause"


def _draw_triangles(ax: Axes, filters: Bank) -> None:
    weights = filters.weights.numpy()
    sides = [np.column_stack([filters.bins, band]) for band in weights.T]
    ax.fill_between(filters.bins, weights.max(1), color=LIGHT_FILL, linewidth=0)
    ax.add_collection(LineCollection(sides, colors=[PALETTE[0], PALETTE[2]], linewidths=0.9))
    ax.set(xlim=(0, filters.bins[-1]), ylim=(0, 1.05 * weights.max()), xticks=[], yticks=[])
    ax.spines["left"].set_visible(False)
    deaf = filters.peaks[filters.heard == 0]
    ax.plot(deaf, np.zeros(len(deaf)), "x", color=PALETTE[1], markersize=6, clip_on=False)
    empty = f", {len(deaf)} of them (×) so narrow that no bin is in it" if len(deaf) else ""
    dress(ax, title=f"{weights.shape[1]} triangles on {len(weights)} bins{empty}")


def _draw_levels(ax: Axes, filters: Bank, seen: tuple[np.ndarray, np.ndarray, np.ndarray], cepstra: int) -> None:
    power, energy, envelope = seen
    heard = filters.heard > 0
    ax.plot(filters.bins, power, color="#9aa3b0", linewidth=0.9, label="power spectrum")
    ax.plot(filters.peaks[heard], energy[heard], "o", color=PALETTE[0], markersize=3.6, label="mel bands")
    ax.plot(filters.peaks[heard], envelope[heard], color=PALETTE[1], linewidth=2.4, label=_kept(cepstra))
    ax.set(xlim=(0, filters.bins[-1]), ylim=DECIBELS, yticks=range(-60, 21, 20))
    ax.grid(axis="y", color=GRID, linewidth=0.7)
    ax.set_axisbelow(True)
    ax.legend(ncols=3, fontsize=SMALL, frameon=False, labelcolor=INK, loc="lower left", bbox_to_anchor=(0, 1.0),
              borderaxespad=0.2)  # fmt: skip
    dress(ax, x="frequency (Hz)", y="power (dB)")


def _kept(cepstra: int) -> str:
    """The name of the thick line."""
    return "envelope of 1 cepstrum" if cepstra == 1 else f"envelope of {cepstra} cepstra"


def alt(
    bands: int = 40,
    lowest: float | int = 0,
    highest: float | int = 8000,
    scale: str = "Slaney (librosa, ours)",
    window: float | int = 25,
    cepstra: int = 13,
    moment: float | int = 0.12,
) -> str:
    """What is seen, in words."""
    filters, kept = bank(bands, lowest, highest, scale, window), min(cepstra, bands)
    _, energy, envelope = levels(moment, kept, filters)
    peak = filters.peaks[int(energy.argmax())]
    missed = float(np.abs(envelope - energy).mean())
    return (
        f"A waveform, marked at {moment:.2f} s; {bands} triangles from {lowest:g} to {highest:g} Hz, narrow and "
        f"dense at low frequencies, wide at high ones; a jagged power spectrum with one dot a band, loudest near "
        f"{peak:.0f} Hz, and a smooth {_kept(kept)} that runs {missed:.0f} dB from the dots on average."
    )


EXPLORER = Explorer(
    name="filter-bank explorer",
    draw=draw,
    controls={
        "bands": Slider(8, 128, 1, 40, "bands"),
        "lowest": Slider(0, 1000, 20, 0, "lowest", "Hz"),
        "highest": Slider(2000, 8000, 100, 8000, "highest", "Hz"),
        "scale": Choice(tuple(CONVENTIONS), "Slaney (librosa, ours)", "triangles"),
        "window": Slider(5, 60, 5, 25, "window", "ms"),
        "cepstra": Slider(1, 40, 1, 13, "cepstra kept"),
        "moment": Slider(0.05, 1.5, 0.01, 0.12, "moment", "s"),
    },
    alt=alt,
    projected=partial(draw, slide=True),
)
