"""Heads that several tests look at: building one takes a while, so they are shared; nobody may change them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from thlab.face.head.avatar import Avatar
from thlab.face.head.person import Person, sample_person

SIZE = 64


@pytest.fixture(scope="session")
def bare_person() -> Person:
    """Somebody whose face nothing hides."""
    return replace(sample_person(2), hair_style="bald", glasses="none", beard=0.0, moustache=0.0)


@pytest.fixture(scope="session")
def bare(bare_person: Person) -> Avatar:
    return Avatar(bare_person)


@pytest.fixture(scope="session")
def long_haired(bare_person: Person) -> Avatar:
    return Avatar(replace(bare_person, hair_style="long_waves", glasses="round"))


@pytest.fixture
def still() -> np.ndarray:
    """The pose that looks straight into the camera."""
    return np.zeros(6, np.float32)


@pytest.fixture
def ahead() -> np.ndarray:
    """The gaze that looks straight ahead."""
    return np.zeros(2, np.float32)
