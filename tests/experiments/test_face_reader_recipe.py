"""The judge's lessons are what they say: landmarks move with the pictures, and nobody it learns from is a system's."""

from __future__ import annotations

import pytest
import torch

from thlab.corpus.plan import CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.experiments.recipes import face_reader, speech2vid
from thlab.experiments.recipes.face_reader import CLIPS_EACH, CORPUS_SEED, Album, disturbed, losses, soften, wobble
from thlab.nn.experts.face_reader import FaceReader, FaceReaderConfig


@pytest.fixture(scope="module")
def album() -> Album:
    config = CorpusConfig(size=32, clips_an_actor=1, supersample=1, shadows=False, masks=False)
    return Album(SyntheticCorpus(config, cache=None).clips(range(2)))


def test_the_judge_never_meets_a_person_whom_a_system_learns_from():
    most = max(budget.people for budget in speech2vid.BUDGETS.values())
    corpus = SyntheticCorpus(CorpusConfig(clips_an_actor=speech2vid.CLIPS_EACH), cache=None)
    seen = {corpus.plan(index).actor for index in range(most * speech2vid.CLIPS_EACH)}
    judged = SyntheticCorpus(CorpusConfig(clips_an_actor=CLIPS_EACH, seed=CORPUS_SEED), cache=None)
    people = max(budget.people for budget in face_reader.BUDGETS.values())
    assert seen.isdisjoint(judged.plan(index).actor for index in range(people * CLIPS_EACH))


def test_an_album_holds_every_frame_once_and_numbers_its_people(album: Album):
    assert len(album.pictures) == len(album.landmarks) == len(album.lip_gap) == len(album.person)
    assert set(album.person.tolist()) == {0, 1}
    assert 0 < album.landmarks.mean() < 1


def test_landmarks_move_with_their_pictures(album: Album):
    """Disturbing a picture and its landmarks is laying one over the other: the maps are inverses of each other."""
    faces = album.draw(8, torch.Generator().manual_seed(0))
    again = disturbed(faces, torch.Generator().manual_seed(1))
    matrix = wobble(8, 32, torch.Generator().manual_seed(1))
    wanted = torch.einsum("bij,bpj->bpi", matrix[:, :, :2], faces.landmarks * 32) + matrix[:, None, :, 2]
    assert torch.allclose(again.landmarks * 32, wanted, atol=1e-4)
    assert torch.equal(again.lip_gap, faces.lip_gap)
    assert not torch.equal(again.pictures, faces.pictures)


def test_wobbling_is_small_and_keeps_the_middle_near():
    matrix = wobble(200, 64, torch.Generator().manual_seed(0))
    middle = torch.tensor([32.0, 32.0])
    moved = torch.einsum("bij,j->bi", matrix[:, :, :2], middle) + matrix[:, :, 2]
    assert (moved - middle).abs().max() <= face_reader.SHIFT * 64 + 1e-3
    scale = torch.linalg.det(matrix[:, :, :2]).sqrt()
    assert 1 - face_reader.ZOOM - 1e-3 <= scale.min() < scale.max() <= 1 + face_reader.ZOOM + 1e-3


def test_some_pictures_are_blurred_and_some_are_left_alone():
    sharp = torch.rand(64, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    soft = soften(sharp, torch.Generator().manual_seed(1))
    untouched = (soft == sharp).flatten(1).all(1)
    assert 0.3 < untouched.float().mean() < 0.7
    assert soft.std() < sharp.std()


def test_the_losses_fall_on_one_batch(album: Album):
    torch.manual_seed(0)
    reader = FaceReader(FaceReaderConfig(size=32, channels=8, features=64, people=2))
    faces = album.draw(16, torch.Generator().manual_seed(0))
    optimizer = torch.optim.Adam(reader.parameters(), 3e-3)
    totals = []
    for _ in range(30):
        total = sum(losses(reader, faces).values())
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        totals.append(total.item())
    assert totals[-1] < totals[0] / 2
