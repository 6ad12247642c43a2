"""The checks of chapter 11 tell typical mistakes apart; ``test_exercises`` tries solutions and stubs."""

from __future__ import annotations

import pytest
import torch
from course.notebooks import solutions
from torch.nn import functional

from thlab.course.checks import ch11
from thlab.course.checks.base import WrongAnswer
from thlab.nn.experts.syncnet import pair_loss
from thlab.objectives.adversarial import generator_loss
from thlab.render.halves import hidden

NOTEBOOK = "11_adversarial_frames.ipynb"
NAMES = ("hide", "generator_loss", "pair_loss", "weight")


def right_hide(frames, first):
    seen = frames.clone()
    seen[..., first:, :] = 0.5
    return seen


def in_place(frames, first):
    frames[..., first:, :] = 0.5
    return frames


def filled(frames, first, value):
    seen = frames.clone()
    seen[..., first:, :] = value(frames[..., first:, :])
    return seen


def mouth_only(frames, first):
    seen = frames.clone()
    seen[..., first:, 2:6] = 0.5
    return seen


def columns(frames, first):
    seen = frames.clone()
    seen[..., first:] = 0.5
    return seen


WRONG_HIDES = [
    ("as large as whole ones", lambda frames, first: frames[..., :first, :]),
    ("left as they were", in_place),
    ("the rows above are shown", columns),
    ("the rows above are shown", lambda frames, first: torch.full_like(frames, 0.5)),
    ("differ below alone look the same", mouth_only),
    ("differ below alone look the same", lambda frames, first: filled(frames, first, lambda x: x.mean() + 0 * x)),
    ("differ below alone look the same", lambda frames, first: right_hide(frames, first + 1)),
    ("grey: 0.5", lambda frames, first: filled(frames, first, torch.zeros_like)),
    ("nothing is hidden nothing changes", lambda frames, first: right_hide(frames, 6)),
    ("float64 in", lambda frames, first: right_hide(frames.float(), first)),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_HIDES)
def test_wrong_masks_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch11.hide(answer)


WRONG_LOSSES = [
    ("one number comes out", functional.softplus),
    ("ln 2", lambda x: -torch.sigmoid(x).mean()),
    ("the less it costs", lambda x: functional.softplus(x).mean()),
    ("ln 2", lambda x: -functional.softplus(x).mean()),
    ("ln 2", lambda x: functional.softplus(-x).sum()),
    ("averaged", lambda x: functional.softplus(-x).max()),
    ("finite number", lambda x: -torch.log(torch.sigmoid(x)).mean()),
    ("does not die", lambda x: -torch.log(torch.sigmoid(x).clamp(min=1e-8)).mean()),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_LOSSES)
def test_wrong_generators_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch11.generator_loss(answer)


def cosine_loss(seen, heard, together, *, low=1e-4, high=1 - 1e-4, cosine=functional.cosine_similarity):
    return functional.binary_cross_entropy(cosine(seen, heard, dim=-1).clamp(low, high), together)


def no_length(seen, heard, dim):
    return (seen * heard).sum(dim)


def scaled_to_one(seen, heard, together):
    chance = ((1 + functional.cosine_similarity(seen, heard, dim=-1)) / 2).clamp(1e-4, 1 - 1e-4)
    return functional.binary_cross_entropy(chance, together)


def unlimited(seen, heard, together):
    chance = functional.cosine_similarity(seen, heard, dim=-1)
    return -(together * chance.log() + (1 - together) * (1 - chance).log()).mean()


WRONG_PAIRS = [
    ("ln 2, whatever is true", scaled_to_one),
    ("ln 2, whatever is true", lambda seen, heard, t: -functional.cosine_similarity(seen, heard, dim=-1).log().mean()
     - 0.5 * (1 - t).mean()),
    ("−log cosine", lambda seen, heard, t: cosine_loss(seen, heard, 1 - t)),
    ("one number comes out", lambda seen, heard, t: functional.binary_cross_entropy(
        functional.cosine_similarity(seen, heard, dim=-1).clamp(1e-4, 1 - 1e-4), t, reduction="none")),
    ("how long the vectors are", lambda seen, heard, t: cosine_loss(seen, heard, t, cosine=no_length)),
    ("finite cost", unlimited),
    ("averaged", lambda seen, heard, t: len(seen) * cosine_loss(seen, heard, t)),
]  # fmt: skip


@pytest.mark.parametrize(("message", "answer"), WRONG_PAIRS)
def test_wrong_experts_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch11.pair_loss(answer)


def ratio(base, tutor, share):
    return share * float(base.norm() / tutor.norm()) if tutor.norm() > 0 else 0.0


WRONG_WEIGHTS = [
    ("one weight comes out", lambda base, tutor, share: share * base / (tutor + 1e-9)),
    ("equally long", lambda base, tutor, share: share * float(tutor.norm() / base.norm())),
    ("equally long", lambda base, tutor, share: share * float(base.abs().mean() / tutor.abs().mean())),
    ("equally long", lambda base, tutor, share: share * float(base.square().sum() / tutor.square().sum())),
    ("a fifth of the share", lambda base, tutor, share: ratio(base, tutor, 1.0)),
    ("ten times as loud", lambda base, tutor, share: share * float(base.norm()) / 2),
    ("never negative", lambda base, tutor, share: ratio(base, tutor, share) * (1 if (base * tutor).sum() >= 0 else -1)),
    ("says nothing", lambda base, tutor, share: share * float(base.norm() / tutor.norm())),
    ("says nothing", lambda base, tutor, share: share * float(base.norm() / (tutor.norm() + 1e-9))),
]


@pytest.mark.parametrize(("message", "answer"), WRONG_WEIGHTS)
def test_wrong_weights_are_told_apart(message: str, answer):
    with pytest.raises(WrongAnswer, match=message):
        ch11.weight(answer)


def test_the_students_answers_are_those_of_the_package():
    rng = torch.Generator().manual_seed(0)
    frames, logits = torch.rand(2, 3, 64, 64, generator=rng), torch.randn(9, generator=rng)
    done = solutions(NOTEBOOK)
    torch.testing.assert_close(done.hide(frames, 34), hidden(frames))
    torch.testing.assert_close(done.generator_loss(logits), generator_loss(logits))
    seen, heard = torch.randn(2, 6, 5, generator=rng).abs().unbind()
    together = torch.tensor([1.0, 0, 1, 0, 1, 0])
    torch.testing.assert_close(done.pair_loss(seen, heard, together), pair_loss(seen, heard, together))


WRONG = {
    name: [answer for _, answer in table]
    for name, table in zip(NAMES, (WRONG_HIDES, WRONG_LOSSES, WRONG_PAIRS, WRONG_WEIGHTS), strict=True)
}
"""What ``test_exercises`` asks of every chapter: the wrong answers above, by exercise."""
