"""Wav2Lip's claim: lips that a frozen expert has taught fit the sound better than those taught by L1, or by a critic.

Four arms of one system: ``l1``; ``co-trained``, with a critic of single mouths and their sound that learns beside the
generator, as LipGAN's does; ``expert``, with a frozen SyncNet; ``expert+gan``, with a critic of pictures on top. Two
controls of the expert's arm: ``dubbed``, driven by another's sound and compared with the lips of that sound; and
``shuffled``, the same clips compared with their own lips, which nothing may follow. Beside them stand ``real`` clips,
and a ``copy`` of the other picture. People, voices and sentences are held out; the judges know none of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image

from thlab.experiments.checkpoints import git_revision
from thlab.experiments.claims.claim import Finding, PerClip, Result, found, over_all, over_seeds, table
from thlab.experiments.lip_scores import LipScores, lip_score
from thlab.experiments.recipes import wav2lip as recipes
from thlab.experiments.recipes.speech2vid import shuffle
from thlab.experiments.recipes.wav2lip_tutors import Tutors
from thlab.experiments.train import fit
from thlab.experiments.training import network_of, state_path
from thlab.media import Clip, Frames, atomic_path
from thlab.systems.wav2lip import Wav2Lip

CLAIM = "A frozen lip-sync expert teaches lips to fit the sound better than L1 or a critic that learns beside them"
ARMS = {
    "l1": Tutors(),
    "co-trained": Tutors(sync_critic=0.01),
    "expert": Tutors(expert=0.03),
    "expert+gan": Tutors(expert=0.03, picture_critic=0.02),
}
"""By arm: who teaches beside L1. Weights were chosen on the validation split, for the sync critic of 0.01 and 0.03."""
SHOWN = (0, 3, 8)
"""Held-out clips of which pictures are kept."""
MOMENTS = 5
"""Pictures a clip."""
QUALITY = 78
"""Of the JPEG they are kept in."""
CHEAP = 0.05
"""Share by which LSE-D may rise when a critic of pictures is added, and the price still be called small."""

Rows = dict[str, list[list[LipScores]]]
"""By arm, by seed: the scores of each held-out clip."""


@dataclass(frozen=True)
class Pictured(Result):
    """A claim with a picture of its arms: clip by clip, a row for what was filmed, for the copy, and for each arm."""

    pictures: UInt8[np.ndarray, "rows columns 3"]

    def save(self, folder: Path) -> Path:
        """Write the JSON, and the picture beside it."""
        with atomic_path(folder / f"{self.system}.jpg") as part:
            Image.fromarray(self.pictures).save(part, format="jpeg", quality=QUALITY, subsampling=0, optimize=True)
        return Result(**{field.name: getattr(self, field.name) for field in fields(Result)}).save(folder)


def run(*, budget: str, seeds: Iterable[int], quiet: bool) -> Pictured:
    """Train the arms with every seed, try them on the held-out clips, and test the statements."""
    seeds, clips = list(seeds), recipes.held_out_clips(budget, quiet=quiet)
    rows: Rows = {"real": [[as_filmed(clip) for clip in clips]] * len(seeds)}
    rows |= {"copy": [[copied(clip) for clip in clips]] * len(seeds)}
    rows |= {arm: [] for arm in (*ARMS, "dubbed", "shuffled")}
    shown: list[Strips] = [strips(clips, filmed), strips(clips, repeated)]
    states: list[Path] = []
    minutes = 0.0
    for seed in seeds:
        for arm in ARMS:
            system, state, spent = trained(budget, seed, arm, quiet=quiet)
            states.append(state)
            began = time.perf_counter()
            try_arm(system, arm, clips, rows)
            if seed == seeds[0]:
                shown.append(strips(clips, partial(recipes.Task.done_by, system=system)))
            minutes += spent + (time.perf_counter() - began) / 60
    for state in states:  # only now: a run that is killed goes on from the arms that it has
        state.unlink(missing_ok=True)
    return Pictured(
        system="wav2lip",
        claim=CLAIM,
        command=f"thlab claims wav2lip --budget {budget} --seeds {len(seeds)}",
        revision=git_revision(),
        minutes=round(minutes, 1),
        arms={arm: over_all(trials) for arm, trials in rows.items()},
        spread={arm: over_seeds(trials) for arm, trials in rows.items()},
        findings=findings(rows),
        pictures=np.concatenate([row for clip in zip(*shown, strict=True) for row in clip]),
    )


def trained(budget: str, seed: int, arm: str, *, quiet: bool) -> tuple[Wav2Lip, Path, float]:
    """One arm, trained from nothing, or from where a killed run of it stopped; the file of its state; its minutes."""
    recipe = recipes.recipe(budget, seed, quiet=quiet, tutors=ARMS[arm])
    state = state_path(f"wav2lip-claim-{arm}", budget, seed, recipe)
    result = fit(recipe.learner, recipe.draw, recipe.config, seed=seed, state=state, quiet=quiet)
    system = network_of(recipe, result)
    assert isinstance(system, Wav2Lip)
    return system, state, result.minutes


def try_arm(system: Wav2Lip, arm: str, clips: Sequence[Clip], rows: Rows) -> None:
    """Add an arm's scores; those of the expert's arm with its two controls."""
    rows[arm].append([recipes.try_on(system, clip) for clip in clips])
    if arm == "expert":
        pairs = shuffle(clips)
        rows["dubbed"].append([recipes.dub(system, *pair, judged_by_sound=True) for pair in pairs])
        rows["shuffled"].append([recipes.dub(system, *pair, judged_by_sound=False) for pair in pairs])


def findings(rows: Rows) -> list[Finding]:
    """The statements, each tested on what was measured."""

    def of(arm: str, name: str) -> PerClip:
        return table(rows[arm], name)

    def less(name: str, arm: str, other: str) -> PerClip:
        return of(arm, name) - of(other, name)

    price = CHEAP * of("expert", "lse_d") - less("lse_d", "expert+gan", "expert")
    return [
        found("the expert beats L1 by distance", "LSE-D of l1 less that of expert", less("lse_d", "l1", "expert")),
        found("and by confidence", "LSE-C of expert less that of l1", less("lse_c", "expert", "l1")),
        found("it beats a co-trained critic", "LSE-D of co-trained less", less("lse_d", "co-trained", "expert")),
        found("and by confidence", "LSE-C of expert less that of co-trained", less("lse_c", "expert", "co-trained")),
        found("a co-trained critic helps, too", "LSE-D of l1 less", less("lse_d", "l1", "co-trained")),
        found("the expert's lips open in time", "lip r of expert less that of l1", less("lip_r", "expert", "l1")),
        found("and further", "spread of expert less that of l1", less("lip_spread", "expert", "l1")),
        found("they follow any sound", "lip r of dubbed above 0.5 by", of("dubbed", "lip_r") - 0.5),
        found("and no other", "lip r of expert less that of shuffled", less("lip_r", "expert", "shuffled")),
        found("the upper face tells nothing", "lip r of shuffled below 0.1 by", 0.1 - of("shuffled", "lip_r")),
        found("a critic of pictures sharpens", "detail it adds to expert", less("detail", "expert+gan", "expert")),
        found("at a small price", "5 % of the expert's LSE-D less the rise", price),
        found("the expert costs fidelity", "PSNR of l1 less that of expert, dB", less("psnr", "l1", "expert")),
        found("LSE-D prefers it to real lips", "LSE-D of real less that of expert", less("lse_d", "real", "expert")),
    ]


# -- what stands beside the arms --------------------------------------------------------------------------------------


def as_filmed(clip: Clip) -> LipScores:
    """What the judges say of the real clip itself."""
    task = recipes.task_of(clip)
    return lip_score(filmed(task), task.real)


def copied(clip: Clip) -> LipScores:
    """The same of the other picture, repeated."""
    task = recipes.task_of(clip)
    assert task.other.truth is not None
    assert task.other.truth.landmarks is not None
    points = task.other.truth.landmarks.float().expand(len(task.real), -1, -1)
    return lip_score(repeated(task), task.real, landmarks=points)


def filmed(task: recipes.Task) -> Frames:
    """The real frames."""
    assert task.real.frames is not None
    return task.real.frames


def repeated(task: recipes.Task) -> Frames:
    """The other picture for every frame."""
    assert task.other.frames is not None
    return task.other.frames.expand_as(filmed(task)).contiguous()


Strips = list[np.ndarray]
"""For each shown clip, its moments side by side."""


def strips(clips: Sequence[Clip], make: Callable[[recipes.Task], torch.Tensor]) -> Strips:
    """The moments of the shown clips, spread over their second halves."""
    rows = []
    for clip in [clips[index] for index in SHOWN if index < len(clips)]:
        task = recipes.task_of(clip)
        moments = torch.linspace(0, len(task.real) - 1, MOMENTS + 2)[1:-1].round().long()
        rows.append(np.concatenate(list(make(task)[moments].numpy()), 1))
    return rows
