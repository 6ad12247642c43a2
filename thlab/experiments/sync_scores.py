"""From a clip to its score: cut the mouth out, let a trained SyncNet see and hear, and read the curve of shifts.

Two networks are kept. The coach may stand in a loss; the judge measures and never teaches. They know different people.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional

from thlab.audio.features import log_mel
from thlab.experiments.checkpoints import load_checkpoint, restore
from thlab.face.steady import steady_mouths
from thlab.media import Clip
from thlab.metrics.sync import REACH, Edges, Sync, sync_of
from thlab.nn.experts.syncnet import SyncNet, SyncNetConfig
from thlab.systems.base import config_from
from thlab.timebase import frames_to_samples

STEADY = 5
"""Frames over which landmarks are averaged before the mouth is cut out: found ones tremble."""


@cache
def coach() -> SyncNet:
    """The SyncNet that may stand in a loss, trained on people of the corpus with seed 0; its weights are frozen.

    Raises:
        ValueError: its checkpoint is missing or damaged.
    """
    return load_syncnet("sync_coach")


@cache
def judge() -> SyncNet:
    """The SyncNet that measures, trained on other people, with another width and seed; its weights are frozen.

    Raises:
        ValueError: its checkpoint is missing or damaged.
    """
    return load_syncnet("sync_judge")


def load_syncnet(name: str, path: Path | None = None) -> SyncNet:
    """A trained SyncNet in evaluation mode, whose weights take no gradient (what it looks at still can).

    Raises:
        ValueError: the checkpoint is missing, damaged or another's.
    """
    weights, card = load_checkpoint(name, path)
    fields = {field: tuple(value) if isinstance(value, list) else value for field, value in card.config.items()}
    net = SyncNet(config_from(SyncNetConfig, fields))
    restore(net, weights, system=name)
    return net.eval().requires_grad_(False)


def mouths_for_sync(
    frames: UInt8[Tensor, "frames height width 3"], landmarks: Float[Tensor, "faces 68 2"]
) -> Float[Tensor, "frames 3 rows columns"]:
    """The mouths of a clip as SyncNet takes them: 28×40 pixels, held still, scaled by the distance of the eyes.

    Args:
        frames: of any size.
        landmarks: 68 points in pixels of these frames: true, found, or those of the clip that a generated one copies
            its head from. Only eyes and nose move the box, and they are averaged over five frames.

    Raises:
        ValueError: there are not as many landmarks as frames, no frame, or landmarks are no numbers.

    Chapter 15.
    """
    if len(frames) != len(landmarks) or len(frames) == 0:
        raise ValueError(f"expected landmarks of each frame, got {len(landmarks)} for {len(frames)}; cut the clips")
    return steady_mouths(frames.movedim(-1, 1)[None].float() / 255, steadied(landmarks.float())[None])[0]


def steadied(landmarks: Float[Tensor, "frames 68 2"]) -> Float[Tensor, "frames 68 2"]:
    """Landmarks averaged over five frames; the first and last count again beyond the ends."""
    flat = landmarks.flatten(1).T[None]
    ends = functional.pad(flat, (STEADY // 2, STEADY // 2), mode="replicate")
    return functional.avg_pool1d(ends, STEADY, stride=1)[0].T.unflatten(1, (68, 2))


@torch.no_grad()
def sync_score(
    frames: UInt8[Tensor, "frames height width 3"],
    landmarks: Float[Tensor, "faces 68 2"],
    audio: Float[Tensor, "samples"],
    *,
    net: SyncNet | None = None,
    reach: int = REACH,
    edges: Edges = "mask",
) -> Sync:
    """How well the mouth of a clip follows its sound; tensors without axes, but for the curve.

    Silence, a mouth that does not move and pictures of one colour have a score, with a confidence near 0.

    Args:
        frames: the clip, 25 a second.
        landmarks: see :func:`mouths_for_sync`.
        audio: mono at 16 kHz, from the first frame on; cut or continued by silence where it differs by less than a
            frame.
        net: who judges; by default :func:`judge`.
        reach: the largest shift that is tried, in frames.
        edges: see :func:`thlab.metrics.sync.shift_distances`.

    Raises:
        ValueError: fewer than 5 frames, lengths of sound and pictures differ by a frame or more, or landmarks or
            samples are no numbers.

    Chapter 15.
    """
    net = net or judge()
    seen = net.see(mouths_for_sync(frames, landmarks)[None])
    heard = net.hear(log_mel(fitted(audio, len(frames)))[None])
    return sync_of(seen[0], heard[0], reach=reach, edges=edges)


def clip_sync(clip: Clip, *, net: SyncNet | None = None, reach: int = REACH) -> Sync:
    """:func:`sync_score` of a clip that knows its landmarks.

    Raises:
        ValueError: pictures, sound or landmarks are missing, or as :func:`sync_score`.
    """
    if clip.frames is None or clip.audio is None or clip.truth is None or clip.truth.landmarks is None:
        raise ValueError("sync needs pictures, sound and landmarks, but the clip lacks one; thlab prepare finds them")
    return sync_score(clip.frames, clip.truth.landmarks.float(), clip.audio, net=net, reach=reach)


def fitted(audio: Float[Tensor, "samples"], frames: int) -> Float[Tensor, "samples"]:
    """Sound of exactly so many frames.

    Raises:
        ValueError: it is a frame or more away from that.
    """
    lacking = frames_to_samples(frames) - len(audio)
    if abs(lacking) >= frames_to_samples(1):
        raise ValueError(
            f"{frames} frames last {frames_to_samples(frames)} samples, but the sound has {len(audio)}; cut the longer"
        )
    return functional.pad(audio, (0, lacking))
