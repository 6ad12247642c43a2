"""Make the picture of the README: frames of four clips of ``thlab talk``.

python docs/talk.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from thlab.experiments.talk import TalkConfig, say_text, talk
from thlab.media import contact_sheet, read_clip

TEXT = "Papa may move the boat. What a beautiful morning!"
CAST = ((7, "neutral", 5), (10, "happy", 8), (18, "surprise", 6), (22, "sad", 3))
"""Actor, emotion and seed of each row."""
FRAMES = 8
"""Frames of each clip, evenly spread."""
WIDTH = 1040
"""Pixels of the picture."""


def row(actor: int, emotion: str, seed: int, folder: Path) -> np.ndarray:
    """Frames of one clip."""
    config = TalkConfig(actor=actor, emotion=emotion, seed=seed)
    speech = say_text(TEXT, config)
    path = folder / f"{actor}.mp4"
    talk(speech.audio, path, config, transcript=speech.transcript)
    frames = read_clip(path).frames
    assert frames is not None
    chosen = np.linspace(0.06, 0.94, FRAMES) * len(frames)
    return frames[chosen.astype(int)].numpy()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        frames = np.concatenate([row(*role, Path(folder)) for role in CAST])
    sheet = Image.fromarray(contact_sheet(frames, columns=FRAMES))
    size = (WIDTH, round(WIDTH * sheet.height / sheet.width))
    sheet.resize(size, Image.Resampling.LANCZOS).save(Path(__file__).with_suffix(".jpg"), quality=74, optimize=True)


if __name__ == "__main__":
    main()
