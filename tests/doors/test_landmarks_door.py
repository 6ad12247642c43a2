"""``thlab landmarks`` writes points and a drawing, refuses in one line, and compares detectors on marked pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thlab.__main__ import main
from thlab.corpus.snapshots import photographed
from thlab.doors import landmarks as door
from thlab.experiments import detectors
from thlab.face.head import Camera
from thlab.media import ClipWriter, read_clip, read_picture
from thlab.media.points_files import read_points, write_points


@pytest.fixture(scope="module")
def filmed() -> tuple[np.ndarray, np.ndarray]:
    shots = photographed(53_000_002, each=1, size=224, framing=Camera(zoom=1.3, shift=(0.0, -0.14)))
    return shots.pictures[0].numpy(), shots.landmarks[0].numpy()


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["landmarks", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def test_the_names_of_the_detectors_are_those_of_the_room_below():
    assert door.DETECTORS == detectors.NAMES


def test_a_picture_gives_points_and_a_drawing(filmed: tuple, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    picture, truth = filmed
    Image.fromarray(picture).save(tmp_path / "face.png")
    assert main(["landmarks", str(tmp_path / "face.png"), "-o", str(tmp_path / "face.pts")]) == 0
    written = [Path(line) for line in capsys.readouterr().out.split()]
    assert written == [tmp_path / "face.pts", tmp_path / "face-points.png"]
    points = read_points(written[0])
    assert points.shape == (68, 2)
    assert np.linalg.norm(points - truth, axis=1)[17:].mean() < 6
    assert read_picture(written[1]).shape == picture.shape
    assert np.array_equal(read_picture(tmp_path / "face.png"), picture)


def test_a_video_gives_a_track_and_a_drawn_video(filmed: tuple, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with ClipWriter(tmp_path / "film.mp4", (224, 224)) as writer:
        for shown in [filmed[0]] * 5 + [np.zeros_like(filmed[0])] * 3:
            writer.write(shown)
    assert main(["landmarks", str(tmp_path / "film.mp4"), "-o", str(tmp_path / "out" / "track.npz")]) == 0
    assert len(capsys.readouterr().out.split()) == 2
    with np.load(tmp_path / "out" / "track.npz") as track:
        assert track["landmarks"].shape == (8, 68, 2)
        assert track["found"].tolist() == [True] * 5 + [False] * 3
    assert len(read_clip(tmp_path / "out" / "track.mp4")) == 8


def test_what_shows_nobody_or_is_nothing_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    Image.new("RGB", (60, 60)).save(tmp_path / "dark.png")
    (tmp_path / "text.jpg").write_text("words")
    (tmp_path / "empty.png").touch()
    noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:3000])
    output = tmp_path / "out.pts"
    for name, told in [
        ("dark.png", "no face was found"), ("text.jpg", "is not a picture"), ("empty.png", "is not a picture"),
        ("gone.png", "no file"), ("cut.png", "cannot be read"),
    ]:  # fmt: skip
        assert told in refused(capsys, str(tmp_path / name), "-o", str(output))
    assert "expected a picture or a video" in refused(capsys)
    assert not output.exists()


def test_a_face_that_is_not_there_is_refused(filmed: tuple, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    Image.fromarray(filmed[0]).save(tmp_path / "face.png")
    place = str(tmp_path / "o.pts")
    assert "no face 4" in refused(capsys, str(tmp_path / "face.png"), "--face-index", "4", "-o", place)


def test_detectors_are_compared_and_those_that_cannot_say_why(
    filmed: tuple, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    Image.fromarray(filmed[0]).save(tmp_path / "face.png")
    write_points(filmed[1], tmp_path / "face.pts")
    assert main(["landmarks", "--compare", str(tmp_path)]) == 0
    said = capsys.readouterr()
    rows = {line.split()[0]: line.split() for line in said.out.splitlines()}
    assert rows["mediapipe"][1] == rows["own"][1] == "1/1"
    assert float(rows["mediapipe"][2]) < 15
    assert "face-alignment" not in rows
    assert "nothing is fetched unless you ask" in said.err
