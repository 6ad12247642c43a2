"""What a network of ours hears for a frame: the cepstra of that moment, and of a little before and after it."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from thlab.audio.features import cepstra, log_mel
from thlab.timebase import HOPS_PER_FRAME, frames_to_hops, frames_to_samples

CONTEXT = 2
"""Frames before and after: with the frame itself 20 hops, the window of SyncNet."""


def hear(
    mel: Float[Tensor, "batch hops mels"], context: int = CONTEXT
) -> Float[Tensor, "batch frames window coefficients"]:
    """The cepstra around each frame that has ``context`` frames of sound on both sides. Chapters 03 and 11."""
    window = frames_to_hops(2 * context + 1)
    return cepstra(mel).unfold(1, window, HOPS_PER_FRAME).transpose(2, 3)


def listen(
    audio: Float[Tensor, "samples"], frames: int, context: int = CONTEXT
) -> Float[Tensor, "frames window coefficients"]:
    """The cepstra around every frame of a sound, cut or continued by silence to so many; its ends are held."""
    mel = log_mel(functional.pad(audio, (0, frames_to_samples(frames) - len(audio))))
    edge = frames_to_hops(context)
    return hear(functional.pad(mel.T[None], (edge, edge), mode="replicate").transpose(1, 2), context)[0]
