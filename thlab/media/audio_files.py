"""Sound from files of any kind to 16 kHz mono, and back to files.

soundfile reads what it knows (wav, flac, ogg, mp3, …), FFmpeg the rest (m4a, the sound of videos); soxr resamples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr
import torch
from av.audio.stream import AudioStream
from av.container import InputContainer
from jaxtyping import Float32, Shaped
from torch import Tensor

from thlab.media.atomic import atomic_path, check_readable, check_suffix
from thlab.media.clip import Audio
from thlab.media.containers import MP4, SLACK, check_whole, cut_off, opened, sound_of, stated_seconds
from thlab.media.headers import stated_by_header
from thlab.timebase import SAMPLE_RATE, samples_to_seconds

Mono = Float32[np.ndarray, "samples"]
"""A stretch of one channel at the rate of its file."""

WHAT = "a sound or video file (wav, flac, mp3, ogg, m4a, mp4 …)"
RATES = (8_000, 192_000)
"""Lowest and highest sampling rate that is read, in Hz."""
SHORTEST = 0.040
"""Seconds; less than one frame of sound cannot drive anything."""
LOUDEST = 32.0
"""Samples are about −1 to 1; louder than this is a file of integers written as floats."""
BLOCK = 1 << 16
"""Samples that are decoded at a time."""
JITTER = 0.05
"""Seconds by which time stamps inside a stream may be off without meaning a hole."""
SUFFIXES = {".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG", ".mp3": "MP3"}


def read_audio(path: str | Path) -> Audio:
    """Read the sound of a file as 16 kHz mono.

    Channels are averaged; silence is sound too. Of a video, the first sound track is read from its own beginning, so a
    late start is lost (``read_clip`` keeps it). A file that is shorter than its header states is refused; where nothing
    is stated (wav from a pipe, mp3 without an index, MPEG streams) it is read as far as it goes. Chapter 02.

    Returns:
        Samples, about −1 to 1.

    Raises:
        ValueError: when there is no such file, no sound in it, less than 40 ms, a rate outside 8 to 192 kHz, NaN or
            infinity among the samples, or when it is damaged or cut off.
    """
    return torch.cat(list(stream_audio(path)))


def stream_audio(path: str | Path) -> Iterator[Audio]:
    """The same as ``read_audio``, in blocks of a few seconds and with memory that does not grow.

    Raises:
        ValueError: as ``read_audio`` does; damage in the middle shows only when the reading gets there.
    """
    source = check_readable(path, what=WHAT)
    count = 0
    for block in _to_clock(*_mono_blocks(source), name=source.name):
        count += len(block)
        yield torch.from_numpy(block)
    if count == 0:
        raise ValueError(f"expected {WHAT}, but nothing in {source.name} can be decoded; record or convert it again")
    if samples_to_seconds(count) < SHORTEST:
        raise ValueError(
            f"expected at least {SHORTEST * 1000:.0f} ms of sound, but {source.name} holds "
            f"{1000 * samples_to_seconds(count):.1f} ms; record something longer"
        )


def _mono_blocks(source: Path) -> tuple[int, Iterator[Mono]]:
    """Sampling rate and blocks, by soundfile or else by FFmpeg."""
    if _is_mp3(source):
        return _first_rate(_container_blocks(source))
    try:
        file = soundfile.SoundFile(source)
    except (soundfile.LibsndfileError, TypeError):  # TypeError: a .raw file, whose rate nobody knows
        return _first_rate(_container_blocks(source))
    return file.samplerate, _soundfile_blocks(file, source)


def _is_mp3(source: Path) -> bool:
    """libsndfile reads mp3 too, but its decoder writes to the terminal when a file is damaged."""
    with source.open("rb") as file:
        head = file.read(3)
    return head == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)


def _soundfile_blocks(file: soundfile.SoundFile, source: Path) -> Iterator[Mono]:
    with file:
        count, stated = 0, max(file.frames / file.samplerate, stated_by_header(source))
        try:
            while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
                count += len(block)
                yield block.mean(axis=1)
        except soundfile.LibsndfileError as error:
            raise ValueError(cut_off(source.name, stated=stated, found=count / file.samplerate)) from error
        if count / file.samplerate < stated - SLACK:
            raise ValueError(cut_off(source.name, stated=stated, found=count / file.samplerate))


def _container_blocks(source: Path) -> Iterator[tuple[int, Mono]]:
    with opened(source, what=WHAT) as container:
        stream = sound_of(container)
        if stream is None:
            raise ValueError(f"expected {WHAT}, but {source.name} has no sound track; choose a file with sound")
        yield from _without_holes(_timed_blocks(container, stream))


def _timed_blocks(container: InputContainer, stream: AudioStream) -> Iterator[tuple[Fraction, int, Mono]]:
    """Decode one track to mono blocks, each with its moment on the container's clock and the sampling rate."""
    rate, begin, end = 0, Fraction(0), Fraction(0)
    stated = stated_seconds(container, stream) if container.format.name == MP4 else None
    for frame in container.decode(stream):
        if frame.sample_rate != (rate or frame.sample_rate):
            raise ValueError(f"the sound of {container.name} changes its rate from {rate} Hz midway; convert it to wav")
        moment = frame.pts * frame.time_base if frame.pts is not None and frame.time_base is not None else end
        if not rate:
            rate, begin = frame.sample_rate, moment
        block = _mono(frame)
        end = moment + Fraction(len(block), rate)
        # AAC comes in whole packets; the header of an mp4 knows how much of the last one is sound.
        excess = 0 if stated is None else round((float(end - begin) - stated) * rate)
        yield moment, rate, block[: max(0, len(block) - max(0, excess))]
    check_whole(container, stream, decoded=float(end - begin))


def _without_holes(
    blocks: Iterator[tuple[Fraction, int, Mono]], *, origin: Fraction | None = None
) -> Iterator[tuple[int, Mono]]:
    """Begin at the origin (or at the first block): holes become silence, what comes earlier is cut off."""
    place = 0
    for moment, rate, block in blocks:
        origin = moment if origin is None else origin
        gap = round((moment - origin) * rate) - place
        if gap and (place == 0 or abs(gap) > JITTER * rate):
            block = np.pad(block, (gap, 0)) if gap > 0 else block[-gap:]
        place += len(block)
        if len(block):
            yield rate, block


def _mono(frame: av.AudioFrame) -> Mono:
    """The mean of the channels, as floats from −1 to 1."""
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    return _as_floats(samples).mean(axis=0, dtype=np.float32)


def _as_floats(samples: Shaped[np.ndarray, "channels samples"]) -> Float32[np.ndarray, "channels samples"]:
    """Integers divided by their range; unsigned bytes are silent at 128."""
    if samples.dtype.kind == "f":
        return samples.astype(np.float32)
    if samples.dtype.kind == "u":
        return (samples.astype(np.float32) - 128) / 128
    return (samples / -float(np.iinfo(samples.dtype).min)).astype(np.float32)


def _first_rate(blocks: Iterator[tuple[int, Mono]]) -> tuple[int, Iterator[Mono]]:
    """Take the rate from the first block: some codecs only know it once they have decoded something."""
    rate, first = next(blocks, (SAMPLE_RATE, np.zeros(0, np.float32)))
    return rate, _chain(first, blocks)


def _chain(first: Mono, others: Iterator[tuple[int, Mono]]) -> Iterator[Mono]:
    yield first
    for _, block in others:
        yield block


def _to_clock(rate: int, blocks: Iterable[Mono], *, name: str) -> Iterator[Mono]:
    """Check the samples and resample them to 16 kHz."""
    low, high = RATES
    if not low <= rate <= high:
        raise ValueError(
            f"expected a sampling rate from {low} to {high} Hz, but {name} has {rate} Hz; resample it first"
        )
    checked = (_check_samples(block, name) for block in blocks)
    if rate == SAMPLE_RATE:
        yield from checked
        return
    resampler = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32", quality="VHQ")
    for block in checked:
        yield resampler.resample_chunk(block)
    yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)


def _check_samples(block: Mono, name: str) -> Mono:
    if not np.isfinite(block).all():
        raise ValueError(f"expected numbers as samples, but {name} holds NaN or infinity; export it again")
    peak = float(np.abs(block).max(initial=0.0))
    if peak > LOUDEST:
        raise ValueError(
            f"expected samples from −1 to 1, but {name} reaches {peak:.0f}; scale them before writing floats"
        )
    return block


def sound_track(path: str | Path, *, origin: Fraction) -> Audio | None:
    """The sound of a video, from a moment of the container's clock on; None when there is none.

    Raises:
        ValueError: as ``read_audio`` does, but for a short track: the pictures set the length.
    """
    with opened(path, what=WHAT) as container:
        stream = sound_of(container)
        if stream is None:
            return None
        rate, blocks = _first_rate(_without_holes(_timed_blocks(container, stream), origin=origin))
        parts = [torch.from_numpy(block) for block in _to_clock(rate, blocks, name=Path(path).name)]
    return torch.cat(parts) if any(len(part) for part in parts) else None


def write_audio(audio: Audio | Float32[np.ndarray, "samples"], path: str | Path) -> None:
    """Write 16 kHz mono sound as 16-bit wav or flac, or as ogg or mp3, by the suffix; louder than 1 is clipped.

    The file appears whole or not at all.

    Raises:
        ValueError: when the suffix is another, the samples are empty or not finite, or the place cannot be written to.
    """
    suffix = check_suffix(path, tuple(SUFFIXES), what="sound")
    samples = torch.as_tensor(audio).detach().cpu()
    if len(samples) == 0 or not bool(torch.isfinite(samples).all()):
        raise ValueError(
            f"expected sound with finite samples, but {len(samples)} samples came, or NaN; check what made them"
        )
    with atomic_path(path) as part:
        soundfile.write(part, samples.clamp(-1, 1).numpy(), SAMPLE_RATE, format=SUFFIXES[suffix])


def fit(audio: Audio, samples: int) -> Float32[Tensor, "padded"]:
    """The sound cut, or padded with silence, to a number of samples."""
    return torch.nn.functional.pad(audio[:samples], (0, max(0, samples - len(audio))))
