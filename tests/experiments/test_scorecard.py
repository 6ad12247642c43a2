"""Every number of a scorecard moves the way it should, and what cannot be measured is said."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from thlab.corpus.cache import write_archive
from thlab.corpus.plan import CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.experiments.recipes import speech2vid as recipe
from thlab.experiments.scorecard import Scorecard, Value, pairs, read_scorecard, reading, systems
from thlab.experiments.scorecard import painters as painting
from thlab.experiments.scorecard.compose import score_videos
from thlab.experiments.scorecard.differences import difference
from thlab.experiments.scorecard.measures import MARKS, MEASURES, by_name
from thlab.experiments.scorecard.pictures import around, picture_numbers
from thlab.experiments.scorecard.sync import counted, curves, sync_tracks
from thlab.experiments.scorecard.values import (
    CORRELATION,
    MEAN,
    SPREAD_OVER,
    Missing,
    Single,
    Track,
    over_clips,
    over_seconds,
)
from thlab.experiments.sync_scores import mouths_for_sync, sync_score
from thlab.media import Clip, ClipWriter
from thlab.metrics import image
from thlab.systems.base import SYSTEMS, Card, System
from thlab.systems.speech2vid import Speech2Vid, Speech2VidConfig

CORPUS = CorpusConfig(split="test", size=64, emotions=("neutral",), clips_an_actor=1, masks=False, seed=3)


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    """Two people."""
    return SyntheticCorpus(CORPUS, cache=None).clips([0, 1])


def write(path: Path, clip: Clip, *, truth: bool = True) -> Path:
    with ClipWriter(path, (64, 64), audio=clip.audio, note=None, quality=8) as writer:
        for frame in clip.frames:
            writer.write(frame.numpy())
    if truth:
        write_archive(path.with_suffix(".npz"), Clip(truth=clip.truth), compressed=True)
    return path


def softened(frames: torch.Tensor) -> torch.Tensor:
    planes = frames.movedim(-1, 1).float()
    soft = torch.nn.functional.avg_pool2d(planes, 5, stride=1, padding=2, count_include_pad=False)
    return soft.round().byte().movedim(1, -1).contiguous()


def later(audio: torch.Tensor, frames: int) -> torch.Tensor:
    samples = frames * 640
    return torch.cat([torch.zeros(samples), audio[:-samples]])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, clips: list[Clip]) -> Path:
    """A real clip, and what can be wrong with a made one."""
    place, real = tmp_path_factory.mktemp("pairs"), clips[0][12:64]
    held = torch.zeros(len(real), dtype=torch.long)
    frozen_truth = replace(real.truth, **{name: track[held] for name, track in real.truth.tracks().items()})
    write(place / "real.mp4", real)
    write(place / "blurred.mp4", replace(real, frames=softened(real.frames)))
    write(place / "late.mp4", replace(real, audio=later(real.audio, 5)))
    write(place / "frozen.mp4", replace(real, frames=real.frames[held], truth=frozen_truth))
    write(place / "mute.mp4", replace(real, audio=None))
    write(place / "silent.mp4", replace(real, audio=torch.zeros_like(real.audio)))
    write(place / "shorter.mp4", real[: len(real) - 2])
    write(place / "half.mp4", real[: len(real) // 2])
    write(place / "one.mp4", real[:1])
    write(place / "short.mp4", real[:12])
    write(place / "flat.mp4", replace(real, frames=torch.full_like(real.frames, 90))[:12])
    write(place / "unread.mp4", real[:20], truth=False)
    return place


def scored(folder: Path, name: str, **options) -> tuple[Scorecard, dict[str, Value]]:
    card = score_videos(folder / "real.mp4", folder / f"{name}.mp4", **options)
    return card, dict(card.subjects[next(iter(card.subjects))])


@pytest.fixture(scope="module")
def itself(folder: Path) -> Scorecard:
    return scored(folder, "real")[0]


def number(values: dict[str, Value], name: str) -> float:
    assert values[name].mean is not None, values[name].why
    return values[name].mean


# -- a pair -----------------------------------------------------------------------------------------------------------


def test_a_video_is_as_good_as_itself(itself: Scorecard):
    values = itself.subjects["real (made)"]
    assert math.isinf(number(values, "psnr"))
    for name in ("ssim", "ssim_mouth", "ms_ssim", "identity", "lip_r", "lip_spread", "detail", "jitter"):
        assert number(values, name) == pytest.approx(1, abs=1e-3)
    for name in ("lmd", "lmd_aligned", "lmd_mean", "lmd_squared", "lmd_summed", "frechet"):
        assert number(values, name) == pytest.approx(0, abs=1e-3)
    for name in ("sync_distance", "sync_confidence", "sync_offset"):
        assert number(values, name) == number(itself.subjects["real"], name)
    assert number(values, "sync_offset") == pytest.approx(0, abs=1)


def test_what_is_held_still_does_not_look_good(itself: Scorecard):
    still = itself.subjects["still"]
    assert number(still, "lip_r") == number(still, "lip_spread") == 0
    assert number(still, "ssim_mouth") < 0.9
    assert number(still, "sync_distance") > number(itself.subjects["real"], "sync_distance")


def test_blur_is_seen_in_the_picture_and_not_in_the_sound(folder: Path, itself: Scorecard):
    _, blurred = scored(folder, "blurred")
    assert number(blurred, "detail") < 0.5
    assert number(blurred, "ssim") < 0.95
    assert number(blurred, "psnr_mouth") < 35
    assert number(blurred, "frechet") > 0
    assert number(blurred, "lmd") < 1e-6  # its truth says that the landmarks stayed
    assert number(blurred, "sync_offset") == pytest.approx(number(itself.subjects["real"], "sync_offset"), abs=1)


def test_late_sound_is_seen_in_the_offset_and_not_in_the_picture(folder: Path, itself: Scorecard):
    _, late = scored(folder, "late")
    assert number(late, "sync_offset") - number(itself.subjects["real"], "sync_offset") == pytest.approx(5, abs=1)
    assert number(late, "sync_offset_ms") == pytest.approx(40 * number(late, "sync_offset"))
    assert number(late, "ssim") == pytest.approx(1, abs=1e-3)


def test_a_frozen_face_follows_nothing(folder: Path, itself: Scorecard):
    _, frozen = scored(folder, "frozen")
    assert number(frozen, "lip_r") == 0
    assert number(frozen, "lip_spread") == number(frozen, "jitter") == 0
    assert number(frozen, "lmd_aligned") > 0.1
    assert number(frozen, "lmd_summed") == pytest.approx(20 * number(frozen, "lmd_mean"), rel=1e-4)
    assert number(frozen, "lmd_squared") >= number(frozen, "lmd_mean") ** 2
    assert number(frozen, "sync_confidence") < number(itself.subjects["real"], "sync_confidence")


def test_without_sound_of_its_own_a_clip_is_judged_by_the_real_one(folder: Path, itself: Scorecard):
    card, values = scored(folder, "silent")
    real = number(itself.subjects["real"], "sync_distance")
    assert number(values, "sync_distance") == pytest.approx(real, abs=0.02)
    assert any("is silent" in note and "judged by the sound of real.mp4" in note for note in card.notes)
    both = score_videos(folder / "mute.mp4", folder / "silent.mp4")
    assert both.value("silent", "sync_distance").mean is None
    assert "mute.mp4 has no sound" in both.value("silent", "sync_distance").why


def test_one_frame_has_a_picture_but_no_motion(folder: Path):
    values = scored(folder, "one", cut=True)[1]
    assert number(values, "psnr") > 35
    assert values["psnr"].low is None
    for name in ("jitter", "lip_r", "sync_distance", "motion_loop", "frechet"):
        assert values[name].mean is None
        assert values[name].why


def test_pictures_of_one_colour_have_numbers(folder: Path):
    values = score_videos(folder / "short.mp4", folder / "flat.mp4").subjects["flat"]
    assert 0 < number(values, "psnr") < 20
    assert number(values, "detail") == 0
    flat = score_videos(folder / "flat.mp4", folder / "flat.mp4").subjects["flat"]
    assert flat["detail"].mean is None
    assert "not defined" in flat["detail"].why


def test_small_differences_of_length_are_cut_and_told_and_larger_ones_refused(folder: Path):
    card, values = scored(folder, "shorter")
    assert any("real.mp4 was cut by 2 frames" in note for note in card.notes)
    assert number(values, "ssim") == pytest.approx(1, abs=5e-3)
    with pytest.raises(ValueError, match=r"give --cut to leave out the end of real\.mp4"):
        scored(folder, "half")


def test_sizes_must_agree_unless_resizing_is_asked_for(folder: Path, clips: list[Clip], tmp_path: Path):
    real = clips[0][12:64]
    large = real.frames.repeat_interleave(2, 1).repeat_interleave(2, 2)
    for name, frames in (("large", large), ("wide", large[:, :64])):
        with ClipWriter(tmp_path / f"{name}.mp4", tuple(frames.shape[1:3]), audio=real.audio, note=None) as writer:
            for frame in frames:
                writer.write(frame.numpy())
    truth = replace(real.truth, landmarks=2 * real.truth.landmarks)
    write_archive(tmp_path / "large.npz", Clip(truth=truth), compressed=True)
    write_archive(tmp_path / "wide.npz", Clip(truth=truth), compressed=True)
    with pytest.raises(ValueError, match=r"64×64 pixels, those of large\.mp4 128×128; give --resize"):
        score_videos(folder / "real.mp4", tmp_path / "large.mp4")
    with pytest.raises(ValueError, match="other proportions"):
        score_videos(folder / "real.mp4", tmp_path / "wide.mp4", resize=True)
    card = score_videos(folder / "real.mp4", tmp_path / "large.mp4", resize=True)
    assert card.value("large", "ssim").mean > 0.97
    assert card.value("large", "lmd").mean == pytest.approx(0, abs=1e-4)
    assert any("resized from 128×128 to 64×64" in note for note in card.notes)


def test_without_mediapipe_the_picture_is_measured_and_the_rest_is_explained(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    def missing():
        raise ValueError("MediaPipe is not installed; run: pip install -e '.[faces]'")

    monkeypatch.setattr("thlab.face.landmarks.tracking.Follower", missing)
    card, values = scored(folder, "unread", cut=True)
    assert any("both faces are read by the mesh" in note for note in card.notes)
    assert number(values, "ssim") > 0.99
    for name in ("ssim_mouth", "lip_r", "sync_distance", "identity", "motion_loop"):
        assert values[name].mean is None
    assert "pip install" in values["lip_r"].why
    assert sum("pip install" in line for line in card.lines()) == 1


def test_frames_without_a_face_are_left_out(clips: list[Clip]):
    """The mesh is told what to find here, so that nothing hangs on MediaPipe."""
    truth = clips[0].truth
    seen = reading.Seen(
        Path("a.mp4"), (64, 64), 20, None, truth.landmarks[:20].float(), np.arange(20) % 4 != 0, truth[:20]
    )
    kept = pairs.both_found(seen, seen)
    assert len(kept) == 15
    assert len(pairs.lips_of(seen, seen, kept)["lip_r"].rows[0]) == 15
    assert "not found in 5 of 20 frames" in pairs.lost(seen)[0]
    assert set(pairs.jitter(seen, seen).frames) == {1, 5, 9, 13, 17}


# -- folders ----------------------------------------------------------------------------------------------------------


def test_folders_are_matched_by_name_and_intervals_are_over_clips(tmp_path: Path, clips: list[Clip]):
    for place in ("filmed", "made"):
        (tmp_path / place).mkdir()
        for index, clip in enumerate((clips[0][:20], clips[0][20:40], clips[1][20:40], clips[1][40:60])):
            frames = clip.frames if place == "filmed" else softened(clip.frames)
            write(tmp_path / place / f"clip{index}.mp4", replace(clip, frames=frames))
    (tmp_path / "filmed" / "clip2.mp4").rename(tmp_path / "filmed" / "alone.mp4")
    card = score_videos(tmp_path / "filmed", tmp_path / "made")
    value = card.value("made", "ssim")
    assert (value.n, card.unit) == (3, "clips")
    assert value.low < value.mean < value.high < 1.0001
    notes = "\n".join(card.notes)
    assert "1 of filmed without a partner (alone)" in notes
    assert "1 of made without a partner (clip2)" in notes
    with pytest.raises(ValueError, match=r"no video in .* has the name"):
        score_videos(tmp_path / "filmed", tmp_path)
    with pytest.raises(ValueError, match="only one of"):
        score_videos(tmp_path / "filmed", tmp_path / "made" / "clip0.mp4")
    (tmp_path / "made" / "clip0.mpg").write_bytes(b"")
    with pytest.raises(ValueError, match=r"both clip0\.mp4 and clip0\.mpg"):
        score_videos(tmp_path / "filmed", tmp_path / "made")


# -- numbers ----------------------------------------------------------------------------------------------------------


def test_sync_as_tracks_is_the_sync_of_the_clip(clips: list[Clip]):
    clip = clips[1]
    whole = sync_score(clip.frames, clip.truth.landmarks, clip.audio)
    tracks = sync_tracks(mouths_for_sync(clip.frames, clip.truth.landmarks), clip.audio)
    expected = {"sync_distance": whole.distance, "sync_confidence": whole.confidence, "sync_offset": whole.offset}
    for name, value in expected.items():
        assert tracks[name].number == pytest.approx(value.item(), abs=1e-5)
    summed = counted(tracks["sync_distance"].rows[0]).sum(0)[None]
    np.testing.assert_allclose(curves(summed)[0], whole.curve.numpy(), atol=1e-5)


def test_a_part_around_the_mouth_decides_as_the_whole_picture_does():
    rng = torch.Generator().manual_seed(0)
    made, wanted = torch.rand(2, 2, 3, 320, 192, generator=rng)
    masks = torch.zeros(2, 320, 192, dtype=torch.bool)
    masks[0, 180:220, 100:150] = masks[1, 184:224, 104:154] = True
    rows, _ = around(masks)
    assert (rows.stop - rows.start) < 320
    found = picture_numbers(made, wanted, masks)
    weights = [w / sum(image.WEIGHTS[:4]) for w in image.WEIGHTS[:4]]
    whole = {
        "psnr_mouth": image.psnr(made, wanted, data_range=1.0, mask=masks),
        "ssim_mouth": image.ssim(made, wanted, data_range=1.0, mask=masks),
        "ms_ssim_mouth": image.ms_ssim(made, wanted, data_range=1.0, mask=masks, weights=weights),
    }
    for name, numbers in whole.items():
        torch.testing.assert_close(found[name], numbers, atol=1e-5, rtol=1e-5)


def test_sums_give_the_correlation_and_the_spread_of_the_whole():
    rng = np.random.default_rng(1)
    one = 5 + rng.standard_normal(90)
    other = 100 + one + rng.standard_normal(90)
    frames = np.arange(90)
    r, spread = (Track((one, other), frames, statistic).number for statistic in (CORRELATION, SPREAD_OVER))
    assert r == pytest.approx(np.corrcoef(one, other)[0, 1])
    assert spread == pytest.approx(one.std() / other.std())
    still = np.full(90, 7.3)
    assert Track((still, one), frames, CORRELATION).number == 0
    assert math.isnan(Track((one, still), frames, CORRELATION).number)
    assert math.isnan(Track((one, still), frames, SPREAD_OVER).number)


def test_an_interval_over_seconds_covers_the_truth_about_as_often_as_it_says():
    """Of tracks whose neighbours are alike, frames drawn one by one would cover far less."""
    rng, covered, frames = np.random.default_rng(0), [], np.arange(1000)
    for trial in range(60):
        track = np.convolve(rng.standard_normal(1011), np.ones(12) / 12, "valid")
        value = over_seconds(Track((track,), frames, MEAN), seed=trial)
        assert value.n == 40
        covered.append(value.low < 0 < value.high)
    assert np.mean(covered) > 0.85


def test_clips_without_a_number_are_left_out_and_told():
    value = over_clips([Single(1.0), Single(2.0), Missing("it is dark"), Single(3.0), Single(math.nan)])
    assert (value.mean, value.n, value.why) == (2.0, 3, "it is dark")
    assert over_clips([Missing("it is dark")]) == Value(None, why="it is dark")
    assert over_clips([Single(1.0), Single(3.0)]).low is None


def test_a_difference_says_who_is_nearer_to_the_best():
    spread = by_name()["lip_spread"]
    good, bad = ([{"lip_spread": Single(v + 0.01 * i)} for i in range(8)] for v in (1.1, 0.5))
    found = difference(spread, ("good", good), ("bad", bad))
    assert found.better == "good"
    assert found.mean == pytest.approx(0.6)
    assert found.p == pytest.approx(2 / 2**8)
    assert difference(spread, ("bad", bad), ("good", good)).better == "good"
    assert difference(spread, ("good", good), ("good", good)).better is None
    assert difference(spread, ("good", good[:1]), ("bad", bad[:1])) is None


# -- the table --------------------------------------------------------------------------------------------------------


def test_tables_fit_and_mark_which_way_is_better(itself: Scorecard):
    lines = itself.lines()
    assert max(map(len, lines)) <= 100
    assert all(any(mark in line for line in lines) for mark in MARKS.values())
    many = replace(itself, subjects={f"system number {i}": itself.subjects["real"] for i in range(9)})
    assert max(map(len, many.lines())) <= 100
    assert all(any(f"system number {i}" in line for line in many.lines()) for i in range(9))


def test_a_sync_distance_never_stands_without_the_lips_and_the_still(itself: Scorecard):
    lines = itself.lines()
    place = next(i for i, line in enumerate(lines) if "LSE-D" in line)
    assert "lip gap, r" in lines[place - 2]
    assert "spread" in lines[place - 1]
    assert "still" in next(line for line in lines if "best" in line)
    assert any("never compare it with published" in line for line in lines)
    order = [measure.name for measure in MEASURES]
    assert order.index("lip_r") + 2 == order.index("lip_spread") + 1 == order.index("sync_distance")


def test_a_scorecard_comes_back_from_json(itself: Scorecard, tmp_path: Path):
    path = itself.save(tmp_path / "card.json")
    assert "NaN" not in path.read_text()
    assert "Infinity" not in path.read_text()
    again = read_scorecard(path)
    assert again.lines() == itself.lines()
    assert math.isinf(again.value("real (made)", "psnr").mean)
    for text in ("{}", "not json", json.dumps({"subjects": 3})):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(ValueError, match="is no scorecard"):
            read_scorecard(tmp_path / "bad.json")
    with pytest.raises(ValueError, match="found none"):
        read_scorecard(tmp_path / "nothing.json")


# -- systems ----------------------------------------------------------------------------------------------------------


class Echo(System):
    """Gives frames back as they are, whatever the sound."""

    card = Card("Echo", "", "", "", 2026, ("sound",), "GAN", "none", False, True, False, False)

    def repaint(self, video: Clip, other: Clip, audio: torch.Tensor) -> torch.Tensor:
        return video.frames


@pytest.fixture(scope="module")
def scorecard(clips: list[Clip]) -> Scorecard:
    load = systems.load_system
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(systems, "load_system", lambda name: Echo() if name == "echo" else load(name))
        patch.setitem(SYSTEMS, "echo", f"{__name__}:Echo")
        return systems.score_systems(["speech2vid", "echo"], clips=[clip[10:66] for clip in clips])


def test_systems_stand_beside_the_real_clips_copies_and_other_sound(scorecard: Scorecard):
    assert list(scorecard.subjects) == [
        "real", "copy", "speech2vid", "speech2vid, other sound", "copy, pasted", "echo", "echo, other sound",
    ]  # fmt: skip
    assert scorecard.value("copy", "lip_spread").mean < 0.1
    assert scorecard.value("speech2vid", "lip_r").mean > 0.6
    assert scorecard.value("speech2vid", "lip_r").mean > scorecard.value("speech2vid, other sound", "lip_r").mean + 0.3
    assert scorecard.value("real", "sync_distance").mean < scorecard.value("copy", "sync_distance").mean
    assert any("speech2vid*" in line for line in scorecard.lines())


def test_a_system_that_repaints_is_compared_with_the_frames_themselves(scorecard: Scorecard):
    assert math.isinf(scorecard.value("echo", "psnr").mean)
    assert scorecard.value("echo", "lip_r") == scorecard.value("real", "lip_r")
    assert scorecard.value("copy, pasted", "psnr").mean < 40


def test_a_still_head_has_the_numbers_that_training_prints(clips: list[Clip]):
    torch.manual_seed(0)
    system = Speech2Vid(Speech2VidConfig(size=64, channels=8)).eval()
    for driving in (None, clips[1]):
        made = systems.measure(painting.painter_of(system)(clips[0], driving))
        for name, expected in asdict(recipe.try_on(system, clips[0], driving)).items():
            assert made[name].number == pytest.approx(expected), name


def test_differences_are_tested_against_the_copy_that_saw_the_same_task(scorecard: Scorecard):
    found = {(d.one, d.other) for d in scorecard.differences}
    assert {("speech2vid", "copy"), ("echo", "copy, pasted"), ("speech2vid", "echo")} <= found
    assert ("speech2vid", "copy, pasted") not in found
    assert all(d.corrected >= d.p for d in scorecard.differences)


def test_systems_that_cannot_stand_in_a_scorecard_are_refused():
    for name, told in (("talker", "whose head stays still"), ("photograph", "whose head"), ("wav3lip", "no system")):
        with pytest.raises(ValueError, match=told):
            systems.score_systems([name], clips=[])
    with pytest.raises(ValueError, match="each once"):
        systems.score_systems(["speech2vid", "speech2vid"], clips=[])
