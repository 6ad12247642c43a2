"""Clips are the same again, hold every truth, and their pictures show it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from thlab.corpus.filming import avatar_of, make_clips
from thlab.corpus.plan import CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.face.action_units import EXPRESSION_INDEX, expression
from thlab.face.head.renderer import Renderer
from thlab.face.head.truth import Region
from thlab.face.visemes import VISEME_INDEX
from thlab.media import Clip
from thlab.timebase import frames_to_samples

ALONE = CorpusConfig(size=32, clips_an_actor=1, supersample=1, shadows=False, emotions=("neutral",))

TRACKS = {"landmarks", "visible", "expression", "pose", "gaze", "blink", "viseme", "masks"}


@pytest.fixture(scope="module")
def clips(tiny: SyntheticCorpus) -> list[Clip]:
    return tiny.clips(range(3))


def assert_same(a: Clip, b: Clip) -> None:
    assert a.frames is not None
    assert b.frames is not None
    assert (a.frames.int() - b.frames.int()).abs().max() <= 2
    torch.testing.assert_close(a.audio, b.audio)
    assert a.transcript == b.transcript
    assert a.truth is not None
    assert b.truth is not None
    for name, track in a.truth.tracks().items():
        torch.testing.assert_close(track, b.truth.tracks()[name])


def test_a_clip_made_alone_is_the_clip_made_among_others(tiny: SyntheticCorpus, clips: list[Clip]):
    ((_, again),) = make_clips(tiny.config, [1])
    assert_same(again, clips[1])


def test_pictures_sound_and_truth_last_equally_long(clips: list[Clip]):
    for clip in clips:
        assert clip.frames is not None
        assert clip.audio is not None
        assert len(clip.audio) == frames_to_samples(len(clip.frames))
        assert clip.truth is not None
        assert {"landmarks", "visible", "expression", "pose", "gaze", "blink", "viseme", "masks"} == set(
            clip.truth.tracks()
        )


def test_phones_lie_within_the_clip_where_the_sound_is(clips: list[Clip]):
    for clip in clips:
        assert clip.transcript is not None
        assert clip.audio is not None
        first, last = clip.transcript.phones[0].start, clip.transcript.phones[-1].end
        assert 0.15 < first < last < clip.duration
        speech = clip.audio[int(16000 * first) : int(16000 * last)]
        assert clip.audio[: int(16000 * first) - 800].abs().max() < 0.01 < speech.abs().mean()


def test_the_mouth_in_the_picture_opens_when_its_truth_does(clips: list[Clip]):
    gaps, jaws = [], []
    for clip in clips:
        truth = clip.truth
        assert truth is not None
        assert truth.landmarks is not None
        assert truth.expression is not None
        gap = (truth.landmarks[:, 66, 1] - truth.landmarks[:, 62, 1]).numpy()
        gaps.append(gap)
        jaws.append(truth.expression[:, EXPRESSION_INDEX["jaw_open"]].numpy())
    assert np.corrcoef(np.concatenate(gaps), np.concatenate(jaws))[0, 1] > 0.85


def test_lips_are_together_in_some_frame_of_every_bilabial(clips: list[Clip]):
    for clip in clips:
        truth = clip.truth
        assert truth is not None
        assert truth.landmarks is not None
        assert truth.viseme is not None
        gap = truth.landmarks[:, 66, 1] - truth.landmarks[:, 62, 1]
        wide = gap.max()
        runs = np.flatnonzero(np.diff(np.r_[0, truth.viseme.numpy() == VISEME_INDEX["PP"], 0])).reshape(-1, 2)
        assert len(runs)
        for start, stop in runs:
            assert gap[max(start - 1, 0) : stop + 1].min() < 0.12 * wide


def test_masks_show_a_face_with_eyes_and_lips(clips: list[Clip]):
    for clip in clips:
        assert clip.truth is not None
        assert clip.truth.masks is not None
        share = torch.bincount(clip.truth.masks.flatten().long(), minlength=len(Region)) / clip.truth.masks.numel()
        assert share[Region.SKIN] > 0.1
        assert 0.002 < share[Region.LIPS] < 0.1
        assert 0.002 < share[Region.EYES] < 0.1


def test_landmarks_lie_on_the_face(clips: list[Clip]):
    for clip in clips:
        truth = clip.truth
        assert truth is not None
        assert truth.landmarks is not None
        assert truth.visible is not None
        inside = ((truth.landmarks > 0) & (truth.landmarks < 32)).all(-1)
        assert inside[:, 36:].float().mean() > 0.97
        assert truth.visible[:, 36:48].float().mean() > 0.7


def test_a_scene_keeps_its_time_in_the_first_emotion_and_is_warped_in_the_second(clips: list[Clip]):
    starts = []
    for clip in clips:
        assert clip.transcript is not None
        starts.append(np.array([phone.start for phone in clip.transcript.phones]))
    assert [len(item) for item in starts] == [len(starts[0])] * 3
    assert np.abs(starts[1] - starts[0]).max() < 0.12


def test_shoulders_do_not_turn_with_the_head():
    avatar, draw = avatar_of(0), Renderer(64, supersample=1, shadows=False)
    rest, still = expression(), np.zeros(2, np.float32)
    turned = [np.array([yaw, 0, 0, 0, 0, 0], np.float32) for yaw in (-0.25, 0.25)]
    left, right = (draw.truth(avatar, rest, pose, still).regions for pose in turned)
    columns = np.arange(64)

    def middle(regions: np.ndarray, region: int) -> float:
        return float(((regions == region) * columns).sum() / (regions == region).sum())

    assert abs(middle(left, Region.LIPS) - middle(right, Region.LIPS)) > 4
    assert abs(middle(left, Region.CLOTH) - middle(right, Region.CLOTH)) < 0.8


def test_light_and_background_are_others_in_each_clip_of_one_person(clips: list[Clip]):
    corners = torch.stack([clip.frames[0, :3, :3].float().mean((0, 1)) for clip in clips if clip.frames is not None])
    assert torch.cdist(corners, corners).sum() > 30
    identities = [clip.truth.identity for clip in clips if clip.truth is not None]
    assert all(torch.equal(identities[0], other) for other in identities if other is not None)


def test_depth_normals_and_texture_coordinates_come_when_asked_for():
    ((_, clip),) = make_clips(replace(ALONE, size=16, maps=True, masks=False), [0])
    assert clip.truth is not None
    assert {"depth", "normals", "uv"} < set(clip.truth.tracks())
    assert clip.truth.masks is None
    assert torch.isinf(clip.truth.depth).any()
