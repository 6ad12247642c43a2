from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from thlab.corpus.public.cutting import Piece, crop, cut_pieces, find_video
from thlab.media import read_clip, read_note


def pieces(talk: str, *spans: tuple[int, int]) -> list[Piece]:
    return [Piece(talk, f"p{first}", first, frames, size=None) for first, frames in spans]


def test_a_crop_of_whole_pixels_copies_them():
    picture = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    assert (crop(picture, np.array([2.0, 1.0, 4.0, 3.0]), size=None) == picture[1:4, 2:6]).all()


def test_a_crop_beyond_the_border_repeats_it():
    picture = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    wide = crop(picture, np.array([-2.0, -1.0, 12.0, 8.0]), size=None)
    assert wide.shape == (8, 12, 3)
    assert (wide[1:7, 2:10] == picture).all()
    assert (wide[0, 2:10] == picture[0]).all()
    assert (wide[1:7, 0] == picture[:, 0]).all()


def test_a_scaled_crop_keeps_a_flat_colour():
    picture = np.full((40, 60, 3), 77, np.uint8)
    scaled = crop(picture, np.array([3.0, 4.0, 30.0, 30.0]), size=16)
    assert scaled.shape == (16, 16, 3)
    assert (scaled == 77).all()


def test_overlapping_pieces_come_out_of_one_pass_frame_by_frame(tmp_path: Path, chased: Path, talk: str):
    """The square of the film stands 2 pixels further right in every frame, so its place tells the frame."""
    (report,) = cut_pieces(pieces(talk, (40, 20), (5, 30), (20, 25)), chased, tmp_path)
    assert sorted(path.name for path in report.written) == ["p20.mp4", "p40.mp4", "p5.mp4"]
    for first, frames in ((5, 30), (20, 25), (40, 20)):
        clip = read_clip(tmp_path / f"p{first}.mp4")
        assert clip.frames is not None
        assert clip.frame_count == frames
        for number in (0, frames // 2, frames - 1):
            columns = clip.frames[number, 52].float().mean(dim=-1).numpy()
            middle = float((columns * (np.arange(200) + 0.5)).sum() / columns.sum())
            assert middle == pytest.approx(22 + 2 * (first + number), abs=0.7)


def test_sound_stays_with_its_pictures(tmp_path: Path, chased: Path, talk: str):
    list(cut_pieces(pieces(talk, (30, 20)), chased, tmp_path))
    audio = read_clip(tmp_path / "p30.mp4").audio
    assert audio is not None
    assert abs(int(audio.abs().argmax()) - (24_000 - 30 * 640)) < 160


def test_a_clip_cut_from_a_recording_carries_no_note_that_it_is_synthetic(tmp_path: Path, chased: Path, talk: str):
    (report,) = cut_pieces(pieces(talk, (0, 5)), chased, tmp_path)
    assert read_note(report.written[0]) is None


def test_a_piece_beyond_the_end_is_refused_and_leaves_nothing_half_written(tmp_path: Path, chased: Path, talk: str):
    with pytest.raises(ValueError, match=r"ends before p60 does, which needs frames 60 to 89"):
        list(cut_pieces(pieces(talk, (0, 10), (60, 30)), chased, tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["p0.mp4"]


def test_a_damaged_video_is_counted_on_request(tmp_path: Path, talk: str):
    videos = tmp_path / "videos"
    videos.mkdir()
    (videos / f"{talk}.mp4").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=talk):
        list(cut_pieces(pieces(talk, (0, 5)), videos, tmp_path / "out"))
    (report,) = cut_pieces(pieces(talk, (0, 5)), videos, tmp_path / "out", skip_damaged=True)
    assert len(report.failed) == 1
    assert talk in report.failed[0]
    assert report.written == []


def test_videos_are_found_whatever_their_ending(chased: Path, talk: str):
    assert find_video(chased, talk) == chased / f"{talk}.mkv"
    assert find_video(chased, "3vPdtajOJfw") is None
