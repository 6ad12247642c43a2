"""Checks of chapter 15: landmark distance, the gap between lips, what two encoders learn, and the curve of sync."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from thlab.course.checks.base import exercise, expect, expect_any_layout, expect_close, expect_double, expect_shape

Faces = Float[Tensor, "frames 68 2"]
Numbers = Float[Tensor, "windows numbers"]
Curve = Float[Tensor, "shifts"]

EYES = 50.0
"""Pixels between the outer corners of the eyes of the face that the checks use."""
RIGHT_EYE, LEFT_EYE = 36, 45


def _faces(frames: int, *, seed: int = 0) -> Faces:
    """Faces of random points, with 50 pixels between the outer corners of the eyes."""
    faces = 100 * torch.rand(frames, 68, 2, generator=torch.Generator().manual_seed(seed))
    faces[:, LEFT_EYE] = faces[:, RIGHT_EYE] + torch.tensor([0.6 * EYES, 0.8 * EYES])
    return faces


@exercise("landmark distance of the mouth")
def mouth_distance(answer: Callable[[Faces, Faces], Tensor]) -> None:
    """The mean distance of the 20 points of the mouth over frames, each over the real eyes' distance in its frame."""
    real = _faces(6)
    lips, rest, eye = torch.zeros(68, 1), torch.ones(68, 1), torch.zeros(68, 1)
    lips[48:68], rest[48:68], eye[36:48] = 1, 0, 1
    step = torch.tensor([3.0, 4.0])
    expect_shape(answer(real, real), (), law="one number comes out for a clip", hint="a mean over points and frames")
    expect_close(answer(real, real), torch.tensor(0.0), law="a clip is no distance away from itself")
    expect_close(
        answer(real + step * rest * (1 - eye), real),
        torch.tensor(0.0),
        law="only lips count",
        hint="the 68 points of iBUG: lips begin at number 48",
    )
    expect_close(
        answer(real + step * lips, real),
        torch.tensor(0.1),
        law="lips that are 5 pixels away, of eyes 50 pixels apart, are worth 0.1",
        hint="the length of each difference (3, 4) is 5; a mean over 20 points, then divided by the distance from "
        "point 36 to point 45",
    )
    expect_close(
        answer(2 * real + 2 * step * lips, 2 * real),
        answer(real + step * lips, real),
        law="a picture of twice the size has the same distance",
        hint="divide by what grows with the picture",
    )
    _expect_no_squares(answer, real, lips)
    _expect_real_eyes(answer, real, lips, eye)
    found = real + 3 * torch.randn(real.shape, generator=torch.Generator().manual_seed(1)) * lips
    expect_any_layout(answer, found, real)
    expect_double(answer, found, real)


def _expect_no_squares(answer: Callable[[Faces, Faces], Tensor], real: Faces, lips: Tensor) -> None:
    some = lips.clone()
    some[58:68] = 0
    expect_close(
        answer(real + torch.tensor([6.0, 8.0]) * some, real),
        torch.tensor(0.1),
        law="half of the points twice as far away is the same on average",
        hint="the distances themselves are averaged, not their squares",
    )


def _expect_real_eyes(answer: Callable[[Faces, Faces], Tensor], real: Faces, lips: Tensor, eye: Tensor) -> None:
    near = 1 + torch.arange(6.0)[:, None, None]
    expect_close(
        answer(near * real + near * torch.tensor([3.0, 4.0]) * lips, near * real),
        torch.tensor(0.1),
        law="somebody who comes nearer is measured by the eyes of each frame",
        hint="divide frame by frame, before the mean over frames",
    )
    wide = real + 30 * eye * torch.rand(68, 2, generator=torch.Generator().manual_seed(2))
    expect_close(
        answer(wide + torch.tensor([3.0, 4.0]) * lips, real),
        torch.tensor(0.1),
        law="the unit is taken from the real face",
        hint="a generator that misplaces the eyes would else change its own ruler",
    )


@exercise("how far the mouth is open")
def lip_gap(answer: Callable[[Faces], Tensor]) -> None:
    """The mean of three distances across the inner lips over the distance of the eyes, frame by frame."""
    shut = _faces(5, seed=3)
    shut[:, [67, 66, 65]] = shut[:, [61, 62, 63]]
    expect_shape(answer(shut), (5,), law="one number a frame comes out")
    expect_close(
        answer(shut),
        torch.zeros(5),
        law="lips that touch leave no gap, whatever the other points do",
        hint="inner lips: 61 is above 67, 62 above 66, 63 above 65",
    )
    amount = torch.tensor([0.0, 5.0, 10.0, 15.0, 20.0])
    expect_close(
        answer(_opened(shut, amount, (67, 66, 65), torch.tensor([0.0, 1.0]))),
        amount / EYES,
        law="lips 10 pixels apart, of eyes 50 pixels apart, are worth 0.2",
        hint="the mean of three distances, over the distance from point 36 to point 45 in the same frame",
    )
    slanted = torch.tensor([0.6, 0.8])
    expect_close(
        answer(_opened(shut, amount, (67, 66, 65), slanted)),
        amount / EYES,
        law="a head that is tilted opens its mouth as far",
        hint="take the length of the difference, not the difference of heights",
    )
    one_by_one = torch.stack([answer(_opened(shut, amount, (point,), slanted)) for point in (67, 66, 65)])
    expect_close(
        one_by_one,
        (amount / EYES / 3).expand(3, -1),
        law="each of the three pairs has a third of the say",
        hint="one pair alone shakes more than the mean of three",
    )
    near = 1 + torch.arange(5.0)[:, None, None]
    opened = _opened(shut, amount, (67, 66, 65), slanted)
    expect_close(
        answer(near * opened), answer(opened), law="coming nearer opens no mouth", hint="divide frame by frame"
    )
    expect_any_layout(answer, opened)
    expect_double(answer, opened)


def _opened(faces: Faces, amount: Float[Tensor, "frames"], points: tuple[int, ...], way: Float[Tensor, "2"]) -> Faces:
    """Faces with some points of the lower lip moved, by so many pixels a frame."""
    result = faces.clone()
    result[:, list(points)] += (amount[:, None] * way)[:, None]
    return result


@exercise("which sound belongs to which mouth")
def contrastive_loss(answer: Callable[[Numbers, Numbers, float], Tensor]) -> None:
    """Mean cross-entropy of choosing the right sound for each mouth, and the right mouth for each sound."""
    rng = torch.Generator().manual_seed(4)
    seen, heard = (functional.normalize(torch.randn(7, 5, generator=rng), dim=1) for _ in range(2))
    expect_shape(answer(seen, heard, 0.1), (), law="one number comes out, a loss")
    alike = functional.normalize(torch.ones(7, 5), dim=1)
    expect_close(
        answer(alike, alike, 0.1),
        torch.tensor(7.0).log(),
        law="who cannot tell 7 sounds apart pays ln 7",
        hint="a softmax over all sounds of the batch, then minus the logarithm of the right one, averaged",
    )
    far = torch.eye(7)
    expect_close(
        answer(far, far, 0.02),
        torch.tensor(0.0),
        law="pairs that are alike, and unlike all others, cost nothing",
        hint="the larger the product of two unit vectors, the likelier the pair; the right ones lie on the diagonal",
        atol=1e-4,
    )
    expect_close(
        answer(far, far, 1.0),
        torch.tensor(1 + 6 / torch.e).log(),
        law="the products are divided by the temperature",
        hint="with a temperature of 1, a right pair has e¹ and each wrong one e⁰ of the sum",
    )
    _expect_both_ways(answer, seen, heard)
    order = torch.randperm(7, generator=rng)
    expect_close(
        answer(seen[order], heard[order], 0.1), answer(seen, heard, 0.1), law="the order of the pairs does not matter"
    )
    expect_any_layout(answer, seen, heard, 0.1)
    expect_double(answer, seen, heard, 0.1)


def _expect_both_ways(answer: Callable[[Numbers, Numbers, float], Tensor], seen: Numbers, heard: Numbers) -> None:
    expect_close(
        answer(heard, seen, 0.1),
        answer(seen, heard, 0.1),
        law="mouths choose sounds, and sounds choose mouths",
        hint="average two cross-entropies: one along the rows of the table, one along its columns",
    )
    table, right = seen @ heard.T / 0.1, torch.arange(len(seen))
    wanted = (functional.cross_entropy(table, right) + functional.cross_entropy(table.T, right)) / 2
    expect_close(
        answer(seen, heard, 0.1),
        wanted,
        law="any batch costs what torch's cross_entropy says, both ways",
        hint="the mean of both directions, no sum",
    )


@exercise("the curve of sync")
def sync_curve(answer: Callable[[Numbers, Numbers, int], Curve]) -> None:
    """The mean distance of windows at every shift of the sound, over those pairs that exist."""
    rng = torch.Generator().manual_seed(5)
    track = functional.normalize(torch.randn(30, 6, generator=rng), dim=1)
    expect_shape(answer(track, track, 4), (9,), law="a reach of 4 gives 9 distances", hint="−4, …, 0, …, 4")
    curve = answer(track, track, 4)
    expect(
        curve.argmin() == 4 and float(curve[4]) < 1e-3,
        law="sound and lips that are one have distance 0 in the middle",
        hint="the first distance is that of the shift −reach",
    )
    flat = track[:1].expand(30, -1)
    expect_close(
        answer(flat, -flat, 6),
        torch.full((13,), 2.0),
        law="where all windows are alike, all shifts are",
        hint="only pairs that exist count: neither zeros beyond the ends, nor the other end of the clip; and divide by "
        "how many there are",
        rtol=1e-3,
    )
    expect(
        answer(track[3:], track[:-3], 5).argmin() == 8,
        law="sound that comes 3 frames late is near at a shift of +3",
        hint="at shift k the window t of the lips meets the window t + k of the sound",
    )
    _expect_curve(answer, *(torch.randn(count, 6, generator=rng) for count in (20, 20)))
    expect_any_layout(answer, track, track.flip(0), 3)
    expect_double(answer, track, track.flip(0), 3)


def _expect_curve(answer: Callable[[Numbers, Numbers, int], Curve], seen: Numbers, heard: Numbers) -> None:
    table = torch.cdist(seen[None], heard[None])[0]
    wanted = torch.stack([table.diagonal(shift).mean() for shift in range(-7, 8)])
    expect_close(
        answer(seen, heard, 7),
        wanted,
        law="each distance is the mean over all windows that have a partner",
        hint="the length of each difference first, the mean over windows after it; no squares",
        rtol=1e-3,
    )


@exercise("offset and confidence")
def offset_and_confidence(answer: Callable[[Curve], tuple[Any, Any]]) -> None:
    """argmin − l, so that late sound is positive, and median − minimum, of a curve of 2 l + 1 distances."""
    curve = torch.tensor([1.1, 1.3, 1.2, 0.4, 1.0, 1.25, 1.15])
    offset, confidence = _both(answer(curve))
    expect_close(offset, 0.0, law="a minimum in the middle is an offset of 0", hint="a curve of 7 has its middle at 3")
    expect_close(
        confidence,
        0.75,
        law="the confidence is the median less the minimum",
        hint="the middle one of all distances in their order, and the smallest",
    )
    late, early = curve.roll(2), curve.roll(-2)
    expect_close(
        [_both(answer(late))[0], _both(answer(early))[0]],
        [2.0, -2.0],
        law="sound that comes 2 frames late has the offset +2, and early sound −2",
        hint="the first distance of a curve is that of the earliest sound; the survey's o has the opposite sign",
    )
    longer = torch.cat([torch.full((12,), 1.3), torch.tensor([0.9]), torch.full((18,), 1.3)])
    expect_close(
        _both(answer(longer)),
        [-3.0, 0.4],
        law="a curve of 31 distances reaches 15 frames to each side",
        hint="take l from the length of the curve",
    )
    expect_close(
        _both(answer(longer + 5)),
        [-3.0, 0.4],
        law="a curve that lies higher everywhere says the same",
        hint="both are about the shape of the curve, not its height",
    )
    expect_close(_both(answer(torch.ones(11)))[1], 0.0, law="a flat curve has no confidence")
    expect_any_layout(lambda given: tuple(map(float, _both(answer(given)))), curve)


def _both(result: Any) -> tuple[float, float]:
    law = "two numbers come out, offset and confidence"
    try:
        offset, confidence = result
        pair = float(offset), float(confidence)
    except (TypeError, ValueError, RuntimeError):
        expect(False, law=law, hint="end with: return offset, confidence")
        raise
    expect(True, law=law)
    return pair
