"""PSNR and both SSIMs equal scikit-image's and torchmetrics', keep their laws, and are not what the survey prints."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch.nn import functional
from torchmetrics.functional.image import multiscale_structural_similarity_index_measure as torchmetrics_ms_ssim
from torchmetrics.functional.image import peak_signal_noise_ratio as torchmetrics_psnr
from torchmetrics.functional.image import structural_similarity_index_measure as torchmetrics_ssim

from thlab.metrics.image import (
    WEIGHTS,
    Pictures,
    high_frequency_share,
    likeness,
    ms_ssim,
    psnr,
    ssim,
    ssim_loss,
    ssim_map,
)


@pytest.fixture
def pair() -> tuple[Pictures, Pictures]:
    """Four smooth pictures and noisy copies of them."""
    rng = torch.Generator().manual_seed(3)
    smooth = functional.interpolate(torch.rand(4, 3, 9, 8, generator=rng), (48, 40), mode="bicubic").clamp(0, 1)
    return (smooth + 0.1 * torch.randn(smooth.shape, generator=rng)).clamp(0, 1), smooth


def test_psnr_is_that_of_scikit_image(pair: tuple[Pictures, Pictures]):
    ours = psnr(*pair, data_range=1.0)
    pairs = zip(*(pictures.numpy() for pictures in pair), strict=True)
    theirs = [peak_signal_noise_ratio(real, made, data_range=1) for made, real in pairs]
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


@pytest.mark.parametrize("data_range", [1.0, 255.0])
def test_ssim_is_that_of_scikit_image_with_wangs_settings(pair: tuple[Pictures, Pictures], data_range: float):
    made, real = (data_range * pictures for pictures in pair)
    theirs = [
        structural_similarity(
            x.numpy().astype(np.float64), y.numpy().astype(np.float64), data_range=data_range, channel_axis=0,
            gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        )
        for x, y in zip(made, real, strict=True)
    ]  # fmt: skip
    np.testing.assert_allclose(ssim(made, real, data_range=data_range), theirs, atol=1e-5)


def test_the_ssim_map_is_the_inner_part_of_scikit_images(pair: tuple[Pictures, Pictures]):
    made, real = (pictures[0, 0].double() for pictures in pair)
    _, theirs = structural_similarity(
        made.numpy(), real.numpy(), data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        full=True,
    )  # fmt: skip
    ours = ssim_map(made[None], real[None], data_range=1.0)
    np.testing.assert_allclose(ours[0], theirs[5:-5, 5:-5], atol=1e-12)


@pytest.mark.parametrize("shift", [0.5, 0.1, 0.01])
def test_a_constant_shift_d_costs_minus_20_log_d(shift: float):
    picture = torch.rand(2, 3, 16, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    wanted = torch.full((2,), -20 * math.log10(shift), dtype=torch.float64)
    torch.testing.assert_close(psnr(picture + shift, picture, data_range=1.0), wanted)


def test_an_error_of_10_in_255_is_28_decibels():
    black = torch.zeros(1, 8, 8)
    assert float(psnr(black + 10, black, data_range=255.0)) == pytest.approx(28.13, abs=0.005)


def test_a_picture_is_infinitely_and_perfectly_like_itself(pair: tuple[Pictures, Pictures]):
    assert torch.equal(psnr(pair[0], pair[0], data_range=1.0), torch.full((4,), torch.inf))
    torch.testing.assert_close(ssim(pair[0], pair[0], data_range=1.0), torch.ones(4), rtol=0, atol=1e-6)


def test_flat_pictures_differ_in_luminance_alone():
    x, y = torch.full((1, 16, 16), 0.2, dtype=torch.float64), torch.full((1, 16, 16), 0.6, dtype=torch.float64)
    closed = (2 * 0.2 * 0.6 + 1e-4) / (0.2**2 + 0.6**2 + 1e-4)
    assert float(ssim(x, y, data_range=1.0)) == pytest.approx(closed, abs=1e-9)


def test_a_negative_has_negative_similarity(pair: tuple[Pictures, Pictures]):
    noise = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(1))
    assert float(ssim(1 - noise, noise, data_range=1.0)) < -0.8


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_both_are_symmetric_and_fall_as_noise_grows(metric, pair: tuple[Pictures, Pictures]):
    made, real = pair
    torch.testing.assert_close(metric(made, real, data_range=1.0), metric(real, made, data_range=1.0))
    noise = torch.randn(real.shape, generator=torch.Generator().manual_seed(2))
    scores = torch.stack([metric(real + level * noise, real, data_range=1.0) for level in (0.01, 0.03, 0.1, 0.3)])
    assert (scores.diff(dim=0) < 0).all()


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_scale_and_data_range_cancel(metric, pair: tuple[Pictures, Pictures]):
    scaled = metric(255 * pair[0], 255 * pair[1], data_range=255.0)
    torch.testing.assert_close(scaled, metric(*pair, data_range=1.0), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_a_batch_is_its_pictures_one_by_one(metric, pair: tuple[Pictures, Pictures]):
    single = [metric(made, real, data_range=1.0) for made, real in zip(*pair, strict=True)]
    folded = [pictures.reshape(2, 2, *pictures.shape[1:]) for pictures in pair]
    torch.testing.assert_close(metric(*folded, data_range=1.0), torch.stack(single).reshape(2, 2))


def test_ssim_leads_a_picture_back_to_the_real_one(pair: tuple[Pictures, Pictures]):
    guess, real = pair[0].clone().requires_grad_(), pair[1]
    before = ssim(guess, real, data_range=1.0).mean()
    (slope,) = torch.autograd.grad(before, guess)
    after = ssim(guess.detach() + 50 * slope, real, data_range=1.0).mean()
    assert after > before.detach() + 0.01


def test_equal_pictures_cannot_become_more_alike(pair: tuple[Pictures, Pictures]):
    guess = pair[1].clone().requires_grad_()
    (slope,) = torch.autograd.grad(ssim(guess, pair[1], data_range=1.0).sum(), guess)
    torch.testing.assert_close(slope, torch.zeros_like(slope), rtol=0, atol=1e-5)


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_a_mask_hears_only_what_lies_beneath_it(metric, pair: tuple[Pictures, Pictures]):
    made, real = pair
    mask = torch.zeros(4, 48, 40, dtype=torch.bool)
    mask[:, 20:30, 15:25] = True
    far = made.clone()
    far[..., :12, :] = 0
    masked = metric(made, real, data_range=1.0, mask=mask)
    torch.testing.assert_close(metric(far, real, data_range=1.0, mask=mask), masked)
    near = made.clone()
    near[..., 20:30, 15:25] = 0
    assert (metric(near, real, data_range=1.0, mask=mask) < masked).all()


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_a_mask_of_everything_changes_nothing(metric, pair: tuple[Pictures, Pictures]):
    everything = torch.ones(4, 48, 40, dtype=torch.bool)
    masked = metric(*pair, data_range=1.0, mask=everything)
    torch.testing.assert_close(masked, metric(*pair, data_range=1.0))


def test_the_contrast_that_the_survey_prints_gives_ten_for_a_picture_and_itself():
    mean, deviation, c1, c2 = 128.0, 40.0, (0.01 * 255) ** 2, (0.03 * 255) ** 2
    luminance, structure = (2 * mean**2 + c1) / (2 * mean**2 + c1), 1.0
    printed_contrast = (2 * mean**2 + c2) / (2 * deviation**2 + c2)
    assert luminance * printed_contrast * structure == pytest.approx(10.07, abs=0.005)
    rng = torch.Generator().manual_seed(0)
    picture = mean + deviation * torch.randn(1, 64, 64, generator=rng)
    assert float(ssim(picture, picture, data_range=255.0)) == pytest.approx(1, abs=1e-6)


def test_the_two_psnr_lines_that_the_survey_prints_agree_neither_with_each_other_nor_with_ours():
    error, largest = 100.0, 255.0
    first, second = 10 * math.log10(largest / error), 20 * math.log10(largest**2 / math.sqrt(error))
    black = torch.zeros(1, 8, 8)
    ours = float(psnr(black + math.sqrt(error), black, data_range=largest))
    assert [round(first, 2), round(second, 2), round(ours, 2)] == [4.07, 76.26, 28.13]


def test_fine_stripes_are_detail_and_broad_ones_are_not():
    x = torch.arange(64.0)
    fine, broad = (torch.cos(2 * math.pi * x / period).expand(1, 64, 64) for period in (3, 16))
    assert float(high_frequency_share(fine, above=0.5)) > 0.99
    assert float(high_frequency_share(broad, above=0.5)) < 0.01
    assert float(high_frequency_share(broad, above=0.05)) > 0.99


def test_half_the_energy_in_fine_stripes_is_a_share_of_a_half():
    x = torch.arange(64.0)
    fine, broad = (torch.cos(2 * math.pi * x / period).expand(1, 64, 64) for period in (4 / 1.5, 16))
    assert float(high_frequency_share(fine + broad, above=0.5)) == pytest.approx(0.5, abs=0.01)


def test_blur_lowers_the_share_and_brightness_and_contrast_do_not(pair: tuple[Pictures, Pictures]):
    noisy, _ = pair
    blurred = functional.avg_pool2d(noisy, 3, 1, 1, count_include_pad=False)
    share = high_frequency_share(noisy, above=0.5)
    assert (high_frequency_share(blurred, above=0.5) < 0.5 * share).all()
    torch.testing.assert_close(high_frequency_share(0.3 * noisy + 0.5, above=0.5), share, rtol=1e-3, atol=1e-5)


def test_a_flat_picture_has_no_share():
    with pytest.raises(ValueError, match="flat"):
        high_frequency_share(torch.full((3, 32, 32), 0.4), above=0.5)


@pytest.mark.parametrize("above", [0.0, 1.0, 1.5])
def test_detail_begins_below_nyquist(above: float):
    with pytest.raises(ValueError, match="Nyquist"):
        high_frequency_share(torch.rand(3, 32, 32), above=above)


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_what_cannot_be_compared_is_refused(metric):
    picture = torch.rand(3, 16, 16)
    with pytest.raises((ValueError, TypeCheckError)):
        metric(picture, picture[..., :12], data_range=1.0)
    with pytest.raises((ValueError, TypeCheckError)):
        metric((255 * picture).byte(), (255 * picture).byte(), data_range=255.0)
    with pytest.raises(ValueError, match="above 0"):
        metric(picture, picture, data_range=0.0)
    with pytest.raises(ValueError, match="marks no pixel"):
        metric(picture, picture, data_range=1.0, mask=torch.zeros(16, 16, dtype=torch.bool))
    with pytest.raises(TypeError, match="data_range"):
        metric(picture, picture)


def test_ssim_refuses_pictures_smaller_than_its_window():
    with pytest.raises(ValueError, match="11 pixels"):
        ssim(torch.rand(3, 10, 40), torch.rand(3, 10, 40), data_range=1.0)


@pytest.fixture(scope="module")
def large() -> tuple[Pictures, Pictures]:
    """Two pictures that are just large enough for five scales, and noisy copies of them."""
    rng = torch.Generator().manual_seed(9)
    smooth = functional.interpolate(torch.rand(2, 3, 24, 25, generator=rng), (176, 182), mode="bicubic").clamp(0, 1)
    return (smooth + 0.1 * torch.randn(smooth.shape, generator=rng)).clamp(0, 1), smooth


def test_psnr_and_ssim_with_mirrored_borders_are_those_of_torchmetrics(pair: tuple[Pictures, Pictures]):
    theirs = torchmetrics_psnr(*pair, data_range=1.0, reduction="none", dim=(1, 2, 3))
    torch.testing.assert_close(psnr(*pair, data_range=1.0), theirs, rtol=1e-5, atol=0)
    theirs = torchmetrics_ssim(*(p.double() for p in pair), data_range=1.0, reduction="none")
    ours = ssim(*pair, data_range=1.0, border="mirror")
    torch.testing.assert_close(ours.double(), theirs, rtol=0, atol=1e-5)


@pytest.mark.parametrize("weights", [WEIGHTS, (0.2, 0.5, 0.3)])
def test_ms_ssim_is_that_of_torchmetrics(weights: tuple[float, ...], large: tuple[Pictures, Pictures]):
    cut = [pictures[:, :1] if len(weights) == 5 else pictures[..., :48, :44] for pictures in large]
    theirs = torchmetrics_ms_ssim(*(p.double() for p in cut), data_range=1.0, reduction="none", betas=weights)
    ours = ms_ssim(*cut, data_range=1.0, weights=weights, border="mirror")
    torch.testing.assert_close(ours.double(), theirs, rtol=0, atol=1e-5)


def test_ms_ssim_of_whole_windows_is_the_product_of_scikit_images_scales(large: tuple[Pictures, Pictures]):
    made, real = (pictures[0, :1].double() for pictures in large)
    likenesses = [likeness(functional.avg_pool2d(made, 2**k), functional.avg_pool2d(real, 2**k), data_range=1.0)
                  for k in range(5)]  # fmt: skip
    coarse = [functional.avg_pool2d(pictures, 16)[0].numpy() for pictures in (made, real)]
    last = structural_similarity(*coarse, data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
    wanted = math.prod(float(scale.structure.mean()) ** w for scale, w in zip(likenesses[:4], WEIGHTS, strict=False))
    assert float(ms_ssim(made, real, data_range=1.0)) == pytest.approx(wanted * last ** WEIGHTS[4], abs=1e-9)


def test_luminance_sees_brightness_and_structure_sees_pattern(pair: tuple[Pictures, Pictures]):
    _, real = pair
    darker, pale = likeness(real - 0.2, real, data_range=1.0), likeness(0.5 + 0.1 * (real - 0.5), real, data_range=1.0)
    torch.testing.assert_close(darker.structure, torch.ones_like(darker.structure), rtol=0, atol=1e-4)
    assert darker.luminance.mean() < 0.9
    assert pale.structure.mean() < 0.5 < pale.luminance.mean()


def test_a_checkerboard_and_its_negative_have_the_similarity_that_a_pencil_finds():
    board = (torch.arange(40)[:, None] + torch.arange(40)).remainder(2).double()[None]
    weights = np.exp(-np.arange(-5, 6) ** 2 / 4.5)
    mean = 0.5 + 0.5 * float(((-1.0) ** np.arange(11) * weights).sum() / weights.sum()) ** 2
    c1, c2, spread = 1e-4, 9e-4, mean * (1 - mean)
    luminance = (2 * mean * (1 - mean) + c1) / (mean**2 + (1 - mean) ** 2 + c1)
    structure = (-2 * spread + c2) / (2 * spread + c2)
    assert float(ssim(1 - board, board, data_range=1.0)) == pytest.approx(luminance * structure, abs=1e-12)


@pytest.mark.parametrize("metric", [ssim, ssim_loss, ms_ssim])
def test_gradients_are_those_of_finite_differences(metric):
    rng = torch.Generator().manual_seed(4)
    real = torch.rand(1, 22, 23, dtype=torch.float64, generator=rng)
    made = (0.7 * real + 0.3 * torch.rand(real.shape, dtype=torch.float64, generator=rng)).requires_grad_()
    more = {"weights": (0.4, 0.6)} if metric is ms_ssim else {}
    mask = torch.zeros(22, 23, dtype=torch.bool)
    mask[6:16, 6:16] = True
    for marked in (None, mask):
        assert torch.autograd.gradcheck(
            lambda x, m=marked: metric(x, real, data_range=1.0, mask=m, **more), made, fast_mode=True
        )


def test_the_loss_is_what_is_missing_to_one_and_falls_when_followed(pair: tuple[Pictures, Pictures]):
    made, real = pair
    torch.testing.assert_close(ssim_loss(made, real, data_range=1.0), 1 - ssim(made, real, data_range=1.0))
    assert (ssim_loss(real, real, data_range=1.0) == 0).all()
    guess = made.clone().requires_grad_()
    (slope,) = torch.autograd.grad(ssim_loss(guess, real, data_range=1.0).sum(), guess)
    assert (ssim_loss(made - 5 * slope, real, data_range=1.0) < ssim_loss(made, real, data_range=1.0)).all()


def test_small_pictures_are_refused_at_five_scales_and_taken_at_three(large: tuple[Pictures, Pictures]):
    small = torch.rand(3, 175, 200)
    with pytest.raises(ValueError, match="5 scales needs 176 pixels"):
        ms_ssim(small, small, data_range=1.0)
    assert float(ms_ssim(small[:, :44, :44], small[:, :44, :44], data_range=1.0, weights=WEIGHTS[:3])) == 1


def test_a_negative_counts_as_zero_at_many_scales_and_has_no_gradient():
    noise = torch.rand(1, 1, 48, 48, generator=torch.Generator().manual_seed(1))
    negative = (1 - noise).requires_grad_()
    score = ms_ssim(negative, noise, data_range=1.0, weights=WEIGHTS[:3])
    assert score.tolist() == [0]
    assert torch.isfinite(torch.autograd.grad(score.sum(), negative)[0]).all()
    assert float(torchmetrics_ms_ssim(1 - noise, noise, data_range=1.0, betas=WEIGHTS[:3], normalize="relu")) == 0


def test_a_mask_limits_many_scales_to_what_lies_around_it(large: tuple[Pictures, Pictures]):
    made, real = large
    mask = torch.zeros(2, 176, 182, dtype=torch.bool)
    mask[:, 82:96, 82:96] = True
    far, near = real.clone(), real.clone()
    far[..., :9, :9] = 0
    near[..., 82:96, 82:96] = made[..., 82:96, 82:96]
    take = {"data_range": 1.0, "weights": WEIGHTS[:2], "mask": mask}
    assert (ms_ssim(far, real, **take) == 1).all()
    assert (ms_ssim(near, real, **take) < ms_ssim(near, real, data_range=1.0, weights=WEIGHTS[:2])).all()
    mask[:, 83:] = mask[:, :, 83:] = False
    with pytest.raises(ValueError, match="marks no pixel"):
        ms_ssim(made, real, **take)


@pytest.mark.parametrize("metric", [psnr, ssim, lambda x, y, **k: ms_ssim(x, y, weights=WEIGHTS[:2], **k)])
def test_nan_spoils_its_own_picture_and_no_other_and_not_what_a_mask_sees(metric, pair: tuple[Pictures, Pictures]):
    made, real = pair
    spoilt = made.clone()
    spoilt[1, 0, 0, 0] = torch.nan
    scores = metric(spoilt, real, data_range=1.0)
    assert scores.isnan().tolist() == [False, True, False, False]
    torch.testing.assert_close(scores[[0, 2, 3]], metric(made, real, data_range=1.0)[[0, 2, 3]])
    mask = torch.zeros(4, 48, 40, dtype=torch.bool)
    mask[:, 20:28, 16:24] = True
    masked = metric(made, real, data_range=1.0, mask=mask)
    torch.testing.assert_close(metric(spoilt, real, data_range=1.0, mask=mask), masked)


@pytest.mark.parametrize("metric", [ssim, lambda x, y, **k: ms_ssim(x, y, weights=WEIGHTS[:2], **k)])
def test_flat_pictures_and_a_single_frame_have_a_score(metric):
    flat = torch.full((1, 3, 32, 32), 0.25)
    assert metric(flat, flat, data_range=1.0).tolist() == [1.0]
    assert metric(flat[0], flat[0] + 0.5, data_range=1.0).shape == ()
    assert 0 < float(metric(flat[0], flat[0] + 0.5, data_range=1.0)) < 1


def test_unknown_borders_are_refused():
    with pytest.raises((ValueError, TypeCheckError)):
        ssim(torch.rand(3, 16, 16), torch.rand(3, 16, 16), data_range=1.0, border="zero")
