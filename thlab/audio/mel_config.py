"""The settings of sound features, and the presets that other tools are known by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch

from thlab.audio.filterbank import Norm, Scale, Triangles, WindowShape
from thlab.timebase import HOP, SAMPLE_RATE

Edges = Literal["hop", "snip", "centre", "centre_reflect", "mirror"]
"""Which samples a column looks at, and what stands beyond the ends of the sound.

- "hop" (ours): column ``h`` is centred on its hop, at sample ``(h + ½) · hop``, with silence beyond the ends. As many
  columns as it takes hops to cover the sound, so a frame owns exactly its own four.
- "snip" (Kaldi; librosa without centring): column ``h`` begins at sample ``h · hop``; only whole windows count.
- "centre" (librosa): column ``h`` is centred on sample ``h · hop``, with silence beyond the ends. One column more than
  whole hops.
- "centre_reflect" (torchaudio, Whisper): the same, with the sound reflected about its first and last sample.
- "mirror" (Kaldi without snipping): as "hop", but the sound is mirrored, its end samples repeated, and a last hop
  counts when half of it is there.
"""
Compression = Literal["log", "decibel"]
"""Natural logarithm, or 10 log10."""


@dataclass(frozen=True)
class MelConfig:
    """How sound becomes log-mel columns and cepstra; the defaults are the course's own."""

    rate: int = SAMPLE_RATE
    """Samples a second."""
    hop: int = HOP
    """Samples from one column to the next."""
    window: int = 400
    """Samples a column looks at (25 ms)."""
    fft: int = 512
    """Points of the Fourier transform; the window is padded with zeros to it."""
    shape: WindowShape = "hann"
    """How the window fades in and out."""
    edges: Edges = "hop"
    """Where columns stand, and what lies beyond the ends."""
    gain: float = 1.0
    """Factor on the samples; Kaldi expects 16-bit numbers, which is 32768."""
    remove_mean: bool = False
    """Take the mean away from each window of samples."""
    emphasis: float = 0.0
    """Pre-emphasis within each window: x[n] − emphasis · x[n − 1], the first sample being its own predecessor."""
    mels: int = 80
    """Number of mel bands."""
    low: float = 0.0
    """Hertz at which the first band begins."""
    high: float = SAMPLE_RATE / 2
    """Hertz at which the last band ends."""
    scale: Scale = "slaney"
    """The mel curve."""
    norm: Norm = "slaney"
    """Bands of unit area or of unit height."""
    triangles: Triangles = "hertz"
    """The axis on which the sides of a band are straight."""
    power: Literal[1, 2] = 2
    """Bands gather magnitudes (1) or powers (2)."""
    compression: Compression = "log"
    """The logarithm."""
    floor: float = 1e-6
    """Smallest band energy; silence is its logarithm."""
    dynamic_range: float | None = None
    """Decibels below the loudest value of each sound at which all is cut; None keeps everything."""
    coefficients: int = 13
    """Number of cepstral coefficients."""
    lifter: float = 0.0
    """Strength L of the cepstral lifter; 0 for none."""
    lifter_first: int = 0
    """Number of the first coefficient in the lifter's sine."""
    energy: bool = False
    """Put the logarithm of each window's energy in the place of the first cepstral coefficient."""
    energy_floor: float = 0.0
    """Smallest window energy; 0 is the machine's epsilon."""

    def __post_init__(self) -> None:
        if self.hop <= 0 or not 0 < self.window <= self.fft:
            raise ValueError(f"expected hop > 0 and 0 < window ≤ fft, got {self.hop}, {self.window}, {self.fft}")
        if self.edges in ("hop", "mirror") and self.window < self.hop:
            raise ValueError(f"a window of {self.window} cannot cover a hop of {self.hop}; make it longer")
        if self.edges == "hop" and (self.window - self.hop) % 2:
            raise ValueError(f"a window of {self.window} cannot be centred on a hop of {self.hop}; add one sample")
        if self.floor <= 0:
            raise ValueError(f"expected a floor above 0, because its logarithm is silence, got {self.floor}")


COURSE = MelConfig()
"""The course's own: 16 kHz, four columns a frame of video, 80 bands."""
WHISPER = MelConfig(
    fft=400, edges="centre_reflect", compression="decibel", floor=1e-10, dynamic_range=80.0
)  # fmt: skip
"""Radford et al. 2022. Whisper drops the last column, and scales ours to (decibels / 10 + 4) / 4."""
LIBROSA = MelConfig(
    rate=22_050, hop=512, window=2048, fft=2048, edges="centre", mels=128, high=11_025.0,
    compression="decibel", floor=1e-10, dynamic_range=80.0, coefficients=20, lifter_first=1,
)  # fmt: skip
"""What ``librosa.feature.mfcc`` does when nothing is said (version 0.11)."""
TORCHAUDIO = MelConfig(
    hop=200, window=400, fft=400, edges="centre_reflect", mels=128, scale="htk", norm="none",
    compression="decibel", floor=1e-10, dynamic_range=80.0, coefficients=40,
)  # fmt: skip
"""What ``torchaudio.transforms.MFCC`` does when nothing is said (version 2.11)."""
KALDI = MelConfig(
    shape="povey", edges="snip", gain=32_768.0, remove_mean=True, emphasis=0.97, mels=23, low=20.0, scale="htk",
    norm="none", triangles="mel", floor=torch.finfo(torch.float32).eps, lifter=22.0, energy=True,
)  # fmt: skip
"""Kaldi's ``compute-mfcc-feats --dither=0``; its bands are ``compute-fbank-feats --dither=0``."""
