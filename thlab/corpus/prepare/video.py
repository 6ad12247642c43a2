"""From somebody's video to a folder of clips with estimated truth. Two passes, neither holds the video in memory.

The first follows the face and leaves the points of its mesh in a file; then shots, person and crop are settled; the
second cuts the pictures out and writes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor
from tqdm import tqdm

from thlab.corpus.cache import write_archive
from thlab.corpus.prepare.poses import cut_out
from thlab.corpus.prepare.report import NAME, Report, SoundCheck
from thlab.corpus.prepare.shots import SHORTEST, Piece, cut_into_pieces, find_shots
from thlab.corpus.prepare.sound import Starts, check_sound, sound_of_video, stream_starts
from thlab.corpus.prepare.study import Study, study_face, truth_of
from thlab.corpus.prepare.watching import Watched, watch
from thlab.face.landmarks.detection import Detector
from thlab.media import Clip, ClipWriter, stream_frames
from thlab.media.atomic import atomic_folder
from thlab.timebase import FPS, frames_to_samples, frames_to_seconds

SIZES = (32, 512)
"""Smallest and largest clip, in pixels."""
TEST_SECONDS = 10.0
TEST_SHARE = 0.2
"""The test takes at most this share of a short video, unless it is told otherwise."""
NARROWEST = 40.0
"""Pixels: a narrower face has no lips to learn from."""
OFTEN = 0.02
"""Share of frames above which a second face is worth a warning."""
FEW = 0.9
"""Share of frames with the face below which there is a warning."""
LATE_MS = 60.0
"""Offsets of sound from which there is a warning: a frame and a half."""
QUALITY = 15
"""Of x264: clips are learned from, so little may be lost."""


@dataclass(frozen=True)
class PrepareConfig:
    """How a video is prepared."""

    size: int = 128
    """Pixels a side of the clips."""
    test_seconds: float | None = None
    """How much of the end is set aside; by default ten seconds, or a fifth of a shorter video."""
    face_index: int | None = None
    """Which face to follow where there are several, from 0 by size; None: the largest."""
    shift_sound_ms: float = 0.0
    """Put the sound so much later (negative: earlier) before anything else."""

    def __post_init__(self) -> None:
        smallest, largest = SIZES
        if not smallest <= self.size <= largest or self.size % 2:
            raise ValueError(f"--size takes an even number from {smallest} to {largest}; got {self.size}")
        if self.test_seconds is not None and not 0 <= self.test_seconds < float("inf"):
            raise ValueError(f"--test-seconds takes 0 or more; got {self.test_seconds}")
        if self.face_index is not None and self.face_index < 0:
            raise ValueError(f"--face-index counts faces from 0, by size; got {self.face_index}")
        if not abs(self.shift_sound_ms) <= 5000:
            raise ValueError(f"--shift-sound takes −5000 to 5000 ms; got {self.shift_sound_ms}")


def prepare(
    video: Path,
    folder: Path,
    config: PrepareConfig | None = None,
    *,
    replace: bool = False,
    detector: Detector | None = None,
    quiet: bool = True,
) -> Report:
    """Make clips with estimated truth of a video in which a person speaks.

    ``folder/train`` and ``folder/test`` then hold ``NAME.mp4`` with ``NAME.npz`` as ``thlab.corpus.samples`` reads
    them, and ``folder/prepare.json`` the report. The folder appears whole or not at all.

    Args:
        video: any length, rate and format that FFmpeg reads, with sound.
        folder: where the clips go.
        config: sizes and choices.
        replace: whether an older folder of this kind may be replaced.
        detector: what finds faces; by default MediaPipe's mesh.
        quiet: no progress bar.

    Raises:
        ValueError: the video is damaged, has no pictures, no sound or no face; the face is too small or never stays
            for a second; nothing is left to train from; the folder is there already.

    Chapter 01.
    """
    config = config or PrepareConfig()
    _check_place(folder, replace=replace)
    with atomic_folder(folder) as work:
        starts = stream_starts(video)
        audio = sound_of_video(video, starts)
        seen = shown(stream_frames(video), "looking", quiet=quiet)
        watched = watch(seen, work / "mesh.f32", face_index=config.face_index, detector=detector)
        _check_face(watched, video.name)
        audio = moved(audio, len(watched), config.shift_sound_ms)
        shots = find_shots(watched.found, watched.cuts, watched.anew)
        pieces = choose_pieces(shots, len(watched), config, video.name)
        study = study_face(watched, shots, pieces)
        seen = shown(stream_frames(video), "cutting", quiet=quiet, total=len(watched))
        write_pieces(seen, watched, study, pieces, audio, work, config.size)
        report = report_of(video, starts, config, watched, study, shots, pieces, audio)
        (work / "mesh.f32").unlink()
        report.write(work)
    return report


def shown(pictures: Iterator[Tensor], doing: str, *, quiet: bool, total: int | None = None) -> Iterator[Tensor]:
    """The same pictures with a progress bar."""
    yield from tqdm(pictures, desc=doing, unit=" frames", total=total, disable=quiet)


# -- what is kept -----------------------------------------------------------------------------------------------------


def choose_pieces(shots: list[tuple[int, int]], frames: int, config: PrepareConfig, name: str) -> list[Piece]:
    """The clips, the last seconds of the video as the test.

    Raises:
        ValueError: the face never stays for a second, or the test takes everything.
    """
    seconds = frames_to_seconds(frames)
    usual = max(min(TEST_SECONDS, TEST_SHARE * seconds), frames_to_seconds(SHORTEST))
    test = usual if config.test_seconds is None else config.test_seconds
    pieces = cut_into_pieces(shots, test_from=max(0, frames - round(test * FPS)))
    if not pieces:
        raise ValueError(f"the face in {name} never stays for a second without a cut; choose another video")
    if not any(piece.split == "train" for piece in pieces):
        raise ValueError(
            f"{name} lasts {seconds:.1f} s, and a test of {test:.1f} s leaves nothing to train from; give fewer "
            "--test-seconds"
        )
    return pieces


def _check_face(watched: Watched, name: str) -> None:
    if not watched.found.any():
        raise ValueError(
            f"no face was found in {name}: the detector knows human faces, from the front or half from the side, "
            "larger than about 40 pixels; choose another video or enlarge it"
        )
    width = float(np.median(watched.widths[watched.found]))
    if width < NARROWEST:
        raise ValueError(
            f"the face in {name} is {width:.0f} pixels wide, and lips can be learned from {NARROWEST:.0f} on; record "
            "closer, or choose another video"
        )


def moved(audio: Float32[Tensor, "samples"], frames: int, later_ms: float) -> Float32[Tensor, "padded"]:
    """The sound put later, cut or padded to the length of the pictures."""
    samples, length = round(later_ms * frames_to_samples(FPS) / 1000), frames_to_samples(frames)
    shifted = torch.nn.functional.pad(audio, (samples, 0)) if samples >= 0 else audio[-samples:]
    return torch.nn.functional.pad(shifted[:length], (0, max(0, length - len(shifted))))


# -- writing ----------------------------------------------------------------------------------------------------------


def write_pieces(
    pictures: Iterable[Tensor], watched: Watched, study: Study, pieces: list[Piece], audio: Tensor, work: Path,
    size: int,
) -> None:  # fmt: skip
    """Cut all clips out of the video and write them with their truth."""
    frames = enumerate(pictures)
    for piece in sorted(pieces, key=lambda piece: piece.start):
        place = work / piece.split / piece.name
        sound = audio[frames_to_samples(piece.start) : frames_to_samples(piece.stop)]
        film = place.with_name(f"{piece.name}.mp4")
        with ClipWriter(film, (size, size), audio=sound, note=None, quality=QUALITY) as writer:
            for index, picture in frames:
                if index >= piece.start:
                    writer.write(cut_out(picture.numpy(), study.crops.centre[index], study.crops.side[index], size))
                if index == piece.stop - 1:
                    break
        truth = truth_of(watched, study, piece, size)
        write_archive(place.with_name(f"{piece.name}.npz"), Clip(truth=truth), compressed=True)
    for _ in frames:  # to the end, where damage shows
        pass


def _check_place(folder: Path, *, replace: bool) -> None:
    """Refuse a place that is taken: only a folder of this kind is replaced, and only on request."""
    ours = (folder / NAME).is_file()
    if folder.exists() and not (replace and ours):
        hint = "give --replace or another -o" if ours else "give another -o"
        raise ValueError(f"{folder} is there already and is kept; {hint}")


# -- the report -------------------------------------------------------------------------------------------------------


def report_of(
    video: Path, starts: Starts, config: PrepareConfig, watched: Watched, study: Study, shots: list[tuple[int, int]],
    pieces: list[Piece], audio: Tensor,
) -> Report:  # fmt: skip
    """What was found, in numbers; ``warnings_of`` judges them."""
    used = np.concatenate([np.arange(piece.start, piece.stop) for piece in pieces])
    side, centre = study.crops.side[used, None], study.crops.centre[used]
    edges = np.minimum(centre - side / 2, np.array(watched.size[::-1]) - centre - side / 2)
    sound = check_sound(audio, watched, moved_ms=config.shift_sound_ms, starts_ms=starts.apart_ms)
    gap = np.quantile(study.opening[used][watched.found[used]], (0.05, 0.95)).round(4).tolist()
    return Report(
        video=video.name,
        seconds=round(frames_to_seconds(len(watched)), 2),
        size=watched.size,
        rate=round(starts.rate, 3),
        face_share=round(float(watched.found.mean()), 4),
        face_width=round(float(np.median(watched.widths[watched.found])), 1),
        crop=config.size,
        crop_side=round(float(np.median(side)), 1),
        outside=round(float((edges < -0.5).any(1).mean()), 4),
        several=round(float((watched.faces > 1).mean()), 4),
        cuts=tuple(frames_to_seconds(frame) for frame in changes(watched)),
        shots=len(shots),
        dropped=round(frames_to_seconds(len(watched) - len(used)), 2),
        sound=sound,
        identity_mm=round(study.fit.residual_mm, 2),
        identity_fits=study.fit.fits,
        mouth=(gap[0], gap[1]),
        train=seconds_of(pieces, "train"),
        test=seconds_of(pieces, "test"),
        warnings=tuple(warnings_of(watched, study, config, sound, float((edges < -0.5).any(1).mean()), pieces)),
    )


def seconds_of(pieces: list[Piece], split: str) -> dict[str, float]:
    """The clips of a split by name, with their lengths."""
    return {piece.name: frames_to_seconds(len(piece)) for piece in pieces if piece.split == split}


def warnings_of(
    watched: Watched, study: Study, config: PrepareConfig, sound: SoundCheck, outside: float, pieces: list[Piece]
) -> list[str]:
    """What the user should know or mend, a line each."""
    share, several = float(watched.found.mean()), float((watched.faces > 1).mean())
    told = []
    if several > OFTEN:
        which = "the largest" if config.face_index is None else f"number {config.face_index}"
        told.append(f"several faces in {100 * several:.0f} % of the frames; {which} is followed (--face-index)")
    if share < FEW:
        told.append(f"no face in {100 * (1 - share):.0f} % of the frames; those are in no clip")
    for shot in study.others:
        start = min(piece.start for piece in pieces if piece.shot == shot)
        told.append(f"the face from {frames_to_seconds(start):.2f} s on looks like another's; delete those clips")
    if sound.sure and sound.offset_ms is not None and abs(sound.offset_ms) > LATE_MS:
        shift = config.shift_sound_ms - sound.offset_ms
        told.append(f"the sound is {sound.offset_ms:+.0f} ms off; mend it with --shift-sound={shift:.0f}")
    if outside > OFTEN:
        told.append(f"the crop reaches beyond the picture in {100 * outside:.0f} % of the frames; edges are repeated")
    if not any(piece.split == "test" for piece in pieces):
        told.append("no clip is set aside as a test")
    return told


def changes(watched: Watched) -> list[int]:
    """First frames of new shots: cuts of the picture, and jumps of the face."""
    jumps = [int(frame) for frame in np.flatnonzero(watched.anew) if frame and watched.found[frame - 1]]
    return sorted({*watched.cuts, *(jump for jump in jumps if all(abs(jump - cut) > 2 for cut in watched.cuts))})
