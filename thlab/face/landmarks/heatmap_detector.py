"""Our own finder of landmarks: a small network that was trained on nothing but rendered people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from thlab.face.head.landmarks import MIRRORED
from thlab.face.landmarks.detection import Detection, Picture
from thlab.face.landmarks.heatmaps import expected_place
from thlab.face.landmarks.search import Box, merged
from thlab.nn.heatmap_network import HeatmapNetwork

MARGIN = 1.4
"""Side of what the network looks at, in the longer sides of the landmarks' box; it was trained so."""
BOX_MARGIN = 1.15
"""The same for boxes around MediaPipe's mesh, which reaches up to the hair."""
LOOKS = 3
"""How often it looks, each time at the square around what it found the time before."""
WINDOWS = (1.0, 0.7, 0.5, 0.35)
"""Sides of the windows of the coarse search, in the shorter side of the picture."""
STEP = 0.2
"""Between two windows, in their sides."""
SURE = 0.5
"""Least probability of a face."""

Square = tuple[float, float, float]
"""x and y of the middle, and the side; pixels."""


class HeatmapDetector:
    """Finds the 68 points by heatmaps.

    Args:
        network: trained by ``thlab train landmarker``.
        boxes: another detector's boxes around faces, such as ``FaceMesh.face_boxes``; when None, the network looks for
            a face itself, by sliding windows over the picture: good enough for pictures that are mostly face.

    Chapter 06.
    """

    name = "own"

    def __init__(self, network: HeatmapNetwork, *, boxes: Callable[[Picture], list[Box]] | None = None) -> None:
        self.network = network.eval()
        self.boxes = boxes

    @torch.no_grad()
    def detect(self, picture: Picture, *, most: int = 1) -> list[Detection]:
        """The faces of a picture, the largest first."""
        image = torch.from_numpy(np.ascontiguousarray(picture)).movedim(-1, 0).float()[None] / 255
        squares = self._searched(image) if self.boxes is None else [around(box) for box in self.boxes(picture)]
        faces = [self._looked(image, square) for square in squares]
        return merged([face for face in faces if self.boxes is not None or face.score >= SURE])[:most]

    def _looked(self, image: Float[Tensor, "1 3 height width"], square: Square) -> Detection:
        for _ in range(LOOKS):
            points, score = self._points(image, square)
            square = around_points(points)
        flat = torch.cat([points, torch.zeros(len(points), 1)], 1)
        return Detection(flat.numpy().astype(np.float32), "ibug68", score)

    def _points(self, image: Float[Tensor, "1 3 height width"], square: Square) -> tuple[Float[Tensor, "68 2"], float]:
        """The mean of what is found in a crop and in its mirror image."""
        size = self.network.config.size
        crop = cropped(image, square, size)
        said = self.network(torch.cat([crop, crop.flip(-1)]))
        places = expected_place(said.logits) / said.logits.shape[-1]
        across = torch.stack([1 - places[1, :, 0], places[1, :, 1]], -1)[torch.from_numpy(MIRRORED)]
        share = (places[0] + across) / 2
        x, y, side = square
        return (share - 0.5) * side + torch.tensor([x, y]), float(said.face.sigmoid().mean())

    def _searched(self, image: Float[Tensor, "1 3 height width"]) -> list[Square]:
        """The window in which a face is likeliest."""
        squares = list(windows(image.shape[-2], image.shape[-1]))
        crops = torch.cat([cropped(image, square, self.network.config.size) for square in squares])
        odds = torch.cat([self.network(part).face for part in crops.split(64)])
        return [squares[int(odds.argmax())]]


def windows(height: int, width: int) -> Iterator[Square]:
    """Squares all over a picture, large ones first."""
    for share in WINDOWS:
        side = share * min(height, width)
        columns, rows = (_spread(length, side) for length in (width, height))
        yield from ((float(x), float(y), side) for y in rows for x in columns)


def _spread(length: int, side: float) -> Float[np.ndarray, "places"]:
    return np.linspace(side / 2, length - side / 2, 1 + round((length - side) / (STEP * side)))


def around(box: Box) -> Square:
    """What the network looks at, for a box around a face."""
    left, top, right, bottom = box
    return (left + right) / 2, (top + bottom) / 2, BOX_MARGIN * max(right - left, bottom - top)


def around_points(points: Float[Tensor, "68 2"]) -> Square:
    """What the network looks at, for points that were found."""
    low, high = points.amin(0), points.amax(0)
    x, y = ((low + high) / 2).tolist()
    return x, y, max(MARGIN * float((high - low).max()), 4.0)


def cropped(image: Float[Tensor, "1 3 height width"], square: Square, size: int) -> Float[Tensor, "1 3 size size"]:
    """A square of a picture at another size; beyond the picture its border goes on.

    Large squares are averaged down first, so that nothing is skipped; then points are sampled between pixels.
    """
    x, y, side = square
    height, width = image.shape[-2:]
    left, top = int(np.clip(x - side, 0, width - 1)), int(np.clip(y - side, 0, height - 1))
    image = image[..., top : max(top + 1, int(y + side) + 1), left : max(left + 1, int(x + side) + 1)]
    x, y = x - left, y - top
    factor = max(1, int(side / size))
    if factor > 1:
        image = functional.avg_pool2d(image, factor, ceil_mode=True, count_include_pad=False)
        x, y, side = x / factor, y / factor, side / factor
    height, width = image.shape[-2:]
    share = (torch.arange(size) + 0.5) / size - 0.5
    columns, rows = 2 * (x + side * share) / width - 1, 2 * (y + side * share) / height - 1
    grid = torch.stack(torch.broadcast_tensors(columns[None, :], rows[:, None]), -1)[None]
    return functional.grid_sample(image, grid, padding_mode="border", align_corners=False)
