"""The lessons of our own finder of landmarks: faces with their points, misses without, and nobody who is tested."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from thlab.corpus.photographic import photographs
from thlab.corpus.snapshots import FIRST, Snapshots, photographed
from thlab.experiments.checkpoints import load_checkpoint
from thlab.experiments.detectors import NAMES, detector_of, own_detector
from thlab.experiments.recipes import landmarker
from thlab.experiments.recipes.landmarker import BUDGETS, CORNER, CURVE, draw_lesson, losses, mean_error, wing
from thlab.nn.heatmap_network import HeatmapNetwork, HeatmapNetworkConfig

SMALL = HeatmapNetworkConfig(size=32, channels=8, depth=2)


@pytest.fixture(scope="module")
def album() -> Snapshots:
    return photographed(54_000_000, each=12, size=64)


def test_nobody_is_learned_from_and_tested_on():
    most = max(budget.people for budget in BUDGETS.values())
    assert FIRST["train"] + most <= FIRST["validation"]


def test_some_of_a_lesson_are_misses_and_most_are_faces(album: Snapshots):
    lesson = draw_lesson(album, 40, 32, torch.Generator().manual_seed(0))
    assert lesson.pictures.shape == (40, 3, 32, 32)
    misses = round(landmarker.MISSES * 40)
    assert lesson.face[misses:].all()
    assert lesson.face[:misses].mean() < 0.5
    assert lesson.points[misses:].mean().item() == pytest.approx(0.5, abs=0.1)


def test_the_wing_is_continuous_steep_in_the_middle_and_straight_outside():
    away = torch.tensor([0.0, CORNER - 1e-6, CORNER + 1e-6, 0.3, 0.4])
    loss = wing(away)
    assert loss[0] == 0
    assert loss[1].item() == pytest.approx(loss[2].item(), abs=1e-5)
    assert (loss[4] - loss[3]).item() == pytest.approx(0.1, abs=1e-6)
    assert (wing(torch.tensor(1e-4)) / 1e-4).item() == pytest.approx(CORNER / CURVE, rel=0.01)


def test_points_of_a_miss_teach_nothing(album: Snapshots):
    network = HeatmapNetwork(SMALL).eval()
    lesson = draw_lesson(album, 10, 32, torch.Generator().manual_seed(0))
    nobody = landmarker.Lesson(lesson.pictures, lesson.points, torch.zeros(10))
    assert losses(network, nobody)["places"] == 0
    assert losses(network, nobody)["maps"] == 0


def test_the_losses_fall_on_one_batch(album: Snapshots):
    torch.manual_seed(0)
    network = HeatmapNetwork(SMALL)
    lesson = draw_lesson(album, 12, 32, torch.Generator().manual_seed(0))
    optimizer = torch.optim.Adam(network.parameters(), 5e-3)
    totals = []
    for _ in range(25):
        total = torch.stack(list(losses(network, lesson).values())).sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        totals.append(total.item())
    assert totals[-1] < 0.6 * totals[0]
    assert all(math.isfinite(total) for total in totals)


def test_own_clips_are_refused():
    with pytest.raises(ValueError, match="rendered people alone"):
        landmarker.recipe("smoke", 0, quiet=True, start=Path("other.safetensors"))


def test_the_kept_network_finds_the_points_of_a_person_it_never_met(album: Snapshots):
    detector = own_detector(alone=True)
    rng, known = torch.Generator().manual_seed(0), (album.pictures, album.landmarks, album.background)
    crops, points = photographs(*known, size=64, rng=rng, config=landmarker.GENTLE)
    error = mean_error(detector.network, crops, points)
    eyes = (points[:, 36] - points[:, 45]).norm(dim=-1).clamp_min(0.4 * 64)
    of_the_mean_shape = ((points - points.mean(0)).norm(dim=-1).mean(1) / eyes).mean().item()
    assert error < 0.08
    assert error < 0.5 * of_the_mean_shape
    weights, card = load_checkpoint("landmarker")
    assert sum(weight.numel() for weight in weights.values()) * 2 < 3e6
    assert card.budget == "gpu"


def test_detectors_have_names_and_others_are_refused():
    assert [detector_of(name).name for name in NAMES[:2]] == ["mediapipe", "own"]
    with pytest.raises(ValueError, match="mediapipe, own, face-alignment"):
        detector_of("haar")
