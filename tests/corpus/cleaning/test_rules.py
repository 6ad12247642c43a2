from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thlab.corpus.cleaning import defects
from thlab.corpus.cleaning.geometry import FaceTrack, inter_ocular
from thlab.corpus.cleaning.inspection import Inspection, inspect_clip
from thlab.corpus.cleaning.people import People
from thlab.corpus.cleaning.rules import HEARD, RULES, judge
from thlab.corpus.cleaning.sync import MOST, Sync
from thlab.corpus.samples import read_sample
from thlab.media import Clip

SAMPLES = Path(__file__).parents[3] / "data_samples"


def face(frames: int, eyes: float = 60.0) -> FaceTrack:
    points = np.random.default_rng(0).uniform(0, 1, (68, 2))
    points *= eyes / inter_ocular(points[None])[0]
    return FaceTrack(np.tile(points, (frames, 1, 1)), np.ones(frames, bool))


def people(frames: int, eyes: float = 60.0, counts: int = 1) -> People:
    return People((face(frames, eyes),), np.full(frames, counts))


def sync(score: float = 5.0, offset_ms: float = 0.0, confidence: float = 4.0) -> Sync:
    curve = np.zeros(2 * MOST + 1)
    curve[MOST] = 0.1 * score
    return Sync(offset_ms, 0.1 * score, confidence, 0.1, curve)


def right(frames: int = 100) -> Inspection:
    return Inspection(frames, people(frames), np.zeros(frames), 0.5, 0.0, 180.0, (sync(),), True)


def jumping(frames: int = 100) -> People:
    track = face(frames)
    track.landmarks[50:] += 60.0
    return People((track,), np.ones(frames, int))


CUT_AT_50 = np.eye(100)[50]
DEFECTS = {
    "faceless": replace(right(), people=People((), np.zeros(100, int)), syncs=()),
    "alone": replace(right(), people=people(100, counts=2)),
    "cuts": replace(right(), cuts=CUT_AT_50),
    "jump": replace(right(), people=jumping()),
    "size": replace(right(), people=people(100, eyes=15.0)),
    "blur": replace(right(), blur=4.0),
    "bright": replace(right(), bright=0.5),
    "whites": replace(right(), whites=70.0),
    "sound": replace(right(), has_sound=False, syncs=()),
    "voice": replace(right(), syncs=(sync(score=1.0, confidence=0.2),)),
    "offset": replace(right(), syncs=(sync(offset_ms=-160.0),)),
}


def reasons(seen: Inspection) -> list[str]:
    return [finding.rule for finding in judge(seen)]


def test_there_is_a_defect_for_every_rule():
    assert list(DEFECTS) == [rule.name for rule in RULES]


@pytest.mark.parametrize("rule", list(DEFECTS))
def test_a_defect_is_found_by_its_own_rule_and_by_no_other(rule: str):
    assert reasons(DEFECTS[rule]) == [rule]


def test_a_clip_that_is_right_is_kept():
    assert reasons(right()) == []


def test_an_offset_that_is_not_clear_is_not_believed():
    assert reasons(replace(right(), syncs=(sync(offset_ms=300.0, confidence=0.5),))) == []


def test_nothing_is_said_of_a_voice_that_is_heard_for_a_moment():
    stranger = (sync(score=1.0, confidence=0.2),)
    assert reasons(replace(right(HEARD - 1), syncs=stranger)) == []
    assert reasons(replace(right(HEARD), syncs=stranger)) == ["voice"]


def test_a_finding_tells_what_was_measured_and_where_the_threshold_is():
    (finding,) = judge(DEFECTS["offset"])
    assert str(finding) == "sound and lips are apart (offset: 160 ms, threshold 100 ms)"


def planted(defect: str) -> Clip:
    clip = replace(read_sample(SAMPLES, "03-neutral")[:20], audio=None)
    return {
        "nothing": lambda: clip,
        "whites": lambda: defects.exposed(clip, stops=-3.5),
        "bright": lambda: defects.exposed(clip, stops=2.5),
        "size": lambda: defects.smaller(clip, factor=0.35),
        "jump": lambda: defects.jump_cut(clip, at=10, shift=0.2),
        "blur": lambda: defects.blurred(clip, spread=2.5),
    }[defect]()


@pytest.mark.parametrize("defect", ["nothing", "whites", "bright", "blur"])
def test_what_is_planted_in_pictures_is_what_is_found(defect: str):
    assert reasons(inspect_clip(planted(defect))) == [*([] if defect == "nothing" else [defect]), "sound"]


def test_a_jump_of_the_whole_picture_is_a_jump_and_a_cut():
    assert reasons(inspect_clip(planted("jump"))) == ["cuts", "jump", "sound"]


def test_a_face_of_few_pixels_is_too_small_and_has_soft_edges_for_its_size():
    assert reasons(inspect_clip(planted("size"))) == ["size", "blur", "sound"]


@pytest.mark.slow
def test_a_late_voice_and_another_persons_are_told_apart():
    clip = read_sample(SAMPLES, "03-neutral")
    assert reasons(inspect_clip(defects.late_sound(clip, ms=200.0))) == ["offset"]
    assert reasons(inspect_clip(defects.with_sound_of(clip, read_sample(SAMPLES, "06-neutral")))) == ["voice"]
