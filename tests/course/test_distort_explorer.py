"""Distort a face: each distortion does what it says, undoing is exact, and the metrics see what they should."""

from __future__ import annotations

import math

import pytest
import torch

from thlab.course.distortions import (
    AS_FILMED,
    COVERED,
    MOUTHS,
    OF_FIRST,
    OPEN,
    SHUT,
    Distortion,
    blurred,
    compressed,
    distorted,
    mouth_mask,
    noisy,
    other_mouth,
    relit,
    shifted,
    turned,
    with_mouth,
)
from thlab.course.widgets.distort_explorer import EXPLORER, NAMES, Measured, _clip, _pair, goodness, measured, written
from thlab.face.points import MOUTH
from thlab.metrics.image import psnr

PERSON = "fair curls"


@pytest.fixture(scope="module")
def clip():
    frames, points = _clip(PERSON)
    return frames[::6], points[::6]


def seen(**how) -> Measured:
    made = Distortion(**how)
    return measured(*_pair(PERSON, 44, made), made)


def test_doing_nothing_changes_nothing(clip):
    assert torch.equal(distorted(*clip, Distortion()), clip[0])


def test_a_distortion_leaves_what_came_in_as_it_was(clip):
    kept = clip[0].clone()
    distorted(*clip, Distortion(OPEN, 3.0, 2, 0.1, 0.8, 1.0, 0.05, 40))
    assert torch.equal(kept, clip[0])


def test_a_shift_there_and_back_is_exact_but_for_the_border(clip):
    back = shifted(shifted(clip[0], 5, -3), -5, 3)
    assert torch.equal(back[..., 3:-3, 5:-5], clip[0][..., 3:-3, 5:-5])
    assert torch.equal(shifted(clip[0], 1)[..., 1:], clip[0][..., :-1])


def test_a_turn_by_a_quarter_is_that_of_the_pixels():
    square = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(turned(square, 90.0), square.rot90(-1, (2, 3)), atol=1e-5, rtol=0)


def test_a_blur_keeps_flat_pictures_and_takes_variance_from_others(clip):
    flat = torch.full((1, 3, 20, 24), 0.3)
    torch.testing.assert_close(blurred(flat, 2.0), flat)
    assert (blurred(clip[0], 2.0).var((1, 2, 3)) < clip[0].var((1, 2, 3))).all()


def test_a_blur_of_a_point_is_a_gaussian():
    point = torch.zeros(1, 3, 31, 31)
    point[..., 15, 15] = 1
    away = torch.arange(31.0) - 15
    row = blurred(point, 1.5)[0, 0].sum(0)
    assert (row * away.square()).sum().sqrt().item() == pytest.approx(1.5, rel=0.02)


def test_noise_has_the_deviation_that_was_asked_for_and_a_seed():
    grey = torch.full((1, 3, 100, 100), 0.5)
    assert noisy(grey, 0.1, seed=0).std().item() == pytest.approx(0.1, rel=0.05)
    assert torch.equal(noisy(grey, 0.1, seed=0), noisy(grey, 0.1, seed=0))
    assert not torch.equal(noisy(grey, 0.1, seed=0), noisy(grey, 0.1, seed=1))


def test_contrast_keeps_the_mean_and_brightness_moves_it(clip):
    picture = 0.3 + 0.4 * clip[0]
    flat = relit(picture, contrast=0.5)
    torch.testing.assert_close(flat.mean((1, 2, 3)), picture.mean((1, 2, 3)))
    torch.testing.assert_close(flat.std((1, 2, 3)), 0.5 * picture.std((1, 2, 3)))
    torch.testing.assert_close(relit(picture, brightness=0.1).mean(), picture.mean() + 0.1)


def test_a_lower_quality_of_jpeg_is_farther_from_the_picture(clip):
    errors = [psnr(compressed(clip[0], quality=quality), clip[0], data_range=1.0).mean() for quality in (90, 50, 10)]
    assert errors == sorted(errors, reverse=True)


def test_another_mouth_changes_the_surroundings_of_the_mouth_only(clip):
    frames, points = clip
    for whose in (OF_FIRST, OPEN, SHUT):
        changed = (other_mouth(frames, points, whose) - frames).abs().amax(1) > 1e-3
        rows, columns = (changed.any(0).nonzero()[:, side] + 0.5 for side in (0, 1))
        lips = points[:, MOUTH].reshape(-1, 2)
        assert changed.any()
        assert rows.min() > lips[:, 1].min() - 25
        assert rows.max() < lips[:, 1].max() + 25
        assert columns.min() > lips[:, 0].min() - 25
        assert columns.max() < lips[:, 0].max() + 25


def test_ones_own_mouth_laid_over_oneself_is_ones_own(clip):
    frames, points = clip
    own = with_mouth(frames[:1], points[:1], frames[0], points[0])
    torch.testing.assert_close(own, frames[:1], atol=1e-4, rtol=0)


def test_the_mask_holds_the_lips_and_little_else(clip):
    frames, points = clip
    mask = mouth_mask(frames, points)
    x, y = points[:, MOUTH].round().long().unbind(-1)
    assert all(bool(mask[k, y[k], x[k]].all()) for k in range(len(frames)))
    assert mask.float().mean() < 0.06
    covered = other_mouth(frames, points, COVERED)
    assert torch.equal((covered != frames).any(1) | mask, mask)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda frames, points: other_mouth(frames, points, "moustache"), "no mouth is called 'moustache'"),
        (lambda frames, points: compressed(frames, quality=0), "between 1 and 100"),
        (lambda frames, points: blurred(frames, 0.0), "above 0 pixels"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(clip, wrong, message: str):
    with pytest.raises(ValueError, match=message):
        wrong(*clip)


def test_equal_pictures_have_the_best_of_every_metric():
    best = seen()
    assert (best.psnr, best.mouth_psnr) == (math.inf, math.inf)
    assert (best.ssim, best.ms_ssim, best.mouth_ssim, best.detail) == pytest.approx((1, 1, 1, 1), abs=1e-5)
    assert best.frechet == pytest.approx(0, abs=1e-6)


def test_a_wrong_mouth_is_seen_around_the_mouth_and_hardly_elsewhere():
    wrong = seen(mouth=OPEN)
    assert wrong.psnr > 28
    assert wrong.mouth_psnr < wrong.psnr - 8
    assert wrong.mouth_ssim < 0.8 < 0.95 < wrong.ssim


def test_blur_takes_detail_away_and_noise_passes_for_it():
    assert seen(blur=2.0).detail < 0.1
    assert seen(noise=0.1).detail > 1.5


def test_the_distance_of_the_sets_grows_with_the_distortion():
    found = [seen(brightness=amount).frechet for amount in (0.0, 0.1, 0.2, 0.3)]
    assert found == sorted(found)
    assert found[-1] > 0.05


@pytest.mark.parametrize("name", NAMES)
def test_a_bar_is_full_for_equal_pictures_and_shorter_for_worse_ones(name: str):
    best, worse = getattr(seen(), name), getattr(seen(noise=0.2), name)
    assert goodness(name, best) == pytest.approx(1, abs=1e-4)
    assert 0 <= goodness(name, worse) < 1


def test_numbers_are_written_with_their_units():
    assert written("psnr", math.inf) == "∞ dB"
    assert written("mouth_psnr", 21.04) == "21.0 dB"
    assert written("ssim", 0.7684) == "0.768"


def test_the_alt_text_says_what_is_done():
    assert "not at all" in EXPLORER.alt(right=0)
    alt = EXPLORER.alt(blur=1.5, mouth=OPEN)
    for words in (PERSON, "blur (px) 1.5", f"mouth {OPEN}", "shift to the right (px) 2"):
        assert words in alt


def test_the_mouths_are_named_once_and_the_first_is_ones_own():
    assert MOUTHS[0] == AS_FILMED
    assert len(set(MOUTHS)) == len(MOUTHS)
