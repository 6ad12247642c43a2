"""``thlab talk --face``: a photograph speaks, and what is no face is refused in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from thlab.__main__ import main
from thlab.face.landmarks import FaceMesh
from thlab.media import read_clip, read_note
from thlab.media.points_files import write_points
from thlab.timebase import video_frames


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An odd number of rows, to see that they become even."""
    path = tmp_path_factory.mktemp("faces") / "me.png"
    Image.fromarray(astronaut()[:301, 80:380]).save(path)
    return path


@pytest.fixture(scope="module")
def two_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same person twice, once smaller."""
    face = Image.fromarray(astronaut()[:300, 80:380])
    both = Image.new("RGB", (520, 300), (128, 128, 128))
    both.paste(face, (0, 0))
    both.paste(face.resize((200, 200)), (310, 60))
    path = tmp_path_factory.mktemp("faces") / "two.png"
    both.save(path)
    return path


@pytest.fixture(scope="module")
def clip(photograph: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("talk") / "talk.mp4"
    words = ["--text", "Papa may swim.", "--emotion", "happy", "--captions"]
    assert main(["talk", "--face", str(photograph), *words, "--quiet", "-o", str(path)]) == 0
    return path


def test_a_photograph_says_a_text_at_its_own_size(clip: Path):
    made = read_clip(clip)
    assert made.frames.shape[1:] == (300, 300, 3)
    assert abs(len(made.frames) - video_frames(len(made.audio))) <= 1
    assert "synthetic" in read_note(clip).lower()
    assert "Papa may swim." in clip.with_suffix(".vtt").read_text()


def test_only_the_person_moves(clip: Path):
    frames = read_clip(clip).frames.numpy().astype(float)
    moving = frames.std(0).mean(2)
    assert moving[:40, -40:].mean() < 1.0  # the wall
    assert moving[60:150, 100:190].mean() > 3.0  # the face


def test_landmarks_from_a_file_stand_for_the_detector(photograph: Path, tmp_path: Path):
    found = FaceMesh().detect(np.asarray(Image.open(photograph)))[0]
    write_points(found.ibug().astype(float), tmp_path / "me.pts")
    path = tmp_path / "talk.mp4"
    arguments = ["talk", "--face", str(photograph), "--landmarks", str(tmp_path / "me.pts"), "--text", "Ah."]
    assert main([*arguments, "--quiet", "-o", str(path)]) == 0
    assert read_clip(path).frames.numpy().std(0).max() > 10


def test_the_largest_face_speaks_unless_another_is_asked_for(two_faces: Path, tmp_path: Path):
    moving = []
    for number, index in enumerate(([], ["--face-index", "1"])):
        path = tmp_path / f"{number}.mp4"
        assert main(["talk", "--face", str(two_faces), *index, "--text", "Ah.", "--quiet", "-o", str(path)]) == 0
        spread = read_clip(path).frames.numpy().astype(float).std(0).mean(2)
        moving.append((spread[:, :300].mean(), spread[:, 310:510].mean()))
    assert moving[0][0] > 3 * moving[0][1]
    assert moving[1][1] > 3 * moving[1][0]


# -- bad input --------------------------------------------------------------------------------------------------------


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a command answers with when it refuses."""
    assert main(["talk", "--text", "hello", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("thlab: ")
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--actor", "3"], "--actor does not go with --face"),
        (["--size", "256"], "--size does not go with --face"),
        (["--system", "speech2vid"], "system photograph"),
        (["--face-index", "-1"], "from 0"),
        (["--face-index", "7"], "there is no face 7"),
        (["--landmarks", "none.pts"], "none.pts"),
        (["--face-index", "0", "--landmarks", "x.pts"], "--landmarks names the face"),
    ],
)
def test_an_option_that_makes_no_sense_is_named(
    photograph: Path, capsys: pytest.CaptureFixture[str], options: list[str], told: str
):
    assert told in refused(["--face", str(photograph), *options], capsys)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--face-index", "1"], "--face-index goes with --face"),
        (["--landmarks", "x.pts"], "--landmarks goes with --face"),
        (["--system", "photograph"], "give one with --face"),
    ],
)
def test_options_of_a_face_without_one_are_refused(capsys: pytest.CaptureFixture[str], options: list[str], told: str):
    assert told in refused(options, capsys)


def write_picture(kind: str, path: Path) -> None:
    if kind == "not a picture":
        path.write_text("a letter")
    elif kind == "no face":
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)).save(path)
    elif kind == "tiny":
        Image.new("RGB", (8, 8)).save(path)


@pytest.mark.parametrize("kind", ["missing", "not a picture", "no face", "tiny"])
def test_a_picture_without_a_face_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str):
    path = tmp_path / "me.png"
    write_picture(kind, path)
    line = refused(["--face", str(path), "-o", str(tmp_path / "o" / "talk.mp4")], capsys)
    assert "me.png" in line
    assert not list(tmp_path.rglob("*.mp4*"))
    if kind == "no face":
        assert "--landmarks" in line


def test_points_of_another_picture_are_refused(photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    found = FaceMesh().detect(np.asarray(Image.open(photograph)))[0]
    write_points(found.ibug().astype(float) + 4000, tmp_path / "other.pts")
    line = refused(["--face", str(photograph), "--landmarks", str(tmp_path / "other.pts")], capsys)
    assert "give the points of this picture" in line


@pytest.mark.parametrize(("mode", "suffix"), [("L", ".png"), ("RGBA", ".png"), ("CMYK", ".jpg")])
def test_grey_transparent_and_printers_pictures_speak(photograph: Path, tmp_path: Path, mode: str, suffix: str):
    path = tmp_path / f"me{suffix}"
    Image.open(photograph).convert(mode).save(path)
    output = tmp_path / "talk.mp4"
    assert main(["talk", "--face", str(path), "--text", "Ah.", "--quiet", "-o", str(output)]) == 0
    assert read_clip(output).frames.numpy().std(0).max() > 10
