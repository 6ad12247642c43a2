"""Make the picture of Speech2Vid: held-out people, filmed above and painted below from their sound.

python docs/speech2vid.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from thlab.experiments.checkpoints import load_system
from thlab.experiments.recipes.speech2vid import held_out_clips
from thlab.experiments.scores import laid_over
from thlab.media import Clip, contact_sheet
from thlab.systems.speech2vid import Speech2Vid

PEOPLE = (0, 2, 4, 7)
"""Which of the held-out people."""
FRAMES = 10
WIDTH = 880
"""Pixels of the picture."""


def rows(system: Speech2Vid, clip: Clip) -> list[np.ndarray]:
    """Real frames of the second half, laid over the still, and painted ones of the same moments."""
    half = len(clip) // 2
    first, second = clip[:half], clip[half:]
    assert first.truth is not None
    assert first.truth.landmarks is not None
    real = laid_over(second, first.truth.landmarks[system.chosen(first)[0]])
    painted = system.animate(first, Clip(audio=second.audio)).frames
    assert painted is not None
    chosen = torch.linspace(0.02, 0.86, FRAMES).mul(len(second)).long()
    return [(255 * real[chosen]).byte().movedim(1, -1).numpy(), painted[chosen].numpy()]


def main() -> None:
    system = load_system("speech2vid")
    assert isinstance(system, Speech2Vid)
    clips = held_out_clips("gpu", quiet=True)
    frames = np.concatenate([row for person in PEOPLE for row in rows(system, clips[person])])
    sheet = Image.fromarray(contact_sheet(frames, columns=FRAMES))
    size = (WIDTH, round(WIDTH * sheet.height / sheet.width))
    sheet.resize(size, Image.Resampling.LANCZOS).save(Path(__file__).with_suffix(".jpg"), quality=50, optimize=True)


if __name__ == "__main__":
    main()
