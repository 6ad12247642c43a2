"""What is written is whole, in time, says that it is synthetic, and takes no more memory the longer it gets."""

from __future__ import annotations

import os
import resource
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
import torch

from thlab.media import Clip, ClipWriter, read_audio, read_clip, read_note, write_clip
from thlab.timebase import SAMPLES_PER_FRAME


def speckled(count: int, height: int = 64, width: int = 64, seed: int = 0) -> torch.Tensor:
    """Frames of coarse colourful blocks, which survive compression."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 256, (count, -(-height // 16), -(-width // 16), 3), dtype=np.uint8)
    return torch.from_numpy(blocks.repeat(16, 1).repeat(16, 2)[:, :height, :width].copy())


def test_pictures_and_sound_come_back(tmp_path: Path):
    time = torch.arange(30 * SAMPLES_PER_FRAME) / 16_000
    clip = Clip(frames=speckled(30), audio=0.3 * torch.sin(2 * torch.pi * 300 * time))
    write_clip(clip, tmp_path / "a.mp4")
    again = read_clip(tmp_path / "a.mp4")
    assert again.frames.shape == clip.frames.shape
    assert (again.frames.float() - clip.frames.float()).abs().median() < 3
    assert (again.audio - clip.audio)[1000:-1000].abs().max() < 0.02


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (200, 150, 130)])
def test_colours_come_back(tmp_path: Path, colour: tuple[int, int, int]):
    frames = torch.tensor(colour, dtype=torch.uint8).expand(5, 32, 32, 3)
    write_clip(Clip(frames=frames.contiguous()), tmp_path / "a.mp4")
    assert (read_clip(tmp_path / "a.mp4").frames.float() - torch.tensor(colour)).abs().max() <= 5


@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
@pytest.mark.parametrize("frame", [0, 13, 39])
def test_a_click_and_a_flash_stay_together(tmp_path: Path, rate: int, frame: int):
    sound = torch.zeros(round(40 / 25 * rate))
    sound[round(frame / 25 * rate)] = 1.0
    with ClipWriter(tmp_path / "a.mp4", (32, 32), audio=sound, audio_rate=rate) as writer:
        for number in range(40):
            writer.write(torch.full((32, 32, 3), 255 if number == frame else 0, dtype=torch.uint8))
    clip = read_clip(tmp_path / "a.mp4")
    assert int(clip.frames.float().mean((1, 2, 3)).argmax()) == frame
    assert abs(int(clip.audio.abs().argmax()) - frame * SAMPLES_PER_FRAME) <= 16  # 1 ms


def write_all(path: Path, frames: Iterable, **options) -> None:
    """Write frames, and raise on the way what is among them."""
    with ClipWriter(path, options.pop("size", (64, 64)), **options) as writer:
        for frame in frames:
            if isinstance(frame, BaseException):
                raise frame
            writer.write(frame)


def lengths(path: Path) -> dict[str, float]:
    with av.open(str(path)) as container:
        return {stream.type: float(stream.duration * stream.time_base) for stream in container.streams}


@pytest.mark.parametrize("rest", [-SAMPLES_PER_FRAME, -1, 0, 1, SAMPLES_PER_FRAME])
def test_the_pictures_last_as_long_as_the_sound_to_within_one_frame(tmp_path: Path, rest: int):
    sound = torch.zeros(25 * SAMPLES_PER_FRAME + rest)
    write_all(tmp_path / "a.mp4", speckled(25, 32, 32), size=(32, 32), audio=sound)
    assert lengths(tmp_path / "a.mp4")["video"] == pytest.approx(1.0)
    assert lengths(tmp_path / "a.mp4")["audio"] == pytest.approx(1.0 + max(0, rest) / 16_000, abs=0.002)
    assert len(read_audio(tmp_path / "a.mp4")) == pytest.approx(16_000 + max(0, rest), abs=32)


@pytest.mark.parametrize("rest", [-1.0, -0.05, 0.05, 1.0, 100.0])
def test_another_length_of_sound_is_refused_and_leaves_nothing(tmp_path: Path, rest: float):
    sound = torch.zeros(round(16_000 * max(0.0, 1 + rest)))
    with pytest.raises(ValueError, match=r"the pictures last 1.00 s and the sound .*; cut or pad"):
        write_all(tmp_path / "a.mp4", speckled(25, 32, 32), size=(32, 32), audio=sound)
    assert list(tmp_path.iterdir()) == []


def test_sound_may_come_in_pieces_that_are_taken_as_the_frames_come(tmp_path: Path):
    taken = []

    def pieces() -> Iterator[torch.Tensor]:
        for number in range(20):
            taken.append(number)
            yield torch.full((5 * SAMPLES_PER_FRAME,), 0.01 * number)

    with ClipWriter(tmp_path / "a.mp4", (32, 32), audio=pieces()) as writer:
        for number, frame in enumerate(speckled(100, 32, 32)):
            writer.write(frame)
            assert number / 5 <= len(taken) <= number / 5 + 2
    whole = torch.cat([torch.full((5 * SAMPLES_PER_FRAME,), 0.01 * number) for number in range(20)])
    write_clip(Clip(frames=speckled(100, 32, 32), audio=whole), tmp_path / "b.mp4")
    assert torch.equal(read_clip(tmp_path / "a.mp4").audio, read_clip(tmp_path / "b.mp4").audio)


def test_the_same_clip_is_the_same_file(tmp_path: Path):
    clip = Clip(frames=speckled(30), audio=torch.sin(torch.arange(30 * SAMPLES_PER_FRAME) / 9))
    for number in range(10):
        write_clip(clip, tmp_path / f"{number}.mp4")
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_a_file_is_h264_and_aac_that_starts_to_play_before_it_is_loaded(tmp_path: Path):
    write_clip(Clip(frames=speckled(60), audio=torch.zeros(60 * SAMPLES_PER_FRAME)), tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt, video.average_rate) == ("h264", "yuv420p", 25)
        assert (audio.codec_context.name, audio.rate, audio.channels) == ("aac", 16_000, 1)
        order = [packet.stream.type for packet in container.demux() if packet.dts is not None]
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.find(b"moov") < data.find(b"mdat")
    assert "audio" in order[: len(order) // 10]
    assert "video" in order[: len(order) // 10]


def test_a_file_says_that_it_is_synthetic_unless_told_otherwise(tmp_path: Path):
    clip = Clip(frames=speckled(5))
    write_clip(clip, tmp_path / "a.mp4")
    assert "synthetic" in read_note(tmp_path / "a.mp4").lower()
    assert "thlab" in read_note(tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert "synthetic" in container.metadata["title"].lower()
    write_clip(clip, tmp_path / "b.mp4", note=None)
    assert read_note(tmp_path / "b.mp4") is None


@pytest.mark.parametrize(("height", "width"), [(33, 32), (32, 33), (35, 47)])
def test_odd_sizes_get_their_last_row_and_column_twice(tmp_path: Path, height: int, width: int):
    frames = speckled(5, height, width)
    write_clip(Clip(frames=frames), tmp_path / "a.mp4", quality=1)
    again = read_clip(tmp_path / "a.mp4").frames
    assert again.shape[1:3] == (height + height % 2, width + width % 2)
    assert (again[:, :height, :width].float() - frames.float()).abs().median() < 4
    assert (again[:, -1].float() - frames[:, -1][:, list(range(width)) + [width - 1] * (width % 2)]).abs().median() < 8


def test_an_error_in_the_middle_leaves_the_older_file_and_nothing_else(tmp_path: Path):
    (tmp_path / "a.mp4").write_bytes(b"older")
    for frames in ([*speckled(70), RuntimeError()], [*speckled(9), KeyboardInterrupt()], [RuntimeError()]):
        with pytest.raises(type(frames[-1])):
            write_all(tmp_path / "a.mp4", frames, audio=torch.zeros(16_000))
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == b"older"


def test_a_missing_directory_is_made_and_an_older_file_replaced(tmp_path: Path):
    for frames in (speckled(5), speckled(10)):
        write_clip(Clip(frames=frames), tmp_path / "new" / "deep" / "a.mp4")
        assert len(read_clip(tmp_path / "new" / "deep" / "a.mp4")) == len(frames)


@pytest.mark.usefixtures("as_in_a_notebook")
@pytest.mark.parametrize(
    ("arguments", "frames", "message"),
    [
        ({"path": "a.avi"}, [], r"written as \.mp4, but 'a\.avi'"),
        ({"path": "a"}, [], r"written as \.mp4"),
        ({"path": "there.mp4"}, [], "is a directory; add"),
        ({"path": "file/a.mp4"}, [], "cannot make the directory|cannot write"),
        ({"size": (0, 64)}, [], "at least 2 pixels"),
        ({"audio_rate": 12_345}, [], "12345; resample"),
        ({}, [], "none was written"),
        ({}, [np.zeros((64, 64, 3), np.float32)], "uint8 of shape .* frame 0 is float32"),
        ({}, [np.zeros((64, 64, 3), np.uint8), np.zeros((64, 60, 3), np.uint8)], r"frame 1 is uint8 of \(64, 60, 3\)"),
        ({}, [np.zeros((64, 64), np.uint8)], "put the colours last"),
        ({"audio": torch.tensor([torch.nan] * 640)}, [np.zeros((64, 64, 3), np.uint8)], "or NaN"),
        ({"audio": torch.zeros(2, 640)}, [np.zeros((64, 64, 3), np.uint8)], r"of \(2, 640\)"),
    ],
)
def test_what_cannot_be_written_is_one_line_and_leaves_nothing(
    tmp_path: Path, arguments: dict, frames: list[np.ndarray], message: str
):
    (tmp_path / "there.mp4").mkdir()
    (tmp_path / "file").touch()
    path = tmp_path / arguments.pop("path", "a.mp4")
    with pytest.raises(ValueError, match=message) as caught:
        write_all(path, frames, **arguments)
    assert "\n" not in str(caught.value)
    assert {entry.name for entry in tmp_path.iterdir()} == {"there.mp4", "file"}


def test_a_clip_without_frames_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="write_audio"):
        write_clip(Clip(audio=torch.zeros(640)), tmp_path / "a.mp4")


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(ValueError, match=r"could not write .*; is the disk full"):
            write_clip(Clip(frames=speckled(300)), tmp_path / "a.mp4")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def resident() -> Callable[[], float]:
    """Resident memory of this process, in MB."""
    process = psutil.Process(os.getpid())
    return lambda: process.memory_info().rss / 1e6


def test_memory_does_not_grow_with_the_length(tmp_path: Path, resident: Callable[[], float]):
    frames = speckled(100).numpy()
    marks = []
    tracemalloc.start()
    with ClipWriter(tmp_path / "a.mp4", (64, 64), audio=(torch.zeros(16_000) for _ in range(60))) as writer:
        for number in range(1500):
            writer.write(frames[number % 100])
            if number % 250 == 249:
                marks.append((resident(), tracemalloc.get_traced_memory()[0] / 1e6))
    tracemalloc.stop()
    (early, early_python), (late, late_python) = marks[1], marks[-1]
    assert late - early < 8
    assert late_python - early_python < 0.5
