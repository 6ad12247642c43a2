"""Are mouth and face in the right place, do the lips follow, and is the motion smooth? Numbers from 68 landmarks."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from thlab.face.alignment import moved, registration
from thlab.face.points import FACE, LEFT_CORNER, MOUTH, RIGHT_CORNER

__all__ = [
    "FACE", "MOUTH", "Following", "acceleration", "align", "eye_distance", "landmark_distance", "lip_follow", "lip_gap",
]  # fmt: skip

Landmarks = Float[Tensor, "*batch frames points 2"]
"""Points over time, x right, y down; the 68 of iBUG wherever eyes or lips are named."""
Visible = Bool[Tensor, "*batch frames points"]
"""Whether a point counts."""
Track = Float[Tensor, "*batch frames"]
Score = Float[Tensor, "*batch"]
"""One number a clip."""
Convention = Literal["squared", "mean", "summed"]
Unit = Literal["pixels", "eyes"]

INNER_UPPER_LIP, INNER_LOWER_LIP = (61, 62, 63), (67, 66, 65)
"""The inner contour of the lips, the subject's right, middle and left."""


class Following(NamedTuple):
    """How one track follows another."""

    r: Score
    """Correlation along time, −1 to 1; 0 for a track that does not move."""
    spread: Score
    """Standard deviation over that of the real track: 1 is as lively, below 1 is timid."""


def landmark_distance(
    generated: Landmarks,
    real: Landmarks,
    *,
    convention: Convention,
    points: slice = MOUTH,
    visible: Visible | None = None,
    unit: Unit = "pixels",
) -> Score:
    """Landmark distance (LMD), in one of the three conventions that stand in print under this one name.

    Lower is better. The three differ by powers and by factors of the number of points: never compare across them.

    Args:
        generated: points found in the generated clip.
        real: points of the real clip. Where the heads move differently, :func:`align` one to the other first.
        convention: ``squared``: mean over points and frames of the squared distance, as the survey prints it;
            ``mean``: mean over points and frames of the distance, the usual one;
            ``summed``: the distances *summed* over points, then averaged over frames, as the authors' script does.
        points: which of them, :data:`MOUTH` or :data:`FACE`; taken from both, and from ``visible``.
        visible: points that count; None is all. NaN in a point that does not count is ignored; in one that does, the
            clip's distance is NaN.
        unit: ``pixels``, or ``eyes``: distances are first divided by the distance of the real eyes' outer corners in
            the same frame, which makes pictures of different size comparable.

    Raises:
        ValueError: shapes differ, the convention or unit is unknown, a clip has no visible point, or eyes by which
            distances are divided coincide.

    Source: Chen et al. 2018, "Lip movements generation at a glance" (the metric); evaluation_matrix.py of Chen et al.
    2019, "Hierarchical cross-modal talking face generation" (``summed``). Chapters 03 and 15.
    """
    if convention not in ("squared", "mean", "summed"):
        raise ValueError(f"expected the convention squared, mean or summed, got {convention!r}")
    _check_pair(generated, real)
    distances = (generated - real).norm(dim=-1)[..., points] / _length(real, unit)[..., None]
    if convention == "squared":
        distances = distances.square()
    counted = torch.ones_like(distances, dtype=torch.bool) if visible is None else visible[..., points]
    if bool((counted.sum((-2, -1)) == 0).any()):
        raise ValueError("a clip has no visible point to measure; leave the clip out, or take all points")
    total = torch.where(counted, distances, 0).sum((-2, -1))
    return total / distances.shape[-2] if convention == "summed" else total / counted.sum((-2, -1))


def align(landmarks: Landmarks, to: Landmarks) -> Landmarks:
    """Turn, scale and shift each frame so that nose and eye corners lie on those of ``to`` as well as they can.

    It takes roll, size and place out of a comparison of expressions; a head turned sideways it cannot turn back.

    Args:
        landmarks: what is moved.
        to: where to, frame by frame.

    Raises:
        ValueError: shapes differ, or nose and eye corners of a frame coincide.

    Chapters 03 and 15.
    """
    _check_pair(landmarks, to)
    each, target = landmarks.flatten(end_dim=-3), to.flatten(end_dim=-3)
    return moved(each, registration(each, target)).reshape(landmarks.shape)


def eye_distance(landmarks: Landmarks) -> Track:
    """Distance of the outer corners of the eyes, in pixels; shrinks when the head turns sideways."""
    return (landmarks[..., LEFT_CORNER, :] - landmarks[..., RIGHT_CORNER, :]).norm(dim=-1)


def lip_gap(landmarks: Landmarks) -> Track:
    """How far the mouth is open: mean distance of three pairs across the inner lips, over :func:`eye_distance`.

    On nine clips of the corpus it correlates with the opening of the head itself at r = .997 to 1. The mean of three
    pairs shakes less than the middle pair, 62 and 66, alone: with Gaussian errors of 1 pixel a coordinate in pictures
    of 160 pixels, head and shoulders, r falls to .84–.97, that of the middle pair to .70–.92.

    Chapters 03 and 15.
    """
    upper, lower = landmarks[..., list(INNER_UPPER_LIP), :], landmarks[..., list(INNER_LOWER_LIP), :]
    return (upper - lower).norm(dim=-1).mean(-1) / eye_distance(landmarks)


def lip_follow(generated: Track, real: Track) -> Following:
    """Whether lips move when they should, and as far: correlation and ratio of spreads of two :func:`lip_gap` tracks.

    Both are needed: r alone forgives a mouth that hardly opens, the spread alone one that opens at the wrong time.

    Raises:
        ValueError: shapes differ, or a real mouth does not move, so that nothing can follow it.

    Chapter 03.
    """
    if generated.shape != real.shape:
        raise ValueError(f"tracks must have one shape, got {tuple(generated.shape)} and {tuple(real.shape)}; cut them")
    spread, real_spread = (track.std(-1, correction=0) for track in (generated, real))
    still = [width <= 1e-6 * track.abs().amax(-1) for width, track in ((spread, generated), (real_spread, real))]
    if bool(still[1].any()):
        raise ValueError("the mouth of a real clip does not move, so nothing can follow it; leave that clip out")
    product = _centred(generated) * _centred(real)
    r = product.mean(-1) / (spread * real_spread)
    return Following(torch.where(still[0], torch.zeros_like(r), r), spread / real_spread)


def acceleration(
    landmarks: Landmarks, *, points: slice = MOUTH, unit: Unit = "pixels", visible: Visible | None = None
) -> Score:
    """Jitter: mean length of the second difference p[t + 1] − 2 p[t] + p[t − 1], in pixels a frame².

    Zero for steady motion. Speech accelerates real lips too, so read it beside that of the real clip; frames that are
    each made on their own shake above it, and a mouth that hardly moves stays below.

    Args:
        landmarks: points over at least 3 frames.
        points: which of them.
        unit: ``pixels``, or ``eyes``: divided by the mean :func:`eye_distance` of the clip.
        visible: a difference counts where the point is seen in all three frames; None is everywhere.

    Raises:
        ValueError: fewer than 3 frames, an unknown unit, or nothing is seen three frames in a row.

    Chapter 03.
    """
    if landmarks.shape[-3] < 3:
        raise ValueError(f"acceleration needs at least 3 frames, got {landmarks.shape[-3]}; take a longer clip")
    bend = landmarks.diff(n=2, dim=-3).norm(dim=-1)[..., points]
    if visible is None:
        mean = bend.mean((-2, -1))
    else:
        seen = visible[..., points].unfold(-2, 3, 1).all(-1)
        if bool((seen.sum((-2, -1)) == 0).any()):
            raise ValueError("no point of a clip is seen three frames in a row; leave the clip out, or take all points")
        mean = torch.where(seen, bend, 0).sum((-2, -1)) / seen.sum((-2, -1))
    return mean / _length(landmarks, unit).mean(-1)


def _length(landmarks: Landmarks, unit: str) -> Track:
    """What counts as 1, in pixels, frame by frame."""
    if unit == "pixels":
        return landmarks.new_ones(landmarks.shape[:-2])
    if unit == "eyes":
        apart = eye_distance(landmarks)
        if bool((apart == 0).any()):
            raise ValueError("the outer corners of the eyes coincide in a frame, so nothing can be divided by their "
                             "distance; leave the clip out, or measure in pixels")  # fmt: skip
        return apart
    raise ValueError(f"expected the unit pixels or eyes, got {unit!r}")


def _centred(track: Track) -> Track:
    return track - track.mean(-1, keepdim=True)


def _check_pair(landmarks: Tensor, other: Tensor) -> None:
    if landmarks.shape != other.shape:
        raise ValueError(
            f"landmarks to compare must have one shape, got {tuple(landmarks.shape)} and {tuple(other.shape)}; "
            "cut the clips to one length"
        )
