"""A few voices and a few performances, made once."""

from __future__ import annotations

import numpy as np
import pytest

from thlab.audio.synthesis import Speech
from thlab.corpus.performance import Performance, acting_style, perform
from thlab.corpus.plan import CorpusConfig
from thlab.corpus.sentences import sentence
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.corpus.voices import Line, padded, say, voice_of
from thlab.face.head.person import sample_person

ACTORS = range(6)
TAKES = 8
"""Performances of each speech, which differ in the seed alone."""


@pytest.fixture(scope="session")
def speeches() -> dict[int, list[Speech]]:
    """Three sentences by each of six actors."""
    lines = [Line(sentence(3 * actor + k), voice_of(sample_person(actor))) for actor in ACTORS for k in range(3)]
    spoken = [padded(speech, lead=4800, tail=6400) for speech in say(lines)]
    return {actor: spoken[3 * actor : 3 * actor + 3] for actor in ACTORS}


@pytest.fixture(scope="session")
def performances(speeches: dict[int, list[Speech]]) -> dict[int, list[list[Performance]]]:
    """By actor, by sentence: takes of it."""
    return {
        actor: [
            [perform(speech, acting_style(actor), rng=np.random.default_rng([actor, k, take])) for take in range(TAKES)]
            for k, speech in enumerate(spoken)
        ]
        for actor, spoken in speeches.items()
    }


TINY = CorpusConfig(size=32, clips_an_actor=3, supersample=1, shadows=False)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> SyntheticCorpus:
    """Three clips of one person at 32 px: neutral, an emotion in the same time, another in its own."""
    corpus = SyntheticCorpus(TINY, cache=tmp_path_factory.mktemp("corpus"))
    corpus.clips(range(3))
    return corpus
