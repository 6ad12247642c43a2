"""`thlab train` from nothing to a checkpoint: of the synthetic corpus, of one clip, killed and gone on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from thlab.__main__ import main
from thlab.corpus.plan import CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.experiments.checkpoints import load_checkpoint, load_system, save_checkpoint
from thlab.experiments.portraits import portrait
from thlab.experiments.recipes import recipe_of, speech2vid
from thlab.experiments.train import fit
from thlab.experiments.training import network_of, train
from thlab.media import Clip
from thlab.systems.speech2vid import Speech2Vid


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all: the smoke corpus is made once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def in_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THLAB_CACHE", str(cache))


def test_a_smoke_training_leaves_a_checkpoint_that_animates_and_no_state(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["train", "speech2vid", "--budget", "smoke", "--quiet", "-o", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "lip_r" in said
    assert "shuffled sound" in said
    _, card = load_checkpoint("speech2vid", tmp_path / "speech2vid.safetensors")
    assert card.command == "thlab train speech2vid --budget smoke --seed 0"
    assert "2 people" in card.corpus
    system = load_system("speech2vid", tmp_path / "speech2vid.safetensors")
    clip = system.animate(portrait(3, size=32), Clip(audio=torch.zeros(16_000)))
    assert clip.frames.shape == (25, 32, 32, 3)
    assert list(cache.glob("training/*")) == []


def test_the_judge_trains_too(tmp_path: Path):
    path = train("face_reader", budget="smoke", seed=0, folder=tmp_path, quiet=True)
    _, card = load_checkpoint("face_reader", path)
    assert "lip gap r" in card.metrics


def test_one_clip_is_enough_to_learn_from():
    config = CorpusConfig(size=32, supersample=1, shadows=False, emotions=("neutral",))
    clip = SyntheticCorpus(config, cache=None)[0]
    recipe = speech2vid.recipe("smoke", 0, quiet=True, clips=[clip])
    trained = fit(recipe.learner, recipe.draw, recipe.config, seed=0, quiet=True)
    network = network_of(recipe, trained)
    assert isinstance(network, Speech2Vid)
    assert len(network.animate(clip, clip)) == len(clip)
    assert "1 clip" in recipe.corpus


def test_a_clip_shorter_than_a_window_is_refused():
    clip = Clip(frames=torch.zeros(4, 32, 32, 3, dtype=torch.uint8), audio=torch.zeros(2560))
    with pytest.raises(ValueError, match="no clip is as long as a window"):
        speech2vid.recipe("smoke", 0, quiet=True, clips=[clip])


def test_clips_without_landmarks_are_refused():
    clip = Clip(frames=torch.zeros(40, 32, 32, 3, dtype=torch.uint8), audio=torch.zeros(25_600))
    with pytest.raises(ValueError, match="landmarks"):
        speech2vid.recipe("smoke", 0, quiet=True, clips=[clip])


def test_unknown_names_and_budgets_are_refused():
    with pytest.raises(ValueError, match=r"nobody.*speech2vid"):
        recipe_of("nobody", "smoke", 0)
    with pytest.raises(ValueError, match=r"endless.*laptop"):
        recipe_of("speech2vid", "endless", 0)


SLOW = """
import sys, time
from pathlib import Path
from thlab.experiments import train as loop, training
loop.SAVE_SECONDS = 0.0
first = loop.Training.advance
def advance(self, draw):
    time.sleep(float(sys.argv[2]))
    return first(self, draw)
loop.Training.advance = advance
training.train("speech2vid", budget="smoke", seed=1, folder=Path(sys.argv[1]), device="cpu", quiet=True)
"""


def start(folder: Path, pause: float) -> subprocess.Popen[bytes]:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, "-c", SLOW, str(folder), str(pause)], env=environment)


def test_a_killed_training_of_speech2vid_goes_on_to_the_weights_of_an_unbroken_one(tmp_path: Path, cache: Path):
    killed = start(tmp_path / "broken", 1.0)
    give_up = time.monotonic() + 90
    while not list(cache.glob("training/speech2vid-smoke-1-*")) and time.monotonic() < give_up:
        time.sleep(0.02)
    os.kill(killed.pid, signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert not (tmp_path / "broken").exists(), "it was killed too late to test anything"
    assert start(tmp_path / "broken", 0.0).wait() == 0
    assert start(tmp_path / "whole", 0.0).wait() == 0
    places = (tmp_path / name / "speech2vid.safetensors" for name in ("broken", "whole"))
    broken, whole = (load_checkpoint("speech2vid", place)[0] for place in places)
    assert all(torch.equal(broken[name], whole[name]) for name in whole)


# -- checkpoints at the door ------------------------------------------------------------------------------------------


def test_weights_of_another_version_of_the_configuration_are_refused(tmp_path: Path):
    from dataclasses import replace

    path = train("speech2vid", budget="smoke", seed=0, folder=tmp_path, quiet=True)
    weights, card = load_checkpoint("speech2vid", path)
    save_checkpoint(weights, replace(card, config=card.config | {"layers": 3}), folder=tmp_path)
    with pytest.raises(ValueError, match=r"layers.*another version"):
        load_system("speech2vid", path)
    save_checkpoint(weights, replace(card, config=card.config | {"channels": 16}), folder=tmp_path)
    with pytest.raises(ValueError, match="do not fit"):
        load_system("speech2vid", path)


@pytest.mark.parametrize("kind", ["truncated", "pickle", "another", "missing"])
def test_talk_refuses_bad_checkpoints_in_one_line_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
):
    from thlab.experiments.checkpoints import FOLDER

    path = tmp_path / "speech2vid.safetensors"
    if kind == "truncated":
        path.write_bytes((FOLDER / "talker.safetensors").read_bytes()[:5000])
    elif kind == "pickle":
        torch.save({"a": torch.zeros(1)}, path)
    elif kind == "another":
        path.write_bytes((FOLDER / "talker.safetensors").read_bytes())
    arguments = ["talk", "--text", "hi", "--system", "speech2vid", "--checkpoint", str(path)]
    assert main([*arguments, "--quiet", "-o", str(tmp_path / "a.mp4")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("thlab: ")
    assert said.count("\n") == 1
    assert not (tmp_path / "a.mp4").exists()


def test_a_full_disk_at_the_end_keeps_the_older_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    arguments = ["train", "speech2vid", "--budget", "smoke", "--quiet", "-o", str(tmp_path)]
    assert main(arguments) == 0
    before = (tmp_path / "speech2vid.safetensors").read_bytes()

    def full(tensors: object, path: Path, metadata: object) -> None:
        path.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("thlab.experiments.checkpoints.save_file", full)
    assert main([*arguments, "--seed", "7"]) == 2
    assert "No space left" in capsys.readouterr().err
    assert (tmp_path / "speech2vid.safetensors").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["speech2vid.json", "speech2vid.safetensors"]
