"""How good is a generated clip? One row of numbers, read by a judge from whom no system learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from thlab.corpus.windows import mouth_crop
from thlab.experiments.checkpoints import load_checkpoint, restore
from thlab.face.alignment import registration
from thlab.face.head import lip_gap_of
from thlab.media import Clip
from thlab.metrics.image import high_frequency_share, psnr, ssim
from thlab.metrics.landmark import acceleration, landmark_distance, lip_follow
from thlab.nn.experts.face_reader import FaceReader, FaceReaderConfig, Reading
from thlab.render.warp import transform
from thlab.systems.base import config_from

DETAIL = 0.5
"""Fine detail begins at half the Nyquist frequency: four pixels from one bright line to the next."""
MOUTH_BOX = (0.28, 0.42)
"""Height and width of the box around a mouth, in shares of the picture."""
FLAT = 1e-2
"""Standard deviation below which a picture counts as one colour."""
BLOCK = 128
"""Pictures that the judge looks at together."""


@dataclass(frozen=True)
class Scores:
    """What is measured of one clip; each number says whether more or less is better."""

    lip_r: float
    """Correlation of the lip gap, read from the generated frames, with the true one; more."""
    lip_spread: float
    """Standard deviation of the read lip gap over that of the true one; near 1."""
    psnr: float
    """dB; more."""
    ssim: float
    """More."""
    lmd: float
    """Mouth landmark distance, mean convention, over the distance of the eyes; less."""
    identity: float
    """Cosine with the real frames' identity, as the judge sees it; more."""
    detail: float
    """Share of fine detail around the mouth over that of the frames as filmed: below 1 is blurred."""
    jitter: float
    """Acceleration of the mouth's landmarks over the real one's: above 1 shakes."""


@cache
def judge() -> FaceReader:
    """The trained reader of faces.

    Raises:
        ValueError: its checkpoint is missing or damaged.
    """
    weights, card = load_checkpoint("face_reader")
    reader = FaceReader(config_from(FaceReaderConfig, card.config))
    restore(reader, weights, system="face_reader")
    return reader.eval()


@torch.no_grad()
def read_faces(reader: FaceReader, pictures: Float[Tensor, "frames 3 size size"]) -> Reading:
    """What the judge reads from every frame."""
    parts = [reader(part) for part in pictures.split(BLOCK)]
    return Reading(*(torch.cat([getattr(part, f.name) for part in parts]) for f in fields(Reading)))


def planes(frames: UInt8[Tensor, "frames size size 3"]) -> Float[Tensor, "frames 3 size size"]:
    """Frames as the metrics take them."""
    return frames.movedim(-1, 1).float() / 255


def laid_over(real: Clip, over: Float[Tensor, "68 2"]) -> Float[Tensor, "frames 3 size size"]:
    """The frames of a clip, laid over some landmarks by eyes and nose: what a system with a still head should paint.

    Raises:
        ValueError: the clip has no pictures or no landmarks.
    """
    if real.frames is None or real.truth is None or real.truth.landmarks is None:
        raise ValueError("to be laid over each other, frames need landmarks; this clip lacks pictures or truth")
    points = real.truth.landmarks.float()
    return transform(planes(real.frames), registration(points, over.float().expand_as(points)))


def score(
    generated: Clip, real: Clip, *, over: Float[Tensor, "68 2"], reader: FaceReader | None = None
) -> Scores:
    """Measure a generated clip against the real one of the same moments.

    Args:
        generated: from a system whose head stays as it is in a still.
        real: with landmarks and expression in its truth.
        over: landmarks of that still, over which the real frames are laid before they are compared.
        reader: the judge; by default the trained one.

    Raises:
        ValueError: clips differ in length or size, or the real one lacks truth.
    """
    if generated.frames is None:
        raise ValueError("scoring needs generated pictures, but this clip has none; give what a system painted")
    painted = planes(generated.frames)
    points = over.float().expand(len(painted), -1, -1)
    return score_pictures(painted, laid_over(real, over), real, points=points, reader=reader)


def score_pictures(
    painted: Float[Tensor, "frames 3 size size"],
    wanted: Float[Tensor, "frames 3 size size"],
    real: Clip,
    *,
    points: Float[Tensor, "frames 68 2"],
    reader: FaceReader | None = None,
) -> Scores:
    """Measure pictures against what they should be, whatever the head does in them.

    Args:
        painted: what a system made.
        wanted: the real frames, laid over its still or as they were filmed, as its head moves.
        real: the clip as filmed, with landmarks and expression in its truth.
        points: landmarks that say where the mouth is in the painted pictures.
        reader: the judge; by default the trained one.

    Raises:
        ValueError: lengths or sizes differ, or the real clip lacks pictures or truth.
    """
    reader, truth = reader or judge(), real.truth
    if real.frames is None or truth is None or truth.expression is None or truth.landmarks is None:
        raise ValueError("scoring needs a real clip with pictures, and with landmarks and expression in its truth")
    seen, there = read_faces(reader, painted), read_faces(reader, wanted)
    following = lip_follow(seen.lip_gap, gap_of(truth.expression))
    return Scores(
        lip_r=following.r.item(),
        lip_spread=following.spread.item(),
        psnr=psnr(painted, wanted, data_range=1.0).mean().item(),
        ssim=ssim(painted, wanted, data_range=1.0).mean().item(),
        lmd=landmark_distance(seen.landmarks, there.landmarks, convention="mean", unit="eyes").item(),
        identity=(seen.identity * there.identity).sum(-1).mean().item(),
        detail=ratio(
            fine_detail(mouths(painted, points)), fine_detail(mouths(planes(real.frames), truth.landmarks))
        ),
        jitter=ratio(acceleration(seen.landmarks), acceleration(there.landmarks)),
    )


def mouths(
    pictures: Float[Tensor, "frames 3 height width"], landmarks: Float[Tensor, "frames 68 2"],
    *, size: float | None = None,
) -> Float[Tensor, "frames 3 rows columns"]:  # fmt: skip
    """The mouth of each picture, cut out where its landmarks say, without any resampling, which would blur.

    Args:
        size: pixels a side of the face, where it does not fill the picture.
    """
    size = size or float(pictures.shape[-1])
    box = (round(MOUTH_BOX[0] * size), round(MOUTH_BOX[1] * size))
    return mouth_crop(pictures[:, None], landmarks[:, None].float(), size=box)[:, 0]


def fine_detail(pictures: Float[Tensor, "frames 3 height width"]) -> Float[Tensor, "frames"]:
    """The share of fine detail in each picture; none in one of a flat colour, which an untrained system may paint."""
    flat = pictures.flatten(1).std(1) < FLAT
    share = torch.zeros(len(pictures))
    if not flat.all():
        share[~flat] = high_frequency_share(pictures[~flat], above=DETAIL)
    return share


def gap_of(expression: Float[Tensor, "frames modes"]) -> Float[Tensor, "frames"]:
    """The true gap between the lips, in head units."""
    return torch.from_numpy(lip_gap_of(expression.numpy())).float()


def ratio(generated: Tensor, real: Tensor) -> float:
    """Mean over mean."""
    return (generated.mean() / real.mean()).item()


def mean_scores(rows: Sequence[Any]) -> dict[str, float]:
    """The mean of each number over clips: of :class:`Scores`, or of another dataclass of numbers."""
    return {f.name: sum(getattr(row, f.name) for row in rows) / len(rows) for f in fields(rows[0])}
