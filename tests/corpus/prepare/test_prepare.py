"""A video goes in, clips with estimated truth come out; truth that is known says how good the estimates are."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from corpus.prepare.films import SAMPLES, with_frames

from thlab.corpus.prepare import PrepareConfig, Report, prepare
from thlab.corpus.prepare import sound as sounds
from thlab.corpus.samples import read_sample
from thlab.corpus.windows import WindowConfig, Windows
from thlab.face.head import lip_gap_of
from thlab.media import Clip, read_clip, read_note
from thlab.metrics.landmark import lip_gap


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """No recognition of speech, where the offset of the sound does not matter: it takes seconds."""
    monkeypatch.setattr(sounds, "measure_sync", lambda *_: None)


def clips_in(folder: Path) -> list[Clip]:
    return [read_sample(path.parent, path.stem) for path in sorted(folder.glob("*.npz"))]


def r(some: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(np.asarray(some).ravel(), np.asarray(other).ravel())[0, 1])


def test_the_video_becomes_clips_of_the_wanted_size_with_the_end_as_the_test(prepared: tuple[Path, Report]):
    folder, report = prepared
    train, test = clips_in(folder / "train"), clips_in(folder / "test")
    assert [len(clip) for clip in test] == [30]
    assert sum(map(len, train)) + 30 == round(25 * report.seconds)
    assert train[0].frames.shape[1:] == (96, 96, 3)
    assert report.train.keys() == {path.stem for path in (folder / "train").glob("*.mp4")}


def test_pictures_and_sound_of_a_clip_are_those_of_the_video(prepared: tuple[Path, Report], sample: Clip):
    (clip,) = clips_in(prepared[0] / "test")
    ours, theirs = clip.audio[1000:-1000], sample[len(sample) - 30 :].audio[1000 : len(clip.audio) - 1000]
    assert r(ours.numpy(), theirs.numpy()) > 0.95  # coded twice


def test_the_estimates_follow_the_truth(prepared: tuple[Path, Report], sample: Clip):
    """The face of the sample is 75 pixels wide; in larger ones lips are followed more closely."""
    (clip,) = clips_in(prepared[0] / "train")
    known, ours = sample[: len(clip)].truth, clip.truth
    assert r(lip_gap(ours.landmarks), lip_gap(known.landmarks)) > 0.8
    assert r(lip_gap_of(ours.expression.numpy()), lip_gap_of(known.expression.numpy())) > 0.8
    assert r(ours.blink, known.blink) > 0.8
    assert r(ours.pose[:, 0], known.pose[:, 0]) > 0.8
    assert (ours.pose[:, :3] - known.pose[:, :3]).abs().mean() < 0.08


def test_landmarks_lie_where_the_truth_lies_in_the_crop(prepared: tuple[Path, Report], sample: Clip):
    """A similarity, the same for all points, takes the truth of the video to that of the clip."""
    from thlab.face.alignment import moved, registration

    (clip,) = clips_in(prepared[0] / "train")
    known = sample[: len(clip)].truth.landmarks
    laid = moved(known, registration(known, clip.truth.landmarks))
    eyes = (clip.truth.landmarks[:, 36] - clip.truth.landmarks[:, 45]).norm(dim=-1)
    error = (laid - clip.truth.landmarks).norm(dim=-1)[:, 17:].mean(1) / eyes  # without the outline
    assert error.mean() < 0.08


def test_the_face_stands_as_in_the_corpus(prepared: tuple[Path, Report]):
    """Eyes and mouth where faces of the corpus have them, which Speech2Vid was trained on."""
    (clip,) = clips_in(prepared[0] / "train")
    places = clip.truth.landmarks.mean(0) / 96
    assert places[36:48].mean(0).tolist() == pytest.approx([0.5, 0.40], abs=0.06)
    assert places[48:68].mean(0).tolist() == pytest.approx([0.5, 0.73], abs=0.06)


def test_clips_can_be_learned_from(prepared: tuple[Path, Report]):
    windows = Windows(clips_in(prepared[0] / "train"), WindowConfig(frames=5, stills=2))
    batch = windows.sample(3, rng=torch.Generator().manual_seed(0))
    for name in ("landmarks", "visible", "expression", "pose", "gaze", "blink", "identity"):
        assert getattr(batch, name) is not None, name


def test_clips_of_real_people_do_not_say_that_they_are_synthetic(prepared: tuple[Path, Report]):
    (path,) = (prepared[0] / "test").glob("*.mp4")
    assert read_note(path) is None


def test_the_report_lies_beside_the_clips_and_says_what_was_found(prepared: tuple[Path, Report]):
    folder, report = prepared
    kept = json.loads((folder / "prepare.json").read_text())
    assert kept["face_share"] == report.face_share == 1.0
    assert report.cuts == ()
    assert abs(report.sound.offset_ms) < 60
    assert not [line for line in report.lines() if line.startswith("warning")]
    assert sorted(path.name for path in folder.iterdir()) == ["prepare.json", "test", "train"]


# -- what videos have that they should not -----------------------------------------------------------------------------


def test_a_cut_to_another_person_splits_the_video_and_is_told(
    tmp_path: Path, sample: Clip, somebody_else: Clip, deaf: None
):
    frames = torch.cat([sample.frames[:50], somebody_else.frames[:50]])
    report = prepare(with_frames(tmp_path / "two.mp4", frames, sample.audio), tmp_path / "out")
    assert report.cuts == (2.0,)
    assert report.shots == 2
    for clip in clips_in(tmp_path / "out" / "train"):
        assert clip.truth.landmarks.diff(dim=0).norm(dim=-1).max() < 12  # of 128 pixels: nobody jumps


def test_of_two_people_one_is_followed_and_the_other_told_of(
    tmp_path: Path, sample: Clip, somebody_else: Clip, deaf: None
):
    frames = torch.cat([sample.frames[:60], somebody_else.frames[:60]], 2)
    video = with_frames(tmp_path / "pair.mp4", frames, sample.audio)
    sides = []
    for index in (0, 1):
        report = prepare(video, tmp_path / f"face{index}", PrepareConfig(face_index=index))
        assert any("several faces" in line for line in report.lines())
        sides.append(clips_in(tmp_path / f"face{index}" / "train")[0].frames.float().mean())
    assert (sides[0] - sides[1]).abs() > 3


def test_sound_that_starts_late_stays_where_it_was(tmp_path: Path, sample: Clip, deaf: None):
    late = torch.cat([torch.zeros(8000), sample.audio[8000:]])
    video = tmp_path / "late.mkv"
    remux(with_frames(tmp_path / "plain.mp4", sample.frames, late), video, begin=0.5)
    report = prepare(video, tmp_path / "out", PrepareConfig(test_seconds=0.0))
    assert report.sound.starts_ms == pytest.approx(500, abs=70)  # the packets of AAC
    (clip,) = clips_in(tmp_path / "out" / "train")
    assert clip.audio[:6000].abs().max() < 0.02
    count = min(len(clip.audio), len(sample.audio))
    assert r(clip.audio[10_000:count], sample.audio[10_000:count]) > 0.9


def remux(source: Path, target: Path, *, begin: float) -> None:
    """Copy the streams, leaving out the sound before a moment, so that its stream starts later."""
    with av.open(str(source)) as given, av.open(str(target), "w") as made:
        both = (*given.streams.video, *given.streams.audio)
        streams = {stream: made.add_stream_from_template(stream) for stream in both}
        for packet in given.demux():
            if packet.dts is None:
                continue
            if packet.stream.type == "audio" and packet.pts * packet.time_base < begin:
                continue
            packet.stream = streams[packet.stream]
            made.mux(packet)


@pytest.mark.parametrize("later", [-120.0, 200.0])
def test_the_sound_is_moved_by_request(tmp_path: Path, sample: Clip, deaf: None, later: float):
    config = PrepareConfig(size=32, test_seconds=0.0, shift_sound_ms=later)
    prepare(SAMPLES / "00-neutral.mp4", tmp_path / "out", config)
    (clip,) = clips_in(tmp_path / "out" / "train")
    lag = round(later * 16)
    ours, theirs = clip.audio[max(0, lag) :], sample.audio[max(0, -lag) :]
    count = min(len(ours), len(theirs)) - 4000
    assert r(ours[:count], theirs[:count]) > 0.9


# -- refusals ---------------------------------------------------------------------------------------------------------


def refused(video: Path, folder: Path, match: str, **options) -> None:
    with pytest.raises(ValueError, match=match):
        prepare(video, folder, **options)
    assert not folder.exists()
    assert not [path for path in folder.parent.iterdir() if path.name.startswith(f".{folder.name}")]


def test_a_video_without_sound_is_refused(tmp_path: Path, sample: Clip):
    refused(with_frames(tmp_path / "mute.mp4", sample.frames[:10], None), tmp_path / "out", "no sound")


def test_a_video_without_a_face_is_refused(tmp_path: Path, sample: Clip):
    noise = torch.randint(0, 255, (30, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    refused(with_frames(tmp_path / "noise.mp4", noise, sample.audio), tmp_path / "out", "no face")


def test_a_tiny_face_is_refused(tmp_path: Path, sample: Clip):
    small = torch.full((30, 160, 160, 3), 90, dtype=torch.uint8)
    small[:, 50:130, 40:120] = sample.frames[:30, ::2, ::2]
    refused(with_frames(tmp_path / "tiny.mp4", small, sample.audio), tmp_path / "out", "wide|no face")


def test_a_test_that_takes_everything_is_refused(tmp_path: Path, deaf: None):
    config = PrepareConfig(test_seconds=60.0)
    refused(SAMPLES / "00-neutral.mp4", tmp_path / "out", "leaves nothing to train from", config=config)


def test_a_video_of_half_a_second_is_refused(tmp_path: Path, sample: Clip):
    refused(with_frames(tmp_path / "short.mp4", sample.frames[:12], sample.audio), tmp_path / "out", "for a second")


def test_a_damaged_video_is_refused(tmp_path: Path):
    whole = (SAMPLES / "00-neutral.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "cut.mp4", tmp_path / "out", "cut off|damaged")


@pytest.mark.parametrize(
    "changes", [{"size": 97}, {"size": 16}, {"test_seconds": -1.0}, {"face_index": -1}, {"shift_sound_ms": 9e9}]
)
def test_settings_that_make_no_sense_are_refused(changes: dict):
    with pytest.raises(ValueError, match="--"):
        PrepareConfig(**changes)


def test_a_folder_of_the_users_is_never_replaced(tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("all of it")
    for replace in (False, True):
        with pytest.raises(ValueError, match="is there already"):
            prepare(SAMPLES / "00-neutral.mp4", tmp_path / "mine", replace=replace)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "all of it"


def test_a_prepared_folder_is_replaced_on_request_alone(tmp_path: Path, deaf: None):
    small = PrepareConfig(size=32, test_seconds=0.0)
    prepare(SAMPLES / "00-neutral.mp4", tmp_path / "out", small)
    with pytest.raises(ValueError, match="--replace"):
        prepare(SAMPLES / "00-neutral.mp4", tmp_path / "out", small)
    prepare(SAMPLES / "00-neutral.mp4", tmp_path / "out", PrepareConfig(size=48, test_seconds=0.0), replace=True)
    assert read_clip(next((tmp_path / "out" / "train").glob("*.mp4"))).frames.shape[1] == 48
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
