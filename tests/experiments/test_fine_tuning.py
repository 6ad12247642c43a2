"""`thlab train NAME --clips FOLDER [--from CHECKPOINT]`: every system learns from clips of a person's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from thlab.__main__ import main
from thlab.corpus.cache import write_archive
from thlab.corpus.samples import read_sample
from thlab.experiments.checkpoints import FOLDER, load_checkpoint, load_system
from thlab.experiments.mesh_scores import mesh_score
from thlab.experiments.own_clips import in_size, read_own_clips, resized, spread
from thlab.experiments.recipes import speech2vid
from thlab.experiments.train import fit
from thlab.experiments.training import network_of
from thlab.media import Clip, write_clip

SAMPLES = Path(__file__).parents[2] / "data_samples"


@pytest.fixture(autouse=True)
def in_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THLAB_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def whole() -> Clip:
    return in_size(read_sample(SAMPLES, "00-neutral"), 32)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, whole: Clip) -> Path:
    """A folder as thlab prepare leaves it: two clips to learn from and one for the test, 32 px."""
    folder = tmp_path_factory.mktemp("own") / "me"
    for split, name, part in (("train", "a", whole[:30]), ("train", "b", whole[30:58]), ("test", "c", whole[58:])):
        keep(folder / split, name, part)
    return folder


def keep(folder: Path, name: str, clip: Clip) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_clip(clip, folder / f"{name}.mp4")
    write_archive(folder / f"{name}.npz", replace(clip, frames=None, audio=None), compressed=True)


def small(folder: Path) -> Path:
    """A checkpoint of Speech2Vid that is quick to go on from."""
    assert main(["train", "speech2vid", "--budget", "smoke", "--quiet", "--clips", str(folder), "-o", "start"]) == 0
    return Path("start/speech2vid.safetensors").resolve()


def test_speech2vid_goes_on_from_a_checkpoint_and_tells_before_and_after(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    start = small(own)
    capsys.readouterr()
    arguments = ["train", "speech2vid", "--budget", "smoke", "--quiet", "--clips", str(own / "train")]
    assert main([*arguments, "--from", str(start), "-o", "tuned"]) == 0
    said = capsys.readouterr().out
    for name in ("lip_r", "lip_r, before", "lip_r, other sound", "psnr, before", "mesh_lip_r"):
        assert f"\n{name} " in f"\n{said}"
    weights, card = load_checkpoint("speech2vid", tmp_path / "tuned" / "speech2vid.safetensors")
    first, _ = load_checkpoint("speech2vid", start)
    assert any(not torch.equal(weights[name], first[name]) for name in weights)
    assert card.command.endswith(f"--clips {own / 'train'} --from {start}")
    assert "2 clips (2 s) of me" in card.corpus
    system = load_system("speech2vid", tmp_path / "tuned" / "speech2vid.safetensors")
    assert system.animate(in_size(read_sample(own / "test", "c"), 32), Clip(audio=torch.zeros(3200))).frame_count == 5


def test_it_begins_where_the_checkpoint_ends(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    start = small(own)
    recipe = speech2vid.recipe("smoke", 0, quiet=True, own=read_own_clips(own), start=start)
    first, _ = load_checkpoint("speech2vid", start)
    assert all(torch.equal(tensor, first[name]) for name, tensor in recipe.network.state_dict().items())
    before = {name: tensor.detach().clone() for name, tensor in recipe.network.named_parameters()}
    network_of(recipe, fit(recipe.learner, recipe.draw, recipe.config, seed=0, quiet=True))
    moved = max((tensor - before[name]).abs().max().item() for name, tensor in recipe.network.named_parameters())
    assert 0 < moved < 0.01


def test_the_talker_learns_from_own_clips(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    start = FOLDER / "talker.safetensors"
    arguments = ["train", "talker", "--budget", "smoke", "--quiet", "--clips", str(own), "--from", str(start)]
    assert main([*arguments, "-o", str(tmp_path / "tuned")]) == 0
    said = capsys.readouterr().out
    assert "lip gap r, recognised phones, before" in said
    _, card = load_checkpoint("talker", tmp_path / "tuned" / "talker.safetensors")
    assert "of me" in card.corpus


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["face_reader", "--clips", "{own}"], "judge"),
        (["landmarker", "--clips", "{own}"], "rendered people alone"),
        (["speech2vid", "--from", "x.safetensors"], "--clips"),
        (["speech2vid", "--clips", "nowhere"], "thlab prepare"),
        (["speech2vid", "--clips", "{own}", "--from", "x.safetensors"], "x.safetensors"),
        (["speech2vid", "--clips", "{own}", "--from", str(FOLDER / "talker.safetensors")], "talker"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_one_line(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
):
    given = [argument.format(own=own) for argument in arguments]
    assert main(["train", *given, "--budget", "smoke", "--quiet", "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


# -- the folder -------------------------------------------------------------------------------------------------------


def test_a_folder_and_its_train_are_understood(own: Path):
    for folder in (own, own / "train"):
        clips = read_own_clips(folder)
        assert (len(clips.train), len(clips.test), clips.name) == (2, 1, "me")


def test_other_clips_have_another_digest(own: Path, tmp_path: Path, whole: Clip):
    keep(tmp_path / "other" / "train", "a", whole[:40])
    keep(tmp_path / "other" / "train", "b", whole[40:])
    assert read_own_clips(own).digest != read_own_clips(tmp_path / "other").digest


def test_without_a_test_the_last_clip_is_set_aside(tmp_path: Path, whole: Clip):
    keep(tmp_path / "two" / "train", "a", whole[:40])
    keep(tmp_path / "two" / "train", "b", whole[40:])
    clips = read_own_clips(tmp_path / "two")
    assert [len(clip) for clip in (*clips.train, *clips.test)] == [40, len(whole) - 40]


def test_a_single_short_clip_is_refused(tmp_path: Path, whole: Clip):
    keep(tmp_path / "one" / "train", "a", whole[:60])
    with pytest.raises(ValueError, match="longer video"):
        read_own_clips(tmp_path / "one")


def test_damaged_truth_is_refused(tmp_path: Path, whole: Clip):
    keep(tmp_path / "bad", "a", whole[:40])
    (tmp_path / "bad" / "a.npz").write_bytes((tmp_path / "bad" / "a.npz").read_bytes()[:900])
    with pytest.raises(ValueError, match="damaged"):
        read_own_clips(tmp_path / "bad")


def test_clips_without_landmarks_are_refused(tmp_path: Path, whole: Clip):
    keep(tmp_path / "bare", "a", replace(whole[:40], truth=replace(whole[:40].truth, landmarks=None)))
    with pytest.raises(ValueError, match="lacks pictures, sound or landmarks"):
        read_own_clips(tmp_path / "bare")


def test_of_a_long_recording_clips_are_taken_from_all_of_it():
    names = [f"{number:03d}" for number in range(300)]
    chosen = spread(names, 900.0)
    assert len(chosen) == 90
    assert (chosen[0], chosen[-1]) == ("000", "299")
    assert spread(names[:5], 900.0) == names[:5]


def test_landmarks_grow_with_the_picture(whole: Clip):
    large = in_size(whole, 64)
    assert large.frames.shape[1:3] == (64, 64)
    torch.testing.assert_close(large.truth.landmarks, 2 * whole.truth.landmarks)
    assert in_size(whole, 32) is whole


def test_a_picture_of_one_colour_stays_so_in_any_size():
    plain = torch.full((2, 48, 48, 3), 77, dtype=torch.uint8)
    assert all((resized(plain, size) == 77).all() for size in (20, 48, 96))


def test_pictures_that_are_not_square_are_refused():
    with pytest.raises(ValueError, match="square"):
        in_size(Clip(torch.zeros(3, 40, 32, 3, dtype=torch.uint8)), 32)


# -- the second reader ------------------------------------------------------------------------------------------------


def test_lips_read_from_the_clip_itself_follow_it_wholly_and_a_still_does_not():
    clip = read_sample(SAMPLES, "00-neutral")[:40]
    same = mesh_score(clip, clip)
    assert (same.mesh_found, same.mesh_lmd) == (1.0, pytest.approx(0, abs=1e-5))
    assert same.mesh_lip_r == pytest.approx(1.0, abs=1e-4)
    frozen = mesh_score(replace(clip, frames=clip.frames[:1].expand_as(clip.frames).contiguous()), clip)
    assert frozen.mesh_lip_spread < 0.3


def test_where_no_face_is_painted_the_reader_says_so():
    clip = read_sample(SAMPLES, "00-neutral")[:5]
    grey = replace(clip, frames=torch.full_like(clip.frames, 90))
    read = mesh_score(grey, clip)
    assert (read.mesh_found, read.mesh_lip_r) == (0.0, 0.0)
    assert np.isinf(read.mesh_lmd)
    with pytest.raises(ValueError, match="one length"):
        mesh_score(clip[:4], clip)
