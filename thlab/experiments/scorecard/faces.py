"""Where the face is in each frame, and the small square of it that judges look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from thlab.experiments.scorecard.reading import Seen
from thlab.experiments.scores import planes
from thlab.timebase import FPS

FACE_SIZE = 64
"""Pixels a side of the faces that the judges look at."""
FACE_SHARE, FACE_ABOVE = 0.19, 0.13
"""In the corpus' pictures of faces: spread of brows, eyes and nose, and how far above the middle they lie, in shares of
the side (measured on six held-out people: 0.18 to 0.20, 0.11 to 0.15)."""
UPPER_FACE = slice(17, 48)
ALIKE = 0.25
"""A square picture whose face has the corpus' size to within this share counts as cut out already."""


@dataclass(frozen=True, eq=False)
class Boxes:
    """The square around a face in each frame; calm, as ``thlab prepare`` cuts it."""

    centre: Float[np.ndarray, "frames 2"]
    side: Float[np.ndarray, "frames"]


def face_boxes(seen: Seen) -> Boxes:
    """Where the face is; all of a picture that is a face already."""
    assert seen.landmarks is not None
    upper = seen.landmarks[:, UPPER_FACE].numpy().astype(float)
    middle = upper.mean(1)
    spread = np.sqrt(np.square(upper - middle[:, None]).sum(2).mean(1))
    path = gaussian_filter1d(np.column_stack([middle, np.log(spread)]), 1.0 * FPS, axis=0, mode="nearest")
    side = np.exp(path[:, 2]) / FACE_SHARE
    height, width = seen.size
    if height == width and abs(np.log(np.median(side) / width)) < ALIKE:
        return Boxes(np.full((seen.count, 2), width / 2), np.full(seen.count, float(width)))
    return Boxes(path[:, :2] + np.array([0, FACE_ABOVE]) * side[:, None], side)


def cut_face(
    picture: UInt8[Tensor, "height width 3"], centre: Float[np.ndarray, "2"], side: float
) -> Float[Tensor, "3 64 64"]:
    """The square around a face in 64 px, areas averaged; beyond the picture its edges go on."""
    height, width = picture.shape[:2]
    (left, top), (right, bottom) = centre - side / 2, centre + side / 2
    beyond = int(np.ceil(max(0.0, -left, -top, right - width, bottom - height)))
    pixels = picture.numpy()
    if beyond:
        pixels = np.pad(pixels, ((beyond, beyond), (beyond, beyond), (0, 0)), mode="edge")
    if side == FACE_SIZE and not beyond and (height, width) == (FACE_SIZE, FACE_SIZE):
        return planes(picture[None])[0]
    box = (left + beyond, top + beyond, right + beyond, bottom + beyond)
    drawn = Image.fromarray(pixels).resize((FACE_SIZE, FACE_SIZE), Image.Resampling.BILINEAR, box=box)
    return planes(torch.from_numpy(np.array(drawn))[None])[0]
