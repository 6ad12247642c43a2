"""What the published network is fed; its weights are not here, so nothing is said about its scores."""

from __future__ import annotations

import math

import pytest
import torch

from thlab.experiments.sync_official import bank, official_cepstra, official_faces, official_score
from thlab.nn.experts.syncnet_official import OfficialSyncNet


def test_cepstra_of_a_second_are_a_hundred_rows_less_the_last_window():
    assert official_cepstra(torch.randn(16_000)).shape == (99, 13)


def test_the_first_cepstrum_is_the_energy_of_the_window():
    """By Parseval, for a window of one click: its power spectrum is flat."""
    audio = torch.zeros(400)
    audio[200] = 0.5
    click = 32_768 * 0.5
    wanted = math.log(257 * click**2 * (1 + 0.97**2) / 512)
    assert official_cepstra(audio)[0, 0].item() == pytest.approx(wanted, abs=0.01)


def test_bands_are_triangles_of_height_one_on_whole_bins():
    filters = bank()
    assert filters.shape == (26, 257)
    assert filters.amax(1).tolist() == pytest.approx([1] * 26)
    assert (filters.argmax(1).diff() > 0).all()
    assert filters[:, 0].abs().max() <= 1


def test_louder_sound_changes_the_first_cepstrum_alone():
    audio = 0.1 * torch.randn(4_000, generator=torch.Generator().manual_seed(0))
    quiet, loud = official_cepstra(audio), official_cepstra(2 * audio)
    assert torch.allclose(loud[:, 0] - quiet[:, 0], torch.tensor(2 * math.log(2)), atol=1e-4)
    assert torch.allclose(loud[:, 1:], quiet[:, 1:], atol=1e-3)


def test_sound_shorter_than_a_window_is_refused():
    with pytest.raises(ValueError, match="400 samples at least, got 10"):
        official_cepstra(torch.zeros(10))


def test_faces_are_cut_out_with_the_chin_below_the_middle():
    points = torch.zeros(6, 68, 2)
    points[..., 0], points[..., 1] = torch.linspace(100, 140, 68), torch.linspace(60, 110, 68)
    frames = torch.zeros(6, 200, 240, 3, dtype=torch.uint8)
    frames[:, 108:112, 100:140] = 255  # where the chin is
    faces = official_faces(frames, points)
    assert faces.shape == (6, 3, 224, 224)
    lit = faces[0, 0].sum(1).argmax().item()
    assert 112 < lit < 200


def test_a_clip_goes_through_the_published_network_from_end_to_end():
    torch.manual_seed(0)
    points = torch.rand(12, 68, 2) * 40 + 12
    frames = torch.randint(0, 255, (12, 64, 64, 3), dtype=torch.uint8)
    found = official_score(frames, points, 0.1 * torch.randn(12 * 640), net=OfficialSyncNet().eval(), reach=3)
    assert found.curve.shape == (7,)
    assert torch.isfinite(found.curve).all()
