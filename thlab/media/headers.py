"""How long a sound should be by the header of its file: what decoders do not tell when a file was cut off."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

UNKNOWN_SIZE = 0x7FFF_0000
"""Sizes from here on are written into wav headers by programs that do not know the length yet."""
LAST_PAGES = 1 << 17
"""Bytes at the end of an ogg file among which its last page begins: a page has at most 65,307."""
OPUS_RATE = 48_000
"""Opus counts time in samples of this rate, whatever was recorded (RFC 7845)."""


def stated_by_header(source: Path) -> float:
    """Seconds that a wav or ogg file states; 0 for other files and when nothing is stated.

    libsndfile quietly believes the size of a wav file and the last page of an ogg file instead.

    Raises:
        ValueError: when an ogg file lacks its last page.
    """
    with source.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"RIFF" and head[8:] == b"WAVE":
            return _stated_by_wav(file)
        if head[:4] == b"OggS":
            return _stated_by_ogg(source, file)
    return 0.0


def _stated_by_wav(file: BinaryIO) -> float:
    """Walk through the chunks to the data and divide their size by the bytes a second."""
    bytes_a_second = 0
    while len(head := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", head)
        if name == b"data":
            return size / bytes_a_second if bytes_a_second and size < UNKNOWN_SIZE else 0.0
        body = file.read(size + size % 2)
        if name == b"fmt " and len(body) >= 12:
            bytes_a_second = struct.unpack_from("<I", body, 8)[0]
    return 0.0


def _stated_by_ogg(source: Path, file: BinaryIO) -> float:
    """The last page holds the number of samples, and a flag that it is the last (RFC 3533, section 6)."""
    file.seek(0)
    first = file.read(64)
    file.seek(max(0, source.stat().st_size - LAST_PAGES))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < 14 or not page[5] & 4:
        raise ValueError(f"{source.name} lacks its end: it was cut off; copy or save it again")
    samples = struct.unpack_from("<q", page, 6)[0]
    if (vorbis := first.find(b"\x01vorbis")) >= 0:
        return samples / max(1, struct.unpack_from("<I", first, vorbis + 12)[0])
    return samples / OPUS_RATE if b"OpusHead" in first else 0.0


def mp3_is_indexed(source: Path) -> bool:
    """Whether the first frame is an index that counts the frames (Xing, Info or VBRI), as most encoders write it."""
    with source.open("rb") as file:
        head = file.read(10)
        if head[:3] == b"ID3":  # the size of the tag comes in four bytes of 7 bits
            file.seek(10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True)))
        else:
            file.seek(0)
        first = file.read(64)
    return any(name in first for name in (b"Xing", b"Info", b"VBRI"))
