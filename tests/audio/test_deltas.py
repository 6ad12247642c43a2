"""Deltas are librosa's, HTK's and torchaudio's, and know lines and parabolas."""

from __future__ import annotations

import librosa
import pytest
import torch
from torch import Tensor
from torchaudio_cpu import import_torchaudio

from thlab.audio.deltas import deltas, regression_deltas

torchaudio = import_torchaudio()


def rows(hops: int, channels: int = 5) -> Tensor:
    return torch.randn(2, hops, channels, generator=torch.Generator().manual_seed(hops), dtype=torch.float64)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(("hops", "width"), [(40, 9), (9, 9), (12, 5), (3, 3)])
def test_deltas_are_librosas_up_to_the_ends(hops: int, width: int, order: int):
    features = rows(hops)
    theirs = librosa.feature.delta(features.numpy(), width=width, order=order, axis=-2)
    torch.testing.assert_close(deltas(features, width=width, order=order), torch.from_numpy(theirs), rtol=0, atol=1e-12)


@pytest.mark.parametrize("reach", [1, 2, 4])
@pytest.mark.parametrize("hops", [1, 3, 40])
def test_regression_deltas_are_torchaudios_up_to_the_ends(hops: int, reach: int):
    features = rows(hops)
    theirs = torchaudio.functional.compute_deltas(features.transpose(-1, -2), win_length=2 * reach + 1)
    torch.testing.assert_close(regression_deltas(features, reach=reach), theirs.transpose(-1, -2), rtol=0, atol=1e-12)


def test_the_two_differ_only_at_the_ends():
    features = rows(30)
    fitted, regressed = deltas(features, width=5), regression_deltas(features, reach=2)
    torch.testing.assert_close(fitted[:, 2:-2], regressed[:, 2:-2])
    assert not torch.allclose(fitted[:, :2], regressed[:, :2])


def test_the_delta_of_a_line_is_its_slope_and_the_second_of_a_parabola_its_bend():
    time = torch.arange(20, dtype=torch.float64)[:, None]
    torch.testing.assert_close(deltas(3 * time + 7), torch.full((20, 1), 3.0, dtype=torch.float64))
    torch.testing.assert_close(deltas(time**2 / 2 - time, order=2), torch.ones(20, 1, dtype=torch.float64))


def test_gradients_pass():
    features = rows(11, 2).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: deltas(x, width=5) + regression_deltas(x), (features,))


@pytest.mark.parametrize(("width", "order"), [(4, 1), (3, 3), (5, 0), (9, 1)])
def test_neighbourhoods_that_cannot_be_are_refused(width: int, order: int):
    with pytest.raises(ValueError, match=r"expected an odd width|expected at least 9 rows"):
        deltas(rows(8), width=width, order=order)


@pytest.mark.parametrize(("hops", "reach"), [(0, 2), (5, 0)])
def test_regression_over_nothing_is_refused(hops: int, reach: int):
    with pytest.raises(ValueError, match="above 0 and at least one row"):
        regression_deltas(rows(hops), reach=reach)
