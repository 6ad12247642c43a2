"""The lessons of coach and judge are what they say: disturbed in looks and loudness, never in time."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from thlab.corpus.samples import read_sample, sample_names
from thlab.experiments.checkpoints import ROOT
from thlab.experiments.own_clips import OwnClips
from thlab.experiments.recipes import sync_coach, sync_judge
from thlab.experiments.recipes.syncnet import (
    Budget,
    Disturbance,
    Mouths,
    Segments,
    disturbed,
    shuffled,
    softened,
    stretched,
    sync_recipe,
    waves,
    wobble,
)  # fmt: skip
from thlab.experiments.sync_plateau import WAYS, segments, thinned, train_in
from thlab.experiments.sync_recovery import Recorded, recover, right
from thlab.experiments.train import Training
from thlab.media import Clip
from thlab.nn.experts.syncnet import SyncNetConfig

SMALL = SyncNetConfig(channels=4, width=16, numbers=8)


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    folder = ROOT / "data_samples"
    return [read_sample(folder, name) for name in sample_names()[:2]]


@pytest.fixture(scope="module")
def album(clips) -> Mouths:
    return Mouths(clips, 20)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_segments_are_aligned_and_the_same_for_the_same_generator(album):
    mouths, sounds = album.draw(3, rng())
    assert mouths.shape[:2] == (3, 20)
    assert sounds.shape == (3, 20 * 640)
    again = disturbed(*album.draw(3, rng()), Disturbance(), rng(1))
    told = disturbed(mouths, sounds, Disturbance(), rng(1))
    assert torch.equal(told.mouths, again.mouths)
    assert torch.equal(told.mel, again.mel)
    assert told.mouths.shape == (3, 20, 3, 28, 40)
    assert told.mel.shape == (3, 80, 80)
    assert 0 <= told.mouths.min() <= told.mouths.max() <= 1


def test_disturbing_keeps_time_as_it_is(album):
    """A dark frame stays in its place, and so does a click."""
    mouths, sounds = torch.full((4, 20, 3, 38, 52), 0.8), torch.zeros(4, 20 * 640)
    mouths[:, 7], sounds[:, 7 * 640 : 8 * 640] = 0.1, 0.5
    told = disturbed(mouths, sounds, Disturbance(), rng())
    assert (told.mouths.mean((2, 3, 4)).argmin(1) == 7).all()
    assert ((told.mel.mean(2).argmax(1) // 4 - 7).abs() <= 0).all()


def test_wobbling_stays_within_its_bounds_and_mirrors_half():
    how = Disturbance(tremble=0.0)
    maps = wobble(300, 2, (38, 52), how, rng())
    middle = torch.einsum("bfij,j->bfi", maps[..., :2], torch.tensor([26.0, 19.0])) + maps[..., 2]
    assert (middle - torch.tensor([20.0, 14.0])).abs().max() <= how.shift + 1e-3
    determinant = torch.linalg.det(maps[:, 0, :, :2])
    assert determinant.abs().sqrt().max() <= math.exp(how.zoom) + 1e-3
    assert 0.4 < (determinant < 0).float().mean() < 0.6
    assert torch.equal(maps[:, 0], maps[:, 1])


def test_softening_keeps_the_mean_and_a_share_of_zero_changes_nothing():
    sharp = torch.rand(2, 3, 3, 12, 12, generator=rng())
    soft = softened(sharp, torch.tensor([0.0, 0.67]))
    assert torch.equal(soft[0], sharp[0])
    assert soft[1].std() < 0.6 * sharp[1].std()
    assert soft[1].mean().item() == pytest.approx(sharp[1].mean().item(), abs=0.02)


def test_another_throat_moves_bands_and_another_room_tilts_them():
    mel = torch.zeros(20, 4, 80)
    mel[..., 40] = 1
    top = stretched(mel, 0.1, rng())[:, 0].argmax(1)
    assert top.unique().numel() > 3
    assert (top - 40).abs().max() <= 5
    assert torch.equal(stretched(mel, 0.0, rng()), mel)
    assert waves(500, 80, 0.7, rng()).std(0).mean().item() == pytest.approx(0.7 * 1.5**0.5, rel=0.15)


def test_a_few_steps_lower_the_loss_and_the_card_says_how_it_was_tried(clips):
    recipe = sync_recipe(
        clips, Budget(2, 8, 4, 20, 1), SMALL, seed=0, corpus="two clips", held_out=lambda: clips[:1]
    )
    training = Training(recipe.learner.train(), recipe.config, seed=0)
    losses = [training.advance(recipe.draw)["contrast"] for _ in range(8)]
    assert min(losses[-3:]) < losses[0]
    told = recipe.figures(recipe.network.eval())
    assert set(told) == {"shift found, clips of 2 s", "shift found, shuffled sound"}


@pytest.mark.parametrize("recipe", [sync_coach, sync_judge])
def test_own_clips_and_a_checkpoint_to_begin_with_are_refused(recipe, clips):
    with pytest.raises(ValueError, match="synthetic people alone"):
        recipe.recipe("smoke", 0, quiet=True, own=OwnClips("mine", clips, clips, "x"))
    with pytest.raises(ValueError, match="leave --clips"):
        recipe.recipe("smoke", 0, quiet=True, start=Path("weights.safetensors"))


def test_clips_that_lack_something_or_are_too_short_are_refused(clips):
    with pytest.raises(ValueError, match="clip 0 lacks one"):
        Mouths([Clip(frames=clips[0].frames, audio=clips[0].audio)], 20)
    with pytest.raises(ValueError, match="give longer ones"):
        Mouths(clips, 1000)


# -- recovery ---------------------------------------------------------------------------------------------------------


def alike(windows: int) -> Recorded:
    one = torch.nn.functional.normalize(torch.randn(windows, 16, generator=rng()), dim=-1)
    return Recorded(one, one)


def test_vectors_that_agree_give_every_planted_shift_back_with_its_sign():
    recovery = recover([alike(90), alike(75)])
    assert recovery.found.tolist() == [list(range(-12, 13))] * 2
    assert right(recovery).all()


def test_shuffled_sound_gives_chance():
    records = [Recorded(*torch.randn(2, 90, 16, generator=rng(seed)).unbind()) for seed in range(40)]
    share = right(recover(shuffled(records))).float().mean().item()
    assert share == pytest.approx(3 / 31, abs=0.06)


def test_clips_too_short_to_move_their_sound_are_refused():
    with pytest.raises(ValueError, match="needs clips of 74 frames to move 50 by 12, got 64"):
        recover([alike(60)])


# -- the plateau ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS[1:], ids=lambda way: way.name)
def test_every_way_to_train_begins_at_chance(way, clips):
    record = train_in(way, clips[:1], [], steps=2)
    assert all(math.isfinite(step.loss) for step in record)
    assert record[0].accuracy == pytest.approx(0.5 if way.loss == "pairs" else 1 / 36, abs=0.15)
    assert [row["step"] for row in thinned(record, most=1)] == [2]


def test_pairs_are_windows_of_five_frames_and_of_twenty_hops(clips):
    batch = segments(Mouths(clips[:1], 40), WAYS[0], rng())
    assert isinstance(batch, Segments)
    assert batch.mouths.shape == (64, 5, 3, 28, 40)
    assert batch.mel.shape == (64, 20, 80)
