"""Clips to mp4 files (H.264 and AAC, 25 frames a second), piece by piece: memory does not grow with the length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
import torch
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream
from jaxtyping import Float32, UInt8
from torch import Tensor

from thlab.media.atomic import atomic_path, check_suffix
from thlab.media.clip import Audio, Clip
from thlab.timebase import FPS, SAMPLE_RATE, frames_to_seconds

NOTE = "Synthetic: this clip was generated with thlab. Nobody was filmed saying this."
"""What is written into the file as its comment, unless the caller says otherwise."""
TITLE = "Synthetic talking head"
"""What players show as the title of a clip that carries a note."""
QUALITY = 18
"""Constant rate factor of x264: 0 is lossless, 51 the worst, 18 hard to tell from the original."""
AAC_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
"""Sampling rates that players take in AAC, in Hz."""
BT709 = 1
"""Its matrix coefficients in ITU-T H.273; the converter has another number for them."""
BLOCK = 4096
"""Samples that are encoded at a time."""

Pixels = UInt8[Tensor, "height width 3"] | UInt8[np.ndarray, "height width 3"]
"""One frame; red, green, blue from 0 to 255, row 0 at the top."""
Sound = Audio | Iterable[Audio]
"""A whole track, or its pieces in turn."""


class ClipWriter:
    """Write a video while its frames come into being.

    ::

        with ClipWriter("out/talk.mp4", size=(256, 256), audio=audio) as writer:
            for frame in frames:
                writer.write(frame)

    The file appears when the block ends without an error, and not at all otherwise. Odd sizes get their last row or
    column twice, because H.264 stores colour for blocks of 2×2. Chapter 00.

    Args:
        path: where to write; ends in .mp4. Missing directories are made.
        size: height and width of the frames, in pixels.
        audio: the sound, whole or as an iterable of pieces that is read as frames come; it must last as long as the
            frames to within one frame. None for a silent film.
        audio_rate: samples a second of the sound.
        note: comment in the file's metadata, that says the clip is synthetic; None only for recordings of real people.
        title: title in the file's metadata.
        quality: constant rate factor of x264, 0 (lossless) to 51.

    Raises:
        ValueError: when the place cannot be written to, when frames or sound have another form than stated, and at the
            end when no frame came or when sound and pictures do not last equally long.
    """

    def __init__(
        self,
        path: str | Path,
        size: tuple[int, int],
        *,
        audio: Sound | None = None,
        audio_rate: int = SAMPLE_RATE,
        note: str | None = NOTE,
        title: str | None = TITLE,
        quality: int = QUALITY,
    ) -> None:
        check_suffix(path, (".mp4",), what="a video")
        if min(size) < 2:
            raise ValueError(f"expected a height and a width of at least 2 pixels, but the size is {size}")
        if audio_rate not in AAC_RATES:
            raise ValueError(
                f"expected a sampling rate among {AAC_RATES} Hz, but it is {audio_rate}; resample the sound"
            )
        self.path, self.size, self.quality = Path(path), size, quality
        self._metadata = {key: text for key, text in (("comment", note), ("title", note and title)) if text}
        self._pieces, self._rate = audio, audio_rate
        self._count = 0

    def __enter__(self) -> ClipWriter:
        with ExitStack() as stack:
            part = stack.enter_context(atomic_path(self.path))
            stack.enter_context(_one_line(self.path))
            options = {"movflags": "+faststart"}
            self._container = stack.enter_context(av.open(str(part.resolve()), "w", format="mp4", options=options))
            self._container.metadata.update(self._metadata)
            self._video = _add_video(self._container, self.size, self.quality)
            self._sound = None if self._pieces is None else _SoundTrack(self._container, self._pieces, self._rate)
            self._stack = stack.pop_all()
        return self

    def write(self, frame: Pixels) -> None:
        """Append one frame, and the sound that goes with it."""
        picture = av.VideoFrame.from_ndarray(_even(self._checked(frame)), format="rgb24")
        picture = picture.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
        picture.pts, picture.time_base = self._count, Fraction(1, FPS)
        self._container.mux(self._video.encode(picture))
        self._count += 1
        if self._sound is not None:
            self._sound.write_until(frames_to_seconds(self._count))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._stack.__exit__(kind, error, trace)
            return
        with self._stack:
            if self._count == 0:
                raise ValueError(f"expected frames for {self.path.name}, but none was written")
            self._container.mux(self._video.encode(None))
            if self._sound is not None:
                self._sound.finish(frames_to_seconds(self._count))

    def _checked(self, frame: Pixels) -> UInt8[np.ndarray, "height width 3"]:
        pixels = frame.detach().cpu().numpy() if isinstance(frame, Tensor) else np.asarray(frame)
        if pixels.dtype != np.uint8 or pixels.shape != (*self.size, 3):
            raise ValueError(
                f"expected frames as uint8 of shape {(*self.size, 3)}, but frame {self._count} is {pixels.dtype} of "
                f"{pixels.shape}; scale floats by 255, round and put the colours last"
            )
        return pixels


def write_clip(clip: Clip, path: str | Path, *, note: str | None = NOTE, quality: int = QUALITY) -> None:
    """Write the frames and the sound of a clip as mp4; see ``ClipWriter``.

    Raises:
        ValueError: when the clip has no frames, or as ``ClipWriter`` does.
    """
    if clip.frames is None:
        raise ValueError(
            f"expected a clip with frames for {Path(path).name}, but it has none; write sound with write_audio"
        )
    height, width = clip.frames.shape[1:3]
    with ClipWriter(path, (height, width), audio=clip.audio, note=note, quality=quality) as writer:
        for frame in clip.frames:
            writer.write(frame)


@contextmanager
def _one_line(path: Path) -> Iterator[None]:
    """What FFmpeg dislikes while writing (a full disk, say) as one line."""
    try:
        yield
    except av.FFmpegError as error:
        raise ValueError(f"could not write {path} ({error.strerror}); is the disk full?") from error


def _add_video(container: OutputContainer, size: tuple[int, int], quality: int) -> VideoStream:
    """H.264 that every player takes: 4:2:0, labelled BT.709, a key frame every two seconds; on one thread.

    There are no B-frames: how x264 places them differs from run to run, and the same clip shall give the same file.
    They would save about a quarter of the bytes.
    """
    options = {"preset": "veryfast", "crf": str(quality), "bf": "0"}
    stream = container.add_stream("libx264", rate=FPS, options=options)
    stream.height, stream.width = (side + side % 2 for side in size)
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.thread_count, context.gop_size = 1, 2 * FPS
    context.colorspace = BT709
    context.color_range, context.color_primaries, context.color_trc = (
        ColorRange.MPEG,
        ColorPrimaries.BT709,
        ColorTrc.BT709,
    )
    return stream


def _even(pixels: UInt8[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "rows columns 3"]:
    """Repeat the last row or column of odd sizes."""
    height, width, _ = pixels.shape
    if height % 2 or width % 2:
        pixels = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return np.ascontiguousarray(pixels)


class _SoundTrack:
    """AAC that is encoded as far as the pictures have come, so that the two lie side by side in the file."""

    def __init__(self, container: OutputContainer, pieces: Sound, rate: int) -> None:
        self._container, self._rate, self._written = container, rate, 0
        self._blocks = _blocks(pieces)
        self._stream = container.add_stream("aac", rate=rate, layout="mono")
        self._stream.bit_rate = min(128_000, 4 * rate)

    def write_until(self, seconds: float) -> None:
        """Encode up to a moment, or to the end of the sound."""
        while self._written < seconds * self._rate and (block := next(self._blocks, None)) is not None:
            self._encode(block)

    def finish(self, seconds: float) -> None:
        """Encode the rest, padded with silence to the end of the pictures.

        Raises:
            ValueError: when sound and pictures differ by more than one frame.
        """
        self.write_until(seconds + 2 * frames_to_seconds(1))
        one_frame = round(frames_to_seconds(1) * self._rate)
        if abs(self._written - round(seconds * self._rate)) > one_frame:
            more = next(self._blocks, None) is not None
            raise ValueError(
                f"sound and pictures must last equally long to within one frame, but the pictures last {seconds:.2f} s "
                f"and the sound {'more than ' * more}{self._written / self._rate:.2f} s; cut or pad one of them"
            )
        self._encode(np.zeros(max(0, round(seconds * self._rate) - self._written), np.float32))
        self._container.mux(self._stream.encode(None))

    def _encode(self, block: Float32[np.ndarray, "samples"]) -> None:
        if len(block) == 0:
            return
        frame = av.AudioFrame.from_ndarray(block[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._written, Fraction(1, self._rate)
        self._container.mux(self._stream.encode(frame))
        self._written += len(block)


def _blocks(pieces: Sound) -> Iterator[Float32[np.ndarray, "samples"]]:
    """The sound in short checked blocks, clipped to −1 to 1."""
    for piece in [pieces] if isinstance(pieces, Tensor) else pieces:
        if piece.dtype != torch.float32 or piece.ndim != 1 or not bool(torch.isfinite(piece).all()):
            raise ValueError(
                f"expected sound as finite float32 of shape (samples,), but {piece.dtype} of {tuple(piece.shape)} "
                "came, or NaN; convert it or see what made it"
            )
        for start in range(0, len(piece), BLOCK):
            yield piece[start : start + BLOCK].detach().cpu().clamp(-1, 1).numpy()
