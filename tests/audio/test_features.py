"""Spectra, mel bands and cepstra equal those of librosa, torchaudio and Kaldi, and keep the laws of the clock."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile
import torch
from jaxtyping import TypeCheckError
from torch import Tensor
from torchaudio_cpu import import_torchaudio

from thlab import timebase
from thlab.audio.features import (
    COURSE,
    KALDI,
    LIBROSA,
    TORCHAUDIO,
    WHISPER,
    MelConfig,
    check_audio,
    columns,
    compress,
    frame,
    log_energy,
    log_mel,
    mel_spectrogram,
    mfcc,
    power_to_db,
    pre_emphasis,
    spectrum,
    stft,
)
from thlab.audio.filterbank import dct_matrix, mel_filters, window

torchaudio = import_torchaudio()
kaldi = torchaudio.compliance.kaldi
ORACLE = Path(__file__).parents[2].parent / "shared" / "realdata" / "oracles" / "kaldifeat"
CLOSE = 1e-4
"""The largest difference from the other tools that the project allows itself."""
ROUNDED = 1e-3
"""The same for cepstra of tools that make their tables in single precision, which decibels and lifter enlarge."""


def voice(samples: int, *, rate: int = 16_000, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    """A buzz that glides, swells and fades, over faint noise: like speech, neither periodic nor flat."""
    rng = np.random.default_rng(seed)
    time = np.arange(samples) / rate
    phase = 2 * np.pi * np.cumsum(120 + 40 * np.sin(2 * np.pi * time + seed)) / rate
    buzz = sum(np.sin(k * phase) / k for k in range(1, 20))
    loud = 0.05 + 0.2 * np.sin(np.pi * 3 * time) ** 2
    return torch.tensor(loud * buzz + 0.003 * rng.normal(size=samples), dtype=dtype)


def worst(ours: Tensor, theirs: Tensor | np.ndarray) -> float:
    theirs = torch.as_tensor(theirs)
    assert ours.shape == theirs.shape
    return float((ours - theirs).abs().max())


LIKE_LIBROSA = [
    LIBROSA,
    replace(COURSE, edges="centre"),
    replace(COURSE, edges="centre_reflect", window=512, fft=512, shape="hamming", scale="htk", norm="none", mels=40),
    replace(COURSE, edges="snip", window=512, fft=512, shape="blackman", power=1, high=7600.0, low=55.0),
    replace(LIBROSA, rate=16_000, hop=200, window=799, fft=800, high=8000.0, mels=80, edges="centre"),
]


def librosas_frames(config: MelConfig) -> dict[str, object]:
    return {
        "n_fft": config.fft, "hop_length": config.hop, "win_length": config.window, "window": config.shape,
        "center": config.edges != "snip", "pad_mode": "reflect" if config.edges == "centre_reflect" else "constant",
    }  # fmt: skip


def librosas_mel(sound: Tensor, config: MelConfig) -> np.ndarray:
    return librosa.feature.melspectrogram(
        y=sound.numpy(), sr=config.rate, power=config.power, n_mels=config.mels, fmin=config.low, fmax=config.high,
        htk=config.scale == "htk", norm=None if config.norm == "none" else "slaney", **librosas_frames(config),
    )  # fmt: skip


@pytest.mark.parametrize("config", LIKE_LIBROSA)
def test_the_fourier_transform_is_librosas_with_its_phases(config: MelConfig):
    sound = voice(8_111)
    theirs = librosa.stft(sound.numpy(), **librosas_frames(config)).T
    assert worst(stft(sound, config), theirs) < CLOSE
    expected = torch.from_numpy(np.abs(theirs) ** config.power)
    torch.testing.assert_close(spectrum(sound, config), expected, rtol=1e-5, atol=CLOSE)


@pytest.mark.parametrize("config", LIKE_LIBROSA)
def test_mel_bands_are_librosas(config: MelConfig):
    sound = voice(8_111)
    expected = torch.from_numpy(librosas_mel(sound, config).T)
    torch.testing.assert_close(mel_spectrogram(sound, config), expected, rtol=1e-5, atol=CLOSE)


@pytest.mark.parametrize("strength", [0.0, 22.0])
@pytest.mark.parametrize("config", LIKE_LIBROSA)
def test_cepstra_are_librosas(config: MelConfig, strength: float):
    sound = voice(8_111, dtype=torch.float64)
    config = replace(config, compression="decibel", floor=1e-10, dynamic_range=80.0, lifter=strength, lifter_first=1)
    decibels = librosa.power_to_db(librosas_mel(sound, config))
    theirs = librosa.feature.mfcc(S=decibels, n_mfcc=config.coefficients, lifter=strength)
    assert worst(mfcc(sound, config), theirs.T) < CLOSE


def test_the_preset_called_librosa_is_what_librosa_does_unasked():
    sound = voice(22_050, rate=22_050, dtype=torch.float64)
    assert worst(mfcc(sound, LIBROSA), librosa.feature.mfcc(y=sound.numpy()).T) < CLOSE


def with_exact_tables(transform: torch.nn.Module, *, mels: int, fft: int, coefficients: int) -> None:
    """Give a torchaudio transform its tables in double precision, which it makes in single."""
    spectra = transform.MelSpectrogram
    spectra.spectrogram.window = window("hann", fft)
    spectra.mel_scale.fb = mel_filters(mels, rate=16_000, fft=fft, low=0.0, high=8e3, scale="htk", norm="none")
    transform.dct_mat = dct_matrix(mels, coefficients)


@pytest.mark.filterwarnings("ignore:At least one mel filterbank has all zero values")
def test_the_preset_called_torchaudio_is_what_torchaudio_does_unasked():
    sound, transform = voice(8_000, dtype=torch.float64), torchaudio.transforms.MFCC().double()
    ours = mfcc(sound, TORCHAUDIO)
    assert worst(ours, transform(sound).T) < ROUNDED
    with_exact_tables(transform, mels=128, fft=400, coefficients=40)
    assert worst(ours, transform(sound).T) < 1e-9


def test_mel_bands_are_torchaudios_in_single_precision():
    transform = torchaudio.transforms.MelSpectrogram(
        16_000, n_fft=512, win_length=400, hop_length=160, n_mels=80, norm="slaney", mel_scale="slaney"
    )
    sound = voice(16_000)
    assert worst(mel_spectrogram(sound, replace(COURSE, edges="centre_reflect")), transform(sound).T) < CLOSE


def test_whispers_settings_give_whispers_log_mel():
    sound = voice(16_000, dtype=torch.float64)
    power = np.abs(librosa.stft(sound.numpy(), n_fft=400, hop_length=160, pad_mode="reflect"))[:, :-1] ** 2
    logs = np.log10(np.maximum(librosa.filters.mel(sr=16_000, n_fft=400, n_mels=80, dtype=np.float64) @ power, 1e-10))
    theirs = (np.maximum(logs, logs.max() - 8) + 4) / 4
    assert worst((log_mel(sound, WHISPER)[:-1] / 10 + 4) / 4, theirs.T) < CLOSE


KALDI_OPTIONS = [
    (KALDI, {}),
    (replace(KALDI, edges="mirror"), {"snip_edges": False}),
    (replace(KALDI, mels=80, high=7600.0), {"num_mel_bins": 80, "high_freq": -400.0}),
    (replace(KALDI, shape="rectangular", window=320, hop=80, fft=320, emphasis=0.0, remove_mean=False), {
        "frame_length": 20.0, "frame_shift": 5.0, "round_to_power_of_two": False, "preemphasis_coefficient": 0.0,
        "remove_dc_offset": False, "window_type": "rectangular",
    }),
]  # fmt: skip



@pytest.mark.parametrize(("config", "options"), KALDI_OPTIONS)
@pytest.mark.parametrize("samples", [8_000, 8_079, 8_080, 8_321])
def test_log_mel_is_kaldis(config: MelConfig, options: dict[str, object], samples: int):
    sound = voice(samples, dtype=torch.float64)
    theirs = kaldi.fbank(sound[None] * 32_768, energy_floor=0.0, **options)
    assert worst(log_mel(sound, config), theirs) < CLOSE


@pytest.mark.parametrize("energy", [True, False])
@pytest.mark.parametrize(("config", "options"), KALDI_OPTIONS)
def test_cepstra_are_kaldis(config: MelConfig, options: dict[str, object], energy: bool):
    sound = voice(8_321, dtype=torch.float64)
    theirs = kaldi.mfcc(sound[None] * 32_768, energy_floor=0.0, use_energy=energy, **options)
    assert worst(mfcc(sound, replace(config, energy=energy)), theirs) < ROUNDED


@pytest.mark.parametrize("floor", [0.0, 1e9])
def test_the_energy_floor_is_kaldis(floor: float):
    sound = voice(4_000, dtype=torch.float64)
    theirs = kaldi.mfcc(sound[None] * 32_768, energy_floor=floor, use_energy=True)[:, 0]
    assert worst(log_energy(sound, replace(KALDI, energy_floor=floor)), theirs) < CLOSE


def kaldis_output(path: Path) -> np.ndarray:
    rows = [line.strip(" []\n").split() for line in path.read_text().splitlines()]
    return np.array([row for row in rows if len(row) > 1], dtype=np.float64)


@pytest.mark.skipif(not ORACLE.exists(), reason="Kaldi's own output is not part of the repository")
@pytest.mark.parametrize(
    ("compute", "name", "mean", "most"), [(log_mel, "test.txt", 3e-4, 0.02), (mfcc, "test-mfcc.txt", 5e-3, 0.1)]
)
def test_the_preset_called_kaldi_is_what_kaldi_printed(compute, name: str, mean: float, most: float):
    """To within the noise of single precision: a pure sweep leaves most bands empty. torchaudio is as far off."""
    sound, _ = soundfile.read(ORACLE / "test.wav", dtype="float64")
    difference = (compute(torch.from_numpy(sound), KALDI) - torch.from_numpy(kaldis_output(ORACLE / name))).abs()
    assert float(difference.mean()) < mean
    assert float(difference.max()) < most


def test_pre_emphasis_is_librosas():
    sound = voice(1_000)
    theirs = librosa.effects.preemphasis(sound.numpy(), coef=0.97, zi=np.zeros(1, np.float32))
    assert worst(pre_emphasis(sound, 0.97), theirs) < 1e-6


@pytest.mark.parametrize("dynamic_range", [None, 40.0])
@pytest.mark.parametrize("reference", [1.0, 3.0, 1e-12])
def test_decibels_are_librosas(dynamic_range: float | None, reference: float):
    power = torch.rand(30, 20, generator=torch.Generator().manual_seed(0), dtype=torch.float64) ** 20
    theirs = librosa.power_to_db(power.numpy(), ref=reference, top_db=dynamic_range)
    assert worst(power_to_db(power, reference=reference, dynamic_range=dynamic_range), theirs) < 1e-9


def test_the_range_of_decibels_hangs_from_the_loudest_of_each_sound_alone():
    power = torch.tensor([[[1.0, 1e-9]], [[1e-6, 1e-9]]])
    torch.testing.assert_close(power_to_db(power), torch.tensor([[[0.0, -80.0]], [[-60.0, -90.0]]]))


# The clock


@pytest.mark.parametrize("frames", [1, 2, 25, 103])
def test_a_clip_has_exactly_four_columns_a_frame(frames: int):
    sound = voice(timebase.frames_to_samples(frames))
    assert log_mel(sound).shape == (timebase.frames_to_hops(frames), COURSE.mels)


@pytest.mark.parametrize("samples", [1, 159, 160, 161, 399, 400, 641])
def test_columns_cover_the_sound(samples: int):
    assert len(log_mel(voice(samples))) == timebase.covering_hops(samples) == columns(samples)


@pytest.mark.parametrize("column", [0, 1, 17, 39])
def test_a_click_in_the_middle_of_a_hop_is_loudest_in_its_column(column: int):
    click = torch.zeros(6_400)
    click[round(float(timebase.hop_times(40)[column]) * 16_000)] = 1
    loudness = mel_spectrogram(click).sum(-1)
    assert int(loudness.argmax()) == column
    neighbours = [float(loudness[i]) for i in (column - 1, column + 1) if 0 <= i < 40]
    assert neighbours == pytest.approx([neighbours[0]] * len(neighbours), rel=1e-4)


def test_a_column_hears_seven_and_a_half_milliseconds_beyond_its_hop_and_no_more():
    column, sound = 20, torch.zeros(6_400)
    begin, end = column * 160 - 120, (column + 1) * 160 + 120
    sound[: begin + 1] = 1  # the first sample of a Hann window weighs nothing
    sound[end:] = 1
    assert float(mel_spectrogram(sound)[column].max()) == 0
    sound[begin + 1] = 1
    assert float(mel_spectrogram(sound)[column].max()) > 0


def test_a_later_beginning_by_whole_frames_moves_columns_and_changes_nothing():
    sound = voice(16_000)
    whole, later = log_mel(sound), log_mel(sound[timebase.frames_to_samples(3) :])
    torch.testing.assert_close(later[1:], whole[timebase.frames_to_hops(3) + 1 :])


# Batches, gradients, precision


@pytest.mark.parametrize("config", [COURSE, KALDI, TORCHAUDIO, replace(COURSE, edges="mirror")])
def test_a_batch_is_its_sounds_one_by_one(config: MelConfig):
    batch = torch.stack([voice(4_000, seed=seed) for seed in range(6)]).reshape(2, 3, 4_000)
    together = mfcc(batch, config)
    for i in range(2):
        for j in range(3):
            torch.testing.assert_close(together[i, j], mfcc(batch[i, j], config), rtol=1e-5, atol=1e-4)


def test_a_long_sound_worked_on_in_blocks_is_one_piece():
    sound = voice(400_000)
    torch.testing.assert_close(mel_spectrogram(sound)[1_000:1_050], mel_spectrogram(sound[159_840:])[1:51])


@pytest.mark.parametrize("config", [
    replace(COURSE, window=20, hop=8, fft=32, mels=3, coefficients=2),
    replace(KALDI, window=20, hop=8, fft=32, mels=3, coefficients=2, low=0.0),
    replace(TORCHAUDIO, window=20, hop=8, fft=32, mels=3, coefficients=2, power=1),
])  # fmt: skip
def test_the_gradient_is_the_slope(config: MelConfig):
    sound = voice(60, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: mfcc(x, config), (sound,), fast_mode=True)


@pytest.mark.parametrize("power", [1, 2])
def test_silence_has_a_finite_gradient(power):
    sound = torch.zeros(640, requires_grad=True)
    log_mel(sound, replace(COURSE, power=power)).sum().backward()
    assert torch.isfinite(sound.grad).all()


def test_single_precision_is_near_double_precision():
    sound = voice(16_000)
    assert worst(log_mel(sound).double(), log_mel(sound.double())) < CLOSE


def test_features_first_taken_in_inference_mode_can_still_be_learned_from():
    config = replace(COURSE, mels=31)  # settings that no other test has put into the cache
    sound = voice(640)
    with torch.inference_mode():
        mfcc(sound, config)
    sound.requires_grad_()
    mfcc(sound, config).sum().backward()
    assert sound.grad is not None


# Bad input


@pytest.mark.parametrize(
    ("sound", "message"),
    [
        (torch.zeros(0), "at least one sample"),
        (torch.zeros(3, 0), "at least one sample"),
        (torch.tensor(1.0), "at least one sample"),
        (torch.zeros(640, dtype=torch.int16), "float32 or float64.*int16"),
        (torch.zeros(640, dtype=torch.float16), "float32 or float64.*float16"),
        (torch.tensor([0.0, torch.nan]), "finite"),
        (torch.tensor([0.0, torch.inf]), "finite"),
    ],
)
def test_what_is_not_sound_is_refused_in_one_line(sound: Tensor, message: str):
    with pytest.raises(ValueError, match=message) as refusal:
        check_audio(sound)
    assert "\n" not in str(refusal.value)


def test_finite_samples_whose_sum_overflows_are_sound():
    check_audio(torch.tensor([3e38, 3e38]))


@pytest.mark.parametrize("compute", [stft, spectrum, mel_spectrogram, log_mel, mfcc, log_energy])
def test_every_door_refuses_what_is_not_sound(compute):
    with pytest.raises(ValueError, match="finite"):
        compute(torch.full((640,), torch.nan))
    with pytest.raises((ValueError, TypeCheckError)):
        compute(torch.zeros(640, dtype=torch.int16))


def test_silence_is_the_logarithm_of_the_floor():
    silence = torch.zeros(1_280)
    assert torch.equal(log_mel(silence), torch.full((8, 80), COURSE.floor).log())
    assert torch.equal(log_mel(silence, LIBROSA), torch.full((3, 128), -100.0))


def test_a_sound_shorter_than_a_window_has_no_columns_when_edges_are_snipped():
    assert mfcc(voice(399), KALDI).shape == (0, 13)
    assert log_mel(voice(399)[None], KALDI).shape == (1, 0, 23)
    assert log_mel(voice(399), replace(KALDI, compression="decibel", dynamic_range=80.0)).shape == (0, 23)


@pytest.mark.parametrize(("edges", "samples"), [("centre_reflect", 200), ("mirror", 139)])
def test_a_sound_too_short_to_reflect_is_refused_and_one_sample_more_is_not(edges, samples: int):
    config = replace(COURSE, edges=edges)
    assert torch.isfinite(log_mel(voice(samples + 1), config)).all()
    with pytest.raises(ValueError, match="too short"):
        log_mel(voice(samples), config)


@pytest.mark.parametrize(
    "change",
    [{"hop": 0}, {"window": 0}, {"fft": 399}, {"window": 401}, {"window": 120}, {"floor": 0.0}],
)
def test_settings_that_cannot_be_are_refused(change: dict[str, float]):
    with pytest.raises(ValueError, match=r"expected|cannot"):
        replace(COURSE, **change)


@pytest.mark.parametrize("change", [{"reference": 0.0}, {"floor": 0.0}, {"dynamic_range": 0.0}])
def test_decibels_of_nothing_are_refused(change: dict[str, float]):
    with pytest.raises(ValueError, match="above 0"):
        power_to_db(torch.ones(2, 2), **change)


def test_the_sound_is_not_written_into():
    sound = voice(1_000)
    before = sound.clone()
    mfcc(sound, KALDI)
    compress(mel_spectrogram(sound, LIBROSA), LIBROSA)
    assert torch.equal(sound, before)


def test_a_frame_of_the_kaldi_kind_begins_where_its_hop_begins():
    sound = torch.arange(2_000.0)
    pieces = frame(sound, KALDI)
    assert pieces[:, 0].tolist() == [160.0 * h for h in range(11)]
