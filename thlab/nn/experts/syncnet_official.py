"""The published SyncNet, layer for layer, so that its weights can be loaded by those who have the file.

It is a :class:`thlab.nn.experts.syncnet.SyncNet`: it sees and hears by the same two functions, one vector a window, so
whatever scores with ours scores with it. It looks at whole faces of 224×224 pixels and hears 13 cepstra a hop.

The real weights (``syncnet_v2.model``, which the authors' repository joonson/syncnet_python links to) were never loaded
here: the names and shapes of the parameters are compared with the authors' listing, and nothing else is.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from thlab.nn.experts.syncnet import SyncNet, SyncNetConfig, check_finite, check_size, check_time
from thlab.timebase import HOPS_PER_FRAME, SYNC_FRAMES, SYNC_HOPS

OFFICIAL = SyncNetConfig(box=(224, 224), mels=13, channels=96, width=512, numbers=1024)
"""Sizes of the published network."""
COUNTER = "num_batches_tracked"
"""A buffer of norms that files of old versions of torch lack, and that does not matter for use."""


class OfficialSyncNet(SyncNet):
    """SyncNet as published; its vectors are no unit vectors, its distances run from about 5 to 15.

    Source: Chung & Zisserman 2016b, Fig. 3; sizes and names of ``SyncNetModel.py`` in joonson/syncnet_python (MIT).
    Chapter 15.
    """

    def __init__(self) -> None:
        nn.Module.__init__(self)  # not SyncNet's own: that would build its towers
        self.config = OFFICIAL
        self.netcnnaud = ears()
        self.netfcaud = head(OFFICIAL.width, OFFICIAL.numbers)
        self.netcnnlip = eyes(OFFICIAL.channels, OFFICIAL.width)
        self.netfclip = head(OFFICIAL.width, OFFICIAL.numbers)

    def see(self, mouths: Float[Tensor, "batch frames 3 rows columns"]) -> Float[Tensor, "batch windows numbers"]:
        """A vector for each window of five frames, as :meth:`thlab.nn.experts.syncnet.SyncNet.see`.

        Args:
            mouths: whole faces of 224×224 pixels, red first, 0 to 1. Within, they become what the authors feed: blue
                first, 0 to 255.

        Raises:
            ValueError: fewer than five frames, another size, or pixels that are no numbers.
        """
        check_time(mouths.shape[1], SYNC_FRAMES, "frames")
        check_size(tuple(mouths.shape[-2:]), OFFICIAL.box, "faces of rows and columns")
        check_finite(mouths, "pictures")
        seen = self.netcnnlip(255 * mouths.flip(2).transpose(1, 2))  # batch 512 windows 1 1
        return self.netfclip(seen.flatten(2).transpose(1, 2).flatten(0, 1)).unflatten(0, (len(mouths), -1))

    def hear(self, mel: Float[Tensor, "batch hops mels"]) -> Float[Tensor, "batch windows numbers"]:
        """A vector for each window of 20 hops, four hops apart; every window is heard on its own, as by the authors.

        Args:
            mel: 13 cepstra a hop (:func:`thlab.experiments.sync_official.official_cepstra`).

        Raises:
            ValueError: fewer than 20 hops, other than 13 numbers, or values that are no numbers.
        """
        check_time(mel.shape[1], SYNC_HOPS, "hops")
        check_size(tuple(mel.shape[-1:]), (OFFICIAL.mels,), "sound with cepstra")
        check_finite(mel, "sound features")
        windows = mel.unfold(1, SYNC_HOPS, HOPS_PER_FRAME).flatten(0, 1)[:, None]  # windows 1 13 20
        return self.netfcaud(self.netcnnaud(windows).flatten(1)).unflatten(0, (len(mel), -1))


def ears() -> nn.Sequential:
    """From 13 cepstra × 20 hops to 512 numbers."""
    return nn.Sequential(
        *_conv(1, 64), nn.MaxPool2d(1, 1),
        *_conv(64, 192), nn.MaxPool2d(3, (1, 2)),
        *_conv(192, 384), *_conv(384, 256), *_conv(256, 256), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 512, (5, 4)), nn.BatchNorm2d(512), nn.ReLU(),
    )  # fmt: skip


def eyes(first: int, numbers: int) -> nn.Sequential:
    """From five faces to 512 numbers: the first layer spans all five frames, the others look at space alone."""
    return nn.Sequential(
        *_volume(3, first, (5, 7, 7), stride=2), nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
        *_volume(first, 256, (1, 5, 5), stride=2, padding=1), nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)),
        *_volume(256, 256, (1, 3, 3), padding=1), *_volume(256, 256, (1, 3, 3), padding=1),
        *_volume(256, 256, (1, 3, 3), padding=1), nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
        *_volume(256, numbers, (1, 6, 6)),
    )  # fmt: skip


def head(inputs: int, numbers: int) -> nn.Sequential:
    """Two full layers."""
    return nn.Sequential(nn.Linear(inputs, inputs), nn.BatchNorm1d(inputs), nn.ReLU(), nn.Linear(inputs, numbers))


def load_official(path: Path | str) -> OfficialSyncNet:
    """The published weights, frozen and ready to score. Only tensors are unpickled, never code.

    Args:
        path: ``syncnet_v2.model``, which thlab does not bring and does not fetch.

    Raises:
        ValueError: there is no such file, it holds something else than tensors, or the tensors do not fit.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(
            f"the published SyncNet needs its weights, but {path} is no file; get syncnet_v2.model as the README of "
            "joonson/syncnet_python says, or score with our judge"
        )
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, ValueError) as error:
        told = str(error).splitlines()[0]
        raise ValueError(f"{path} holds no weights that can be read safely ({told}); fetch it again") from None
    net = OfficialSyncNet()
    _fit(net, weights, path)
    return net.eval().requires_grad_(False)


def _fit(net: OfficialSyncNet, weights: object, path: Path) -> None:
    """Put weights into the network, whole or not at all."""
    if not isinstance(weights, Mapping) or not all(isinstance(value, Tensor) for value in weights.values()):
        raise ValueError(f"{path} holds no table of tensors by name, which the published SyncNet is; fetch it again")
    wanted = {name: tuple(value.shape) for name, value in net.state_dict().items() if not name.endswith(COUNTER)}
    found = {name: tuple(value.shape) for name, value in weights.items() if not name.endswith(COUNTER)}
    wrong = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if wrong:
        first = wrong[0]
        told = f"{first} is {found.get(first, 'missing')}, expected {wanted.get(first, 'nothing of that name')}"
        raise ValueError(f"{path} does not fit the published SyncNet in {len(wrong)} places: {told}; fetch it again")
    net.load_state_dict({name: weights[name] for name in wanted}, strict=False)


def _conv(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)


def _volume(
    inputs: int, outputs: int, kernel: tuple[int, int, int], *, stride: int = 1, padding: int = 0
) -> tuple[nn.Module, ...]:
    """Strides and padding are of space; time has neither."""
    conv = nn.Conv3d(inputs, outputs, kernel, (1, stride, stride), (0, padding, padding))
    return conv, nn.BatchNorm3d(outputs), nn.ReLU(inplace=True)
