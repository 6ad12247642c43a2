from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from thlab.face.alignment import moved, registration, similarity
from thlab.face.points import STABLE


def cloud(points: int = 9, seed: int = 0) -> torch.Tensor:
    return torch.randn(1, points, 2, generator=torch.Generator().manual_seed(seed))


def matrix(angle: float, scale: float, x: float, y: float) -> torch.Tensor:
    c, s = scale * math.cos(angle), scale * math.sin(angle)
    return torch.tensor([[[c, -s, x], [s, c, y]]])


@pytest.mark.parametrize(("angle", "scale"), [(0.0, 1.0), (0.4, 2.0), (-2.5, 0.3), (math.pi, 1.0)])
def test_a_known_map_is_found_again(angle: float, scale: float):
    wanted = matrix(angle, scale, 3.0, -1.0)
    found = similarity(cloud(), moved(cloud(), wanted))
    assert torch.allclose(found, wanted, atol=1e-5)


def test_no_other_similarity_is_closer():
    p, q = cloud(seed=1), cloud(seed=2)

    def distance(x: np.ndarray) -> float:
        a = torch.tensor([[[x[0], -x[1], x[2]], [x[1], x[0], x[3]]]], dtype=torch.float32)
        return float((moved(p, a) - q).square().sum())

    best = minimize(distance, np.array([1.0, 0.0, 0.0, 0.0]), method="Nelder-Mead", options={"maxiter": 4000})
    assert float((moved(p, similarity(p, q)) - q).square().sum()) == pytest.approx(best.fun, rel=1e-3)


def test_a_mirrored_face_is_not_mirrored_back():
    mirrored = cloud() * torch.tensor([-1.0, 1.0])
    found = similarity(cloud(), mirrored)
    assert torch.linalg.det(found[0, :, :2]) > 0


def test_points_in_one_place_are_refused():
    with pytest.raises(ValueError, match="two places"):
        similarity(torch.zeros(1, 5, 2), cloud(5))


def test_a_mouth_that_opens_does_not_move_the_registration():
    face = cloud(68)
    speaking = face.clone()
    speaking[:, 48:68] += 5
    assert torch.allclose(registration(speaking, face), matrix(0, 1, 0, 0), atol=1e-5)
    assert not set(STABLE) & set(range(48, 68))
