"""The canary: if the shape checks are off, this is the test that says so."""

from __future__ import annotations

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from thlab.face.motion import Motion


def test_a_wrong_shape_is_refused():
    with pytest.raises(TypeCheckError):
        Motion(np.zeros((5, 30), np.float32), np.zeros((5, 7), np.float32), np.zeros((5, 2), np.float32))


def test_a_right_shape_passes():
    assert len(Motion(np.zeros((5, 30), np.float32), np.zeros((5, 6), np.float32), np.zeros((5, 2), np.float32))) == 5
