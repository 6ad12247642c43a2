"""SyncNet: do these five frames of a mouth belong to this fifth of a second of sound?

One tower sees, one hears; both answer with a unit vector, and what belongs together lies close. Both towers are dense
over time: one pass over a clip gives a vector for each window of five frames.

Source: Chung & Zisserman 2016b, "Out of time: automated lip sync in the wild"; ours is small, sees only the mouth, and
learns by telling shifts of one clip apart (van den Oord et al. 2018) instead of pairs by a margin. Chapter 15.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from thlab.nn.convolutions import SLOPE, Conv
from thlab.timebase import HOPS_PER_FRAME, SYNC_FRAMES

EVEN = 0.02
"""Added to the spread of a picture before dividing by it: a picture of one colour stays one."""
SOFTNESS = 16.0
"""Factor on the cosine in :func:`contrast`, the inverse of a temperature."""


@dataclass(frozen=True)
class SyncNetConfig:
    """Sizes of the network."""

    frames: int = SYNC_FRAMES
    """Frames a window; the ears are built for 5."""
    box: tuple[int, int] = (28, 40)
    """Rows and columns of a mouth."""
    mels: int = 80
    """Numbers a hop of sound."""
    channels: int = 20
    """Width of the eyes at their first layer; the later ones have twice and four times as many."""
    width: int = 128
    """Numbers a frame, and a hop, between the towers' two halves."""
    numbers: int = 96
    """Numbers of an answer."""


class SyncNet(nn.Module):
    """Two towers, one for mouths and one for sound.

    The eyes look at each frame alone (a small convolutional network) and then across five of them; the ears look along
    bands and hops. No layer pads in time, so a window's vector depends on its own 5 frames or 20 hops and on nothing
    else: scoring a whole clip in one pass equals scoring it window by window.
    """

    def __init__(self, config: SyncNetConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or SyncNetConfig()
        c, width = config.channels, config.width
        rows, columns = (-(-side // 8) for side in config.box)
        self.look = nn.Sequential(
            Conv(3, c, kernel=5, stride=2), Conv(c, 2 * c, stride=2), Conv(2 * c, 4 * c, stride=2),
            nn.Flatten(), nn.Linear(4 * c * rows * columns, width),
        )  # fmt: skip
        self.watch = nn.Sequential(*_over_time(width, width, config.frames), nn.Conv1d(width, config.numbers, 1))
        bands = 8 * -(-config.mels // 2)
        self.bands = nn.Sequential(
            nn.Conv2d(1, 8, (1, 5), stride=(1, 2), padding=(0, 2)), nn.BatchNorm2d(8), nn.LeakyReLU(SLOPE)
        )
        # Kernels of 4, 3 and 4 with strides of 2, 2 and 1 hear exactly 20 hops, and move on by exactly 4.
        self.listen = nn.Sequential(
            *_over_time(bands, width, 4, stride=2), *_over_time(width, width, 3, stride=2),
            *_over_time(width, width, config.frames - 1), nn.Conv1d(width, config.numbers, 1),
        )  # fmt: skip

    def see(self, mouths: Float[Tensor, "batch frames 3 rows columns"]) -> Float[Tensor, "batch windows numbers"]:
        """A unit vector for each window of five frames: windows = frames − 4, window ``w`` begins at frame ``w``.

        Each picture is first freed of its brightness and contrast, so a constant one has a defined answer.

        Args:
            mouths: colours 0 to 1, the mouth amid the box (:func:`thlab.face.steady.steady_mouths`).

        Raises:
            ValueError: fewer than five frames, another box, or pixels that are no numbers.
        """
        check_time(mouths.shape[1], self.config.frames, "frames")
        check_size(tuple(mouths.shape[-2:]), self.config.box, "mouths of rows and columns")
        check_finite(mouths, "pictures")
        each = self.look(level(mouths).flatten(0, 1)).unflatten(0, mouths.shape[:2])
        return functional.normalize(self.watch(each.transpose(1, 2)).transpose(1, 2), dim=-1)

    def hear(self, mel: Float[Tensor, "batch hops mels"]) -> Float[Tensor, "batch windows numbers"]:
        """A unit vector for each window of five frames: ``hops`` is four a frame, window ``w`` begins at hop 4 w.

        Args:
            mel: log-mel energies with the course's settings (:func:`thlab.audio.features.log_mel`).

        Raises:
            ValueError: fewer than 20 hops, another number of bands, or values that are no numbers.
        """
        check_time(mel.shape[1], self.config.frames * HOPS_PER_FRAME, "hops")
        check_size(tuple(mel.shape[-1:]), (self.config.mels,), "sound with bands")
        check_finite(mel, "sound features")
        heard = self.bands((0.25 * mel + 1.5)[:, None])  # batch 8 hops bands; the log of silence is about −14
        return functional.normalize(self.listen(heard.transpose(2, 3).flatten(1, 2)).transpose(1, 2), dim=-1)


def level(mouths: Float[Tensor, "batch frames 3 rows columns"]) -> Float[Tensor, "batch frames 3 rows columns"]:
    """Pictures less their mean colour, over their spread: another light or camera changes little."""
    centred = mouths - mouths.mean((-2, -1), keepdim=True)
    return 0.5 * centred / (centred.square().mean((-3, -2, -1), keepdim=True).add(1e-8).sqrt() + EVEN)


def contrast(
    seen: Float[Tensor, "batch windows numbers"], heard: Float[Tensor, "batch windows numbers"]
) -> Float[Tensor, ""]:
    """InfoNCE over shifts: each window of a clip must find its own sound among all of the clip's, and the reverse.

    −log softmax(16 cos) at the right place, the mean over windows and over both directions. Chance is the logarithm of
    the number of windows. The negatives are of the same voice, face and light, so none of these can help.

    Source: van den Oord et al. 2018, "Representation learning with contrastive predictive coding", Eq. 4. Chapter 15.
    """
    logits = SOFTNESS * seen @ heard.transpose(1, 2)
    right = torch.arange(seen.shape[1], device=seen.device).expand(seen.shape[:2])
    rows, columns = (functional.cross_entropy(part, right) for part in (logits.transpose(1, 2), logits))
    return (rows + columns) / 2


def pair_loss(
    seen: Float[Tensor, "*pairs numbers"], heard: Float[Tensor, "*pairs numbers"], together: Float[Tensor, "*pairs"]
) -> Float[Tensor, ""]:
    """Wav2Lip's loss for pairs: cross-entropy of "they belong together", its chance being the cosine itself.

    Args:
        seen: vectors of mouths.
        heard: vectors of sounds.
        together: 1 for pairs that belong together, else 0.

    Both vectors first lose what is below 0, as after the last rectifier of Wav2Lip's encoders, so that no cosine is
    negative. A network that sees nothing does best with a cosine of ½ for every pair, which costs −log ½ = 0.69: the
    plateau at which so many trainings of SyncNet seem to be stuck.

    Source: Prajwal et al. 2020, "A lip sync expert is all you need", Eq. 1. Chapter 15.
    """
    chance = functional.cosine_similarity(seen.relu(), heard.relu(), dim=-1).clamp(1e-4, 1 - 1e-4)
    return functional.binary_cross_entropy(chance, together)


def check_time(steps: int, least: int, name: str) -> None:
    """Refuse a clip that is shorter than a window.

    Raises:
        ValueError: it is.
    """
    if steps < least:
        raise ValueError(f"SyncNet compares windows of {least} {name}, but the clip has {steps}; take a longer one")


def check_finite(values: Tensor, name: str) -> None:
    """Refuse what is no number, which would spread over every window it touches.

    Raises:
        ValueError: a value is NaN or infinite.
    """
    if not bool(torch.isfinite(values.detach()).all()):
        raise ValueError(f"some {name} are no numbers (NaN or infinite); mend or leave out that clip")


def check_size(found: tuple[int, ...], wanted: tuple[int, ...], name: str) -> None:
    """Refuse what the network was not built for.

    Raises:
        ValueError: sizes differ.
    """
    if found != tuple(wanted):
        raise ValueError(f"this SyncNet takes {name} {tuple(wanted)}, got {found}; resize, or choose another network")


def _over_time(inputs: int, outputs: int, kernel: int, *, stride: int = 1) -> tuple[nn.Module, ...]:
    """A convolution over time that pads nothing, a norm, a leaky rectifier."""
    conv = nn.Conv1d(inputs, outputs, kernel, stride=stride, bias=False)
    return conv, nn.BatchNorm1d(outputs), nn.LeakyReLU(SLOPE)
