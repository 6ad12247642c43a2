"""Clips and sounds in the page, side by side, to be compared by eye and by ear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from jaxtyping import Float32
from torch import Tensor

from thlab.course.page import LABEL_STYLE, Page, data_uri, figure, labelled, needs_alt
from thlab.course.pixels import packed
from thlab.media import Clip, write_audio, write_clip

MOST_BYTES = 300_000
"""Of a clip in a notebook."""
POSTER_BYTES = 30_000
QUALITIES = (23, 27, 31, 35, 39, 44)
"""Constant rate factors of x264, tried in turn until the clip is small enough."""
SMALLEST = 192
"""CSS pixels: smaller clips are shown this wide."""

TABLE = "border-collapse:collapse;margin:0;border:none"
CELL = "text-align:left;vertical-align:middle;border:none;background:none;padding:2px 12px 2px 0"

Sound = Float32[Tensor, "samples"] | Float32[np.ndarray, "samples"]
"""Mono at 16 kHz, about −1 to 1."""


def player(clips: Mapping[str, Clip], *, alt: str, caption: str = "", width: int | None = None) -> None:
    """Show clips side by side, each with its label and controls.

    They are H.264 with AAC inside the page, and carry the note in their metadata that they are synthetic.

    Args:
        clips: by label; each has frames.
        alt: what is seen and heard in them together.
        width: CSS pixels of each; that of the frames, but at least 192, when None.

    Raises:
        ValueError: there is no clip, one has no frames or does not fit into 300 kB, or the alt text is empty.
    """
    alt = needs_alt(alt, what="a player")
    if not clips:
        raise ValueError("expected clips by label, got none")
    cells = [labelled(_video(clip, label, f"{label}: {alt}", width), label) for label, clip in clips.items()]
    Page(figure(f"<div>{''.join(cells)}</div>", caption), f"[clips: {alt}]").display()


def _video(clip: Clip, label: str, alt: str, width: int | None) -> str:
    if clip.frames is None or not len(clip):
        raise ValueError(f"expected clips with pictures, but {label!r} has none; use sounds for sound alone")
    source = data_uri(encoded(clip, label), "video/mp4")
    poster = data_uri(*packed(clip.frames[len(clip) // 2], most=POSTER_BYTES))
    size = width or max(SMALLEST, clip.frames.shape[2])
    return (
        f'<video controls loop preload="metadata" width="{size}" src="{source}" poster="{poster}" '
        f'title="{escape(alt)}" aria-label="{escape(alt)}"></video>'
    )


def encoded(clip: Clip, label: str = "clip") -> bytes:
    """A clip as the bytes of an mp4 of at most 300 kB.

    Raises:
        ValueError: it does not fit.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        for quality in QUALITIES:
            write_clip(clip, path, quality=quality)
            if path.stat().st_size <= MOST_BYTES:
                return path.read_bytes()
    raise ValueError(f"{label!r} lasts {clip.duration:.1f} s and takes over {MOST_BYTES // 1000} kB; show less of it")


def sounds(tracks: Mapping[str, Sound] | Mapping[str, Mapping[str, Sound]], *, caption: str = "") -> None:
    """Show sounds as a table of players, to compare them by ear.

    Args:
        tracks: 16 kHz sound by label, one in each row; or for each row, sounds by the name of their column.
        caption: what stands beneath.

    Raises:
        ValueError: there is no sound, or one is empty or not finite.
    """
    if not tracks:
        raise ValueError("expected sounds by label, got none")
    rows = {label: row if isinstance(row, Mapping) else {"": row} for label, row in tracks.items()}
    columns = list(dict.fromkeys(name for row in rows.values() for name in row))
    head = "".join(f'<th scope="col" style="{CELL}">{escape(name)}</th>' for name in columns)
    lines = [f"<tr>{head}<td></td></tr>"] if any(columns) else []
    lines += [_row(label, row, columns) for label, row in rows.items()]
    table = f'<table style="{TABLE}">{"".join(lines)}</table>'
    Page(figure(table, caption), f"[sounds: {', '.join(tracks)}]").display()


def _row(label: str, row: Mapping[str, Sound], columns: Sequence[str]) -> str:
    """A line of the table: a player for each column that has a sound, and the label."""
    named = {name: f"{label}, {name}" if name else label for name in row}
    players = (_audio(row[name], named[name]) if name in row else "" for name in columns)
    cells = "".join(f'<td style="{CELL}">{player}</td>' for player in players)
    return f'<tr>{cells}<th scope="row" style="{CELL};{LABEL_STYLE};font-weight:normal">{escape(label)}</th></tr>'


def _audio(sound: Sound, label: str) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sound.mp3"
        write_audio(np.ascontiguousarray(sound), path)
        source = data_uri(path.read_bytes(), "audio/mpeg")
    return (
        f'<audio controls preload="metadata" src="{source}" title="{escape(label)}" aria-label="{escape(label)}" '
        'style="width:300px;height:36px;vertical-align:middle"></audio>'
    )
