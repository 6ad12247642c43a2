from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from thlab.audio.phonemes import PHONES
from thlab.experiments import talker_lessons
from thlab.experiments.checkpoints import load_checkpoint
from thlab.experiments.recipes.talker import EarConfig, draw_batch, mistaken, rounding_of
from thlab.experiments.talker_lessons import Lesson, blink_begins, lesson_request, make_lesson, noise, spoiled
from thlab.experiments.training import train
from thlab.face.action_units import expression
from thlab.face.head import lip_gap_of
from thlab.systems.talker import SPOKEN_INDEX, Acting, Talker, TalkerConfig, TalkerNet, distance, lip_basis


@pytest.fixture(scope="module")
def course() -> list[Lesson]:
    return [make_lesson(number) for number in range(2)]


def test_a_lesson_is_the_same_every_time(course: list[Lesson]):
    again = make_lesson(1)
    for name, track in vars(course[1]).items():
        assert np.array_equal(track, getattr(again, name)), name


def test_a_lesson_has_four_hops_to_a_frame(course: list[Lesson]):
    for lesson in course:
        hops = {len(track) for track in (lesson.mel, lesson.decoded, lesson.words, lesson.spoken)}
        assert hops == {4 * len(lesson.blink)}


def test_lessons_come_in_many_voices_and_languages():
    requests = [lesson_request(np.random.default_rng(seed)) for seed in range(60)]
    assert len({request.voice for request in requests}) > 8
    assert len({request.variant for request in requests}) > 30
    assert len({request.text for request in requests}) > 50


def test_spoiling_keeps_the_length_and_changes_the_sound():
    voice = np.sin(2 * np.pi * 200 * np.arange(8000) / 16_000).astype(np.float32)
    changed = [spoiled(voice, np.random.default_rng(seed)) for seed in range(8)]
    assert all(len(sound) == len(voice) and np.isfinite(sound).all() for sound in changed)
    assert max(abs(np.corrcoef(sound, voice)[0, 1]) for sound in changed) > 0.8
    assert min(abs(np.corrcoef(sound, voice)[0, 1]) for sound in changed) < 0.999


def test_noise_has_power_one():
    assert np.mean(noise(np.random.default_rng(0), 16_000) ** 2) == pytest.approx(1, rel=1e-3)


def test_a_blink_begins_once():
    lids = np.array([0, 0.2, 0.9, 1, 0.6, 0.1, 0, 0.5, 0.8, 0.2])
    assert np.flatnonzero(blink_begins(lids)).tolist() == [2, 7]


def test_mistakes_are_as_many_as_asked_for():
    spoken = np.repeat(np.arange(2000) % len(PHONES), 8).astype(np.uint8)
    rng = np.random.default_rng(0)
    assert np.array_equal(mistaken(spoken, 0.0, 0.0, rng), spoken)
    wrong = np.mean(mistaken(spoken, 0.3, 0.0, rng) != spoken)
    assert wrong == pytest.approx(0.3 * (1 - 1 / len(PHONES)), abs=0.04)
    assert 0 < np.mean(mistaken(spoken, 0.0, 1.5, rng) != spoken) < 0.3


def test_a_window_never_tells_more_than_it_should(course: list[Lesson]):
    rng = np.random.default_rng(0)
    deaf = EarConfig(batch=4, deaf_to_mel=1.0, deaf_to_phones=1.0, deaf_to_words=1.0, told=0.0)
    heard = draw_batch(course, deaf, rng).heard
    assert not heard.mel.any()
    assert not heard.phones.any()
    assert not heard.words.any()
    assert not heard.known.any()
    told = draw_batch(course, EarConfig(batch=4, told=1.0), rng).heard
    assert torch.equal(told.phones, told.words)
    assert told.known.all()


def test_the_losses_vanish_for_the_performers_own_face(course: list[Lesson]):
    batch = draw_batch(course, EarConfig(batch=3), np.random.default_rng(0))
    whole = torch.zeros(*batch.expression.shape[:2], 30)
    whole[..., SPOKEN_INDEX] = batch.expression
    acting = Acting(whole, batch.pose, torch.full_like(batch.pose, -7), 100 * (batch.blink - 0.5))
    found = distance(acting, batch, lip_basis())
    assert found["coefficients"] == 0
    assert found["lips"] == 0
    assert found["blink"] == pytest.approx(0, abs=1e-6)


def test_the_losses_fall_on_one_batch(course: list[Lesson]):
    torch.manual_seed(0)
    network = TalkerNet(TalkerConfig(channels=32, dropout=0.0))
    batch, lips = draw_batch(course, EarConfig(batch=4), np.random.default_rng(0)), lip_basis()
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    totals = []
    for _ in range(40):
        total = sum(distance(network(batch.heard), batch, lips).values())
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        totals.append(total.item())
    assert totals[-1] < totals[0] / 2


def test_rounding_and_gap_measure_what_they_say():
    faces = np.stack([expression(), expression(jaw_open=0.8), expression(pucker=0.9)])
    assert rounding_of(faces).argmax() == 2
    assert lip_gap_of(faces).argmax() == 1


def test_a_smoke_training_goes_from_nothing_to_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(talker_lessons, "ProcessPoolExecutor", SameProcess)
    monkeypatch.setenv("THLAB_CACHE", str(tmp_path / "cache"))
    path = train("talker", budget="smoke", seed=0, folder=tmp_path, quiet=True)
    assert path is not None
    weights, card = load_checkpoint("talker", path)
    assert card.command == "thlab train talker --budget smoke --seed 0"
    assert set(weights) == set(Talker().state_dict())
    measures = [f"{what} r, {how} phones" for what in ("lip gap", "rounding") for how in ("recognised", "known")]
    assert sorted(card.metrics) == sorted(measures)


class SameProcess:
    """Stands in for the pool: a test of eight lessons need not start processes."""

    def __init__(self, *arguments: object, **options: object) -> None: ...

    def __enter__(self) -> SameProcess:
        return self

    def __exit__(self, *error: object) -> None: ...

    def map(self, function, items, chunksize: int):
        return map(function, items)
