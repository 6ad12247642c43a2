"""Wav2Lip: a video's own lower half is hidden, and painted anew to fit a sound.

The network sees the upper half of a frame, which says where the head is, another picture of the person, which says what
they look like, and hears 0.2 s of sound, which is its one way to know the mouth: it comes in at the bottleneck, where
the picture is smallest, and goes up with every scale. What made it famous is its teacher, a SyncNet that was trained
before and stays as it is (Prajwal et al. 2020, "A lip sync expert is all you need"): see
``thlab.experiments.recipes.wav2lip_tutors``.

What is ours: 64 or 96 px and a tenth of the channels; only the lower half is decoded; the other picture is laid over
the frame by eyes and nose; the decoder also answers with a flow that moves it, and a mask that chooses between it and
new paint; the mouth weighs more in the loss; 13 cepstra are heard in place of 80 mel bands.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional

from thlab.audio.hearing import CONTEXT, hear, listen
from thlab.face.alignment import registration
from thlab.face.mouth import mouth_weights
from thlab.media import Batch, Clip, Truth
from thlab.nn.convolutions import SLOPE, Conv, Residual
from thlab.nn.encoders import PictureEncoder, SoundEncoder
from thlab.nn.modulation import modulate
from thlab.render.halves import hidden, joined, lower, moved_half
from thlab.render.warp import transform
from thlab.systems.base import Card, System, pictures_of, scaled, sound_of
from thlab.timebase import frames_to_hops, video_frames

COEFFICIENTS = 13
"""Cepstral coefficients that are heard: less of whose voice it is than in mel bands."""
HOPS = frames_to_hops(2 * CONTEXT + 1)
PAINT = 12
"""Numbers a pixel from which its paint is mixed."""
CHUNK = 50
"""Frames that are painted at a time, so that only finished bytes grow with the sound."""


@dataclass(frozen=True)
class Wav2LipConfig:
    """Sizes of the network; the defaults train in three minutes on two cores."""

    size: int = 64
    """Pixels a side; a multiple of 32."""
    channels: int = 20
    """Width of the first layer; deeper ones are two to five times as wide."""
    sound: int = 128
    """Numbers that the sound of a frame becomes."""
    mouth_weight: float = 15.0
    """How much more an error at the mouth costs."""
    reach: float = 0.2
    """Farthest that the flow moves a pixel, in half widths of the picture."""


# -- the networks -----------------------------------------------------------------------------------------------------


class Decoder(nn.Module):
    """Sound and faces → flow, mask and paint of the lower half, doubling the size four times."""

    def __init__(self, config: Wav2LipConfig) -> None:
        super().__init__()
        c, self.reach = config.channels, config.reach
        deep, last = 5 * c, 3 * c // 2
        self.mix = Conv(deep + config.sound, deep)
        self.heard = nn.ModuleList([nn.Linear(config.sound, 2 * wide) for wide in (deep, 4 * c, 2 * c)])
        self.ups = nn.ModuleList(
            [
                nn.Sequential(Conv(deep + 4 * c, 4 * c), Residual(4 * c)),
                nn.Sequential(Conv(4 * c + 2 * c, 2 * c), Residual(2 * c)),
                nn.Sequential(Conv(2 * c + c, last), Conv(last, last)),
            ]
        )
        # At half the size, which is a quarter of the work, and enlarged evenly: shuffled pixels come out chequered.
        self.head = nn.Conv2d(last, 3 + PAINT, 3, padding=1)
        self.paint = nn.Conv2d(PAINT, 3, 3, padding=1)
        self._begin_still()

    @torch.no_grad()
    def _begin_still(self) -> None:
        """Start with no motion and the other picture showing through."""
        assert self.head.bias is not None
        self.head.weight[:3].mul_(0.1)
        self.head.bias[:3] = torch.tensor([0.0, 0.0, 1.0])

    def forward(
        self,
        sound: Float[Tensor, "batch numbers"],
        faces: list[Tensor],
        still: Float[Tensor, "batch 3 size size"],
    ) -> Float[Tensor, "batch 3 rows size"]:
        *skips, deep = faces
        x = self.mix(torch.cat([deep, sound[:, :, None, None].expand(-1, -1, *deep.shape[2:])], 1))
        x = lower(modulate(x, self.heard[0](sound)))
        for step, (up, skip) in enumerate(zip(self.ups, skips[::-1], strict=True)):
            x = x if step == 0 else modulate(x, self.heard[step](sound))
            x = up(torch.cat([functional.interpolate(x, scale_factor=2.0, mode="nearest"), lower(skip)], 1))
        large = functional.interpolate(self.head(x), scale_factor=2.0, mode="bilinear")
        flow, mask, paint = large.split([2, 1, PAINT], 1)
        painted = self.paint(functional.leaky_relu(paint, SLOPE)).sigmoid()
        return torch.lerp(painted, moved_half(still, self.reach * flow.tanh()), mask.sigmoid())


# -- the ideas --------------------------------------------------------------------------------------------------------


def laid_over(
    stills: Float[Tensor, "batch 3 size size"],
    points: Float[Tensor, "batch 68 2"],
    landmarks: Float[Tensor, "batch 68 2"],
) -> Float[Tensor, "batch 3 size size"]:
    """Stills, turned, scaled and shifted so that eyes and nose lie where those of the frames do.

    Args:
        stills: other pictures of the person.
        points: their landmarks, in pixels.
        landmarks: those of the frames. Lips, chin and cheeks do not count, and may be unknown.
    """
    return transform(stills, registration(points, landmarks))


# -- the system -------------------------------------------------------------------------------------------------------


class Wav2Lip(System):
    """A video and a sound in, the video with other lips out. Chapter 11."""

    card = Card(
        name="Wav2Lip",
        title="A lip sync expert is all you need for speech to lip generation in the wild",
        authors="Prajwal et al.",
        venue="ACM MM",
        year=2020,
        drivers=("sound",),
        framework="GAN",
        intermediate="none",
        disentangled=False,
        anyone=True,
        head_motion=False,
        expression=False,
    )
    config_class = Wav2LipConfig

    def __init__(self, config: Wav2LipConfig | None = None) -> None:
        super().__init__()
        self.config = config or Wav2LipConfig()
        if self.config.size % 32 or self.config.size < 32:
            raise ValueError(f"Wav2Lip paints squares of a multiple of 32 px, not {self.config.size}")
        self.sound = SoundEncoder(COEFFICIENTS, HOPS, self.config.sound)
        self.faces = PictureEncoder(6, self.config.channels)
        self.decoder = Decoder(self.config)

    def paint(
        self,
        heard: Float[Tensor, "batch hops coefficients"],
        frames: Float[Tensor, "batch 3 size size"],
        stills: Float[Tensor, "batch 3 size size"],
    ) -> Float[Tensor, "batch 3 rows size"]:
        """The lower half of each frame, from the sound around it, its upper half, and another picture."""
        return self.decoder(self.sound(heard), self.faces(torch.cat([hidden(frames), stills], 1)), stills)

    def paint_batch(self, batch: Batch) -> Painted:
        """Paint the frames of a batch that have sound around them; the first still is the other picture."""
        assert batch.landmarks is not None
        assert batch.reference_landmarks is not None
        inner = slice(CONTEXT, batch.frames.shape[1] - CONTEXT)
        frames, landmarks = batch.frames[:, inner], batch.landmarks[:, inner]
        other, points = batch.reference[:, :1].expand_as(frames), batch.reference_landmarks[:, :1].expand_as(landmarks)
        stills = laid_over(other.flatten(0, 1), points.flatten(0, 1), landmarks.flatten(0, 1))
        painted = self.paint(hear(batch.mel).flatten(0, 1), frames.flatten(0, 1), stills)
        return Painted(painted.unflatten(0, frames.shape[:2]), frames, landmarks, batch.mel)

    def losses(self, batch: Batch, *, player: str, rng: torch.Generator) -> dict[str, Tensor]:
        """Weighted L1 between painted and real lower halves; teachers are added by whoever has them."""
        del player, rng
        return {"L1": self.plain_loss(self.paint_batch(batch))}

    def plain_loss(self, painted: Painted) -> Float[Tensor, ""]:
        """L1, the mouth weighing more."""
        weights = mouth_weights(painted.landmarks.flatten(0, 1), self.config.size, weight=self.config.mouth_weight)
        return ((painted.halves - lower(painted.real)).abs().flatten(0, 1) * lower(weights)).mean()

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
        """Give the person of a video, or of one picture, the lips that fit a sound.

        Args:
            reference: square pictures of the face, framed as in training. They are kept but for their lower halves, in
                their own size, one after the other; where the sound is longer, backwards and forwards again. Where
                landmarks are known, the first is the other picture of all of them; else each is its own, as in the
                paper, and shows the network its old lips.
            driving: a clip with sound.
            pose: no such knob: the head moves as in the reference.
            emotion: no such knob.
            seed: nothing is random here.

        Raises:
            ValueError: no picture, no sound, or a knob that is not there.
        """
        self.refuse_knobs(pose=pose, emotion=emotion)
        audio, pictures = sound_of(driving, self.card.name), pictures_of(reference, self.card.name)
        order = there_and_back(len(pictures), max(1, video_frames(len(audio))))
        video = chosen(reference, order)
        frames = self.repaint(video, video[:1] if has_landmarks(video) else video, audio)
        return Clip(frames, audio, driving.transcript)

    @torch.no_grad()
    def repaint(
        self, video: Clip, other: Clip, audio: Float[Tensor, "samples"]
    ) -> UInt8[Tensor, "frames height width 3"]:
        """The frames of a video with their lower halves painted to fit a sound of their length.

        Args:
            video: square pictures; with landmarks, if the other picture is to be laid over them.
            other: the other picture, one for all frames or one for each; with landmarks likewise.
            audio: as long as the video; what is missing of it is silence.

        Raises:
            ValueError: pictures are missing or not square.
        """
        device, size = next(self.parameters()).device, self.config.size
        frames = pictures_of(video, self.card.name)
        heard = listen(audio, len(frames))
        stills = fitting(other, video, size)
        done = []
        for place in range(0, len(frames), CHUNK):
            part = slice(place, place + CHUNK)
            seen = scaled(frames[part], size).to(device)
            still = (stills[part] if len(stills) > 1 else stills).expand_as(seen).to(device)
            done.append(pasted(frames[part], self.paint(heard[part].to(device), seen, still).cpu()))
        return torch.cat(done)


@dataclass(frozen=True)
class Painted:
    """What was painted for a batch, beside what was filmed."""

    halves: Float[Tensor, "batch frames 3 rows size"]
    real: Float[Tensor, "batch frames 3 size size"]
    landmarks: Float[Tensor, "batch frames 68 2"]
    mel: Float[Tensor, "batch hops mels"]
    """Also of the two frames before and after."""

    @property
    def whole(self) -> Float[Tensor, "batch frames 3 size size"]:
        """The frames with their lower halves painted."""
        return torch.cat([self.real[..., : self.halves.shape[-2], :], self.halves], -2)


def fitting(other: Clip, video: Clip, size: int) -> Float[Tensor, "stills 3 size size"]:
    """The other picture in the size of the network; laid over each frame of a video where both know landmarks."""
    pictures = pictures_of(other, Wav2Lip.card.name)
    stills = scaled(pictures, size)
    if other is video or not (has_landmarks(other) and has_landmarks(video)):
        return stills
    points, landmarks = in_pixels(other, size), in_pixels(video, size)
    count = len(landmarks)
    return laid_over(stills.expand(count, -1, -1, -1), points.expand(count, -1, -1), landmarks)


def has_landmarks(clip: Clip) -> bool:
    """Whether a clip knows them."""
    return clip.truth is not None and clip.truth.landmarks is not None


def in_pixels(clip: Clip, size: int) -> Float[Tensor, "frames 68 2"]:
    """The landmarks of a clip in pixels of pictures of that size."""
    assert clip.truth is not None
    assert clip.truth.landmarks is not None
    assert clip.frames is not None
    return clip.truth.landmarks.float() * (size / clip.frames.shape[1])


def chosen(reference: Clip, order: list[int]) -> Clip:
    """Pictures and landmarks of a clip in another order."""
    pictures, truth = pictures_of(reference, Wav2Lip.card.name), reference.truth
    if truth is None or truth.landmarks is None:
        return Clip(pictures[order])
    return Clip(pictures[order], truth=Truth(landmarks=truth.landmarks[order]))


def there_and_back(pictures: int, count: int) -> list[int]:
    """0, 1, … to the last, and back, and again: so many numbers without a jump."""
    cycle = [*range(pictures), *range(pictures - 2, 0, -1)]
    return [cycle[place % len(cycle)] for place in range(count)]


def pasted(
    frames: UInt8[Tensor, "frames height width 3"], painted: Float[Tensor, "frames 3 rows size"]
) -> UInt8[Tensor, "frames height width 3"]:
    """Lower halves, scaled to the frames' size and laid over them."""
    planes = frames.movedim(-1, 1).float() / 255
    half = lower(planes)
    if half.shape != painted.shape:
        painted = functional.interpolate(painted, half.shape[-2:], mode="bilinear", antialias=True)
    return (joined(planes, painted).clamp(0, 1) * 255).round().byte().movedim(1, -1).contiguous()
