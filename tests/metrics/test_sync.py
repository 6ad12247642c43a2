"""Offsets have the sign that is promised, edges do what they say, and bad input is refused."""

from __future__ import annotations

import math

import pytest
import torch

from thlab.metrics.sync import (
    LEAST,
    confidence_of,
    least_distance,
    lse_c,
    lse_d,
    offset_of,
    shift_distances,
    sync_of,
)  # fmt: skip


def vectors(windows: int, *, seed: int = 0, batch: int = 3) -> torch.Tensor:
    """Random unit vectors that a window shares nothing of with its neighbours."""
    rng = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(batch, windows, 16, generator=rng), dim=-1)


@pytest.mark.parametrize("late", [-12, -1, 0, 5, 12])
def test_sound_that_comes_later_has_a_positive_offset(late):
    whole = vectors(90)
    seen, heard = whole[:, 20:70], whole[:, 20 - late : 70 - late]
    found = sync_of(seen, heard)
    assert found.offset.tolist() == [late] * 3
    assert found.distance.tolist() == pytest.approx([0] * 3, abs=1e-5)
    assert found.confidence.min() > 1


def test_the_curve_is_the_mean_distance_at_each_shift_by_a_plain_loop():
    seen, heard = vectors(24), vectors(24, seed=1)
    curve = shift_distances(seen, heard, reach=5)
    for place, shift in enumerate(range(-5, 6)):
        pairs = [(w, w + shift) for w in range(24) if 0 <= w + shift < 24]
        wanted = torch.stack([(seen[0, w] - heard[0, v]).norm() for w, v in pairs]).mean()
        assert curve[0, place].item() == pytest.approx(wanted.item(), abs=1e-5)


def test_padding_is_what_the_official_script_does():
    """Its arithmetic, written out: zero vectors around the sound, distances window by window, their mean."""
    seen, heard = vectors(20, batch=1)[0], vectors(20, seed=1, batch=1)[0]
    padded = torch.nn.functional.pad(heard, (0, 0, 15, 15))
    rows = [torch.nn.functional.pairwise_distance(seen[[w]].expand(31, -1), padded[w : w + 31]) for w in range(20)]
    curve = shift_distances(seen, heard, edges="pad")
    assert torch.allclose(curve, torch.stack(rows, 1).mean(1), atol=1e-5)


def test_offset_distance_and_confidence_are_read_from_a_curve_as_defined():
    curve = torch.tensor([[9.0, 8, 3, 7, 8], [torch.nan, 1, 5, 4, torch.nan]])
    assert offset_of(curve).tolist() == [0, -1]
    assert least_distance(curve).tolist() == [3, 1]
    assert confidence_of(curve).tolist() == [8 - 3, 4 - 1]
    assert lse_d(curve).item() == 2
    assert lse_c(curve).item() == 4


@pytest.mark.parametrize("windows", [16, 36, 71, 296])
def test_zeros_around_a_clip_lower_its_confidence_the_more_the_shorter_it_is(windows):
    """Zeros lie at 1 from a unit vector, other sound at √2; of 31 shifts the median one meets 8 zeros."""
    cut = vectors(windows, batch=40)
    padded, masked = (confidence_of(shift_distances(cut, cut, edges=edges)).mean() for edges in ("pad", "mask"))
    assert 1 - (padded / masked).item() == pytest.approx(8 / windows * (1 - 0.5**0.5), abs=0.01)


def test_shifts_at_which_too_few_windows_meet_do_not_count():
    curve = shift_distances(vectors(12), vectors(12, seed=1))
    reach = 12 - LEAST
    assert torch.isfinite(curve[:, 15 - reach : 16 + reach]).all()
    assert torch.isnan(curve[:, : 15 - reach]).all()
    assert torch.isnan(curve[:, 16 + reach :]).all()


def test_one_window_has_an_offset_of_zero_and_no_confidence():
    found = sync_of(vectors(1), vectors(1, seed=1))
    assert found.offset.tolist() == [0, 0, 0]
    assert found.confidence.tolist() == pytest.approx([0, 0, 0])


def test_a_still_mouth_and_silence_have_no_confidence():
    still, heard = vectors(1).expand(-1, 46, -1), vectors(46, seed=1)
    assert sync_of(still, still.roll(1, 0)).confidence.tolist() == pytest.approx([0, 0, 0], abs=1e-5)
    assert sync_of(still, heard).confidence.max() < 0.1


def test_gradients_flow_to_both_sides_even_where_they_agree():
    seen = vectors(20).requires_grad_()
    heard = vectors(20).requires_grad_()
    found = sync_of(seen, heard)
    (lse_d(found.curve) - lse_c(found.curve)).backward()
    assert torch.isfinite(seen.grad).all()
    assert torch.isfinite(heard.grad).all()
    assert heard.grad.abs().sum() > 0


def test_any_axes_may_stand_in_front_of_the_windows():
    seen, heard = vectors(20, batch=6), vectors(20, seed=1, batch=6)
    flat = shift_distances(seen, heard)
    deep = shift_distances(seen.view(2, 3, 20, 16), heard.view(2, 3, 20, 16))
    assert torch.allclose(deep, flat.view(2, 3, 31), equal_nan=True)
    assert torch.allclose(sync_of(seen[0], heard[0]).curve, flat[0], equal_nan=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s, h: (s, h[:, 1:], {}), "as many windows"),
        (lambda s, h: (s[:, :0], h[:, :0], {}), "a window at least"),
        (lambda s, h: (s, h, {"reach": -1}), "a reach from 0"),
        (lambda s, h: (s * math.nan, h, {}), "no numbers"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(change, message):
    seen, heard, options = change(vectors(20), vectors(20, seed=1))
    with pytest.raises(ValueError, match=message) as refused:
        shift_distances(seen, heard, **options)
    assert "\n" not in str(refused.value)
