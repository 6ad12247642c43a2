from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from thlab.corpus.plan import CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.corpus.windows import WindowConfig, Windows
from thlab.experiments.checkpoints import CheckpointCard, save_checkpoint
from thlab.experiments.claims import run_claim
from thlab.experiments.claims import wav2lip as claim
from thlab.experiments.lip_scores import LipScores, lip_score, mouth_boxes
from thlab.experiments.own_clips import OwnClips
from thlab.experiments.recipes import wav2lip as recipes
from thlab.experiments.recipes.wav2lip_tutors import Apprentice, Tutors, expert_loss
from thlab.experiments.sync_scores import coach, judge
from thlab.experiments.train import TrainConfig, Training, fit
from thlab.experiments.training import network_of
from thlab.face.points import MOUTH
from thlab.media import Batch, Clip
from thlab.nn.experts.syncnet import SyncNet
from thlab.render.halves import lower
from thlab.systems.wav2lip import Painted, Wav2Lip, Wav2LipConfig

SMALL = Wav2LipConfig(size=32, channels=8, sound=16)
EVERYBODY = Tutors(expert=0.1, sync_critic=0.03, picture_critic=0.03)
RNG = torch.Generator()


@pytest.fixture(scope="module")
def batch(clips: list[Clip]) -> Batch:
    return Windows(clips, WindowConfig(frames=9)).sample(2, rng=torch.Generator().manual_seed(0))


def expert() -> SyncNet:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return SyncNet().eval().requires_grad_(False)


def apprentice(tutors: Tutors = EVERYBODY, *, steps: int = 8) -> Apprentice:
    torch.manual_seed(0)
    return Apprentice(Wav2Lip(SMALL), tutors, steps=steps, expert=expert())


def filmed(batch: Batch) -> Painted:
    """As if the real frames had been painted."""
    inner = slice(2, -2)
    assert batch.landmarks is not None
    return Painted(lower(batch.frames[:, inner]), batch.frames[:, inner], batch.landmarks[:, inner], batch.mel)


# -- tutors -----------------------------------------------------------------------------------------------------------


def test_tutors_are_heard_after_a_quarter_of_the_training(batch: Batch):
    learner = apprentice()
    told = [set(learner.losses(batch, player="generator", rng=RNG)) for _ in range(4)]
    assert told[0] == told[1] == {"L1"}
    assert told[2] == told[3] == {"L1", "expert", "sync critic", "picture critic"}


def test_without_tutors_an_apprentice_learns_what_the_system_says(batch: Batch):
    learner = apprentice(Tutors())
    assert learner.players == ("generator",)
    alone = learner.system.losses(batch, player="generator", rng=RNG)["L1"]
    assert torch.equal(learner.losses(batch, player="generator", rng=RNG)["L1"], alone)


def test_each_player_changes_its_own_weights_and_nobody_changes_the_expert(batch: Batch):
    net = expert()
    torch.manual_seed(0)
    learner = Apprentice(Wav2Lip(SMALL), EVERYBODY, steps=0, expert=net)
    generator, critic = (set(map(id, learner.parameters_of(player))) for player in learner.players)
    assert generator
    assert critic
    assert not generator & critic
    assert not {id(weights) for weights in net.parameters()} & {id(weights) for weights in learner.parameters()}
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    training = Training(learner, TrainConfig(4), seed=0)
    for _ in range(2):
        training.advance(lambda rng: batch)
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())


def test_the_critics_step_leaves_the_generator_alone(batch: Batch):
    learner = apprentice(steps=0)
    learner.losses(batch, player="generator", rng=RNG)
    torch.stack(list(learner.losses(batch, player="critic", rng=RNG).values())).sum().backward()
    assert all(weights.grad is None for weights in learner.system.parameters())
    assert all(weights.grad is not None for weights in learner.critics.parameters())


@pytest.mark.parametrize("tutor", ["expert", "sync_critic", "picture_critic"])
def test_each_tutor_alone_reaches_the_decoder(batch: Batch, tutor: str):
    learner = apprentice(Tutors(**{tutor: 1.0}), steps=0)
    parts = learner.losses(batch, player="generator", rng=RNG)
    (told,) = [value for name, value in parts.items() if name != "L1"]
    told.backward()
    assert learner.system.decoder.head.weight.grad.abs().sum() > 0


def test_an_expert_that_is_to_teach_must_be_there():
    with pytest.raises(ValueError, match="none was given"):
        Apprentice(Wav2Lip(SMALL), Tutors(expert=0.1), steps=1)


def test_the_expert_prefers_real_mouths_with_their_own_sound():
    """Not with random weights, but as it is kept; on people of the test split."""
    clips = SyntheticCorpus(CorpusConfig(split="test", emotions=("neutral",)), cache=None).clips([0, 6])
    own = filmed(Windows(clips, WindowConfig(frames=9)).sample(12, rng=torch.Generator().manual_seed(0)))
    late = Painted(own.halves, own.real, own.landmarks, own.mel.roll(1, 0))
    assert expert_loss(coach(), own) < 0.7 * expert_loss(coach(), late)


def test_who_teaches_never_judges():
    assert coach().config != judge().config


def test_a_killed_training_goes_on_to_the_same_weights(batch: Batch, tmp_path: Path):
    """The step from which on tutors are heard is part of the state."""
    whole = apprentice(steps=4)
    fit(whole, lambda rng: batch, TrainConfig(4), seed=0, quiet=True)
    training = Training(apprentice(steps=4), TrainConfig(4), seed=0)
    for _ in range(2):
        training.advance(lambda rng: batch)
    training.save(tmp_path / "state")
    resumed = apprentice(steps=4)
    fit(resumed, lambda rng: batch, TrainConfig(4), seed=0, state=tmp_path / "state", quiet=True)
    assert int(resumed.step) == 4
    for name, tensor in whole.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], tensor), name


# -- scores -----------------------------------------------------------------------------------------------------------


def test_a_real_clip_beside_itself_is_perfect_and_a_still_does_not_follow(clips: list[Clip]):
    clip = clips[0]
    same = lip_score(clip.frames, clip)
    assert (same.psnr, same.ssim, same.detail) == (99.0, pytest.approx(1), pytest.approx(1))
    still = lip_score(clip.frames[:1].expand_as(clip.frames).contiguous(), clip)
    assert abs(still.lip_r) < 0.5
    assert still.lip_spread < 0.2 < same.lip_spread
    assert still.psnr < same.psnr


def test_boxes_lie_around_mouths():
    points = torch.zeros(2, 68, 2)
    points[:, MOUTH] = torch.tensor([[20.0, 40.0], [32.0, 48.0]])[:, None]
    boxes = mouth_boxes(points, (64, 64))
    assert boxes[0, 40, 20]
    assert boxes[1, 48, 32]
    assert not boxes[0, 20, 20]
    assert boxes.sum((1, 2)).tolist() == pytest.approx([18 * 27] * 2, rel=0.1)


def test_what_cannot_be_scored_is_said(clips: list[Clip]):
    with pytest.raises(ValueError, match="pictures and landmarks"):
        lip_score(clips[0].frames, Clip(audio=clips[0].audio))
    with pytest.raises(ValueError, match="what is said"):
        lip_score(clips[0].frames, clips[0], said=Clip(audio=clips[0].audio))


def test_the_task_is_the_second_half_with_a_picture_from_the_first(clips: list[Clip]):
    clip = clips[0]
    task, half = recipes.task_of(clip), len(clip) // 2
    assert torch.equal(task.other.frames[0], clip.frames[half - 1])
    assert torch.equal(task.real.frames, clip.frames[half:])
    short = recipes.task_of(clip, clips[1][:7])
    assert len(short.real) == 7
    assert torch.equal(short.audio, clips[1][:7].audio)


# -- own clips --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_it_goes_on_from_a_checkpoint_with_own_clips_and_tells_before_and_after(clips: list[Clip], tmp_path: Path):
    own = OwnClips("me", [clips[0][:40]], [clips[0][40:70]], "abc")
    torch.manual_seed(0)
    system = Wav2Lip(SMALL)
    card = CheckpointCard("wav2lip", "", asdict(SMALL), 0, "smoke", 0.0)
    start = save_checkpoint(system.state_dict(), card, folder=tmp_path)
    recipe = recipes.recipe("smoke", 0, quiet=True, own=own, start=start, tutors=Tutors(expert=0.1))
    trained = fit(recipe.learner, recipe.draw, recipe.config, seed=0, quiet=True)
    told = recipe.figures(network_of(recipe, trained))
    assert {"lip_r", "lip_r, before", "lip_r, other sound", "lse_d", "psnr, before"} <= told.keys()
    assert told["psnr"] != told["psnr, before"]
    assert "begun from wav2lip.safetensors" in recipe.corpus


# -- the claim --------------------------------------------------------------------------------------------------------


def rows(**better: float) -> list[list[LipScores]]:
    """Three seeds of twelve clips, a little noisy, with some scores set."""
    rng = np.random.default_rng(3)
    plain = dict.fromkeys((field.name for field in fields(LipScores)), 0.5) | {"lse_d": 1.0, "psnr": 20.0}
    return [
        [LipScores(**{n: v + 0.01 * float(rng.standard_normal()) for n, v in (plain | better).items()})
         for _ in range(12)]
        for _ in range(3)
    ]  # fmt: skip


def test_the_statements_hold_where_they_are_true_and_fail_where_they_are_not():
    good = {"lse_d": 0.8, "lse_c": 0.8, "lip_r": 0.8, "lip_spread": 0.8, "psnr": 19.0}
    true = {"real": rows(lse_d=0.9), "l1": rows(lip_r=0.4), "co-trained": rows(lse_d=0.9), "expert": rows(**good),
            "expert+gan": rows(**good | {"detail": 0.8}), "dubbed": rows(lip_r=0.7),
            "shuffled": rows(lip_r=0.0)}  # fmt: skip
    assert all(finding.holds for finding in claim.findings(true))
    worse = {"lse_d": 1.2, "lse_c": 0.2, "lip_r": 0.3, "lip_spread": 0.2, "psnr": 21.0}
    false = true | {"expert": rows(**worse), "expert+gan": rows(lse_d=1.4, detail=0.2), "dubbed": rows(lip_r=0.1)}
    false |= {"shuffled": rows(lip_r=0.6), "co-trained": rows(lse_d=1.1)}
    assert not any(finding.holds for finding in claim.findings(false))


@pytest.mark.slow
def test_the_claim_runs_from_nothing_and_keeps_a_picture_of_its_arms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("THLAB_CACHE", str(tmp_path / "cache"))
    result = run_claim("wav2lip", budget="smoke", seeds=2, quiet=True)
    assert set(result.arms) == {"real", "copy", *claim.ARMS, "dubbed", "shuffled"}
    assert all(f.low <= f.mean <= f.high for f in result.findings)
    assert result.arms["real"]["in_step"] >= 0
    result.save(tmp_path / "claims")
    shown = np.asarray(Image.open(tmp_path / "claims" / "wav2lip.jpg"))
    assert shown.shape == (32 * (2 + len(claim.ARMS)), 32 * claim.MOMENTS, 3)
    assert "pictures" not in json.loads((tmp_path / "claims" / "wav2lip.json").read_text())
