"""Speech2Vid's claims: skips and several stills keep the person; and, the survey's criticism, it blurs and shakes.

Three arms: ``full``; ``bare``, without identity skips, without the flow of the still, which is ours and needs them, and
with one still: what each of the three does is not told apart; and ``shuffled``, the full network driven by
another clip's sound, which nothing may follow. People, voices and sentences are held out; a judge trained on other
people reads the pictures.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from thlab.experiments.checkpoints import git_revision
from thlab.experiments.claims.claim import Finding, Result, found, over_all, over_seeds, table
from thlab.experiments.recipes import speech2vid as recipes
from thlab.experiments.scores import Scores
from thlab.experiments.train import fit
from thlab.experiments.training import network_of, state_path
from thlab.systems.speech2vid import Speech2Vid

CLAIM = "Identity skips and five stills keep the person; trained by L1, a frame at a time, it blurs and shakes"
ARMS: dict[str, dict] = {"full": {}, "bare": {"identity_skips": False, "stills": 1}}
"""By arm: what differs from the budget's configuration."""

Rows = dict[str, list[list[Scores]]]
"""By arm, by seed: the scores of each held-out clip."""


def run(*, budget: str, seeds: Iterable[int], quiet: bool) -> Result:
    """Train both arms with every seed, try them on the held-out clips, and test the statements."""
    began, seeds = time.perf_counter(), list(seeds)
    clips = recipes.held_out_clips(budget, quiet=quiet)
    rows: Rows = {arm: [] for arm in (*ARMS, "shuffled")}
    states: list[Path] = []
    for seed in seeds:
        for arm, changes in ARMS.items():
            system, state = trained(budget, seed, changes, quiet=quiet)
            states.append(state)
            rows[arm].append([recipes.try_on(system, clip) for clip in clips])
            if arm == "full":
                rows["shuffled"].append([recipes.try_on(system, *pair) for pair in recipes.shuffle(clips)])
    for state in states:  # only now: a run that is killed goes on from the arms that it has
        state.unlink(missing_ok=True)
    return Result(
        system="speech2vid",
        claim=CLAIM,
        command=f"thlab claims speech2vid --budget {budget} --seeds {len(seeds)}",
        revision=git_revision(),
        minutes=round((time.perf_counter() - began) / 60, 1),
        arms={arm: over_all(trials) for arm, trials in rows.items()},
        spread={arm: over_seeds(trials) for arm, trials in rows.items()},
        findings=findings(rows),
    )


def trained(budget: str, seed: int, changes: dict, *, quiet: bool) -> tuple[Speech2Vid, Path]:
    """One arm, trained from nothing, or from where a killed run of it stopped; and the file of its state."""
    recipe = recipes.recipe(budget, seed, quiet=quiet, changes=changes)
    state = state_path("speech2vid-claim", budget, seed, recipe)
    system = network_of(recipe, fit(recipe.learner, recipe.draw, recipe.config, seed=seed, state=state, quiet=quiet))
    assert isinstance(system, Speech2Vid)
    return system, state


def findings(rows: Rows) -> list[Finding]:
    """The statements, each tested on what was measured."""
    full, bare, shuffled = (lambda name, arm=arm: table(rows[arm], name) for arm in ("full", "bare", "shuffled"))
    return [
        found("the mouth follows the sound", "lip r above 0.7 by", full("lip_r") - 0.7),
        found("it follows no other sound", "lip r less that of shuffled sound", full("lip_r") - shuffled("lip_r")),
        found("skips and five stills paint better", "PSNR less that of bare, dB", full("psnr") - bare("psnr")),
        found("and keep the person", "identity cosine less that of bare", full("identity") - bare("identity")),
        found("its pictures are blurred", "fine detail that is missing, share", 1 - full("detail")),
        found("without skips they are more so", "detail less that of bare", full("detail") - bare("detail")),
        found("its mouth shakes", "acceleration above the real one, share", full("jitter") - 1),
    ]
