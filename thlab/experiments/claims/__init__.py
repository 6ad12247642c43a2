"""A paper's headline claim as an experiment: one module a system, of the same stem, with a function ``run``."""

from __future__ import annotations

import importlib

from thlab.experiments.claims.claim import Result

CLAIMS = ("speech2vid", "wav2lip")
"""Systems whose claim can be run."""


def run_claim(system: str, *, budget: str, seeds: int, quiet: bool = False) -> Result:
    """Train the arms of a claim over several seeds, with its control, and say what holds.

    Raises:
        ValueError: there is no claim for that system, or too few seeds for an interval.
    """
    if system not in CLAIMS:
        raise ValueError(f"no claim is there for {system!r}; choose one of {', '.join(CLAIMS)}")
    if seeds < 2:
        raise ValueError(f"an interval over seeds needs at least 2 of them, not {seeds}; 3 are usual")
    module = importlib.import_module(f"thlab.experiments.claims.{system}")
    return module.run(budget=budget, seeds=range(seeds), quiet=quiet)
