"""Single pictures of invented people in every pose and mood, with their landmarks, for a finder of points to learn."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float32, UInt8
from torch import Tensor
from tqdm import tqdm

from thlab.corpus.cache import cache_root
from thlab.face.action_units import EMOTIONS, EXPRESSION_INDEX, EXPRESSIONS, expression
from thlab.face.head import Avatar, Camera, Region, Renderer, sample_background, sample_light, sample_person
from thlab.face.visemes import TARGETS
from thlab.media import atomic_path

SNAPSHOT_VERSION = 1
"""Part of the name of every cache; raise it when the same person would give other pictures."""
SIZE = 112
"""Pixels a side."""
EACH = 24
"""Pictures of each person."""
FRAMING = Camera(zoom=1.2, shift=(0.0, -0.14))
"""The face with room around it, so that crops may be turned, shifted and scaled."""
POSE_SPREAD = np.array([0.42, 0.20, 0.18, 0.12, 0.08, 0.5])
"""Standard deviations of yaw, pitch, roll (radians) and of x, y, z (10 cm): wider than anybody's who speaks."""
POSE_LIMIT = np.array([0.95, 0.45, 0.5, 0.25, 0.2, 1.2])
MANY = 8
"""People for whom another process is worth its start."""
FIRST = {"train": 50_000_000, "validation": 51_000_000}
"""Seeds of persons: none of them acts in a clip of the corpus."""


@dataclass(frozen=True, eq=False)
class Snapshots:
    """Pictures and what is true about them, a row each."""

    pictures: UInt8[Tensor, "pictures height width 3"]
    landmarks: Float32[Tensor, "pictures 68 2"]
    """Pixels, centres at .5."""
    visible: Bool[Tensor, "pictures 68"]
    background: Bool[Tensor, "pictures height width"]
    """Where there is nobody."""

    def __len__(self) -> int:
        return len(self.pictures)


def snapshots(people: int, *, split: str = "train", quiet: bool = True, cache: Path | None = None) -> Snapshots:
    """Pictures of some people, 24 of each; made once and kept on disk.

    Args:
        people: how many; the first of them are the same for any number.
        split: ``train`` or ``validation``: other people.
        quiet: no progress bar.
        cache: the folder they are kept in; by default one under :func:`thlab.corpus.cache.cache_root`.
    """
    folder = cache or cache_root() / f"snapshots-{SNAPSHOT_VERSION}-{SIZE}"
    wanted = [FIRST[split] + number for number in range(people)]
    missing = [seed for seed in wanted if not (folder / f"{seed}.npz").exists()]
    folder.mkdir(parents=True, exist_ok=True)
    _make(missing, folder, quiet=quiet or not missing)
    kept = [np.load(folder / f"{seed}.npz") for seed in wanted]
    columns = ("pictures", "landmarks", "visible", "background")
    arrays = {name: torch.from_numpy(np.concatenate([file[name] for file in kept])) for name in columns}
    return Snapshots(**arrays)


def _make(seeds: list[int], folder: Path, *, quiet: bool) -> None:
    """Photograph people; when there are many, as many at once as there are cores."""
    workers = min(os.cpu_count() or 1, len(seeds) // MANY)
    if workers < 2:
        for seed in tqdm(seeds, "people", disable=quiet):
            _keep(seed, folder)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for _ in tqdm(pool.map(_keep, seeds, [folder] * len(seeds)), "people", len(seeds), disable=quiet):
            pass


def _keep(seed: int, folder: Path) -> None:
    with atomic_path(folder / f"{seed}.npz") as part, part.open("wb") as file:
        np.savez(file, **{name: value.numpy() for name, value in vars(photographed(seed)).items()})


def photographed(seed: int, *, each: int = EACH, size: int = SIZE, framing: Camera = FRAMING) -> Snapshots:
    """Pictures of one person: every one with another face, pose, gaze, light and background."""
    rng = np.random.default_rng([seed, 0x5A97])
    avatar, draw = Avatar(sample_person(seed)), Renderer(size, camera=framing)
    pictures, truths = [], []
    for _ in range(each):
        face, pose, gaze = random_face(rng), random_pose(rng), rng.normal(0, (0.2, 0.12)).astype(np.float32)
        light, background = sample_light(rng), sample_background(rng, size)
        pictures.append(draw.render(avatar, face, pose, gaze, light, background).copy())
        truths.append(draw.truth(avatar, face, pose, gaze, maps=False))
    return Snapshots(
        torch.from_numpy(np.stack(pictures)),
        torch.from_numpy(np.stack([truth.landmarks for truth in truths])),
        torch.from_numpy(np.stack([truth.visible for truth in truths])),
        torch.from_numpy(np.stack([truth.regions == Region.BACKGROUND for truth in truths])),
    )


def random_face(rng: np.random.Generator) -> Float32[np.ndarray, "modes"]:
    """A mouth shape of speech, a mood, closed lids now and then, and something of every other mode."""
    sound = expression(**TARGETS[str(rng.choice(sorted(TARGETS)))]) * rng.uniform(0.3, 1.2)
    mood = expression(**EMOTIONS[str(rng.choice(sorted(EMOTIONS)))]) * rng.uniform(0, 1)
    other = np.maximum(rng.normal(-0.25, 0.25, len(EXPRESSIONS)), 0)
    face = sound + mood + other
    face[EXPRESSION_INDEX["jaw_open"]] += rng.choice([0, rng.uniform(0, 0.6)], p=[0.7, 0.3])
    lids = [EXPRESSION_INDEX[name] for name in ("blink_L", "blink_R")]
    face[lids] = rng.choice([0, rng.random(), 1], p=[0.6, 0.2, 0.2])
    return np.clip(face, 0, 1).astype(np.float32)


def random_pose(rng: np.random.Generator) -> Float32[np.ndarray, "6"]:
    """Yaw, pitch, roll, x, y, z."""
    return np.clip(rng.normal(0, POSE_SPREAD), -POSE_LIMIT, POSE_LIMIT).astype(np.float32)
