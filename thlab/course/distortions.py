"""Ways to spoil pictures of a face on purpose, for a metric to notice: light, sharpness, place, and another mouth.

Pictures are floats from 0 to 1, channels before rows and columns; none is changed in place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import torch
from jaxtyping import Bool, Float
from PIL import Image
from torch import Tensor
from torch.nn import functional

from thlab.face.alignment import moved, registration
from thlab.face.points import MOUTH
from thlab.render.warp import places, transform

Pictures = Float[Tensor, "batch 3 height width"]
Points = Float[Tensor, "batch 68 2"]
Source = tuple[Float[Tensor, "frames 3 height width"], Float[Tensor, "frames 68 2"]]
"""Frames and points of a clip, from which a mouth can be taken."""

AS_FILMED, OF_FIRST, OPEN, SHUT, COVERED = "as filmed", "of the first frame", "the widest", "the most shut", "covered"
MOUTHS = (AS_FILMED, OF_FIRST, OPEN, SHUT, COVERED)
"""Whose mouth a frame may get: its own, or that of another moment of its clip."""
WIDER, HIGHER = 0.75, 0.62
"""Half axes of the ellipse around a mouth, in widths of that mouth."""
SOFT = 0.18
"""Share of the ellipse over which a pasted mouth fades out."""
INNER_LIPS = (62, 66)


@dataclass(frozen=True)
class Distortion:
    """What is done to a picture, in this order; the defaults do nothing."""

    mouth: str = AS_FILMED
    """One of ``MOUTHS``."""
    turn: float = 0.0
    """Degrees, clockwise."""
    right: int = 0
    """Whole pixels to the right."""
    brightness: float = 0.0
    """Added to every pixel."""
    contrast: float = 1.0
    """Factor on the distance of every pixel from the picture's mean."""
    blur: float = 0.0
    """Standard deviation of a Gaussian, pixels."""
    noise: float = 0.0
    """Standard deviation of Gaussian noise."""
    jpeg: int = 0
    """100 less the quality of JPEG; 0 leaves JPEG out."""


def distorted(
    pictures: Pictures, landmarks: Points, how: Distortion, *, clip: Source | None = None, seed: int = 0
) -> Pictures:
    """Frames of one clip after a distortion.

    Args:
        pictures: at least one frame.
        landmarks: their 68 points, in pixels.
        how: what is done.
        clip: frames and points from which mouths of other moments are taken; None is these same.
        seed: of the noise.

    Raises:
        ValueError: the mouth is none of ``MOUTHS``, or a number is out of its range.

    Chapter 14.
    """
    out = other_mouth(pictures, landmarks, how.mouth, clip=clip)
    out = turned(out, how.turn) if how.turn else out
    out = shifted(out, how.right) if how.right else out
    out = relit(out, brightness=how.brightness, contrast=how.contrast)
    out = blurred(out, how.blur) if how.blur else out
    out = noisy(out, how.noise, seed=seed) if how.noise else out
    return compressed(out, quality=100 - how.jpeg) if how.jpeg else out


def blurred(pictures: Pictures, sigma: float) -> Pictures:
    """A Gaussian blur; the border is repeated outwards.

    Raises:
        ValueError: sigma is not above 0.
    """
    if not sigma > 0:
        raise ValueError(f"a blur needs a standard deviation above 0 pixels, got {sigma}; leave it out for none")
    reach = math.ceil(3 * sigma)
    weights = torch.exp(-torch.arange(-reach, reach + 1.0).square() / (2 * sigma**2))
    weights = (weights / weights.sum()).expand(3, 1, 1, -1)
    wide = functional.pad(pictures, (reach, reach, reach, reach), mode="replicate")
    return functional.conv2d(functional.conv2d(wide, weights, groups=3), weights.mT, groups=3)


def noisy(pictures: Pictures, deviation: float, *, seed: int) -> Pictures:
    """Gaussian noise in every pixel and colour, cut to [0, 1] as a camera does."""
    rng = torch.Generator().manual_seed(seed)
    return (pictures + deviation * torch.randn(pictures.shape, generator=rng)).clamp(0, 1)


def shifted(pictures: Pictures, right: int, down: int = 0) -> Pictures:
    """Whole pixels to the right and down, as sharp as before; the border is repeated."""
    height, width = pictures.shape[-2:]
    columns = (torch.arange(width) - right).clamp(0, width - 1)
    rows = (torch.arange(height) - down).clamp(0, height - 1)
    return pictures[..., rows, :][..., columns]


def turned(pictures: Pictures, degrees: float) -> Pictures:
    """A turn around the middle, clockwise, bilinear, which also blurs a little; the border is repeated."""
    angle, height, width = math.radians(degrees), *pictures.shape[-2:]
    straight = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    middle = torch.tensor([width / 2, height / 2])
    matrix = torch.cat([straight, (middle - straight @ middle)[:, None]], 1)
    return transform(pictures, matrix.expand(len(pictures), -1, -1))


def relit(pictures: Pictures, *, brightness: float = 0.0, contrast: float = 1.0) -> Pictures:
    """Contrast around each picture's mean, and brightness; cut to [0, 1]."""
    if brightness == 0 and contrast == 1:
        return pictures
    mean = pictures.mean((-3, -2, -1), keepdim=True)
    return (mean + contrast * (pictures - mean) + brightness).clamp(0, 1)


def compressed(pictures: Pictures, *, quality: int) -> Pictures:
    """Through JPEG and back.

    Raises:
        ValueError: the quality is not between 1 and 100.
    """
    if not 1 <= quality <= 100:
        raise ValueError(f"the quality of JPEG lies between 1 and 100, got {quality}; 75 is usual")
    return torch.stack([_through_jpeg(picture, quality) for picture in pictures])


def _through_jpeg(picture: Float[Tensor, "3 height width"], quality: int) -> Float[Tensor, "3 height width"]:
    file = BytesIO()
    pixels = (255 * picture).round().byte().movedim(0, -1).numpy()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(file))).movedim(-1, 0).float() / 255


def other_mouth(
    pictures: Pictures, landmarks: Points, whose: str, *, clip: Source | None = None
) -> Pictures:
    """Each frame with the mouth of another moment of its clip, laid over its face by nose and eyes.

    Args:
        pictures: frames of one clip.
        landmarks: their points, in pixels.
        whose: one of ``MOUTHS``.
        clip: frames and points from which the mouth is taken; None is these same.

    Raises:
        ValueError: it is none of them.
    """
    if whose not in MOUTHS:
        raise ValueError(f"no mouth is called {whose!r}; choose one of {', '.join(MOUTHS)}")
    if whose == AS_FILMED:
        return pictures
    if whose == COVERED:
        return torch.where(mouth_mask(pictures, landmarks)[:, None], pictures.mean(), pictures)
    frames, points = clip or (pictures, landmarks)
    gaps = (points[:, INNER_LIPS[0]] - points[:, INNER_LIPS[1]]).norm(dim=-1)
    moment = {OF_FIRST: 0, OPEN: int(gaps.argmax()), SHUT: int(gaps.argmin())}[whose]
    return with_mouth(pictures, landmarks, frames[moment], points[moment])


def with_mouth(
    pictures: Pictures, landmarks: Points, donor: Float[Tensor, "3 height width"], mouth: Float[Tensor, "68 2"]
) -> Pictures:
    """Lay the mouth of one picture over many, by nose and eyes, with a soft rim.

    Args:
        pictures: what gets the mouth.
        landmarks: their points, in pixels.
        donor: the picture that has the mouth.
        mouth: all points of the donor.
    """
    matrix = registration(mouth.expand_as(landmarks), landmarks)
    laid = transform(donor.expand_as(pictures), matrix)
    points = moved(mouth.expand_as(landmarks), matrix)
    there = torch.stack([1 - _radius(pictures, which) for which in (landmarks, points)]).amax(0)
    share = (there / SOFT).clamp(0, 1)[:, None]
    return share * laid + (1 - share) * pictures


def mouth_mask(pictures: Pictures, landmarks: Points) -> Bool[Tensor, "batch height width"]:
    """The pixels within an ellipse around the lips, chin and cheeks excluded: where a mouth is judged."""
    return _radius(pictures, landmarks) < 1


def _radius(pictures: Pictures, landmarks: Points) -> Float[Tensor, "batch height width"]:
    """Distance of each pixel from the middle of the mouth; 1 on the ellipse."""
    height, width = pictures.shape[-2:]
    lips = landmarks[:, MOUTH]
    across = (lips[:, 6] - lips[:, 0]).norm(dim=-1)
    half = torch.stack([WIDER * across, HIGHER * across], -1)
    pixels = (places(height, width, like=pictures) + 1) * (pictures.new_tensor([width, height]) / 2)
    away = pixels - lips.mean(1)[:, None, None]
    return (away / half[:, None, None]).norm(dim=-1)
