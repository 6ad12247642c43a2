"""Two videos must have pictures of one size and one length before they are compared."""

from __future__ import annotations

from dataclasses import replace

import torch

from thlab.experiments.scorecard.reading import Seen

SLACK = 2
"""Frames by which lengths may differ without a word from the user: what encoders add or lose."""


def check_sizes(real: Seen, fake: Seen, *, resize: bool) -> None:
    """Refuse pictures that cannot be compared.

    Raises:
        ValueError: sizes differ, and resizing is not asked for, or would squeeze the picture.
    """
    if real.size == fake.size:
        return
    if not resize:
        raise ValueError(
            f"the pictures of {real.name} have {told_size(real)} pixels, those of {fake.name} {told_size(fake)}; give "
            "--resize to bring the second to the size of the first"
        )
    shapes = [seen.size[1] / seen.size[0] for seen in (real, fake)]
    if max(shapes) / min(shapes) > 1.02:
        raise ValueError(
            f"{fake.name} ({told_size(fake)}) has other proportions than {real.name} ({told_size(real)}), so resizing "
            "would squeeze it; crop it first"
        )


def cut_alike(real: Seen, fake: Seen, *, cut: bool) -> tuple[tuple[Seen, Seen], list[str]]:
    """Two videos of one length, and what was cut.

    Raises:
        ValueError: they differ by more than two frames, and cutting is not asked for.
    """
    apart = abs(real.count - fake.count)
    if apart == 0:
        return (real, fake), []
    longer = real.name if real.count > fake.count else fake.name
    if apart > SLACK and not cut:
        raise ValueError(
            f"{real.name} has {real.count} frames at 25 a second, {fake.name} {fake.count}; give --cut to leave out "
            f"the end of {longer}"
        )
    length = min(real.count, fake.count)
    return (real.cut(length), fake.cut(length)), [f"{longer} was cut by {apart} frame{'s' * (apart > 1)} at its end"]


def resized(seen: Seen, size: tuple[int, int]) -> Seen:
    """A video whose pictures will be brought to another size, its landmarks with them."""
    scale = torch.tensor([size[1] / seen.size[1], size[0] / seen.size[0]])
    return replace(seen, size=size, landmarks=None if seen.landmarks is None else seen.landmarks * scale)


def told_size(seen: Seen) -> str:
    """Width and height, as people write them."""
    return f"{seen.size[1]}×{seen.size[0]}"
