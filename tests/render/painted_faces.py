"""A face of rectangles and ellipses whose every measure is known, for the tests of what is painted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from thlab.render import grain, lids, medium, mouth
from thlab.render.lids import EyeLines
from thlab.render.mouth import LipLines, MouthFrame

SIZE = 160
UNIT = 100.0
"""Pixels of a head unit."""
SKIN = np.array([200.0, 150.0, 125.0])
LIP = np.array([165.0, 75.0, 75.0])
MOUTH = np.array([80.0, 118.0])
EYE = np.array([80.0, 50.0])


def arc(centre: np.ndarray, half_width: float, height: float, count: int = 11) -> np.ndarray:
    """A curve from left to right whose middle lies `height` below its ends."""
    across = np.linspace(-1, 1, count)
    return (centre + np.stack([half_width * across, height * (1 - across**2)], 1)).astype(np.float32)


def lip_lines(opening: float = 0.0) -> LipLines:
    """Lips that are `opening` pixels apart."""
    return LipLines(*(arc(MOUTH, 24, height) for height in (-9, -opening / 2, opening / 2, 10)))


def eye_lines() -> EyeLines:
    """An open eye 12 pixels high; its outer corner is on the left."""
    return EyeLines(*(arc(EYE, 15, height, 9) for height in (-7, -12, -18, 5, 10)))


def frame() -> MouthFrame:
    return MouthFrame(MOUTH.astype(np.float32), (UNIT * np.eye(2)).astype(np.float32))


@dataclass(frozen=True)
class Face:
    """A picture with its masks, and what was learned of it."""

    picture: np.ndarray
    skin: np.ndarray
    lips: np.ndarray
    eyes: np.ndarray
    medium: medium.Medium
    grain: grain.Grain
    mouth: mouth.MouthLook
    lid: lids.LidLook


def drawn(*, noise: float = 3.0, softness: float = 0.7, lip: np.ndarray = LIP, iris: float = 40.0) -> np.ndarray:
    """The picture before anything is learned: skin, lips, an eye with iris and lashes, and noise over all."""
    picture = np.broadcast_to(SKIN, (SIZE, SIZE, 3)).copy()
    picture += np.linspace(12, -12, SIZE)[:, None, None]
    size, eye = (SIZE, SIZE), eye_lines()
    picture[medium.filled(lip_lines().lips(), size)] = lip
    picture[medium.filled([np.concatenate([eye.upper, eye.lower[::-1]])], size)] = 215
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    picture[np.hypot(x - EYE[0], y - EYE[1]) < 6] = iris
    lash = np.abs(y - np.interp(x, eye.upper[:, 0], eye.upper[:, 1])) < 1.5
    picture[lash & (np.abs(x - EYE[0]) < 14)] = 30 if iris < 100 else iris
    rough = gaussian_filter(np.random.default_rng(1).standard_normal((SIZE, SIZE)), softness)
    picture = gaussian_filter(picture, (0.6, 0.6, 0)) + (noise * rough / rough.std())[..., None]
    return np.clip(picture, 0, 255).round().astype(np.uint8)


def learned(picture: np.ndarray, *, opening: float = 0.0) -> Face:
    """Learn everything that there is to learn from a picture."""
    size, eye, lips = (SIZE, SIZE), eye_lines(), lip_lines(opening)
    boxes = [np.array([[x, 68], [x + 50, 68], [x + 50, 102], [x, 102]], np.float32) for x in (15, 95)]
    skin, red = medium.filled(boxes, size), medium.filled(lips.lips(), size)
    eyes = medium.filled([np.concatenate([eye.upper, eye.lower[::-1]])], size)
    kind = medium.recognise(picture, skin=skin, lips=red, eyes=eyes)
    rough = grain.learn(picture, skin, rng=np.random.default_rng(0))
    return Face(
        picture, skin, red, eyes, kind, rough,
        mouth.learn(picture, lips, frame(), skin=skin, eyes=eyes, medium=kind, grain=rough),
        lids.learn(picture, eye, unit=UNIT, skin=skin, medium=kind, grain=rough),
    )  # fmt: skip


def grey(picture: np.ndarray) -> np.ndarray:
    """The same in black and white."""
    return np.repeat(picture.mean(2, keepdims=True).round().astype(np.uint8), 3, axis=2)
