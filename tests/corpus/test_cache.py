"""Finished clips come back whole, damage is noticed, and a killed generation goes on where it stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from thlab.corpus.cache import ClipCache, cache_root, corpus_folder, read_archive, write_archive
from thlab.corpus.plan import CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.media import Clip

SMALL = CorpusConfig(size=16, clips_an_actor=1, supersample=1, shadows=False, emotions=("neutral",), actors=2)


def test_a_clip_comes_back_from_disk_as_it_was(tiny: SyntheticCorpus, tmp_path: Path):
    clip = tiny[0]
    for compressed in (False, True):
        write_archive(tmp_path / "clip.npz", clip, compressed=compressed)
        again = read_archive(tmp_path / "clip.npz")
        assert torch.equal(again.frames, clip.frames)
        assert torch.equal(again.audio, clip.audio)
        assert again.transcript == clip.transcript
        assert again.truth is not None
        assert clip.truth is not None
        assert (again.truth.emotion, again.truth.actor) == (clip.truth.emotion, clip.truth.actor)
        assert torch.equal(again.truth.identity, clip.truth.identity)
        for name, track in clip.truth.tracks().items():
            assert torch.equal(again.truth.tracks()[name], track)


def test_a_clip_without_truth_or_transcript_comes_back_too(tmp_path: Path):
    clip = Clip(frames=torch.zeros(2, 4, 4, 3, dtype=torch.uint8))
    write_archive(tmp_path / "clip.npz", clip)
    again = read_archive(tmp_path / "clip.npz")
    assert (again.audio, again.transcript, again.truth) == (None, None, None)


def test_the_same_clip_is_the_same_file(tiny: SyntheticCorpus, tmp_path: Path):
    for name in ("a", "b"):
        write_archive(tmp_path / name, tiny[1])
        time.sleep(0.01)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("harm", ["cut", "flip", "empty", "other"])
def test_a_damaged_file_is_noticed_and_made_again(harm: str, tmp_path: Path, tiny: SyntheticCorpus):
    cache = ClipCache(tmp_path, tiny.config)
    cache.write(0, tiny[0])
    path, whole = cache.path(0), cache.path(0).read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 255
    harmed = {"cut": whole[: len(whole) // 2], "flip": bytes(flipped), "empty": b"", "other": b"no archive"}
    path.write_bytes(harmed[harm])
    with pytest.warns(UserWarning, match="damaged"):
        assert cache.read(0) is None
    assert not path.exists()


def test_a_missing_clip_is_no_damage(tmp_path: Path, recwarn: pytest.WarningsRecorder):
    assert ClipCache(tmp_path, SMALL).read(3) is None
    assert not recwarn.list


def test_every_setting_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("THLAB_CACHE", str(tmp_path))
    changes: list[dict] = [{"size": 20}, {"seed": 1}, {"shadows": True}, {"split": "test"}]
    folders = {corpus_folder(SMALL), *(corpus_folder(replace(SMALL, **change)) for change in changes)}
    assert len(folders) == 5
    assert corpus_folder(replace(SMALL)) == corpus_folder(SMALL)
    assert all(tmp_path in folder.parents for folder in folders)


def test_the_version_of_the_corpus_is_part_of_the_folder(monkeypatch: pytest.MonkeyPatch):
    before = corpus_folder(SMALL)
    monkeypatch.setattr("thlab.corpus.cache.CORPUS_VERSION", -1)
    assert corpus_folder(SMALL) != before


def test_the_cache_lies_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("THLAB_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_root() == tmp_path / "xdg" / "thlab"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_root() == tmp_path / ".cache" / "thlab"


def test_a_second_look_reads_and_does_not_make(monkeypatch: pytest.MonkeyPatch, tiny: SyntheticCorpus):
    def none(config: CorpusConfig, indices: list[int]) -> list[Clip]:
        assert not indices
        return []

    monkeypatch.setattr("thlab.corpus.synthetic.make_clips", none)
    assert len(tiny.clips([2, 0, 2])) == 3


def test_without_a_cache_nothing_is_prepared():
    with pytest.raises(ValueError, match="folder"):
        SyntheticCorpus(SMALL, cache=None).prepare(1)


def test_files_left_by_a_kill_are_swept_when_they_are_old(tmp_path: Path):
    old, young = tmp_path / "000001.npz.aa.part", tmp_path / "000002.npz.bb.part"
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))
    ClipCache(tmp_path, SMALL).sweep()
    assert not old.exists()
    assert young.exists()


FILLING = """
from thlab.corpus.plan import CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
config = CorpusConfig(size=16, clips_an_actor=1, supersample=1, shadows=False, emotions=("neutral",), actors=2)
SyntheticCorpus(config, cache={folder!r}).prepare(40, processes=1)
"""


@pytest.mark.slow
def test_a_generation_that_was_killed_leaves_whole_clips_and_goes_on(tmp_path: Path):
    process = subprocess.Popen([sys.executable, "-c", FILLING.format(folder=str(tmp_path))])
    deadline = time.monotonic() + 60
    while len(list(tmp_path.glob("*.npz"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = sorted(tmp_path.glob("*.npz"))
    assert 2 <= len(done) < 40
    assert all(len(read_archive(path)) > 20 for path in done)
    times = {path: path.stat().st_mtime_ns for path in done}
    count = len(done) + 1
    corpus = SyntheticCorpus(SMALL, cache=tmp_path)
    corpus.prepare(count, processes=1)
    assert len(list(tmp_path.glob("*.npz"))) == count
    assert {path: path.stat().st_mtime_ns for path in done} == times


@pytest.mark.slow
def test_workers_make_the_clips_that_one_process_makes(tmp_path: Path):
    corpus = SyntheticCorpus(SMALL, cache=tmp_path)
    corpus.prepare(2, processes=2)
    assert sorted(path.name for path in tmp_path.glob("*.npz")) == ["000000.npz", "000001.npz"]
    alone = SyntheticCorpus(SMALL, cache=None)[1]
    made = corpus[1]
    assert np.abs(made.frames.numpy().astype(int) - alone.frames.numpy()).max() <= 2
    torch.testing.assert_close(made.audio, alone.audio)


def test_only_the_clips_that_are_named_are_made(tmp_path: Path):
    SyntheticCorpus(SMALL, cache=tmp_path).prepare([1], processes=1)
    assert [path.name for path in tmp_path.glob("*.npz")] == ["000001.npz"]


def test_a_worker_that_fails_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("thlab.corpus.synthetic.WORKER", "raise SystemExit('no lamp')")
    with pytest.raises(RuntimeError, match="no lamp"):
        SyntheticCorpus(SMALL, cache=tmp_path).prepare(2, processes=2)
