"""Any sound that a user brings becomes 16 kHz mono, or one line that says why it cannot."""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
import torch

from thlab.media import read_audio, stream_audio, write_audio

TONE = 440.0


def tone(rate: int, seconds: float = 0.5) -> np.ndarray:
    """A sine that swells and ebbs, so that a shift in time shows."""
    time = np.arange(round(rate * seconds)) / rate
    return (0.5 * np.sin(2 * np.pi * TONE * time) * np.sin(np.pi * time / seconds) ** 2).astype(np.float32)


def difference(audio: torch.Tensor, seconds: float = 0.5) -> float:
    """The largest deviation from the same tone, computed at 16 kHz."""
    truth = torch.from_numpy(tone(16_000, seconds))
    assert abs(len(audio) - len(truth)) <= 1
    length = min(len(audio), len(truth))
    return float((audio[:length] - truth[:length]).abs().max())


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_a_tone_is_the_same_tone_at_any_rate(tmp_path: Path, rate: int):
    soundfile.write(tmp_path / "a.wav", tone(rate), rate, subtype="FLOAT")
    assert difference(read_audio(tmp_path / "a.wav")) < 1e-4


def test_what_16_khz_cannot_hold_is_filtered_out(tmp_path: Path):
    high = 0.5 * np.sin(2 * np.pi * 11_000 * np.arange(48_000) / 48_000)
    soundfile.write(tmp_path / "a.wav", high, 48_000, subtype="FLOAT")
    assert float(read_audio(tmp_path / "a.wav")[800:-800].abs().max()) < 1e-4


@pytest.mark.parametrize(
    ("name", "subtype", "tolerance"),
    [
        ("a.wav", "PCM_U8", 1e-2),
        ("a.wav", "PCM_16", 1e-4),
        ("a.wav", "PCM_24", 1e-5),
        ("a.wav", "PCM_32", 1e-5),
        ("a.wav", "DOUBLE", 1e-5),
        ("a.wav", "ULAW", 2e-2),
        ("a.flac", "PCM_24", 1e-5),
        ("a.ogg", "VORBIS", 2e-2),
        ("a.ogg", "OPUS", 2e-2),
        ("a.mp3", "MPEG_LAYER_III", 2e-2),
        ("a.aiff", "PCM_16", 1e-4),
    ],
)
def test_a_tone_is_the_same_tone_in_any_format(tmp_path: Path, name: str, subtype: str, tolerance: float):
    soundfile.write(tmp_path / name, tone(16_000), 16_000, subtype=subtype)
    assert difference(read_audio(tmp_path / name)) < tolerance


def test_the_sound_of_m4a_is_neither_late_nor_padded(tmp_path: Path):
    with av.open(str(tmp_path / "a.m4a"), "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone(16_000)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 16_000, 0, Fraction(1, 16_000)
        container.mux([*stream.encode(frame), *stream.encode(None)])
    assert difference(read_audio(tmp_path / "a.m4a")) < 1e-2


@pytest.mark.parametrize("channels", [2, 6])
def test_channels_are_averaged(tmp_path: Path, channels: int):
    shares = np.arange(1, channels + 1) / channels
    soundfile.write(tmp_path / "a.wav", tone(16_000)[:, None] * shares, 16_000, subtype="FLOAT")
    assert torch.allclose(read_audio(tmp_path / "a.wav"), torch.from_numpy(tone(16_000)) * shares.mean(), atol=1e-6)


def test_silence_is_sound(tmp_path: Path):
    soundfile.write(tmp_path / "a.wav", np.zeros(16_000), 16_000)
    assert torch.equal(read_audio(tmp_path / "a.wav"), torch.zeros(16_000))


def test_a_stream_is_the_file_in_pieces(tmp_path: Path):
    noise = np.random.default_rng(0).uniform(-1, 1, 400_000)
    soundfile.write(tmp_path / "a.wav", noise, 44_100, subtype="FLOAT")
    blocks = list(stream_audio(tmp_path / "a.wav"))
    assert len(blocks) > 3
    assert torch.equal(torch.cat(blocks), read_audio(tmp_path / "a.wav"))


def test_a_wav_from_a_pipe_states_no_length_and_is_read_to_its_end(tmp_path: Path):
    soundfile.write(tmp_path / "a.wav", tone(16_000), 16_000, subtype="PCM_16")
    data = bytearray((tmp_path / "a.wav").read_bytes())
    data[4:8] = data[40:44] = struct.pack("<I", 0xFFFF_FFFF)
    (tmp_path / "a.wav").write_bytes(data)
    assert difference(read_audio(tmp_path / "a.wav")) < 1e-4


def empty(path: Path) -> None:
    path.touch()


def directory(path: Path) -> None:
    path.mkdir()


def missing(path: Path) -> None:
    pass


def text(path: Path) -> None:
    path.write_text("This is no sound.\n" * 50)


def random_bytes(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(20_000))


def samples(values: list[float] | np.ndarray, rate: int = 16_000) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        soundfile.write(path, np.array(values, np.float32), rate, format="WAV", subtype="FLOAT")

    return make


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".flac", ".ogg", ".m4a"])
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (missing, "does not exist; check"),
        (directory, "is a directory; name"),
        (empty, r"is empty \(0 bytes\); record"),
        (text, "can(not)? be decoded|no sound track"),
        (random_bytes, "can(not)? be decoded|no sound track"),
    ],
)
def test_no_sound_at_all_is_one_line(tmp_path: Path, make: Callable[[Path], None], message: str, suffix: str):
    path = tmp_path / f"a{suffix}"
    make(path)
    with pytest.raises(ValueError, match=message) as caught:
        read_audio(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (samples([]), "nothing in a.wav can be decoded; record"),
        (samples([0.5]), r"at least 40 ms .* holds 0.1 ms; record"),
        (samples(np.zeros(639)), r"at least 40 ms .* holds 39.9 ms; record"),
        (samples([0.0] * 999 + [np.nan]), "NaN or infinity; export"),
        (samples([0.0] * 999 + [-np.inf]), "NaN or infinity; export"),
        (samples([0.0] * 999 + [20_000.0]), "reaches 20000; scale"),
        (samples(np.zeros(4_000), 4_000), "8000 to 192000 Hz, but a.wav has 4000 Hz; resample"),
    ],
)
def test_sound_that_nothing_can_be_made_of_is_one_line(tmp_path: Path, make: Callable[[Path], None], message: str):
    make(tmp_path / "a.wav")
    with pytest.raises(ValueError, match=message):
        read_audio(tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_16"),
        ("a.wav", "PCM_24"),
        ("a.flac", "PCM_16"),
        ("a.ogg", "VORBIS"),
        ("a.ogg", "OPUS"),
        ("a.mp3", None),
    ],
)
def test_a_file_that_was_cut_off_is_refused(
    tmp_path: Path, name: str, subtype: str | None, capfd: pytest.CaptureFixture[str]
):
    soundfile.write(tmp_path / name, np.random.default_rng(0).uniform(-0.5, 0.5, 3 * 48_000), 48_000, subtype=subtype)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) * 6 // 10])
    with pytest.raises(ValueError, match=r"cut off|damaged"):
        read_audio(tmp_path / name)
    assert capfd.readouterr() == ("", "")


def test_an_ogg_file_that_ends_with_a_whole_page_but_not_the_last_is_refused(tmp_path: Path):
    soundfile.write(tmp_path / "a.ogg", np.random.default_rng(0).uniform(-0.5, 0.5, 20 * 48_000), 48_000)
    data = (tmp_path / "a.ogg").read_bytes()
    (tmp_path / "a.ogg").write_bytes(data[: data.rfind(b"OggS")])
    with pytest.raises(ValueError, match="lacks its end"):
        read_audio(tmp_path / "a.ogg")


def test_a_picture_or_a_silent_video_has_no_sound_track(tmp_path: Path, film: Callable[..., Path], grey: Callable):
    with pytest.raises(ValueError, match=r"a\.mp4 has no sound track; choose"):
        read_audio(film(tmp_path / "a.mp4", [grey(0)] * 5))


@pytest.mark.parametrize(("name", "tolerance"), [("a.wav", 1e-4), ("a.flac", 1e-4), ("a.ogg", 2e-2), ("a.mp3", 2e-2)])
def test_written_sound_is_read_again(tmp_path: Path, name: str, tolerance: float):
    write_audio(torch.from_numpy(tone(16_000)), tmp_path / "new" / name)
    assert difference(read_audio(tmp_path / "new" / name)) < tolerance
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]


@pytest.mark.parametrize(
    ("audio", "name", "message"),
    [
        (torch.zeros(0), "a.wav", "0 samples"),
        (torch.tensor([0.0, torch.nan]), "a.wav", "finite"),
        (torch.zeros(999), "a.doc", r"\.wav or \.flac or \.ogg or \.mp3"),
        (torch.zeros(999), "", "is a directory|ends otherwise"),
    ],
)
def test_what_cannot_be_written_leaves_nothing(tmp_path: Path, audio: torch.Tensor, name: str, message: str):
    with pytest.raises(ValueError, match=message):
        write_audio(audio, tmp_path / name)
    assert list(tmp_path.iterdir()) == []
