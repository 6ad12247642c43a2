"""Clips and sounds in the page: they play, they fit, they say that they are synthetic."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from course.media import embedded

from thlab.course import player, players, sounds
from thlab.course.players import MOST_BYTES, encoded
from thlab.media import Clip, read_audio, read_clip, read_note
from thlab.timebase import SAMPLE_RATE, frames_to_samples


def ramp(frames: int, size: int = 32) -> Clip:
    """Frames that brighten, with a tone."""
    shades = torch.linspace(40, 200, frames).to(torch.uint8)
    tone = 0.5 * torch.sin(2 * torch.pi * 440 * torch.arange(frames_to_samples(frames)) / SAMPLE_RATE)
    return Clip(frames=shades[:, None, None, None].repeat(1, size, size, 3), audio=tone)


def saved(folder: Path, data: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_clip_in_the_page_is_the_clip_and_is_marked_as_synthetic(shown, tmp_path: Path):
    clip = ramp(20)
    player({"real": clip}, alt="a square brightens")
    (data,) = embedded(shown[0].html, "video")
    path = saved(tmp_path, data, "clip.mp4")
    back = read_clip(path)
    assert len(back) == 20
    assert (back.frames.float() - clip.frames.float()).abs().mean() < 6
    assert back.audio.abs().max() > 0.3
    assert "synthetic" in read_note(path).lower()


def test_every_clip_has_label_controls_poster_and_description(shown):
    player({"real": ramp(5), "generated": ramp(5)}, alt='a "square" brightens')
    html = shown[0].html
    assert html.count("<video controls") == html.count("poster=") == 2
    assert 'title="generated: a &quot;square&quot; brightens"' in html
    assert "autoplay" not in html


def test_a_large_clip_is_compressed_until_it_fits():
    noisy = torch.randint(0, 256, (12, 160, 160, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    assert len(encoded(Clip(frames=noisy))) <= MOST_BYTES


def test_a_clip_that_cannot_fit_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(players, "MOST_BYTES", 1000)
    with pytest.raises(ValueError, match=r"'ramp' lasts 1.0 s .* show less"):
        encoded(ramp(25), "ramp")


@pytest.mark.parametrize(
    ("clips", "alt", "message"),
    [({}, "x", "expected clips"), ({"a": Clip(audio=torch.zeros(640))}, "x", "no"), ({"a": ramp(2)}, " ", "alt")],
)
def test_players_without_clip_pictures_or_alt_are_refused(clips, alt, message):
    with pytest.raises(ValueError, match=message):
        player(clips, alt=alt)


@pytest.mark.parametrize("kind", [torch.from_numpy, np.asarray])
def test_a_sound_in_the_page_is_the_sound(shown, tmp_path: Path, kind):
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)).astype(np.float32)
    sounds({"a <tone>": kind(tone)})
    (data,) = embedded(shown[0].html, "audio")
    assert "a &lt;tone&gt;" in shown[0].html
    assert len(data) < 2 * len(tone) / 2  # less than half of 16-bit wav
    back = read_audio(saved(tmp_path, data, "tone.mp3")).numpy()
    spectrum = np.abs(np.fft.rfft(back[:SAMPLE_RATE]))
    assert spectrum.argmax() == 440


def test_sounds_stand_in_a_table_by_row_and_column(shown):
    high, low = (np.full(1600, level, np.float32) for level in (0.1, 0.2))
    sounds({"voice": {"as spoken": high, "from MFCC": low}, "noise": {"from MFCC": low}})
    table = ElementTree.fromstring(re.search(r"<table.*</table>", shown[0].html).group(0).replace("controls ", ""))
    lines = table.findall("tr")
    assert [cell.text for cell in lines[0].findall("th")] == ["as spoken", "from MFCC"]
    assert [line.find("th").text for line in lines[1:]] == ["voice", "noise"]
    heard = [[audio.get("aria-label") for audio in line.iter("audio")] for line in lines[1:]]
    assert heard == [["voice, as spoken", "voice, from MFCC"], ["noise, from MFCC"]]
    assert [len(line.findall("td")) for line in lines[1:]] == [2, 2]


def test_sounds_without_a_sound_are_refused():
    with pytest.raises(ValueError, match="expected sounds"):
        sounds({})
