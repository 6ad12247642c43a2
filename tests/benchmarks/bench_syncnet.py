"""How fast a clip of 10 s is scored, how long the coach takes in a loss, and what the judge makes of real people.

    python tests/benchmarks/bench_syncnet.py                       # speed, on clips of invented people
    python tests/benchmarks/bench_syncnet.py FOLDER …              # and shifts planted in real clips of thlab prepare

Speed is the best of a few rounds: dense passes over the clip, against one pass a window as the published script does in
the straightforward way (same network, same vectors). The second table moves the sound of prepared clips by −12 … +12
frames and looks for it, with both networks; beside them is the offset by the phones that the sound asks for and the
landmarks (``thlab.corpus.cleaning.sync``). ``offs``: of the whole clip, frames, positive where the sound is late;
``found``: share of 25 planted shifts found within one frame, on a stretch of ``length`` frames, when the clip as it
came is taken to be in step; ``of whole``: when it is taken to be late by ``offs``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from thlab.audio.features import log_mel
from thlab.corpus.cleaning.geometry import FaceTrack
from thlab.corpus.cleaning.sync import measure_sync
from thlab.corpus.samples import read_sample
from thlab.experiments.sync_recovery import LENGTH, SHIFTS, Recorded, recover, right
from thlab.experiments.sync_scores import coach, fitted, judge, mouths_for_sync
from thlab.face.points import MOUTH
from thlab.face.steady import steady_mouths
from thlab.metrics.sync import sync_of
from thlab.nn.experts.syncnet import SyncNet
from thlab.timebase import frames_to_samples, seconds_to_frames

ROUNDS = 5
FRAMES = seconds_to_frames(10)


def best_of(work: Callable[[], object]) -> float:
    """Seconds of the quickest round."""
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


@torch.no_grad()
def dense(net: SyncNet, mouths: torch.Tensor, mel: torch.Tensor) -> Recorded:
    return Recorded(net.see(mouths[None])[0], net.hear(mel[None])[0])


@torch.no_grad()
def looped(net: SyncNet, mouths: torch.Tensor, mel: torch.Tensor) -> Recorded:
    windows = range(len(mouths) - 4)
    seen = torch.cat([net.see(mouths[None, w : w + 5])[0] for w in windows])
    return Recorded(seen, torch.cat([net.hear(mel[None, 4 * w : 4 * w + 20])[0] for w in windows]))


def speed() -> None:
    net = judge()
    mouths, mel = torch.rand(FRAMES, 3, 28, 40), log_mel(0.1 * torch.randn(frames_to_samples(FRAMES)))
    whole, single = dense(net, mouths, mel), looped(net, mouths, mel)
    assert torch.allclose(whole.seen, single.seen, atol=1e-4)
    assert torch.allclose(whole.heard, single.heard, atol=1e-4)
    quick = best_of(lambda: sync_of(*dense(net, mouths, mel)))
    slow = best_of(lambda: sync_of(*looped(net, mouths, mel)))
    told = f"dense {1000 * quick:.0f} ms, window by window {1000 * slow:.0f} ms, {slow / quick:.1f} times"
    print(f"10 s, mouths and mel to a score: {told}")


def in_a_loss() -> None:
    """Eight windows of five painted frames: cut the mouths, look, and send the gradient back to the pictures."""
    net, points = coach(), torch.rand(8, 5, 68, 2) * 8
    points[:, :, 36], points[:, :, 45], points[:, :, 27:36] = (
        torch.tensor([15.0, 24.0]), torch.tensor([49.0, 24.0]), torch.tensor([32.0, 34.0]),
    )  # fmt: skip
    points[:, :, MOUTH] += torch.tensor([28.0, 44.0])
    pictures = torch.rand(8, 5, 3, 64, 64, requires_grad=True)
    heard = net.hear(torch.randn(8, 20, 80)).detach()
    step = best_of(lambda: (1 - (net.see(steady_mouths(pictures, points)) * heard).sum(-1)).mean().backward())
    print(f"coach in a loss, 8 × 5 frames of 64 px, forward and back to the pictures: {1000 * step:.0f} ms")


def real(folder: Path) -> None:
    """One recording: its training and test clips in the order of time, laid end to end."""
    paths = sorted((folder / "train").glob("*.npz")) + sorted((folder / "test").glob("*.npz"))
    parts = [read_sample(path.parent, path.stem) for path in paths]
    frames = torch.cat([part.frames for part in parts])
    points = torch.cat([part.truth.landmarks.float() for part in parts])
    audio = torch.cat([fitted(part.audio, len(part)) for part in parts])
    length = min(LENGTH, len(frames) - 2 * max(SHIFTS))
    peer = measure_sync(audio, FaceTrack(points.numpy(), np.ones(len(points), bool)))
    phones = "-" if peer is None else f"{peer.offset_ms / 40:+.1f} ({peer.confidence:.1f})"
    for name, net in (("judge", judge()), ("coach", coach())):
        record = dense(net, mouths_for_sync(frames, points), log_mel(audio))
        whole = sync_of(*record)
        recovery = recover([record], length=length)
        centred = (recovery.found - recovery.planted - whole.offset).abs() <= 1
        told = f"{int(whole.offset):+4d} {whole.confidence.item():10.3f} {whole.distance.item():9.3f}"
        share, own = right(recovery).float().mean().item(), centred.float().mean().item()
        print(f"{folder.name[:22]:22} {name:6} {len(frames):6} {told} {length:7} {share:7.0%} {own:9.0%}   {phones}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    folders = parser.parse_args().folders
    torch.set_num_threads(1)
    speed()
    in_a_loss()
    if folders:
        print(f"\n{'clip':22} {'by':6} {'frames':>6} offs confidence  distance  length   found  of whole   phones")
    for folder in folders:
        real(folder)


if __name__ == "__main__":
    main()
