"""Sounds and videos of every kind, made for a test with the libraries themselves and not with thlab."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import jaxtyping
import numpy as np
import pytest


def grey(level: int, height: int = 48, width: int = 64) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def film(
    path: Path,
    pictures: Sequence[np.ndarray],
    *,
    rate: Fraction | int = 25,
    times: Sequence[float] | None = None,
    sound: np.ndarray | None = None,
    sound_rate: int = 48_000,
    sound_at: float = 0.0,
    pictures_at: float = 0.0,
    aspect: Fraction | None = None,
    video_codec: str = "libx264",
    audio_codec: str = "aac",
    options: dict[str, str] | None = None,
) -> Path:
    """Write a video; ``times`` (seconds) makes its frame rate variable, ``sound`` is mono float32."""
    with av.open(str(path), "w", options=options or {}) as container:
        video = container.add_stream(video_codec, rate=rate)
        height, width, _ = pictures[0].shape if len(pictures) else (48, 64, 3)
        video.height, video.width, video.pix_fmt = height, width, "yuv420p"
        if times is not None:
            video.codec_context.time_base = Fraction(1, 1000)
        if aspect is not None:
            video.codec_context.sample_aspect_ratio = aspect
        track = None if sound is None else container.add_stream(audio_codec, rate=sound_rate, layout="mono")
        base = Fraction(1, 1000) if times is not None else 1 / Fraction(rate)
        for number, picture in enumerate(pictures):
            moment = times[number] if times is not None else float(number / Fraction(rate))
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round((moment + pictures_at) / base), base
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for start in range(0, 0 if sound is None else len(sound), 960):
            piece = av.AudioFrame.from_ndarray(sound[None, start : start + 960], format="fltp", layout="mono")
            piece.sample_rate, piece.pts = sound_rate, start + round(sound_at * sound_rate)
            piece.time_base = Fraction(1, sound_rate)
            container.mux(track.encode(piece))
        if track is not None:
            container.mux(track.encode(None))
    return path


@pytest.fixture(name="film")
def _film() -> Callable[..., Path]:
    return film


@pytest.fixture(name="grey")
def _grey() -> Callable[..., np.ndarray]:
    return grey


@pytest.fixture
def as_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the shape checks of the tests, which would speak before the messages meant for users."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.fixture
def click() -> Callable[..., np.ndarray]:
    """Silence with one short click."""

    def make(seconds: float, at: float, rate: int = 48_000) -> np.ndarray:
        sound = np.zeros(round(seconds * rate), np.float32)
        sound[round(at * rate) : round(at * rate) + rate // 2000] = 0.9
        return sound

    return make
