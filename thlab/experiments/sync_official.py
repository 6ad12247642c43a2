"""What the published SyncNet is fed: cepstra and faces in the manner of its authors, for those who have its weights.

The real weights were never loaded here, so no score of this module has been compared with a published one. The authors'
demonstration clip should give an offset of 3 (our sign: −3), a least distance of 5.353 and a confidence of 10.021.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional

from thlab.experiments.sync_scores import fitted, steadied
from thlab.metrics.sync import REACH, Edges, Sync, sync_of
from thlab.nn.experts.syncnet_official import OfficialSyncNet
from thlab.render.warp import transform
from thlab.timebase import HOP, SAMPLE_RATE

SIDE = 224
"""Pixels a side of a face."""
WINDOW, POINTS, FILTERS, CEPSTRA = 400, 512, 26, 13
"""Samples and Fourier points of a window, bands, and coefficients."""
EMPHASIS, LIFTER, LOUD = 0.97, 22, 32_768.0
TALL = 1.25
"""Height of a detector's box of a face, over the height of the 68 landmarks, brows to chin. A guess: the authors take
the box of a detector that thlab does not bring."""
AROUND, BELOW = 1.4, 1.8
"""The crop reaches so many half boxes to both sides of the box's middle, one above and so many below."""
BLOCK = 32
"""Faces that are cut out together."""


def official_cepstra(audio: Float[Tensor, "samples"]) -> Float[Tensor, "hops 13"]:
    """Mel-frequency cepstra as ``python_speech_features.mfcc`` computes them when nothing is said, 100 a second.

    Rectangular windows of 25 ms that begin with their hop, pre-emphasis over the whole sound, 26 bands whose corners
    are whole Fourier bins, the logarithm of the window's energy in the place of the first coefficient.

    Args:
        audio: mono at 16 kHz, −1 to 1.

    Raises:
        ValueError: the sound is shorter than a window.

    Source: the defaults of python_speech_features 0.6, which the authors' script uses. Chapter 15.
    """
    if len(audio) < WINDOW:
        raise ValueError(f"cepstra need {WINDOW} samples at least, got {len(audio)}; take a longer sound")
    loud = LOUD * audio.double()
    sharp = torch.cat([loud[:1], loud[1:] - EMPHASIS * loud[:-1]])
    count = 1 + math.ceil((len(sharp) - WINDOW) / HOP)
    frames = functional.pad(sharp, (0, (count - 1) * HOP + WINDOW - len(sharp))).unfold(0, WINDOW, HOP)
    power = torch.fft.rfft(frames, POINTS).abs().square() / POINTS
    tiny = torch.finfo(torch.float64).eps
    bands = (power @ bank().T).clamp(min=tiny).log()
    steps = torch.arange(FILTERS, dtype=torch.float64) + 0.5
    order = torch.arange(CEPSTRA, dtype=torch.float64)
    cosines = math.sqrt(2 / FILTERS) * torch.cos(torch.pi / FILTERS * order[:, None] * steps)
    lifted = bands @ cosines.T * (1 + LIFTER / 2 * torch.sin(torch.pi * order / LIFTER))
    energy = power.sum(1, keepdim=True).clamp(min=tiny).log()
    return torch.cat([energy, lifted[:, 1:]], 1).float()


def bank() -> Float[Tensor, "bands bins"]:
    """Triangles between corners that are even on the mel curve 2595 log₁₀(1 + f / 700) and rounded down to bins."""
    top = 2595 * math.log10(1 + SAMPLE_RATE / 2 / 700)
    hertz = 700 * (10 ** (torch.linspace(0, top, FILTERS + 2, dtype=torch.float64) / 2595) - 1)
    corners = ((POINTS + 1) * hertz / SAMPLE_RATE).floor()
    bins = torch.arange(POINTS // 2 + 1, dtype=torch.float64)
    low, middle, high = (corners[start : start + FILTERS, None] for start in range(3))
    rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
    inside = (bins >= low) & (bins < high)
    return torch.where(inside, torch.where(bins < middle, rising, falling), 0)


def official_faces(
    frames: UInt8[Tensor, "frames height width 3"], landmarks: Float[Tensor, "frames 68 2"]
) -> Float[Tensor, "frames 3 224 224"]:
    """Faces cut out about as the authors cut them: wider than the face, and further down than up; not turned.

    Args:
        frames: of any size.
        landmarks: 68 points in pixels of these frames.
    """
    points = steadied(landmarks.float())
    low, high = points.amin(1), points.amax(1)
    half = TALL * (high - low).amax(1) / 2
    middle = (low + high) / 2 - torch.stack([torch.zeros_like(half), (TALL - 1) * half / TALL], 1)
    corner = middle - torch.stack([AROUND * half, half], 1)
    scale = SIDE / (2 * AROUND * half)
    straight = scale[:, None, None] * torch.eye(2)
    maps = torch.cat([straight, -(scale[:, None] * corner)[..., None]], 2)
    pictures = frames.movedim(-1, 1)
    blocks = zip(pictures.split(BLOCK), maps.split(BLOCK), strict=True)
    return torch.cat([transform(part.float() / 255, where, size=(SIDE, SIDE)) for part, where in blocks])


@torch.no_grad()
def official_score(
    frames: UInt8[Tensor, "frames height width 3"],
    landmarks: Float[Tensor, "frames 68 2"],
    audio: Float[Tensor, "samples"],
    *,
    net: OfficialSyncNet,
    reach: int = REACH,
    edges: Edges = "pad",
) -> Sync:
    """The score of the published network, with its own zero padding unless told otherwise.

    Args:
        frames: the clip, 25 a second.
        landmarks: 68 points in pixels of the frames.
        audio: mono at 16 kHz, from the first frame on.
        net: from :func:`thlab.nn.experts.syncnet_official.load_official`.
        reach: the largest shift that is tried, in frames.
        edges: see :func:`thlab.metrics.sync.shift_distances`.

    Returns:
        As :func:`thlab.experiments.sync_scores.sync_score`; offsets have our sign, the opposite of the authors'.

    Raises:
        ValueError: fewer than 5 frames, or sound and pictures differ by a frame or more.

    Chapter 15.
    """
    faces = official_faces(frames, landmarks)
    seen = torch.cat([net.see(faces[None, start : start + BLOCK + 4])[0] for start in range(0, len(faces) - 4, BLOCK)])
    heard = net.hear(official_cepstra(functional.pad(fitted(audio, len(frames)), (0, WINDOW)))[None])[0]
    return sync_of(seen, heard[: len(seen)], reach=reach, edges=edges)
