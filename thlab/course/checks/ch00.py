"""Checks of chapter 00, your first talking head: the clock, the lag, the drivers, a mouth of loudness, a detector."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32, UInt8
from torch import Tensor

from thlab.course.checks.base import exercise, expect, expect_any_layout, expect_close, expect_shape
from thlab.face.action_units import EXPRESSION_INDEX, EXPRESSIONS
from thlab.face.motion import Motion
from thlab.media import Clip, Truth
from thlab.media.clip_writer import NOTE
from thlab.timebase import FPS, SAMPLES_PER_FRAME, frames_to_hops, frames_to_samples

AN_HOUR = 3600 * FPS
"""Frames."""


@exercise("the samples and hops of a frame")
def belongs(answer: Callable[[int], tuple[int, int, int, int]]) -> None:
    """``answer(frame)`` gives the first sample and the one after the last, then the same in hops."""
    first = answer(0)
    expect(isinstance(first, tuple | list) and len(first) == 4, law="four numbers come back, in the order of the text")
    expect(
        all(isinstance(number, int | np.integer) for number in answer(7)),
        law="samples and hops are counted in whole numbers",
        hint="a frame is so many samples, exactly; use // where you divide",
    )
    expect(first[0] == 0 and first[2] == 0, law="frame 0 begins with sample 0 and hop 0")
    expect_close(
        first[1] - first[0],
        frames_to_samples(1),
        law="a frame lasts 1/25 s of samples, its end not counted",
        hint="how many samples of 16,000 a second fit into 1/25 s? Python's ranges stop before their end",
    )
    expect_close(
        first[3] - first[2],
        frames_to_hops(1),
        law="a frame lasts 1/25 s of hops, its end not counted",
        hint="a hop is 160 samples",
    )
    _expect_no_gaps([answer(frame) for frame in range(200)])
    wanted = [frames_to_samples(AN_HOUR), frames_to_hops(AN_HOUR)]
    late = answer(AN_HOUR)
    expect([late[0], late[2]] == wanted, law="after an hour sound and pictures are still together")


def _expect_no_gaps(rows: list[tuple[int, int, int, int]]) -> None:
    torn = [i for i, (a, b) in enumerate(pairwise(rows)) if a[1] != b[0] or a[3] != b[2]]
    law = "a frame begins where the one before it ends"
    expect(
        not torn,
        law=f"{law} (not so after frame {torn[0]})" if torn else law,
        hint="floats lose a sample here and there; stay with whole numbers",
    )


def _wave(frames: int, *, seed: int) -> Float[np.ndarray, "frames"]:
    """A smooth random track that is never constant and ends elsewhere than it begins."""
    noise = np.random.default_rng(seed).normal(size=frames + 4)
    return np.convolve(noise, np.ones(5) / 5, "valid") + np.linspace(0, 1.5, frames)


def _late(track: Float[np.ndarray, "frames"], by: int) -> Float[np.ndarray, "frames"]:
    """The track some frames later (or earlier); its edge value fills the gap."""
    kept = track[max(0, -by) : len(track) - max(0, by)]
    return np.concatenate([np.full(max(0, by), track[0]), kept, np.full(max(0, -by), track[-1])])


@exercise("the lag between two tracks")
def lag(answer: Callable[..., int]) -> None:
    """``answer(given, wanted)`` gives by how many frames ``given`` comes late."""
    track = _wave(90, seed=1)
    expect_close(answer(track, track), 0, law="a track does not lag behind itself",
                 hint="return the shift itself, not its place in a list of shifts")  # fmt: skip
    expect_close(answer(_late(track, 3), track), 3, law="what comes 3 frames late has the lag +3",
                 hint="which of the two must be taken later in time to fit the other?")  # fmt: skip
    expect_close(answer(_late(track, -2), track), -2, law="what comes 2 frames early has the lag −2",
                 hint="try shifts to both sides of 0")  # fmt: skip
    expect_close(answer(5 * _late(track, 2) - 40, track), 2, law="volume and offset of a track change no lag",
                 hint="correlation takes away mean and spread; a bare sum of products does not")  # fmt: skip
    ramp = np.linspace(0, 1, 60) ** 2 + 0.02 * _wave(60, seed=2)
    expect_close(answer(_late(ramp, 4), ramp), 4, law="the end of a track does not come round to its beginning",
                 hint="np.roll puts the last frames before the first; compare only where both tracks are")  # fmt: skip
    noisy = _late(track, -4) + 0.2 * np.random.default_rng(3).normal(size=90)
    expect_close(answer(noisy, track), -4, law="a little noise changes no lag")
    expect_close(answer(noisy.astype(np.float32)[:77], track.astype(np.float32)[:77]), -4,
                 law="tracks of another length and of single precision have the same lag",
                 hint="is a length written into your code as a number?")  # fmt: skip
    expect_any_layout(answer, noisy, track)


def _clip(frames: int, actor: int, seed: int) -> Clip:
    """A clip of truth alone."""
    rng = torch.Generator().manual_seed(seed)
    tracks: dict[str, Any] = {"expression": len(EXPRESSIONS), "pose": 6, "gaze": 2}
    tracks = {name: torch.rand(frames, width, generator=rng) for name, width in tracks.items()}
    return Clip(truth=Truth(**tracks, identity=torch.rand(42, generator=rng), actor=actor))


@exercise("swap the driver")
def retarget(answer: Callable[[Clip, Clip], tuple[int, Motion]]) -> None:
    """``answer(reference, driving)`` gives whose face it is and how it moves."""
    reference, driving = _clip(20, actor=5, seed=1), _clip(12, actor=9, seed=2)
    assert driving.truth is not None
    before = {name: track.clone() for name, track in driving.truth.tracks().items()}
    result = answer(reference, driving)
    expect(isinstance(result, tuple | list) and len(result) == 2, law="two things come back: an actor and a motion")
    actor, motion = result
    expect(isinstance(motion, Motion), law="the second is a Motion", hint="Motion(expression, pose, gaze), as arrays")
    expect(actor == 5, law="the face is that of the reference", hint="who plays is in reference.truth.actor")
    expect(len(motion) == 12, law="the result lasts as long as the driving clip",
           hint="not the reference decides how long the result lasts, nor the shorter of the two")  # fmt: skip
    for name, wanted in before.items():
        expect_close(getattr(motion, name), wanted, law=f"the {name} is that of the driving clip, frame by frame",
                     hint="only who it is comes from the reference")  # fmt: skip
    untouched = all(torch.equal(before[name], track) for name, track in driving.truth.tracks().items())
    expect(untouched, law="the driving clip is left as it was")


def _click(frame: int, frames: int, volume: float | int = 0.5) -> Float32[Tensor, "samples"]:
    """A tone that fills one frame."""
    sound = torch.zeros(frames_to_samples(frames))
    tone = torch.sin(torch.arange(SAMPLES_PER_FRAME) / 3)
    sound[frames_to_samples(frame) : frames_to_samples(frame + 1)] = volume * tone
    return sound


@exercise("a mouth of loudness")
def loudness_mouth(answer: Callable[[Tensor, int], Any]) -> None:
    """``answer(audio, frames)`` gives the expression of every frame, from loudness alone."""
    jaw = EXPRESSION_INDEX["jaw_open"]
    face = np.asarray(answer(_click(7, 20), 20))
    expect_shape(face, (20, len(EXPRESSIONS)), law="a row a frame, a column a mode of the face")
    others = np.delete(face, jaw, axis=1)
    expect(not others.any(), law="only the jaw moves", hint="the column of the jaw is EXPRESSION_INDEX['jaw_open']")
    expect_close(int(face[:, jaw].argmax()), 7, law="a sound in frame 7 opens the mouth in frame 7",
                 hint="cut the sound into frames of 640 samples, beginning with sample 0")  # fmt: skip
    expect_close(np.delete(face[:, jaw], 7), np.zeros(19), law="where nothing is heard the mouth is closed")
    expect_close(face[7, jaw], 1.0, law="the loudest frame opens the jaw to 1", hint="divide by the loudest frame")
    quiet = np.asarray(answer(_click(3, 20, 0.1) + _click(7, 20, 0.5), 20))[:, jaw]
    expect_close(quiet[3], 0.2, law="a fifth of the amplitude opens the jaw a fifth as far",
                 hint="loudness is the root of the mean square; the mean of a sound is about 0", rtol=1e-2)  # fmt: skip
    silence = np.asarray(answer(torch.zeros(frames_to_samples(5)), 5))
    expect(np.isfinite(silence).all() and not silence.any(), law="silence is a closed mouth, not NaN",
           hint="when all is silent the loudest frame is 0; what do you divide by then?")  # fmt: skip
    short = np.asarray(answer(_click(1, 4)[:-200], 4))
    expect_shape(short, (4, len(EXPRESSIONS)), law="the last frame may have less sound than a frame lasts",
                 hint="pad the sound with zeros up to frames × 640 samples")  # fmt: skip
    expect_any_layout(answer, _click(3, 6), 6)


VERDICTS = ("labelled", "suspicious", "no finding")


@exercise("a detector")
def verdict(answer: Callable[[str | None, UInt8[np.ndarray, "frames rows columns 3"], float], str]) -> None:
    """``answer(note, mouths, threshold)`` says what note and pixels of a clip allow to say."""
    flat, sharp = np.full((3, 8, 10, 3), 120, np.uint8), _noise(seed=4)
    kept = sharp.copy()
    known = answer(None, sharp, 10.0)
    expect(isinstance(known, str) and known in VERDICTS, law="there are three verdicts, and none of them is *real*",
           hint="the words are labelled, suspicious, no finding; what is not found is not proved")  # fmt: skip
    _says(known, "no finding", "a mouth full of detail is no finding", "suspicious is what lies below the threshold")
    _says(answer(None, flat, 10.0), "suspicious", "a clip without a note is judged by its mouth", "note may be None")
    _says(answer(NOTE, sharp, 10.0), "labelled", "a clip whose note says so is labelled, however sharp its mouth is",
          "look at the note first")  # fmt: skip
    _says(answer("made by a network, SYNTHETIC", sharp, 10.0), "labelled", "the note may say it in capitals",
          "make it small first")  # fmt: skip
    _says(answer("Holiday 2024", sharp, 10.0), "no finding", "a note about something else is no label",
          "that there is a note is not enough")  # fmt: skip
    rows, columns = np.mgrid[0:12, 0:16]
    even = np.repeat((40 + 5 * rows + 7 * columns)[None, ..., None], 3, -1).astype(np.uint8)
    _says(answer(None, even, 1.0), "suspicious", "even shading has no fine detail, up to the edges",
          "a slope cancels in four times a pixel less its neighbours; pixels at the edge are left out")  # fmt: skip
    checker = 60 * ((rows + columns) % 2)
    coloured = (np.stack([checker, 60 - checker, 0 * checker + 90], -1)[None] + 30).astype(np.uint8)
    _says(answer(None, coloured, 1.0), "suspicious", "colours that give the same grey are no detail",
          "take the mean of the colours before you look for detail")  # fmt: skip
    _says_at_threshold(answer, sharp[:1].repeat(3, 0), "detail is the mean over all inner pixels",
                       "bytes wrap around below 0: make them floats first")  # fmt: skip
    once = np.concatenate([flat.repeat(3, 0), _noise(seed=5)[:1, :8, :10]])
    _says_at_threshold(answer, once, "every frame counts alike", "one mean over all frames")
    expect(np.array_equal(sharp, kept), law="the pictures are left as they were", hint="copy before you change")


def _noise(*, seed: int) -> UInt8[np.ndarray, "frames rows columns 3"]:
    return np.random.default_rng(seed).integers(0, 256, (4, 9, 11, 3), np.uint8)


def _says(got: str, wanted: str, law: str, hint: str) -> None:
    expect(got == wanted, law=law if got == wanted else f"{law} (expected {wanted!r}, got {got!r})", hint=hint)


def _says_at_threshold(
    answer: Callable[..., str], mouths: UInt8[np.ndarray, "frames rows columns 3"], law: str, hint: str
) -> None:
    """Just below the true detail there is no finding, just above it there is one."""
    grey = mouths.mean(-1)
    inner = 4 * grey[:, 1:-1, 1:-1]
    for shift, axis in ((1, 1), (-1, 1), (1, 2), (-1, 2)):
        inner = inner - np.roll(grey, shift, axis)[:, 1:-1, 1:-1]
    detail = float(np.abs(inner).mean())
    _says(answer(None, mouths, 0.98 * detail), "no finding", law, hint)
    _says(answer(None, mouths, 1.02 * detail), "suspicious", law, hint)
