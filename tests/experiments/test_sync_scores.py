"""From clips to scores: the kept networks, the box around a mouth, the sign of an offset, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from thlab.audio.features import log_mel
from thlab.corpus.plan import CorpusConfig, plan
from thlab.corpus.samples import read_sample, sample_names
from thlab.experiments.checkpoints import ROOT, load_checkpoint
from thlab.experiments.recipes import face_reader, speech2vid, sync_coach, sync_judge
from thlab.experiments.sync_recovery import recorded, recover, right
from thlab.experiments.sync_scores import clip_sync, coach, judge, mouths_for_sync, steadied, sync_score
from thlab.face.steady import EYES, mouth_maps, steady_mouths
from thlab.media import Clip
from thlab.metrics.sync import offset_of, shift_distances
from thlab.timebase import frames_to_samples

FOLDER = ROOT / "data_samples"


@pytest.fixture(scope="module")
def clip() -> Clip:
    return read_sample(FOLDER, sample_names()[0])


def landmarks_of(clip: Clip) -> torch.Tensor:
    assert clip.truth is not None
    assert clip.truth.landmarks is not None
    return clip.truth.landmarks.float()


def late(clip: Clip, frames: int) -> Clip:
    """The middle 50 frames with the sound of ``frames`` earlier: so much later it comes."""
    start = (len(clip) - 50) // 2
    sound = clip.audio[frames_to_samples(start - frames) : frames_to_samples(start - frames + 50)]
    return replace(clip[start : start + 50], audio=sound)


@pytest.mark.parametrize("frames", [-9, 0, 6])
def test_the_judge_hears_by_how_much_a_clip_was_put_out_of_step(clip, frames):
    assert abs(int(clip_sync(late(clip, frames)).offset) - frames) <= 1


def test_cutting_vectors_out_of_a_whole_clip_equals_scoring_the_cut_clip(clip):
    recovery = recover([recorded(judge(), clip)], (-12, 0, 12))
    assert right(recovery).all()
    whole = recovery.curves[0, 1]
    assert torch.allclose(whole, clip_sync(late(clip, 0)).curve, atol=0.06)


def test_silence_and_a_still_mouth_have_a_score_with_little_confidence(clip):
    spoken = clip_sync(clip)
    silent = sync_score(clip.frames, landmarks_of(clip), torch.zeros_like(clip.audio))
    points = landmarks_of(clip)
    still = sync_score(clip.frames[:1].repeat(len(clip), 1, 1, 1), points[:1].repeat(len(clip), 1, 1), clip.audio)
    flat = sync_score(torch.full_like(clip.frames, 90), points, clip.audio)
    for found in (silent, still, flat):
        assert torch.isfinite(found.confidence)
        assert found.confidence < 0.5 * spoken.confidence
        assert found.distance > spoken.distance


def test_louder_sound_and_darker_pictures_leave_the_offset_alone(clip):
    cut = late(clip, 4)
    dark = (0.6 * cut.frames.float()).to(torch.uint8)
    assert abs(int(sync_score(dark, landmarks_of(cut), 3 * cut.audio).offset) - 4) <= 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f, p, a: (f[:1], p[:1], a[:640]), "windows of 5 frames, but the clip has 1"),
        (lambda f, p, a: (f[:0], p[:0], a[:0]), "expected landmarks of each frame, got 0 for 0"),
        (lambda f, p, a: (f, p[1:], a), "expected landmarks of each frame"),
        (lambda f, p, a: (f, p, a[:-700]), "cut the longer"),
        (lambda f, p, a: (f, p * torch.nan, a), "landmarks are no numbers"),
        (lambda f, p, a: (f, p, a * torch.nan), "NaN|no number|finite"),
    ],
)
def test_clips_that_cannot_be_scored_are_refused_in_one_line(clip, change, message):
    audio = torch.nn.functional.pad(clip.audio, (0, frames_to_samples(len(clip)) - len(clip.audio)))
    frames, points, sound = change(clip.frames, landmarks_of(clip), audio)
    with pytest.raises(ValueError, match=message) as refused:
        sync_score(frames, points, sound)
    assert "\n" not in str(refused.value)


def test_a_clip_without_landmarks_is_refused(clip):
    with pytest.raises(ValueError, match="thlab prepare finds them"):
        clip_sync(replace(clip, truth=None))


# -- the box ----------------------------------------------------------------------------------------------------------


def test_mouths_of_larger_pictures_are_the_same_mouths(clip):
    points = landmarks_of(clip)
    small = mouths_for_sync(clip.frames[:8], points[:8])
    large = clip.frames[:8].repeat_interleave(3, 1).repeat_interleave(3, 2)
    assert small.shape == (8, 3, 28, 40)
    assert (mouths_for_sync(large, 3 * points[:8]) - small).abs().mean() < 0.02


def test_the_box_follows_eyes_and_nose_and_not_the_lips(clip):
    points = steadied(landmarks_of(clip))[None, :84]
    moved = points.clone()
    moved[:, ::2, 48:68, 1] += 2
    moved[:, 1::2, 48:68, 1] -= 2
    assert torch.allclose(mouth_maps(points), mouth_maps(moved), atol=1e-3)
    eyes = torch.einsum("bfij,bfpj->bfpi", mouth_maps(points)[..., :2], points[:, :, [36, 45]])
    assert (eyes[:, :, 1] - eyes[:, :, 0]).norm(dim=-1).mean().item() == pytest.approx(EYES, rel=0.05)


def test_gradients_flow_through_the_box_to_the_pictures(clip):
    pictures = torch.rand(2, 5, 3, 64, 64, requires_grad=True)
    points = landmarks_of(clip)[:10].unflatten(0, (2, 5)) * 64 / clip.frames.shape[1]
    steady_mouths(pictures, points).mean().backward()
    assert (pictures.grad.flatten(2).abs().sum(2) > 0).all()


# -- coach and judge --------------------------------------------------------------------------------------------------


def test_coach_and_judge_differ_in_weights_seeds_sizes_and_people():
    cards = {name: load_checkpoint(name)[1] for name in ("sync_coach", "sync_judge")}
    assert cards["sync_coach"].seed != cards["sync_judge"].seed
    assert cards["sync_coach"].corpus != cards["sync_judge"].corpus
    first, second = (next(net.parameters()) for net in (coach(), judge()))
    assert first.shape != second.shape
    most = max(budget.people for budget in sync_coach.BUDGETS.values()) * speech2vid.CLIPS_EACH
    taught = CorpusConfig(emotions=("neutral",), clips_an_actor=speech2vid.CLIPS_EACH)
    people = {plan(taught, index).actor for index in range(most)}
    judged = CorpusConfig(clips_an_actor=face_reader.CLIPS_EACH, seed=face_reader.CORPUS_SEED)
    met = range(max(budget.people for budget in sync_judge.BUDGETS.values()) * face_reader.CLIPS_EACH)
    assert people.isdisjoint(plan(judged, index).actor for index in met)


def test_the_kept_networks_found_at_least_97_percent_of_the_shifts_and_take_no_gradient():
    for name, net in (("sync_coach", coach()), ("sync_judge", judge())):
        told = json.loads((FOLDER / "checkpoints" / f"{name}.json").read_text())["metrics"]
        assert told["shift found, clips of 2 s"] >= 0.97
        assert told["shift found, shuffled sound"] < 0.2
        assert not any(parameter.requires_grad for parameter in net.parameters())
        assert (FOLDER / "checkpoints" / f"{name}.safetensors").stat().st_size < 3e6


def test_the_coach_tells_painted_pictures_that_are_in_step_from_those_that_are_not(clip):
    seen = coach().see(mouths_for_sync(clip.frames, landmarks_of(clip))[None])
    heard = coach().hear(log_mel(torch.nn.functional.pad(clip.audio, (0, len(clip) * 640 - len(clip.audio))))[None])
    assert abs(int(offset_of(shift_distances(seen, heard))[0])) <= 1
