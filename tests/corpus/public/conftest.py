"""Small replicas of eleven datasets: their published layout, filled with one second of synthetic people."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from thlab.media import read_clip

SAMPLE = Path(__file__).parents[3] / "data_samples" / "00-neutral.mp4"
ROWS = 64
FRAMES = 25
TALK = "0akiEFwtkyA"
"""A name as videos at YouTube have."""


def encode(
    path: Path,
    pictures: np.ndarray | None,
    sound: np.ndarray | None = None,
    *,
    codecs: tuple[str, str] = ("libx264", "aac"),
    rate: int = 25,
    sound_rate: int = 16_000,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a video with PyAV alone; ``sound`` is mono, −1 to 1."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        video = None if pictures is None else container.add_stream(codecs[0], rate=rate, options=options or {})
        if video is not None:
            video.height, video.width, video.pix_fmt = *pictures.shape[1:3], "yuv420p"
        track = None if sound is None else container.add_stream(codecs[1], rate=sound_rate, layout="mono")
        for number, picture in enumerate(pictures if video is not None else ()):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(video.encode(frame))
        if video is not None:
            container.mux(video.encode(None))
        if track is not None:
            for start in range(0, len(sound), 1152):
                block = sound[None, start : start + 1152]
                planar = track.codec_context.format.name == "fltp"
                data = block if planar else (block * 32767).astype(np.int16)
                piece = av.AudioFrame.from_ndarray(data, format="fltp" if planar else "s16", layout="mono")
                piece.sample_rate, piece.pts, piece.time_base = sound_rate, start, Fraction(1, sound_rate)
                container.mux(track.encode(piece))
            container.mux(track.encode(None))
    return path


@pytest.fixture(name="encode", scope="session")
def _encode() -> Callable[..., Path]:
    return encode


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One second of an invented person, in the formats in which the datasets are published."""
    clip = read_clip(SAMPLE, height=ROWS)[:FRAMES]
    assert clip.frames is not None
    assert clip.audio is not None
    pictures, sound = clip.frames.numpy(), clip.audio.numpy()
    at_44k = np.interp(np.arange(44_100) / 44_100, np.arange(16_000) / 16_000, sound).astype(np.float32)
    folder = tmp_path_factory.mktemp("footage")
    soundfile.write(folder / "sound.wav", sound, 16_000)
    return {
        "mp4": encode(folder / "clip.mp4", pictures, sound),
        "silent.mp4": encode(folder / "silent.mp4", pictures),
        "lrw.mp4": encode(folder / "lrw.mp4", np.concatenate([pictures, pictures[-4:]]), np.resize(sound, 18_560)),
        "mpg": encode(
            folder / "clip.mpg", pictures, at_44k, codecs=("mpeg1video", "mp2"), sound_rate=44_100
        ),
        "flv": encode(folder / "clip.flv", pictures, at_44k, codecs=("flv1", "libmp3lame"), sound_rate=44_100),
        "mkv": encode(folder / "clip.mkv", np.repeat(pictures, 4, axis=0), rate=100),
        "m4a": encode(folder / "sound.m4a", None, sound),
        "wav": folder / "sound.wav",
    }  # fmt: skip


def put(source: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)


def write(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def boxes(*, video: str, first: int = 0, count: int = 3, box: str = "0.1 0.2 0.5 0.6", text: str = "") -> str:
    """A file of boxes as VoxCeleb publishes them, tabs and blanks included."""
    head = f"{text}Identity  : \tid00001\nReference : \t{video}\nOffset    : \t1\nFV Conf   : \t16.1\t(1)\n\n"
    rows = "".join(f"{first + i:06d} \t" + " \t".join(box.split()) + " \n" for i in range(count))
    return head + "FRAME \tX \tY \tW \tH \n" + rows


def grid(root: Path, footage: dict[str, Path]) -> None:
    for speaker, name in (("s1", "bbaf2n"), ("s2", "swwzza")):
        put(footage["mpg"], root / speaker / f"{name}.mpg")
    write(root / "s1/align/bbaf2n.align",
          "0 2500 sil\n2500 5000 bin\n5000 8000 blue\n8000 9000 at\n9000 11000 f\n11000 12000 sp\n12000 15000 two\n"
          "15000 20000 now\n20000 25000 sil\n")  # fmt: skip


def crema_d(root: Path, footage: dict[str, Path]) -> None:
    for name in ("1001_IEO_ANG_HI", "1001_DFA_NEU_XX", "1002_TIE_HAP_XX"):
        put(footage["flv"], root / "VideoFlash" / f"{name}.flv")
        put(footage["wav"], root / "AudioWAV" / f"{name}.wav")
    write(root / "VideoDemographics.csv",
          '"ActorID","Age","Sex","Race","Ethnicity"\n1001,51,"Male","Caucasian","Not Hispanic"\n')  # fmt: skip


def modality(root: Path, footage: dict[str, Path]) -> None:
    for session, camera in (("C1", "L"), ("C1", "R"), ("S2", "L"), ("S2", "R")):
        put(footage["mkv"], root / "SPEAKER09" / f"SPEAKER09_{session}_STR{camera}.mkv")
        put(footage["wav"], root / "SPEAKER09" / f"SPEAKER09_{session}_AUD1.wav")
        write(root / "SPEAKER09" / f"SPEAKER09_{session}_AUD1.lab", "1000000 4000000 FIVE\n5000000 9000000 MAY\n")


def mead(root: Path, footage: dict[str, Path]) -> None:
    for view in ("front", "left_30"):
        for emotion, level in (("angry", 3), ("contempt", 1), ("neutral", 1)):
            put(footage["silent.mp4"], root / f"M003/video/{view}/{emotion}/level_{level}/001.mp4")
            put(footage["m4a"], root / f"M003/audio/{emotion}/level_{level}/001.m4a")


def obama_set(root: Path, footage: dict[str, Path]) -> None:
    write(root / "obama_addresses.txt", f"{TALK}\nhttps://www.youtube.com/watch?v=3vPdtajOJfw\n")
    put(footage["mp4"], root / "videos" / f"{TALK}.mp4")
    put(footage["mp4"], root / "clips/3vPdtajOJfw/000.mp4")


def lrw(root: Path, footage: dict[str, Path]) -> None:
    for split, number in (("train", 1), ("val", 1), ("test", 2)):
        place = root / f"lipread_mp4/ABOUT/{split}/ABOUT_{number:05d}"
        put(footage["lrw.mp4"], place.with_suffix(".mp4"))
        write(place.with_suffix(".txt"), "Disk reference: 6\nChannel: BBC1 HD\nDuration: 0.36 seconds\n")


def lrs2(root: Path, footage: dict[str, Path]) -> None:
    table = "\nWORD START END ASDSCORE\nWE 0.10 0.30 4.2\nMOVE 0.30 0.80 5.0\nON 1.40 1.60 3.1\n"
    for part, number, text in (("pretrain", 1, "WE MOVE ON"), ("main", 1, "GOOD EVENING"), ("main", 2, "HELLO")):
        place = root / f"mvlrs_v1/{part}/5535415699068794046/{number:05d}"
        put(footage["mp4"], place.with_suffix(".mp4"))
        write(place.with_suffix(".txt"), f"Text:  {text}\nConf:  3\n" + (table if part == "pretrain" else ""))
    write(root / "pretrain.txt", "5535415699068794046/00001\n")
    write(root / "train.txt", "5535415699068794046/00001\n")
    write(root / "test.txt", "5535415699068794046/00002 NF\n")


def lrs3(root: Path, footage: dict[str, Path]) -> None:
    for part in ("pretrain", "trainval", "test"):
        place = root / part / TALK / "00001"
        put(footage["mp4"], place.with_suffix(".mp4"))
        table = "\nWORD START END ASDSCORE\nHELLO 0.2 0.9 3.5\n" if part == "pretrain" else ""
        write(place.with_suffix(".txt"), boxes(video=TALK, text="Text:  HELLO\nConf:  5\n") + table)


def voxceleb(root: Path, footage: dict[str, Path]) -> None:
    for person, video in (("id10001", "1zcIwhmdeo4"), ("id10270", "5r0dWxy17C8")):
        put(footage["mp4"], root / "mp4" / person / video / "00001.mp4")
        write(root / "txt" / person / video / "00001.txt", boxes(video=video, box="30 40 100 100"))
    write(root / "vox1_meta.csv", "VoxCeleb1 ID\tVGGFace1 ID\tGender\tNationality\tSet\n"
          "id10001\tA.J._Buckley\tm\tIreland\tdev\nid10270\tEartha_Kitt\tf\tUSA\ttest\n")  # fmt: skip
    write(root / "iden_split.txt", "1 id10001/1zcIwhmdeo4/00001.wav\n3 id10270/5r0dWxy17C8/00001.wav\n")
    write(root / "veri_test.txt", "1 id10270/5r0dWxy17C8/00001.wav id10270/5r0dWxy17C8/00001.wav\n")


def voxceleb2(root: Path, footage: dict[str, Path]) -> None:
    for part, person, video in (("dev", "id00012", "21Uxsk56VDQ"), ("test", "id00017", "01dfn2spqyE")):
        put(footage["silent.mp4"], root / part / "mp4" / person / video / "00001.mp4")
        put(footage["m4a"], root / part / "aac" / person / video / "00001.m4a")
        write(root / part / "txt" / person / video / "00001.txt", boxes(video=video))
    write(root / "vox2_meta.csv", "VoxCeleb2 ID ,VGGFace2 ID ,Gender ,Set \nid00012 ,n000012 ,m ,dev \n")


def avspeech(root: Path, footage: dict[str, Path]) -> None:
    write(root / "avspeech_train.csv", f"{TALK},12.0,13.0,0.5,0.25\n")
    write(root / "avspeech_test.csv", "3vPdtajOJfw,0.5,1.5,0.9,0.9\n")
    put(footage["mp4"], root / f"train/{TALK}_12.00_13.00.mp4")
    put(footage["mp4"], root / "test/3vPdtajOJfw_0.50_1.50.mp4")


BUILDERS = (grid, crema_d, modality, mead, obama_set, lrw, lrs2, lrs3, voxceleb, voxceleb2, avspeech)


@pytest.fixture(scope="session")
def replicas(tmp_path_factory: pytest.TempPathFactory, footage: dict[str, Path]) -> dict[str, Path]:
    """Name → root of its replica; not to be changed."""
    roots = {build.__name__: tmp_path_factory.mktemp(build.__name__) for build in BUILDERS}
    for build in BUILDERS:
        build(roots[build.__name__], footage)
    return roots


@pytest.fixture
def replica(replicas: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a replica, to be changed."""
    return lambda name: Path(shutil.copytree(replicas[name], tmp_path / name))


@pytest.fixture(name="boxes", scope="session")
def _boxes() -> Callable[..., str]:
    return boxes


@pytest.fixture(scope="session")
def talk() -> str:
    return TALK


@pytest.fixture(scope="session")
def chased(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a downloaded "talk": three seconds, 120 rows; a white square of 24 pixels runs over black, 2 pixels
    a frame to the right from (10, 40), and at 1.5 s there is a click."""
    pictures = np.zeros((75, 120, 200, 3), np.uint8)
    for number, picture in enumerate(pictures):
        picture[40:64, 10 + 2 * number : 34 + 2 * number] = 255
    sound = np.zeros(48_000, np.float32)
    sound[24_000:24_040] = 0.8
    folder = tmp_path_factory.mktemp("videos")
    encode(folder / f"{TALK}.mkv", pictures, sound, codecs=("libx264", "flac"), options={"crf": "4"})
    return folder
