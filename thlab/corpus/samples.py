"""The clips in ``data_samples/``: twelve of the test split, small enough for the repository, made by ``thlab samples``.

A sample is ``03-neutral.mp4`` (pictures and sound) and ``03-neutral.npz`` beside it: transcript and truth in the format
of :mod:`thlab.corpus.cache`, compressed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from thlab.corpus.cache import read_archive, write_archive
from thlab.corpus.plan import CorpusConfig, plan
from thlab.corpus.synthetic import SyntheticCorpus, clips_of
from thlab.media import Clip, read_clip, write_clip

SAMPLES = CorpusConfig(split="test", size=160, framing="head", clips_an_actor=3, seed=254)
"""Four people, each with one sentence three times: neutral, an emotion in the same time, another in its own time. The
seed was chosen so that the four differ in sex, age and skin, and that every emotion occurs."""
COUNT = 12
QUALITY = 21
"""Of x264, so that a clip stays well below 300 kB."""


def sample_names() -> list[str]:
    """The names of the samples, without ending."""
    return [f"{index:02d}-{plan(SAMPLES, index).emotion}" for index in range(COUNT)]


def write_samples(folder: Path | str) -> Iterator[Path]:
    """Make all samples into a folder, replacing those that are there; yields each file as it is finished."""
    corpus = SyntheticCorpus(SAMPLES, cache=None)
    for name, clip in zip(sample_names(), clips_of(corpus, range(COUNT)), strict=True):
        video, truth = (Path(folder) / f"{name}.{ending}" for ending in ("mp4", "npz"))
        write_clip(clip, video, quality=QUALITY)
        yield video
        write_archive(truth, _rounded(replace(clip, frames=None, audio=None)), compressed=True)
        yield truth


def read_sample(folder: Path | str, name: str) -> Clip:
    """A sample with its truth.

    Raises:
        ValueError: it is not there, or its pictures and its truth differ in length.
    """
    video, truth = (Path(folder) / f"{name}.{ending}" for ending in ("mp4", "npz"))
    if not truth.is_file():
        have = sorted(path.stem for path in Path(folder).glob("*.npz"))
        raise ValueError(f"no sample {name!r} in {folder}; it holds {', '.join(have) or 'none'}; run thlab samples")
    seen, known = read_clip(video), read_archive(truth)
    return replace(seen, transcript=known.transcript, truth=known.truth)


def _rounded(clip: Clip) -> Clip:
    """Tracks to about four digits, which halves the files."""
    assert clip.truth is not None
    named = clip.truth.tracks().items()
    tracks: dict[str, Any] = {name: (t * 4096).round() / 4096 for name, t in named if t.is_floating_point()}
    return replace(clip, truth=replace(clip.truth, **tracks))
