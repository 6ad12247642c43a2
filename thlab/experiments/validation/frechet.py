"""Is the Fréchet distance right where the answer is known, how far does its bias reach, and what does it notice?

Closed forms first; then two samples of the same frames, which should be 0 apart and are not; then distortions planted
by degrees, and people left out, each against frames of the same corpus as they were rendered.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from thlab.corpus.plan import CorpusConfig
from thlab.corpus.synthetic import SyntheticCorpus
from thlab.experiments.checkpoints import git_revision
from thlab.experiments.frechet_features import BLOCK, extractor
from thlab.experiments.scores import planes
from thlab.experiments.validation.base import Validation
from thlab.metrics.frechet import Moments, extrapolated_distance, frechet_distance, noise_floor

FEATURES = ("face_reader", "random-conv")
CLIPS = 120
"""Neutral clips of forty people of the training split, three each."""
CLIPS_A_PERSON = 3
SIZE = 64
COUNTS = (64, 128, 256, 512, 1024, 2048, 4096)
"""Frames in each of the two samples."""
DRAWS = 5
"""Pairs of samples of each size."""
SPOILT = 600
"""Frames to which something is done."""
LEVELS: dict[str, Sequence[float]] = {
    "blur, σ in pixels": (0.5, 1.0, 2.0, 4.0),
    "noise, σ": (0.01, 0.03, 0.1, 0.3),
    "more red, less blue": (0.02, 0.05, 0.1, 0.2),
}
LEFT_OUT = "people left out, share"
SHARES = (0.25, 0.5, 0.75, 0.9)
SEED = 0

Pictures = Float[Tensor, "frames 3 size size"]
Rows = dict[str, Float[Tensor, "frames features"]]
"""Features of the same frames, by name."""


def run(*, quiet: bool, clips: int = CLIPS, counts: Sequence[int] = COUNTS, draws: int = DRAWS) -> Validation:
    """Measure all three.

    Args:
        quiet: no progress bar while clips are made.
        clips: how many; each has about 75 frames, of which two samples of the largest count are drawn.
        counts: frames a sample, growing.
        draws: pairs of samples of each size, of which the mean is told.

    Raises:
        ValueError: there are too few frames for two samples of the largest count.

    Chapter 14.
    """
    pictures, person = album(clips, quiet=quiet)
    if len(pictures) < 2 * max(counts):
        raise ValueError(f"two samples of {max(counts)} need more than {len(pictures)} frames; take more clips")
    closed = closed_forms()
    rows = features_of(pictures)
    bias = {name: bias_table(rows[name], name, counts, draws=draws) for name in FEATURES}
    noticed = {name: noticed_by(name, pictures, rows[name], person) for name in FEATURES}
    figures: dict[str, Any] = {"frames": len(pictures), "people": len(person.unique()), "closed forms": closed,
                               "same frames": bias, "distortions": noticed}  # fmt: skip
    return Validation("frechet", "thlab validate frechet", git_revision(), lines_of(figures), figures)


def album(clips: int, *, quiet: bool) -> tuple[Pictures, Float[Tensor, "frames"]]:
    """All frames of some clips, and the number of the person in each."""
    config = CorpusConfig(size=SIZE, emotions=("neutral",), clips_an_actor=CLIPS_A_PERSON, masks=False)
    corpus = SyntheticCorpus(config)
    corpus.prepare(range(clips), quiet=quiet)
    made = [planes(clip.frames) for clip in corpus.clips(range(clips)) if clip.frames is not None]
    person = [torch.full((len(frames),), float(number // CLIPS_A_PERSON)) for number, frames in enumerate(made)]
    return torch.cat(made), torch.cat(person)


@torch.no_grad()
def features_of(pictures: Pictures) -> Rows:
    """All features of all frames."""
    return {name: torch.cat([extractor(name).look(part) for part in pictures.split(BLOCK)]) for name in FEATURES}


def closed_forms() -> list[dict[str, Any]]:
    """Gaussians of which the distance is known, and what is found."""
    unit = torch.eye(3, dtype=torch.float64)
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(SEED)))[0]
    spread = torch.diag(torch.tensor([1.0, 4, 9], dtype=torch.float64))
    flat = torch.diag(torch.tensor([1.0, 4, 0], dtype=torch.float64))
    cases = (
        ("one dimension, means 2 and deviations 1 apart", ([0.0], unit[:1, :1]), ([2.0], 4 * unit[:1, :1]), 5.0),
        ("equal covariances, means 5 apart", ([0.0] * 3, spread), ([3.0, 0.0, 4.0], spread), 25.0),
        ("three deviations, 1, 2 and 3 against 1", ([0.0] * 3, spread), ([0.0] * 3, unit), 5.0),
        ("the same, turned", ([0.0] * 3, turn @ spread @ turn.T), ([0.0] * 3, unit), 5.0),
        ("a flat direction against deviation 3", ([0.0] * 3, flat), ([0.0] * 3, spread), 9.0),
    )
    return [{"case": case, "wanted": wanted, "found": round(frechet_distance(_known(*one), _known(*other)), 9)}
            for case, one, other, wanted in cases]  # fmt: skip


def bias_table(
    rows: Float[Tensor, "frames features"], name: str, counts: Sequence[int], *, draws: int
) -> list[dict[str, Any]]:
    """Two samples of the same frames at growing counts: found, expected of Gaussians, and extrapolated (else None)."""
    everything, table = Moments.of(rows, name=name), []
    rng = torch.Generator().manual_seed(SEED)
    for count in counts:
        pairs = [rows[torch.randperm(len(rows), generator=rng)[: 2 * count]].split(count) for _ in range(draws)]
        found = [frechet_distance(*(Moments.of(part, name=name) for part in pair)) for pair in pairs]
        enough = count >= 8 * rows.shape[1]
        straight = [extrapolated_distance(*pair, rng=rng, name=name) for pair in pairs] if enough else []
        table.append({
            "frames": count,
            "found": _mean(found),
            "floor": noise_floor(everything, generated=count, reference=count),
            "extrapolated": _mean(straight) if enough else None,
        })  # fmt: skip
    return table


def noticed_by(
    name: str, pictures: Pictures, rows: Float[Tensor, "frames features"], person: Float[Tensor, "frames"]
) -> dict[str, list[dict[str, float]]]:
    """The distance of one half of the frames from as many of the other half, to which something was done by degrees."""
    look, rng = extractor(name), torch.Generator().manual_seed(SEED)
    first, second = torch.randperm(len(rows), generator=rng).tensor_split(2)
    real = Moments.of(rows[first], name=name)

    def curve(levels: Sequence[float], sets: Sequence[Moments]) -> list[dict[str, float]]:
        found = [frechet_distance(one, real) for one in sets]
        return [{"level": level, "distance": distance} for level, distance in zip(levels, found, strict=True)]

    few = second[:SPOILT]
    same = Moments.of(rows[few], name=name)
    table = {
        kind: curve([0.0, *levels], [same] + [look.moments([planted(kind, at, pictures[few], rng)]) for at in levels])
        for kind, levels in LEVELS.items()
    }
    kept = [second[person[second] < round((1 - share) * len(person.unique()))][:SPOILT] for share in SHARES]
    table[LEFT_OUT] = curve([0.0, *SHARES], [same] + [Moments.of(rows[some], name=name) for some in kept])
    return table


def planted(kind: str, level: float, pictures: Pictures, rng: torch.Generator) -> Pictures:
    """Frames after something was done to them."""
    if kind.startswith("blur"):
        return blurred(pictures, level)
    if kind.startswith("noise"):
        return (pictures + level * torch.randn(pictures.shape, generator=rng)).clamp(0, 1)
    return (pictures + level * torch.tensor([1.0, 0.0, -1.0])[:, None, None]).clamp(0, 1)


def blurred(pictures: Pictures, sigma: float) -> Pictures:
    """Each pixel becomes a Gaussian mean of its neighbourhood."""
    reach = round(3 * sigma + 0.5)
    weights = torch.exp(-torch.arange(-reach, reach + 1).square() / (2 * sigma**2))
    across = (weights / weights.sum()).repeat(3, 1, 1, 1)
    wide = functional.pad(pictures, (reach,) * 4, mode="reflect")
    return functional.conv2d(functional.conv2d(wide, across, groups=3), across.mT, groups=3)


def lines_of(figures: dict[str, Any]) -> list[str]:
    """The tables, as they are printed."""
    lines = ["Gaussians of which the distance is known:"]
    lines += [f"  {row['found']:9.6f}, wanted {row['wanted']:.0f}: {row['case']}" for row in figures["closed forms"]]
    for name, table in figures["same frames"].items():
        lines += [f"two samples of the same {figures['frames']} frames, on {name} (0 if nothing were by chance):",
                  "  frames       found  of Gaussians  extrapolated"]  # fmt: skip
        lines += [f"  {row['frames']:6d}  {row['found']:10.4f}  {row['floor']:12.4f}  {_shown(row['extrapolated'])}"
                  for row in table]  # fmt: skip
    for name, kinds in figures["distortions"].items():
        lines.append(f"half of the frames against the other half, to which something was done, on {name}:")
        for kind, rows in kinds.items():
            told = ", ".join(f"{row['level']:g}: {row['distance']:.3f}" for row in rows)
            grows = all(a["distance"] < b["distance"] for a, b in pairwise(rows))
            lines.append(f"  {kind}: {told}" + ("" if grows else "  (does not grow with each step)"))
    return lines


def _known(mean: list[float], covariance: Tensor) -> Moments:
    """Moments of a Gaussian, as of very many examples."""
    count = 10**6
    return Moments("known", count, torch.tensor(mean, dtype=torch.float64), covariance * (count - 1))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _shown(value: float | None) -> str:
    return f"{'too few':>12}" if value is None else f"{value:12.4f}"
