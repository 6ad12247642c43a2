"""Sheets hold every frame in its place; a stamp is seen and covers little."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from thlab.media import contact_sheet, stamp
from thlab.media.pictures import GAP


def test_every_frame_lies_in_its_place():
    frames = np.random.default_rng(0).integers(0, 255, (7, 20, 30, 3), dtype=np.uint8)
    sheet = contact_sheet(frames, 3)
    assert sheet.shape == (3 * (20 + GAP) + GAP, 3 * (30 + GAP) + GAP, 3)
    for number, frame in enumerate(frames):
        top, left = GAP + number // 3 * (20 + GAP), GAP + number % 3 * (30 + GAP)
        assert np.array_equal(sheet[top : top + 20, left : left + 30], frame)


def test_labels_are_written_below_the_frames_and_long_ones_within_their_width():
    frames = torch.zeros(2, 40, 60, 3, dtype=torch.uint8)
    sheet = contact_sheet(frames, 2, ["first", "a label much too long for its frame"])
    below = sheet[GAP + 40 : -GAP]
    for columns in (slice(GAP, GAP + 60), slice(2 * GAP + 60, 2 * GAP + 120)):
        assert below[:, columns].min() < 100
    assert (below[:, :GAP].min(), below[:, GAP + 60 : 2 * GAP + 60].min(), below[:, -GAP:].min()) == (255, 255, 255)


@pytest.mark.parametrize(
    ("count", "columns", "labels"), [(0, 3, None), (2, 0, None), (2, 2, ["only one"])]
)  # fmt: skip
def test_a_sheet_of_nothing_is_refused(count: int, columns: int, labels: list[str] | None):
    with pytest.raises(ValueError, match="expected"):
        contact_sheet(np.zeros((count, 8, 8, 3), np.uint8), columns, labels)


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("side", [64, 256, 512])
def test_a_stamp_has_contrast_on_any_ground_and_covers_one_corner(side: int, level: int):
    frame = np.full((side, side, 3), level, np.uint8)
    stamped = stamp(frame)
    changed = (stamped != frame).any(-1)
    corner = stamped[changed].astype(int)
    assert corner.max() - corner.min() > 80
    assert not changed[: -side // 3].any()
    assert changed.mean() < (0.22 if side == 64 else 0.03)
    assert (frame == level).all()


def test_a_tiny_frame_is_stamped_as_far_as_it_goes():
    assert stamp(np.zeros((6, 8, 3), np.uint8)).shape == (6, 8, 3)
