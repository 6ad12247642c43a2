from __future__ import annotations

import pytest
import torch

from thlab.nn.experts.face_reader import FaceReader, FaceReaderConfig

SMALL = FaceReaderConfig(size=32, channels=8, features=32, identity=8, people=5)


@pytest.fixture
def reader() -> FaceReader:
    torch.manual_seed(0)
    return FaceReader(SMALL)


def test_every_parameter_learns(reader: FaceReader):
    read = reader(torch.rand(4, 3, 32, 32))
    named = torch.nn.functional.cross_entropy(reader.tell_apart(read.identity), torch.arange(4))
    (read.landmarks.sum() + read.lip_gap.sum() + named).backward()
    assert [name for name, p in reader.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


def test_identities_are_unit_vectors_and_the_nearest_person_is_named(reader: FaceReader):
    identity = reader.eval()(torch.rand(3, 3, 32, 32)).identity
    assert identity.norm(dim=1).tolist() == pytest.approx([1, 1, 1], abs=1e-5)
    person = torch.nn.functional.normalize(reader.people.weight[2:3])
    assert reader.tell_apart(person).argmax() == 2
    assert reader.tell_apart(person).max().item() == pytest.approx(16, abs=1e-4)


def test_larger_pictures_are_scaled_to_what_it_looks_at(reader: FaceReader):
    flat = torch.full((1, 3, 32, 32), 0.3)
    large = torch.full((1, 3, 80, 80), 0.3)
    assert torch.allclose(reader.eval()(flat).landmarks, reader(large).landmarks, atol=1e-5)
