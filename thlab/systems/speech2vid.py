"""Speech2Vid: one network from sound to pixels, a frame at a time.

A sound encoder hears 0.2 s around a frame, an identity encoder sees five stills of the person, and a decoder paints
the person as they must look at that moment; its only teacher is the L1 distance to the real frame (Chung, Jamaludin &
Zisserman 2017, "You said that?"). Frames know nothing of each other.

What is ours: 64 or 96 px for their 109; cepstra of 20 hops for their 35; the decoder also answers with a flow that
moves the first still, and a mask that chooses between it and new paint, in the place of their separate deblurring
network; the mouth weighs more in the loss; frames are registered to a still by eyes and nose.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from thlab.audio.hearing import hear, listen
from thlab.face.alignment import moved, registration
from thlab.face.blinks import OPEN_EYES
from thlab.face.mouth import mouth_weights
from thlab.face.points import STABLE
from thlab.media import Batch, Clip
from thlab.nn.convolutions import Conv, Residual
from thlab.nn.encoders import PictureEncoder, SoundEncoder
from thlab.nn.modulation import modulate
from thlab.render.warp import transform, warp
from thlab.systems.base import Card, System, pictures_of, scaled, sound_of
from thlab.timebase import frames_to_hops, video_frames

COEFFICIENTS = 13
"""Cepstral coefficients that are heard."""
CHUNK = 25
"""Frames that are painted at a time, so that only finished bytes grow with the sound."""


@dataclass(frozen=True)
class Speech2VidConfig:
    """Sizes of the network; the defaults train in three minutes on two cores."""

    size: int = 64
    """Pixels a side; a multiple of 16."""
    stills: int = 5
    """Pictures of the person that are seen."""
    context: int = 2
    """Frames heard before and after the one that is painted: 2 make 20 hops, the window of SyncNet."""
    channels: int = 24
    """Width of the first layer; deeper ones are two to five times as wide."""
    sound: int = 128
    """Numbers that the sound of a frame becomes."""
    identity_skips: bool = True
    """Whether the decoder sees the stills at every scale, and may move the first: the paper's skip connections."""
    mouth_weight: float = 15.0
    """How much more an error at the mouth costs."""
    reach: float = 0.15
    """Farthest that the flow moves a pixel, in half widths of the picture."""

    @property
    def hops(self) -> int:
        """Hops that are heard for a frame."""
        return frames_to_hops(2 * self.context + 1)


# -- the networks -----------------------------------------------------------------------------------------------------


class Decoder(nn.Module):
    """Sound and identity → flow, mask and paint, doubling the size four times."""

    def __init__(self, config: Speech2VidConfig) -> None:
        super().__init__()
        c, self.reach, self.skips = config.channels, config.reach, config.identity_skips
        deep, last, skips = 5 * c, 3 * c // 2, (4 * c, 2 * c, c) if self.skips else (0, 0, 0)
        self.mix = Conv(deep + config.sound, deep)
        self.heard = nn.ModuleList([nn.Linear(config.sound, 2 * wide) for wide in (deep, 4 * c, 2 * c)])
        self.ups = nn.ModuleList(
            [
                nn.Sequential(Conv(deep + skips[0], 4 * c), Residual(4 * c)),
                nn.Sequential(Conv(4 * c + skips[1], 2 * c), Residual(2 * c)),
                nn.Sequential(Conv(2 * c + skips[2], last), Conv(last, last)),
            ]
        )
        # 6 numbers a pixel, painted at half the size and shuffled up: a quarter of the work of a layer at full size.
        self.head = nn.Sequential(nn.Conv2d(last, 24, 3, padding=1), nn.PixelShuffle(2))
        self._begin_still()

    @torch.no_grad()
    def _begin_still(self) -> None:
        """Start with no motion and the still showing through."""
        answer = self.head[0]
        assert isinstance(answer, nn.Conv2d)
        assert answer.bias is not None
        answer.weight.mul_(0.1)
        answer.bias.zero_()
        answer.bias[8:12] = 1.0  # the four shuffled channels of the mask

    def forward(
        self,
        sound: Float[Tensor, "batch numbers"],
        identity: list[Tensor],
        still: Float[Tensor, "batch 3 height width"],
    ) -> Float[Tensor, "batch 3 height width"]:
        *skips, deep = identity
        x = self.mix(torch.cat([deep, sound[:, :, None, None].expand(-1, -1, *deep.shape[2:])], 1))
        for up, heard, skip in zip(self.ups, self.heard, skips[::-1], strict=True):
            x = functional.interpolate(modulate(x, heard(sound)), scale_factor=2.0, mode="nearest")
            x = up(torch.cat([x, skip], 1) if self.skips else x)
        flow, mask, paint = self.head(x).split([2, 1, 3], 1)
        if not self.skips:
            return paint.sigmoid()
        return blend(still, self.reach * flow.tanh().movedim(1, -1), mask.sigmoid(), paint.sigmoid())


# -- the ideas --------------------------------------------------------------------------------------------------------


def blend(
    still: Float[Tensor, "batch 3 height width"],
    flow: Float[Tensor, "batch height width 2"],
    mask: Float[Tensor, "batch 1 height width"],
    paint: Float[Tensor, "batch 3 height width"],
) -> Float[Tensor, "batch 3 height width"]:
    """I = m · still(z + f) + (1 − m) · paint: move what can be seen, paint what cannot, such as teeth."""
    return torch.lerp(paint, warp(still, flow), mask)


@dataclass(frozen=True)
class Registered:
    """A batch with every picture laid over its first still."""

    stills: Float[Tensor, "batch stills 3 size size"]
    frames: Float[Tensor, "batch frames 3 size size"]
    landmarks: Float[Tensor, "batch frames 68 2"]


def register(batch: Batch) -> Registered:
    """Lay frames and stills over one still, so that nobody has to guess where the head is.

    The still whose head is turned most like the window's middle frame comes first: a turn can be neither undone by a
    shift in the plane nor heard, and what cannot be known is painted as a blur.
    """
    assert batch.landmarks is not None
    assert batch.reference_landmarks is not None
    stills, points = nearest_first(batch.reference, batch.reference_landmarks, batch.landmarks)
    frames, landmarks = lay_over(batch.frames, batch.landmarks, points[:, :1])
    return Registered(lay_over(stills, points, points[:, :1])[0], frames, landmarks)


def nearest_first(
    stills: Float[Tensor, "batch stills 3 size size"],
    points: Float[Tensor, "batch stills 68 2"],
    landmarks: Float[Tensor, "batch frames 68 2"],
) -> tuple[Float[Tensor, "batch stills 3 size size"], Float[Tensor, "batch stills 68 2"]]:
    """Exchange the first still with the one whose stable landmarks, laid over the middle frame's, come closest."""
    batch, count = points.shape[:2]
    middle = landmarks[:, landmarks.shape[1] // 2, None].expand_as(points).flatten(0, 1)
    over = moved(points.flatten(0, 1), registration(points.flatten(0, 1), middle))
    rest = (over - middle)[:, list(STABLE)].square().sum((1, 2)).unflatten(0, (batch, count))
    rows, nearest = torch.arange(batch, device=rest.device), rest.argmin(1)
    order = torch.arange(count, device=rest.device).repeat(batch, 1)
    order[rows, nearest], order[:, 0] = 0, nearest
    return stills[rows[:, None], order], points[rows[:, None], order]


def lay_over(
    pictures: Float[Tensor, "batch frames 3 size size"],
    landmarks: Float[Tensor, "batch frames 68 2"],
    first: Float[Tensor, "batch 1 68 2"],
) -> tuple[Float[Tensor, "batch frames 3 size size"], Float[Tensor, "batch frames 68 2"]]:
    """Pictures and landmarks, registered to one set of landmarks a row."""
    rows = pictures.shape[:2]
    points = landmarks.flatten(0, 1)
    matrix = registration(points, first.expand(-1, rows[1], -1, -1).flatten(0, 1))
    return transform(pictures.flatten(0, 1), matrix).unflatten(0, rows), moved(points, matrix).unflatten(0, rows)


# -- the system -------------------------------------------------------------------------------------------------------


class Speech2Vid(System):
    """Sound and stills in, pixels out. Chapter 03."""

    card = Card(
        name="Speech2Vid",
        title="You said that?",
        authors="Chung, Jamaludin & Zisserman",
        venue="BMVC",
        year=2017,
        drivers=("sound",),
        framework="AutoEncoder",
        intermediate="none",
        disentangled=False,
        anyone=True,
        head_motion=False,
        expression=False,
    )
    config_class = Speech2VidConfig

    def __init__(self, config: Speech2VidConfig | None = None) -> None:
        super().__init__()
        self.config = config or Speech2VidConfig()
        if self.config.size % 16 or self.config.size < 32:
            raise ValueError(f"Speech2Vid paints squares of a multiple of 16 px from 32 on, not {self.config.size}")
        self.sound = SoundEncoder(COEFFICIENTS, self.config.hops, self.config.sound)
        self.identity = PictureEncoder(3 * self.config.stills, self.config.channels)
        self.decoder = Decoder(self.config)

    def paint(
        self, heard: Float[Tensor, "batch frames hops coefficients"], stills: Float[Tensor, "batch stills 3 size size"]
    ) -> Float[Tensor, "batch frames 3 size size"]:
        """Paint the frames of each row; its stills are looked at once."""
        rows = heard.shape[:2]
        return self.paint_from(heard, self.identity(stills.flatten(1, 2)), stills[:, 0]).unflatten(0, rows)

    def paint_from(
        self, heard: Float[Tensor, "batch frames hops coefficients"], identity: list[Tensor], still: Tensor
    ) -> Float[Tensor, "painted 3 size size"]:
        """The same from what the identity encoder said; batch and frames become one axis."""
        frames = heard.shape[1]
        identity = [feature.repeat_interleave(frames, 0) for feature in identity]
        return self.decoder(self.sound(heard.flatten(0, 1)), identity, still.repeat_interleave(frames, 0))

    def losses(self, batch: Batch, *, player: str, rng: torch.Generator) -> dict[str, Tensor]:
        """Weighted L1 between painted and real frames: those of the batch that have sound around them."""
        del player, rng
        context = self.config.context
        seen = register(batch)
        real, landmarks = (track[:, context : track.shape[1] - context] for track in (seen.frames, seen.landmarks))
        painted = self.paint(hear(batch.mel, context), seen.stills[:, : self.config.stills])
        weights = mouth_weights(landmarks.flatten(0, 1), real.shape[-1], weight=self.config.mouth_weight)
        return {"L1": ((painted - real).abs().flatten(0, 1) * weights).mean()}

    @torch.no_grad()
    def animate(
        self,
        reference: Clip,
        driving: Clip,
        *,
        pose: Clip | None = None,
        emotion: str | None = None,
        seed: int = 0,
    ) -> Clip:
        """Paint the person of some pictures while they say a sound; the head stays as it is in the first still.

        Args:
            reference: at least one square picture of the face, framed as in training; stills are laid over each other
                where its truth has landmarks.
            driving: a clip with sound.
            pose: no such knob.
            emotion: no such knob.
            seed: nothing is random here.

        Raises:
            ValueError: no picture, no sound, or a knob that is not there.
        """
        self.refuse_knobs(pose=pose, emotion=emotion)
        audio, stills = sound_of(driving, self.card.name), self.stills_of(reference)
        heard = self.listen(audio)
        identity = self.identity(stills.flatten(1, 2))
        painted = (self.paint_from(part, identity, stills[:, 0]) for part in heard.split(CHUNK, 1))
        frames = [(part.clamp(0, 1) * 255).round().byte().movedim(1, -1).cpu() for part in painted]
        return Clip(torch.cat(frames), audio, driving.transcript)

    def listen(self, audio: Float[Tensor, "samples"]) -> Float[Tensor, "1 frames hops coefficients"]:
        """The cepstra around every frame of a sound; its ends are held."""
        heard = listen(audio, max(1, video_frames(len(audio))), self.config.context)
        return heard[None].to(next(self.parameters()).device)

    def chosen(self, reference: Clip) -> list[int]:
        """Which frames of a reference are the stills: spread over it, eyes open; the head stays as in the first."""
        blink = None if reference.truth is None else reference.truth.blink
        return spread_out(len(pictures_of(reference, self.card.name)), blink, self.config.stills)

    def stills_of(self, reference: Clip) -> Float[Tensor, "1 stills 3 size size"]:
        """The stills, laid over the first of them where landmarks are known."""
        frames, chosen, truth = pictures_of(reference, self.card.name), self.chosen(reference), reference.truth
        stills = scaled(frames[chosen], self.config.size)
        if truth is not None and truth.landmarks is not None:
            points = truth.landmarks[chosen] * (self.config.size / frames.shape[1])
            stills = lay_over(stills[None], points[None], points[None, :1])[0][0]
        return stills[None].to(next(self.parameters()).device)


def spread_out(frames: int, blink: Float[Tensor, "frames"] | None, count: int) -> list[int]:
    """Moments spread evenly over those with open eyes; over all where none is known."""
    usable = torch.arange(frames)
    if blink is not None and (blink < OPEN_EYES).any():
        usable = usable[blink < OPEN_EYES]
    return usable[torch.linspace(0, len(usable) - 1, count).round().long()].tolist()
