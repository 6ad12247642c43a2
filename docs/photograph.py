"""Make the picture of photographs that speak: the astronaut of scikit-image, and synthetic people.

python docs/photograph.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from skimage.data import astronaut

from thlab.face.action_units import expression
from thlab.face.head import Stage, sample_person
from thlab.face.landmarks import FaceMesh
from thlab.face.motion import Motion
from thlab.face.visemes import TARGETS
from thlab.media import contact_sheet
from thlab.systems.photograph import Portrait

SOUNDS = {"m b p": "PP", "a": "AA", "o": "OH", "u": "UW", "f v": "FF", "i": "IY"}
ACTORS = (7, 18)
SIZE = 260
"""Pixels of a tile."""
WIDTH = 1040
"""Pixels of the picture."""
STILL, AHEAD = np.zeros(6, np.float32), np.zeros(2, np.float32)
TURN = np.array([0.09, 0.03, 0.05, 0.03, 0.0, 0.0], np.float32)


def synthetic(actor: int) -> np.ndarray:
    """A photograph of a synthetic person."""
    motion = Motion(expression()[None], STILL[None], AHEAD[None])
    return next(Stage(sample_person(actor), size=400).frames(motion))


def row(picture: np.ndarray) -> list[np.ndarray]:
    """The photograph, its face saying some sounds, a blink, and a turn."""
    portrait = Portrait(picture, FaceMesh().detect(picture)[0].points)
    warp = portrait.warp()
    faces = [(expression(**TARGETS[viseme]), STILL) for viseme in SOUNDS.values()]
    faces += [(expression(blink=1.0, smile=0.3), STILL), (expression(**TARGETS["EH"]), TURN)]
    parts = [portrait.framing.part, *(portrait.frame(warp, face, pose, AHEAD).copy() for face, pose in faces)]
    return [np.asarray(Image.fromarray(part).resize((SIZE, SIZE), Image.Resampling.LANCZOS)) for part in parts]


def main() -> None:
    pictures = [astronaut(), *(synthetic(actor) for actor in ACTORS)]
    tiles = [tile for picture in pictures for tile in row(picture)]
    labels = ["as photographed", *SOUNDS, "blink", "turned"] * len(pictures)
    sheet = Image.fromarray(contact_sheet(np.stack(tiles), columns=len(SOUNDS) + 3, labels=labels))
    size = (WIDTH, round(WIDTH * sheet.height / sheet.width))
    sheet.resize(size, Image.Resampling.LANCZOS).save(Path(__file__).with_suffix(".jpg"), quality=78, optimize=True)


if __name__ == "__main__":
    main()
