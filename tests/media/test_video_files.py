"""Any video becomes 25 frames a second, with its sound where it was; or one line that says why it cannot."""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from thlab.media import Clip, read_clip, read_note, stream_frames, video_files
from thlab.timebase import SAMPLES_PER_FRAME

STEP = 8
"""Grey levels from one frame of a test film to the next."""


def shown(clip: Clip) -> list[int]:
    """Which frame of the film each frame of the clip is, by its grey."""
    return [round(level / STEP) for level in clip.frames.float().mean((1, 2, 3)).tolist()]


def loudest(clip: Clip) -> float:
    """The moment of the click, in seconds."""
    return int(clip.audio.abs().argmax()) / 16_000


@pytest.mark.parametrize(
    "rate", [Fraction(25), Fraction(25, 2), Fraction(24), Fraction(30_000, 1001), Fraction(50), Fraction(60)]
)
def test_every_frame_is_what_a_player_shows_at_its_middle(
    tmp_path: Path, film: Callable[..., Path], grey: Callable[..., np.ndarray], rate: Fraction
):
    clip = read_clip(film(tmp_path / "a.mp4", [grey(STEP * number) for number in range(30)], rate=rate))
    expected = [int(Fraction(2 * i + 1, 50) * rate) for i in range(round(30 / rate * 25))]
    assert shown(clip) == expected
    assert clip.audio is None


def test_a_variable_frame_rate_keeps_its_times(
    tmp_path: Path, film: Callable[..., Path], grey: Callable[..., np.ndarray]
):
    times = np.cumsum(np.random.default_rng(3).uniform(0.01, 0.2, 30)).round(3)
    path = film(tmp_path / "a.mp4", [grey(STEP * number) for number in range(30)], times=times.tolist())
    result = shown(read_clip(path))
    middles = times[0] + (np.arange(len(result)) + 0.5) / 25
    assert result == (np.searchsorted(times, middles, side="right") - 1).tolist()
    assert len(result) >= (times[-1] - times[0]) * 25


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".ts"])
@pytest.mark.parametrize(("sound_at", "pictures_at"), [(0.0, 0.0), (0.3, 0.0), (0.0, 0.32), (0.32, 0.64)])
def test_sound_stays_where_it_was(
    tmp_path: Path,
    film: Callable[..., Path],
    grey: Callable,
    click: Callable,
    suffix: str,
    sound_at: float,
    pictures_at: float,
):
    pictures = [grey(248 if number == 40 else 0) for number in range(75)]
    path = film(
        tmp_path / f"a{suffix}", pictures, sound=click(2.0, 1.0), sound_at=sound_at, pictures_at=pictures_at
    )  # fmt: skip
    clip = read_clip(path)
    assert int(clip.frames.float().mean((1, 2, 3)).argmax()) == 40
    assert loudest(clip) == pytest.approx(1.0 + sound_at - pictures_at, abs=0.005)
    assert len(clip.audio) == len(clip) * SAMPLES_PER_FRAME
    assert abs(len(clip) - 75) <= 1


def test_sound_is_cut_or_padded_to_the_pictures(
    tmp_path: Path, film: Callable[..., Path], grey: Callable, click: Callable
):
    for seconds in (0.2, 3.0):
        clip = read_clip(film(tmp_path / f"{seconds}.mp4", [grey(9)] * 25, sound=click(seconds, 0.1)))
        assert (len(clip), len(clip.audio)) == (25, 16_000)
        assert loudest(clip) == pytest.approx(0.1, abs=0.002)


def test_sound_alone_gives_a_clip_without_frames(tmp_path: Path, film: Callable[..., Path], click: Callable):
    soundfile.write(tmp_path / "a.wav", click(1.0, 0.5, 16_000), 16_000)
    clip = read_clip(tmp_path / "a.wav")
    assert clip.frames is None
    assert len(clip.audio) == 16_000


@pytest.mark.parametrize(
    ("matrix", "quarters"),
    [((0, 1, -1, 0), -1), ((-1, 0, 0, -1), 2), ((0, -1, 1, 0), 1)],
    ids=["right", "half", "left"],
)
def test_a_turned_recording_is_turned_upright(
    tmp_path: Path, film: Callable[..., Path], grey: Callable, matrix: tuple[int, ...], quarters: int
):
    """The matrix (a, b, c, d) in the track header sends x to ax + cy and y to bx + dy (ISO/IEC 14496-12, 6.2.2)."""
    picture = grey(0, height=48, width=64)
    picture[:24, :32] = 240  # upper left
    path = film(tmp_path / "a.mp4", [picture] * 5)
    data = bytearray(path.read_bytes())
    place = data.find(b"tkhd") + 44
    a, b, c, d = (value << 16 for value in matrix)
    data[place : place + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    upright = read_clip(path).frames[2].float().mean(-1).numpy()
    expected = np.rot90(picture[..., 0], quarters)
    assert upright.shape == expected.shape
    assert np.abs(upright - expected).mean() < 8


def test_pixels_become_square(tmp_path: Path, film: Callable[..., Path], grey: Callable):
    clip = read_clip(film(tmp_path / "a.mp4", [grey(9)] * 5, aspect=Fraction(3, 2)))
    assert clip.frames.shape[1:3] == (48, 96)


def test_frames_may_be_scaled_on_the_way(tmp_path: Path, film: Callable[..., Path], grey: Callable):
    path = film(tmp_path / "a.mp4", [grey(40, 96, 128)] * 5, aspect=Fraction(3, 2))
    clip = read_clip(path, height=32)
    assert clip.frames.shape[1:3] == (32, 64)
    assert (clip.frames.float() - 40).abs().max() <= 3


def test_more_frames_than_memory_should_hold_are_refused(
    tmp_path: Path, film: Callable[..., Path], grey: Callable, monkeypatch: pytest.MonkeyPatch
):
    path = film(tmp_path / "a.mp4", [grey(40)] * 50)
    monkeypatch.setattr(video_files, "MOST", 40 * 48 * 64 * 3)
    with pytest.raises(ValueError, match="give a smaller height, or use stream_frames"):
        read_clip(path)
    assert len(read_clip(path, height=24)) == 50


def test_a_stream_is_the_clip_frame_by_frame(tmp_path: Path, film: Callable[..., Path], grey: Callable):
    path = film(tmp_path / "a.mp4", [grey(STEP * number) for number in range(20)], rate=30)
    assert torch.equal(torch.stack(list(stream_frames(path))), read_clip(path).frames)


def test_a_stream_opens_the_file_only_once_it_is_asked_and_lets_go(
    tmp_path: Path, film: Callable[..., Path], grey: Callable
):
    stream = stream_frames(film(tmp_path / "a.mp4", [grey(STEP * number) for number in range(20)]))
    assert next(stream).shape == (48, 64, 3)
    stream.close()


def missing(path: Path) -> None:
    pass


def empty(path: Path) -> None:
    path.touch()


def text(path: Path) -> None:
    path.write_text("This is no video.\n" * 100)


def still(path: Path) -> None:
    Image.new("RGB", (64, 48)).save(path, format="PNG")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (missing, "does not exist; check"),
        (Path.mkdir, "is a directory; name"),
        (empty, r"is empty \(0 bytes\); record"),
        (text, "cannot be decoded .*; it is"),
        (still, "is a still picture; open"),
    ],
)
@pytest.mark.parametrize("read", [read_clip, lambda path: list(stream_frames(path)), read_note])
def test_no_video_at_all_is_one_line(tmp_path: Path, make: Callable, message: str, read: Callable):
    make(tmp_path / "a.mp4")
    if make is still and read is read_note:
        assert read(tmp_path / "a.mp4") is None
        return
    with pytest.raises(ValueError, match=message) as caught:
        read(tmp_path / "a.mp4")
    assert "\n" not in str(caught.value)


def test_zero_frames_are_one_line(tmp_path: Path, film: Callable[..., Path], grey: Callable, click: Callable):
    path = film(tmp_path / "a.mkv", [], sound=click(1.0, 0.5))
    with pytest.raises(ValueError, match=r"a\.mkv .*; (record|copy|choose)"):
        read_clip(path)


@pytest.mark.parametrize(("suffix", "options"), [(".mp4", {}), (".mp4", {"movflags": "+faststart"}), (".mkv", {})])
@pytest.mark.parametrize("damage", ["cut off", "overwritten"])
def test_a_damaged_video_is_one_line(
    tmp_path: Path, film: Callable[..., Path], click: Callable, suffix: str, options: dict[str, str], damage: str
):
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 255, (48, 64, 3)).astype(np.uint8) for _ in range(50)]
    path = film(tmp_path / f"a{suffix}", noise, sound=click(2.0, 0.5), options=options)
    data = path.read_bytes()
    half = len(data) // 2
    path.write_bytes(data[:half] if damage == "cut off" else data[:half] + rng.bytes(half // 2) + data[-half // 2 :])
    with pytest.raises(ValueError, match=r"cut off|damaged") as caught:
        read_clip(path)
    assert "\n" not in str(caught.value)


def test_a_film_by_others_has_no_note(tmp_path: Path, film: Callable[..., Path], grey: Callable):
    assert read_note(film(tmp_path / "a.mp4", [grey(0)] * 5)) is None
