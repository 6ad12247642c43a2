"""One table of everything that is measured: of a pair of videos, of two folders of them, or of systems side by side."""

from __future__ import annotations

from thlab.experiments.scorecard.card import Difference, Scorecard, read_scorecard
from thlab.experiments.scorecard.measures import MEASURES, Measure
from thlab.experiments.scorecard.values import Value

__all__ = ["MEASURES", "Difference", "Measure", "Scorecard", "Value", "read_scorecard"]
