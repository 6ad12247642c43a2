"""Checks of chapter 11: hiding a mouth, the generator's loss, the expert's loss, and how loud a tutor speaks."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from thlab.course.checks.base import exercise, expect, expect_any_layout, expect_close, expect_double, expect_shape

LN_2 = math.log(2)


@exercise("hide the mouth")
def hide(answer: Callable[[Tensor, int], Tensor]) -> None:
    """Rows from ``first`` on become grey, 0.5; nothing of them is left, and the real frames stay whole."""
    frames = torch.rand(2, 3, 10, 8, generator=torch.Generator().manual_seed(1))
    before = frames.clone()
    seen = answer(frames, 6)
    expect_shape(seen, (2, 3, 10, 8), law="hidden frames are as large as whole ones")
    expect_close(
        frames,
        before,
        law="the frames that came in are left as they were",
        hint="they are also the target: whoever greys them out in place asks the network to paint grey. Copy first",
    )
    expect_close(seen[:, :, :6], before[:, :, :6], law="the rows above are shown", hint="rows are the last axis but 1")
    other = before.clone()
    other[:, :, 6:] = torch.rand(2, 3, 4, 8, generator=torch.Generator().manual_seed(2))
    expect_close(
        answer(other.clone(), 6),
        seen,
        law="two frames that differ below alone look the same",
        hint="every row from `first` on must go, over its whole width, and lend no colour to what comes there",
    )
    expect_close(seen[:, :, 6:], torch.full((2, 3, 4, 8), 0.5), law="hidden rows are grey: 0.5")
    expect_close(answer(before.clone(), 10), before, law="where nothing is hidden nothing changes")
    expect_double(answer, before, 6)
    expect_any_layout(answer, before, 6)


@exercise("what the generator minimises")
def generator_loss(answer: Callable[[Tensor], Tensor]) -> None:
    """The non-saturating loss: the mean of −log σ(x) over the critic's answers x, at any x."""
    expect_shape(answer(torch.zeros(4)), (), law="one number comes out for all answers")
    expect_close(answer(torch.zeros(4)), LN_2, law="a critic that cannot tell costs ln 2", hint="−log of one half")
    one = answer(torch.tensor([2.0]))
    expect(
        float(one) < LN_2,
        law="the more a made picture is taken for real, the less it costs",
        hint="is the sign that of the critic, or of the generator?",
    )
    expect_close(one, 0.126928, law="an answer of 2 costs −log σ(2)", hint="log(1 − σ) is the other game")
    expect_close(answer(torch.tensor([-3.0, 2.0])), (3.048587 + 0.126928) / 2, law="answers are averaged")
    far = torch.tensor([-200.0], requires_grad=True)
    loss = answer(far)
    expect(
        bool(torch.isfinite(loss.detach()).all()),
        law="an answer of −200 costs a finite number",
        hint="σ(−200) is 0 for a computer, whose logarithm is −∞; softplus and logsigmoid know a way around",
    )
    loss.sum().backward()
    assert far.grad is not None
    expect_close(
        far.grad, torch.tensor([-1.0]), law="where the critic is sure, the gradient is −1: it does not die",
        hint="a clamp stops the gradient",
    )  # fmt: skip
    expect_double(answer, torch.tensor([0.3, -1.0]))


@exercise("the expert's loss")
def pair_loss(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """Cross-entropy of "they belong together", its chance being the cosine; a cosine below 0 counts as 0."""
    seen, yes, no = torch.tensor([[1.0, 0.0]]), torch.ones(1), torch.zeros(1)

    def at(cosine: float) -> Tensor:
        return torch.tensor([[cosine, math.sqrt(1 - cosine**2)]])

    expect_shape(answer(seen, at(0.5), yes), (), law="one number comes out for all pairs")
    for together in (yes, no):
        expect_close(
            answer(seen, at(0.5), together), LN_2, law="a cosine of one half costs ln 2, whatever is true",
            hint="−log p for pairs that belong together, −log(1 − p) for those that do not", rtol=1e-3,
        )  # fmt: skip
    expect_close(
        answer(seen, at(0.8), yes), -math.log(0.8), law="for a pair that belongs together the cost is −log cosine",
        rtol=1e-3,
    )  # fmt: skip
    expect_close(
        answer(seen, at(0.8), no), -math.log(0.2), law="for a pair that does not, it is −log(1 − cosine)", rtol=1e-3
    )
    expect_close(
        answer(5 * seen, 0.1 * at(0.8), yes), -math.log(0.8), rtol=1e-3,
        law="how long the vectors are does not matter", hint="a cosine is the product over both lengths",
    )  # fmt: skip
    for cosine, together in ((-0.6, yes), (-0.6, no), (1.0, no)):
        expect(
            bool(torch.isfinite(answer(seen, at(cosine), together))),
            law="cosines below 0, and of 1, have a finite cost",
            hint="keep the chance a little away from 0 and from 1",
        )
    both = answer(seen.expand(2, -1), torch.cat([at(0.8), at(0.8)]), torch.tensor([1.0, 0.0]))
    expect_close(both, -(math.log(0.8) + math.log(0.2)) / 2, law="pairs are averaged", rtol=1e-3)
    expect_any_layout(answer, seen, at(0.8), yes)


@exercise("how loud a tutor speaks")
def weight(answer: Callable[[Tensor, Tensor, float], float]) -> None:
    """The weight with which a tutor's gradient is as long as a share of that of L1."""
    base, tutor = torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 2.0]])
    expect_shape(answer(base, tutor, 0.5), (), law="one weight comes out")
    expect_close(
        float(answer(base, tutor, 1.0)), 2.5, law="with a share of 1 both gradients are equally long",
        hint="the length of a gradient is the root of the sum of squares, over all its numbers",
    )  # fmt: skip
    expect_close(float(answer(base, tutor, 0.2)), 0.5, law="a fifth of the share is a fifth of the weight")
    expect_close(
        float(answer(base, 10 * tutor, 1.0)), 0.25, law="a tutor who shouts ten times as loud gets a tenth",
        hint="which of the two lengths is divided by which?",
    )  # fmt: skip
    expect_close(float(answer(-base, tutor, 1.0)), 2.5, law="weights are never negative, wherever gradients point")
    silent = float(answer(base, torch.zeros(1, 2), 1.0))
    expect(
        math.isfinite(silent) and silent == 0.0,
        law="a tutor who says nothing has the weight 0",
        hint="nothing divided by nothing is no number",
    )
    expect_any_layout(answer, base, tutor, 1.0)
