"""How each metric passes its own test before it judges anything: one module a metric, with a function ``run``."""

from __future__ import annotations

import importlib

from thlab.experiments.validation.base import RECORDS, Validation, read_validation

__all__ = ["RECORDS", "VALIDATIONS", "Validation", "read_validation", "validate"]

VALIDATIONS = ("frechet", "naturalness", "sync")
"""Metrics whose test can be run."""
SUMMARIES = {
    "frechet": "the Fréchet distance: closed forms, its bias against the number of samples, what distortions do to it",
    "naturalness": "planted defects: looped heads, four canned expressions, no blinks, each against its healthy twin",
    "sync": "known shifts of the sound, recovered on people whom the judge never met; chance on other sound",
}
"""What each test plants and looks for."""


def validate(name: str, *, quiet: bool = False) -> Validation:
    """Put a metric through its own test.

    Raises:
        ValueError: there is no such test.
    """
    if name not in VALIDATIONS:
        raise ValueError(f"no metric's test is called {name!r}; choose one of {', '.join(VALIDATIONS)}")
    return importlib.import_module(f"thlab.experiments.validation.{name}").run(quiet=quiet)
