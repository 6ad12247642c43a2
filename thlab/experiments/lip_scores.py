"""How good is a clip whose mouth was painted anew? One row of numbers, read by judges from whom no system learned.

Unlike in ``thlab.experiments.scores`` the head moves as filmed, so pictures are compared where they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from thlab.experiments.scores import MOUTH_BOX, fine_detail, gap_of, judge, mouths, planes, ratio, read_faces
from thlab.experiments.sync_scores import sync_score
from thlab.face.points import MOUTH
from thlab.media import Clip
from thlab.metrics.image import psnr, ssim
from thlab.metrics.landmark import lip_follow

IN_STEP = 1
"""Frames by which a clip may be out of step and still count as in step."""


@dataclass(frozen=True)
class LipScores:
    """What is measured of one clip; each number says whether more or less is better."""

    lse_d: float
    """Least distance of the judging SyncNet over all shifts of the sound; less. Mush may have less than real clips."""
    lse_c: float
    """Its confidence: the median distance less the least; more."""
    in_step: float
    """1 if the least distance is within one frame of no shift, else 0; more."""
    lip_r: float
    """Correlation of the lip gap, read from the frames, with the true one; more."""
    lip_spread: float
    """Standard deviation of the read lip gap over that of the true one; near 1."""
    psnr: float
    """Around the mouth, dB; more."""
    ssim: float
    """Around the mouth; more."""
    detail: float
    """Share of fine detail around the mouth over that of the frames as filmed: below 1 is blurred."""


@torch.no_grad()
def lip_score(
    made: UInt8[Tensor, "frames size size 3"],
    real: Clip,
    *,
    said: Clip | None = None,
    landmarks: Float[Tensor, "frames 68 2"] | None = None,
) -> LipScores:
    """Measure frames whose head moves as in a real clip.

    Args:
        made: the frames.
        real: of the same moments, with landmarks, expression and sound.
        said: the clip whose lips the frames should have, with expression and sound; None is the real one.
        landmarks: of the frames; None is the real clip's.

    Raises:
        ValueError: lengths or sizes differ, or a clip lacks something.

    Chapter 11.
    """
    said = said or real
    if real.frames is None or real.truth is None or real.truth.landmarks is None:
        raise ValueError("lips are scored beside a real clip with pictures and landmarks; this one lacks them")
    if said.audio is None or said.truth is None or said.truth.expression is None:
        raise ValueError("lips are scored by the sound and the expression of what is said; the clip lacks them")
    points = real.truth.landmarks.float()
    sync = sync_score(made, points if landmarks is None else landmarks, said.audio)
    gap = gap_of(said.truth.expression)
    following = lip_follow(read_faces(judge(), planes(made)).lip_gap, gap)
    ours, theirs = planes(made), planes(real.frames)
    mask = mouth_boxes(points, (theirs.shape[-2], theirs.shape[-1]))
    own = points if landmarks is None else landmarks
    return LipScores(
        lse_d=sync.distance.item(),
        lse_c=sync.confidence.item(),
        in_step=float(abs(sync.offset.item()) <= IN_STEP),
        lip_r=following.r.item(),
        lip_spread=following.spread.item(),
        psnr=psnr(ours, theirs, data_range=1.0, mask=mask).clamp(max=99).mean().item(),
        ssim=ssim(ours, theirs, data_range=1.0, mask=mask).mean().item(),
        detail=ratio(fine_detail(mouths(ours, own)), fine_detail(mouths(theirs, points))),
    )


def mouth_boxes(
    landmarks: Float[Tensor, "frames 68 2"], size: tuple[int, int], *, face: Float[Tensor, "frames"] | None = None
) -> Bool[Tensor, "frames rows columns"]:
    """The pixels around each mouth: a box of 0.28 × 0.42 of the face, amid the lips.

    Args:
        landmarks: in pixels of the pictures.
        size: rows and columns of the pictures.
        face: pixels a side of each face, where it does not fill the picture.
    """
    side = torch.full((len(landmarks),), float(size[1])) if face is None else face
    middle = landmarks[:, MOUTH].mean(1)
    rows, columns = (torch.arange(count) + 0.5 for count in size)
    tall = (rows - middle[:, 1:]).abs() <= MOUTH_BOX[0] * side[:, None] / 2
    wide = (columns - middle[:, :1]).abs() <= MOUTH_BOX[1] * side[:, None] / 2
    return tall[:, :, None] & wide[:, None, :]
