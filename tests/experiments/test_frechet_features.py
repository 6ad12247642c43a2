"""Features have names, are the same in batches as at once, and only Inception's, which a file brings, make an FID."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from thlab.corpus.samples import read_sample
from thlab.experiments import frechet_features
from thlab.experiments.frechet_features import INCEPTION_VARIABLE, extractor, frechet_score
from thlab.experiments.scores import planes
from thlab.metrics.frechet import frechet, frechet_distance

SAMPLES = Path(__file__).parents[2] / "data_samples"
SIZES = {"face_reader": 256, "random-conv": 224}


@pytest.fixture(scope="module")
def faces() -> torch.Tensor:
    """Sixty frames of two people."""
    clips = [read_sample(SAMPLES, name) for name in ("00-neutral", "10-happy")]
    return torch.cat([planes(clip.frames[:30]) for clip in clips if clip.frames is not None])


@pytest.mark.parametrize("name", SIZES)
def test_features_are_finite_repeatable_and_of_the_size_that_is_written(name: str, faces: torch.Tensor):
    with torch.no_grad():
        rows = extractor(name).look(faces[:4])
        again = extractor(name).look(faces[:4])
    assert rows.shape == (4, SIZES[name])
    assert torch.isfinite(rows).all()
    assert torch.equal(rows, again)
    assert (rows[0] - rows[3]).abs().max() > 0


@pytest.mark.parametrize("name", SIZES)
def test_a_stream_of_batches_gives_what_all_pictures_give(name: str, faces: torch.Tensor):
    look = extractor(name)
    stream, whole = look.moments(faces.split([7, 30, 1, 22])), look.moments([faces])
    assert stream.count == whole.count == 60
    torch.testing.assert_close(stream.covariance, whole.covariance, rtol=1e-4, atol=1e-6)
    assert frechet_distance(stream, whole) < 1e-3 * float(whole.covariance.trace())


@pytest.mark.parametrize("name", SIZES)
def test_a_distance_says_on_what_features_and_pictures_it_was_measured(name: str, faces: torch.Tensor):
    found = frechet_score(faces[:20], faces[20:], features=name)
    assert (found.label, found.generated, found.real) == (f"FD on {name}", 20, 40)
    assert found.value > 0


@pytest.mark.parametrize("name", SIZES)
def test_the_distance_grows_with_blur(name: str, faces: torch.Tensor):
    look, found = extractor(name), []
    for size in (64, 32, 16):
        small = torch.nn.functional.interpolate(faces, (size, size), mode="bilinear", antialias=True)
        blurred = torch.nn.functional.interpolate(small, faces.shape[-2:], mode="bilinear")
        found.append(frechet(look.moments([blurred]), look.moments([faces])).value)
    assert found[0] < found[1] < found[2]


def test_random_features_notice_a_shift_of_colours(faces: torch.Tensor):
    look = extractor("random-conv")
    tinted = faces * torch.tensor([1.0, 0.9, 0.8])[:, None, None]
    same = frechet(look.moments([faces[::2]]), look.moments([faces[1::2]])).value
    assert frechet(look.moments([tinted[::2]]), look.moments([faces[1::2]])).value > 2 * same


def test_unknown_features_and_no_pictures_are_refused(faces: torch.Tensor):
    with pytest.raises(ValueError, match="choose one of face_reader, random-conv, inception"):
        extractor("fid")
    with pytest.raises(ValueError, match="no pictures"):
        extractor("random-conv").moments([])
    spoilt = faces[:5].clone()
    spoilt[2] = torch.nan
    with pytest.raises(ValueError, match="1 of 5 rows of random-conv"):
        extractor("random-conv").moments([spoilt])


def test_without_inceptions_file_there_is_no_fid_but_a_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv(INCEPTION_VARIABLE, str(tmp_path / "absent.pth"))
    with pytest.raises(ValueError, match=r"absent\.pth; fetch https://.*THLAB_INCEPTION"):
        extractor("inception")
    monkeypatch.delenv(INCEPTION_VARIABLE)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="THLAB_INCEPTION"):
        frechet_score(torch.rand(2, 3, 32, 32), torch.rand(2, 3, 32, 32), features="inception")


def test_with_the_file_the_distance_is_called_fid(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    asked = []

    def load(path: Path) -> Callable[[torch.Tensor], torch.Tensor]:
        asked.append(path)
        return lambda pictures: pictures.mean((-2, -1))

    monkeypatch.setattr(frechet_features, "load_inception", load)
    monkeypatch.setenv(INCEPTION_VARIABLE, str(tmp_path / "mine.pth"))
    pictures = torch.rand(6, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    assert frechet_score(pictures[:3], pictures[3:], features="inception").label == "FID"
    assert asked == [tmp_path / "mine.pth"]


def test_another_seed_of_the_random_stack_makes_other_features(monkeypatch: pytest.MonkeyPatch, faces: torch.Tensor):
    frechet_features._random_stack.cache_clear()
    ours = extractor("random-conv").look(faces[:1])
    frechet_features._random_stack.cache_clear()
    monkeypatch.setattr(frechet_features, "SEED", 21)
    others = extractor("random-conv").look(faces[:1])
    frechet_features._random_stack.cache_clear()
    assert (ours - others).abs().max() > 0.01
