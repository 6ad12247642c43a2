from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from thlab.audio.phonemes import PHONE_INDEX, PHONES
from thlab.audio.synthesis import speak
from thlab.face.action_units import EXPRESSION_INDEX
from thlab.systems import talker
from thlab.systems.base import config_from
from thlab.systems.talker import (
    SPOKEN_INDEX,
    Hearing,
    Talker,
    TalkerConfig,
    TalkerNet,
    draw_blinks,
    hear,
    lean_on_words,
    level,
    pad_to_frames,
    phones_to_hops,
)
from thlab.timebase import FPS, Interval, frames_to_hops, video_frames

SMALL = TalkerConfig(channels=16, hop_dilations=(1, 2), frame_dilations=(1, 2))


def random_hearing(frames: int, *, batch: int = 1, seed: int = 0) -> Hearing:
    rng = torch.Generator().manual_seed(seed)
    hops = frames_to_hops(frames)
    ears = (
        torch.nn.functional.one_hot(torch.randint(len(PHONES), (batch, hops), generator=rng), len(PHONES)).float()
        for _ in range(2)
    )
    drafts = torch.rand(batch, frames, 2 * len(SPOKEN_INDEX), generator=rng)
    return Hearing(torch.randn(batch, hops, 80, generator=rng), *ears, drafts, torch.ones(batch))


@pytest.fixture
def small() -> Talker:
    torch.manual_seed(0)
    return Talker(SMALL)


def test_every_parameter_learns():
    network = TalkerNet(SMALL)
    acting = network(random_hearing(10, batch=2))
    sum(track.square().sum() for track in vars(acting).values()).backward()
    assert [name for name, parameter in network.named_parameters() if not parameter.grad.abs().sum() > 0] == []


def test_modes_that_belong_to_blinks_and_emotions_are_left_alone(small: Talker):
    expression = small.answer(random_hearing(10)).expression
    assert set(torch.nonzero(expression.abs().sum((0, 1))).flatten().tolist()) == set(SPOKEN_INDEX)
    assert EXPRESSION_INDEX["blink_L"] not in SPOKEN_INDEX


def test_a_long_recording_heard_in_pieces_gives_what_it_gives_in_one(
    small: Talker, monkeypatch: pytest.MonkeyPatch
):
    heard = random_hearing(190)
    whole = small.answer(heard)
    monkeypatch.setattr(talker, "CHUNK_SECONDS", 2.0)
    for name, track in vars(small.answer(heard)).items():
        torch.testing.assert_close(track, getattr(whole, name), atol=1e-5, rtol=1e-5, msg=name)


def test_levelling_takes_the_volume_and_the_colour_away():
    mel = torch.randn(100, 80, generator=torch.Generator().manual_seed(1))
    coloured = mel + torch.linspace(-3, 3, 80) + 5
    torch.testing.assert_close(level(coloured), level(mel), atol=1e-4, rtol=1e-4)


def test_phones_stand_where_they_are_said():
    hops = phones_to_hops([Interval(0.02, 0.05, "m"), Interval(0.05, 0.08, "AA")], hops=10)
    said = [PHONES[index] for index in hops.argmax(1).tolist()]
    assert said == ["", "", "m", "m", "m", "ɑ", "ɑ", "ɑ", "", ""]
    assert hops[:, PHONE_INDEX["m"]].sum() == 3


@pytest.mark.parametrize("samples", [1, 640, 641, 16_000])
def test_sound_is_padded_to_whole_frames(samples: int):
    padded = pad_to_frames(torch.ones(samples))
    assert len(padded) == 640 * video_frames(samples)
    assert padded.sum() == samples


def test_a_known_transcript_is_believed_by_both_phone_ears():
    speech = speak("Papa may swim.")
    heard = hear(speech.audio, speech.transcript)
    assert torch.equal(heard.phones, heard.words)
    assert heard.known.item() == 1
    assert heard.phones[0, :, PHONE_INDEX["m"]].sum() > 0


def test_silence_is_heard_as_silence():
    heard = hear(torch.zeros(16_000))
    assert heard.phones[0, :, PHONE_INDEX[""]].all()
    assert torch.isfinite(heard.mel).all()


def test_recognised_words_are_leaned_on_and_known_ones_are_left_to_the_network(small: Talker):
    heard = random_hearing(10, batch=2)
    heard = replace(heard, known=torch.tensor([0.0, 1.0]))
    acting = small.answer(heard)
    leaning = lean_on_words(acting, heard).expression
    words = heard.drafts[..., len(SPOKEN_INDEX) :]
    expected = (1 - talker.LEANING) * acting.expression[0][:, SPOKEN_INDEX] + talker.LEANING * words[0]
    torch.testing.assert_close(leaning[0][:, SPOKEN_INDEX], expected)
    torch.testing.assert_close(leaning[1], acting.expression[1])


@pytest.mark.parametrize("seed", [0, 5])
def test_the_same_seed_gives_the_same_performance_and_another_seed_another(small: Talker, seed: int):
    speech = speak("One more time.")
    acts = [small.act(speech.audio, speech.transcript, seed=s) for s in (seed, seed, seed + 1)]
    assert np.array_equal(acts[0].pose, acts[1].pose)
    assert np.array_equal(acts[0].expression, acts[1].expression)
    assert not np.array_equal(acts[0].pose, acts[2].pose)
    assert len(acts[0]) == video_frames(len(speech.audio))


def test_an_emotion_moves_the_face_and_neutral_does_not(small: Talker):
    speech = speak("Well.")
    neutral, none, sad = (
        small.act(speech.audio, speech.transcript, emotion=emotion, intensity=intensity).expression
        for emotion, intensity in (("neutral", 1.0), ("sad", 0.0), ("sad", 1.0))
    )
    assert np.allclose(neutral, none)
    assert sad[:, EXPRESSION_INDEX["frown"]].mean() > neutral[:, EXPRESSION_INDEX["frown"]].mean() + 0.1


def test_an_unknown_emotion_is_refused_by_name(small: Talker):
    speech = speak("Well.")
    with pytest.raises(ValueError, match="jealous"):
        small.act(speech.audio, speech.transcript, emotion="jealous")


def test_blinks_come_as_often_as_their_chance_says_and_never_twice_at_once():
    chance = np.full(60 * FPS * 20, 0.4 / FPS)
    moments = draw_blinks(chance, np.random.default_rng(0))
    assert np.diff(moments).min() > talker.BLINK_REST
    rate = len(moments) / (len(chance) / FPS)
    assert rate == pytest.approx(1 / (1 / 0.4 + talker.BLINK_REST), rel=0.1)


def test_a_config_survives_its_card():
    config = replace(SMALL, channels=24)
    fields = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(config).items()}
    assert config_from(TalkerConfig, fields) == config
