"""What SyncNets that were trained on synthetic people make of real ones: does a known shift come back?

python tests/benchmarks/bench_sync_recordings.py out/prepared/one out/prepared/two …          # coach and judge
python tests/benchmarks/bench_sync_recordings.py out/prepared/one --learn out/prepared/other … # and a judge that learns

Each folder is one video, made by ``thlab prepare VIDEO -o FOLDER``. Columns: the offset found for the whole video, in
frames (positive: the sound is late), the confidence and distance there, and the share of the shifts −12 … +12 of a
stretch from its middle, at most 2 s long, that are found to within a frame (0 % for a video that is itself late).
With ``--learn`` a copy of the judge goes on for 150 steps, half of each batch from those videos (be sure
that they are in step), half from synthetic people; its weights are not kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import torch
from torch.nn import functional

from thlab.experiments.own_clips import read_own_clips
from thlab.experiments.recipes.face_reader import clips_of
from thlab.experiments.recipes.sync_judge import STRONG
from thlab.experiments.recipes.syncnet import Disturbance, Mouths, Segments, disturbed, losses
from thlab.experiments.sync_recovery import LENGTH, SHIFTS, recorded, recover, right
from thlab.experiments.sync_scores import coach, judge
from thlab.experiments.train import Lone, TrainConfig, Training
from thlab.media import Clip, Truth
from thlab.metrics.sync import sync_of
from thlab.nn.experts.syncnet import SyncNet
from thlab.timebase import frames_to_samples

STEPS = 150
RATE = 5e-4
PIECE = 130
"""Frames of a piece of a video to learn from."""
SEGMENT = 44
"""Frames of a row of a batch."""
ROWS = 6
"""Of each kind, in a batch."""


def whole(folder: Path) -> Clip:
    """All prepared clips of a video, one after the other."""
    own = read_own_clips(folder)
    frames, points, sounds = [], [], []
    for clip in [*own.train, *own.test]:
        assert clip.frames is not None
        assert clip.audio is not None
        assert clip.truth is not None
        assert clip.truth.landmarks is not None
        missing = frames_to_samples(len(clip)) - len(clip.audio)
        frames.append(clip.frames)
        points.append(clip.truth.landmarks.float())
        sounds.append(functional.pad(clip.audio, (0, missing)))
    return Clip(torch.cat(frames), torch.cat(sounds), truth=Truth(landmarks=torch.cat(points)))


def row(name: str, net: SyncNet, clip: Clip) -> str:
    """What a network makes of one video."""
    record = recorded(net, clip)
    sync = sync_of(record.seen, record.heard)
    length = min(LENGTH, len(clip) - 2 * max(SHIFTS))
    share = right(recover([record], length=length)).float().mean().item() if length > 12 else float("nan")
    numbers = f"{int(sync.offset):5}{sync.confidence.item():8.3f}{sync.distance.item():8.3f}"
    return f"{name:10}{numbers}{share:8.0%} of {length}"


def tuned(net: SyncNet, videos: Sequence[Clip]) -> SyncNet:
    """A copy of a network that has learned from some videos as well."""
    pieces = [video[start : start + PIECE] for video in videos for start in range(0, len(video) - SEGMENT, PIECE)]
    invented = Mouths(clips_of(30, quiet=True), SEGMENT)
    real = Mouths([piece for piece in pieces if len(piece) >= SEGMENT], SEGMENT)
    copy = deepcopy(net).requires_grad_(True).train()

    def draw(rng: torch.Generator) -> Segments:
        parts = disturbed(*invented.draw(ROWS, rng), STRONG, rng), disturbed(*real.draw(ROWS, rng), Disturbance(), rng)
        return Segments(torch.cat([part.mouths for part in parts]), torch.cat([part.mel for part in parts]))

    config = TrainConfig(STEPS, RATE, 0.1, average=0.98)
    training = Training(Lone(copy, lambda batch: losses(copy, batch)), config, seed=3)
    for _ in range(STEPS):
        training.advance(draw)
    copy.load_state_dict({name.removeprefix("network."): tensor for name, tensor in training.average.items()})
    return copy.eval().requires_grad_(False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("videos", type=Path, nargs="+")
    parser.add_argument("--learn", type=Path, nargs="+", default=[])
    options = parser.parse_args()
    nets = {"coach": coach(), "judge": judge()}
    if options.learn:
        nets["learned"] = tuned(judge(), [whole(folder) for folder in options.learn])
    print(f"{'':26}{'offset':>9}{'conf.':>8}{'dist.':>8}{'found':>8}")
    for folder in options.videos:
        clip = whole(folder)
        for name, net in nets.items():
            print(f"{folder.name[:23]:24}", row(name, net, clip))


if __name__ == "__main__":
    main()
