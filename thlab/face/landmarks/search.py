"""Where to look for faces that a detector misses in the whole picture: closer, in tiles, and turned on their side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from jaxtyping import Float, UInt8

from thlab.face.landmarks.detection import Detection, Picture
from thlab.render import opencv as cv2

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""
Find = Callable[[Picture], list[Detection]]

SAME = 0.3
"""Two boxes that share so much of the smaller one show the same face."""
WORKING = 512
"""Pixels a side to which a crop is brought, if it is smaller: detectors know large faces best."""
TILE_OVERLAP = 1 / 3
LEAST_TILE = 240
"""Pixels a side; in smaller tiles no face is large enough to be measured."""


def overlap(one: Box, other: Box) -> float:
    """The share of the smaller box that lies in the larger."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return max(width, 0.0) * max(height, 0.0) / max(smaller, 1e-9)


def merged(faces: list[Detection]) -> list[Detection]:
    """Each face once, the largest first; of several findings the first in the list is kept."""
    kept: list[Detection] = []
    for face in faces:
        if all(overlap(face.box, other.box) < SAME for other in kept):
            kept.append(face)
    return sorted(kept, key=lambda face: -face.area)


def square_around(box: Box, *, share: float) -> Box:
    """The square around the middle of a box whose side is ``share`` times the longer side of the box."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    half = share * max(box[2] - box[0], box[3] - box[1]) / 2
    return x - half, y - half, x + half, y + half


def cut_out(
    picture: Picture, box: Box, *, least: int = WORKING
) -> tuple[UInt8[np.ndarray, "rows columns 3"], Callable[[Detection], Detection]]:
    """A part of a picture, enlarged where it is small and grey where it lies outside; and the way back.

    Returns:
        The part, and a function that brings what is found in it to the place it has in the whole picture.
    """
    left, top, right, bottom = (round(side) for side in box)
    width, height = max(right - left, 1), max(bottom - top, 1)
    scale = max(1.0, least / max(width, height))
    whole_height, whole_width = picture.shape[:2]
    inside = picture[max(top, 0) : max(min(bottom, whole_height), 0), max(left, 0) : max(min(right, whole_width), 0)]
    part: np.ndarray = np.full((height, width, 3), 128, np.uint8)
    row, column = max(-top, 0), max(-left, 0)
    part[row : row + inside.shape[0], column : column + inside.shape[1]] = inside
    if scale > 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_CUBIC), np.uint8)

    def back(face: Detection) -> Detection:
        stretch = np.array([width / part.shape[1], height / part.shape[0], width / part.shape[1]])
        return replace(face, points=(face.points * stretch + [left, top, 0]).astype(np.float32))

    return np.ascontiguousarray(part), back


def tiles(size: tuple[int, int]) -> Iterator[Box]:
    """Squares that cover a picture and overlap by a third: first of half its shorter side, then of a quarter."""
    height, width = size
    for part in (2, 4):
        side = min(height, width) / part * (1 + TILE_OVERLAP)
        if side < LEAST_TILE:
            return
        for top in _starts(height, side):
            yield from ((left, top, left + side, top + side) for left in _starts(width, side))


def _starts(length: int, side: float) -> Float[np.ndarray, "starts"]:
    count = int(np.ceil((length - side) / (side * (1 - TILE_OVERLAP)))) + 1
    return np.linspace(0, length - side, max(count, 1))


def found_at(picture: Picture, boxes: list[Box], find: Find, *, known: list[Detection]) -> list[Detection]:
    """Look closely at some places, but not again where a face is known."""
    faces: list[Detection] = []
    for box in boxes:
        if any(overlap(box, face.box) >= SAME for face in known + faces):
            continue
        part, back = cut_out(picture, square_around(box, share=2.0))
        faces += [back(face) for face in find(part)]
    return faces


def found_turned(picture: Picture, find: Find) -> list[Detection]:
    """Faces that lie on their side or stand on their head: the picture is turned until one is found."""
    height, width = picture.shape[:2]
    for quarters in (1, 3, 2):
        faces = find(np.ascontiguousarray(np.rot90(picture, quarters)))
        if faces:
            return [_turned_back(face, quarters, height, width) for face in faces]
    return []


def _turned_back(face: Detection, quarters: int, height: int, width: int) -> Detection:
    """The inverse of ``np.rot90`` for points; in continuous pixels it needs no half."""
    x, y, z = face.points.T
    places = {1: (width - y, x), 2: (width - x, height - y), 3: (y, height - x)}[quarters]
    return replace(face, points=np.stack([*places, z], 1).astype(np.float32))
