"""Features come back as sound: as good as librosa's, the same features when analysed again, and never by chance."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import librosa
import numpy as np
import pytest
import soxr
import torch
from torch import Tensor

from thlab.audio.features import (
    COURSE,
    KALDI,
    LIBROSA,
    TORCHAUDIO,
    WHISPER,
    MelConfig,
    compress,
    log_mel,
    mel_spectrogram,
    mfcc,
    stft,
)
from thlab.audio.filterbank import mel_filters
from thlab.audio.resynthesis import (
    energies_of,
    griffin_lim,
    istft,
    log_mel_of_mfcc,
    samples_of,
    sound_of_log_mel,
    sound_of_mfcc,
    spectral_convergence,
    spectrum_of_mel,
)
from thlab.audio.synthesis import speak

PRESETS = {"course": COURSE, "whisper": WHISPER, "librosa": LIBROSA, "torchaudio": TORCHAUDIO, "kaldi": KALDI}
CENTRED = replace(COURSE, window=512, edges="centre")
"""Settings that librosa has as well."""


@cache
def voice(rate: int = 16_000) -> Tensor:
    """A spoken sentence over faint noise, as every recording has it."""
    sound = soxr.resample(speak("We move both boats.", pitch=85).audio.numpy(), 16_000, rate)
    return torch.from_numpy((sound + 0.001 * np.random.default_rng(0).normal(size=len(sound))).astype(np.float32))


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def plain(config: MelConfig) -> MelConfig:
    return replace(config, gain=1.0, emphasis=0.0, remove_mean=False)


def magnitude(sound: Tensor, config: MelConfig) -> Tensor:
    return stft(sound, plain(config)).abs()


def correlation(a: Tensor, b: Tensor) -> float:
    return float(torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1])


# Oracle: librosa


@pytest.mark.parametrize("momentum", [0.0, 0.99])
def test_from_the_same_first_phases_comes_librosas_sound(momentum: float):
    wanted = magnitude(voice(), CENTRED).double()
    phase = 2 * np.pi * np.random.RandomState(0).random(wanted.mT.shape)
    ours = griffin_lim(wanted, CENTRED, phase=torch.from_numpy(phase).mT, iterations=8, momentum=momentum)
    theirs = librosa.griffinlim(
        wanted.mT.numpy(), n_iter=8, hop_length=160, n_fft=512, momentum=momentum, random_state=0
    )
    assert float((ours - torch.from_numpy(theirs)).abs().max()) < 1e-4 * float(ours.abs().max())


def test_with_other_phases_the_spectrum_converges_as_well_as_librosas():
    wanted = magnitude(voice(), CENTRED)
    ours = griffin_lim(wanted, CENTRED, rng=seeded(), iterations=60)
    theirs = librosa.griffinlim(wanted.mT.numpy(), n_iter=60, hop_length=160, n_fft=512, random_state=3)
    a, b = (float(spectral_convergence(sound, wanted, CENTRED)) for sound in (ours, torch.from_numpy(theirs)))
    assert a < 0.06
    assert a < 1.3 * b


def test_the_spectrum_is_as_near_to_the_true_one_as_librosas():
    sound, config = voice(), CENTRED
    energies, truth = mel_spectrogram(sound, config), magnitude(sound, config)
    theirs = torch.from_numpy(librosa.feature.inverse.mel_to_stft(energies.mT.numpy(), sr=16_000, n_fft=512)).mT
    ours = spectrum_of_mel(energies, config)
    far = [float((spectrum - truth).norm() / truth.norm()) for spectrum in (ours, theirs)]
    assert far[0] < 0.2
    assert far[0] < 1.05 * far[1]


def test_the_inverse_transform_is_librosas():
    bins = stft(voice(), CENTRED)
    theirs = librosa.istft(bins.mT.numpy(), hop_length=160, n_fft=512, length=len(voice()))
    assert float((istft(bins, CENTRED, samples=len(voice())) - torch.from_numpy(theirs)).abs().max()) < 1e-5


# Laws


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("samples", [6_007, 8_000])
def test_the_inverse_transform_gives_the_sound_back(name: str, samples: int):
    config = plain(PRESETS[name])
    sound = voice(config.rate)[:samples].double()
    back = istft(stft(sound, config), config, samples=samples)
    assert back.shape == sound.shape
    inside = slice(50, -config.hop - config.window) if config.edges == "snip" else slice(None)
    assert float((back - sound)[inside].abs().max()) < 1e-9


def test_a_batch_of_sounds_is_the_sounds_one_by_one():
    sounds = voice()[:12_800].reshape(2, 6_400)
    wanted = magnitude(sounds, COURSE)
    phase = torch.rand(wanted.shape, generator=seeded())
    together = griffin_lim(wanted, phase=phase, iterations=4)
    alone = torch.stack([griffin_lim(wanted[i], phase=phase[i], iterations=4) for i in range(2)])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)


def test_without_momentum_no_turn_makes_the_spectrum_worse():
    wanted = magnitude(voice().double(), COURSE)
    phase = 6.28 * torch.rand(wanted.shape, generator=seeded(), dtype=torch.float64)
    turns = [griffin_lim(wanted, phase=phase, samples=len(voice()), iterations=n, momentum=0.0) for n in range(12)]
    missed = [float(spectral_convergence(sound, wanted)) for sound in turns]
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(missed))
    assert missed[-1] < 0.5 * missed[0]


def test_momentum_gets_further_in_as_many_turns():
    wanted = magnitude(voice(), COURSE)
    slow, fast = (griffin_lim(wanted, rng=seeded(), iterations=30, momentum=m) for m in (0.0, 0.99))
    assert float(spectral_convergence(fast, wanted)) < 0.7 * float(spectral_convergence(slow, wanted))


@pytest.mark.parametrize("name", PRESETS)
def test_a_spectrum_made_from_bands_has_those_bands_and_nothing_negative(name: str):
    config = PRESETS[name]
    energies = mel_spectrogram(voice(config.rate), config)
    spectrum = spectrum_of_mel(energies, config, iterations=100)
    filters = mel_filters(
        config.mels, rate=config.rate, fft=config.fft, low=config.low, high=config.high,
        scale=config.scale, norm=config.norm, triangles=config.triangles,
    ).float()  # fmt: skip
    emphasis = (1 - config.emphasis * torch.exp(-2j * torch.pi * torch.arange(config.fft // 2 + 1) / config.fft)).abs()
    again = (config.gain * emphasis * spectrum) ** config.power @ filters
    assert float(spectrum.min()) >= 0
    missed = compress(again, replace(config, compression="log")) - energies.clamp(min=config.floor).log()
    assert float(missed.abs().mean()) < 0.005


@pytest.mark.parametrize("name", PRESETS)
def test_all_cepstra_give_the_bands_back(name: str):
    config = replace(PRESETS[name], coefficients=PRESETS[name].mels, energy=False)
    if config.lifter:
        config = replace(config, coefficients=22)  # the lifter is zero at 22, and grows negative beyond
    bands = log_mel(voice(config.rate), config)
    back = log_mel_of_mfcc(mfcc(voice(config.rate), config), config)
    if config.lifter:
        assert correlation(back, bands) > 0.999
    else:
        torch.testing.assert_close(back, bands, rtol=0, atol=2e-3)


def test_few_cepstra_give_the_nearest_bands_that_so_few_cosines_can():
    bands = log_mel(voice())
    back = log_mel_of_mfcc(mfcc(voice()))
    band = (np.arange(80) + 0.5) / 80
    cosines = np.stack([np.cos(np.pi * n * band) for n in range(13)], 1)
    fitted = cosines @ np.linalg.lstsq(cosines, bands.mT.numpy(), rcond=None)[0]
    torch.testing.assert_close(back, torch.from_numpy(fitted).mT.float(), rtol=0, atol=1e-3)


@pytest.mark.parametrize("name", PRESETS)
def test_analysed_again_the_sound_has_the_same_features(name: str):
    config = PRESETS[name]
    sound = voice(config.rate)
    bands, cepstra = log_mel(sound, config), mfcc(sound, config)
    from_bands = sound_of_log_mel(bands, config, rng=seeded(), samples=len(sound))
    from_cepstra = sound_of_mfcc(cepstra, config, rng=seeded(), samples=len(sound))
    assert from_bands.shape == from_cepstra.shape == sound.shape
    assert correlation(log_mel(from_bands, config), bands) > 0.98
    again = mfcc(from_cepstra, config)
    least = 0.8 if name == "torchaudio" else 0.95  # its empty bands stand at the floor, a cliff that cosines blur
    assert min(correlation(again[:, n], cepstra[:, n]) for n in range(13)) > least


def test_the_bands_keep_a_pitch_that_the_cepstra_lose():
    sound = voice()
    few = sound_of_mfcc(mfcc(sound), rng=seeded(), samples=len(sound))
    bands = sound_of_log_mel(log_mel(sound), rng=seeded(), samples=len(sound))
    voiced = [buzz(audio) for audio in (sound, bands, few)]
    assert voiced[1] > 0.8 * voiced[0]
    assert voiced[2] < 0.5 * voiced[0]


def buzz(sound: Tensor) -> float:
    """How alike a sound is to itself a period later: median over 40 ms pieces of the voiced half of the loudest."""
    pieces = sound.unfold(0, 640, 160).numpy()
    loud = pieces[np.argsort((pieces**2).sum(1))[-len(pieces) // 2 :]]
    spectra = np.abs(np.fft.rfft(loud, 1280)) ** 2
    like = np.fft.irfft(spectra)[:, 40:200] / (1 - np.arange(40, 200) / 640)
    return float(np.median(like.max(1) / (loud**2).sum(1)))


def test_the_same_seed_gives_the_same_sound_and_another_seed_another():
    bands = log_mel(voice())
    first, again, other = (sound_of_log_mel(bands, rng=seeded(seed), iterations=5) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert float((first - other).abs().max()) > 0.01


def test_silence_comes_back_as_silence():
    assert float(sound_of_log_mel(log_mel(torch.zeros(6_400)), rng=seeded()).abs().max()) < 0.01
    assert float(sound_of_mfcc(mfcc(torch.zeros(6_400)), rng=seeded()).abs().max()) < 0.01
    assert griffin_lim(torch.zeros(4, 257), rng=seeded()).eq(0).all()


@pytest.mark.parametrize("name", PRESETS)
def test_a_length_that_is_not_given_is_one_that_has_so_many_columns(name: str):
    config = PRESETS[name]
    bands = log_mel(voice(config.rate)[:9_111], config)
    assert sound_of_log_mel(bands, config, rng=seeded(), iterations=1).shape == (samples_of(len(bands), config),)


def test_no_columns_are_no_sound():
    assert istft(torch.zeros(0, 257, dtype=torch.complex64)).shape == (0,)


def test_decibels_and_logarithms_are_undone():
    energies = torch.tensor([[1.0, 0.01, 30.0]])
    for config in (COURSE, replace(WHISPER, dynamic_range=None)):
        torch.testing.assert_close(energies_of(compress(energies, config), config), energies)


# Bad input


def test_phases_come_from_one_place():
    with pytest.raises(ValueError, match="either rng"):
        griffin_lim(torch.zeros(4, 257))
    with pytest.raises(ValueError, match="either rng"):
        griffin_lim(torch.zeros(4, 257), rng=seeded(), phase=torch.zeros(4, 257))
    with pytest.raises(ValueError, match="momentum"):
        griffin_lim(torch.zeros(4, 257), rng=seeded(), momentum=-1.0)


def test_a_length_that_does_not_fit_the_columns_is_refused():
    with pytest.raises(ValueError, match="samples have"):
        istft(torch.zeros(4, 257, dtype=torch.complex64), samples=100)


def test_a_coefficient_that_the_lifter_has_silenced_cannot_be_undone():
    with pytest.raises(ValueError, match="silenced"):
        log_mel_of_mfcc(torch.zeros(2, 13), replace(COURSE, lifter=2.0))
