"""Log-mel rows of a stream are those of the whole sound, however it is cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from thlab.audio.features import COURSE, KALDI, LIBROSA, MelConfig, log_mel
from thlab.audio.streaming import StreamingLogMel


def sound(samples: int, batch: tuple[int, ...] = (), dtype: torch.dtype = torch.float32) -> Tensor:
    noise = torch.randn(*batch, samples, generator=torch.Generator().manual_seed(samples), dtype=torch.float64)
    return (0.1 * noise).to(dtype)


def streamed(pieces: list[Tensor], config: MelConfig = COURSE) -> Tensor:
    stream = StreamingLogMel(config)
    return torch.cat([*[stream.push(piece) for piece in pieces], stream.finish()], dim=-2)


def at_random(whole: Tensor, seed: int) -> list[Tensor]:
    """Cut a sound at random places, so that some pieces are empty and some hold many windows."""
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.integers(0, whole.shape[-1], size=12))
    cuts[3] = cuts[4]
    return list(torch.tensor_split(whole, cuts.tolist(), dim=-1))


@pytest.mark.parametrize("samples", [1, 279, 280, 281, 640, 1_601])
@pytest.mark.parametrize("piece", [1, 7, 160, 640, 5_000])
def test_pieces_of_any_length_give_the_rows_of_the_whole(samples: int, piece: int):
    whole = sound(samples)
    torch.testing.assert_close(streamed(list(whole.split(piece))), log_mel(whole), rtol=0, atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "config",
    [COURSE, replace(COURSE, window=512), replace(COURSE, edges="centre"), replace(KALDI, mels=40),
     replace(LIBROSA, dynamic_range=None, edges="snip")],
)  # fmt: skip
def test_random_pieces_of_a_batch_give_the_rows_of_the_whole(config: MelConfig, seed: int):
    whole = sound(9_000 + seed, batch=(2,), dtype=torch.float64)
    torch.testing.assert_close(streamed(at_random(whole, seed), config), log_mel(whole, config), rtol=0, atol=1e-10)


def test_a_row_comes_as_soon_as_its_window_is_heard():
    stream = StreamingLogMel()
    whole = sound(640)
    assert len(stream.push(whole[:279])) == 0
    assert len(stream.push(whole[279:280])) == 1
    assert len(stream.push(whole[280:])) == 2
    assert len(stream.finish()) == 1


def test_a_finished_stream_begins_anew():
    stream, whole = StreamingLogMel(), sound(1_000)
    first = torch.cat([stream.push(whole), stream.finish()])
    assert torch.equal(torch.cat([stream.push(whole), stream.finish()]), first)


def test_memory_does_not_grow_with_what_was_heard():
    stream = StreamingLogMel()
    held = []
    for _ in range(50):
        stream.push(sound(640))
        held.append(stream._held.untyped_storage().nbytes())
    assert max(held) <= 4 * COURSE.window


@pytest.mark.parametrize("change", [{"edges": "mirror"}, {"edges": "centre_reflect"}, {"dynamic_range": 80.0}])
def test_settings_that_need_the_future_are_refused(change: dict[str, object]):
    with pytest.raises(ValueError, match="stream"):
        StreamingLogMel(replace(COURSE, **change))


@pytest.mark.parametrize("heard", [[], [0], [0, 0]])
def test_the_end_of_a_stream_without_sound_is_refused(heard: list[int]):
    stream = StreamingLogMel()
    for samples in heard:
        assert stream.push(torch.zeros(samples)).shape == (0, 80)
    with pytest.raises(ValueError, match="got none"):
        stream.finish()


@pytest.mark.parametrize("other", [torch.zeros(2, 100), torch.zeros(100, dtype=torch.float64)])
def test_a_piece_unlike_the_first_is_refused(other: Tensor):
    stream = StreamingLogMel()
    stream.push(torch.zeros(100))
    with pytest.raises(ValueError, match="like the first"):
        stream.push(other)


def test_a_piece_that_is_not_sound_is_refused():
    with pytest.raises(ValueError, match="finite"):
        StreamingLogMel().push(torch.tensor([torch.nan]))
