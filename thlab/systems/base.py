"""What every system is: a network with a card, losses to learn from, and a way to animate a person."""

from __future__ import annotations

import importlib
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional

from thlab.media import Clip

SYSTEMS: dict[str, str] = {
    "talker": "thlab.systems.talker:Talker",
    "speech2vid": "thlab.systems.speech2vid:Speech2Vid",
    "wav2lip": "thlab.systems.wav2lip:Wav2Lip",
    "photograph": "thlab.systems.photograph:Photograph",
}
"""Stem of a system's file → its class, imported when it is asked for."""

Driver = Literal["text", "sound", "video"]
Framework = Literal["AutoEncoder", "GAN", "NeRF", "Diffusion", "Render engine"]
Intermediate = Literal["none", "landmarks", "keypoints", "3D", "3D, landmarks", "feature map"]


@dataclass(frozen=True)
class Card:
    """A system's row in a table like the survey's Table 2, and where it comes from."""

    name: str
    title: str
    """Of the paper; empty for what is ours."""
    authors: str
    venue: str
    year: int
    drivers: tuple[Driver, ...]
    """What may drive it."""
    framework: Framework
    """The kind of generator."""
    intermediate: Intermediate
    """What stands between the driving data and the picture."""
    disentangled: bool
    """Whether it takes the driving data apart, say into content and speaker."""
    anyone: bool
    """Whether it animates people it was not trained on."""
    head_motion: bool
    """Whether the head moves by its own account."""
    expression: bool
    """Whether the face beyond the mouth moves."""
    knobs: tuple[str, ...] = ()
    """Arguments of ``animate`` beyond reference and driving that it obeys."""
    in_survey: bool = True
    """Whether it is one of the survey's 17."""
    survey_differs: Mapping[str, str] = field(default_factory=dict)
    """Fields in which the survey's Table 2 prints something else: name → what is printed."""


class System(nn.Module):
    """A talking-head system: built from its configuration, trained by ``losses``, used by ``animate``."""

    card: ClassVar[Card]
    config_class: ClassVar[type]
    """The frozen dataclass that it is built from."""
    players: ClassVar[tuple[str, ...]] = ("generator",)
    """Who learns; each in turn has a step of its own on every batch."""

    @abstractmethod
    def losses(self, batch: Any, *, player: str, rng: torch.Generator) -> dict[str, Tensor]:
        """Named parts of what a player minimises; their sum is differentiated.

        Args:
            batch: a ``media.Batch``, or a kind of the system's own.
            player: whose losses.
            rng: of what is random in them.
        """

    @abstractmethod
    def animate(
        self,
        reference: Clip,
        driving: Clip,
        *,
        pose: Clip | None = None,
        emotion: str | None = None,
        seed: int = 0,
    ) -> Clip:
        """Make the person of one clip do what another says.

        Args:
            reference: the person: pictures, with landmarks where they are known.
            driving: what drives: text, sound or pictures, as the card says.
            pose: whose head motion to take, where the card has that knob.
            emotion: a name in ``action_units.EMOTIONS``, where the card has that knob.
            seed: of what is random.

        Raises:
            ValueError: a clip lacks what is needed, or the system lacks a knob.
        """

    def parameters_of(self, player: str) -> Iterable[nn.Parameter]:
        """What a player may change; by default everything, for the one player there is."""
        assert player in self.players
        return self.parameters()

    def refuse_knobs(self, **given: Any) -> None:
        """Raise for every knob that is turned though the card lacks it."""
        for name, value in given.items():
            if value is not None and name not in self.card.knobs:
                able = ", ".join(self.card.knobs) or "none"
                raise ValueError(f"{self.card.name} has no knob {name!r} (it has: {able}); leave it out")


def system_class(name: str) -> type[System]:
    """The class of a system.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in SYSTEMS:
        raise ValueError(f"no system is called {name!r}; choose one of {', '.join(SYSTEMS)}")
    module, _, member = SYSTEMS[name].partition(":")
    return getattr(importlib.import_module(module), member)


def config_from(kind: type, plain: Mapping[str, Any]) -> Any:
    """A configuration from the JSON of a checkpoint's card, where tuples have become lists.

    Raises:
        ValueError: the fields are not those of this version.
    """
    known = {entry.name for entry in fields(kind)}
    if unknown := set(plain) - known:
        missing = ", ".join(sorted(unknown))
        raise ValueError(f"{kind.__name__} has no field {missing}; the weights are of another version, train again")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()})


def sound_of(driving: Clip, system: str) -> Tensor:
    """The sound that drives a system.

    Raises:
        ValueError: the clip has none.
    """
    if driving.audio is None:
        raise ValueError(f"{system} is driven by sound, but the driving clip has no audio track; give one that has")
    return driving.audio


def pictures_of(reference: Clip, system: str) -> Tensor:
    """The pictures of the person whom a system animates.

    Raises:
        ValueError: the clip has none.
    """
    if reference.frames is None or len(reference.frames) == 0:
        raise ValueError(f"{system} needs a picture of the person, but the reference clip has none; give at least one")
    return reference.frames


def scaled(pictures: UInt8[Tensor, "frames height width 3"], size: int) -> Float[Tensor, "frames 3 size size"]:
    """Pictures of a face from 0 to 1, in the size of a network.

    Raises:
        ValueError: they are not square.
    """
    height, width = pictures.shape[1:3]
    if height != width:
        raise ValueError(f"expected square pictures of a face, not {height}×{width}; crop them first")
    planes = pictures.movedim(-1, 1).float() / 255
    if height == size:
        return planes
    return functional.interpolate(planes, (size, size), mode="bilinear", antialias=True).clamp(0, 1)
