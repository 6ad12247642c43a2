"""Make the picture of Wav2Lip: held-out people as filmed, what the network is shown, and what it paints from the sound.

python docs/wav2lip.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from thlab.experiments.checkpoints import load_system
from thlab.experiments.recipes.wav2lip import held_out_clips, task_of
from thlab.media import Clip, contact_sheet
from thlab.render.halves import hidden
from thlab.systems.base import scaled
from thlab.systems.wav2lip import Wav2Lip

PEOPLE = (0, 4, 7)
"""Which of the held-out people."""
FRAMES = 10
WIDTH = 880
"""Pixels of the picture."""


def rows(system: Wav2Lip, clip: Clip) -> list[np.ndarray]:
    """Frames of the second half: as filmed, with the lower half hidden, and with it painted from the sound."""
    task = task_of(clip)
    filmed = task.real.frames
    assert filmed is not None
    painted = system.repaint(task.real, task.other, task.audio)
    chosen = torch.linspace(0.02, 0.86, FRAMES).mul(len(filmed)).long()
    shown = (255 * hidden(scaled(filmed[chosen], system.config.size))).byte().movedim(1, -1)
    return [filmed[chosen].numpy(), shown.numpy(), painted[chosen].numpy()]


def main() -> None:
    system = load_system("wav2lip")
    assert isinstance(system, Wav2Lip)
    clips = held_out_clips("gpu", quiet=True)
    frames = np.concatenate([row for person in PEOPLE for row in rows(system, clips[person])])
    sheet = Image.fromarray(contact_sheet(frames, columns=FRAMES))
    size = (WIDTH, round(WIDTH * sheet.height / sheet.width))
    sheet.resize(size, Image.Resampling.LANCZOS).save(Path(__file__).with_suffix(".jpg"), quality=46, optimize=True)


if __name__ == "__main__":
    main()
