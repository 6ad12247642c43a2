"""Videos for tests."""

from __future__ import annotations

from pathlib import Path

import torch
from torch.nn import functional

from thlab.media import Clip, write_clip
from thlab.timebase import frames_to_samples

SAMPLES = Path(__file__).parents[3] / "data_samples"


def with_frames(path: Path, frames: torch.Tensor, audio: torch.Tensor | None) -> Path:
    """A video of those frames; its sound is cut or padded."""
    if audio is not None:
        length = frames_to_samples(len(frames))
        audio = functional.pad(audio, (0, max(0, length - len(audio))))[:length]
    write_clip(Clip(frames, audio), path)
    return path
