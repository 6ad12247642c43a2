"""Windows, mel triangles, cosines and lifters equal those of librosa, torchaudio, scipy, Whisper and Slaney."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import pytest
import scipy.fft
import scipy.io
import scipy.signal
import torch
from torchaudio_cpu import import_torchaudio

from thlab.audio.filterbank import (
    Norm,
    Scale,
    WindowShape,
    dct_matrix,
    hz_to_mel,
    lifter,
    mel_edges,
    mel_filters,
    mel_to_hz,
    window,
)

torchaudio = import_torchaudio()
ORACLES = Path(__file__).parents[2].parent / "shared" / "realdata" / "oracles"
TOOLBOX = sorted((ORACLES / "librosa").glob("feature-melfb-*.mat"))
HERTZ = torch.cat([torch.linspace(0, 11_025, 400, dtype=torch.float64), torch.tensor([999.999, 1000.0, 1000.001])])


@pytest.mark.parametrize("scale", ["slaney", "htk"])
def test_the_mel_scale_is_librosas_and_returns(scale: Scale):
    mels = hz_to_mel(HERTZ, scale=scale)
    np.testing.assert_allclose(mels, librosa.hz_to_mel(HERTZ.numpy(), htk=scale == "htk"), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(mel_to_hz(mels, scale=scale), HERTZ, rtol=1e-12, atol=1e-9)


def test_a_thousand_hertz_are_fifteen_slaney_mels_and_a_thousand_htk_mels():
    thousand = torch.tensor([1000.0], dtype=torch.float64)
    assert float(hz_to_mel(thousand, scale="slaney")) == pytest.approx(15)
    assert float(hz_to_mel(thousand, scale="htk")) == pytest.approx(1000, abs=0.02)


@pytest.mark.parametrize("scale", ["slaney", "htk"])
@pytest.mark.parametrize("norm", ["slaney", "none"])
@pytest.mark.parametrize(
    ("rate", "fft", "mels", "low", "high"),
    [(16_000, 512, 80, 0.0, 8000.0), (22_050, 2048, 128, 0.0, 11_025.0), (16_000, 400, 40, 133.0, 6855.5)],
)
def test_mel_filters_are_librosas(
    scale: Scale, norm: Norm, rate: int, fft: int, mels: int, low: float, high: float
):
    theirs = librosa.filters.mel(
        sr=rate, n_fft=fft, n_mels=mels, fmin=low, fmax=high, htk=scale == "htk",
        norm="slaney" if norm == "slaney" else None, dtype=np.float64,
    )  # fmt: skip
    ours = mel_filters(mels, rate=rate, fft=fft, low=low, high=high, scale=scale, norm=norm)
    np.testing.assert_allclose(ours.T, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("scale", "norm"), [("htk", "none"), ("slaney", "slaney")])
def test_mel_filters_are_torchaudios(scale: Scale, norm: Norm):
    theirs = torchaudio.functional.melscale_fbanks(
        257, 0.0, 8000.0, 64, 16_000, norm="slaney" if norm == "slaney" else None, mel_scale=scale
    )
    ours = mel_filters(64, rate=16_000, fft=512, low=0.0, high=8000.0, scale=scale, norm=norm)
    torch.testing.assert_close(ours.float(), theirs, rtol=0, atol=1e-5)


def test_triangles_straight_in_mel_are_kaldis():
    theirs, _ = torchaudio.compliance.kaldi.get_mel_banks(23, 512, 16_000.0, 20.0, 0.0, 100.0, -500.0, 1.0)
    ours = mel_filters(23, rate=16_000, fft=512, low=20.0, high=8000.0, scale="htk", norm="none", triangles="mel")
    torch.testing.assert_close(ours[:-1].T.float(), theirs, rtol=0, atol=1e-4)
    assert float(ours[-1].abs().max()) < 1e-9  # Kaldi leaves the bin at half the rate out


@pytest.mark.skipif(not TOOLBOX, reason="the Auditory Toolbox's filters are not part of the repository")
@pytest.mark.parametrize("path", TOOLBOX, ids=lambda path: path.stem)
def test_mel_filters_are_the_auditory_toolboxs(path: Path):
    stored = scipy.io.loadmat(path, squeeze_me=True)
    ours = mel_filters(
        int(stored["nfilts"]), rate=int(stored["sr"]), fft=int(stored["nfft"]), low=float(stored["fmin"]),
        high=float(stored["fmax"]), scale="htk" if stored["htk"] else "slaney",
    )  # fmt: skip
    theirs = stored["wts"][:, : ours.shape[0]]
    np.testing.assert_allclose(ours.T, theirs, rtol=0, atol=1e-8)


@pytest.mark.skipif(not (ORACLES / "whisper").exists(), reason="Whisper's filters are not part of the repository")
@pytest.mark.parametrize("mels", [80, 128])
def test_mel_filters_are_whispers(mels: int):
    theirs = np.load(ORACLES / "whisper" / "mel_filters.npz")[f"mel_{mels}"]
    ours = mel_filters(mels, rate=16_000, fft=400, low=0.0, high=8000.0)
    np.testing.assert_allclose(ours.T, theirs, rtol=0, atol=1e-7)


def test_triangles_without_norm_overlap_to_one_between_the_outer_peaks():
    filters = mel_filters(30, rate=16_000, fft=4096, low=100.0, high=7000.0, norm="none")
    edges = mel_edges(30, low=100.0, high=7000.0, scale="slaney")
    hertz = torch.arange(2049) * 16_000 / 4096
    between = (hertz >= edges[1]) & (hertz <= edges[-2])
    torch.testing.assert_close(filters.sum(1)[between], torch.ones(int(between.sum()), dtype=torch.float64))


def test_slaneys_norm_gives_each_triangle_the_same_area():
    filters = mel_filters(20, rate=16_000, fft=16_384, low=0.0, high=8000.0, norm="slaney")
    torch.testing.assert_close(
        filters.sum(0) * 16_000 / 16_384, torch.ones(20, dtype=torch.float64), rtol=2e-3, atol=0
    )


@pytest.mark.parametrize(("low", "high"), [(-1.0, 4000.0), (4000.0, 4000.0), (0.0, 8001.0)])
def test_a_band_that_does_not_exist_is_refused(low: float, high: float):
    with pytest.raises(ValueError, match="low < high"):
        mel_filters(20, rate=16_000, fft=512, low=low, high=high)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("shape", ["hann", "hamming", "blackman"])
def test_windows_are_scipys(shape: WindowShape, symmetric: bool):
    theirs = scipy.signal.get_window(shape, 401, fftbins=not symmetric)
    np.testing.assert_allclose(window(shape, 401, symmetric=symmetric), theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("shape", ["povey", "rectangular"])
def test_windows_are_kaldis(shape: WindowShape):
    kaldi = torchaudio.compliance.kaldi
    expected = kaldi._feature_window_function(shape, 400, 0.42, torch.device("cpu"), torch.float64)
    torch.testing.assert_close(window(shape, 400), expected, rtol=0, atol=1e-12)


def test_a_window_without_samples_is_refused():
    with pytest.raises(ValueError, match="at least one sample"):
        window("hann", 0)


def test_the_cosine_transform_is_scipys():
    bands = np.random.default_rng(0).normal(size=(7, 40))
    theirs = scipy.fft.dct(bands, type=2, norm="ortho", axis=-1)[:, :13]
    np.testing.assert_allclose(bands @ dct_matrix(40, 13).numpy(), theirs, rtol=0, atol=1e-12)


def test_the_whole_cosine_transform_is_a_rotation():
    whole = dct_matrix(80, 80)
    torch.testing.assert_close(whole.T @ whole, torch.eye(80, dtype=torch.float64))


@pytest.mark.parametrize("coefficients", [0, 41])
def test_more_coefficients_than_bands_are_refused(coefficients: int):
    with pytest.raises(ValueError, match="1 to 40 coefficients"):
        dct_matrix(40, coefficients)


def test_the_lifter_is_kaldis():
    theirs = torchaudio.compliance.kaldi._get_lifter_coeffs(13, 22.0)
    torch.testing.assert_close(lifter(13, 22.0).float(), theirs, rtol=0, atol=1e-5)


def test_no_lifter_changes_nothing():
    assert lifter(13, 0.0).tolist() == [1.0] * 13
