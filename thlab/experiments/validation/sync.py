"""Does the judge of lips find shifts that were planted? On people it never met, by length, in noise, by edges.

Every clip is of the test split (neutral) or of the validation split (all moods), whose people, voices and sentences
neither network was trained or chosen on. Of 25 planted shifts, −12 … +12 frames, the share is counted that is found to
within one frame, clip by clip; the intervals are bootstrapped over clips. Rows of 100 % have no width: the rule of
three puts their true share above 1 − 3 / clips.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from thlab.experiments.checkpoints import git_revision
from thlab.experiments.claims.claim import found
from thlab.experiments.recipes.face_reader import clips_of as moody_clips_of
from thlab.experiments.recipes.speech2vid import clips_of as neutral_clips_of
from thlab.experiments.recipes.sync_coach import SIZE
from thlab.experiments.recipes.syncnet import shuffled, softened
from thlab.experiments.sync_plateau import WAYS, thinned, train_in
from thlab.experiments.sync_recovery import LENGTH, SHIFTS, Recorded, recorded, recover, shares
from thlab.experiments.sync_scores import coach, judge
from thlab.experiments.validation.base import Validation
from thlab.media import Clip
from thlab.metrics.sync import REACH, Edges, confidence_of, shift_distances
from thlab.nn.experts.syncnet import SyncNet

NEUTRAL, MOODY = 60, 40
"""Neutral clips of 20 people, and people in all moods, two clips each."""
LENGTHS = (15, 20, 25, 30, 38, 50)
"""Frames of the clips in the table by length."""
STRETCHES = (20, 40, 75, 300)
"""Frames of the stretches in the table of edges."""
STEPS = (400, 400, 200)
"""Steps of the three trainings that show the plateau."""
SHORT = "the shorter, the fewer shifts leave 8 windows to compare: 15 frames ±3, 20 frames ±8"
WANTED = 0.97
"""Share of shifts that a judge must find before it judges anything."""
Figures = dict[str, Any]


def run(
    *, quiet: bool, neutral: int = NEUTRAL, moody: int = MOODY, steps: Sequence[int] = STEPS
) -> Validation:
    """Everything that is known about the two networks, and how three trainings began.

    Args:
        quiet: no progress bar.
        neutral: clips.
        moody: people.
        steps: of the trainings that show the plateau, which take most of the time; none for an empty sequence.
    """
    corpora = {"neutral": long_enough(neutral_clips_of("test", range(neutral), SIZE, quiet=quiet))}
    corpora["all moods"] = long_enough(moody_clips_of(moody, split="validation", quiet=quiet))
    nets = {"judge": judge(), "coach": coach()}
    with tqdm(total=len(corpora) + len(DISTURBED), desc="clips", disable=quiet) as bar:
        records = {(net, name): _recorded(nets[net], clips) for name, clips in corpora.items() for net in nets}
        bar.update(len(corpora))
        noise = {}
        for name, change in DISTURBED.items():
            noise[name] = told(_recorded(nets["judge"], [change(clip) for clip in corpora["neutral"][::2]]))
            bar.update()
    figures: Figures = {
        "recovery": {f"{net}, {name}": told(record) for (net, name), record in records.items()},
        "shuffled": {f"{net}, {name}": told(shuffled(record)) for (net, name), record in records.items()},
        "lengths": {str(length): told(records["judge", "neutral"], length=length) for length in LENGTHS},
        "noise": noise,
        "edges": {str(frames): edges(records["judge", "neutral"], frames) for frames in STRETCHES},
        "curves": curves(steps, quiet=quiet),
    }
    return Validation("sync", "thlab validate sync", git_revision(), lines(figures), figures)


def long_enough(clips: Sequence[Clip]) -> list[Clip]:
    """Clips of 2 s with the largest shift to spare at both ends."""
    return [clip for clip in clips if len(clip) >= LENGTH + 2 * max(SHIFTS)]


def _recorded(net: SyncNet, clips: Sequence[Clip]) -> list[Recorded]:
    return [recorded(net, clip) for clip in clips]


def told(records: Sequence[Recorded], *, length: int = LENGTH, edges: Edges = "mask") -> Figures:
    """The share of shifts found, its interval, the exact ones, and the confidence."""
    recovery = recover(records, length=length, edges=edges)
    each = shares(recovery)
    mean = found("", "", each.double().numpy()[None])
    return {
        "clips": len(records),
        "share": round(each.mean().item(), 4),
        "interval": [round(mean.low, 4), round(mean.high, 4)],
        "exact": round((recovery.found == recovery.planted).float().mean().item(), 4),
        "confidence": round(confidence_of(recovery.curves).mean().item(), 4),
        "distance": round(recovery.curves.nan_to_num(torch.inf).amin(-1).mean().item(), 4),
    }


# -- what a camera and a microphone do --------------------------------------------------------------------------------


def noisy(decibels: float) -> Callable[[Clip], Clip]:
    """White noise, so many decibels below the speech."""

    def change(clip: Clip) -> Clip:
        assert clip.audio is not None
        noise = torch.randn(clip.audio.shape, generator=torch.Generator().manual_seed(0))
        return replace(clip, audio=clip.audio + clip.audio.std() * 10 ** (-decibels / 20) * noise)

    return change


def painted(how: Callable[[Tensor], Tensor]) -> Callable[[Clip], Clip]:
    """Other pictures: a function of floats, frame by frame, channels first."""

    def change(clip: Clip) -> Clip:
        assert clip.frames is not None
        pictures = how(clip.frames.movedim(-1, 1).float() / 255)
        return replace(clip, frames=(255 * pictures.clamp(0, 1)).round().to(torch.uint8).movedim(1, -1))

    return change


def trembling(pixels: float) -> Callable[[Clip], Clip]:
    """Landmarks with errors of so many pixels, other ones in each frame."""

    def change(clip: Clip) -> Clip:
        assert clip.truth is not None
        assert clip.truth.landmarks is not None
        error = torch.randn(clip.truth.landmarks.shape, generator=torch.Generator().manual_seed(0))
        return replace(clip, truth=replace(clip.truth, landmarks=clip.truth.landmarks + pixels * error))

    return change


def halved(pictures: Tensor) -> Tensor:
    """Half the pixels a side, and back."""
    return functional.interpolate(functional.avg_pool2d(pictures, 2), scale_factor=2, mode="bilinear")


def grainy(pictures: Tensor) -> Tensor:
    """Noise of a tenth of the range."""
    return pictures + 0.1 * torch.randn(pictures.shape, generator=torch.Generator().manual_seed(0))


def soft(pictures: Tensor) -> Tensor:
    """As soft as the softest that the judge was shown."""
    return softened(pictures[None], torch.tensor([0.8]))[0]


DISTURBED: dict[str, Callable[[Clip], Clip]] = {
    "as filmed": lambda clip: clip,
    "hiss, 20 dB below the speech": noisy(20.0),
    "hiss, 10 dB": noisy(10.0),
    "hiss, 0 dB": noisy(0.0),
    "hiss, 10 dB above the speech": noisy(-10.0),
    "a tenth as loud": lambda clip: replace(clip, audio=None if clip.audio is None else 0.1 * clip.audio),
    "pictures halved and enlarged": painted(halved),
    "blurred": painted(soft),
    "half as bright": painted(lambda pictures: 0.5 * pictures),
    "grain of a tenth": painted(grainy),
    "landmarks with errors of 1 px": trembling(1.0),
    "landmarks with errors of 3 px": trembling(3.0),
}
"""What is done to clips of 64 pixels before the judge looks for the shift."""


# -- edges ------------------------------------------------------------------------------------------------------------


def edges(records: Sequence[Recorded], frames: int) -> Figures:
    """Mean confidence of stretches in step: with the real sound around them, masked, and padded with zeros.

    Clips are laid end to end, so that the longest stretches have neighbours too.
    """
    seen, heard = (torch.cat([getattr(record, name) for record in records]) for name in Recorded._fields)
    windows = frames - 4
    starts = range(REACH, len(seen) - windows - REACH, windows)
    cuts = [(seen[start : start + windows], heard[start : start + windows]) for start in starts]
    given = torch.stack([one for one, _ in cuts]), torch.stack([other for _, other in cuts])
    around = torch.stack([in_context(seen, heard, start, windows) for start in starts])
    values = {"context": confidence_of(around).mean().item()}
    for name in ("mask", "pad"):
        values[name] = confidence_of(shift_distances(*given, edges=name)).mean().item()
    lost = {f"{name} lost": 1 - values[name] / values["context"] for name in ("mask", "pad")}
    return {name: round(value, 4) for name, value in (values | lost).items()} | {"stretches": len(starts)}


def in_context(seen: Tensor, heard: Tensor, start: int, windows: int) -> Tensor:
    """The curve of a stretch whose sound goes on beyond its ends."""
    one = seen[start : start + windows]
    shifts = range(-REACH, REACH + 1)
    return torch.stack([(one - heard[start + s : start + s + windows]).norm(dim=-1).mean() for s in shifts])


# -- the plateau ------------------------------------------------------------------------------------------------------


def curves(steps: Sequence[int], *, quiet: bool) -> dict[str, list[dict[str, float | int | None]]]:
    """How three trainings begin (:mod:`thlab.experiments.sync_plateau`), on 25 people, tried on ten held-out clips."""
    if not steps:
        return {}
    clips = neutral_clips_of("train", range(75), SIZE, quiet=quiet)
    held_out = long_enough(neutral_clips_of("test", range(10), SIZE, quiet=quiet))
    ways = zip(WAYS, steps, strict=True)
    return {way.name: thinned(train_in(way, clips, held_out, steps=count)) for way, count in ways}


# -- what is printed --------------------------------------------------------------------------------------------------


def lines(figures: Figures) -> list[str]:
    """Tables."""
    columns = f"{'share':>7}  {'95 % interval':17} {'exact':>6} {'confidence':>11} {'clips':>6}"
    rows = [f"{'found within 1 frame':38} {columns}", *(_row(name, row) for name, row in figures["recovery"].items())]
    rows += [_row(f"{name}, other sound", row) for name, row in figures["shuffled"].items()]
    rows += ["", f"by length (judge, neutral); {SHORT}"]
    rows += [_row(f"{length} frames", row) for length, row in figures["lengths"].items()]
    rows += ["", "disturbed (judge, neutral)", *(_row(name, row) for name, row in figures["noise"].items())]
    columns = f"{'context':>9} {'masked':>9} {'padded':>9} {'lost: masked':>13} {'padded':>8}"
    rows += ["", f"{'confidence by length':38} {columns}"]
    for frames, row in figures["edges"].items():
        numbers = f"{row['context']:9.3f} {row['mask']:9.3f} {row['pad']:9.3f}"
        rows.append(f"{frames + ' frames':38} {numbers} {row['mask lost']:13.1%} {row['pad lost']:8.1%}")
    for name, record in figures["curves"].items():
        rows += ["", f"training by {name}", *(_step(step) for step in record if step["found"] is not None)]
    worst = min(row["share"] for row in figures["recovery"].values())
    verdict = "may judge" if worst >= WANTED else "must not judge"
    return [*rows, "", f"at least {worst:.1%} of the shifts are found, {WANTED:.0%} are wanted: {verdict}"]


def _row(name: str, row: Figures) -> str:
    low, high = row["interval"]
    between = f"{low:.1%} … {high:.1%}"
    return f"{name:38} {row['share']:7.1%}  {between:17} {row['exact']:6.1%} {row['confidence']:11.3f} {row['clips']:6}"


def _step(step: dict[str, Any]) -> str:
    told = f"loss {step['loss']:.3f}  accuracy {step['accuracy']:.2f}  cosines apart {step['cosine']:.3f}"
    return f"  step {step['step']:4}  {step['seconds']:6.0f} s  {told}  shifts found {step['found']:.1%}"
