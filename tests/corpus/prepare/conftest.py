"""Videos of synthetic people, from the samples of the repository, and one of them prepared."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus.prepare.films import SAMPLES

from thlab.corpus.prepare import PrepareConfig, Report, prepare
from thlab.corpus.samples import read_sample
from thlab.media import Clip


@pytest.fixture(scope="session")
def sample() -> Clip:
    """Somebody who speaks, with all truth."""
    return read_sample(SAMPLES, "00-neutral")


@pytest.fixture(scope="session")
def somebody_else() -> Clip:
    return read_sample(SAMPLES, "03-neutral")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """The sample as if it were somebody's video."""
    folder = tmp_path_factory.mktemp("prepared") / "sample"
    config = PrepareConfig(size=96, test_seconds=1.2)
    return folder, prepare(SAMPLES / "00-neutral.mp4", folder, config)
