"""A clip is one stretch of time: whatever is cut, all its tracks are cut alike."""

from __future__ import annotations

import pytest
import torch

from thlab.media import Batch, Clip, Truth
from thlab.timebase import SAMPLES_PER_FRAME, Interval, Transcript


def numbered(count: int) -> Clip:
    """Every frame, every sample and every row of truth holds the number of its frame."""
    number = torch.arange(count)
    return Clip(
        frames=number.to(torch.uint8)[:, None, None, None].expand(count, 4, 6, 3),
        audio=number.float().repeat_interleave(SAMPLES_PER_FRAME),
        transcript=Transcript("one, two", (Interval(0.0, 0.2, "one"), Interval(0.2, 0.4, "two"))),
        truth=Truth(
            blink=number.float(), pose=number.float()[:, None].expand(count, 6), identity=torch.ones(4), emotion="joy"
        ),
    )


def test_a_part_has_the_same_frames_in_every_track():
    part = numbered(10)[3:7]
    assert len(part) == 4
    assert part.duration == pytest.approx(0.16)
    assert part.frames[:, 0, 0, 0].tolist() == [3, 4, 5, 6]
    assert part.audio.reshape(4, -1).unique(dim=1).squeeze().tolist() == [3, 4, 5, 6]
    assert part.truth.blink.tolist() == part.truth.pose[:, 5].tolist() == [3, 4, 5, 6]
    assert (part.truth.emotion, len(part.truth.identity)) == ("joy", 4)


def test_the_words_of_a_part_are_timed_from_its_beginning_and_cut_to_it():
    words = numbered(10)[4:8].transcript.words
    assert [word.label for word in words] == ["one", "two"]
    assert [(word.start, word.end) for word in words] == [pytest.approx((0, 0.04)), pytest.approx((0.04, 0.16))]
    assert numbered(10)[6:8].transcript.text == "two"


def test_the_parts_of_a_clip_make_the_clip():
    clip = numbered(10)
    head, tail = clip[:4], clip[4:]
    assert torch.equal(torch.cat([head.frames, tail.frames]), clip.frames)
    assert torch.equal(torch.cat([head.audio, tail.audio]), clip.audio)
    assert clip[:].transcript is clip.transcript


def test_counting_from_the_end_and_empty_parts():
    assert len(numbered(10)[-3:]) == 3
    assert len(numbered(10)[7:2]) == len(numbered(10)[7:2].audio) == 0


def test_text_without_times_is_not_given_to_a_part():
    clip = Clip(audio=torch.zeros(6400), transcript=Transcript("all of it"))
    assert clip[2:5].transcript is None
    assert clip[0:10].transcript == clip.transcript


def test_words_of_languages_without_spaces_are_joined_without():
    words = (Interval(0.0, 0.1, "你"), Interval(0.1, 0.2, "好"), Interval(0.2, 0.4, "吗"))
    clip = Clip(audio=torch.zeros(6400), transcript=Transcript("你好吗", words, language="zh-CN"))
    assert clip[0:5].transcript.text == "你好"


@pytest.mark.parametrize("samples", [SAMPLES_PER_FRAME * 9, SAMPLES_PER_FRAME * 10 + 17, SAMPLES_PER_FRAME * 11])
def test_sound_may_differ_by_one_frame(samples: int):
    assert len(Clip(frames=torch.zeros(10, 2, 2, 3, dtype=torch.uint8), audio=torch.zeros(samples))) == 10


@pytest.mark.parametrize("samples", [0, SAMPLES_PER_FRAME * 9 - 1, SAMPLES_PER_FRAME * 11 + 1])
def test_sound_of_another_length_is_refused(samples: int):
    with pytest.raises(ValueError, match=r"cut or pad"):
        Clip(frames=torch.zeros(10, 2, 2, 3, dtype=torch.uint8), audio=torch.zeros(samples))


@pytest.mark.parametrize(
    "tracks",
    [
        {"frames": torch.zeros(3, 4, 4, 3)},
        {"frames": torch.zeros(3, 3, 4, 4, dtype=torch.uint8)},
        {"audio": torch.zeros(640, dtype=torch.float64)},
        {"audio": torch.zeros(2, 640)},
    ],
)
@pytest.mark.usefixtures("as_in_a_notebook")
def test_other_types_and_shapes_are_refused_by_name(tracks: dict[str, torch.Tensor]):
    with pytest.raises(ValueError, match=f"{next(iter(tracks))} (must|is)"):
        Clip(**tracks)


@pytest.mark.usefixtures("as_in_a_notebook")
def test_truth_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"\[3, 4\]"):
        Clip(frames=torch.zeros(3, 2, 2, 3, dtype=torch.uint8), truth=Truth(blink=torch.zeros(4)))
    with pytest.raises(ValueError, match="'blink': 4"):
        Truth(blink=torch.zeros(4), gaze=torch.zeros(3, 2))


def test_steps_are_refused():
    with pytest.raises(ValueError, match="steps of 1"):
        numbered(10)[::2]


def test_the_length_of_sound_alone_is_that_of_the_frames_that_cover_it():
    clip = Clip(audio=torch.zeros(1000))
    assert len(clip) == 2
    assert clip.duration == 1000 / 16_000
    assert len(Clip()) == 0


def test_a_part_keeps_the_sound_that_outlasts_the_last_frame():
    clip = Clip(frames=torch.zeros(2, 2, 2, 3, dtype=torch.uint8), audio=torch.zeros(1300))
    assert len(clip[1:].audio) == 660


def test_the_name_of_a_clip_is_short_and_says_what_is_there():
    assert (
        repr(numbered(10))
        == "Clip(10 frames of 4×6; 0.40 s of sound; 'one, two'; truth: identity, pose, blink, emotion)"
    )


def test_a_batch_moves_whole():
    batch = Batch(torch.rand(2, 5, 3, 8, 8), torch.rand(2, 1, 3, 8, 8), torch.rand(2, 20, 80), pose=torch.rand(2, 5, 6))
    moved = batch.to("meta")
    assert len(moved) == 2
    assert {name: tensor.device.type for name, tensor in moved.tensors().items()} == dict.fromkeys(
        ("frames", "reference", "mel", "pose"), "meta"
    )
