"""The Inception v3 on whose features a Fréchet distance is called FID: the port of the network that its authors used.

Shapes and parameter names are those of pytorch-fid's weights file. It differs from torchvision's Inception in three
ways: average pools do not count their padding, the last block pools by maximum (a slip of that port, kept by everybody
since), and there are 1008 classes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

SIZE = 299
"""Pixels a side of what it looks at; other pictures are scaled to it."""
FEATURES = 2048
CLASSES = 1008
WEIGHTS = "pt_inception-2015-12-05-6726825d.pth"
"""Name of the weights file, which ends in the first eight digits of its SHA-256."""
SOURCE = f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{WEIGHTS}"
"""Where a user gets it; thlab fetches nothing by itself."""

Maps = Float[Tensor, "batch _ _ _"]
"""Channels, rows and columns of whatever number."""


class ConvBN(nn.Module):
    """Convolution without bias, batch normalisation, rectifier."""

    def __init__(self, inputs: int, outputs: int, kernel: int | tuple[int, int] = 1, *, stride: int = 1,
                 padding: int | tuple[int, int] = 0) -> None:  # fmt: skip
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-3)

    def forward(self, x: Maps) -> Maps:
        return functional.relu(self.bn(self.conv(x)))


def mean_pool(x: Maps) -> Maps:
    """Means of 3 × 3 that leave the padding out of the count."""
    return functional.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)


def chain(x: Maps, *steps: nn.Module) -> Maps:
    """One step after the other."""
    for step in steps:
        x = step(x)
    return x


class InceptionA(nn.Module):
    """35 × 35: branches of 1 × 1, 5 × 5, twice 3 × 3, and a pool."""

    def __init__(self, inputs: int, pooled: int) -> None:
        super().__init__()
        self.branch1x1 = ConvBN(inputs, 64)
        self.branch5x5_1 = ConvBN(inputs, 48)
        self.branch5x5_2 = ConvBN(48, 64, 5, padding=2)
        self.branch3x3dbl_1 = ConvBN(inputs, 64)
        self.branch3x3dbl_2 = ConvBN(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = ConvBN(96, 96, 3, padding=1)
        self.branch_pool = ConvBN(inputs, pooled)

    def forward(self, x: Maps) -> Maps:
        wide = chain(x, self.branch5x5_1, self.branch5x5_2)
        double = chain(x, self.branch3x3dbl_1, self.branch3x3dbl_2, self.branch3x3dbl_3)
        return torch.cat([self.branch1x1(x), wide, double, self.branch_pool(mean_pool(x))], 1)


class InceptionB(nn.Module):
    """From 35 × 35 to 17 × 17."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.branch3x3 = ConvBN(inputs, 384, 3, stride=2)
        self.branch3x3dbl_1 = ConvBN(inputs, 64)
        self.branch3x3dbl_2 = ConvBN(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = ConvBN(96, 96, 3, stride=2)

    def forward(self, x: Maps) -> Maps:
        double = chain(x, self.branch3x3dbl_1, self.branch3x3dbl_2, self.branch3x3dbl_3)
        return torch.cat([self.branch3x3(x), double, functional.max_pool2d(x, 3, stride=2)], 1)


class InceptionC(nn.Module):
    """17 × 17: convolutions of 7 × 7 as rows and columns."""

    def __init__(self, inputs: int, narrow: int) -> None:
        super().__init__()
        row, column = ((1, 7), (0, 3)), ((7, 1), (3, 0))
        self.branch1x1 = ConvBN(inputs, 192)
        self.branch7x7_1 = ConvBN(inputs, narrow)
        self.branch7x7_2 = ConvBN(narrow, narrow, row[0], padding=row[1])
        self.branch7x7_3 = ConvBN(narrow, 192, column[0], padding=column[1])
        self.branch7x7dbl_1 = ConvBN(inputs, narrow)
        self.branch7x7dbl_2 = ConvBN(narrow, narrow, column[0], padding=column[1])
        self.branch7x7dbl_3 = ConvBN(narrow, narrow, row[0], padding=row[1])
        self.branch7x7dbl_4 = ConvBN(narrow, narrow, column[0], padding=column[1])
        self.branch7x7dbl_5 = ConvBN(narrow, 192, row[0], padding=row[1])
        self.branch_pool = ConvBN(inputs, 192)

    def forward(self, x: Maps) -> Maps:
        single = chain(x, self.branch7x7_1, self.branch7x7_2, self.branch7x7_3)
        double = chain(x, self.branch7x7dbl_1, self.branch7x7dbl_2, self.branch7x7dbl_3, self.branch7x7dbl_4,
                       self.branch7x7dbl_5)  # fmt: skip
        return torch.cat([self.branch1x1(x), single, double, self.branch_pool(mean_pool(x))], 1)


class InceptionD(nn.Module):
    """From 17 × 17 to 8 × 8."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.branch3x3_1 = ConvBN(inputs, 192)
        self.branch3x3_2 = ConvBN(192, 320, 3, stride=2)
        self.branch7x7x3_1 = ConvBN(inputs, 192)
        self.branch7x7x3_2 = ConvBN(192, 192, (1, 7), padding=(0, 3))
        self.branch7x7x3_3 = ConvBN(192, 192, (7, 1), padding=(3, 0))
        self.branch7x7x3_4 = ConvBN(192, 192, 3, stride=2)

    def forward(self, x: Maps) -> Maps:
        long = chain(x, self.branch7x7x3_1, self.branch7x7x3_2, self.branch7x7x3_3, self.branch7x7x3_4)
        short = chain(x, self.branch3x3_1, self.branch3x3_2)
        return torch.cat([short, long, functional.max_pool2d(x, 3, stride=2)], 1)


class InceptionE(nn.Module):
    """8 × 8: branches that end in a row and a column side by side."""

    def __init__(self, inputs: int, *, pool_by_maximum: bool) -> None:
        super().__init__()
        self.pool_by_maximum = pool_by_maximum
        self.branch1x1 = ConvBN(inputs, 320)
        self.branch3x3_1 = ConvBN(inputs, 384)
        self.branch3x3_2a = ConvBN(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3_2b = ConvBN(384, 384, (3, 1), padding=(1, 0))
        self.branch3x3dbl_1 = ConvBN(inputs, 448)
        self.branch3x3dbl_2 = ConvBN(448, 384, 3, padding=1)
        self.branch3x3dbl_3a = ConvBN(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3dbl_3b = ConvBN(384, 384, (3, 1), padding=(1, 0))
        self.branch_pool = ConvBN(inputs, 192)

    def forward(self, x: Maps) -> Maps:
        single = self.branch3x3_1(x)
        double = chain(x, self.branch3x3dbl_1, self.branch3x3dbl_2)
        pooled = functional.max_pool2d(x, 3, stride=1, padding=1) if self.pool_by_maximum else mean_pool(x)
        ends = [self.branch3x3_2a(single), self.branch3x3_2b(single)]
        ends += [self.branch3x3dbl_3a(double), self.branch3x3dbl_3b(double)]
        return torch.cat([self.branch1x1(x), *ends, self.branch_pool(pooled)], 1)


class Inception(nn.Module):
    """From pictures to the 2048 numbers before the classifier, which is kept for its weights' sake.

    Source: Szegedy et al. 2016, "Rethinking the Inception architecture for computer vision"; Heusel et al. 2017 for its
    use. The survey cites the paper of the first Inception instead. Chapter 14.
    """

    def __init__(self) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = ConvBN(3, 32, 3, stride=2)
        self.Conv2d_2a_3x3 = ConvBN(32, 32, 3)
        self.Conv2d_2b_3x3 = ConvBN(32, 64, 3, padding=1)
        self.Conv2d_3b_1x1 = ConvBN(64, 80)
        self.Conv2d_4a_3x3 = ConvBN(80, 192, 3)
        self.Mixed_5b = InceptionA(192, 32)
        self.Mixed_5c = InceptionA(256, 64)
        self.Mixed_5d = InceptionA(288, 64)
        self.Mixed_6a = InceptionB(288)
        self.Mixed_6b = InceptionC(768, 128)
        self.Mixed_6c = InceptionC(768, 160)
        self.Mixed_6d = InceptionC(768, 160)
        self.Mixed_6e = InceptionC(768, 192)
        self.Mixed_7a = InceptionD(768)
        self.Mixed_7b = InceptionE(1280, pool_by_maximum=False)
        self.Mixed_7c = InceptionE(2048, pool_by_maximum=True)
        self.fc = nn.Linear(FEATURES, CLASSES)

    def forward(self, pictures: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 2048"]:
        """The mean over the last maps of pictures from 0 to 1."""
        x = functional.interpolate(pictures, (SIZE, SIZE), mode="bilinear", align_corners=False)
        x = chain(2 * x - 1, self.Conv2d_1a_3x3, self.Conv2d_2a_3x3, self.Conv2d_2b_3x3)
        x = chain(functional.max_pool2d(x, 3, stride=2), self.Conv2d_3b_1x1, self.Conv2d_4a_3x3)
        x = chain(functional.max_pool2d(x, 3, stride=2), *self.blocks())
        return x.mean((-2, -1))

    def blocks(self) -> Sequence[nn.Module]:
        """The mixed blocks, in their order."""
        return [block for name, block in self.named_children() if name.startswith("Mixed")]


def load_inception(path: Path) -> Inception:
    """The network with the weights that make its features those of the FID, frozen.

    Args:
        path: pytorch-fid's weights file, under any name; its SHA-256 must begin with the digits in :data:`WEIGHTS`.

    Raises:
        ValueError: there is no such file, it is another one, or it does not fit.
    """
    if not path.is_file():
        raise ValueError(f"Inception's weights are not at {path}; fetch {SOURCE} and name its place in THLAB_INCEPTION")
    digits = WEIGHTS.removesuffix(".pth").rsplit("-", 1)[1]
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if not found.startswith(digits):
        raise ValueError(
            f"{path.name} has the SHA-256 {found[:8]}… instead of {digits}…, so its features would not be those of the "
            f"FID; fetch {SOURCE} again"
        )
    network = Inception()
    try:
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as problem:  # on a damaged file torch raises almost anything
        why = (str(problem).splitlines() or [type(problem).__name__])[0]
        raise ValueError(f"{path.name} does not fit Inception ({why}); fetch {SOURCE} again") from None
    return network.requires_grad_(False).eval()
