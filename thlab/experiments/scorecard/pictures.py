"""The pictures of a pair, compared a few at a time, so that no video is ever in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from thlab.experiments.lip_scores import mouth_boxes
from thlab.experiments.scorecard.faces import cut_face, face_boxes
from thlab.experiments.scorecard.reading import Seen
from thlab.experiments.scores import fine_detail, mouths, planes
from thlab.experiments.sync_scores import steadied
from thlab.face.steady import steady_mouths
from thlab.media import stream_frames
from thlab.metrics import image
from thlab.timebase import FPS

COMPARED = 16_000_000
"""Pixels of a video that are compared, about: 250 frames of 256×256, 61 of 512×512, spread evenly; at least one a
second."""
PIXELS = 2_000_000
"""Pixels that are compared at a time."""


@dataclass(eq=False)
class Looked:
    """What the pictures of a pair gave."""

    compared: list[int] = field(default_factory=list)
    """Frames of which the numbers are."""
    numbers: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    """By subject, by measure: a number a compared frame."""
    missing: dict[str, dict[str, str]] = field(default_factory=dict)
    """By subject, by measure: why it could not be taken."""
    faces: dict[str, list[Tensor]] = field(default_factory=dict)
    """By subject, with ``real``: pictures of 64 px, in parts of ``frames 3 64 64``."""
    lips: dict[str, list[Tensor]] = field(default_factory=dict)
    """The same of mouths, as SyncNet takes them."""

    def note(self, subject: str, name: str, numbers: Float[Tensor, "frames"]) -> None:
        """Keep the numbers of some frames."""
        self.numbers.setdefault(subject, {}).setdefault(name, []).extend(numbers.tolist())


def look(real: Seen, fake: Seen, *, quiet: bool = True) -> Looked:
    """Go through both videos side by side, and compare their pictures; those of the second in the size of the first.

    Raises:
        ValueError: a video cannot be read.
    """
    looked, step, first = Looked(), step_of(real), first_found(real)
    still = next(islice(stream_frames(real.path), first, None))
    judges = {"real": _Judge(real), "fake": _Judge(fake)}
    with tqdm(total=real.count, desc="comparing", disable=quiet, unit=" frames", leave=False) as bar:
        for start, wanted, made in _pairs(real, fake):
            judges["real"].keep(looked, "real", wanted, start)
            judges["fake"].keep(looked, "fake", made, start)
            rows = [row for row in range(len(wanted)) if (start + row) % step == 0]
            if rows:
                frames = [start + row for row in rows]
                looked.compared += frames
                _compare(looked, real, fake, planes(wanted[rows]), planes(made[rows]), planes(still[None]), frames)
            bar.update(len(wanted))
    for kept in (looked.faces, looked.lips):
        if "real" in kept:
            kept["still"] = [torch.cat(kept["real"])[first : first + 1].expand(real.count, -1, -1, -1)]
    return looked


def step_of(real: Seen) -> int:
    """Every how many frames pictures are compared."""
    most = max(1, COMPARED // (real.size[0] * real.size[1]))
    return min(FPS, -(-real.count // most))


def first_found(real: Seen) -> int:
    """The first frame with a face; it is held as the still that every system should beat."""
    return 0 if real.found is None or not real.found.any() else int(real.found.argmax())


def _pairs(real: Seen, fake: Seen) -> Iterator[tuple[int, Tensor, Tensor]]:
    """Blocks of frames of both, with the number of the first."""
    block = max(1, PIXELS // (real.size[0] * real.size[1]))
    streams = (stream_frames(real.path), stream_frames(fake.path))
    pairs = islice(zip(*streams, strict=False), real.count)
    start = 0
    while gathered := list(islice(pairs, block)):
        wanted, made = (torch.stack(column) for column in zip(*gathered, strict=True))
        yield start, wanted, in_size(made, real.size)
        start += len(wanted)


def in_size(
    frames: UInt8[Tensor, "frames height width 3"], size: tuple[int, int]
) -> UInt8[Tensor, "frames rows columns 3"]:
    """Pictures in another size."""
    if tuple(frames.shape[1:3]) == size:
        return frames
    drawn = functional.interpolate(frames.movedim(-1, 1).float(), size, mode="bicubic", antialias=True)
    return drawn.round().clamp(0, 255).byte().movedim(1, -1).contiguous()


# -- what is measured of them -----------------------------------------------------------------------------------------


class _Judge:
    """Cuts faces and mouths out of one video."""

    def __init__(self, seen: Seen) -> None:
        self.boxes = None if seen.landmarks is None else face_boxes(seen)
        self.calm = None if seen.landmarks is None else steadied(seen.landmarks)

    def keep(self, looked: Looked, subject: str, frames: Tensor, start: int) -> None:
        """Keep faces and mouths of some frames; nothing where the face is not known."""
        if self.boxes is None or self.calm is None:
            return
        rows = slice(start, start + len(frames))
        squares = zip(frames, self.boxes.centre[rows], self.boxes.side[rows], strict=True)
        looked.faces.setdefault(subject, []).append(torch.stack([cut_face(*square) for square in squares]))
        lips = steady_mouths(planes(frames)[None], self.calm[rows][None])[0]
        looked.lips.setdefault(subject, []).append(lips)


def _compare(
    looked: Looked, real: Seen, fake: Seen, wanted: Tensor, made: Tensor, still: Tensor, frames: list[int]
) -> None:
    """Pictures of some frames against the real ones."""
    masks = mouth_masks(real, frames)
    for subject, pictures in (("fake", made), ("still", still.expand_as(wanted))):
        for name, numbers in picture_numbers(pictures, wanted, masks).items():
            if isinstance(numbers, str):
                looked.missing.setdefault(subject, {})[name] = numbers
            else:
                looked.note(subject, name, numbers)
    for subject, seen, pictures in (("fake", fake, made), ("real", real, wanted)):
        if seen.landmarks is not None:
            looked.note(subject, "detail", fine_detail(mouths_of(seen, pictures, frames)))


def picture_numbers(
    made: Float[Tensor, "frames 3 height width"],
    wanted: Float[Tensor, "frames 3 height width"],
    masks: Bool[Tensor, "frames height width"] | None,
) -> dict[str, Tensor | str]:
    """Each picture metric of each frame, whole and of the mouth alone; or why it cannot be taken."""
    scales = scales_of((wanted.shape[-2], wanted.shape[-1]))
    found = _metrics(made, wanted, None, "", scales)
    if masks is not None and masks.any():
        rows, columns = around(masks)
        cut = (made[..., rows, columns], wanted[..., rows, columns], masks[:, rows, columns])
        found |= _metrics(*cut, "_mouth", scales - 1)
    return found


def _metrics(made: Tensor, wanted: Tensor, mask: Tensor | None, suffix: str, scales: int) -> dict[str, Tensor | str]:
    weights = image.WEIGHTS[: max(1, scales)]
    several = partial(image.ms_ssim, weights=[weight / sum(weights) for weight in weights])
    found: dict[str, Tensor | str] = {}
    for name, metric in (("psnr", image.psnr), ("ssim", image.ssim), ("ms_ssim", several)):
        try:
            found[name + suffix] = metric(made, wanted, data_range=1.0, mask=mask)
        except ValueError as problem:
            found[name + suffix] = str(problem)
    return found


def scales_of(size: tuple[int, int]) -> int:
    """Scales of MS-SSIM that fit into pictures: 5 from 176 pixels on."""
    fitting = [count for count in range(1, len(image.WEIGHTS) + 1) if image.WINDOW * 2 ** (count - 1) <= min(size)]
    return max(fitting, default=1)


def scales_told(size: tuple[int, int]) -> list[str]:
    """What must be said of them."""
    count = scales_of(size)
    usual = "" if count == len(image.WEIGHTS) else f" for {len(image.WEIGHTS)}, since pictures are small"
    return [f"MS-SSIM is taken at {count} scales{usual}, and at one less around the mouth"]


def around(masks: Bool[Tensor, "frames height width"]) -> tuple[slice, slice]:
    """The part of the pictures that decides about marked pixels at all scales, so that no more is looked at."""
    return _reach(masks.any(0).any(1)), _reach(masks.any(0).any(0))


def _reach(marked: Bool[Tensor, "pixels"]) -> slice:
    """From the first to the last marked pixel, and half a window of the coarsest scale beyond; on its grid."""
    grid = 2 ** (len(image.WEIGHTS) - 1)
    places = marked.nonzero()[:, 0]
    first, last = int(places[0]) - grid * (image.MARGIN + 1), int(places[-1]) + 1 + grid * (image.MARGIN + 1)
    return slice(max(0, first // grid * grid), min(len(marked), -(-last // grid) * grid))


def mouth_masks(real: Seen, frames: list[int]) -> Bool[Tensor, "frames height width"] | None:
    """A box around the real mouth in each frame, as large as the face asks for; None where the face is not known."""
    if real.landmarks is None:
        return None
    side = torch.from_numpy(face_boxes(real).side[frames]).float()
    return mouth_boxes(real.landmarks[frames], real.size, face=side)


def mouths_of(seen: Seen, pictures: Float[Tensor, "frames 3 height width"], frames: list[int]) -> Tensor:
    """Boxes around the mouth without resampling, of one size for the whole video."""
    assert seen.landmarks is not None
    return mouths(pictures, seen.landmarks[frames], size=float(np.median(face_boxes(seen).side)))
