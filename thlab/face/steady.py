"""The mouth of every frame in one place, one size and upright, by eyes and nose alone: what a judge of lips looks at.

The lips' own landmarks choose only where the box lies in the whole clip, so that nothing of what a mouth does leaks
into where it is cut out.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from thlab.face.alignment import moved, registration, similarity
from thlab.face.points import LEFT_CORNER, MOUTH, RIGHT_CORNER
from thlab.render.warp import transform

EYES = 34.0
"""Pixels between the outer corners of the eyes, in the scale of the box: what a face of 64 px has."""
BOX = (28, 40)
"""Rows and columns of the box around a mouth."""


def mouth_maps(
    landmarks: Float[Tensor, "batch frames 68 2"], *, box: tuple[int, int] = BOX, eyes: float = EYES
) -> Float[Tensor, "batch frames 2 3"]:
    """Maps of the plane that bring each frame's face over the middle one of its clip, upright, mouth amid the box.

    Args:
        landmarks: in pixels of the pictures.
        box: rows and columns of what will be cut out.
        eyes: pixels between the outer corners of the eyes afterwards.

    Returns:
        A and t side by side, for :func:`thlab.render.warp.transform`.

    Raises:
        ValueError: landmarks are not finite, or eyes and nose of a frame coincide.

    Chapter 15.
    """
    if not bool(torch.isfinite(landmarks).all()):
        raise ValueError("some landmarks are no numbers, so no mouth can be cut out; leave those frames out")
    mean = landmarks.mean(1)
    corners = mean[:, [RIGHT_CORNER, LEFT_CORNER]]
    level = corners.new_tensor([[-eyes / 2, 0.0], [eyes / 2, 0.0]]).expand_as(corners)
    upright = moved(mean, similarity(corners, level))
    middle = upright.new_tensor([box[1] / 2, box[0] / 2])
    target = upright - upright[:, MOUTH].mean(1, keepdim=True) + middle
    each = target[:, None].expand_as(landmarks)
    return registration(landmarks.flatten(0, 1), each.flatten(0, 1)).unflatten(0, landmarks.shape[:2])


def steady_mouths(
    pictures: Float[Tensor, "batch frames 3 height width"],
    landmarks: Float[Tensor, "batch frames 68 2"],
    *,
    box: tuple[int, int] = BOX,
    eyes: float = EYES,
) -> Float[Tensor, "batch frames 3 rows columns"]:
    """Cut the mouths out, held still by eyes and nose; differentiable with respect to the pictures.

    Faces more than twice as large as the box asks for are first averaged down, so that nothing aliases.

    Args:
        pictures: of any size; a clip, or windows of a few frames.
        landmarks: in pixels of these pictures.
        box: rows and columns of the result.
        eyes: pixels between the outer corners of the eyes in the result.

    Raises:
        ValueError: as :func:`mouth_maps`.

    Chapter 15.
    """
    factor = shrinking(landmarks, eyes)
    if factor > 1:
        smaller = functional.avg_pool2d(pictures.flatten(0, 1), factor)
        pictures, landmarks = smaller.unflatten(0, pictures.shape[:2]), landmarks / factor
    maps = mouth_maps(landmarks, box=box, eyes=eyes)
    return transform(pictures.flatten(0, 1), maps.flatten(0, 1), size=box).unflatten(0, pictures.shape[:2])


def shrinking(landmarks: Float[Tensor, "batch frames 68 2"], eyes: float) -> int:
    """By which whole factor pictures may shrink and still be no smaller than the box asks for; at least 1."""
    apart = (landmarks[..., LEFT_CORNER, :] - landmarks[..., RIGHT_CORNER, :]).norm(dim=-1).median()
    return max(1, int(apart.nan_to_num() / eyes))
