"""The numbers of a clip say what happened to it: each planted defect moves the number that is named for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from thlab.corpus.plan import CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.experiments.scores import Scores, judge, laid_over, mean_scores, planes, read_faces, score
from thlab.face.head import lip_gap_of
from thlab.media import Clip


@pytest.fixture(scope="module")
def clip() -> Clip:
    config = CorpusConfig(split="test", size=64, emotions=("neutral",), clips_an_actor=1, masks=False, seed=3)
    return SyntheticCorpus(config, cache=None)[0]


@pytest.fixture(scope="module")
def still(clip: Clip) -> torch.Tensor:
    return clip.truth.landmarks[0]


def generated(pictures: torch.Tensor) -> Clip:
    return Clip(frames=(pictures.clamp(0, 1) * 255).round().byte().movedim(1, -1).contiguous())


def scored(pictures: torch.Tensor, clip: Clip, still: torch.Tensor) -> Scores:
    return score(generated(pictures), clip, over=still)


def test_the_real_clip_itself_is_as_good_as_can_be(clip: Clip, still: torch.Tensor):
    best = scored(laid_over(clip, still), clip, still)
    assert best.lip_r > 0.9
    assert 0.8 < best.lip_spread < 1.2
    assert best.psnr > 45
    assert best.lmd < 0.01
    assert best.identity > 0.99
    assert 0.5 < best.detail < 1  # laying over resamples, which takes some detail
    assert best.jitter == pytest.approx(1, abs=0.05)


def test_a_frozen_face_does_not_follow(clip: Clip, still: torch.Tensor):
    frozen = scored(laid_over(clip, still)[:1].expand(len(clip), -1, -1, -1), clip, still)
    assert frozen.lip_r == pytest.approx(0, abs=1e-3)
    assert frozen.lip_spread < 0.01
    assert frozen.jitter < 0.01
    assert frozen.identity > 0.8


def test_a_clip_that_runs_backwards_follows_another_sound(clip: Clip, still: torch.Tensor):
    assert abs(scored(laid_over(clip, still).flip(0), clip, still).lip_r) < 0.5


def test_blur_takes_detail_and_noise_adds_jitter(clip: Clip, still: torch.Tensor):
    real = laid_over(clip, still)
    soft = torch.nn.functional.avg_pool2d(real, 5, stride=1, padding=2)
    assert scored(soft, clip, still).detail < 0.5
    shaken = torch.stack([frame.roll(int(step), -1) for step, frame in zip([0, 2] * len(real), real, strict=False)])
    assert scored(shaken, clip, still).jitter > 2


def test_another_person_is_noticed(clip: Clip, still: torch.Tensor):
    config = CorpusConfig(split="test", size=64, emotions=("neutral",), clips_an_actor=1, masks=False, seed=3)
    other = SyntheticCorpus(config, cache=None)[1]
    length = min(len(clip), len(other))
    swapped = score(generated(planes(other.frames[:length])), clip[:length], over=still)
    assert swapped.identity < 0.6


def test_the_judge_reads_the_gap_between_the_lips(clip: Clip):
    gap = torch.from_numpy(lip_gap_of(clip.truth.expression.numpy()))
    read = read_faces(judge(), planes(clip.frames)).lip_gap
    assert torch.corrcoef(torch.stack([read, gap]))[0, 1] > 0.9


def test_what_is_missing_is_said(clip: Clip, still: torch.Tensor):
    with pytest.raises(ValueError, match="generated pictures"):
        score(Clip(audio=clip.audio), clip, over=still)
    with pytest.raises(ValueError, match="need landmarks"):
        laid_over(Clip(frames=clip.frames), still)


def test_the_mean_is_the_mean():
    rows = [Scores(*(float(i),) * 8) for i in range(3)]
    assert set(mean_scores(rows).values()) == {1.0}
    assert mean_scores([replace(rows[0], psnr=4.0), rows[2]])["psnr"] == 3.0
