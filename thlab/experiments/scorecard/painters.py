"""Who paints the second half of a held-out clip: a system, the camera, or whoever copies the reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from jaxtyping import Float, UInt8
from torch import Tensor

from thlab.experiments.scorecard.pictures import in_size
from thlab.experiments.scores import laid_over, planes
from thlab.face.alignment import registration
from thlab.media import Clip
from thlab.render.warp import transform
from thlab.systems.base import Card, System
from thlab.systems.speech2vid import spread_out


@dataclass(frozen=True, eq=False)
class Painted:
    """What somebody made of the second half of a clip, and what it should have been."""

    frames: UInt8[Tensor, "frames size size 3"]
    wanted: Float[Tensor, "frames 3 size size"]
    points: Float[Tensor, "frames 68 2"]
    """Landmarks that say where the mouth is in the painted frames."""
    real: Clip


Painter = Callable[[Clip, Clip | None], Painted]
"""From a clip, and perhaps another one whose sound drives, to what was made of it."""


def repaints(system: System) -> bool:
    """Whether a system paints new lips into given frames, as Wav2Lip does; otherwise its head stays as in a still."""
    return hasattr(system, "repaint")


def check_driven(card: Card, name: str) -> None:
    """Refuse a system that cannot be tried like this.

    Raises:
        ValueError: it is not driven by sound alone, or moves its head by its own account.
    """
    if "sound" not in card.drivers or card.head_motion:
        raise ValueError(
            f"{name} cannot stand in a scorecard: it needs a system that is driven by sound and whose head stays still "
            "or moves as in given frames; give clips that it made to thlab score"
        )


def painter_of(system: System) -> Painter:
    """How a system is tried."""
    return repainting(system) if repaints(system) else with_still_head(system)


def with_still_head(system: System) -> Painter:
    """Shown the first half; the real frames are laid over the still whose head it keeps."""

    def paint(clip: Clip, driving: Clip | None) -> Painted:
        reference, rest, sound = parts(clip, driving)
        chosen: Any = getattr(system, "chosen", None)
        over = landmarks_of(reference)[0 if chosen is None else chosen(reference)[0]]
        made = system.animate(reference, sound).frames
        assert made is not None
        return over_still(made, rest, over)

    return paint


def repainting(system: Any) -> Painter:
    """Given the real frames without their lower halves, and the last picture before them."""

    def paint(clip: Clip, driving: Clip | None) -> Painted:
        reference, rest, sound = parts(clip, driving)
        return in_place(system.repaint(rest, reference[-1:], sound.audio), rest)

    return paint


def as_filmed(clip: Clip, driving: Clip | None) -> Painted:
    """The real frames."""
    _, rest, _ = parts(clip, driving)
    assert rest.frames is not None
    return in_place(rest.frames, rest)


def held_still(clip: Clip, driving: Clip | None) -> Painted:
    """The first picture with open eyes of the first half, held."""
    reference, rest, _ = parts(clip, driving)
    assert reference.frames is not None
    blink = None if reference.truth is None else reference.truth.blink
    (first,) = spread_out(len(reference), blink, 1)
    still = reference.frames[first : first + 1].expand(len(rest), -1, -1, -1)
    return over_still(still, rest, landmarks_of(reference)[first])


def pasted(clip: Clip, driving: Clip | None) -> Painted:
    """The real frames; over their lower halves lies that of the last picture before them, by eyes and nose."""
    reference, rest, _ = parts(clip, driving)
    assert reference.frames is not None
    assert rest.frames is not None
    still = planes(reference.frames[-1:]).expand(len(rest), -1, -1, -1)
    points = landmarks_of(reference)[-1:].expand(len(rest), -1, -1)
    laid = transform(still, registration(points, landmarks_of(rest)))
    frames, half = rest.frames.clone(), rest.frames.shape[1] // 2
    frames[:, half:] = (laid * 255).round().clamp(0, 255).byte().movedim(1, -1)[:, half:]
    return in_place(frames, rest)


def over_still(frames: Tensor, rest: Clip, over: Float[Tensor, "68 2"]) -> Painted:
    """Compared with the real frames laid over a still."""
    assert rest.frames is not None
    frames = in_size(frames, (rest.frames.shape[1], rest.frames.shape[2]))
    return Painted(frames, laid_over(rest, over), over.float().expand(len(frames), -1, -1), rest)


def in_place(frames: Tensor, rest: Clip) -> Painted:
    """Compared with the real frames where they are."""
    assert rest.frames is not None
    return Painted(frames, planes(rest.frames), landmarks_of(rest), rest)


def parts(clip: Clip, driving: Clip | None) -> tuple[Clip, Clip, Clip]:
    """The first half; the second; and what drives, without pictures: the sound of the second half, or another's."""
    half = len(clip) // 2
    reference, rest = clip[:half], clip[half:]
    sound = replace(rest if driving is None else driving, frames=None, truth=None)
    length = min(len(rest), len(sound))
    return reference, rest[:length], sound[:length]


def landmarks_of(clip: Clip) -> Float[Tensor, "frames 68 2"]:
    """The true landmarks.

    Raises:
        ValueError: there are none.
    """
    if clip.truth is None or clip.truth.landmarks is None:
        raise ValueError("systems are scored on clips whose landmarks are known; this one has none")
    return clip.truth.landmarks.float()
