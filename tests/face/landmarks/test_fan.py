"""Nothing is downloaded unasked, and what the library answers comes through; the library itself is played."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from thlab.face.landmarks.fan import WEIGHTS, FaceAlignment

POINTS = np.random.default_rng(0).uniform(20, 60, (68, 2)).astype(np.float32)
made: list[dict] = []


class Played:
    """What ``face_alignment.FaceAlignment`` answers: a small face, and a large one."""

    faces = 2

    def __init__(self, kind: object, **options: object) -> None:
        made.append({"kind": kind, **options})

    def get_landmarks_from_image(self, picture: np.ndarray, *, return_landmark_score: bool) -> tuple:
        assert return_landmark_score
        assert picture.flags.c_contiguous
        if self.faces == 0:
            return None, None, None
        return [POINTS, 2 * POINTS], [np.full(68, 0.5), np.full(68, 1.2)], None


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    library = SimpleNamespace(FaceAlignment=Played, LandmarksType=SimpleNamespace(TWO_D="2D"))
    monkeypatch.setitem(sys.modules, "face_alignment", library)
    made.clear()
    return tmp_path / "checkpoints"


def test_without_weights_it_names_them_and_makes_nothing(home: Path):
    with pytest.raises(ValueError, match="nothing is fetched unless you ask") as refused:
        FaceAlignment()
    said = str(refused.value)
    assert "\n" not in said
    assert all(name in said for name in (*WEIGHTS, str(home), "--download", "about 90 MB"))
    assert made == []


def test_only_what_is_missing_is_named(home: Path):
    home.mkdir()
    first, second = WEIGHTS
    (home / first).touch()
    with pytest.raises(ValueError, match=second) as refused:
        FaceAlignment()
    assert first not in str(refused.value)


@pytest.mark.parametrize("download", [True, False])
def test_it_starts_when_asked_to_download_or_when_all_is_there(home: Path, download: bool):
    if not download:
        home.mkdir()
        for name in WEIGHTS:
            (home / name).touch()
    faces = FaceAlignment(download=download).detect(np.zeros((200, 200, 3), np.uint8)[:, ::-1], most=2)
    assert made == [{"kind": "2D", "device": "cpu", "compile": False, "face_detector": "sfd"}]
    assert [face.scheme for face in faces] == ["ibug68", "ibug68"]
    assert np.allclose(faces[0].ibug(), 2 * POINTS)
    assert [face.score for face in faces] == [1.0, 0.5]


def test_a_picture_of_nobody_gives_an_empty_list(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Played, "faces", 0)
    assert FaceAlignment(download=True).detect(np.zeros((200, 200, 3), np.uint8)) == []


def test_without_the_package_it_says_what_to_install(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "face_alignment", None)
    with pytest.raises(ValueError, match="pip install"):
        FaceAlignment(download=True)
