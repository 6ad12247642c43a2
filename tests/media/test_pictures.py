"""Pictures are read as they are seen; sheets hold every frame in its place; a stamp is seen and covers little."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from thlab.media import contact_sheet, read_picture, stamp
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


GRADIENT = np.add.outer(np.arange(24) * 4, np.arange(40) * 3)[..., None] // np.array([1, 2, 4]) % 256
"""24 rows of 40 pixels, no two corners alike."""


def saved(path: Path, picture: Image.Image, **how: object) -> np.ndarray:
    picture.save(path, **how)
    return read_picture(path)


def test_a_picture_is_read_as_it_was_written(tmp_path: Path):
    wanted = GRADIENT.astype(np.uint8)
    for kind in ("png", "bmp", "tiff"):
        assert np.array_equal(saved(tmp_path / f"a.{kind}", Image.fromarray(wanted)), wanted)
    assert np.abs(saved(tmp_path / "a.jpg", Image.fromarray(wanted), quality=98).astype(int) - wanted).mean() < 4


@pytest.mark.parametrize(("note", "turned"), [(3, 2), (6, -1), (8, 1)])
def test_a_picture_stands_upright_when_its_camera_did_not(tmp_path: Path, note: int, turned: int):
    wanted, exif = GRADIENT.astype(np.uint8), Image.Exif()
    exif[0x0112] = note
    lying = Image.fromarray(np.ascontiguousarray(np.rot90(wanted, -turned)))
    assert np.array_equal(saved(tmp_path / "a.png", lying, exif=exif), wanted)


def test_what_is_transparent_is_white_and_what_is_half_so_is_half_white(tmp_path: Path):
    picture = np.zeros((20, 30, 4), np.uint8)
    picture[:, 10:20, 3], picture[:, 20:, 3] = 128, 255
    read = saved(tmp_path / "a.png", Image.fromarray(picture))
    assert (read[:, :10] == 255).all()
    assert (abs(read[:, 10:20].astype(int) - 127) <= 1).all()
    assert (read[:, 20:] == 0).all()


def test_grey_of_8_and_of_16_bits_is_the_same_grey(tmp_path: Path):
    grey = GRADIENT[..., 0].astype(np.uint8)
    shallow = saved(tmp_path / "a.png", Image.fromarray(grey))
    deep = saved(tmp_path / "b.png", Image.fromarray(grey.astype(np.uint16) * 257))
    assert np.array_equal(shallow, np.repeat(grey[..., None], 3, 2))
    assert np.array_equal(shallow, deep)


def test_palettes_and_printing_inks_become_red_green_and_blue(tmp_path: Path):
    red = Image.new("RGB", (32, 32), (255, 0, 0))
    for number, picture in enumerate((red.quantize(4), red.convert("CMYK"), red.convert("LA"), red.convert("1"))):
        read = saved(tmp_path / f"{number}.{'tiff' if picture.mode == 'CMYK' else 'png'}", picture)
        assert read.shape == (32, 32, 3)
    assert np.abs(read_picture(tmp_path / "1.tiff").astype(int) - (255, 0, 0)).max() < 3


def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path):
    whole = tmp_path / "whole.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(whole)
    (tmp_path / "cut.png").write_bytes(whole.read_bytes()[:2000])
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.jpg").write_text("not a picture")
    Image.new("RGB", (40, 8)).save(tmp_path / "tiny.png")
    for name, reason in [
        ("cut.png", "cannot be read"), ("empty.png", "not a picture"), ("text.jpg", "not a picture"),
        ("tiny.png", "at least 16"), ("none.png", "no file"), (".", "folder"),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match=reason) as refused:
            read_picture(tmp_path / name)
        assert "\n" not in str(refused.value)


def test_a_picture_too_large_to_hold_is_refused_before_it_is_decoded(tmp_path: Path):
    Image.new("1", (20_000, 10_000)).save(tmp_path / "vast.png")
    with pytest.raises(ValueError, match="at most 100 million"):
        read_picture(tmp_path / "vast.png")
