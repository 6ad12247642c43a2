"""A judge of sync passes its own test first: clips whose sound was moved by a known shift, and the shift it finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from thlab.audio.features import log_mel
from thlab.experiments.sync_scores import fitted, mouths_for_sync
from thlab.media import Clip
from thlab.metrics.sync import REACH, Edges, offset_of, shift_distances
from thlab.nn.experts.syncnet import SyncNet

SHIFTS = tuple(range(-12, 13))
"""Frames by which sound is moved; positive, it comes later."""
LENGTH = 50
"""Frames of a clip: 2 s."""
CLOSE = 1
"""Frames by which an answer may be wrong and still count as right."""


class Recorded(NamedTuple):
    """What a SyncNet says of a whole clip, window by window."""

    seen: Float[Tensor, "windows numbers"]
    heard: Float[Tensor, "windows numbers"]


class Recovery(NamedTuple):
    """Shifts that were planted and found."""

    planted: Int[Tensor, "shifts"]
    found: Int[Tensor, "clips shifts"]
    curves: Float[Tensor, "clips shifts distances"]


@torch.no_grad()
def recorded(net: SyncNet, clip: Clip) -> Recorded:
    """Vectors of a whole clip with landmarks.

    Raises:
        ValueError: pictures, sound or landmarks are missing; or the clip is too short.
    """
    if clip.frames is None or clip.audio is None or clip.truth is None or clip.truth.landmarks is None:
        raise ValueError("a clip to move the sound of needs pictures, sound and landmarks; thlab prepare finds them")
    mouths = mouths_for_sync(clip.frames, clip.truth.landmarks.float())
    heard = net.hear(log_mel(fitted(clip.audio, len(clip)))[None])[0]
    return Recorded(net.see(mouths[None])[0], heard)


def recover(
    records: Sequence[Recorded],
    shifts: Sequence[int] = SHIFTS,
    *,
    length: int = LENGTH,
    reach: int = REACH,
    edges: Edges = "mask",
) -> Recovery:
    """Cut a stretch out of the middle of each clip, with its sound taken ``shift`` frames earlier, and look for it.

    The sound beyond the stretch is real sound, not silence. That vectors are computed for the whole clip and then cut
    changes next to nothing, since each depends on its own window alone.

    Args:
        records: clips; each must be ``length`` frames long and have the largest shift to spare on both sides.
        shifts: planted delays of the sound, frames.
        length: of the stretch, frames.
        reach: the largest shift that is looked for.
        edges: see :func:`thlab.metrics.sync.shift_distances`.

    Raises:
        ValueError: a clip is too short for that.
    """
    windows, most = length - 4, max(abs(shift) for shift in shifts)
    short = [len(record.seen) for record in records if len(record.seen) < windows + 2 * most]
    if short:
        raise ValueError(f"needs clips of {length + 2 * most} frames to move {length} by {most}, got {short[0] + 4}")
    curves = []
    for record in records:
        start = (len(record.seen) - windows) // 2
        seen = record.seen[start : start + windows].expand(len(shifts), -1, -1)
        heard = torch.stack([record.heard[start - shift : start - shift + windows] for shift in shifts])
        curves.append(shift_distances(seen, heard, reach=reach, edges=edges))
    stacked = torch.stack(curves)
    return Recovery(torch.tensor(list(shifts)), offset_of(stacked), stacked)


def right(recovery: Recovery) -> Bool[Tensor, "clips shifts"]:
    """Whether each shift was found to within one frame."""
    return (recovery.found - recovery.planted).abs() <= CLOSE


def shares(recovery: Recovery) -> Float[Tensor, "clips"]:
    """The share of shifts found, clip by clip: what an interval is bootstrapped over."""
    return right(recovery).float().mean(1)
