"""Log-mel columns while sound is still coming in."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from thlab.audio.features import COURSE, Audio, LogMel, MelConfig, check_audio, columns, lead, log_mel


class StreamingLogMel:
    """Give sound in pieces of any length; get the rows of ``log_mel`` of the whole as soon as they are settled.

    ``push`` returns the new rows, none when the piece is too short to settle one; ``finish`` returns the last ones,
    with silence after the sound. All rows together are those of ``log_mel`` up to float rounding. With the course's own
    settings a row comes 7.5 ms after its hop has ended.

    Raises:
        ValueError: for settings that need the future: sound reflected at its ends, or a range below the loudest moment.

    Chapter 17.
    """

    def __init__(self, config: MelConfig = COURSE) -> None:
        if config.edges not in ("hop", "snip", "centre"):
            raise ValueError(f"a stream cannot be reflected at its ends, got edges={config.edges!r}; take 'hop'")
        if config.dynamic_range is not None:
            raise ValueError("a stream has no loudest moment yet; take dynamic_range=None")
        self._config = config
        self._pieces = replace(config, edges="snip")
        self._held: Tensor | None = None
        self._samples = 0
        self._rows = 0

    def push(self, audio: Audio) -> LogMel:
        """Hear a piece of sound, which may be empty, and return the rows that it settles.

        Raises:
            ValueError: see ``check_audio``; or when a piece differs from the first in batch or type.
        """
        if audio.shape[-1]:
            check_audio(audio)
        self._held = self._joined(audio)
        self._samples += audio.shape[-1]
        return self._settled()

    def finish(self) -> LogMel:
        """Return the rows that waited for more sound, and begin anew.

        Raises:
            ValueError: when nothing was heard.
        """
        if self._held is None or self._samples == 0:
            raise ValueError("expected sound before the end of the stream, got none; push a piece first")
        rest = columns(self._samples, self._config) - self._rows
        needed = (rest - 1) * self._config.hop + self._config.window if rest else 0
        self._held = functional.pad(self._held, (0, needed - self._held.shape[-1]))
        rows = self._settled()
        self._held, self._samples, self._rows = None, 0, 0
        return rows

    def _joined(self, audio: Tensor) -> Tensor:
        if self._held is None:
            return functional.pad(audio, (lead(self._config), 0))
        if (audio.shape[:-1], audio.dtype) != (self._held.shape[:-1], self._held.dtype):
            raise ValueError(
                f"expected pieces like the first, {tuple(self._held.shape[:-1])} {self._held.dtype}, "
                f"got {tuple(audio.shape[:-1])} {audio.dtype}; begin another stream"
            )
        return torch.cat([self._held, audio], dim=-1)

    def _settled(self) -> LogMel:
        """Turn whole windows into rows and keep what later windows still need."""
        assert self._held is not None
        count = columns(self._held.shape[-1], self._pieces)
        if count == 0:
            return self._held.new_zeros((*self._held.shape[:-1], 0, self._config.mels))
        rows = log_mel(self._held, self._pieces)
        self._held = self._held[..., count * self._config.hop :].clone()  # a view would hold all the sound in memory
        self._rows += count
        return rows
